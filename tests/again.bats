# Any part of the flow may be run again: it completes what is missing and
# changes nothing else.
load lib

# stages: the flow through files, several products, every kind of outcome.
stages() {
    stock 85123A 10
    stock 71053 1 "$g2"
    for i in {1..24}; do
        printf '{"product":"%s","quantity":%d,"request":"%08d-0000-4000-8000-000000000000"}\n' \
            "$(printf '%s\n' 85123A 71053 unknown 85123A | sed -n "$((i % 4 + 1))p")" $((i % 3 + 1)) "$i"
    done >wishes
    evbuy <wishes >requests
    evtask <requests >checks
    evcheck -o available -r unavailable <checks
    evorder -o orders -r unavailable <available
    evfail -o orders <unavailable
    evcreate <orders >outcomes
    python3 "$tests/model/audit.py" evstore wishes
}

# again: every stage of what is in the files, into files that nobody reads.
again() {
    evtask <requests >>thrown
    evcheck <checks >>thrown
    evorder <available >>thrown
    evfail <unavailable >>thrown
    evcreate <orders >>thrown
}

# same_outcomes: each request ends in second as in outcomes, whatever a check saw meanwhile.
same_outcomes() {
    cmp <(jq -c '[.correlationid, .type]' outcomes | sort) <(jq -c '[.correlationid, .type]' second | sort)
}

@test "every stage run again in any order changes not a byte" {
    stages
    content >before
    export EV_NOW=$later
    again
    evcreate <orders >>thrown
    evfail <unavailable >>thrown
    evorder <available >>thrown
    tac unavailable | evfail >>thrown
    tac orders | evcreate >>thrown
    tac available | evorder >>thrown
    content | cmp before -
}

@test "run again with more in stock, refused stays refused" {
    stages
    outcomes | grep -v journal >before
    evstock add 85123A 1000 >/dev/null
    evstock add 71053 1000 >/dev/null
    evstock add unknown 1000 >/dev/null
    content >stocked
    export EV_NOW=$later
    again
    flow <requests >second
    content | cmp stocked -
    outcomes | grep -v journal | cmp before -
    # The same outcomes are told again, each as it was.
    cmp <(sort outcomes) <(sort second)
}

@test "run again with nothing in stock, sold stays sold" {
    stages
    evstock return 71053 5 >/dev/null
    evstock remove 71053 "$(evreplay 71053 | jq .available)" >/dev/null
    content >before
    EV_NOW=$later flow <requests >second
    cmp <(sort outcomes) <(sort second)
    content | cmp before -
}

@test "what each stage says again is what it said" {
    stages
    export EV_NOW=$later
    # Answers that rest on what is recorded have its time.
    evorder <available | grep '"order.requested"' | cmp - <(grep '"/eventdemo/evorder"' orders)
    evfail <unavailable | cmp - <(grep -v '"/eventdemo/evorder"' orders)
    evcreate <orders | cmp - outcomes
}

@test "results are made again byte for byte by a run of what they rest on" {
    stages
    content >before
    rm -rf evstore/results evstore/index
    EV_NOW=$later flow <requests >thrown
    content | cmp before -
    rm -r evstore/results
    tac orders | EV_NOW=$later evcreate >thrown
    tac unavailable | EV_NOW=$later evfail >thrown
    content | cmp before -
}

@test "orders that are lost are made again, each once" {
    stages
    content >before
    rm -rf evstore/orders.ndjson evstore/index
    flow <requests >second
    cmp <(sort outcomes) <(sort second)
    cmp <(jq -r .correlationid evstore/orders.ndjson | sort) \
        <(jq -r 'select(.type == "order.created") | .correlationid' outcomes | sort)
    chained evstore/orders.ndjson
}

@test "a flow that ended after any stage is completed by running all of it" {
    stages
    content >before
    mv evstore whole
    for last in evtask evcheck evorder evfail evcreate; do
        rm -rf evstore
        stock 85123A 10
        stock 71053 1 "$g2"
        for service in "${services[@]}"; do
            case $service in
            evtask) evtask <requests >checks ;;
            evcheck) rm available unavailable; evcheck -o available -r unavailable <checks ;;
            evorder) rm orders; evorder -o orders -r unavailable <available ;;
            evfail) evfail -o orders <unavailable ;;
            evcreate) head -n 3 orders | evcreate >thrown ;;
            esac
            [ "$service" != "$last" ] || break
        done
        flow <requests >second
        same_outcomes
        python3 "$tests/model/audit.py" evstore wishes
    done
}

@test "half of a file, then all of it" {
    stages
    mv evstore whole
    stock 85123A 10
    stock 71053 1 "$g2"
    head -n 12 requests | flow >half
    flow <requests >second
    same_outcomes
    python3 "$tests/model/audit.py" evstore wishes
    cmp evstore/orders.ndjson <(flow <requests >/dev/null; cat evstore/orders.ndjson)
}

@test "a sale is found again among thousands, a refusal too" {
    stock 85123A 3000
    for i in {1..3000}; do
        printf '{"product":"85123A","quantity":1,"request":"%08d-0000-4000-8000-000000000000"}\n' "$i"
    done >wishes
    evbuy <wishes | flow >first
    buy 85123A 1 "$r1" >refused
    content >before
    for i in 1 2 1500 2999 3000; do
        EV_NOW=$later buy 85123A 1 "$(printf '%08d-0000-4000-8000-000000000000' "$i")" |
            cmp - <(sed -n "${i}p" first)
    done
    EV_NOW=$later buy 85123A 1 "$r1" | cmp refused -
    content | cmp before -
    evbuy <wishes | flow | cmp first -
    content | cmp before -
}

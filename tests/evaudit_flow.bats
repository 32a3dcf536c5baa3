# evaudit: what looks odd and is right; beside a flow at work; the same as another audit says.
load lib
load audited
load served

# another QUANTITY [returned]: the purchase of $r1, or $request, once more, of product $other.
another() {
    product=${other:-71053}
    { added "$g2" 40; sold "${request:-$r1}" "$1"; [ -z "${2:-}" ] || returned "${request:-$r1}" "$1" evcreate; } | journal
    product=85123A
}

outcome() { counts 'one outcome' "$1"; }

@test "a request that was used for two products: the loser's sale is taken back, or not yet" {
    # Products are read in any order: the loser before the winner, and behind it.
    for other in 71053 zzz; do
        for quantity in 6 7; do
            fresh
            another $quantity back
            sound --strict
            outcome '2 sold, 1 refused, 1 taken back, 2 results, 0 unfinished'
            another $quantity
            sound
            outcome '2 sold, 1 refused, 0 taken back, 2 results, 1 unfinished'
            broken '1 one outcome' \
                "journal/$other.ndjson:2: sold, but neither ordered nor taken back yet (request $r1)" --strict
            # Without the result both are told of, each where it is.
            rm "evstore/results/$r1.json"
            broken '2 one outcome' "$(sort -V <<<"journal/85123A.ndjson:2: ordered, but without a result yet (request $r1)
journal/$other.ndjson:2: sold, but neither ordered nor taken back yet (request $r1)")" --strict
            # Nor was the order made yet.
            rm evstore/orders.ndjson
            sound
            outcome '2 sold, 1 refused, 0 taken back, 1 results, 2 unfinished'
            # The first that was refused, and then the other sold.
            fresh
            request=$r2 another $quantity back
            sound --strict
            outcome '2 sold, 1 refused, 1 taken back, 2 results, 0 unfinished'
            request=$r2 another $quantity
            rm "evstore/results/$r2.json"
            broken '2 one outcome' "$(sort -V <<<"journal/$other.ndjson:2: sold, but neither ordered nor taken back yet (request $r2)
journal/85123A.ndjson:3: refused, but without a result yet (request $r2)")" --strict
        done
    done
}

@test "two refusals of a request in two journals: its result may be of either" {
    for product in 71053 zzz; do
        fresh
        at=$later refused "$r2" 7 0 0 unknown-product | journal
        sound --strict
        outcome '1 sold, 2 refused, 0 taken back, 2 results, 0 unfinished'
        at=$later result_failed "$r2" "$product" 7 0 unknown-product | result "$r2"
        sound --strict
        at=$later result_failed "$r2" "$product" 8 0 unknown-product | result "$r2"
        broken '1 one outcome' "results/$r2.json:1: not the result of the refusal in the journal"
        # The earlier one is named, then the smaller product.
        rm "evstore/results/$r2.json"
        broken '1 one outcome' "journal/85123A.ndjson:3: refused, but without a result yet (request $r2)" --strict
        at=$earlier refused "$r2" 7 0 0 unknown-product | journal
        broken '1 one outcome' "journal/$product.ndjson:1: refused, but without a result yet (request $r2)" --strict
        refused "$r2" 7 0 0 unknown-product | journal
        place=journal/85123A.ndjson:3
        [ "$product" = zzz ] || place=journal/71053.ndjson:1
        broken '1 one outcome' "$place: refused, but without a result yet (request $r2)" --strict
    done
}

@test "an order beats a refusal of another product" {
    declare -A other=([71053]=journal/71053.ndjson [zzz]='any journal')
    for product in 71053 zzz; do
        fresh
        at=$earlier refused "$r1" 7 0 0 unknown-product | journal
        sound --strict
        outcome '1 sold, 2 refused, 0 taken back, 2 results, 0 unfinished'
        at=$earlier result_failed "$r1" "$product" 7 0 unknown-product | result "$r1"
        broken '1 one outcome' "results/$r1.json:1: not the result of the order and its sale"
        rm "evstore/results/$r1.json"
        broken '1 one outcome' "journal/85123A.ndjson:2: ordered, but without a result yet (request $r1)" --strict
        # That the order's sale is lost does not make the refusal the outcome.
        product=71053 ordered "$r1" 8 "$o1" | orders
        broken '1 durable before visible' "orders.ndjson:1: the sale of this order is not in ${other[$product]} (request $r1)"
        counts 'one outcome' '1 sold, 2 refused, 0 taken back, 1 results, 1 unfinished'
    done
}

@test "goods in and out: a UUID for each action, for several products, and for a purchase elsewhere" {
    { added "$g1" 40; removed "$g1" 3; returned "$g1" 7; returned "$g3" 1; } >changes
    product=71053
    sed 's/85123A/71053/' changes | journal
    sound --strict
    counts 'a UUID means one purchase' '2 requests'
    product=zzz
    { sed 's/85123A/zzz/' changes; sold "$g2" 6; added "$r1" 1; } | journal
    product=71053
    { sed 's/85123A/71053/' changes; added "$g2" 1; } | journal
    sound
    outcome '2 sold, 1 refused, 0 taken back, 2 results, 1 unfinished'
}

@test "a store with nothing in it, or nothing but its journals" {
    none=$'holds: 0 sold, 0 refused, 0 taken back, 0 results, 0 unfinished\n'
    mkdir empty
    echo 'eventdemo 1' >empty/format
    run -0 --separate-stderr evaudit -d empty --strict
    [[ $output = *$none* ]] && is "$stderr" ''
    : >evstore/orders.ndjson
    : >evstore/journal/71053.ndjson
    rm -r evstore/results
    sound
    counts 'never oversold' '1 journals, 3 events'
    outcome '1 sold, 1 refused, 0 taken back, 0 results, 2 unfinished'
    rm evstore/orders.ndjson
    sound
    counts 'durable before visible' '0 orders, 0 results'
    # A product that was only refused.
    rm evstore/journal/*
    product=unknown
    refused "$r2" 7 0 0 unknown-product | journal
    sound
    outcome '0 sold, 1 refused, 0 taken back, 0 results, 1 unfinished'
}

@test "products of any name, and long lines" {
    rm -r evstore
    long="$(printf 'x%.0s' {1..80})"
    printf '%s\n' . -- "\"'\\" 'a b' é "$long" '%41' >products
    jq -Rc '{action: "add", product: ., quantity: 5}' products | evstock >/dev/null
    jq -Rc --arg id "${r1%01}" '{product: ., quantity: (1, 9)} | .request = "\($id)\(input_line_number + 10 * .quantity)"' \
        products | evbuy | flow >/dev/null
    sound --strict
    outcome '7 sold, 7 refused, 0 taken back, 14 results, 0 unfinished'
}

@test "beside services with several workers, and commands, at work: never a false alarm" {
    rm -r evstore
    goods 4 400
    for service in "${services[@]}"; do lanes "${topic_of[$service]}" 3; done
    serve_all
    for service in evorder evfail evcreate; do serve "$service"; done
    for service in evfail evcreate; do serve "$service" --results packed; done
    work() {
        for i in {1..4}; do
            purchases $((i * 50)) $((i * 50 + 49)) 5 | evbuy -s >>said
            purchases $((i * 50 + 30)) $((i * 50 + 69)) 4 2 | evbuy | flow >>told 2>>dead || [ $? -eq 65 ]
            evstock add P1 1 >>told
            evtopic trim purchase.requested >>told
        done
    }
    background work
    working=$pid runs=0
    while kill -0 "$working" 2>/dev/null || [ "$runs" -lt 8 ]; do
        run -0 --separate-stderr evaudit -j 2
        is "$stderr" ''
        run -0 --separate-stderr evaudit --mark mark
        is "$stderr" ''
        runs=$((runs + 1))
    done
    wait "$working"
    unset "pids[-1]"
    eventually all_read
    stop TERM "${pids[@]}"
    sound --strict
    counts 'a UUID means one purchase' '220 requests'
    is "$(evaudit --mark mark)" "$output"
    python3 "$tests/model/audit.py" evstore
}

@test "it finds what the model's audit finds, in random stores that are whole, cut off or damaged" {
    rm -r evstore
    run -0 python3 "$tests/evaudit_flow.py" agree 1 40
    [[ $output = *'disagreed: 0' ]]
}

# No command loses memory on its usual ways.  Only a build with the address sanitizer can tell;
# other tests do not look for leaks, as looking takes longer than most commands do.
load lib

setup() {
    start
    sanitized || skip 'not built with the address sanitizer'
    export ASAN_OPTIONS=detect_leaks=1
}

# some: a purchase that is made, two that are refused, and a line that is put aside.
some() {
    wanted "$r1" 85123A 6
    wanted "$r2" 85123A 60
    wanted "$r3" unknown 1
    echo nothing
}

@test "the flow in a pipe, and again" {
    stock 85123A 10
    for results in files packed; do
        for _ in 1 2; do
            some | { evtask || [ $? -eq 65 ]; } | evcheck | evorder | evfail --results $results |
                evcreate --results $results >out
        done
    done
    grep -q order.created out
}

@test "topics, and what looks at them" {
    stock 85123A 10
    echo nothing | run -65 evbuy -s
    printf '{"product":"85123A","quantity":%d}\n' 6 60 | evbuy -s >told
    for service in "${services[@]}"; do "$service" --drain; done
    evresult "$(head -n 1 told)"
    run -1 evresult "$(tail -n 1 told)"
    evresult --pack
    evresult --expire 1d
    for look in list lag 'cat order.created' dead; do
        # shellcheck disable=SC2086 # an operand of its own
        evtopic $look
    done
    evtopic lanes purchase.requested 3
    evtopic seek evtask purchase.requested first
    evtopic trim purchase.requested
    run evtopic redrive evbuy
    evreplay --table
    evreplay --verify
    evreplay --events | evreplay -
    evaudit
    evaudit --repair
    evwatch --once
    evwatch --once --product 85123A
}

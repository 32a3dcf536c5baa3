# A UUID means one purchase: the one that first gets a result.
load lib
load served
load spare

# told COMMAND: it put one line aside and printed nothing.
told() {
    is "$output" ''
    [[ $stderr = "$1: stdin:1: "* ]]
    [ "$(dead "$1")" -eq "${2:-1}" ]
}

@test "another quantity of the same product is put aside by every service that looks" {
    stock 85123A 40
    buy 85123A 6 "$r1" >/dev/null
    buy 85123A 99 "$r2" >/dev/null
    outcomes >before
    for request in "$r1" "$r2"; do
        rm -rf evstore/dead
        to_check "$request" 85123A 5 >in
        run -65 --separate-stderr evcheck <in
        told evcheck
        available "$request" 85123A 5 34 2 >in
        run -65 --separate-stderr evorder <in
        told evorder
        unavailable "$request" 85123A 5 0 2 out-of-stock >in
        run -65 --separate-stderr evfail <in
        told evfail
        to_order "$request" 85123A 5 2 >in
        run -65 --separate-stderr evcreate <in
        told evcreate
    done
    outcomes | cmp before -
}

@test "within a batch the first of two quantities counts" {
    stock 85123A 40
    { available "$r1" 85123A 6 40 1; available "$r1" 85123A 5 40 1; } >in
    run -65 --separate-stderr evorder <in
    is "$output" "$(to_order "$r1" 85123A 6 2)"
    is "$(jq -r .place evstore/dead/evorder.ndjson)" stdin:2
    { unavailable "$r2" 85123A 50 34 2 insufficient-stock; unavailable "$r2" 85123A 51 34 2 insufficient-stock; } >in
    run -65 --separate-stderr evfail <in
    is "$output" "$(failed "$r2" 85123A 50 34 insufficient-stock)"
    run -0 evreplay
    is "$output" "$(state 85123A 3 40 0 6 0 1)"
}

@test "a purchase of another product after an order: its sale is taken back" {
    stock 85123A 40
    stock 71053 40 "$g2"
    buy 85123A 6 "$r1" >/dev/null
    content >before
    evbuy -u "$r1" 71053 7 >in
    run -65 --separate-stderr flow <in
    is "$output" ''
    [[ $stderr = 'evcreate: stdin:1: '* ]]
    [ "$(dead evcreate)" -eq 1 ]
    { event evstock stock.added "$g2" 71053 1 '{"quantity":40}'
      event evorder stock.sold "$r1" 71053 2 '{"quantity":7}'
      event evcreate stock.returned "$r1" 71053 3 '{"quantity":7}'; } | summed | cmp - evstore/journal/71053.ndjson
    is "$(evreplay 71053)" "$(state 71053 3 40 0 7 7 0)"
    content | grep -v -e 71053 -e dead | cmp - <(grep -v 71053 before)
    run -0 evresult "$r1"
    is "$output" "$(result_created "$r1" 85123A 6 "$o1")"
    python3 "$tests/model/audit.py" evstore
}

@test "a sale that was taken back while others had the orders makes no order, though its result is forgotten" {
    at=2020-01-01T00:00:00.000000Z
    EV_NOW=$at buy Y 1 "$r1" >told
    stock X 5
    # Who is refused is sold something else, whose sale is to be taken back.
    wanted "$r1" X 1 | evtask | evcheck | evorder >in
    hold evstore/journal/X.ndjson
    background evcreate -i in 2>first
    eventually waiting 1
    background evresult --expire 1d
    eventually waiting 2
    background evcreate -i in 2>second
    eventually waiting 3
    let_go
    for one in "${pids[@]}"; do wait "$one" || true; done
    is "$(jq -r .type evstore/journal/X.ndjson)" $'stock.added\nstock.sold\nstock.returned'
    grep -q 'was taken back' second
    [ ! -s evstore/orders.ndjson ]
    EV_NOW=$at buy Y 1 "$r1" >told
    audited
}

@test "the loser run again changes nothing more" {
    stock 85123A 40
    stock 71053 40 "$g2"
    buy 85123A 6 "$r1" >/dev/null
    evbuy -u "$r1" 71053 7 >in
    run -65 flow <in
    outcomes >before
    for run in 1 2; do
        run -65 --separate-stderr flow <in
        is "$output" ''
        outcomes | cmp before -
    done
    to_order "$r1" 71053 7 2 >in
    run -65 --separate-stderr evcreate <in
    is "$output" ''
    outcomes | cmp before -
    # And the winner's flow tells the same as ever.
    run -0 buy 85123A 6 "$r1"
    is "$output" "$(created "$r1" 85123A 6 "$o1")"
    outcomes | cmp before -
}

@test "a purchase of another product after a refusal: its sale is taken back" {
    stock 71053 40
    buy 85123A 6 "$r1" >/dev/null
    evbuy -u "$r1" 71053 7 >in
    run -65 --separate-stderr flow <in
    is "$output" ''
    is "$(evreplay 71053)" "$(state 71053 3 40 0 7 7 0)"
    [ ! -s evstore/orders.ndjson ]
    run -1 evresult "$r1"
    is "$output" "$(result_failed "$r1" 85123A 6 0 unknown-product)"
}

@test "a refusal of another product after an order changes no result" {
    stock 85123A 40
    buy 85123A 6 "$r1" >/dev/null
    evbuy -u "$r1" 71053 7 >in
    for run in 1 2; do
        run -65 --separate-stderr flow <in
        is "$output" ''
        [ "$(dead evfail)" -eq $run ]
        run -0 evresult "$r1"
        is "$output" "$(result_created "$r1" 85123A 6 "$o1")"
    done
    [ "$(wc -l <evstore/orders.ndjson)" -eq 1 ]
}

@test "a refusal of another product after a refusal changes no result" {
    buy 85123A 6 "$r1" >/dev/null
    EV_NOW=$later
    evbuy -u "$r1" 71053 7 >in
    run -65 --separate-stderr flow <in
    is "$output" ''
    run -1 evresult "$r1"
    is "$output" "$(result_failed "$r1" 85123A 6 0 unknown-product)"
}

@test "two products of one request in one batch: the first to get an order has it" {
    stock 85123A 40
    stock 71053 40 "$g2"
    { available "$r1" 71053 7 40 1; available "$r1" 85123A 6 40 1; } | evorder >orders
    [ "$(wc -l <orders)" -eq 2 ]
    run -65 --separate-stderr evcreate <orders
    is "$output" "$(created "$r1" 71053 7 "$o1")"
    run -0 evreplay
    is "$output" "$(state 71053 2 40 0 7 0 0; state 85123A 3 40 0 6 6 0)"
    run -0 evresult "$r1"
    is "$output" "$(result_created "$r1" 71053 7 "$o1")"
    chained evstore/journal/85123A.ndjson
    python3 "$tests/model/audit.py" evstore
}

@test "two refusals of one request in one batch: the first has the result" {
    { unavailable "$r1" 71053 7 0 0 unknown-product; unavailable "$r1" 85123A 6 0 0 unknown-product; } >in
    run -65 --separate-stderr evfail <in
    is "$output" "$(failed "$r1" 71053 7 0 unknown-product)"
    run -1 evresult "$r1"
    is "$output" "$(result_failed "$r1" 71053 7 0 unknown-product)"
}

@test "with the result gone, the order still says whose the UUID is" {
    stock 85123A 40
    stock 71053 40 "$g2"
    buy 85123A 6 "$r1" >/dev/null
    cp "evstore/results/$r1.json" kept
    rm -rf evstore/results evstore/index
    evbuy -u "$r1" 71053 7 >in
    run -65 --separate-stderr flow <in
    is "$output" ''
    is "$(evreplay 71053)" "$(state 71053 3 40 0 7 7 0)"
    unavailable "$r1" unknown 7 0 0 unknown-product >in
    run -65 --separate-stderr evfail <in
    is "$output" ''
    buy 85123A 6 "$r1" >/dev/null
    cmp kept "evstore/results/$r1.json"
}

@test "what was taken back can be bought by others, and does not come back to its request" {
    stock 85123A 40
    stock 71053 7 "$g2"
    buy 85123A 6 "$r1" >/dev/null
    evbuy -u "$r1" 71053 7 >in
    run -65 flow <in
    run -0 buy 71053 7 "$r2"
    is "$output" "$(created "$r2" 71053 7 "$o2")"
    run -65 --separate-stderr flow <in
    is "$output" ''
    is "$(evreplay 71053)" "$(state 71053 4 7 0 14 7 0)"
}

@test "a sale is taken back also where nothing more could be added" {
    max=9007199254740991
    stock 85123A 40
    stock 71053 $max "$g2"
    buy 85123A 6 "$r1" >/dev/null
    evbuy -u "$r1" 71053 7 >in
    run -65 --separate-stderr flow <in
    is "$(evreplay 71053)" "$(state 71053 3 $max 0 7 7 0)"
    run -0 evreplay --verify
    run -0 buy 71053 $max "$r2"
    run -1 evstock return 71053 1
}

@test "the same quantity does not make another product the same purchase" {
    stock 85123A 40
    stock 71053 40 "$g2"
    buy 85123A 6 "$r1" >/dev/null
    buy 85123A 99 "$r2" >/dev/null
    { evbuy -u "$r1" 71053 6; evbuy -u "$r2" 71053 99; } >in
    run -65 --separate-stderr flow <in
    is "$output" ''
    is "$(evreplay 71053 | jq .available)" 40
    # Without a result, the orders alone tell.
    cp -r evstore/results kept
    rm -r evstore/results
    stock 22752 40 "$g3"
    evbuy -u "$r1" 22752 6 >in
    run -65 --separate-stderr flow <in
    is "$output" ''
    is "$(evreplay 22752)" "$(state 22752 3 40 0 6 6 0)"
    unavailable "$r1" unknown 6 0 0 unknown-product >in
    run -65 --separate-stderr evfail <in
    is "$output" ''
    [ -z "$(ls evstore/results 2>/dev/null)" ]
}

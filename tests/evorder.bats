# evorder: the sale.
load lib

order() { available "$@" >in && run -0 --separate-stderr evorder <in; }

@test "a sale is appended, and says which event it is" {
    stock 85123A 40
    order "$r1" 85123A 6 40 1
    is "$output" "$(to_order "$r1" 85123A 6 2)"
    is "$stderr" ''
    { event evstock stock.added "$g1" 85123A 1 '{"quantity":40}'
      event evorder stock.sold "$r1" 85123A 2 '{"quantity":6}'; } | summed | cmp - evstore/journal/85123A.ndjson
}

@test "the same message again finds the sale and appends nothing" {
    stock 85123A 6
    order "$r1" 85123A 6 6 1
    content >before
    export EV_NOW=$later
    available "$r1" 85123A 6 6 1 >in
    run -0 evorder <in
    is "$output" "$(to_order "$r1" 85123A 6 2)"
    { cat in; cat in; } >twice
    run -0 evorder <twice
    is "$output" "$(to_order "$r1" 85123A 6 2; to_order "$r1" 85123A 6 2)"
    content | cmp before -
}

@test "within a batch the same message sells once" {
    stock 85123A 40
    { available "$r1" 85123A 6 40 1; available "$r1" 85123A 6 40 1; } >in
    run -0 evorder <in
    is "$output" "$(to_order "$r1" 85123A 6 2; to_order "$r1" 85123A 6 2)"
    run -0 evreplay 85123A
    is "$output" "$(state 85123A 2 40 0 6 0 0)"
}

@test "what the check saw is not believed: too little is refused as it is now" {
    stock 85123A 5
    order "$r1" 85123A 6 40 1
    is "$output" "$(unavailable "$r1" 85123A 6 5 1 insufficient-stock evorder)"
    order "$r1" 85123A 5 5 1
    order "$r2" 85123A 1 40 7
    is "$output" "$(unavailable "$r2" 85123A 1 0 2 out-of-stock evorder)"
    order "$r2" 71053 1 40 7
    is "$output" "$(unavailable "$r2" 71053 1 0 0 unknown-product evorder)"
}

@test "what the check saw is not believed: enough is sold" {
    stock 85123A 6
    order "$r1" 85123A 6 0 0
    is "$output" "$(to_order "$r1" 85123A 6 2)"
}

@test "a refusal is not recorded here" {
    stock 85123A 5
    content >before
    order "$r1" 85123A 6 40 1
    order "$r1" 71053 6 40 1
    content | cmp before -
}

@test "within a batch the first come are served, and the smaller fits after the larger" {
    stock 85123A 10
    { available "$r1" 85123A 6 10 1; available "$r2" 85123A 6 10 1; available "$r3" 85123A 4 10 1
      available "$r4" 85123A 1 10 1; } >in
    run -0 evorder <in
    is "$output" "$(to_order "$r1" 85123A 6 2
        unavailable "$r2" 85123A 6 4 2 insufficient-stock evorder
        to_order "$r3" 85123A 4 3
        unavailable "$r4" 85123A 1 0 3 out-of-stock evorder)"
    chained evstore/journal/85123A.ndjson
}

@test "-r takes the refusals, -o the rest" {
    stock 85123A 6
    { available "$r1" 85123A 6 6 1; available "$r2" 85123A 6 6 1; wanted "$r3" 85123A 1; } >in
    run -0 evorder -i in -o out -r refused
    is "$output" ''
    holds out "$(to_order "$r1" 85123A 6 2; wanted "$r3" 85123A 1)"
    holds refused "$(unavailable "$r2" 85123A 6 0 2 out-of-stock evorder)"
}

@test "who was refused stays refused, as recorded" {
    unavailable "$r1" 85123A 6 5 1 insufficient-stock | evfail >/dev/null
    stock 85123A 40
    content >before
    export EV_NOW=$later
    available "$r1" 85123A 6 40 2 >in
    run -0 evorder <in
    is "$output" "$(at=$now unavailable "$r1" 85123A 6 5 1 insufficient-stock evorder)"
    content | cmp before -
}

@test "time never runs backwards in a journal, and the message has the sale's" {
    EV_NOW=$later stock 85123A 40
    order "$r1" 85123A 6 40 1
    is "$output" "$(at=$later to_order "$r1" 85123A 6 2)"
    EV_NOW=2026-01-31T10:00:00.000001Z
    order "$r2" 85123A 6 34 2
    is "$(jq -r .time evstore/journal/85123A.ndjson | tail -n 1)" "$EV_NOW"
    EV_NOW=$earlier order "$r3" 85123A 6 28 3
    is "$(jq -r .time evstore/journal/85123A.ndjson | tail -n 1)" 2026-01-31T10:00:00.000001Z
    chained evstore/journal/85123A.ndjson
}

@test "many products in one batch, each with a journal of its own" {
    for i in {1..300}; do printf '{"action":"add","product":"p%d","quantity":1}\n' "$i"; done | evstock >/dev/null
    for round in 1 2; do
        for i in {1..300}; do
            available "$(printf '%08x-0000-4000-8000-00000000000%d' "$i" "$round")" "p$i" 1 1 1
        done
    done >in
    evorder <in >out
    [ "$(grep -c '"type":"order.requested"' out)" -eq 300 ]
    is "$(jq -r .subject out)" "$(for i in {1..300} {1..300}; do echo "p$i"; done)"
    run -0 evreplay
    [ "$(grep -c '"sequence":2,"available":0,"added":1,"removed":0,"sold":1,' <<<"$output")" -eq 300 ]
}

@test "more products in one batch than files may be open" {
    for i in {1..300}; do printf '{"action":"add","product":"p%d","quantity":2}\n' "$i"; done >changes
    for i in {1..300} {1..300}; do
        available "$(printf '%08x-0000-4000-8000-%012d' "$i" "$((RANDOM * RANDOM))")" "p$i" 1 2 1
    done >in
    (
        ulimit -n 100
        evstock <changes >/dev/null
        evorder <in >out
        evcreate <out >orders
        sed "s/stock.available/stockcheck.requested/g" in | evcheck >checked
    )
    (ulimit -n 64; evorder <in | cmp out -)
    is "$(jq -r .subject out)" "$(jq -r .subject in)"
    is "$(jq -r .correlationid orders)" "$(jq -r .correlationid in)"
    is "$(jq -r .type checked | sort | uniq -c | tr -s " ")" " 600 stock.available"
    run -0 evreplay
    [ "$(grep -c '"sequence":3,"available":0,"added":2,"removed":0,"sold":2,' <<<"$output")" -eq 300 ]
    python3 "$tests/model/audit.py" evstore
}

@test "where there is no store, nothing can be sold and none is made" {
    order "$r1" 85123A 6 40 1
    is "$output" "$(unavailable "$r1" 85123A 6 0 0 unknown-product evorder)"
    [ ! -e evstore ]
}

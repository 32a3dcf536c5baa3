# evcreate: the order.
load lib

# sell REQUEST PRODUCT QUANTITY
sell() { available "$1" "$2" "$3" 0 0 | evorder >/dev/null; }

# create REQUEST PRODUCT QUANTITY SEQUENCE
create() { to_order "$@" >in && run -0 --separate-stderr evcreate <in; }

@test "an order is appended to the orders, stored under the UUID, and told" {
    stock 85123A 40
    sell "$r1" 85123A 6
    export EV_NOW=$later
    at=$now to_order "$r1" 85123A 6 2 >in
    run -0 --separate-stderr evcreate <in
    is "$output" "$(at=$later created "$r1" 85123A 6 "$o1")"
    is "$stderr" ''
    at=$later event evcreate order.created "$r1" 85123A 1 "{\"quantity\":6,\"order\":\"$o1\"}" |
        summed | cmp - evstore/orders.ndjson
    holds "evstore/results/$r1.json" "$(result_created "$r1" 85123A 6 "$o1")"
}

@test "orders are a chain of all products" {
    stock 85123A 40
    stock 71053 40
    sell "$r1" 85123A 6
    sell "$r2" 71053 7
    { to_order "$r1" 85123A 6 2; to_order "$r2" 71053 7 2; } >in
    run -0 evcreate <in
    is "$output" "$(created "$r1" 85123A 6 "$o1"; created "$r2" 71053 7 "$o2")"
    { event evcreate order.created "$r1" 85123A 1 "{\"quantity\":6,\"order\":\"$o1\"}"
      event evcreate order.created "$r2" 71053 2 "{\"quantity\":7,\"order\":\"$o2\"}"; } |
        summed | cmp - evstore/orders.ndjson
}

@test "again it changes nothing and tells the same, with the time of the order" {
    stock 85123A 40
    sell "$r1" 85123A 6
    create "$r1" 85123A 6 2
    content >before
    EV_NOW=$later create "$r1" 85123A 6 2
    is "$output" "$(created "$r1" 85123A 6 "$o1")"
    content | cmp before -
    { to_order "$r1" 85123A 6 2; to_order "$r1" 85123A 6 2; } >in
    run -0 evcreate <in
    is "$output" "$(created "$r1" 85123A 6 "$o1"; created "$r1" 85123A 6 "$o1")"
    content | cmp before -
}

@test "within a batch the same message makes one order" {
    stock 85123A 40
    sell "$r1" 85123A 6
    { to_order "$r1" 85123A 6 2; to_order "$r1" 85123A 6 2 evfail; } >in
    run -0 evcreate <in
    is "$output" "$(created "$r1" 85123A 6 "$o1"; created "$r1" 85123A 6 "$o1")"
    [ "$(wc -l <evstore/orders.ndjson)" -eq 1 ]
}

@test "time never runs backwards in the orders; the result has the sale's" {
    stock 85123A 40
    sell "$r1" 85123A 6
    sell "$r2" 85123A 6
    EV_NOW=$later create "$r1" 85123A 6 2
    create "$r2" 85123A 6 3
    is "$output" "$(at=$later created "$r2" 85123A 6 "$o2")"
    is "$(jq -r .time evstore/orders.ndjson)" "$later"$'\n'"$later"
    holds "evstore/results/$r2.json" "$(result_created "$r2" 85123A 6 "$o2")"
}

@test "a result that is missing is made again, byte for byte" {
    stock 85123A 40
    sell "$r1" 85123A 6
    EV_NOW=$later create "$r1" 85123A 6 2
    mv "evstore/results/$r1.json" gone
    create "$r1" 85123A 6 2
    cmp gone "evstore/results/$r1.json"
    rm -rf evstore/results evstore/index
    create "$r1" 85123A 6 2
    cmp gone "evstore/results/$r1.json"
    [ "$(wc -l <evstore/orders.ndjson)" -eq 1 ]
}

@test "what comes in at once is made at once: a thousand orders" {
    stock 85123A 1000
    for i in {1..1000}; do printf '{"product":"85123A","quantity":1}\n'; done |
        evbuy | evtask | evcheck | evorder >in
    evcreate <in >out
    is "$(jq -r .correlationid out)" "$(jq -r .correlationid in)"
    is "$(jq -r .correlationid evstore/orders.ndjson)" "$(jq -r .correlationid in)"
    chained evstore/orders.ndjson
    [ "$(find evstore/results -name '*.json' | wc -l)" -eq 1000 ]
    [ "$(cat evstore/results/*.json | jq -r .order | sort -u | wc -l)" -eq 1000 ]
}

# Damage: found, said, never replayed over.
load lib

journal=evstore/journal/85123A.ndjson

# Six events of a product, the first from goods that come in, and one of another product.
filled() {
    stock 85123A 40
    for request in "$r1" "$r2" "$r3" "$r4" 5e8a4c1d-2b7f-4d3e-9c60-000000000005; do
        available "$request" 85123A 1 40 1
    done | evorder >/dev/null
    stock 71053 9 "$g2"
    cp "$journal" whole
}

# found LINE: the damage of the journal is found by whoever looks, at this line.
found() {
    run -65 --separate-stderr evreplay 85123A
    is "$output" ''
    [[ $stderr = 'evreplay: '*"$journal:$1: "* ]]
    run -65 --separate-stderr evreplay --verify
    grep -q "$journal:$1: " <<<"$output$stderr"
    run -65 --separate-stderr evreplay --events 85123A
    run -65 --separate-stderr evreplay
    is "$output" "$(state 71053 1 9 0 0 0 0)"
    left_alone
}

# left_alone: nobody answers from it or writes to it; other products go on.
left_alone() {
    cp "$journal" damaged
    local other=6e8a4c1d-2b7f-4d3e-9c60-000000000001
    { to_check "$other" 85123A 1; to_check "$other" 71053 1; } >in
    run -65 --separate-stderr evcheck <in
    is "$output" "$(available "$other" 71053 1 9 1)"
    [[ $stderr = 'evcheck: stdin:1: '*"$journal:"* ]]
    is "$(jq -r .line evstore/dead/evcheck.ndjson | tail -n 1)" "$(sed 1q in)"
    { available "$other" 85123A 1 40 1; available "$r1" 85123A 1 40 1; } >in
    run -65 evorder <in
    { unavailable "$other" 85123A 1 0 0 out-of-stock; to_order "$r1" 85123A 1 2; } >in
    run -65 evfail <in
    is "${lines[${#lines[@]} - 1]}" "$(sed -n 2p in)"
    run -65 evcreate <in
    run -65 --separate-stderr evstock add 85123A 1
    is "$output" ''
    [[ $stderr = 'evstock: '*"$journal:"* ]]
    printf '{"action":"add","product":"85123A","quantity":1}\n' >in
    run -65 --separate-stderr evstock <in
    is "$output" ''
    cmp damaged "$journal"
    [ -z "$(ls evstore/results 2>/dev/null)" ] && [ ! -s evstore/orders.ndjson ]
}

@test "a changed digit" {
    filled
    sed -i '3s/"quantity":1/"quantity":2/' "$journal"
    found 3
}

@test "a changed byte in the first line, in the last, in a sum" {
    filled
    sed -i '1s/evstock/evstick/' "$journal"
    found 1
    sed '6s/"quantity":1/"quantity":3/' whole >"$journal"
    found 6
    sed '2s/.\("}\)$/x\1/' whole >"$journal"
    found 2
}

@test "a line missing: the first, one in the middle" {
    filled
    sed -i 1d "$journal"
    found 1
    sed 3d whole >"$journal"
    found 3
}

@test "a line twice, two lines swapped" {
    filled
    sed -i 3p "$journal"
    found 4
    sed -n '1,2p;4p' whole >"$journal"
    sed -n '3p;5,6p' whole >>"$journal"
    found 3
}

@test "a line between that is none: empty, text, another object" {
    filled
    for line in '' text '{}' "$(wanted "$r1" 85123A 1)"; do
        { sed 3q whole; printf '%s\n' "$line"; sed 1,3d whole; } >"$journal"
        found 4
        rm -r evstore/dead
    done
}

@test "two lines joined, a newline too many" {
    filled
    { sed 2q whole; sed -n 3p whole | tr -d '\n'; sed 1,3d whole; } >"$journal"
    found 3
    { sed 2q whole; printf '\n'; sed 1,2d whole; } >"$journal"
    found 3
}

@test "good sums do not make a good journal: sequence, form, stock, names" {
    filled
    sed -E 's/,"sum":"[0-9a-f]{16}"\}$/}/' whole >heads
    for change in '3s/"000000000003"/"000000000004"/' '3s/"000000000003"/"3"/' '3s/:1}/:0}/' '3s/:1}/:41}/' \
        '3s/"subject":"85123A"/"subject":"71053"/' '3s/stock.sold/stock.lost/g' '3s/"time":"2026/"time":"26/' \
        '3s/,"data":.*/}/' '3s/"specversion":"1.0",//'; do
        sed "$change" heads | summed >"$journal"
        cmp -s whole "$journal" && return 1
        run -65 --separate-stderr evreplay --verify 85123A
        grep -q "$journal:3: " <<<"$output$stderr"
        run -65 --separate-stderr evreplay 85123A
        is "$output" ''
        to_check "$r1" 85123A 1 >in
        run -65 evcheck <in
    done
}

@test "--verify reports every damaged file, and goes on" {
    filled
    sed -i 1d "$journal"
    sed -i '1s/"quantity":9/"quantity":8/' evstore/journal/71053.ndjson
    run -65 --separate-stderr evreplay --verify
    grep -q "$journal:1: " <<<"$output$stderr"
    grep -q 'evstore/journal/71053.ndjson:1: ' <<<"$output$stderr"
}

@test "damaged orders: no order is made on top of them" {
    stock 85123A 40
    buy 85123A 1 "$r1" >/dev/null
    buy 85123A 1 "$r2" >/dev/null
    available "$r3" 85123A 1 40 1 | evorder >to_order
    sed -i '1s/"quantity":1/"quantity":2/' evstore/orders.ndjson
    cp evstore/orders.ndjson damaged
    run -65 --separate-stderr evcreate <to_order
    is "$output" ''
    [[ $stderr = 'evcreate: '*'evstore/orders.ndjson:1: '* ]]
    cmp damaged evstore/orders.ndjson
    [ ! -e "evstore/results/$r3.json" ]
    run -65 --separate-stderr evreplay --verify
    grep -q 'evstore/orders.ndjson:1: ' <<<"$output$stderr"
    # A product alone is in order.
    run -0 evreplay --verify 85123A
    run -0 evreplay 85123A
}

@test "an index does not hide damage that came after it" {
    filled
    { to_check "$r1" 85123A 1; } >in
    run -0 evcheck <in
    sed -i '2s/"quantity":1/"quantity":2/' "$journal"
    run -65 evcheck <in
    is "$(grep -c '"type":"stock.available"' <<<"$output")" 0
}

@test "what rests on a damaged line is not told as damage once more" {
    stock 85123A 40
    buy 85123A 30 "$r1" >/dev/null
    sed -i '1s/"quantity":40/"quantity":10/' evstore/journal/85123A.ndjson
    run -65 --separate-stderr evreplay --verify 85123A
    is "$output" '1 journals, 2 events: 1 damaged'
}

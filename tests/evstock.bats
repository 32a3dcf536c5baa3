# evstock: goods in and out.
load lib

max=9007199254740991

# refused STATUS ARGUMENT...: evstock says no with this status and the store stays as it is.
refused() {
    local expected=$1
    [ ! -e evstore ] || outcomes >before
    run "-$expected" --separate-stderr evstock "${@:2}"
    is "$output" ''
    [[ $stderr = 'evstock: '* ]]
    if [ -e before ]; then outcomes | cmp before -; else [ ! -e evstore ]; fi
}

@test "goods added, removed and returned are events, printed as they are appended" {
    run -0 --separate-stderr evstock add 85123A 40 -u "$g1"
    is "$stderr" ''
    printf '%s\n' "$output" >printed
    evstock remove 85123A 6 --request "${g2^^}" >>printed
    evstock -u "$g3" return 85123A 5 >>printed
    { event evstock stock.added "$g1" 85123A 1 '{"quantity":40}'
      event evstock stock.removed "$g2" 85123A 2 '{"quantity":6}'
      event evstock stock.returned "$g3" 85123A 3 '{"quantity":5}'; } | summed >expected
    cmp expected printed
    cmp expected evstore/journal/85123A.ndjson
    run -0 evreplay 85123A
    is "$output" "$(state 85123A 3 40 6 0 5 0)"
}

@test "without -u each change has a new random UUID" {
    for i in 1 2 3; do evstock add 85123A 1; done >printed
    [ "$(jq -r .correlationid printed | sort -u | grep -cE '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab]')" -eq 3 ]
}

@test "all can be removed, one more cannot" {
    stock 85123A 40
    refused 1 remove 85123A 41
    evstock remove 85123A 40 >/dev/null
    refused 1 remove 85123A 1
    run -0 evreplay 85123A
    is "$output" "$(state 85123A 2 40 40 0 0 0)"
}

@test "what is sold cannot be removed" {
    stock 85123A 40
    buy 85123A 6 "$r1" >/dev/null
    refused 1 remove 85123A 35
    evstock remove 85123A 34 >/dev/null
}

@test "nothing can be removed of a product that nobody knows, and no store is made" {
    refused 1 remove 85123A 1
}

@test "added and returned never exceed 2^53 - 1 together, whatever was taken" {
    evstock add 85123A $max >/dev/null
    refused 1 add 85123A 1
    refused 1 return 85123A 1
    evstock remove 85123A $max >/dev/null
    refused 1 add 85123A 1
    refused 1 return 85123A $max
    evstock return 71053 $((max - 1)) >/dev/null
    refused 1 add 71053 2
    evstock add 71053 1 >/dev/null
}

@test "a return may exceed what was sold" {
    evstock return 85123A 5 >/dev/null
    run -0 evreplay 85123A
    is "$output" "$(state 85123A 1 0 0 0 5 0)"
}

@test "--expect appends at this sequence only, and says both numbers" {
    refused 1 add 85123A 40 --expect 1
    [[ $stderr = *0*1* || $stderr = *1*0* ]]
    run -0 evstock add 85123A 40 --expect 0
    refused 1 add 85123A 40 --expect 0
    refused 1 remove 85123A 1 --expect=17
    [[ $stderr = *17* && ${stderr//17/} = *1* ]]
    run -0 evstock remove 85123A 1 --expect 1
    run -0 evstock return 85123A 1 --expect 2
    [ "$(jq -r .sequence <<<"$output")" = 000000000003 ]
}

@test "--expect is a number, whole" {
    for number in '' -1 x 1x 1.0 0x1 1000000000000000000000; do
        run -64 evstock add 85123A 1 --expect "$number"
    done
    [ ! -e evstore ]
}

@test "a UUID used before appends nothing and prints the event that is there" {
    evstock add 85123A 40 -u "$g1" >first
    evstock add 85123A 1 >/dev/null
    content >before
    EV_NOW=$later run -0 --separate-stderr evstock add 85123A 40 -u "$g1"
    is "$output" "$(cat first)"
    is "$stderr" ''
    # Before any expectation is looked at, and before what the stock allows.
    run -0 evstock add 85123A 40 -u "$g1" --expect 0
    is "$output" "$(cat first)"
    run -0 evstock add 85123A 40 -u "$g1" --expect 9
    content | cmp before -
}

@test "a removal is answered again when nothing is left of it" {
    stock 85123A 6
    evstock remove 85123A 6 -u "$g2" >first
    run -0 evstock remove 85123A 6 -u "$g2"
    is "$output" "$(cat first)"
    evstock add 71053 $max -u "$g2" >first
    run -0 evstock add 71053 $max -u "$g2"
    is "$output" "$(cat first)"
}

@test "the same UUID with another quantity is refused" {
    evstock add 85123A 40 -u "$g1" >/dev/null
    refused 65 add 85123A 41 -u "$g1"
    refused 65 add 85123A 41 -u "$g1" --expect 1
}

@test "the same UUID for another action or product is another event" {
    evstock add 85123A 40 -u "$g1" >/dev/null
    evstock remove 85123A 39 -u "$g1" >/dev/null
    evstock return 85123A 38 -u "$g1" >/dev/null
    evstock add 85123a 40 -u "$g1" >/dev/null
    run -0 evreplay
    is "$output" "$(state 85123A 3 40 39 0 38 0; state 85123a 1 40 0 0 0 0)"
}

@test "a UUID of a purchase of this product is refused" {
    stock 85123A 6
    buy 85123A 6 "$r1" >/dev/null
    buy 85123A 6 "$r2" >/dev/null
    for request in "$r1" "$r2"; do
        for action in add remove return; do
            refused 65 "$action" 85123A 6 -u "$request"
        done
    done
    evstock add 71053 6 -u "$r1" >/dev/null
}

@test "a UUID of evstock cannot buy this product" {
    stock 85123A 6 "$r1"
    outcomes >before
    wanted "$r1" 85123A 6 >in
    run -65 --separate-stderr flow <in
    is "$output" ''
    available "$r1" 85123A 6 6 1 >in
    run -65 evorder <in
    unavailable "$r1" 85123A 6 0 0 out-of-stock >in
    run -65 evfail <in
    outcomes >after
    cmp before after
}

@test "a batch: a line a change, each event printed" {
    cat >changes <<LINES
{"action":"add","product":"85123A","quantity":40,"request":"$g1"}
{"action":"remove","product":"85123A","quantity":6,"request":"$g2"}
{"action":"return","product":"71053","quantity":5,"request":"$g1"}
{"action":"add","product":"85123A","quantity":40,"request":"$g1"}
{"action":"add","product":"85123A","quantity":1,"request":"$g3"}
LINES
    run -0 --separate-stderr evstock <changes
    is "$stderr" ''
    { event evstock stock.added "$g1" 85123A 1 '{"quantity":40}'
      event evstock stock.removed "$g2" 85123A 2 '{"quantity":6}'
      event evstock stock.added "$g3" 85123A 3 '{"quantity":1}'; } | summed >expected
    cmp expected evstore/journal/85123A.ndjson
    is "$output" "$(sed 2q expected; cat evstore/journal/71053.ndjson; sed 1q expected; sed -n 3p expected)"
}

@test "refused lines of a batch go to dead/, the others go on" {
    cat >changes <<LINES
{"action":"remove","product":"85123A","quantity":1,"request":"$g1"}
{"action":"add","product":"85123A","quantity":$max,"request":"$g2"}
{"action":"add","product":"85123A","quantity":1,"request":"$g3"}
{"action":"add","product":"85123A","quantity":7,"request":"$g2"}
{"action":"sell","product":"85123A","quantity":1}
{"action":"remove","product":"85123A","quantity":$max,"request":"$g3"}
LINES
    run -65 --separate-stderr evstock <changes
    is "$output" "$(cat evstore/journal/85123A.ndjson)"
    is "$(jq -r .type <<<"$output")" $'stock.added\nstock.removed'
    is "$(jq -r .place evstore/dead/evstock.ndjson)" $'stdin:1\nstdin:3\nstdin:4\nstdin:5'
    is "$(cut -d: -f1-3 <<<"$stderr")" $'evstock: stdin:1\nevstock: stdin:3\nevstock: stdin:4\nevstock: stdin:5'
}

@test "a batch run again prints the same and changes nothing" {
    for i in {1..200}; do
        printf '{"action":"add","product":"p%d","quantity":%d,"request":"%08d-0000-4000-8000-000000000000"}\n' \
            $((i % 7)) "$i" "$i"
    done >changes
    evstock <changes >first
    content >before
    EV_NOW=$later evstock <changes | cmp first -
    content | cmp before -
}

@test "operands: an action, a product, a quantity" {
    for operands in add 'add 85123A' 'add 85123A 1 2' 'sell 85123A 1' 'Add 85123A 1' 'add 85123A 0' \
        'add 85123A -- -1' 'add 85123A 1x' "add 85123A $((max + 1))" 'add 85123A 1 -u x'; do
        # shellcheck disable=SC2086
        run -64 --separate-stderr evstock $operands </dev/null
        is "$output" ''
        [[ $stderr = 'evstock: '*'--help'* ]]
    done
    for product in '' $'a\tb' $'\xff' "$(printf '%081d' 0)"; do
        run -64 evstock add "$product" 1
    done
    [ ! -e evstore ]
}

@test "time never runs backwards" {
    EV_NOW=$later evstock add 85123A 1 >/dev/null
    evstock add 85123A 1 >/dev/null
    is "$(jq -r .time evstore/journal/85123A.ndjson)" "$later"$'\n'"$later"
}

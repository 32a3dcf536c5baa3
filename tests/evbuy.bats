# evbuy: requests.
load lib

uuid4='[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}'

@test "a request is one message, and leaves the store alone" {
    run -0 --separate-stderr evbuy -u "$r1" 85123A 6
    is "$output" "$(wanted "$r1" 85123A 6)"
    is "$stderr" ''
    [ ! -e evstore ]
}

@test "a UUID that is given is lowered, whatever its version" {
    run -0 evbuy --request 5E8A4C1D-2B7F-4d3e-9c60-000000000001 85123A 6
    is "$output" "$(wanted "$r1" 85123A 6)"
    run -0 evbuy -u 00000000-0000-0000-0000-000000000000 85123A 6
    [[ $output = *'"correlationid":"00000000-0000-0000-0000-000000000000"'* ]]
}

@test "without one, each request gets a random UUID of its own" {
    for i in {1..5}; do evbuy 85123A 6; done >out
    [ "$(grep -cE "^\{\"specversion\":\"1.0\",\"id\":\"($uuid4)/purchase.requested\",.*,\"correlationid\":\"\1\",\"data\":" out)" -eq 5 ]
    [ "$(sort -u out | wc -l)" -eq 5 ]
}

@test "a UUID out of form is a usage error" {
    for uuid in '' 5e8a4c1d "$r1"0 "{$r1}" "${r1//-/}" "${r1/e/g}" " $r1"; do
        run -64 --separate-stderr evbuy -u "$uuid" 85123A 6
        is "$output" ''
        [[ $stderr = evbuy:* ]]
    done
}

@test "a quantity is read whole: 1 to 2^53 - 1" {
    run -0 evbuy -u "$r1" 85123A 9007199254740991
    is "$output" "$(wanted "$r1" 85123A 9007199254740991)"
    for quantity in 0 -- -1 '' ' 6' '6 ' 6x 6.0 6e0 0x6 +6 ٦ 9007199254740992 18446744073709551622 \
        99999999999999999999999999999999; do
        run -64 --separate-stderr evbuy -u "$r1" -- 85123A "$quantity"
        is "$output" ''
        [[ $stderr = evbuy:* ]]
    done
}

@test "a product ID is 1 to 80 bytes of UTF-8 without control characters" {
    printf -v long '%080d' 0
    for product in "$long" '€€€€€€€€€€€€€€€€€€€€€€€€€€' ' ' . .. ../../etc/passwd %2F -x; do
        run -0 evbuy -u "$r1" -- "$product" 6
        is "$output" "$(wanted "$r1" "$product" 6)"
    done
    for product in '' "${long}0" €€€€€€€€€€€€€€€€€€€€€€€€€€€ $'a\tb' $'a\nb' $'\x1f' $'\x7f' $'\xc2\x80' \
        $'\xc2\x9f' $'\xff' $'a\xc3' $'\xc0\xaf' $'\xed\xa0\x80' $'\xf4\x90\x80\x80'; do
        run -64 --separate-stderr evbuy -- "$product" 6
        is "$output" ''
    done
    run -0 evbuy -u "$r1" 'a"b\c' 6
    is "$output" "$(wanted "$r1" 'a\"b\\c' 6)"
}

@test "operands are two, or none" {
    for operands in 85123A '85123A 6 7'; do
        # shellcheck disable=SC2086
        run -64 --separate-stderr evbuy $operands </dev/null
        is "$output" ''
        [[ $stderr = evbuy:*--help* ]]
    done
    run -64 evbuy -u "$r1" </dev/null
}

@test "a batch: a line a request, in its order" {
    cat >requests <<LINES
{"product":"85123A","quantity":6,"request":"$r1"}
{"product":"71053","quantity":9007199254740991,"request":"$r2"}
{"at":"2010-12-01T08:26:00Z","invoice":"536365","product":"85123a","quantity":1}
{"product":"BANK CHARGES","quantity":1,"request":"$r1"}
LINES
    run -0 --separate-stderr evbuy <requests
    is "${lines[0]}" "$(wanted "$r1" 85123A 6)"
    is "${lines[1]}" "$(wanted "$r2" 71053 9007199254740991)"
    [[ ${lines[2]} =~ ^\{\"specversion\":\"1.0\",\"id\":\"$uuid4/purchase.requested\" ]]
    is "${lines[3]}" "$(wanted "$r1" 'BANK CHARGES' 1)"
    [ "${#lines[@]}" -eq 4 ]
    [ ! -e evstore ]
}

@test "a batch of many lines loses none" {
    for i in {1..3000}; do printf '{"product":"p%d","quantity":%d}\n' "$i" "$i"; done >requests
    evbuy <requests >out
    jq -c '{product:.subject, quantity:.data.quantity}' out | cmp - requests
    [ "$(jq -r .correlationid out | sort -u | wc -l)" -eq 3000 ]
}

@test "an upper-case UUID in a batch is bad input" {
    run -65 --separate-stderr feed "{\"product\":\"85123A\",\"quantity\":6,\"request\":\"${r1^^}\"}" evbuy
    is "$output" ''
    [ "$(dead evbuy)" -eq 1 ]
}

@test "bad lines of a batch go to dead/, the others go on" {
    printf '%s\n' '{"product":"85123A","quantity":0}' '{"product":"85123A","quantity":6,"request":"'"$r1"'"}' \
        '' '{"product":"85123A"}' >requests
    run -65 --separate-stderr evbuy <requests
    is "$output" "$(wanted "$r1" 85123A 6)"
    is "$(jq -r .place evstore/dead/evbuy.ndjson)" $'stdin:1\nstdin:3\nstdin:4'
    is "$(cut -d: -f1-3 <<<"$stderr")" $'evbuy: stdin:1\nevbuy: stdin:3\nevbuy: stdin:4'
}

@test "-o names a file to append to" {
    evbuy -o out -u "$r1" 85123A 6
    run -0 feed "{\"product\":\"71053\",\"quantity\":1,\"request\":\"$r2\"}"$'\n' evbuy --output=out
    is "$output" ''
    holds out "$(wanted "$r1" 85123A 6; wanted "$r2" 71053 1)"
    run -0 evbuy -o - -u "$r1" 85123A 6
    is "$output" "$(wanted "$r1" 85123A 6)"
}

# -- submit --------------------------------------------------------------------------

submitted() { cat evstore/topics/purchase.requested/0/*.ndjson; }

@test "submit: the message is in the store's topic, and the UUID is told" {
    run -0 --separate-stderr evbuy -s -u "$r1" 85123A 6
    is "$output" "$r1"
    is "$stderr" ''
    is "$(submitted)" "$(wanted "$r1" 85123A 6)"
    run -0 evbuy --submit 85123A 6
    [[ $output =~ ^$uuid4$ ]]
    [ "$(submitted | jq -r .correlationid | tail -n 1)" = "$output" ]
}

@test "submit: a batch tells the UUID of each line, and of no other" {
    { printf '{"product":"85123A","quantity":6,"request":"%s"}\n' "$r1"
      echo bad
      echo '{"product":"85123A","quantity":1}'
      printf '{"product":"71053","quantity":1,"request":"%s"}\n' "$r2"; } >in
    run -65 --separate-stderr evbuy -s <in
    [ ${#lines[@]} -eq 3 ]
    is "${lines[0]} ${lines[2]}" "$r1 $r2"
    [[ ${lines[1]} =~ ^$uuid4$ ]]
    is "$(submitted | jq -r .correlationid)" "$output"
    is "$(dead evbuy)" 1
}

@test "submit: a UUID that cannot be told is a failure, and the request is there all the same" {
    run -74 --separate-stderr bash -c 'evbuy -s -u "$1" 85123A 6 >/dev/full' _ "$r1"
    [[ $stderr = 'evbuy: standard output: '* ]]
    is "$(submitted)" "$(wanted "$r1" 85123A 6)"
}

@test "wait: the UUID, then the result when it comes; 0, 1 or 75" {
    stock 85123A 6
    run -75 --separate-stderr evbuy -s -w 0.05 -u "$r1" 85123A 6
    is "$output" "$r1"
    mkfifo told
    evbuy -s -w 300 -u "$r1" 85123A 6 >told & buyer=$!
    exec 7<told
    read -r -u 7 first
    is "$first" "$r1"
    for service in "${services[@]}"; do "$service" --drain; done
    read -r -u 7 second
    is "$second" "$(result_created "$r1" 85123A 6 "$o1")"
    wait "$buyer"
    evbuy -u "$r2" -o @TOPIC-1 85123A 6
    for service in "${services[@]}"; do "$service" --drain; done
    run -1 evbuy -s -w 300 -u "$r2" 85123A 6
    is "${lines[1]}" "$(result_failed "$r2" 85123A 6 0 out-of-stock)"
    # Neither UUID means another purchase now.
    run -65 --separate-stderr evbuy -s -w 300 -u "$r1" 85123A 5
    is "${lines[1]}" "$(result_created "$r1" 85123A 6 "$o1")"
    is "$stderr" "evbuy: $r1: means another purchase (6 of 85123A)"
    run -65 --separate-stderr evbuy -s -w 300 -u "$r2" 71053 6
    is "${lines[1]}" "$(result_failed "$r2" 85123A 6 0 out-of-stock)"
    is "$stderr" "evbuy: $r2: means another purchase (6 of 85123A)"
}

@test "submit and wait only where they mean something" {
    run -64 evbuy -s -o out 85123A 6
    run -64 evbuy -w 1 85123A 6
    run -64 evbuy -s -w 1 </dev/null
    run -64 evbuy -s -w soon 85123A 6
    run -64 evbuy -s -s 85123A 6
    [ ! -e evstore ]
}

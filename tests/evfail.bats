# evfail: the refusal, for ever.
load lib

fail() { unavailable "$@" >in && run -0 --separate-stderr evfail <in; }

@test "a refusal is recorded, stored under the UUID, and told" {
    stock 85123A 5
    fail "$r1" 85123A 6 5 1 insufficient-stock
    is "$output" "$(failed "$r1" 85123A 6 5 insufficient-stock)"
    is "$stderr" ''
    { event evstock stock.added "$g1" 85123A 1 '{"quantity":5}'
      event evfail purchase.refused "$r1" 85123A 2 "$(seen 6 5 1 insufficient-stock)"; } |
        summed | cmp - evstore/journal/85123A.ndjson
    holds "evstore/results/$r1.json" "$(result_failed "$r1" 85123A 6 5 insufficient-stock)"
    [ ! -s evstore/orders.ndjson ]
}

@test "a refusal of an unknown product starts its journal" {
    fail "$r1" 85123A 6 0 0 unknown-product
    event evfail purchase.refused "$r1" 85123A 1 "$(seen 6 0 0 unknown-product)" | summed |
        cmp - evstore/journal/85123A.ndjson
    run -0 evreplay 85123A
    is "$output" "$(state 85123A 1 0 0 0 0 1)"
}

@test "again it changes nothing and tells the same, with the time of the refusal" {
    fail "$r1" 85123A 6 0 0 unknown-product
    content >before
    EV_NOW=$later fail "$r1" 85123A 6 0 0 unknown-product
    is "$output" "$(failed "$r1" 85123A 6 0 unknown-product)"
    content | cmp before -
    cat in in >twice
    EV_NOW=$later run -0 evfail <twice
    is "$output" "$(failed "$r1" 85123A 6 0 unknown-product; failed "$r1" 85123A 6 0 unknown-product)"
    content | cmp before -
}

@test "another reason for a refusal that is recorded is not the one told" {
    fail "$r1" 85123A 6 5 1 insufficient-stock
    fail "$r1" 85123A 6 0 9 out-of-stock
    is "$output" "$(failed "$r1" 85123A 6 5 insufficient-stock)"
    holds "evstore/results/$r1.json" "$(result_failed "$r1" 85123A 6 5 insufficient-stock)"
    [ "$(wc -l <evstore/journal/85123A.ndjson)" -eq 1 ]
}

@test "what is in stock by now does not matter" {
    stock 85123A 40
    fail "$r1" 85123A 6 0 0 unknown-product
    is "$output" "$(failed "$r1" 85123A 6 0 unknown-product)"
    run -0 evreplay 85123A
    is "$output" "$(state 85123A 2 40 0 0 0 1)"
}

@test "a request found sold goes on as sold, with the sequence and time of the sale" {
    stock 85123A 6
    available "$r1" 85123A 6 6 1 | evorder >/dev/null
    content >before
    unavailable "$r1" 85123A 6 0 2 out-of-stock >in
    EV_NOW=$later run -0 evfail <in
    is "$output" "$(to_order "$r1" 85123A 6 2 evfail)"
    content | cmp before -
}

@test "a result that is missing is made again, byte for byte" {
    fail "$r1" 85123A 6 0 0 unknown-product
    mv "evstore/results/$r1.json" gone
    EV_NOW=$later fail "$r1" 85123A 6 0 0 unknown-product
    cmp gone "evstore/results/$r1.json"
    rm -r evstore/results
    EV_NOW=$later fail "$r1" 85123A 6 9 9 insufficient-stock
    cmp gone "evstore/results/$r1.json"
}

@test "time never runs backwards, and the result has the refusal's" {
    EV_NOW=$later stock 85123A 40
    fail "$r1" 85123A 41 40 1 insufficient-stock
    is "$output" "$(at=$later failed "$r1" 85123A 41 40 insufficient-stock)"
    holds "evstore/results/$r1.json" "$(at=$later result_failed "$r1" 85123A 41 40 insufficient-stock)"
}

@test "a batch of refusals, several of one product, one of them twice" {
    { unavailable "$r1" 85123A 6 0 0 unknown-product
      unavailable "$r2" 71053 6 0 0 unknown-product
      unavailable "$r3" 85123A 7 0 0 unknown-product
      unavailable "$r1" 85123A 6 0 0 unknown-product; } >in
    run -0 evfail <in
    is "$output" "$(failed "$r1" 85123A 6 0 unknown-product
        failed "$r2" 71053 6 0 unknown-product
        failed "$r3" 85123A 7 0 unknown-product
        failed "$r1" 85123A 6 0 unknown-product)"
    run -0 evreplay
    is "$output" "$(state 71053 1 0 0 0 0 1; state 85123A 2 0 0 0 0 2)"
    is "$(ls evstore/results)" "$r1.json"$'\n'"$r2.json"$'\n'"$r3.json"
    chained evstore/journal/85123A.ndjson
}

@test "a reason that is too long for the event that has to keep it is put aside" {
    printf -v reason '%065536d' 0
    refusal() {
        message evcheck stock.unavailable "$1" 85123A \
            "{\"quantity\":6,\"available\":0,\"sequence\":0,\"code\":\"out-of-stock\",\"reason\":\"$2\"}"
    }
    room=$((65536 - $(refusal "$r1" '' | wc -c)))
    { refusal "$r1" "${reason:0:room - 100}"; refusal "$r2" "${reason:0:room}"; } >in
    run -65 --separate-stderr bash -c 'evfail <in >out'
    is "$stderr" 'evfail: stdin:2: reason: too long for the event that keeps it'
    is "$(jq -r .correlationid out)" "$r1"
    is "$(ls evstore/results)" "$r1.json"
    chained evstore/journal/85123A.ndjson
    run -0 evreplay --verify
}

@test "a result is made where files without a name cannot be, or something else has its name" {
    need_tracing
    unavailable "$r1" 71053 6 0 0 unknown-product >in
    strace -f -o trace -e trace=linkat -e inject=linkat:error=EOPNOTSUPP evfail <in >out
    grep -q INJECTED trace
    evresult "$r1" >first || [ $? -eq 1 ]
    [ -s first ]
    : >"evstore/results/$r1.json"
    evfail <in >out
    evresult "$r1" >second || [ $? -eq 1 ]
    cmp first second
    run -0 find evstore/results -name '.*' -type f
    is "$output" ''
}

@test "a result that cannot be written leaves no part of it: 74" {
    unavailable "$r1" 85123A 6 0 0 unknown-product >in
    evfail -i in >out
    rm "evstore/results/$r1.json"
    # No file may have any bytes; pipes may.
    run -74 bash -c 'trap "" XFSZ; ulimit -f 0; { evfail -i in 2>&1 >&3 | cat; exit "${PIPESTATUS[0]}"; } 3>&1 | cat; exit "${PIPESTATUS[0]}"'
    is "$output" "evfail: ./evstore/results/$r1.json: cannot write: File too large"
    is "$(ls -A evstore/results)" ''
    evfail -i in | cmp out -
    is "$(ls -A evstore/results)" "$r1.json"
}

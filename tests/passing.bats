# What a service does not read it passes on: byte for byte, in its place.
load lib

# strange: messages that no service reads; each has what every event has, and no more.
strange() {
    cat <<'LINES'
{"specversion":"1.0","id":"1","source":"s","type":"com.example.other"}
  { "type" : "t" , "source":"s","specversion":"1.0","id":"\u00e9\/" }	
{"specversion":"1.0","id":"é","source":"s","type":"PURCHASE.REQUESTED","subject":"","data":{"quantity":-1}}
{"specversion":"1.0","id":"1","source":"s","type":"stock.sold","sequence":"1","sum":"no"}
{"specversion":"1.0","id":"1","source":"s","type":"t","correlationid":"5E8A4C1D","time":"yesterday"}
{"specversion":"1.0","id":"1","source":"s","type":"t","x":[1e400,-0.0e-999,123456789012345678901234567890,"\u0000"]}
{"specversion":"1.0","id":"1","source":"s","type":"t","x":{"a":{"a":{"a":1}}},"a":null}
LINES
    printf '{"specversion":"1.0","id":"1","source":"s","type":"t"}\r\n'
    # As deep and as long as it may be.
    printf '{"specversion":"1.0","id":"1","source":"s","type":"t","x":%s%s}\n' \
        "$(printf '[%.0s' {1..2047})" "$(printf ']%.0s' {1..2047})"
    printf '{"specversion":"1.0","id":"1","source":"s","type":"t","x":"%065474d"}\n' 0
}

# others TYPE: a message of every type but this one.
others() {
    { wanted "$r1" 85123A 6; to_check "$r1" 85123A 6; available "$r1" 85123A 6 9 1
      unavailable "$r1" 85123A 6 0 0 out-of-stock; to_order "$r1" 85123A 6 2
      created "$r1" 85123A 6 "$o1"; failed "$r1" 85123A 6 0 out-of-stock; } |
        sed 's/}$/ ,"shop":"Ulm" }/' | grep -v "\"type\":\"$1\""
}

# mixed_with LINE: it before and behind each other line of standard input.
mixed_with() {
    printf '%s\n' "$1"
    while IFS= read -r other; do printf '%s\n' "$other" "$1"; done
}

# check SERVICE TYPE LINE ANSWER
check() {
    { strange; others "$2"; } >between
    [ "$(wc -L <between)" -eq 65535 ]
    mixed_with "$3" <between >in
    mixed_with "$4" <between >expected
    run -0 --separate-stderr bash -c '"$1" <in >out' _ "$1"
    is "$output$stderr" ''
    cmp expected out
    nothing_dead
}

@test "evtask passes on what is not its own" {
    check evtask purchase.requested "$(wanted "$r2" 85123A 6)" "$(to_check "$r2" 85123A 6)"
}

@test "evcheck passes on what is not its own" {
    check evcheck stockcheck.requested "$(to_check "$r2" 85123A 6)" \
        "$(unavailable "$r2" 85123A 6 0 0 unknown-product)"
}

@test "evorder passes on what is not its own" {
    stock 85123A 9
    check evorder stock.available "$(available "$r2" 85123A 6 9 1)" "$(to_order "$r2" 85123A 6 2)"
}

@test "evfail passes on what is not its own" {
    check evfail stock.unavailable "$(unavailable "$r2" 85123A 6 0 0 out-of-stock)" \
        "$(failed "$r2" 85123A 6 0 out-of-stock)"
}

@test "evcreate passes on what is not its own" {
    stock 85123A 9
    available "$r2" 85123A 6 9 1 | evorder >/dev/null
    check evcreate order.requested "$(to_order "$r2" 85123A 6 2)" "$(created "$r2" 85123A 6 "$o2")"
}

@test "all six in one pipe let through what none of them reads" {
    strange >in
    flow <in >out
    cmp in out
    [ ! -e evstore ]
}

@test "a last line without a newline is a line, and gets one" {
    for service in "${services[@]}"; do
        printf '%s\n%s' "$(strange | sed -n 1p)" "$(strange | sed -n 2p)" >in
        run -0 bash -c '"$1" <in >out' _ "$service"
        strange | sed -n 1,2p | cmp - out
    done
    run -0 feed "$(wanted "$r1" 85123A 6)" evtask
    is "$output" "$(to_check "$r1" 85123A 6)"
}

@test "no line at all makes no line, and no store" {
    for service in "${services[@]}"; do
        run -0 "$service" </dev/null
        is "$output" ''
    done
    [ ! -e evstore ]
}

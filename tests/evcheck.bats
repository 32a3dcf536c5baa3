# evcheck: what a product's journal says.
load lib

# check REQUEST PRODUCT QUANTITY
check() { to_check "$@" >in && run -0 --separate-stderr evcheck <in; }

@test "a product that nobody knows is unavailable" {
    check "$r1" 85123A 6
    is "$output" "$(unavailable "$r1" 85123A 6 0 0 unknown-product)"
    is "$stderr" ''
}

@test "all that is there is available, one more is not" {
    stock 85123A 40
    check "$r1" 85123A 40
    is "$output" "$(available "$r1" 85123A 40 40 1)"
    check "$r1" 85123A 41
    is "$output" "$(unavailable "$r1" 85123A 41 40 1 insufficient-stock)"
}

@test "nothing left is out-of-stock, after removal as after a sale" {
    stock 85123A 6
    evstock remove 85123A 6 >/dev/null
    check "$r1" 85123A 1
    is "$output" "$(unavailable "$r1" 85123A 1 0 2 out-of-stock)"
    stock 71053 6
    buy 71053 6 "$r2" >/dev/null
    check "$r1" 71053 7
    is "$output" "$(unavailable "$r1" 71053 7 0 2 out-of-stock)"
}

@test "a return makes a product known, a refusal does not" {
    buy 85123A 1 "$r1" >/dev/null
    check "$r2" 85123A 1
    is "$output" "$(unavailable "$r2" 85123A 1 0 1 unknown-product)"
    evstock return 85123A 1 >/dev/null
    check "$r2" 85123A 1
    is "$output" "$(available "$r2" 85123A 1 1 2)"
}

@test "looking changes nothing, and makes no store" {
    check "$r1" 85123A 6
    [ ! -e evstore ]
    stock 85123A 40
    content >before
    check "$r1" 85123A 6
    check "$r1" 71053 6
    content | cmp before -
}

@test "each request of a batch is answered alone, in order: nothing is reserved" {
    stock 85123A 10
    stock 71053 1
    { to_check "$r1" 85123A 6; to_check "$r2" 71053 6; to_check "$r3" 85123A 6; } >in
    run -0 evcheck <in
    is "$output" "$(available "$r1" 85123A 6 10 1
        unavailable "$r2" 71053 6 1 1 insufficient-stock
        available "$r3" 85123A 6 10 1)"
}

@test "-r takes the refusals, -o the rest" {
    stock 85123A 6
    { to_check "$r1" 85123A 6; to_check "$r2" 85123A 7; wanted "$r3" 85123A 1; } >in
    run -0 evcheck -i in -o out --refused refused
    is "$output" ''
    holds out "$(available "$r1" 85123A 6 6 1; wanted "$r3" 85123A 1)"
    holds refused "$(unavailable "$r2" 85123A 7 6 1 insufficient-stock)"
}

@test "who bought has it available, whatever is left" {
    stock 85123A 6
    buy 85123A 6 "$r1" >/dev/null
    EV_NOW=$later check "$r1" 85123A 6
    is "$output" "$(at=$later available "$r1" 85123A 6 0 2)"
}

@test "who was refused is refused as recorded, whatever came since" {
    buy 85123A 6 "$r1" >/dev/null
    stock 85123A 40
    export EV_NOW=$later
    check "$r1" 85123A 6
    is "$output" "$(unavailable "$r1" 85123A 6 0 0 unknown-product)"
}

@test "two products differ by the case of a letter" {
    stock 85123A 6
    check "$r1" 85123a 6
    is "$output" "$(unavailable "$r1" 85123a 6 0 0 unknown-product)"
}

@test "a long journal is replayed to its end" {
    for i in {1..3000}; do printf '{"action":"add","product":"85123A","quantity":%d}\n' "$i"; done |
        evstock >/dev/null
    check "$r1" 85123A 6
    is "$output" "$(available "$r1" 85123A 6 4501500 3000)"
}

@test "an answer knows of all that was there before its message was sent" {
    stock 85123A 40
    mkfifo asked answered
    evcheck -i asked -o answered 3>&- &
    exec 6<answered 5>asked
    to_check "$r1" 85123A 41 >&5
    read -r -t 300 answer <&6
    is "$answer" "$(unavailable "$r1" 85123A 41 40 1 insufficient-stock)"
    stock 85123A 1 "$g2"
    to_check "$r1" 85123A 41 >&5
    read -r -t 300 answer <&6
    is "$answer" "$(available "$r1" 85123A 41 41 2)"
    exec 5>&- 6<&-
    wait $!
}

@test "many streams are opened by several threads, from the disk read by many, and answered the same" {
    need_tracing
    seq -f '{"action":"add","product":"P%04g","quantity":5}' 1 2500 | evstock >/dev/null
    ln -s /dev/null evstore/journal/P2502.ndjson
    mkfifo evstore/journal/P2503.ndjson
    seq -f '{"product":"P%04g","quantity":6}' 1 2504 | evbuy | evtask >in
    # As if there were one processor, so by one thread.
    run -65 --separate-stderr taskset -c "$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')" strace -f -o trace -e trace=openat evcheck <in
    near=$output
    is "$(awk '/journal.P/ { print $1 }' trace | sort -u | wc -l)" 1
    [ "$(wc -l <<<"$near")" -eq 2502 ]
    far=(env LD_LIBRARY_PATH="$tests/../build/shim${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" LD_PRELOAD=far.so ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0)
    run -65 --separate-stderr "${far[@]}" strace -f -o trace -e trace=openat,clone,clone3 evcheck <in
    is "$output" "$near"
    # The first portion was by few, the two behind it by 32. Each stream stays open until it is read.
    [ "$(grep -c 'clone.*[^?]$' trace)" -ge 62 ]
    [ "$(grep -c 'journal/P0500.ndjson' trace)" -eq 1 ]
    [ "$(grep -c 'journal/P2000.ndjson' trace)" -eq 1 ]
    # Where few files may be open, no more are tried, and the others are opened twice.
    ulimit -n 256
    run -65 --separate-stderr evcheck <in
    is "$output" "$near"
    run -65 --separate-stderr "${far[@]}" strace -f -o trace -e trace=openat evcheck <in
    is "$output" "$near"
    [ "$(grep -c 'journal/P2000.ndjson' trace)" -eq 2 ]
    run -1 grep EMFILE trace
}

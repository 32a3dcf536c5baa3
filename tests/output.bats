# Output: written whole, or not called written.
load lib

# Each command with something to write; its input stands in the file in.
setup_work() {
    stock 85123A 40
    buy 85123A 1 "$r1" >/dev/null
    wanted "$r2" 85123A 6 >evtask.in
    to_check "$r2" 85123A 6 >evcheck.in
    available "$r2" 85123A 6 39 2 >evorder.in
    unavailable "$r3" 85123A 99 39 2 insufficient-stock >evfail.in
    to_order "$r1" 85123A 1 2 >evcreate.in
    printf '{"product":"85123A","quantity":1}\n' >evbuy.in
    printf '{"action":"add","product":"85123A","quantity":1}\n' >evstock.in
    cp evstore/journal/85123A.ndjson evreplay.in
    work=(evtask evcheck evorder evfail evcreate evbuy 'evbuy 85123A 6' evstock 'evstock add 85123A 6' evreplay
        'evreplay 85123A' 'evreplay --events' 'evreplay --history' 'evreplay --table' 'evreplay --verify'
        'evreplay -' "evresult $r1" "evresult -w 1 $r1")
    for command in "${commands[@]}"; do work+=("$command --help" "$command -V"); done
}

@test "a full disk is said: 74" {
    setup_work
    for line in "${work[@]}"; do
        run -74 --separate-stderr bash -c "$line <${line%% *}.in >/dev/full" 2>/dev/null ||
            run -74 --separate-stderr bash -c "$line </dev/null >/dev/full"
        [[ $stderr = "${line%% *}: "*'No space left on device'* ]]
    done
}

@test "-o and -r on a full disk are said: 74" {
    setup_work
    for command in evbuy "${services[@]}"; do
        run -74 --separate-stderr "$command" -o /dev/full <"$command.in"
        [[ $stderr = "$command: "*'No space left on device'* ]]
    done
    to_check "$r4" 85123A 99 >in
    run -74 --separate-stderr evcheck -r /dev/full <in
    available "$r4" 85123A 99 39 2 >in
    run -74 --separate-stderr evorder -r /dev/full <in
}

@test "an output that is open already is one by its name, too; the name of a new file is synced where that is" {
    need_tracing
    { to_check "$r1" 85123A 1; to_check "$r4" 85123A 99; } >in
    stock 85123A 10
    evcheck -i in -o /dev/fd/4 -r /dev/fd/3 3>refused 4>answered
    is "$(jq -r .type answered refused)" $'stock.available\nstock.unavailable'
    echo junk >bad
    run -65 evcheck -i bad --dead /proc/self/fd/3 3>aside
    [[ $(<aside) = *junk* ]]
    mkdir there
    ln -s there/new link
    strace -y -o trace -e trace=fsync evcheck -i in -o link
    grep -q 'fsync([0-9]*</.*/there>)' trace
    [ "$(wc -l <there/new)" -eq 2 ]
}

@test "a pipe that nobody reads ends a command as SIGPIPE does, without a word" {
    setup_work
    for line in "${work[@]}"; do
        [ -e "${line%% *}.in" ] || : >"${line%% *}.in"
        run -141 --separate-stderr without_reader bash -c "exec $line <${line%% *}.in"
        is "$stderr" ''
        rm unread
    done
}

@test "also where SIGPIPE was ignored by who started it" {
    setup_work
    for command in evbuy "${services[@]}" evstock; do
        run -141 --separate-stderr without_reader bash -c "trap '' PIPE; exec $command <$command.in"
        is "$stderr" ''
        rm unread
    done
}

@test "a flow whose reader goes away has done nothing by half: it is run again" {
    stock 85123A 40
    { available "$r1" 85123A 6 40 1; available "$r2" 85123A 6 40 1; } >in
    run -141 without_reader evorder <in
    run -0 evorder <in
    is "$output" "$(to_order "$r1" 85123A 6 2; to_order "$r2" 85123A 6 3)"
    chained evstore/journal/85123A.ndjson
}

@test "standard output that is closed is an error, and no file of the store takes its place" {
    setup_work
    content >before
    for line in evtask evcheck 'evbuy 85123A 6' evreplay 'evreplay 85123A' "evresult $r1"; do
        run -74 --separate-stderr bash -c "exec $line <evtask.in >&-"
        [[ $stderr = "${line%% *}: "* ]]
    done
    for command in evcheck evorder evfail evcreate evstock; do
        run -74 --separate-stderr bash -c "exec $command <$command.in >&-"
        [[ $stderr = "$command: "* ]]
    done
    chained evstore/journal/85123A.ndjson
    chained evstore/orders.ndjson
    run -0 evreplay --verify
    python3 "$tests/model/audit.py" evstore || evcreate <evcreate.in
    [ "$(grep -rlE 'order.requested|stock.available"' evstore --include '*.json' | wc -l)" -eq 0 ]
}

@test "standard error that is closed loses words, never a line of a file" {
    stock 85123A 40
    { echo bad; available "$r1" 85123A 6 40 1; echo worse; } >in
    run -65 bash -c 'exec evorder <in 2>&-'
    is "$output" "$(to_order "$r1" 85123A 6 2)"
    chained evstore/journal/85123A.ndjson
    is "$(jq -r .line evstore/dead/evorder.ndjson)" $'bad\nworse'
    run -0 evreplay --verify
    # All three at once.
    available "$r2" 85123A 6 34 2 >in
    run bash -c 'exec evorder -i in -o out <&- >&- 2>&-'
    holds out "$(to_order "$r2" 85123A 6 3)"
    chained evstore/journal/85123A.ndjson
}

@test "standard input that is closed cannot be read" {
    for command in "${services[@]}"; do
        run --separate-stderr bash -c "exec $command <&-"
        [[ $status = 74 || $status = 66 ]]
        [[ $stderr = "$command: "* ]]
    done
}

@test "a directory for input or output is an error" {
    mkdir directory
    for command in "${services[@]}"; do
        run --separate-stderr "$command" -i directory
        [[ $status = 66 || $status = 74 ]]
        [[ $stderr = "$command: "*directory* ]]
        run --separate-stderr bash -c 'exec "$1" <directory' _ "$command"
        [ "$status" -eq 74 ]
        run --separate-stderr "$command" -o directory </dev/null
        [[ $status = 73 || $status = 74 ]]
        [[ $stderr = "$command: "*directory* ]]
    done
}

# evresult: the outcome of a request.
load lib

# await_watch PROCESS: until it has opened the store's directory once more, to watch it.
await_watch() {
    until [ "$(find "/proc/$1/fd" -lname '*/evstore' 2>/dev/null | wc -l)" -eq 2 ]; do kill -0 "$1"; done
}

@test "a result is printed as it is stored; the status tells the outcome" {
    stock 85123A 6
    buy 85123A 6 "$r1" >/dev/null
    buy 85123A 6 "$r2" >/dev/null
    run -0 --separate-stderr evresult "$r1"
    is "$output" "$(result_created "$r1" 85123A 6 "$o1")"
    is "$stderr" ''
    run -1 --separate-stderr evresult "$r2"
    is "$output" "$(result_failed "$r2" 85123A 6 0 out-of-stock)"
}

@test "several at once: a missing one outweighs a failed one, that a created one" {
    stock 85123A 6
    buy 85123A 6 "$r1" >/dev/null
    buy 85123A 6 "$r2" >/dev/null
    run -1 evresult "$r2" "$r1"
    is "$output" "$(result_failed "$r2" 85123A 6 0 out-of-stock; result_created "$r1" 85123A 6 "$o1")"
    run -75 --separate-stderr evresult "$r1" "$r3" "$r2"
    is "$output" "$(result_created "$r1" 85123A 6 "$o1"; result_failed "$r2" 85123A 6 0 out-of-stock)"
    run -75 evresult "$r3" "$r1"
    is "$output" "$(result_created "$r1" 85123A 6 "$o1")"
}

@test "a sale without its order has no result yet" {
    stock 85123A 6
    available "$r1" 85123A 6 6 1 | evorder >/dev/null
    run -75 --separate-stderr evresult "$r1"
    is "$output" ''
}

@test "no store is said, and none is made" {
    run -66 --separate-stderr evresult "$r1"
    is "$output" ''
    [[ $stderr = 'evresult: '* ]]
    run -66 evresult -w 0.01 "$r1"
    [ ! -e evstore ]
}

@test "UUIDs and seconds out of form are usage errors" {
    stock 85123A 6
    run -64 evresult
    for uuid in '' x "$r1"x "../results/$r1" "${r1%?}"; do run -64 evresult "$uuid"; done
    for seconds in '' -1 x 1x 0x1 inf nan 1e3 ' 1'; do run -64 evresult -w "$seconds" -- "$r1"; done
}

@test "-w gives up after its time" {
    stock 85123A 6
    started=$(date +%s%N)
    run -75 --separate-stderr evresult -w 0.25 "$r1"
    is "$output" ''
    [ $(($(date +%s%N) - started)) -ge 250000000 ]
    run -75 evresult -w 0 "$r1"
    run -75 evresult -w .01 "$r1"
}

@test "-w does not wait for what is there" {
    stock 85123A 6
    buy 85123A 6 "$r1" >/dev/null
    run -0 timeout 300 evresult --wait 1000 "$r1"
    is "$output" "$(result_created "$r1" 85123A 6 "$o1")"
}

@test "one that cannot be read keeps back no other, and is not waited for" {
    stock 85123A 6
    buy 85123A 6 "$r1" >/dev/null
    buy 85123A 6 "$r2" >/dev/null
    mkdir "evstore/results/$r3.json"
    run -65 --separate-stderr timeout 300 evresult -w 1000 "$r1" "$r3" "$r3" "$r4" "$r2"
    is "$output" "$(result_created "$r1" 85123A 6 "$o1"; result_failed "$r2" 85123A 6 0 out-of-stock)"
    is "$stderr" "evresult: ./evstore/results/$r3.json: not a regular file"
}

@test "-w is woken when the result comes, the first of the store too" {
    stock 85123A 6
    rm -rf evstore/results
    evresult -w 300 "$r1" "$r2" >out 3>&- &
    waiter=$!
    await_watch "$waiter"
    buy 85123A 6 "$r1" >/dev/null
    buy 85123A 6 "$r2" >/dev/null
    started=$SECONDS
    code=0
    wait "$waiter" || code=$?
    [ "$code" -eq 1 ]
    [ $((SECONDS - started)) -lt 150 ]
    is "$(sort out)" "$( (result_created "$r1" 85123A 6 "$o1"; result_failed "$r2" 85123A 6 0 out-of-stock) | sort)"
}

@test "-w: results/ that is another one by its name is watched, too" {
    stock 85123A 6
    mkdir -p evstore/results
    evresult -w 300 "$r1" >out 3>&- &
    waiter=$!
    await_watch "$waiter"
    mv evstore/results aside
    mkdir evstore/results
    started=$SECONDS
    buy 85123A 6 "$r1" >/dev/null
    wait "$waiter"
    [ $((SECONDS - started)) -lt 150 ]
}

@test "-w where directories cannot be watched looks again and again, and says so once" {
    need_tracing
    stock 85123A 6
    # The first three calls only look whether descriptors are open.
    strace -o trace -e trace=fcntl,rt_sigtimedwait -e inject=fcntl:error=EINVAL:when=4+ \
        evresult -w 300 "$r1" >out 2>said 3>&- &
    waiter=$!
    until grep -q 'rt_sigtimedwait.*rt_sigtimedwait\|EAGAIN' trace; do kill -0 "$waiter"; done
    buy 85123A 6 "$r1" >/dev/null
    wait "$waiter"
    is "$(cat out)" "$(result_created "$r1" 85123A 6 "$o1")"
    is "$(cat said)" 'evresult: looking every 10 ms: cannot watch: Invalid argument'
}

@test "what is not a whole result is not taken for one" {
    stock 85123A 6
    mkdir -p evstore/results
    for text in '' '{"request":' 'created' '{}'; do
        printf '%s\n' "$text" >"evstore/results/$r1.json"
        run --separate-stderr evresult "$r1"
        [[ $status = 65 || $status = 75 ]]
        is "$output" ''
    done
}

@test "a packed result is read as well" {
    stock 85123A 6
    buy 85123A 6 "$r1" >/dev/null
    buy 85123A 6 "$r2" >/dev/null
    cat evstore/results/*.json >packed
    rm evstore/results/*.json
    mv packed evstore/results/5e.ndjson
    run -1 evresult "$r2" "$r1"
    is "$output" "$(result_failed "$r2" 85123A 6 0 out-of-stock; result_created "$r1" 85123A 6 "$o1")"
}

@test "looking changes nothing" {
    stock 85123A 6
    buy 85123A 6 "$r1" >/dev/null
    find evstore -printf '%p %m %s %T@ %C@\n' | sort >before
    evresult "$r1" >/dev/null
    run -75 evresult -w 0.01 "$r2"
    find evstore -printf '%p %m %s %T@ %C@\n' | sort | cmp before -
}

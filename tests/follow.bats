# evresult --follow: every result from now on, once, as a line of its own.
load lib

teardown() {
    # Of this signal bash says nothing.
    if [ -n "$follower" ]; then kill -s PIPE "$follower" && kill -s CONT "$follower"; fi 2>/dev/null || true
}

# follow: start to follow into a pipe; when this is back, nothing is missed any more.
follow() {
    mkfifo seen
    evresult --follow >seen 2>errors 3>&- &
    follower=$!
    exec 7<seen
    await_watches "${1:-2}"
}

# soon COMMAND...: it comes to succeed.
soon() {
    local started=$SECONDS
    until "$@" 2>/dev/null; do [ $((SECONDS - started)) -lt 150 ]; done
}

# await_watches COUNT: until it watches the store and, if there is one, results/.
await_watches() { soon watches "$1"; }
watches() {
    local file info found=0
    for file in "/proc/$follower/fdinfo"/*; do
        while read -r info; do
            [[ $info != inotify* ]] || found=$((found + 1))
        done <"$file"
    done
    [ "$found" -eq "$1" ]
}

# ends: the follower does.
ends() { soon has_ended; }
has_ended() {
    local stat
    ! read -r stat <"/proc/$follower/stat" || [[ $stat = *') Z '* ]]
}

# comes LINE...: these are seen next.
comes() {
    local line
    for line; do
        read -r -t 300 -u 7
        [ "$REPLY" = "$line" ] || is "$REPLY" "$line"
    done
}

# polled: it does, as its trace tells.
polled() { [[ -s trace && $(<trace) = *'poll('* ]]; }

# refuse REQUEST [FORM]: makes a result, and tells its line.
refuse() {
    unavailable "$1" unknown 6 0 0 unknown-product | evfail --results "${2:-files}" >told
    result_failed "$1" unknown 6 0 unknown-product
}

# number N: a request.
number() { printf '%08x-2b7f-4d3e-9c60-%012d' $(($1 % 3)) "$1"; }

@test "results that come are printed as they come, files and packed; those that are there are not" {
    stock 85123A 6
    refuse "$r1" >/dev/null
    refuse "$r2" packed >/dev/null
    follow
    comes "$(refuse "$r3")"
    comes "$(refuse "$r4" packed)"
    available "$(number 1)" 85123A 6 6 1 | evorder | evcreate >told
    comes "$(result_created "$(number 1)" 85123A 6 "$(jq -r .data.order told)")"
    # Nothing is printed again, whoever runs what again.
    for request in "$r1" "$r2" "$r3" "$r4"; do refuse "$request" packed; done >again
    comes "$(refuse "$(number 2)" packed)"
    comes "$(refuse "$(number 3)")"
    is "$(cat errors)" ''
}

@test "results/ may come later, and go" {
    stock 85123A 6
    rm -rf evstore/results
    follow 1
    comes "$(refuse "$r1")"
    rm -r evstore/results
    comes "$(refuse "$r2" packed)"
    rm -r evstore/results
    await_watches 1
    # Whole, with what is in it.
    mkdir -p made
    result_failed "$r3" unknown 6 0 unknown-product | tee "made/$r3.json"
    result_failed "$r4" unknown 6 0 unknown-product >made/5e.ndjson
    mv made evstore/results
    comes "$(refuse "$r3")" "$(refuse "$r4" packed)"
}

@test "a store of a long name is followed as any other" {
    printf -v long '%0200d/' 1 2 3 4 5 6
    export EV_STORE=$long/evstore
    mkdir -p "$long"
    stock 85123A 6
    mkdir -p "$EV_STORE/results"
    follow
    comes "$(refuse "$r1")"
}

@test "no look takes a watch away for a moment" {
    stock 85123A 6
    refuse "$r1" >/dev/null
    mkfifo seen
    strace -o trace -e trace=inotify_add_watch,poll evresult --follow >seen 2>errors 3>&- &
    exec 7<seen
    soon polled
    for i in 1 2 3; do comes "$(refuse "$(number $i)")"; done
    exec 7<&-
    refuse "$r2" >/dev/null
    wait $! || true
    [ "$(grep -c 'inotify_add_watch(.*results' trace)" -gt 3 ]
    is "$(grep 'inotify_add_watch(' trace | grep -v IN_MASK_ADD)" ''
}

@test "no store is said" {
    run -66 --separate-stderr evresult --follow
    [[ $stderr = 'evresult: '* ]]
    [ ! -e evstore ]
}

@test "what was deleted and is made again is printed again" {
    stock 85123A 6
    for request in "$r1" "$r2"; do refuse "$request" packed; done >before
    refuse "$r3" >/dev/null
    follow
    rm evstore/results/*
    comes "$(refuse "$r3")"
    comes "$(refuse "$r1" packed)"
    # To the last byte the same, at once: only the file is another.
    cp evstore/results/5e.ndjson same
    mv same evstore/results/5e.ndjson
    comes "$(result_failed "$r1" unknown 6 0 unknown-product)"
    # Cut back, and longer than it was when that is seen.
    kill -STOP "$follower"
    : >evstore/results/5e.ndjson
    { result_failed "$r2" unknown 6 0 unknown-product
      result_failed "$r4" unknown 6 0 unknown-product; } >evstore/results/5e.ndjson
    kill -CONT "$follower"
    comes "$(result_failed "$r2" unknown 6 0 unknown-product)" "$(result_failed "$r4" unknown 6 0 unknown-product)"
}

@test "a line that is not whole waits for its end; what is no result is not printed" {
    stock 85123A 6
    refuse "$r1" packed >line
    head -c -1 evstore/results/5e.ndjson >unfinished
    cp unfinished evstore/results/5e.ndjson
    follow
    echo >>evstore/results/5e.ndjson
    comes "$(cat line)"
    result_failed "$r2" unknown 6 0 unknown-product >next
    head -c 100 next >>evstore/results/5e.ndjson
    { echo '{}'; echo "{\"request\":\"$(number 1)\"}"; result_failed "$r2" unknown 6 0 unknown-product; } \
        >evstore/results/00.ndjson
    : >"evstore/results/$r3.json"
    echo '{}' >"evstore/results/$r4.json"
    result_failed "$r3" unknown 6 0 unknown-product >evstore/results/other.json
    ln -s "$r3.json" "evstore/results/$(number 4).json"
    ln -s 5e.ndjson evstore/results/01.ndjson
    comes "$(refuse "$(number 2)")"
    tail -c +101 next >>evstore/results/5e.ndjson
    comes "$(cat next)"
    # A file that is written under its name: when it is whole.
    result_failed "$r3" unknown 6 0 unknown-product >"evstore/results/$r3.json"
    comes "$(result_failed "$r3" unknown 6 0 unknown-product)"
    comes "$(refuse "$(number 6)")"
}

@test "a result that stands in a file and in a pack is printed once" {
    stock 85123A 6
    follow
    line=$(refuse "$r1")
    comes "$line"
    printf '%s\n' "$line" >>evstore/results/5e.ndjson
    comes "$(refuse "$r2" packed)"
}

@test "it ends when nobody reads any more, without a word" {
    stock 85123A 6
    follow
    comes "$(refuse "$r1")"
    exec 7<&-
    ends
    code=0
    wait "$follower" || code=$?
    [ "$code" -eq 141 ]
    is "$(cat errors)" ''
    follower=
    # So it is good in a pipe.
    for ((i = 1; i < 1000; i++)); do [ -s first ] || refuse "$(number "$i")" packed >/dev/null; done 3>&- &
    timeout 300 bash -c 'set -o pipefail; evresult --follow | head -n 1 | tee first' >out || [ $? -eq 141 ]
    wait $!
    [ "$(wc -l <out)" -eq 1 ]
}

@test "output that cannot be written is said: 74" {
    stock 85123A 6
    evresult --follow >/dev/full 2>errors 3>&- &
    follower=$!
    await_watches 2
    refuse "$r1" >/dev/null
    ends
    code=0
    wait "$follower" || code=$?
    follower=
    [ "$code" -eq 74 ]
    is "$(cat errors)" 'evresult: standard output: No space left on device'
}

@test "neither a UUID nor a time goes with it" {
    stock 85123A 6
    run -64 timeout 300 evresult --follow "$r1"
    run -64 timeout 300 evresult --follow -w 1
    run -64 timeout 300 evresult -w 1 --follow "$r1"
    run -64 timeout 300 evresult --follow --follow
    run -64 timeout 300 evresult --follow=yes
    run -64 timeout 300 evresult --foll
}

@test "it sleeps until it is woken, and looks at what there is only once" {
    need_tracing
    stock 85123A 6
    refuse "$r1" packed >/dev/null
    mkfifo seen
    strace -f -o trace evresult --follow >seen 3>&- &
    exec 7<seen
    soon polled
    follower=$(sed -n '1s/ .*//p' trace)
    asleep() {
        mapfile -t lines <trace
        [[ ${lines[-1]} = *'poll('*-1 || ${lines[-1]} = *'poll('*'-1 <unfinished'* ]]
    }
    soon asleep
    is "$(grep -c 'poll(' trace)" 1
    comes "$(refuse "$r2")"
    soon asleep
    calls=$(wc -l <trace)
    comes "$(refuse "$r3")"
    soon asleep
    [ $(($(wc -l <trace) - calls)) -lt 40 ]
}

@test "without inotify it looks again and again, and says so once" {
    need_tracing
    stock 85123A 6
    refuse "$r1" packed >/dev/null
    refuse "$r2" >/dev/null
    # Whoever stamps files has a coarse clock: what is there must be older by its measure.
    mark=$(date +%s%N)
    until touch tick && [ "$(date -r tick +%s%N)" -gt "$mark" ]; do :; done
    for fault in inotify_init1:error=EMFILE inotify_add_watch:error=ENOSPC; do
        rm -f seen trace
        mkfifo seen
        strace -f -o trace -e trace=inotify_init1,inotify_add_watch,poll -e inject="$fault" \
            evresult --follow >seen 2>errors 3>&- &
        exec 7<seen
        soon polled
        follower=$(sed -n '1s/ .*//p' trace)
        for form in files packed files; do
            n=$((n + 1))
            comes "$(refuse "$(number "$n")" "$form")"
        done
        # Where nothing new was named for long, but a pack grows.
        touch -d yesterday evstore/results
        n=$((n + 3))
        comes "$(refuse "$(number "$((n - 1))")" packed)"
        rm -r evstore/results
        comes "$(refuse "$r2")"
        comes "$(refuse "$r1" packed)"
        exec 7<&-
        ends
        wait $! || true
        [ "$(wc -l <errors)" -eq 1 ]
        [[ $(cat errors) = 'evresult: '*' 10 ms'* ]]
    done
}

@test "nothing is lost, and nothing printed twice, when more comes than the system keeps events of" {
    events=$(cat /proc/sys/fs/inotify/max_queued_events)
    [ "$events" -le 20000 ] || skip 'it keeps too many'
    stock 85123A 6
    many() {
        awk -v n="$1" -v last="$2" 'BEGIN { for (; n <= last; n++) printf("{\"product\":\"unknown\",\"quantity\":1," \
            "\"request\":\"0%d000000-0000-4000-8000-%012d\"}\n", n % 3, n) }' | evbuy | evtask | evcheck
    }
    many 1 100 | evfail >told
    follow
    many 101 200 >some
    evfail <some >told
    for i in {1..100}; do read -r -t 300 -u 7 && printf '%s\n' "$REPLY"; done >lines
    kill -STOP "$follower"
    # Each makes an event or more.
    many 201 $((events + 1000)) >rest
    evfail <rest >told
    many $((events + 1001)) $((events + 1100)) >packed
    evfail --results packed <packed >told
    kill -CONT "$follower"
    count=$(($(wc -l <rest) + $(wc -l <packed)))
    timeout 300 head -n $count <&7 >>lines
    comes "$(refuse "$r1")"
    cat some rest packed | jq -r .correlationid | sort >expected
    jq -r .request lines | sort | cmp expected -
}

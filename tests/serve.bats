# Services that read the store's topics: --serve, --drain, groups and their offsets.
load lib
load served

# -- serving ---------------------------------------------------------------------------

@test "five services, started before the store exists, carry a request to its result" {
    serve_all
    stock 85123A 10
    run -0 evbuy -s -u "$r1" 85123A 6
    is "$output" "$r1"
    run -0 evresult -w 300 "$r1"
    is "$output" "$(result_created "$r1" 85123A 6 "$o1")"
    evbuy -s -u "$r2" 85123A 5
    run -1 evresult -w 300 "$r2"
    is "$output" "$(result_failed "$r2" 85123A 5 4 insufficient-stock)"
    stop TERM "${pids[@]}"
    all_read
    [ "$(at evtask) $(at evfail)" = '2 1' ]
    is "$(cat ./*.errors)" ''
    nothing_dead
    is "$(lines order.created)" "$(created "$r1" 85123A 6 "$o1")"
    is "$(lines order.failed)" "$(failed "$r2" 85123A 5 4 insufficient-stock)"
    audited
}

# replaced FILE: by its own bytes, as who puts a copy back does it.
replaced() { cp -p "$1" again && mv again "$1"; }

@test "what is put in the place of a journal, the orders or a segment is gone on with" {
    stock 85123A 3
    serve_all
    # seen N: the outcome of the purchase of one piece by the N-th request.
    seen() { evbuy -s -u "${r1%?}$1" 85123A 1 >told && evresult -w 300 "${r1%?}$1" | jq -r .status; }
    is "$(seen 1)" created
    for file in evstore/journal/* evstore/orders.ndjson evstore/topics/*/0/*.ndjson; do replaced "$file"; done
    is "$(seen 2)" created
    # Behind damage, too.
    cp evstore/journal/85123A.ndjson good
    sed -i 's/"quantity":3/"quantity":9/' evstore/journal/85123A.ndjson
    evbuy -s -u "${r1%?}3" 85123A 1
    eventually [ -s evstore/dead/evcheck.ndjson ]
    mv good evstore/journal/85123A.ndjson
    is "$(seen 4)" created
    is "$(seen 5)" failed
    rm evstore/journal/85123A.ndjson
    run seen 6
    is "$output" failed
    stop TERM "${pids[@]}"
    is "$(evreplay 85123A | jq -c '[.available, .refused]')" '[0,1]'
    [ "$(wc -l <evstore/orders.ndjson)" -eq 3 ]
    [ "$(lines order.created | wc -l)" -eq 3 ]
}

@test "SIGINT and SIGTERM end a service with 0, whether it has work or not" {
    stock 85123A 10
    for signal in INT TERM; do
        # Background jobs of a shell ignore SIGINT.
        for service in "${services[@]}"; do background env --default-signal=INT "$service" --serve; done
        evbuy -s 85123A 1 >request
        evresult -w 300 "$(cat request)" >/dev/null
        stop "$signal" "${pids[@]}"
        pids=()
        all_read
    done
}

@test "told to stop, a service finishes the batch in hand and keeps its offset" {
    mkfifo out
    purchases 1 2000 | evbuy -s >told
    exec 9<>out
    serve evtask -o out
    # More than a pipe holds: it is in the middle of writing now.
    read -r first <&9
    kill -TERM "$pid"
    { echo "$first"; head -n 1999 <&9; } >checks
    wait "$pid"
    exec 9>&-
    [ "$(jq -r .correlationid checks | cmp - told && echo same)" = same ]
    [ "$(at evtask)" = 2000 ]
}

# still PID...: none of them has run since we looked last.
still() {
    local before=$switches
    local -a status=("${@/#//proc/}")
    switches=$(exec grep ctxt_switches "${status[@]/%//status}")
    [ "$switches" = "$before" ] || ! sleep 0.1
}

# silent PID...: none of them makes a system call while we look.
silent() {
    # shellcheck disable=SC2046 # words
    background strace -o calls -e signal=none $(printf -- '-p %s ' "$@") 2>attached
    local tracer=$pid
    until [ "$(grep -c ' attached' attached)" -eq $# ]; do pause; done
    sleep 1.5                           # the one wait that measures: nothing happens in it
    kill -INT "$tracer"
    wait "$tracer" || true
    # What each was in when we came, and left when we went: waiting.
    [ "$(wc -l <calls)" -le $# ]
    run -1 grep -v ' \(restart_syscall\|poll\|ppoll\)(.* <\(detached\|unfinished\) ...>$' calls
}

@test "services that have nothing to do make no system call, and are woken" {
    need_tracing
    stock 85123A 10
    serve_all
    evbuy -s 85123A 1 >request
    evresult -w 300 "$(cat request)" >/dev/null
    eventually all_read
    # After its offset each looks once more.
    eventually still "${pids[@]}"
    silent "${pids[@]}"
    evbuy -s 85123A 1 >request
    run -0 evresult -w 300 "$(cat request)"
}

@test "without inotify, or without watches, a service says so once and works" {
    need_tracing
    stock 85123A 10
    for call in inotify_init1:error=EMFILE inotify_add_watch:error=ENOSPC; do
        for service in "${services[@]}"; do
            background strace -f -o /dev/null -e trace="${call%%:*}" -e inject="$call" "$service" --serve 2>"$service.errors"
        done
        for n in 1 2; do
            evbuy -s 85123A 1 >request
            run -0 evresult -w 300 "$(cat request)"
        done
        for service in "${services[@]}"; do
            [ "$(grep -c 'cannot be woken, so looking every 10 ms: ' "$service.errors")" = 1 ]
            [ "$(wc -l <"$service.errors")" = 1 ]
        done
        for pid in "${pids[@]}"; do
            pkill -TERM -P "$pid"
            wait "$pid"
        done
        pids=()
        all_read
    done
}

@test "a service that could not be told to stop does not start: 74" {
    need_tracing
    run -74 strace -f -o /dev/null -e trace=signalfd4 -e inject=signalfd4:error=EMFILE timeout -s KILL 300 evtask --serve
    is "$output" 'evtask: cannot wait for signals: Too many open files'
}

# -- draining --------------------------------------------------------------------------

@test "drain does the same work and ends when nothing is left" {
    stock 85123A 10
    evbuy -s -u "$r1" 85123A 6
    evbuy -s -u "$r2" 85123A 6
    run -0 drain_all
    is "$output" ''
    all_read
    evresult "$r1" "$r2" >results || [ $? -eq 1 ]
    holds results "$(result_created "$r1" 85123A 6 "$o1"; result_failed "$r2" 85123A 6 4 insufficient-stock)"
    content | grep -v '\.lock$' >before
    run -0 drain_all
    content | grep -v '\.lock$' | cmp before -
}

@test "drain on a store that is missing makes nothing" {
    for service in "${services[@]}"; do
        run -0 "$service" --drain
        is "$output" ''
    done
    [ ! -e evstore ]
    stock 85123A 1
    find evstore | sort >before
    run -0 drain_all
    find evstore | sort | cmp before -
}

@test "what is put aside makes drain end with 65, the next time with 0" {
    { echo bad; wanted "$r1" 85123A 6; } | evtopic publish purchase.requested
    run -65 evtask --drain
    is "$output" "evtask: @purchase.requested/0:0: not JSON: invalid token near 'bad'"
    [ "$(dead evtask)" = 1 ]
    [ "$(jq -c '[.topic, .group, .lane, .offset, .line, .place]' evstore/dead/evtask.ndjson)" = \
        '["purchase.requested","evtask",0,0,"bad","@purchase.requested/0:0"]' ]
    run -0 evtask --drain
    amount stockcheck.requested 1
    # Read once more it is not put aside once more.
    rm -r evstore/topics/purchase.requested/groups
    run -0 evtask --drain
    is "$output" ''
    [ "$(dead evtask) $(lines stockcheck.requested | wc -l)" = '1 2' ]
    # But by another group, and from another place.
    run -65 evtask --drain -g other
    [ "$(dead evtask)" = 2 ]
    echo bad | evtopic publish purchase.requested
    run -65 evtask --drain
    [ "$(dead evtask) $(at evtask)" = '3 3' ]
}

@test "serving ends with 0 whatever was put aside" {
    { echo bad; wanted "$r1" 85123A 6; } | evtopic publish purchase.requested
    serve evtask
    eventually has stockcheck.requested "$r1"
    stop TERM "$pid"
    [ "$(dead evtask)" = 1 ]
    [[ $(cat evtask.errors) = 'evtask: @purchase.requested/0:0: not JSON'* ]]
}

@test "a letter that was cut off is no letter: its line is put aside again" {
    for n in {1..400}; do printf '%s\n' '{"quote\"}' bad; done | evtopic publish purchase.requested
    run -65 evtask --drain
    # Each other letter is cut off, another at each byte; then somebody else ended the line and added one of his own.
    cp evstore/dead/evtask.ndjson letters
    awk 'NR % 2 == 0 { print; next }
        { print >"first"; print substr($0, 1, 1 + int(NR / 2) % (length($0) - 1)) }
        int(NR / 2) == length($0) { all = 1 }
        END { exit !all }' letters >evstore/dead/evtask.ndjson
    cat evstore/dead/evtask.ndjson first >expected
    rm -r evstore/topics/purchase.requested/groups
    run -65 evtask --drain
    cmp expected evstore/dead/evtask.ndjson
    [ "${#lines[@]}" = 400 ]
    [ "$(sed 's/.*requested\/0:\([0-9]*\): .*/\1/' <<<"$output")" = "$(seq 0 2 798)" ]
}

# -- groups ----------------------------------------------------------------------------

@test "each group sees every message, whenever it comes" {
    evbuy -s -u "$r1" 85123A 1
    evtask -i @purchase.requested -g early -o early
    evbuy -s -u "$r2" 85123A 2
    evtask -i @purchase.requested -g early -o early
    evtask -i @purchase.requested -g late -o late
    evtask --drain
    holds early "$(to_check "$r1" 85123A 1; to_check "$r2" 85123A 2)"
    cmp early late
    cmp early <(lines stockcheck.requested)
    [ "$(at evtask 0 early) $(at evtask 0 late) $(at evtask)" = '2 2 2' ]
}

@test "an offset is a line that a person can read, with a sum" {
    evbuy -s -u "$r1" 85123A 1
    evtask --drain
    file=evstore/topics/purchase.requested/groups/evtask/0.offset
    [ "$(wc -l <$file) $(wc -c <$file)" = '1 256' ]
    [ "$(jq -c '[.offset, .segment, .bytes, .time]' $file)" = "[1,0,$(lines purchase.requested | wc -c),\"$now\"]" ]
    sed -E 's/ *$//' $file >line
    chained line
}

# handled_again WHAT-WAS-SAID: by every service, and nothing is another than before.
handled_again() {
    local service
    outcomes | grep -v '^topics/\| topics/\|/topics/' >before
    lines order.created | sort -u >created.before
    "$1"
    for service in "${services[@]}"; do
        run -0 "$service" --drain
        # shellcheck disable=SC2053 # a pattern
        [[ $output = $2 ]]
        eventually read_all "$service"
    done
    outcomes | grep -v '^topics/\| topics/\|/topics/' | cmp before -
    lines order.created | sort -u | cmp created.before -
}

filled() {
    stock 85123A 10
    evbuy -s -u "$r1" 85123A 6
    evbuy -s -u "$r2" 85123A 6
    drain_all
    amount order.created 1
}

damage_both() {
    flipped evstore/topics/*/groups/*/0.{offset,lock}
}

@test "a flipped digit is noticed, and everything is handled again without a change" {
    filled
    handled_again damage_both '*: lane 0: the offset of the group is damaged; going on at 0'
    # And said once: it is put right.
    run -0 drain_all
    is "$output" ''
    [ "$(lines order.created | wc -l)" -gt 1 ]
}

delete_both() { rm evstore/topics/*/groups/*/0.{offset,lock}; }
delete_groups() { rm -r evstore/topics/*/groups; }

@test "deleted offsets, or groups: everything is handled again without a change" {
    filled
    handled_again delete_both ''
    [ "$(lines order.created | wc -l)" -gt 1 ]
    handled_again delete_groups ''
    audited
}

@test "an offset file that is damaged or gone while the lock's record is good is told and put right" {
    filled
    file=evstore/topics/purchase.requested/groups/evtask/0.offset
    flipped $file
    run -0 evtask --drain
    is "$output" 'evtask: @purchase.requested: lane 0: the offset file of the group is damaged; its lock file says 2'
    [ "$(at evtask)" = 2 ]
    sed -E 's/ *$//' $file >line
    chained line
    rm $file
    run -0 evtask --drain
    [ "$(at evtask)" = 2 ]
    amount stockcheck.requested 2
}

@test "an offset beyond the end of its lane is told and put right" {
    filled
    group=evstore/topics/purchase.requested/groups/evtask
    moved $group/0.offset 17
    sed -i 's/"bytes":[0-9]*/"bytes":99999/' $group/0.offset
    moved $group/0.offset 17
    rm $group/0.lock
    run -0 evtask --drain
    is "$output" 'evtask: @purchase.requested: lane 0: at 17, but the lane ends at 2; going on at 0'
    [ "$(at evtask) $(lines stockcheck.requested | wc -l)" = '2 4' ]
    run -0 evtask --drain
    is "$output" ''
    evbuy -s -u "$r3" 85123A 1
    run -0 evtask --drain
    [ "$(at evtask) $(lines stockcheck.requested | wc -l)" = '3 5' ]
}

@test "a lane that lost its end and has grown since is read again: nothing is skipped" {
    filled
    rm evstore/topics/purchase.requested/0.end
    lane=evstore/topics/purchase.requested/0/00000000000000000000.ndjson
    { sed 1q $lane; wanted "$r3" "$(printf '%080d' 7)" 1; wanted "$r4" 85123A 1; } >grown
    cat grown >$lane
    run -0 evtask --drain
    is "$output" 'evtask: @purchase.requested: lane 0: at 2, but the messages before that are others by now; going on at 0'
    [ "$(at evtask)" = 3 ]
    lines stockcheck.requested | jq -r .correlationid >asked
    grep -qx "$r3" asked && grep -qx "$r4" asked
    run -0 evtask --drain
    is "$output" ''
}

@test "messages of more types than files may be open are passed on, each to its topic" {
    for n in {1..120}; do
        printf '{"specversion":"1.0","id":"%d","source":"/x","type":"other.t%d","data":{}}\n' "$n" "$n"
    done >others
    evtopic publish purchase.requested <others
    evtopic publish purchase.requested <others
    (ulimit -n 128 && evtask --drain)
    for n in {1..120}; do
        sed -n "${n}p;${n}p" others | cmp - "evstore/topics/other.t$n/0/00000000000000000000.ndjson"
    done
    [ "$(at evtask)" = 240 ]
}

# letters COMMAND COUNT: it has put so many aside, or more.
letters() { [ -s "evstore/dead/$1.ndjson" ] && [ "$(wc -l <"evstore/dead/$1.ndjson")" -ge "$2" ]; }

@test "whoever waits for a reader of standard error keeps nobody from a journal, and has kept what it tells" {
    mkfifo unread
    exec 8<>unread
    { printf '{"action":"add","product":"85123A","quantity":1}\n'
      printf '{"action":"remove","product":"85123A","quantity":9}%.0s\n' {1..3000}; } >changes
    background bash -c 'exec evstock <changes >done 2>unread'
    eventually letters evstock 1000
    run -0 timeout 300 evstock add 85123A 1
    [ "$(evreplay 85123A | jq .available)" = 2 ]
    kill -0 "$pid"              # it waits
    kill -TERM "$pid"
    run -143 wait "$pid"
}

@test "who cannot tell of a line, because the reader of standard error is gone, has kept it and goes on behind it" {
    good=$(wanted "$r1" 85123A 1; wanted "$r2" 85123A 1)
    printf '%s\nbad\n%s\n' "${good%$'\n'*}" "${good#*$'\n'}" | evtopic publish purchase.requested
    exec 8> >(exec true)
    wait $!
    code=0; evtask --drain 2>&8 || code=$?
    [ "$code" -eq 141 ]
    [ "$(dead evtask)" -eq 1 ]
    evtask --drain 2>&8
    [ "$(dead evtask)" -eq 1 ]
    amount stockcheck.requested 2
}

@test "letters are put aside once, whatever becomes of others under a running service" {
    for n in 1 2 3 4; do echo "bad$n"; done | evtopic publish purchase.requested
    serve evtask
    letters=evstore/dead/evtask.ndjson
    # Each time all is read again one letter is gone, and made again behind the others.
    whole() { [ "$(at evtask) $(jq -r .offset $letters | sort -u | wc -l)" = '4 4' ]; }
    for n in 1 2 3; do
        eventually whole
        [ "$(wc -l <$letters)" -eq 4 ]
        sed 2d $letters >others
        cat others >$letters
        evtopic seek evtask purchase.requested first >told
    done
    eventually whole
    [ "$(wc -l <$letters)" -eq 4 ]
    stop TERM "${pids[@]}"
}

@test "a lane that was put back from a copy and has grown since is read again, however long its messages are" {
    bought() { seq -f '{"product":"85123A","quantity":1,"request":"5e8a4c1d-2b7f-4d3e-9c60-%012.0f"}' "$1" "$2" | evbuy -s >told; }
    lane=evstore/topics/purchase.requested/0
    # Between two runs of a worker, and while one runs.
    bought 1 2
    cp -r $lane copy
    bought 3 4
    evtask --drain
    rm -r $lane
    cp -r copy $lane
    bought 5 8
    run -0 evtask --drain
    is "$output" 'evtask: @purchase.requested: lane 0: at 4, but the messages before that are others by now; going on at 0'
    lines stockcheck.requested | jq -r '.correlationid[-1:]' | tail -n 6 | diff - <(printf '%s\n' 1 2 5 6 7 8)
    run -0 evtask --drain
    is "$output" ''
    # Also where the group comes to where it was, for when the system starts again.
    rm -r $lane
    cp -r copy $lane
    bought 5 8
    run -0 evtask --drain
    is "$output" ''
    rm -r $lane
    cp -r copy $lane
    bought 9 12
    run -65 evaudit
    [[ $output = *'/0.offset:1: at message 6, but the messages before it are others'* ]]
    run -0 evtask --drain
    is "$output" 'evtask: @purchase.requested: lane 0: at 6, but the messages before that are others by now; going on at 0'
    rm evstore/topics/purchase.requested/groups/evtask/0.lock
    run -0 evtask --drain
    is "$output" ''
    count=$(lines stockcheck.requested | wc -l)
    serve evtask
    bought 13 13
    asked() { [ "$(lines stockcheck.requested | wc -l)" -eq "$1" ]; }
    eventually asked $((count + 1))
    { cat copy/*.ndjson; for n in {1..7}; do tail -n 1 $lane/*.ndjson; done; } >grown
    rm $lane.end
    mv grown "$(echo $lane/*.ndjson)"
    eventually asked $((count + 10))
    is "$(cat evtask.errors)" 'evtask: @purchase.requested: lane 0: at 7, but the messages before that are others by now; going on at 0'
    stop TERM "${pids[@]}"
}

@test "an offset of another run of the system counts without its lock file's" {
    filled
    group=evstore/topics/purchase.requested/groups/evtask
    sed -i -E 's/"boot":"[0-9a-f]{8}/"boot":"00000000/' $group/0.lock
    moved $group/0.lock 0
    run -0 evtask --drain
    is "$output" ''
    [ "$(at evtask) $(lines stockcheck.requested | wc -l)" = '2 2' ]
}

# -- on the way in and out -------------------------------------------------------------

@test "a topic is read and written by the names of the original design" {
    stock 85123A 10
    evbuy -u "$r1" -o @TOPIC-1 85123A 6
    evbuy -u "$r2" -o @TOPIC-1 85123A 60
    evtask -i @TOPIC-1 -o @TOPIC-2
    evcheck -i @TOPIC-2 -o @TOPIC-3 -r @TOPIC-4
    evorder -i @TOPIC-3 -o @TOPIC-5 -r @TOPIC-4
    evfail -i @TOPIC-4 -o failed
    evcreate -i @TOPIC-5 -o created
    holds failed "$(failed "$r2" 85123A 60 10 insufficient-stock)"
    holds created "$(created "$r1" 85123A 6 "$o1")"
    [ "$(cd evstore/topics && echo *)" = \
        'order.requested purchase.requested stock.available stock.unavailable stockcheck.requested' ]
    is "$(lines stock.available)" "$(available "$r1" 85123A 6 10 1)"
    all_read
}

@test "a file's lines go to a topic, a topic's to a file" {
    wanted "$r1" 85123A 6 >in
    evtask -i in -o @anything
    evcheck -i @anything -o out -r refused
    is "$(lines anything)" "$(to_check "$r1" 85123A 6)"
    holds refused "$(unavailable "$r1" 85123A 6 0 0 unknown-product)"
    [ ! -s out ]
    # Passed on as it is, also without any destination of its own.
    run -0 evorder -i @anything -g second
    is "$output" "$(to_check "$r1" 85123A 6)"
}

@test "a topic that is missing is no input: 66, and nothing is made" {
    stock 85123A 1
    find evstore | sort >before
    run -66 evtask -i @missing -o @other
    is "$output" 'evtask: @missing: no such topic'
    run -66 evtask -i @missing -o file
    find evstore | sort | cmp before -
    [ ! -e file ]
    rm -r evstore
    run -66 evtask -i @purchase.requested -o @other
    [ ! -e evstore ]
}

@test "misuse is refused, and nothing is made" {
    touch in
    for line in '--serve --drain' '--drain --serve' '-g group' '-g group -i in' '--serve -i in' '--drain -i -' \
        '--serve -g BAD' '--serve -g .bad' '--drain -g a/b' '-i @BAD' '-i @' '-o @' '-o @-x' '-o @a/b' '--dead @..' \
        '-i @a -g' "--serve -g $(printf 'x%.0s' {1..81})" '--serve one' \
        '--serve -i @a -o @a' '--drain -o @TOPIC-1' '--serve -o @purchase.requested' '--serve --dead @TOPIC-1'; do
        # shellcheck disable=SC2086 # words
        run -64 timeout 300 evtask $line
        [[ $output = evtask:* ]]
        [ ! -e evstore ]
    done
    stock 85123A 1
    evbuy -s 85123A 1
    run -64 evtask -i @TOPIC-1 -o @purchase.requested
    [ ! -e evstore/topics/purchase.requested/groups ]
    run -64 evcheck --serve -r @stockcheck.requested
    [ ! -e evstore/topics/stockcheck.requested ]
}

@test "something else by the name of a topic, or of a lane, is told: 65" {
    stock 85123A 1
    mkdir -p evstore/topics
    touch evstore/topics/purchase.requested
    for command in 'evtask --drain' 'evtask --serve' 'evtask -i @TOPIC-1' 'evbuy -s 85123A 1'; do
        # shellcheck disable=SC2086 # words
        run -65 $command
        [[ $output = *'evstore/topics/purchase.requested: not a directory' ]]
    done
    rm evstore/topics/purchase.requested
    mkdir evstore/topics/purchase.requested
    ln -s /tmp evstore/topics/purchase.requested/0
    run -65 evbuy -s 85123A 1
    [[ $output = evbuy:* ]]
    run -65 evtask --drain
    rm evstore/topics/purchase.requested/0
    evbuy -s 85123A 1
    segment=$(echo evstore/topics/purchase.requested/0/*.ndjson)
    rm "$segment"
    mkdir "$segment"
    for command in 'evtask --drain' 'evtopic cat purchase.requested' 'evbuy -s 85123A 1'; do
        # shellcheck disable=SC2086 # words
        run -65 $command
        [[ $output = "${command%% *}:"* ]]
    done
}

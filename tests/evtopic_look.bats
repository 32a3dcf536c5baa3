# evtopic list, lag, check and cat: looking at topics, which changes nothing.
# Each test is a subshell of its own.
# shellcheck disable=SC2030,SC2031
load lib

# lanes TOPIC ...: see topic_lanes.py.
lanes() { python3 "$tests/topic_lanes.py" "$@"; }

# messages FIRST LAST [MINUTE]: messages about 8 products, a second after each other.
messages() {
    awk -v n="$1" -v last="$2" -v minute="${3:-00}" 'BEGIN { for (; n <= last; n++) {
        printf("{\"specversion\":\"1.0\",\"id\":\"5e8a4c1d-2b7f-4d3e-9c60-%012d/purchase.requested\",", n)
        printf("\"source\":\"/eventdemo/evbuy\",\"type\":\"purchase.requested\",\"subject\":\"P%d\",", n % 8)
        printf("\"time\":\"2026-01-31T09:%s:%02d.000000Z\",", minute, n % 60)
        printf("\"correlationid\":\"5e8a4c1d-2b7f-4d3e-9c60-%012d\",\"data\":{\"quantity\":1}}\n", n)
    } }'
}

# hostile: lines that are nothing of ours.
hostile() {
    printf 'not JSON\n\n\xff\xfe\xc3\n\0\0\n{"subject":"P1"}\n{"subject":"P2","time":"2026-01-31T09:00:30.000000Z"}\n'
    printf '\r\n \n"\\\n{"time":"2026-01-31T09:00:10.000000Z","subject":"P3"\n'
    head -c 100000 /dev/zero | tr '\0' x
    printf '\n{"subject":"P4","time":"2026-01-31T09:05:00.000000Z","pad":"'
    head -c 100000 /dev/zero | tr '\0' y
    printf '"}\n'
}

# mixed SEED: messages with times that fall and rise, and hostile lines among them.
mixed() {
    { messages 1 300; messages 301 500 02; messages 501 700 01; hostile; hostile; } >plain
    python3 -c 'import random, sys
lines = open("plain", "rb").read().split(b"\n")[:-1]
random.Random(int(sys.argv[1])).shuffle(lines)
sys.stdout.buffer.write(b"".join(line + b"\n" for line in lines))' "$1"
}

# files: every file and directory of the store, what is in it, and when it was changed.
files() { find evstore -printf '%p %y %s %T@ %C@\n' | sort; }

# follow TOPIC...: cat -f in the background, to descriptor 7; its messages in `told`.
follow() {
    exec 7< <(exec timeout 300 evtopic cat -f "$@" 2>told 3>&-)
    follower=$!
}

# ends STATUS PROCESS: a process in the background ends with this status.
ends() {
    local status=0
    wait "$2" || status=$?
    [ "$status" = "$1" ]
}

# next N: the lines that it prints next.
next() {
    local line
    for ((i = 0; i < $1; i++)); do
        IFS= read -r -t 300 -u 7 line || return
        printf '%s\n' "$line"
    done
}

# -- list ------------------------------------------------------------------------------

@test "list: what each topic holds, and who reads it" {
    messages 1 3 | evtopic publish purchase.requested
    lanes t layout 4 4096
    messages 1 100 >in
    evtopic publish t <in
    evtask --drain
    evtask -i @purchase.requested -g other >out
    run -0 --separate-stderr evtopic list
    is "$output" "topic                 lanes  messages  bytes  groups
purchase.requested        1         3    $(messages 1 3 | wc -c)  evtask,other
stockcheck.requested      1         3   $(wc -c <out)  -
t                         4       100  $(wc -c <in)  -"
    [ "$stderr" = '' ]
    run -0 evtopic list --json
    is "$output" '{"topic":"purchase.requested","lanes":1,"messages":3,"bytes":'"$(messages 1 3 | wc -c)"',"groups":["evtask","other"]}
{"topic":"stockcheck.requested","lanes":1,"messages":3,"bytes":'"$(wc -c <out)"',"groups":[]}
{"topic":"t","lanes":4,"messages":100,"bytes":'"$(wc -c <in)"',"groups":[]}'
}

@test "list, lag: what was removed does not count, nor a line that is not finished" {
    lanes t layout 1 4096
    messages 1 100 | evtopic publish t
    first=$(find evstore/topics/t/0 -name '*.ndjson' -printf '%f\n' | sort | sed -n 2p)
    rm evstore/topics/t/0/00000000000000000000.ndjson
    last=$(find evstore/topics/t/0 -name '*.ndjson' | sort | tail -n 1)
    printf 'unfinished' >>"$last"
    mkdir -p evstore/topics/t/groups/g
    kept=$((100 - 10#${first%.ndjson}))
    [ "$kept" -lt 100 ]
    # A group that has read less than what is kept begins there, too.
    mkdir -p evstore/topics/t/groups/late
    echo '{"offset":1,"segment":0,"bytes":280,"pid":1,"boot":"'"$r1"'","time":"'"$now"'","rate":0}' |
        summed >evstore/topics/t/groups/late/0.offset
    for hint in there gone; do
        run -0 evtopic list --json
        [ "$(jq .messages <<<"$output")" = "$kept" ]
        run -0 evtopic lag --json
        is "$(jq -c '[.group, .offset, .end, .behind]' <<<"$output")" \
            "[\"g\",$((100 - kept)),100,$kept]"$'\n'"[\"late\",$((100 - kept)),100,$kept]"
        rm -f evstore/topics/t/0.end
    done
}

@test "a store without topics has none; one that is missing is said to be by who looks, and else is empty" {
    run -66 --separate-stderr evtopic list
    [ "$output" = '' ]
    [ "$stderr" = 'evtopic: ./evstore: no such store' ]
    for command in lag 'check --lag 1s' 'check --dead 1' 'cat t'; do
        # shellcheck disable=SC2086 # two words
        run -66 evtopic $command
    done
    [ ! -e evstore ]
    run -0 evtopic redrive evtask
    [ "$output" = '0 messages from dead/evtask.ndjson' ]
    for command in 'seek g t first' 'trim t'; do
        # shellcheck disable=SC2086 # words
        run -66 evtopic $command
        [ "$output" = 'evtopic: @t: no such topic' ]
    done
    [ ! -e evstore ]
    stock 85123A 1
    run -0 evtopic list
    [ "$output" = 'topic  lanes  messages  bytes  groups' ]
    run -0 evtopic list --json
    [ "$output" = '' ]
    run -0 evtopic lag --json
    [ "$output" = '' ]
    run -66 --separate-stderr evtopic cat t
    [ "$stderr" = 'evtopic: @t: no such topic' ]
}

@test "list, lag: what is no topic and no group is passed over; a damaged topic does not hide the others" {
    messages 1 3 | evtopic publish t
    messages 1 3 | evtopic publish u
    mkdir -p evstore/topics/{.hidden,-t,T} evstore/topics/t/groups/g evstore/topics/u/groups/{g,G,-g}
    touch evstore/topics/file evstore/topics/u/groups/file
    lanes t layout 2 4096
    sed -i 's/"lanes":2/"lanes":3/' evstore/topics/t/lanes
    run -65 --separate-stderr evtopic list --json
    [ "$(jq -c '[.topic, .groups]' <<<"$output")" = '["u",["g"]]' ]
    [ "$stderr" = 'evtopic: ./evstore/topics/t/lanes: damaged' ]
    run -65 --separate-stderr evtopic lag --json
    [ "$(jq -c '[.topic, .group, .behind]' <<<"$output")" = '["u","g",3]' ]
    run -65 --separate-stderr evtopic check --lag 1d
    [ "$output" = 'unknown: not everything could be looked at' ]
}

# -- lag -------------------------------------------------------------------------------

@test "lag: messages and seconds behind, rate and time to empty, for each lane" {
    lanes purchase.requested layout 2 65536
    at=$earlier wanted "$r1" 85123A 1 | evtopic publish purchase.requested
    evtask --drain
    { at=2026-01-31T09:29:00.500000Z wanted "$r2" 85123A 1; at=$now wanted "$r3" 85123A 1; } |
        evtopic publish purchase.requested
    lane=$(basename "$(dirname "$(echo evstore/topics/purchase.requested/?/*.ndjson)")")
    # Of the other lane nobody has made a record, nor of the group `new` anything.
    mkdir evstore/topics/purchase.requested/groups/new
    run -0 --separate-stderr evtopic lag --json
    is "$(jq -c 'del(.rate, .seconds_to_empty)' <<<"$output")" "$(
        for group in evtask new; do
            for l in 0 1; do
                [ "$l" = "$lane" ] && [ $group = evtask ] && numbers='"offset":1,"end":3,"behind":2,"seconds_behind":59'
                [ "$l" = "$lane" ] && [ $group = new ] && numbers='"offset":0,"end":3,"behind":3,"seconds_behind":1800'
                [ "$l" = "$lane" ] || numbers='"offset":0,"end":0,"behind":0,"seconds_behind":0'
                echo '{"topic":"purchase.requested","group":"'$group'","lane":'$l,"$numbers}"
            done
        done)"
    # The clock stands still: the rate is from just now, and what the record says.
    rate=$(sed 's/.*"rate":\([0-9]*\).*/\1/' "evstore/topics/purchase.requested/groups/evtask/$lane.offset")
    [ "$rate" -gt 0 ]
    rated() { jq -c "select(.group == \"$1\" and .lane == $lane) | [.rate, .seconds_to_empty]" <<<"$output"; }
    [ "$(rated evtask)" = "[$rate,$(((2 + rate - 1) / rate))]" ]
    [ "$(rated new)" = '[0,null]' ]
    # A rate of longer ago is none.
    EV_NOW=2026-01-31T09:30:10.123456Z run -0 evtopic lag --json
    [ "$(rated evtask)" = "[$rate,$(((2 + rate - 1) / rate))]" ]
    EV_NOW=2026-01-31T09:30:10.123457Z run -0 evtopic lag --json
    [ "$(rated evtask)" = '[0,null]' ]
    EV_NOW=2026-01-31T09:30:30.500000Z run -0 evtopic lag
    is "$(grep -v new <<<"$output")" "$(
        echo 'topic               group   lane  messages  seconds  messages   seconds'
        echo '                                    behind   behind  a second  to empty'
        for l in 0 1; do
            if [ "$l" = "$lane" ]; then numbers='2       90'; else numbers='0        0'; fi
            echo "purchase.requested  evtask     $l         $numbers         0         -"
        done)"
}

@test "lag: the place is where the group is now, and in another run of the system where it was for sure" {
    messages 1 5 | evtopic publish purchase.requested
    evtask --drain
    cd evstore/topics/purchase.requested/groups/evtask
    # As if a worker had gone back, and not settled.
    sed -E 's/"offset":5,"segment":0,"bytes":[0-9]*/"offset":2,"segment":0,"bytes":0/; s/,"sum.*/}/' 0.lock >moved
    summed <moved >0.lock
    run -0 evtopic lag --json -d "$OLDPWD/evstore"
    [ "$(jq -c '[.offset, .behind]' <<<"$output")" = '[2,3]' ]
    sed -E 's/"boot":"[^"]*"/"boot":"00000000-0000-4000-8000-000000000000"/; s/,"sum.*/}/' 0.lock >moved
    summed <moved >0.lock
    run -0 evtopic lag --json -d "$OLDPWD/evstore"
    [ "$(jq -c '[.offset, .behind]' <<<"$output")" = '[5,0]' ]
    rm 0.lock 0.offset
    run -0 evtopic lag --json -d "$OLDPWD/evstore"
    [ "$(jq -c '[.offset, .behind]' <<<"$output")" = '[0,5]' ]
}

@test "lag: a message that tells no time, or is too long, is of an unknown age" {
    mkdir -p evstore/topics/t/groups/g
    stock 85123A 1
    for line in 'no message' '' '{"time":"yesterday"}'; do
        rm -rf evstore/topics/t/0
        { echo "$line"; at=$earlier wanted "$r1" 85123A 1; } | evtopic publish t
        run -0 evtopic lag --json
        [ "$(jq -c '[.behind, .seconds_behind]' <<<"$output")" = '[2,null]' ]
        run -0 evtopic lag
        [[ ${lines[2]} =~ ^t\ +g\ +0\ +2\ +-\ +0\ +-$ ]]
        run -1 evtopic check --lag 1d
        [ "$output" = 'late: g on t is behind at a message without a time (limit 86400 s)' ]
    done
    rm -rf evstore/topics/t/0
    hostile | tail -n 1 | evtopic publish t
    run -0 evtopic lag --json
    [ "$(jq -c '[.behind, .seconds_behind]' <<<"$output")" = '[1,null]' ]
}

@test "lag: a damaged offset is said, and shown as unknown" {
    messages 1 3 | evtopic publish purchase.requested
    messages 1 3 | evtopic publish t
    mkdir -p evstore/topics/t/groups/g
    evtask --drain
    cd evstore/topics/purchase.requested/groups/evtask
    sed -i 's/"offset":3/"offset":2/' 0.offset
    cd "$OLDPWD"
    # The workers know where they are, as long as the system runs.
    run -65 --separate-stderr evtopic lag
    [ "$stderr" = 'evtopic: @purchase.requested: lane 0: the offset of the group evtask is damaged' ]
    [[ ${lines[2]} =~ ^purchase.requested\ +evtask\ +0\ +0\ +0\ +\?\ +\?$ ]]
    [[ ${lines[3]} =~ ^t\ +g\ +0\ +3\  ]]
    rm evstore/topics/purchase.requested/groups/evtask/0.lock
    run -65 --separate-stderr evtopic lag
    [ "$stderr" = 'evtopic: @purchase.requested: lane 0: the offset of the group evtask is damaged' ]
    [[ ${lines[2]} =~ ^purchase.requested\ +evtask\ +0\ +\?\ +\?\ +\?\ +\?$ ]]
    run -65 --separate-stderr evtopic lag --json
    [ "$(jq -c 'select(.group == "evtask") | [.offset, .behind, .seconds_behind, .rate, .seconds_to_empty]' \
        <<<"$output")" = '[null,null,null,null,null]' ]
    run -65 --separate-stderr evtopic check --lag 365d
    [ "$output" = 'damaged: 1 offset' ]
}

@test "lag: a lane of before is shown while there is something to read in it" {
    lanes purchase.requested layout 4 65536
    messages 1 32 | evtopic publish purchase.requested
    ends=()
    for lane in 0 1 2 3; do
        mkdir -p evstore/topics/purchase.requested/$lane
        ends+=("$(find evstore/topics/purchase.requested/$lane -name '*.ndjson' -exec cat {} + | wc -l)")
    done
    lanes purchase.requested layout 2 65536 "${ends[@]}"
    mkdir -p evstore/topics/purchase.requested/groups/evtask
    run -0 evtopic lag --json
    is "$(jq -c '[.lane, .behind]' <<<"$output")" "$(for lane in 0 1 2 3; do
        [ "${ends[lane]}" -eq 0 ] && [ $lane -ge 2 ] || echo "[$lane,${ends[lane]}]"
    done)"
    [ "$(jq -s 'map(.behind) | add' <<<"$output")" = 32 ]
    evtask --drain
    run -0 evtopic lag --json
    is "$(jq -c '[.lane, .behind]' <<<"$output")" $'[0,0]\n[1,0]'
    run -0 evtopic list --json
    [ "$(jq -c 'select(.topic == "purchase.requested") | [.lanes, .messages]' <<<"$output")" = '[2,32]' ]
}

# -- check -----------------------------------------------------------------------------

@test "check: one line, and an exit status to act on" {
    at=$earlier wanted "$r1" 85123A 1 | evtopic publish stockcheck.requested
    messages 1 1 | evtopic publish purchase.requested
    mkdir -p evstore/topics/{stockcheck.requested/groups/{evcheck,other},purchase.requested/groups/evtask}
    run -64 evtopic check
    [ "${lines[0]}" = 'evtopic: check: --lag or --dead is needed' ]
    # A second counts once it has begun.
    EV_NOW=2026-01-31T09:01:35.000001Z run -1 evtopic check --lag 95
    [ "$output" = 'late: evcheck on stockcheck.requested is 96 s behind (limit 95 s)' ]
    EV_NOW=2026-01-31T09:01:35.000000Z run -0 evtopic check --lag 95
    export EV_NOW=2026-01-31T09:01:34.000001Z
    run -1 --separate-stderr evtopic check --lag 94 --dead 0
    [ "$output" = 'late: evcheck on stockcheck.requested is 95 s behind (limit 94 s)' ]
    [ "$stderr" = '' ]
    run -0 evtopic check --lag 95s --dead 0
    [ "$output" = 'ok: 3 groups, at most 95 s behind, 0 dead letters' ]
    run -0 evtopic check --lag 2m
    [ "$output" = 'ok: 3 groups, at most 95 s behind' ]
    run -1 evtopic check --lag 1m --json
    [ "$output" = '{"ok":false,"groups":3,"seconds_behind":95,"topic":"stockcheck.requested","group":"evcheck","damaged":0}' ]
    run -65 feed $'bad\nworse\n' evcheck
    run -1 evtopic check --dead 1
    [ "$output" = 'dead: 2 dead letters (limit 1)' ]
    run -0 evtopic check --dead 2
    [ "$output" = 'ok: 2 dead letters' ]
    run -1 evtopic check --dead 0 --lag 1s
    [ "$output" = 'late: evcheck on stockcheck.requested is 95 s behind (limit 1 s); dead: 2 dead letters (limit 0)' ]
    run -0 evtopic check --dead 2 --lag 1h --json
    [ "$output" = '{"ok":true,"groups":3,"seconds_behind":95,"topic":"stockcheck.requested","group":"evcheck","dead":2,"damaged":0}' ]
}

@test "check: nobody is late who has read everything" {
    messages 1 1 | evtopic publish purchase.requested
    evtask --drain
    EV_NOW=$later run -0 evtopic check --lag 0 --dead 0
    [ "$output" = 'ok: 1 group, at most 0 s behind, 0 dead letters' ]
}

# -- cat -------------------------------------------------------------------------------

@test "cat: one lane as it was published, byte for byte, over segments" {
    lanes t layout 1 4096
    { messages 1 50; hostile; messages 51 60; } >in
    evtopic publish t <in
    [ "$(find evstore/topics/t/0 -name '*.ndjson' | wc -l)" -gt 3 ]
    evtopic cat t | cmp - in
    evtopic cat --lane 0 t | cmp - in
    lanes u layout 1 65536
    evtopic cat t | evtopic publish u
    evtopic cat u | cmp - in
    cat evstore/topics/u/0/*.ndjson | cmp - in
}

@test "cat: several lanes by time, then lane; each lane in its order" {
    for seed in 1 2 3; do
        lanes "t$seed" layout 5 4096
        mixed $seed >in
        evtopic publish "t$seed" <in
        [ "$(find "evstore/topics/t$seed" -name '*.ndjson' -size +0 -printf '%h\n' | sort -u | wc -l)" = 5 ]
        evtopic cat "t$seed" >out
        lanes "t$seed" merge | cmp - out
        cmp <(sort in) <(sort out)
        for lane in 0 1 2 3 4; do evtopic cat --lane $lane "t$seed"; done | cmp - <(cat "evstore/topics/t$seed/"[0-4]/*.ndjson)
    done
}

@test "cat --from: an offset of each lane, or the first message of a time or later" {
    lanes t layout 3 4096
    mixed 7 >in
    evtopic publish t <in
    for offset in 0 1 17 100 200 100000; do
        evtopic cat t --from $offset >out
        lanes t merge $offset | cmp - out
    done
    [ ! -s out ]
    for time in 2026-01-31T09:01:00.000000Z 2026-01-31T09:02:59.000000Z 2026-01-31T09:00:00.000001Z; do
        evtopic cat t --from $time >out
        [ -s out ]
        lanes t merge 0 $time | cmp - out
    done
    evtopic cat t --from 2026-01-31T09:01:00Z | cmp - <(lanes t merge 0 2026-01-31T09:01:00.000000Z)
    evtopic cat t --from 2026-01-31T09:03:00Z | cmp - /dev/null
    evtopic cat t --lane 1 --from 5 | cmp - <(cat evstore/topics/t/1/*.ndjson | tail -n +6)
    for from in '' 1x -1 yesterdays 2026-02-30 99999999999999999999; do
        run -64 evtopic cat t --from="$from"
    done
    run -64 evtopic cat t --from 1 --last 1
    run -64 evtopic cat t --lane 256
    run -66 --separate-stderr evtopic cat t --lane 3
    [ "$stderr" = 'evtopic: @t: lane 3: no such lane' ]
}

@test "cat --last: the last of what would be printed" {
    lanes t layout 3 4096
    mixed 11 >in
    evtopic publish t <in
    lanes t merge >all
    cat evstore/topics/t/2/*.ndjson >lane
    counts=(0 1 2 10 333 725 726 727 100000)
    for count in "${counts[@]}"; do
        evtopic cat t --last "$count"
        evtopic cat t --lane 2 --last "$count"
    done | cmp - <(for count in "${counts[@]}"; do tail -q -n "$count" all lane; done)
    messages 1 100 | evtopic publish one
    evtopic cat one --last 3 | cmp - <(messages 98 100)
}

@test "cat: a line that is not finished is not printed, however long it is" {
    messages 1 3 >in
    evtopic publish t <in
    head -c 1000000 /dev/zero >>evstore/topics/t/0/00000000000000000000.ndjson
    for hint in there gone; do
        evtopic cat t | cmp - in
        evtopic cat t --last 1 | cmp - <(tail -n 1 in)
        rm -f evstore/topics/t/0.end
    done
    # A cut-off line is ended by the next publisher, and is a line then.
    messages 4 4 | evtopic publish t
    evtopic cat t | cmp - <(cat in; head -c 1000000 /dev/zero; echo; messages 4 4)
}

@test "cat: ends where the lanes ended when it began" {
    lanes t layout 2 65536
    messages 1 5000 >in
    evtopic publish t <in
    # It cannot write more than a pipe holds, so it is at the beginning still.
    exec 7< <(exec timeout 300 evtopic cat t 3>&-)
    next 1 >out
    messages 5001 5100 | evtopic publish t
    cat <&7 >>out
    cmp <(sort in) <(sort out)
}

@test "cat: lines of any length come through, in a few MiB of memory" {
    lanes t layout 3 4096
    {
        messages 1 20
        head -c 9000000 /dev/urandom | tr '\n' ' '
        echo
        messages 21 40
        printf '{"subject":"P5","time":"%s","pad":"%s"}\n' "$now" "$(head -c 5000000 /dev/zero | tr '\0' z)"
        messages 41 60
    } >in
    evtopic publish t <in
    # What a sanitizer takes is not counted.
    sanitized || limit=60000
    (ulimit -v "${limit:-unlimited}"; exec evtopic cat t) >out
    lanes t merge | cmp - out
    cmp <(sort in) <(sort out)
    for lane in 0 1 2; do evtopic cat t --lane $lane --last 30; done | sort | cmp - <(sort in)
}

@test "cat: what is not kept any more is said" {
    lanes t layout 1 4096
    messages 1 100 >in
    evtopic publish t <in
    mapfile -t segments < <(find evstore/topics/t/0 -name '*.ndjson' | sort)
    first=$(basename "${segments[2]}" .ndjson)
    first=$((10#$first))
    rm "${segments[0]}" "${segments[1]}"
    run -0 --separate-stderr evtopic cat t --from 3
    [ "$stderr" = "evtopic: @t: lane 0: messages before $first are not kept any more" ]
    is "$output" "$(tail -n +$((first + 1)) in)"
    # Who asks for no offset gets what there is.
    run -0 --separate-stderr evtopic cat t
    [ "$stderr" = '' ]
    is "$output" "$(tail -n +$((first + 1)) in)"
    run -0 --separate-stderr evtopic cat t --from $first
    [ "$stderr" = '' ]
    # One that is missing between others was not removed by us.
    rm "${segments[4]}"
    run -65 --separate-stderr evtopic cat t
    missing=$(basename "${segments[4]}" .ndjson)
    [ "$stderr" = "evtopic: @t: lane 0: message $((10#$missing)) is missing" ]
}

@test "cat: an output that is full or closed" {
    messages 1 1000 | evtopic publish t
    run -74 bash -c 'evtopic cat t >/dev/full'
    [ "$output" = 'evtopic: standard output: No space left on device' ]
    run -74 bash -c 'timeout 300 evtopic cat -f t >/dev/full'
    [ "$output" = 'evtopic: standard output: No space left on device' ]
    run -141 --separate-stderr without_reader evtopic cat t
    [ "$stderr" = '' ]
}

# -- cat -f ------------------------------------------------------------------------------

@test "cat -f: goes on over new segments, with long lines, until a signal ends it" {
    lanes t layout 1 4096
    messages 1 10 | evtopic publish t
    follow t --from 8
    next 2 | cmp - <(messages 9 10)
    messages 11 60 | evtopic publish t
    next 50 | cmp - <(messages 11 60)
    # A line in pieces is one when it is finished.
    last=$(find evstore/topics/t/0 -name '*.ndjson' | sort | tail -n 1)
    printf 'begun' >>"$last"
    printf ', finished\n' >>"$last"
    [ "$(next 1)" = 'begun, finished' ]
    for part in {1..4}; do
        messages $((part * 50 + 11)) $((part * 50 + 60)) >part
        evtopic publish t <part
        next 50 | cmp - part
    done
    { head -c 6000000 /dev/zero | tr '\0' l; echo; } >long
    evtopic publish t <long &
    timeout 300 head -c 6000001 <&7 | cmp - long
    wait $!
    kill -TERM "$follower"
    ends 143 "$follower"
    [ ! -s told ]
}

@test "cat -f: SIGINT ends it as a signal does" {
    messages 1 1 | evtopic publish t
    coproc env --default-signal=INT evtopic cat -f t 3>&-
    read -r -t 300 -u "${COPROC[0]}" line
    [ "$line" = "$(messages 1 1)" ]
    pid=$COPROC_PID
    kill -INT "$pid"
    ends 130 "$pid"
}

@test "cat -f: takes in lanes that come, and a topic's first message" {
    mkdir -p evstore/topics/t
    stock 85123A 1
    follow t --from 2
    until grep -qs ^inotify "/proc/$(pgrep -P "$follower" evtopic)/fdinfo/"*; do kill -0 "$follower"; done
    # The lane was there: it is read from its message 2.
    messages 1 5 | evtopic publish t
    next 3 | cmp - <(messages 3 5)
    lanes t layout 8 4096 5
    messages 11 50 | evtopic publish t
    next 40 | sort | cmp - <(messages 11 50 | sort)
    lanes t layout 8 5000 1 2 3 4 5 6 7 8
    messages 51 90 | evtopic publish t
    next 40 | sort | cmp - <(messages 51 90 | sort)
    kill "$follower"
    ends 143 "$follower"
    [ ! -s told ]
}

@test "cat -f: what is before a time is left out of lanes that come, too" {
    at() { printf '{"subject":"%s","time":"2026-01-31T%s.000000Z"}\n' "$1" "$2"; }
    at 85123A 09:00:00 | evtopic publish t
    follow t --from 2026-01-31T10:00:00Z
    until grep -qs ^inotify "/proc/$(pgrep -P "$follower" evtopic)/fdinfo/"*; do kill -0 "$follower"; done
    evtopic lanes t 8
    for time in 09:00:01 10:00:01; do
        for product in 85123A 71053 22752 a b c d e; do at "$product" "$time"; done
    done >in
    evtopic publish t <in
    [ "$(evtopic list --json | jq .lanes)" -eq 8 ]
    next 8 | sort | cmp - <(grep T10 in | sort)
}

@test "cat -f: one lane stays one lane" {
    lanes t layout 2 4096
    messages 1 8 | evtopic publish t
    cat evstore/topics/t/1/*.ndjson >one
    follow t --lane 1
    next "$(wc -l <one)" | cmp - one
    evtopic cat t | evtopic publish t
    next "$(wc -l <one)" | cmp - one
    lanes t layout 4 4096 0 0
    messages 9 80 | evtopic publish t
    more=$(($(cat evstore/topics/t/1/*.ndjson | wc -l) - 2 * $(wc -l <one)))
    next "$more" | cmp - <(cat evstore/topics/t/1/*.ndjson | tail -n "$more")
    kill "$follower"
    ends 143 "$follower"
}

@test "cat -f: a topic that is trimmed before it was read goes on where it begins" {
    lanes t layout 1 65536
    messages 1 20000 >in
    evtopic publish t <in
    # It cannot write more than a pipe holds, so it is at the beginning still.
    follow t
    next 1 | cmp - <(head -n 1 in)
    mapfile -t segments < <(find evstore/topics/t/0 -name '*.ndjson' | sort)
    first=$(basename "${segments[-1]}" .ndjson)
    first=$((10#$first))
    rm "${segments[@]:0:${#segments[@]}-1}"
    rm evstore/topics/t/0.end
    messages 20001 20002 | evtopic publish t
    sed -n '/-000000020002\//q; p' <&7 >rest
    [ "$(cat told)" = "evtopic: @t: lane 0: messages before $first are not kept any more" ]
    # Everything up to a segment's end, then everything from $first on.
    before=$(($(wc -l <rest) - (20001 - first)))
    [ "$before" -gt 0 ]
    cmp rest <(sed -n "2,$((before + 1))p" in; tail -n +$((first + 1)) in; messages 20001 20001)
    kill "$follower"
    ends 143 "$follower"
}

@test "cat -f: a topic that is trimmed while nothing comes goes on with what comes" {
    lanes t layout 1 4096
    messages 1 10 | evtopic publish t
    follow t
    next 10 | cmp - <(messages 1 10)
    # Once it has come back from waiting, it has the file open in which the lane ended.
    messages 11 11 | evtopic publish t
    next 1 | cmp - <(messages 11 11)
    pid=$(pgrep -P "$follower" evtopic)
    kill -STOP "$pid"
    messages 12 100 | evtopic publish t
    mapfile -t segments < <(find evstore/topics/t/0 -name '*.ndjson' | sort)
    [ "${#segments[@]}" -gt 3 ]
    first=$(basename "${segments[-1]}" .ndjson)
    first=$((10#$first))
    rm "${segments[@]:0:${#segments[@]}-1}"
    kill -CONT "$pid"
    messages 101 101 | evtopic publish t
    sed -n '/-000000000101\//q; p' <&7 >rest
    [ "$(cat told)" = "evtopic: @t: lane 0: messages before $first are not kept any more" ]
    # The segment it was in is read to its end.
    cmp <(tail -n $((100 - first)) rest) <(messages $((first + 1)) 100)
    before=$(($(wc -l <rest) - (100 - first)))
    cmp <(head -n $before rest) <(messages 12 $((11 + before)))
    kill "$follower"
    ends 143 "$follower"
}

@test "cat -f: ends when nobody reads any more, though nothing comes" {
    messages 1 3 | evtopic publish t
    run -0 timeout 300 bash -c 'evtopic cat -f t | head -n 2; echo "${PIPESTATUS[*]}"'
    is "$output" "$(messages 1 2; echo '141 0')"
}

@test "cat -f: without inotify it looks again and again, and says so once" {
    need_tracing
    messages 1 3 | evtopic publish t
    exec 7< <(exec timeout 300 strace -qq -f -o /dev/null -e inject=inotify_init1:error=EMFILE \
        evtopic cat -f t 2>told 3>&-)
    follower=$!
    next 3 | cmp - <(messages 1 3)
    messages 4 5 | evtopic publish t
    next 2 | cmp - <(messages 4 5)
    lanes t layout 3 4096 5
    messages 6 20 | evtopic publish t
    next 15 | sort | cmp - <(messages 6 20 | sort)
    kill "$follower"
    wait "$follower" || true
    [ "$(cat told)" = 'evtopic: cannot be woken, so looking every 10 ms: Too many open files' ]
}

# -- looking changes nothing -----------------------------------------------------------------

@test "looking changes nothing, and waits for nobody" {
    lanes t layout 3 4096
    mixed 3 | evtopic publish t
    printf 'unfinished' >>"$(find evstore/topics/t/1 -name '*.ndjson' | sort | tail -n 1)"
    messages 1 5 | evtopic publish purchase.requested
    evtask --drain
    rm evstore/topics/t/2.end
    sed -i '/durable/d' evstore/topics/t/lanes
    files >before
    # Whoever holds every lock there is does not hold them up.
    find evstore -type f -name '*.lock' -o -type d -path '*/topics*' >locks
    mapfile -t locks <locks
    command=(bash -c 'set -e; evtopic list; evtopic lag; evtopic check --lag 1d --dead 0; evtopic cat t; evtopic cat t --last 3')
    for lock in "${locks[@]}"; do command=(flock -n "$lock" "${command[@]}"); done
    run -0 timeout 300 "${command[@]}"
    [ "${#lines[@]}" -gt 700 ]
    files >after
    diff -u before after
}

@test "looking works where nothing can be written" {
    unshare -m true 2>/dev/null || skip 'nothing can be mounted here'
    lanes t layout 3 4096
    mixed 3 | evtopic publish t
    messages 1 5 | evtopic publish purchase.requested
    evtask --drain
    messages 6 7 | evtopic publish purchase.requested
    looks='set -e; evtopic list; evtopic lag; evtopic check --lag 1d --dead 0; evtopic cat t
        evtopic cat -f purchase.requested | head -n 7'
    run -0 --separate-stderr bash -c "$looks"
    expected=$output
    run -0 --separate-stderr timeout 300 unshare -m bash -c "
        set -e
        mount --bind evstore evstore; mount -o remount,bind,ro evstore
        ! touch evstore/topics/x 2>/dev/null
        cd .
        $looks"
    [ "$stderr" = '' ]
    is "$output" "$expected"
}

@test "check: an offset file that is damaged is said, though the lock's record is good: 65" {
    evbuy -s 85123A 6 >/dev/null
    evtask --drain
    echo damaged >evstore/topics/purchase.requested/groups/evtask/0.offset
    run -65 --separate-stderr evtopic check --lag 60
    is "$output" 'damaged: 1 offset'
}

# evtopic run: any command as a consumer of a topic.
# shellcheck disable=SC2016 # what looks like an expansion is for the command that is run
load lib
load served
load traced
load faulted

# drain OPTION... -- COMMAND...: the group mail on the topic notes, until nothing is left.
drain() { evtopic run -g mail --drain notes "$@"; }

# note LINE...: they are in the topic.
note() { printf '%s\n' "$@" | evtopic publish notes; }

# offset: where the group is, as the file tells that is on disk.
offset() { jq .offset evstore/topics/notes/groups/mail/0.offset 2>/dev/null || echo 0; }

# command_of NAME: a shell script in the file NAME, from standard input.
command_of() { { echo '#!/bin/sh'; cat; } >"$1" && chmod +x "$1"; }

# gone PROCESS-GROUP: no process of it runs any more.
gone() { [ -z "$(ps -eo pgid=,stat= | awk -v group="$1" '$1 == group && $2 !~ /^Z/')" ]; }

# reasons: what was put aside, a line each; not the part of one whose writer was killed.
reasons() {
    grep '"}$' evstore/dead/evtopic.ndjson |
        jq -r '"\(.kind) \(.topic) \(.group) \(.lane) \(.offset) \(.reason): \(.line)"'
}

@test "what is waiting is fed, at most a hundred at once or as --batch says, and the offset moves" {
    seq 250 | evtopic publish notes
    run -0 --separate-stderr drain -- sh -c 'echo "$EV_OFFSET $(head -n 1) $(wc -l <&0)"; exit 0'
    is "$stderr" ''
    is "$(cut -d ' ' -f 1,2 <<<"$output")" $'0 1\n100 101\n200 201'
    is "$(offset)" 250
    # Nothing is left; another group has all of it.
    run -0 drain -- false
    is "$output" ''
    run -0 evtopic run -g other --drain --batch 249 notes -- sh -c 'cat; echo .'
    is "$output" "$(seq 249; echo .; echo 250; echo .)"
    note last
    run -0 drain --batch 1 -- cat
    is "$output" last
}

@test "the command gets store, topic, group, lane, offset and the number of tries" {
    note a b c
    run -0 --separate-stderr evtopic run -d ./evstore/ --group mail --drain --batch 2 --tries 2 --back-off 0 notes -- \
        sh -c 'echo $EV_STORE $EV_TOPIC $EV_GROUP $EV_LANE $EV_OFFSET $EV_TRIES; [ $EV_TRIES = 2 ]'
    is "$output" './evstore/ notes mail 0 0 1
./evstore/ notes mail 0 0 2
./evstore/ notes mail 0 2 1
./evstore/ notes mail 0 2 2'
    # An alias of the original design is the topic's own name.
    wanted "$r1" P 1 | evtopic publish TOPIC-1
    run -0 evtopic run -g mail --drain TOPIC-1 -- sh -c 'echo $EV_TOPIC'
    is "$output" purchase.requested
}

@test "the command has nothing of ours open, default signals, and a process group" {
    note a
    run -0 drain -- sh -c 'ls -l /proc/$$/fd; [ "$(ps -o pgid= -p $$)" -eq $$ ] && echo leads; exec grep ^Sig /proc/self/status'
    [[ $output != *evstore* && $output != *inotify* && $output != *signalfd* && $output != *pidfd* ]]
    [[ $output = *'0 -> /memfd:input'* && $output = *leads* ]]
    # Neither SIGTERM and SIGINT blocked, nor SIGPIPE ignored.
    [[ $output =~ SigBlk:.0+$'\n' ]]
    [[ $output =~ SigIgn:.[0-9a-f]+([0-9a-f]{8}) ]]
    is "$((0x${BASH_REMATCH[1]} & 0x5002))" 0
}

@test "-n prints what would be fed, and changes nothing" {
    seq 5 | evtopic publish notes
    drain --batch 3 -- sh -c '[ $EV_OFFSET = 0 ] || exit 127' && return 1
    find evstore -type f -printf '%p %T@ ' -exec sha256sum {} + >before
    run -0 evtopic run -n -g mail notes -- false
    is "$output" $'4\n5'
    run -0 evtopic run --dry-run -g nobody notes -- false
    is "$output" "$(seq 5)"
    find evstore -type f -printf '%p %T@ ' -exec sha256sum {} + | cmp before -
    run -66 evtopic run -n -g mail missing -- cat
}

@test "a command that does not end well is tried again with the same messages, after waits that double" {
    note a b
    command_of once <<'SH'
cat >try.$EV_TRIES
case $EV_TRIES in 1) exit 9 ;; 2) exit 1 ;; 3) kill -9 $$ ;; esac
SH
    run -0 --separate-stderr drain --back-off 0.05 -- ./once
    is "$stderr" 'evtopic: @notes/0:0-1: exit 9 (try 1 of 5), again in 0.05 s
evtopic: @notes/0:0-1: exit 1 (try 2 of 5), again in 0.1 s
evtopic: @notes/0:0-1: killed by signal 9 (try 3 of 5), again in 0.2 s'
    for try in 1 2 3 4; do holds try.$try $'a\nb'; done
    [ ! -e try.5 ]
    is "$(offset)" 2
    nothing_dead
}

@test "a bad message takes none of its neighbours with it: each is tried alone, and it is put aside, once" {
    note a b bad d e
    command_of picky <<'SH'
cat >in
echo "$EV_TRIES $EV_OFFSET $(paste -sd ' ' in)"
! grep -q bad in || exit 3
cat in >>taken
SH
    run -65 --separate-stderr drain --tries 2 --back-off 0 -- ./picky
    is "$output" '1 0 a b bad d e
2 0 a b bad d e
3 0 a
3 1 b
3 2 bad
3 3 d
3 4 e'
    is "$stderr" 'evtopic: @notes/0:0-4: exit 3 (try 1 of 2), again in 0 s
evtopic: @notes/0:0-4: exit 3 (try 2 of 2), now each alone
evtopic: @notes/0:2: exit 3'
    holds taken $'a\nb\nd\ne'
    holds evstore/dead/evtopic.ndjson '{"time":"'"$now"'","command":"evtopic","kind":"message","place":"@notes/0:2","topic":"notes","group":"mail","lane":0,"offset":2,"reason":"exit 3","line":"bad"}'
    is "$(offset)" 5
    # However often it happens, for each group.
    evtopic seek mail notes first >/dev/null
    run -0 --separate-stderr drain --batch 1 --tries 1 -- ./picky
    is "$stderr" ''
    is "$(reasons)" 'message notes mail 0 2 exit 3: bad'
    run -65 evtopic run -g post --drain --batch 2 --tries 1 notes -- ./picky
    is "$(reasons)" $'message notes mail 0 2 exit 3: bad\nmessage notes post 0 2 exit 3: bad'
    audited
}

@test "the reason says how the command ended; who serves goes on, and ends with 0" {
    note exit kill late good
    command_of ends <<'SH'
case $(cat) in exit) exit 200 ;; kill) kill -9 $$ ;; late) exec tail -f /dev/null ;; *) touch finished ;; esac
SH
    background evtopic run -g mail --batch 1 --tries 1 --timeout 4 notes -- ./ends 2>errors
    eventually [ -e finished ]
    stop TERM "$pid"
    is "$(reasons)" 'message notes mail 0 0 exit 200: exit
message notes mail 0 1 killed by signal 9: kill
message notes mail 0 2 no end within 4 s: late'
    is "$(offset)" 4
}

@test "what was put aside is sent again by evtopic redrive" {
    note a bad
    run -65 drain --tries 1 -- sh -c '! grep -q bad'
    is "$(evtopic dead evtopic)" "$now evtopic @notes/0:1"$'\n    exit 1\n    bad'
    run -0 evtopic redrive evtopic
    is "$output" '1 message from dead/evtopic.ndjson to @notes'
    run -0 drain -- cat
    is "$output" bad
    run -0 evtopic redrive evtopic
    is "$output" '0 messages from dead/evtopic.ndjson'
}

@test "a line that is too long is no message: it is put aside, and the others are fed" {
    { echo a; head -c 65535 /dev/zero | tr '\0' x; echo; head -c 65536 /dev/zero | tr '\0' y; echo; echo d; } | evtopic publish notes
    run -0 --separate-stderr evtopic run -n -g mail notes -- cat
    is "$(cut -c 1 <<<"$output" | paste -sd ' ')" 'a x d'
    is "$stderr" 'evtopic: @notes/0:2: longer than 65,536 bytes'
    run -65 --separate-stderr drain --batch 2 -- cut -c 1
    is "$output" $'a\nx\nd'
    is "$(jq -c '[.offset, .reason, (.base64 | length)]' evstore/dead/evtopic.ndjson)" '[2,"longer than 65,536 bytes",87384]'
}

@test "a batch larger than a pipe comes whole, is cut at a message, and need not be read" {
    seq 1 60000 >sent
    evtopic publish notes <sent
    run -0 evtopic run -g unread --drain --batch 65536 notes -- sh -c 'echo >>runs'
    holds runs ''
    run -0 drain --batch 65536 -- cat
    is "$output" "$(cat sent)"
    # A hundred of 60,000 bytes are more than a batch holds.
    python3 -c 'for i in range(100): print("%060000d" % i)' >large
    evtopic publish notes <large
    drain -- sh -c 'tee -a got | wc -l' >counts
    cmp got large
    [ "$(wc -l <counts)" -eq 2 ]
}

@test "evtopic run or the command killed, before, in or after its work: only that batch comes again" {
    seq 100 | evtopic publish notes
    echo 0 >deaths
    command_of deadly <<'SH'
deaths=$(cat deaths)
[ "$EV_OFFSET" -eq $((deaths / 4 * 30)) ] && [ "$deaths" -lt 8 ] || exec tee -a got
echo $((deaths + 1)) >deaths
case $((deaths % 4)) in
0) kill -9 $PPID ;;
1) sed 's/^/half of /; 3q' >>got && kill -9 $PPID ;;
2) tee -a got && kill -9 $PPID ;;
3) kill -9 $$ ;;
esac
SH
    for _ in 1 2 3 4 5 6; do run -137 drain --batch 10 --back-off 0 -- ./deadly; done
    run -0 drain --batch 10 --back-off 0 -- ./deadly
    is "$(cat deaths)" 8
    half() { seq -f 'half of %g' "$1" $(($1 + 2)); }
    holds got "$(half 1; seq 10; seq 30; half 31; seq 31 40; seq 31 100)"
    is "$(offset)" 100
    nothing_dead
}

@test "evtopic run killed at any call that changes a file: nothing is lost, and a letter stands once" {
    local -a run=(evtopic run -g mail --drain --batch 2 --tries 1 notes -- env -u LD_PRELOAD ./picky)
    command_of picky <<'SH'
lines=
while read -r line; do
    [ "$line" != bad ] || exit 1
    lines="$lines $line"
done
printf '%s\n' $lines >>got
SH
    kills=0
    for plan in kill-after:pwrite,write,fsync,fdatasync,syncfs kill-halfway:pwrite,write; do
        for ((at = 1, code = 137; code == 137; at++)); do
            rm -rf evstore got
            note a bad c
            code=0
            failing "HOW=${plan%:*}" "CALLS=${plan#*:}" PATH="$PWD/evstore" AT=$at -- "${run[@]}" 2>errors || code=$?
            [ "$code" = 65 ] || "${run[@]}" 2>errors || is "$?" 65
            is "$(sort -u got)" $'a\nc'
            is "$(reasons)" 'message notes mail 0 1 exit 1: bad'
            is "$(offset)" 3
            kills=$((kills + 1))
        done
        is "$code" 65
    done
    [ "$kills" -ge 15 ]
}

@test "two of a group share the lanes; who dies has its batch done by the other" {
    evtopic lanes notes 2 >/dev/null
    purchases 1 40 10 | evbuy >sent
    evtopic publish notes <sent
    mkfifo gate
    background evtopic run -g mail notes -- sh -c 'echo $EV_LANE >held; exec cat gate'
    first=$pid
    eventually [ -s held ]
    background evtopic run -g mail --drain notes -- sh -c 'echo $EV_LANE >>lanes; cat >>got' 2>errors
    second=$pid
    eventually grep -q "^evtopic: @notes: lane $(cat held): waiting for process $first, which has it$" errors
    holds lanes $((1 - $(cat held)))
    kill -KILL "$first"
    wait "$second"
    : >gate
    holds lanes $((1 - $(cat held)))$'\n'"$(cat held)"
    sort got | cmp <(sort sent) -
}

@test "the offset of a lane that somebody always has moves all the same, and tells how fast the group is" {
    seq 20000 | evtopic publish notes
    for i in 1 2 3; do
        # Each takes so long that the others wait for the lane whenever it is given back.
        evtopic run -g mail --batch 1 notes -- sh -c 'read -r line && echo "$line" >>handled; exec sleep 0.05' 3>&- &
        pids+=("$!")
    done
    moved() { [ "$(offset)" -gt 0 ] && [ "$(evtopic lag --json | jq .rate)" -gt 0 ]; }
    eventually moved
    [ "$(wc -l <handled)" -lt 20000 ]
    kill "${pids[@]}"
    wait "${pids[@]}"
}

@test "the first signal lets the command finish: its messages are acknowledged" {
    for signal in TERM INT; do
        note a b
        mkfifo gate begun
        background evtopic run -g mail --batch 1 notes -- sh -c 'echo >begun; read line <gate; cat >>got'
        read -r _ <begun
        kill "-$signal" "$pid"
        echo >gate
        wait "$pid"
        rm gate begun
    done
    # One was done each time, and the offset is on disk.
    holds got $'a\nb'
    is "$(offset)" 2
}

@test "a second signal is for the command, too; what it had is not acknowledged" {
    note a
    mkfifo begun
    command_of slow <<'SH'
trap 'echo told >said; exit 0' INT
trap 'echo told >said; exit 1' TERM
echo >begun
tail -f /dev/null & wait
SH
    background evtopic run -g mail notes -- ./slow 2>errors
    read -r _ <begun
    child=$(pgrep -P "$pid")
    kill -TERM "$pid"
    # Taken, and not passed on.
    eventually grep -q '^ShdPnd:.0*$' "/proc/$pid/status"
    [ ! -e said ]
    kill -TERM "$pid"
    wait "$pid"
    holds said told
    is "$(offset)" 0
    [ ! -s errors ]
    eventually gone "$child"
    run -0 drain -- cat
    is "$output" a
}

@test "who waits to try again, or for messages, is ended by a signal at once" {
    note a
    background evtopic run -g mail notes -- sh -c 'echo $EV_TRIES >>tries; exit 1' 2>errors
    eventually grep -qx 'evtopic: @notes/0:0: exit 1 (try 1 of 5), again in 1 s' errors
    background evtopic run -g mail other -- false
    eventually [ -d evstore/topics/other/groups/mail ]
    stop TERM "${pids[@]}"
    holds tries 1
    is "$(offset)" 0
    run -0 drain -- cat
    is "$output" a
    echo a | evtopic publish other
    background evtopic run -g mail --back-off 60 other -- false 2>errors
    eventually grep -qx 'evtopic: @other/0:0: exit 1 (try 1 of 5), again in 60 s' errors
    started=$SECONDS
    stop INT "$pid"
    [ $((SECONDS - started)) -lt 60 ]
}

@test "when its time is over the command and all it started get SIGTERM, and SIGKILL if that is not enough" {
    note a
    command_of slow <<'SH'
(trap '' TERM && exec tail -f /dev/null) &
trap 'exit 0' TERM
echo $$ >started
wait
SH
    run -65 drain --tries 1 --timeout 2.5 -- ./slow
    # It ended with 0, but too late.
    is "$(reasons)" 'message notes mail 0 0 no end within 2.5 s: a'
    eventually gone "$(cat started)"
    note b
    started=$SECONDS
    run -65 drain --tries 1 --timeout 2 -- sh -c 'trap "" TERM; cat >got; while :; do read -r _ </dev/zero; done'
    holds got b
    [ $((SECONDS - started)) -ge 6 ] && [ $((SECONDS - started)) -lt 60 ]
    is "$(reasons | tail -n 1)" 'message notes mail 0 1 no end within 2 s: b'
}

@test "a command that cannot be started is no fault of the messages" {
    note a
    touch plain
    run -69 --separate-stderr drain -- nonexistent
    is "$stderr" 'evtopic: nonexistent: not found'
    run -69 --separate-stderr drain -- ./plain
    is "$stderr" 'evtopic: ./plain: Permission denied'
    run -69 drain -- sh -c 'nonexistent'
    [[ $output = *$'\nevtopic: sh: exit 127: cannot start what it needs' ]]
    run -69 drain -- env ./plain
    [[ $output = *$'\nevtopic: env: exit 126: cannot start what it needs' ]]
    nothing_dead
    is "$(offset)" 0
    run -0 drain -- cat
    is "$output" a
}

@test "that nobody reads what the command prints ends the work, and is no fault of the messages either" {
    note a b
    run -141 --separate-stderr without_reader drain --batch 1 -- cat
    is "$stderr" ''
    nothing_dead
    is "$(offset)" 0
    run -0 drain -- cat
    is "$output" $'a\nb'
}

@test "a topic that is missing is empty to --drain; what does not fit is misuse" {
    run -0 drain -- cat
    is "$output" ''
    [ ! -e evstore ]
    for arguments in 'notes -- cat' '-g mail notes cat' '-g mail -- notes cat' '-g mail notes other -- cat' \
        '-g mail notes --' '-g mail' '-g .mail notes -- cat' '-g mail Notes -- cat' '-g mail --batch 0 notes -- cat' \
        '-g mail --tries 0 notes -- cat' '-g mail --timeout 0 notes -- cat' '-g mail --back-off 61 notes -- cat' \
        '-g mail --back-off x notes -- cat' '-g mail --json notes -- cat'; do
        # shellcheck disable=SC2086
        run -64 --separate-stderr evtopic run $arguments
        is "$output" ''
        [[ ${stderr_lines[0]} = 'evtopic: '* ]]
    done
    run -64 evtopic list --drain
    [ ! -e evstore ]
}

@test "a message is on disk before it is fed; a letter and what was printed are before the offset" {
    need_tracing
    note a bad
    calls+=,execve
    trace evtopic run -g mail --drain --batch 1 --tries 1 notes -- grep -v bad >printed 2>errors || is "$?" 65
    grep -E 'f(data)?sync\([0-9]+<[^>]*/notes/0/|execve\("[^"]*/grep"' trace | head -n 1 | grep sync
    synced_before 'write[a-z0-9]*\([0-9]+<[^>]*/0[.]lock>' 'dead/evtopic[.]ndjson'
    # The syncs of the store alone would not do: it may be elsewhere.
    grep -oE '(write|fsync)\(1<[^>]*/printed>|write[0-9]*\([0-9]+<[^>]*/0[.]offset>' trace | sed 's/(.*//' |
        paste -sd ' ' | grep -x 'write\( fsync\)* fsync write64'
    holds printed a
}

@test "a second signal while messages are tried alone: the one in hand is not put aside" {
    note a b
    mkfifo begun
    command_of slow <<'SH'
[ "$EV_TRIES" -gt 1 ] || exit 1
echo >begun
exec tail -f /dev/null
SH
    background evtopic run -g mail --tries 1 notes -- ./slow 2>errors
    read -r _ <begun
    kill -TERM "$pid"
    eventually grep -q '^ShdPnd:.0*$' "/proc/$pid/status"
    kill -TERM "$pid"
    wait "$pid"
    [ ! -e evstore/dead/evtopic.ndjson ]
    is "$(offset)" 0
    run -0 drain -- cat
    is "$output" $'a\nb'
}

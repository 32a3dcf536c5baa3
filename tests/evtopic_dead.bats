# evtopic dead and redrive: what was put aside, and sending it again, each letter once.
load lib
load served
load traced
load faulted

calls=write,pwrite64,writev,fsync,fdatasync,syncfs,rename,renameat,renameat2,unlink,unlinkat,ftruncate,mkdir,mkdirat,flock

# put_aside LINE...: evtask reads them from its topic, and cannot process them.
put_aside() {
    printf '%s\n' "$@" | evtopic publish purchase.requested
    run -65 evtask --drain
}

# mended: three requests whose messages evcheck put aside while the journal was damaged; it is whole again.
mended() {
    stock 85123A 10
    evbuy -s -u "$r1" 85123A 1 >/dev/null
    evbuy -s -u "$r2" 85123A 2 >/dev/null
    evbuy -s -u "$r3" 85123A 3 >/dev/null
    evtask --drain
    cp evstore/journal/85123A.ndjson whole
    sed -i 's/"quantity":10/"quantity":11/' evstore/journal/85123A.ndjson
    run -65 evcheck --drain
    cp whole evstore/journal/85123A.ndjson
    [ "$(dead evcheck)" -eq 3 ]
}

# once_more: each of the three is in the topic twice now, and they come to their results.
once_more() {
    [ "$(jq -nRc '[inputs] | group_by(.) | map(length)' evstore/topics/stockcheck.requested/*/*.ndjson)" = '[2,2,2]' ]
    drain_all
    run -0 evresult "$r1" "$r2" "$r3"
    [[ $output = *'"created"'*'"created"'*'"created"'* ]]
    audited
}

# -- dead -----------------------------------------------------------------------------------------

@test "dead shows time, command, place, reason and the line, of all commands or of one" {
    put_aside $'bad "line" \\' ''
    run -65 feed $'\xff' evbuy
    cat >expected <<LETTERS
$now evbuy stdin:1
    not UTF-8
    base64: /w==
$now evtask @purchase.requested/0:0
    not JSON: invalid token near 'bad'
    bad "line" \\
$now evtask @purchase.requested/0:1
    an empty line
    
LETTERS
    run -0 evtopic dead
    is "$output" "$(cat expected)"
    run -0 evtopic dead evtask
    is "$output" "$(sed 1,3d expected)"
    run -0 evtopic dead evfail
    is "$output" ''
    run -64 evtopic dead evreplay
    is "${lines[0]}" 'evtopic: evreplay: not a command that puts lines aside'
    run -66 evtopic dead -d missing
}

@test "dead --json prints the letters as they are" {
    put_aside x "$(printf '\037\302\205"\\\n\nx')" "$(head -c 100000 /dev/zero | tr '\0' x)"
    run -65 feed $'y\nz\n' evbuy
    evtopic dead --json evtask | cmp evstore/dead/evtask.ndjson -
    evtopic dead --json | cmp <(cat evstore/dead/evbuy.ndjson evstore/dead/evtask.ndjson) -
    # Longer than what is read at once.
    head -c 3000000 /dev/zero | evtopic publish purchase.requested
    run -65 evtask --drain
    [ "$(tail -n 1 evstore/dead/evtask.ndjson | wc -c)" -gt 4000000 ]
    evtopic dead --json evtask | cmp evstore/dead/evtask.ndjson -
    run -0 evtopic dead evtask
    is "$(tail -n 1 <<<"$output")" "    base64: $(head -c 48 /dev/zero | base64 -w 0)..."
}

@test "for people a line is cut to the width of a terminal, and nothing in it reaches that as it is" {
    put_aside "$(printf 'a%.0s' {1..75})" "$(printf 'b%.0s' {1..76})" "$(printf '\303\244%.0s' {1..76})" \
        $'\033[31mred\033[0m\xc2\x9b'
    run -0 evtopic dead
    is "$(grep aaa <<<"$output")" "    $(printf 'a%.0s' {1..75})"
    is "$(grep bbb <<<"$output")" "    $(printf 'b%.0s' {1..72})..."
    is "$(grep $'\303\244\303' <<<"$output")" "    $(printf '\303\244%.0s' {1..72})..."
    is "$(tail -n 1 <<<"$output")" '    \u001b[31mred\u001b[0m\u009b'
    run -1 grep -q "[$(printf '\001-\037')]" <<<"$output"
    put_aside "$(printf '\346\227\245%.0s' {1..37})" "$(printf '\346\227\245%.0s' {1..38})"
    LC_ALL=C.UTF-8 run -0 evtopic dead
    is "$(grep $'^    \346\227\245' <<<"$output")" "    $(printf '\346\227\245%.0s' {1..37})
    $(printf '\346\227\245%.0s' {1..36})..."
    COLUMNS=40 run -0 evtopic dead
    is "$(grep bbb <<<"$output")" "    $(printf 'b%.0s' {1..32})..."
    COLUMNS=1 run -0 evtopic dead
    is "$(grep bbb <<<"$output")" "    $(printf 'b%.0s' {1..12})..."
}

@test "the place of a letter is what standard error said" {
    printf 'x\n' >$'q"x\\y'
    run -65 --separate-stderr evtask -i $'q"x\\y'
    [[ $stderr = 'evtask: q"x\y:1: '* ]]
    run -0 evtopic dead
    is "${lines[0]}" "$now evtask q\"x\\y:1"
}

@test "dead shows whole letters only, and says that a line is none" {
    put_aside one two
    head -c -1 evstore/dead/evtask.ndjson | head -c 350 >half
    [ "$(wc -l <half)" -eq 1 ]
    # Without its newline it may still be written.
    cp half evstore/dead/evtask.ndjson
    run -0 evtopic dead --json
    is "$output" "$(head -n 1 half)"
    { cat half; echo; } >evstore/dead/evtask.ndjson
    run -0 --separate-stderr evtopic dead --json
    is "$output" "$(head -n 1 half)"
    is "$stderr" 'evtopic: dead/evtask.ndjson: 1 line is not a whole letter'
    # Cut off behind a quote it might look whole.
    { head -n 1 half; head -n 1 half | sed 's/"line":.*/"line":"}/'; } >evstore/dead/evtask.ndjson
    run -0 --separate-stderr evtopic dead
    [ "${#lines[@]}" -eq 3 ]
    is "$stderr" 'evtopic: dead/evtask.ndjson: 1 line is not a whole letter'
    run -1 evtopic check --dead 0
    is "$output" 'dead: 1 dead letter (limit 0)'
}

@test "dead and redrive -n change nothing and wait for nobody" {
    put_aside one two
    content >before
    find evstore | sort >files
    exec 7<evstore/topics 8<evstore/dead/evtask.ndjson 9<evstore/topics/purchase.requested/0
    flock 7
    flock 8
    flock 9
    run -0 timeout 300 evtopic dead
    run -0 timeout 300 evtopic redrive -n evtask
    is "$output" '2 messages from dead/evtask.ndjson to @purchase.requested'
    run -0 timeout 300 evtopic check --dead 2
    content | cmp before -
    find evstore | sort | cmp files -
}

@test "dead and redrive -n work where nothing can be written" {
    unshare -m true 2>/dev/null || skip 'nothing can be mounted here'
    put_aside one
    evtopic redrive evtask >/dev/null
    run -65 evtask --drain
    looks='set -e; evtopic dead; evtopic dead --json; evtopic redrive -n evtask'
    run -0 bash -c "$looks"
    expected=$output
    # shellcheck disable=SC2016 # for the other shell
    run -0 unshare -m bash -c '
        mount --bind evstore evstore && mount -o remount,bind,ro evstore && cd . || exit
        ! touch evstore/dead/x 2>/dev/null || exit
        '"$looks"
    is "$output" "$expected"
}

# -- redrive --------------------------------------------------------------------------------------

@test "what was put aside is sent again once the reason is mended, and comes to its result" {
    mended
    run -0 evtopic check --dead 3
    run -0 evtopic redrive -n evcheck
    is "$output" '3 messages from dead/evcheck.ndjson to @stockcheck.requested'
    run -0 evtopic redrive evcheck
    is "$output" '3 messages from dead/evcheck.ndjson to @stockcheck.requested'
    run -0 evtopic check --dead 0
    [ "$(evtopic dead evcheck | grep -c ' (redriven)$')" -eq 3 ]
    once_more
    run -0 evtopic redrive evcheck
    is "$output" '0 messages from dead/evcheck.ndjson'
    amount stockcheck.requested 6
}

@test "a letter goes to the topic it is from, else to the command's own; its bytes are what they were" {
    printf '\xff\x00\n\n\\"\303\244\nx\302\205\n' >hostile
    head -c 100000 /dev/urandom | tr '\n' x >>hostile
    echo >>hostile
    evtopic publish elsewhere <hostile
    run -65 evcheck -i @elsewhere -o out
    run -65 evcheck <hostile
    letters evcheck | cmp <(cat hostile hostile) -
    run -0 evtopic redrive evcheck
    is "$output" $'5 messages from dead/evcheck.ndjson to @elsewhere\n5 messages from dead/evcheck.ndjson to @stockcheck.requested'
    cmp <(cat hostile hostile) <(evtopic cat elsewhere)
    cmp hostile <(evtopic cat stockcheck.requested)
    for service in evtask evorder evfail evcreate; do
        run -65 feed "x$service"$'\n' "$service"
        run -0 evtopic redrive "$service"
        is "$output" "1 message from dead/$service.ndjson to @${topic_of[$service]}"
        is "$(lines "${topic_of[$service]}")" "x$service"
    done
}

@test "letters longer than memory should hold go each by itself, in their order" {
    for letter in a b b; do head -c 1000000 /dev/zero | tr '\0' "$letter"; echo; done >long
    { printf 'one\ntwo\n'; sed -n 1p long; printf 'three\n'; sed -n 2,3p long; printf 'four'; } | evtopic publish t
    run -65 evcheck -i @t -o out
    letters evcheck | cmp <(evtopic cat t) -
    evtopic cat t >before
    strace -f -o trace -e trace=renameat evtopic redrive evcheck >out
    is "$(cat out)" '7 messages from dead/evcheck.ndjson to @t'
    # Noted before each parcel: two lines, a long one, a line, two long ones, a line; and at the end.
    [ "$(grep -c redriven trace)" -eq 7 ]
    evtopic cat t | cmp <(cat before before) -
    run -0 evtopic redrive evcheck
    is "$output" '0 messages from dead/evcheck.ndjson'
}

@test "a long letter whose bytes are in no form of a letter is not sent, and said: 65" {
    { head -c 1200000 /dev/zero | tr '\0' a; echo; } >long
    run -65 evtask <long
    cp evstore/dead/evtask.ndjson good
    # Not base64, its padding in the midst, a group that is not whole, a newline within.
    head=$(head -c 1000 good | sed 's/"base64":".*/"base64":"/')
    at=$((${#head} + 900000))
    for other in 'YW*h' 'YQ==' 'YWF' 'YWEK'; do
        { head -c "$at" good; printf %s "$other"; tail -c +$((at + 5)) good; } >evstore/dead/evtask.ndjson
        run -65 --separate-stderr evtopic redrive evtask
        is "$stderr" 'evtopic: dead/evtask.ndjson: 1 line is not a whole letter: never sent'
        is "$(lines purchase.requested)" ''
        rm -f evstore/dead/evtask.redriven
    done
}

@test "one that fails again is a new letter" {
    put_aside bad
    for n in 2 3; do
        run -0 evtopic redrive evtask
        is "$output" '1 message from dead/evtask.ndjson to @purchase.requested'
        run -65 evtask --drain
        [ "$(dead evtask)" -eq $n ]
        [ "$(evtopic dead | grep -c redriven)" -eq $((n - 1)) ]
        run -1 evtopic check --dead 0
        is "$output" 'dead: 1 dead letter (limit 0)'
    done
    is "$(jq -c .offset evstore/dead/evtask.ndjson | paste -sd ' ')" '0 1 2'
}

@test "requests go to no topic, and are left: 65" {
    run -65 feed $'x\ny\n' evbuy
    run -65 feed $'x\n' evstock
    run -65 --separate-stderr evtopic redrive evbuy
    is "$output" ''
    is "$stderr" 'evtopic: dead/evbuy.ndjson: 2 lines are for no topic, so nothing is sent: give what should be done again to evbuy'
    run -65 evtopic redrive -n evstock
    is "$output" 'evtopic: dead/evstock.ndjson: 1 line is for no topic, so nothing is sent: give what should be done again to evstock'
    [ -z "$(find evstore/topics -type f)" ]
    run -1 evtopic check --dead 2
    [ ! -e evstore/dead/evbuy.redriven ]
    run -64 evtopic redrive evreplay
    run -64 evtopic redrive
    run -0 evtopic redrive evcheck -d missing
}

@test "the cut-off end of a journal is never sent" {
    stock 85123A 10
    printf '{"torn' >>evstore/journal/85123A.ndjson
    buy 85123A 1 "$r1" >/dev/null
    run -65 feed $'x\n' evorder
    is "$(jq -r .kind evstore/dead/evorder.ndjson | paste -sd ' ')" 'torn message'
    [[ $(evtopic dead evorder) = "$now evorder "*' (torn)'* ]]
    run -0 evtopic redrive evorder
    is "$output" $'1 message from dead/evorder.ndjson to @stock.available\n1 cut-off end of journals in dead/evorder.ndjson: never sent'
    is "$(lines stock.available)" x
    run -0 evtopic check --dead 0
}

@test "what is no whole letter is not sent, and said: 65" {
    put_aside one two
    head -n 1 evstore/dead/evtask.ndjson >letter
    { head -c 100 letter; echo; cat letter; echo junk; sed 's/"line":"one/"line":"\\n/' letter; sed 's/"topic":"/&..\//' letter; } \
        >evstore/dead/evtask.ndjson
    run -65 --separate-stderr evtopic redrive evtask
    is "$output" '1 message from dead/evtask.ndjson to @purchase.requested'
    is "$stderr" 'evtopic: dead/evtask.ndjson: 4 lines are not a whole letter: never sent'
    is "$(lines purchase.requested)" $'one\ntwo\none'
}

@test "letters that are longer than what is read at once are sent whole" {
    for size in 393000 1000000 5000000; do head -c $size /dev/urandom | tr '\n' x; echo; done >long
    evtopic publish purchase.requested <long
    run -65 evtask --drain
    [ "$(dead evtask)" -eq 3 ]
    run -0 evtopic redrive evtask
    is "$output" '3 messages from dead/evtask.ndjson to @purchase.requested'
    cmp <(cat long long) <(lines purchase.requested)
}

@test "a letter that is put aside while others are sent waits for the next redrive" {
    put_aside {1..50}
    serve evtask
    sent=50
    for n in 1 2 3 4 5; do
        evtopic redrive evtask >out
        sent=$((sent + $(cut -d ' ' -f 1 out)))
    done
    eventually read_all evtask
    stop TERM "$pid"
    pids=()
    [ "$sent" -gt 100 ]
    amount purchase.requested "$sent"
    [ "$(dead evtask)" -eq "$sent" ]
}

# -- twice at once, and cut off -------------------------------------------------------------------

@test "two redrives at once send each letter once" {
    put_aside {1..300}
    for n in 1 2 3 4 5 6; do background evtopic redrive evtask >"out.$n"; done
    wait
    pids=()
    [ "$(cat out.* | cut -d ' ' -f 1 | sort -n | paste -sd ' ')" = '0 0 0 0 0 300' ]
    amount purchase.requested 600
    # The second waits for the first, which has the topics.
    put_aside again
    hold evstore/topics
    background evtopic redrive evtask >out
    eventually waiting 1
    is "$(cat out)" ''
    let_go
    wait "$pid"
    is "$(cat out)" '301 messages from dead/evtask.ndjson to @purchase.requested'
}

@test "who is just putting letters aside is waited for: they may be taken back" {
    put_aside one
    hold evstore/dead/evtask.ndjson
    background evtopic redrive evtask >out
    eventually waiting 1
    [ ! -e evstore/dead/evtask.redriven ]
    let_go
    wait "$pid"
    is "$(cat out)" '1 message from dead/evtask.ndjson to @purchase.requested'
}

# broken_at N CALLS: a redrive of evcheck whose nth of these calls ends it, or fails, as $how says; its status is $code.
broken_at() {
    code=0
    failing CALLS="$2" PATH="$PWD" AT="$1" HOW="$how" -- evtopic redrive evcheck >out 2>errors || code=$?
}

# at_calls HOW CALLS: cut off at some of these calls, perhaps a second time, and then completed.  At each: tests/torture/faults.
at_calls() {
    local how=$1 met=0 n all
    mended
    cp -r evstore prepared
    failing CALLS="$2" PATH="$PWD" LOG=calls -- evtopic redrive evcheck >out
    mapfile -t all <calls
    for ((n = 1; n <= ${#all[@]}; n += 4)); do
        rm -rf evstore
        cp -r prepared evstore
        broken_at "$n" "$2"
        [ "$code" -ne 0 ]
        met=$((met + 1))
        [ "$how" = kill-before ] || [[ $code = 7[34] && $(<errors) = 'evtopic: '* ]]
        broken_at $((met % 4 + 1)) fdatasync
        [ "$code" -eq 0 ] || evtopic redrive evcheck >/dev/null
        run -0 evtopic redrive evcheck
        [ "$output" = '0 messages from dead/evcheck.ndjson' ]
        once_more
    done
    echo "at $met of ${#all[@]} calls"
    [ "$met" -ge 3 ]
}

@test "a redrive that is killed sends each letter once" {
    at_calls kill-before write,pwrite,fsync,fdatasync,syncfs,renameat,unlinkat,ftruncate,mkdirat,flock
}

@test "a redrive that fails says so, and sends each letter once in the end" {
    at_calls ENOSPC write,pwrite,fsync,fdatasync,renameat
}

# cut_off [CALL N]: a redrive of evtask that is killed at its nth such call: when its letters were written, not synced.
cut_off() {
    need_tracing
    strace -f -o trace -e trace="${1:-fdatasync}" -e inject="${1:-fdatasync}:signal=KILL:when=${2:-2}" \
        evtopic redrive evtask >/dev/null || true
    [ "$(grep -c KILL trace)" -gt 0 ]
    [ "$(jq -c .targets <evstore/dead/evtask.redriven | head -n 1)" = 1 ]
}

@test "after a redrive that was cut off only what is missing is sent" {
    put_aside one two two three
    cut_off
    amount purchase.requested 8
    run -0 evtopic dead
    run -1 grep redriven <<<"$output"
    # Some of it did not get to the disk, and of one only a part; others have published since.
    file=evstore/topics/purchase.requested/0/00000000000000000000.ndjson
    cp -r evstore copy
    for tail in $'two\none\n' $'two\none\ntw' $'two\none\ntwo' $'one\ntwo\ntwo\nthree'; do
        rm -rf evstore
        cp -r copy evstore
        printf 'one\ntwo\ntwo\nthree\n%s' "$tail" >$file
        rm evstore/topics/purchase.requested/0.end
        run -0 evtopic redrive evtask
        is "${lines[0]}" '4 messages from dead/evtask.ndjson to @purchase.requested'
        is "${lines[1]}" 'a redrive was cut off: some of these may be there already'
        is "$(sed 1,4d $file | grep -v '^tw$' | sort | paste -sd ' ')" 'one three two two'
        run -0 evtopic redrive evtask
        is "$output" '0 messages from dead/evtask.ndjson'
    done
    is "$(tail -n +2 <<<"$tail")" $'two\ntwo\nthree'
}

@test "what is found there is on disk before it counts" {
    put_aside one two
    cut_off
    trace evtopic redrive evtask >out
    is "$(tail -n 1 out)" '0 sent now, 2 were there already'
    awk '/syncfs\(/ && renames == 1 { synced = 1 }
        /renameat\(.*evtask\.redriven/ { renames++; early = renames == 2 && !synced }
        END { exit renames != 2 || early }' trace || { cat trace; return 1; }
}

@test "after a power failure that took messages from before the note each letter is sent once" {
    put_aside one two three four
    cut_off
    file=evstore/topics/purchase.requested/0/00000000000000000000.ndjson
    head -n 1 $file >kept
    cp kept $file
    rm evstore/topics/purchase.requested/*.end
    cut_off syncfs 1
    is "$(cat $file)" $'one\none\ntwo\nthree\nfour'
    run -0 evtopic redrive evtask
    is "${lines[2]}" '0 sent now, 4 were there already'
    is "$(cat $file)" $'one\none\ntwo\nthree\nfour'
}

# ever TOPIC: the messages that were published to it, kept or not.
ever() { jq -s 'map(.offset) | add' evstore/topics/"$1"/*.end; }

@test "what is there already is counted, also over another number of lanes, trimmed and rolled" {
    lanes purchase.requested 2 4096
    for n in {1..60}; do wanted "00000000-0000-4000-8000-$(printf %012d "$n")" "P$n" 0; done >bad
    evtopic publish purchase.requested <bad
    run -65 evtask --drain
    cut_off
    there=$(($(lines purchase.requested | wc -l) - 60))
    [ "$there" -gt 0 ] && [ "$there" -lt 60 ]
    # A group that has read it all, then other lanes and messages.
    run -65 evtask --drain
    evtopic lanes purchase.requested 5 >/dev/null
    head -n 5 bad | evtopic publish purchase.requested
    run -65 evtask --drain
    run -0 evtopic trim purchase.requested
    [[ $output != *'removed 0 segments'* ]]
    # Cut off again, when it has sent the others to new lanes as well.
    cut_off syncfs 1
    [ "$(ever purchase.requested)" -eq $((60 + 5 + 60)) ]
    run -0 evtopic redrive evtask
    is "${lines[0]}" "$((60 + there + 5)) messages from dead/evtask.ndjson to @purchase.requested"
    is "${lines[2]}" "$((there + 5)) sent now, 60 were there already"
    [ "$(ever purchase.requested)" -eq $((60 + 5 + 60 + there + 5)) ]
    # Now that it is over, that may go.
    run -65 evtask --drain
    run -0 evtopic trim purchase.requested
    [[ $output != *'removed 0 segments'* ]]
}

@test "many letters go in parcels, each sent once" {
    need_tracing
    for n in {1..150}; do printf '%0*d\n' 65000 "$n"; done >bad
    evtopic publish purchase.requested <bad
    run -65 evtask --drain
    strace -f -o trace -e trace=renameat evtopic redrive evtask >out
    parcels=$(grep -c redriven trace)
    [ "$parcels" -gt 3 ]
    cmp <(cat bad bad) <(lines purchase.requested)
    # Killed at each of these.
    evtopic redrive evtask >/dev/null
    rm evstore/dead/evtask.redriven
    cp -r evstore copy
    for ((n = 1; n <= parcels; n++)); do
        rm -rf evstore
        cp -r copy evstore
        strace -f -o trace -e trace=renameat -e inject=renameat:signal=KILL:when=$n evtopic redrive evtask >out || true
        evtopic redrive evtask >out
        cmp <(cat bad bad bad | sort) <(lines purchase.requested | sort)
    done
}

@test "lines are on disk before the record moves, the note before they are published" {
    need_tracing
    mended
    trace evtopic redrive evcheck >/dev/null
    segment=topics/stockcheck.requested/0/00000000000000000000.ndjson
    # The letters, the note, its name; the lines; the record.
    awk -v segment="$segment" '
        /fdatasync\(.*dead\/evcheck\.ndjson>/ { letters = 1 }
        /fsync\(.*dead\/\.redriven>/ { draft = 1 }
        /renameat\(.*evcheck\.redriven/ { early += !draft || !letters || (written && !lines); renames++; draft = 0 }
        /fsync\(.*evstore\/dead>/ { named = renames }
        /write\(.*\/0\/0+\.ndjson>/ { written = 1; early += named != 1 }
        /f(data)?sync\(.*\/0\/0+\.ndjson>|syncfs\(/ { lines = written }
        END { exit early || !(written && lines && renames == 2 && named == 2) }' trace || { cat trace; return 1; }
}

@test "a sync that fails ends it with 74, and the letters are not taken for sent" {
    need_tracing
    mended
    # The letters; the lines; then, as it was cut off, the note, and all.
    for fault in fdatasync:error=EIO:when=1 fdatasync:error=EIO:when=2 fsync:error=EIO syncfs:error=EIO; do
        run -74 strace -f -o /dev/null -e "trace=${fault%%:*}" -e "inject=$fault" evtopic redrive evcheck
        [[ $output = *'evtopic: '*': Input/output error' ]]
        run -0 evtopic dead
        run -1 grep redriven <<<"$output"
    done
    evtopic redrive evcheck >/dev/null
    once_more
}

# -- the record -----------------------------------------------------------------------------------

@test "a record that is damaged, or is about other letters, is said, and nothing is sent: 65" {
    put_aside one two
    evtopic redrive evtask >/dev/null
    cp evstore/dead/evtask.redriven record
    size=$(lines purchase.requested | wc -l)
    sed -i 's/"bytes":[0-9]/"bytes":9/' evstore/dead/evtask.redriven
    for command in 'redrive evtask' 'redrive -n evtask' 'dead' 'check --dead 0'; do
        # shellcheck disable=SC2086 # words
        run -65 evtopic $command
        [[ $output = *'evtopic: ./evstore/dead/evtask.redriven: damaged'* ]]
    done
    [ "$(evtopic dead 2>/dev/null | grep -c '^2026')" -eq 2 ]
    cp record evstore/dead/evtask.redriven
    sed -i 's/two/too/g' evstore/dead/evtask.ndjson
    run -65 evtopic redrive evtask
    [[ $output = *': not the letters that '* ]]
    head -n 1 evstore/dead/evtask.ndjson >other
    cp other evstore/dead/evtask.ndjson
    run -65 evtopic redrive evtask
    is "$output" 'evtopic: ./evstore/dead/evtask.ndjson: not the letters that evtask.redriven tells of; remove that to have all of them sent again'
    amount purchase.requested "$size"
    # Of a redrive that was cut off all letters have to be there.
    rm evstore/dead/evtask.redriven
    put_aside three
    cut_off
    head -n 1 evstore/dead/evtask.ndjson >other
    cp other evstore/dead/evtask.ndjson
    run -65 evtopic redrive evtask
    is "$output" 'evtopic: ./evstore/dead/evtask.ndjson: ends before what evtask.redriven tells of'
    # As it says.
    rm evstore/dead/evtask.redriven
    run -0 evtopic redrive evtask
    is "$output" '1 message from dead/evtask.ndjson to @purchase.requested'
}

@test "letters that were taken away make room for new ones" {
    put_aside one two
    evtopic redrive evtask >/dev/null
    mv evstore/dead/evtask.ndjson aside
    run -0 evtopic check --dead 0
    run -0 evtopic redrive evtask
    is "$output" '0 messages from dead/evtask.ndjson'
    rm evstore/dead/evtask.redriven
    run -65 evtask --drain
    run -0 evtopic redrive evtask
    is "$output" '2 messages from dead/evtask.ndjson to @purchase.requested'
}

@test "topics that are closed before the end, for want of files, are synced first" {
    need_tracing
    for n in {1..6}; do
        echo "line $n" | evtopic publish "t$n"
        evtopic run --drain -g g --tries 1 "t$n" -- false || [ $? -eq 65 ]
    done
    (ulimit -n 128 && trace evtopic redrive evtopic >/dev/null)
    for n in {1..6}; do
        sed '/renameat.*redriven/,$!d' trace | sed '2,/renameat.*redriven/!d' |
            grep "sync([0-9]*<[^>]*/topics/t$n/0/0*.ndjson>"
    done
}

# evtopic lanes, trim and seek: how a topic is kept may change while it is used.
load lib
load served

topic=evstore/topics/purchase.requested

# submit FIRST LAST [PRODUCTS]
submit() { purchases "$@" | evbuy -s >/dev/null; }

# in_order TOPIC: the messages of each product, in the order of the lane they are in now, rise.
in_order() { rising lane evstore/topics/"$1"/[0-9]*/*.ndjson; }

# distinct TOPIC NUMBER: of its messages so many differ.
distinct() { [ "$(jq -n '[inputs.id] | unique | length' evstore/topics/"$1"/[0-9]*/*.ndjson)" -eq "$2" ]; }

# -- lanes --------------------------------------------------------------------------------------

@test "lanes: what was and what is; the same again changes nothing; -n only says it" {
    run -0 evtopic lanes purchase.requested 1
    is "$output" '1 lane, segments of 67108864 bytes -> 1 lane, segments of 67108864 bytes'
    [ ! -e $topic/lanes ]
    run -0 evtopic lanes -n TOPIC-1 4
    is "$output" '1 lane, segments of 67108864 bytes -> 4 lanes, segments of 67108864 bytes (not done)'
    [ ! -e $topic/lanes ]
    run -0 evtopic lanes TOPIC-1 4 --segment 4096
    is "$output" '1 lane, segments of 67108864 bytes -> 4 lanes, segments of 4096 bytes'
    cp $topic/lanes before
    run -0 evtopic lanes TOPIC-1 4
    cmp before $topic/lanes
    run -0 evtopic lanes TOPIC-1 4 --segment 8192
    is "$output" '4 lanes, segments of 4096 bytes -> 4 lanes, segments of 8192 bytes'
    for wrong in 0 257 x -1; do run -64 evtopic lanes TOPIC-1 -- "$wrong"; done
    run -64 evtopic lanes TOPIC-1 4 --segment 4095
    run -0 evtopic lanes -n missing 3
    [ ! -e evstore/topics/missing ]
}

@test "lanes: a product's messages are in one lane, and all lanes are used" {
    evtopic lanes TOPIC-1 8 >/dev/null
    submit 1 400 40
    amount purchase.requested 400
    [ "$(find $topic -name '*.ndjson' -size +0 | wc -l)" -eq 8 ]
    [ "$(jq -r '"\(input_filename) \(.subject)"' $topic/[0-9]*/*.ndjson | sort -u | wc -l)" -eq 40 ]
    # What names no product goes to lane 0.
    printf 'x\n{}\n' | evtopic publish TOPIC-1
    is "$(tail -n 2 $topic/0/*.ndjson)" $'x\n{}'
}

@test "lanes: with unread messages their number changes, grows and shrinks, and order holds" {
    evtopic lanes TOPIC-1 8 >/dev/null
    evtopic lanes TOPIC-2 4 >/dev/null
    submit 1 500 25
    evtopic lanes TOPIC-1 2 >/dev/null
    submit 501 1000 25
    evtopic lanes TOPIC-1 5 >/dev/null
    submit 1001 1500 25
    for _ in 1 2 3; do serve evtask; done
    eventually read_all evtask
    stop TERM "${pids[@]}"
    pids=()
    amount stockcheck.requested 1500
    in_order stockcheck.requested
}

@test "lanes: their number changes under load, with workers, and nothing is lost or out of order" {
    evtopic lanes TOPIC-1 3 >/dev/null
    for _ in 1 2 3; do serve evtask; done
    purchases 1 3000 20 >wishes
    background load_on
    load=$pid
    for number in 7 1 8 2 6 1 4; do
        evtopic lanes TOPIC-1 $number >/dev/null
        count purchase.requested
        [ "$total" -ge 3000 ] || eventually more_than "$total"
    done
    wait "$load"
    eventually read_all evtask
    amount purchase.requested 3000
    distinct stockcheck.requested 3000
    amount stockcheck.requested 3000
    in_order stockcheck.requested
}

# more_than N: so many requests were published since.
more_than() {
    count purchase.requested
    [ "$total" -gt "$1" ]
}
load_on() { portions wishes | evbuy -s >/dev/null; }

@test "lanes: killed at any call it leaves the old number or the new, and every message" {
    need_tracing
    submit 1 20 5
    printf 'cut off' >>$topic/0/00000000000000000000.ndjson
    purchases 21 60 5 >others
    cp -r evstore before
    for ((n = 1; n < 60; n++)); do
        rm -rf evstore
        cp -r before evstore
        code=0
        strace -o trace -e trace=write,pwrite64,fsync,fdatasync,renameat,mkdirat,flock \
            -e inject=write,pwrite64,fsync,fdatasync,renameat,mkdirat,flock:signal=KILL:when=$n \
            evtopic lanes TOPIC-1 4 >out || code=$?
        evbuy -s <others >/dev/null
        run -65 evtask --drain
        distinct stockcheck.requested 60
        in_order stockcheck.requested
        [ "$(dead evtask)" -eq 1 ]
        [ "$code" -ne 0 ] || break
    done
    [ "$n" -gt 5 ] && [ "$n" -lt 60 ]
    grep -q '"lanes":4' $topic/lanes
}

@test "lanes: where a sync or a write fails, that is said, and the lanes are as they were" {
    need_tracing
    submit 1 20 5
    for call in fsync fdatasync write renameat; do
        run -74 --separate-stderr strace -o /dev/null -e trace=$call -e inject=$call:error=EIO:when=1 \
            evtopic lanes TOPIC-1 4
        [[ $stderr = 'evtopic: ./evstore/topics/purchase.requested'* ]]
        [ ! -e $topic/lanes ]
    done
}

# -- trim ---------------------------------------------------------------------------------------

# filled: purchase.requested with 100 messages in small segments; three groups are at 100, 40 and 0 of them.
filled() {
    evtopic lanes TOPIC-1 1 --segment 4096 >/dev/null
    submit 1 100
    for at in 100 40 0; do evtopic seek "group$at" TOPIC-1 "$at" >/dev/null; done
    [ "$(segments purchase.requested | wc -l)" -gt 4 ]
}

@test "trim removes what every group has read, whole segments, and keeps the last" {
    filled
    run -0 evtopic trim TOPIC-1
    is "$output" 'removed 0 segments, 0 messages, 0 bytes'
    evtopic seek group0 TOPIC-1 last >/dev/null
    segments purchase.requested >before
    run -0 evtopic trim -n TOPIC-1
    [[ ${lines[-1]} = 'would remove '* ]]
    segments purchase.requested | cmp before -
    said=${lines[-1]#would }
    run -0 evtopic trim TOPIC-1
    is "${lines[-1]}" "${said/remove/removed}"
    # group40 may read on at 40: the segment with that message is the first that is left.
    first=$(segments purchase.requested | head -n 1)
    [ "$(basename "$first" .ndjson)" -le 40 ]
    [ "$(basename "$(segments purchase.requested | sed -n 2p)" .ndjson)" -gt 40 ]
    evtopic seek group40 TOPIC-1 last >/dev/null
    run -0 evtopic trim --json TOPIC-1
    left=$(basename "$(segments purchase.requested)" .ndjson)
    [ "$(jq -s 'map(.messages) | add' <<<"$output")" -eq $((10#$left - 10#$(basename "$first" .ndjson))) ]
    [ "$(segments purchase.requested | wc -l)" -eq 1 ]
    # Message 0 is gone, which is said to who names it; the first is another one.
    run -0 --separate-stderr evtopic seek -n group40 TOPIC-1 0
    is "$output" "lane 0: 100 -> $((10#$left)) (not done)"
    is "$stderr" 'evtopic: lane 0: there is no message 0'
    run -0 --separate-stderr evtopic seek -n group40 TOPIC-1 first
    is "$output$stderr" "lane 0: 100 -> $((10#$left)) (not done)"
    # Numbers go on, and the groups do.
    submit 101 110
    evtopic list --json | jq -e '.messages == '$((110 - 10#$(basename "$(segments purchase.requested | head -n 1)" .ndjson)))
    run -0 evtask --drain -g group40 -o @elsewhere
    amount elsewhere 10
}

@test "trim goes by the durable offset, not by how far a worker is" {
    filled
    rm -r $topic/groups/*
    serve evtask
    eventually read_all evtask
    stop TERM "$pid"
    pids=()
    moved $topic/groups/evtask/0.offset 40
    run -0 evtopic trim TOPIC-1
    [ "$(basename "$(segments purchase.requested | head -n 1)" .ndjson)" -le 40 ]
}

@test "trim --older: only what is old; a topic that no group reads is trimmed by age alone" {
    filled
    rm -r $topic/groups
    run -0 evtopic trim TOPIC-1
    is "$output" 'removed 0 segments, 0 messages, 0 bytes'
    run -0 evtopic trim --older 1h TOPIC-1
    is "$output" 'removed 0 segments, 0 messages, 0 bytes'
    touch -d '2 hours ago' "$(segments purchase.requested | head -n 1)"
    run -0 evtopic trim --older 1h TOPIC-1
    [[ ${lines[-1]} = 'removed 1 segments, '* ]]
    evtopic seek late TOPIC-1 first >/dev/null
    segments purchase.requested | xargs touch -d '2 hours ago'
    run -0 evtopic trim --older 1h TOPIC-1
    [[ ${lines[-1]} = 'removed 0 segments, '* ]]
}

@test "trim leaves a lane alone where a group's offset is damaged: 65" {
    filled
    for group in group0 group40; do evtopic seek $group TOPIC-1 last >/dev/null; done
    flipped $topic/groups/group40/0.offset
    segments purchase.requested >before
    run -65 --separate-stderr evtopic trim TOPIC-1
    [[ $stderr = *'the offset of group40 is damaged'* ]]
    segments purchase.requested | cmp before -
}

@test "trim waits for a copy that is made, and a reader that is behind says what is gone" {
    filled
    for group in group0 group40; do evtopic seek $group TOPIC-1 last >/dev/null; done
    hold evstore/topics -s
    background evtopic trim TOPIC-1 >trimmed
    eventually waiting 1
    [ "$(segments purchase.requested | wc -l)" -gt 4 ]
    let_go
    wait "$pid"
    pids=()
    first=$(basename "$(segments purchase.requested)" .ndjson)
    run -0 --separate-stderr evtask --drain -g begins -o @elsewhere
    is "$stderr" "evtask: @purchase.requested: lane 0: messages from 0 on are not kept any more; going on at $((10#$first))"
    [ "$(lines elsewhere | wc -l)" -eq $((100 - 10#$first)) ]
    run -66 evtopic trim missing
}

@test "trim killed at any call removes no more than it may, and the next one the rest" {
    need_tracing
    filled
    for group in group0 group40; do evtopic seek $group TOPIC-1 last >/dev/null; done
    cp -r evstore before
    for ((n = 1; n < 60; n++)); do
        rm -rf evstore
        cp -r before evstore
        code=0
        strace -o /dev/null -e trace=unlinkat,fsync,syncfs,flock -e inject=unlinkat,fsync,syncfs,flock:signal=KILL:when=$n \
            evtopic trim TOPIC-1 >out || code=$?
        evtopic trim TOPIC-1 >again
        [ "$(segments purchase.requested | wc -l)" -eq 1 ]
        [ "$code" -ne 0 ] || break
    done
    [ "$n" -gt 3 ] && [ "$n" -lt 60 ]
}

# -- seek ---------------------------------------------------------------------------------------

@test "seek: first, last, an offset, a time; where there is nothing it is put right, and said" {
    for minute in 1 2 3; do
        EV_NOW=2026-01-31T09:0$minute:00.000000Z submit $((minute * 10 - 9)) $((minute * 10))
    done
    run -0 evtopic seek evtask TOPIC-1 12
    is "$output" 'lane 0: 0 -> 12'
    run -0 evtopic seek -n evtask TOPIC-1 last
    is "$output" 'lane 0: 12 -> 30 (not done)'
    run -0 evtopic seek evtask TOPIC-1 2026-01-31T09:02:00Z
    is "$output" 'lane 0: 12 -> 10'
    run -0 evtopic seek evtask TOPIC-1 2026-01-31T09:02:00.000001Z
    is "$output" 'lane 0: 10 -> 20'
    run -0 evtopic seek evtask TOPIC-1 2027-01-31T09:02:00Z
    is "$output" 'lane 0: 20 -> 30'
    run -0 --separate-stderr evtopic seek evtask TOPIC-1 31
    is "$output" 'lane 0: 30 -> 30'
    is "$stderr" 'evtopic: lane 0: there is no message 31'
    run -0 evtopic seek evtask TOPIC-1 first
    is "$output" 'lane 0: 30 -> 0'
    run -0 evtopic seek evtask TOPIC-1 25
    evtask --drain
    amount stockcheck.requested 5
    run -66 evtopic seek evtask missing first
    run -64 evtopic seek evtask TOPIC-1 yesterdays
    run -64 evtopic seek Bad TOPIC-1 first
    [ ! -e evstore/topics/missing ]
    run -0 evtopic seek -n other TOPIC-1 last
    [ ! -e $topic/groups/other ]
}

@test "seek: services that wait go on from there at once, and stay there" {
    submit 1 30
    serve evtask
    eventually read_all evtask
    evtopic seek evtask TOPIC-1 20 >/dev/null
    eventually amount stockcheck.requested 40 >counts
    eventually read_all evtask
    evtopic seek evtask TOPIC-1 first >/dev/null
    eventually amount stockcheck.requested 70 >counts
    stop TERM "$pid"
    pids=()
    [ "$(at evtask)" -eq 30 ]
}

@test "seek waits for the batch in hand, and says for whom" {
    submit 1 30
    serve evtask
    worker=$pid
    eventually read_all evtask
    # The test holds the lane as a worker would in the middle of a batch.
    exec 8<>$topic/groups/evtask/0.lock
    flock -x 8
    background evtopic seek evtask TOPIC-1 10 >sought 2>said 8<&-
    eventually grep -q "lane 0: waiting for process $worker" said
    [ ! -s sought ]
    exec 8<&-
    wait "$pid"
    is "$(cat sought)" 'lane 0: 30 -> 10'
    eventually amount stockcheck.requested 50 >counts
    stop TERM "$worker"
    pids=()
}

@test "seek killed at any call leaves a place that can be read on from" {
    need_tracing
    submit 1 30
    evtask --drain
    cp -r evstore before
    for ((n = 1; n < 60; n++)); do
        rm -rf evstore
        cp -r before evstore
        code=0
        strace -o /dev/null -e trace=pwrite64,syncfs,flock,utimensat \
            -e inject=pwrite64,syncfs,flock,utimensat:signal=KILL:when=$n evtopic seek evtask TOPIC-1 10 >out || code=$?
        run -0 --separate-stderr evtask --drain
        [ "$stderr" = '' ]
        count stockcheck.requested
        [ "$total" -eq 30 ] || [ "$total" -eq 50 ]
        [ "$code" -ne 0 ] || break
    done
    [ "$n" -gt 3 ] && [ "$n" -lt 60 ]
    [ "$total" -eq 50 ]
}

@test "what a group was just sent back to is not trimmed, whenever seek was killed" {
    need_tracing
    filled
    for group in group0 group40; do evtopic seek $group TOPIC-1 last >/dev/null; done
    strace -o /dev/null -e trace=pwrite64 -e inject=pwrite64:signal=KILL:when=2 evtopic seek group0 TOPIC-1 0 || true
    run -0 evtopic trim TOPIC-1
    run -0 --separate-stderr evtask --drain -g group0 -o @elsewhere
    is "$stderr" ''
    amount elsewhere 100
}

@test "seek is durable when it returns, and the lane before it" {
    need_tracing
    load traced
    submit 1 30
    trace evtopic seek new TOPIC-1 last >out
    awk '/syncfs\(/ { if (written) after = 1; else before = 1 } /pwrite64\(.*\.offset>/ { written = 1 } END { exit !(before && written && after) }' trace
}

# evaudit: results and topics, held against the truth; and what looks odd, but is right.
load lib
load audited
load served

at_result() { broken "1 ${3:-one outcome}" "results/$1.json:1: $2"; }

@test "a result that is not the one of its order and sale, byte for byte" {
    good=$(<"evstore/results/$r1.json")
    for change in s/85123A/85123B/ s/:6,/:7,/ 's/"order":"2/"order":"3/' s/09:30/09:31/ 's/created/failed/' \
        's/":6/": 6/' 's/}/,"x":1}/' 's/$/\n/' "s/$r1/$r2/" 's/.*/x/'; do
        sed "$change" <<<"$good" | result "$r1"
        at_result "$r1" 'not the result of the order and its sale'
        counts 'durable before visible' '1 orders, 2 results'
    done
    result_failed "$r1" 85123A 6 0 out-of-stock | result "$r1"
    at_result "$r1" 'not the result of the order and its sale'
}

@test "a result that is not the one of its refusal" {
    good=$(<"evstore/results/$r2.json")
    for change in s/85123A/85123B/ s/:99,/:98,/ s/09:30/09:31/ s/insufficient-stock/out-of-stock/ 's/only 34/only 33/' \
        's/"failed"/"created"/' "s/$r2/$r1/" 's/.*/{}/'; do
        sed "$change" <<<"$good" | result "$r2"
        at_result "$r2" 'not the result of the refusal in the journal'
    done
}

@test "a line in a pack that is not the result of its event" {
    mv "evstore/results/$r2.json" line
    packed <line
    sound --strict
    sed 's/:99,/:98,/' line >evstore/results/5e.ndjson
    broken '1 one outcome' "results/5e.ndjson:1: not the result of the refusal in the journal (request $r2)"
    rm evstore/results/*
    result_created "$r1" 85123A 7 "$o1" | packed
    packed <line
    broken '1 one outcome' "results/5e.ndjson:1: not the result of the order and its sale (request $r1)"
    counts 'one outcome' '1 sold, 1 refused, 0 taken back, 2 results, 0 unfinished'
}

@test "a line in a pack that is no result, or another pack's" {
    bad='not a result of this pack'
    mv "evstore/results/$r2.json" line
    { cat line; echo; echo '{}'; sed "s/$r2/ff${r2:2}/" line; printf '{"request":"%s","status":"lost"}\n' "$r2"
      result_created "$r1" 85123A 6 "$o2"; sed 's/4d3e/4D3E/' line; head -c 20 /dev/zero; echo; } | packed
    broken '7 one outcome' "$(for i in {2..8}; do echo "results/5e.ndjson:$i: $bad"; done)"
    counts 'one outcome' '1 sold, 1 refused, 0 taken back, 2 results, 0 unfinished'
    # Longer than can be read at once.
    { cat line; printf '%0600000d\n' 0; } >evstore/results/5e.ndjson
    broken '1 one outcome' 'results/5e.ndjson: has a line that is too long for a result'
    { cat line; printf '%0600000d' 0; } >evstore/results/5e.ndjson
    sound --strict
}

@test "a result whose event is nowhere tells of what was lost" {
    result_created "$r3" 85123A 6 "$o3" | result "$r3"
    at_result "$r3" 'tells of an order that is not in orders.ndjson' 'durable before visible'
    result_failed "$r3" 85123A 6 0 out-of-stock | result "$r3"
    at_result "$r3" 'tells of a refusal that is in no journal' 'durable before visible'
    mv "evstore/results/$r3.json" line
    packed <line
    broken '1 durable before visible' "results/5e.ndjson:1: tells of a refusal that is in no journal (request $r3)"
    rm evstore/results/5e.ndjson
    # That another purchase of the request was refused does not make up for an order.
    result_created "$r2" 71053 6 "$o2" | result "$r2"
    at_result "$r2" 'tells of an order that is not in orders.ndjson' 'durable before visible'
    fresh
    # What is no result tells of nothing.
    for text in x "$(result_created "$r3" 85123A 6 "$o2")" "$(<"evstore/results/$r2.json")"; do
        echo "$text" | result "$r3"
        at_result "$r3" 'not a result of this request'
    done
}

@test "strangers among the results, and what stands in a result's place" {
    touch evstore/results/{x,5e,5E.ndjson,5e.json,5ee.ndjson} evstore/results/"$r1" evstore/results/"${r1^^}.json" \
        "evstore/results/$r1.text" evstore/results/$'two\nlines'
    is_no="not a result's name"
    broken '9 one outcome' "$(for name in 5E.ndjson "${r1^^}.json" 5e.json "$r1.text" "$r1" 5e 5ee.ndjson 'two?lines' x; do
        echo "results/$name: $is_no"; done)"
    fresh
    touch evstore/results/.hidden "evstore/results/.$r1"
    sound --strict
    for kind in link directory fifo; do
        for name in "$r2.json" 5e.ndjson; do
            fresh
            mv "evstore/results/$r2.json" elsewhere
            case $kind in
            link) ln -s ../../elsewhere "evstore/results/$name" && what='a symbolic link, not a file of the store' ;;
            directory) mkdir "evstore/results/$name" && what='not a regular file' ;;
            fifo) mkfifo "evstore/results/$name" ;;
            esac
            broken '1 one outcome' "results/$name: $what"
            counts 'one outcome' '1 sold, 1 refused, 0 taken back, 1 results, 1 unfinished'
        done
    done
}

@test "a missing, empty or cut-off result is unfinished; a file overrides a pack, a later line an earlier one" {
    for text in '' '{"request":"' "$(head -c -1 "evstore/results/$r1.json")" "$(printf '%030d' 0 | tr 0 '\001')"; do
        printf '%s' "$text" >"evstore/results/$r1.json"
        sound
        counts 'one outcome' '1 sold, 1 refused, 0 taken back, 1 results, 1 unfinished'
    done
    fresh
    mv "evstore/results/$r1.json" line
    head -c -1 line | packed
    sound
    counts 'one outcome' '1 sold, 1 refused, 0 taken back, 1 results, 1 unfinished'
    { sed 's/:6,/:7,/' line; cat line; head -c 99 line; } >evstore/results/5e.ndjson
    sound --strict
    sed 's/:6,/:7,/' line >evstore/results/5e.ndjson
    result "$r1" <line
    sound --strict
    counts 'one outcome' '1 sold, 1 refused, 0 taken back, 2 results, 0 unfinished'
    # An empty file beside it hides no line.
    mv line evstore/results/5e.ndjson
    : >"evstore/results/$r1.json"
    sound --strict
}

# -- topics ---------------------------------------------------------------------------------

# make_lane: three segments of 2 messages, the last of 1, read by evtask up to message 4.
lane=evstore/topics/purchase.requested/0
group=evstore/topics/purchase.requested/groups/evtask
make_lane() {
    lanes purchase.requested 1 4096
    for i in 1 2 3 4 5; do wanted "${r1%1}$i" 85123A 1; done | sed "s/}}$/},\"pad\":\"$(printf '%2000s' x)\"}/" >lines
    sed 4q lines | evtopic publish purchase.requested
    evtask --drain
    sed -n 5p lines | evtopic publish purchase.requested
    [ "$(segments purchase.requested | wc -l) $(at evtask)" = '3 4' ]
}

@test "topics are counted, trimmed or not, with one lane or more" {
    make_lane
    sound
    counts 'nothing silent' '2 topics, 2 lanes, 9 messages, 1 offsets, 0 dead letters'
    evtopic trim purchase.requested >/dev/null
    sound
    counts 'nothing silent' '2 topics, 2 lanes, 5 messages, 1 offsets, 0 dead letters'
    lanes purchase.requested 4
    for i in {1..9}; do wanted "${r1%1}$i" "p$i" 1; done | evtopic publish purchase.requested
    sound
    counts 'nothing silent' '2 topics, 5 lanes, 14 messages, 1 offsets, 0 dead letters'
    evtask --drain
    lanes purchase.requested 1
    echo bad | evtopic publish purchase.requested
    evtask --drain || [ $? -eq 65 ]
    mkdir -p evstore/topics/purchase.requested/groups/new
    sound
    counts 'nothing silent' '2 topics, 5 lanes, 25 messages, 4 offsets, 1 dead letters'
}

@test "a lane without one of its segments, and what stands in its place" {
    make_lane
    told="topics/purchase.requested/0/00000000000000000000.ndjson:2: the last line is message 1, but the next segment begins at 4"
    mv $lane/00000000000000000002.ndjson kept
    broken '1 nothing silent' "$told"
    mv kept $lane/00000000000000000002.ndjson
    sed -i 1d $lane/00000000000000000000.ndjson
    broken '1 nothing silent' "topics/purchase.requested/0/00000000000000000000.ndjson:1: the last line is message 0, but the next segment begins at 2"
    rm $lane/00000000000000000000.ndjson
    sound
    counts 'nothing silent' '2 topics, 2 lanes, 7 messages, 1 offsets, 0 dead letters'
    mv $lane kept
    broken '1 nothing silent' 'topics/purchase.requested/groups/evtask/0.offset:1: at message 4, but the lane has 0 to before 0'
    ln -s ../../../kept $lane
    run -65 --separate-stderr evaudit
    [[ $stderr = *'evaudit: ./evstore/topics/purchase.requested/0: '* ]]
    [[ $output = *$'\n''nothing silent: broken: '* ]]
    rm -r evstore/topics
    sound
    echo x >evstore/topics
    broken '1 nothing silent' 'topics: something else is in its place'
}

@test "a segment that is trimmed while its lane is read leaves no gap" {
    need_tracing
    make_lane
    rm -r evstore/topics/stockcheck.requested
    trimmed() {
        run -0 --separate-stderr strace -f -o trace -P "$1.ndjson" -e trace=openat -e inject=openat:error=ENOENT"$2" evaudit
        grep -q INJECTED trace
        is "$stderr" ''
        counts 'nothing silent' '1 topics, 1 lanes, 5 messages, 1 offsets, 0 dead letters'
    }
    trimmed 00000000000000000000
    trimmed 00000000000000000002
    # The last that there was, which has a successor now.
    for time in 1 2 3; do trimmed 00000000000000000004 ":when=$time"; done
}

@test "the lanes of a topic are told where they are damaged" {
    make_lane
    sed -i 's/4096/4097/' evstore/topics/purchase.requested/lanes
    broken '1 nothing silent' 'topics/purchase.requested/lanes: damaged'
}

@test "an offset that is damaged, ahead of its lane's end or before its first message" {
    make_lane
    cp -r $group kept
    offset=topics/purchase.requested/groups/evtask/0.offset
    flipped $group/0.offset
    broken '1 nothing silent' "$offset:1: damaged"
    counts 'nothing silent' '2 topics, 2 lanes, 9 messages, 1 offsets, 0 dead letters'
    printf '%256s' x >$group/0.offset
    broken '1 nothing silent' "$offset:1: damaged"
    cp kept/* $group
    moved $group/0.offset 6
    broken '1 nothing silent' "$offset:1: at message 6, but the lane has 0 to before 5"
    moved $group/0.offset 5
    sound
    cp kept/* $group
    moved $group/0.offset 1
    moved $group/0.lock 1
    sound
    rm $lane/00000000000000000000.ndjson
    broken '1 nothing silent' "$offset:1: at message 1, but the lane has 2 to before 5"
    moved $group/0.offset 2
    broken '1 nothing silent' "${offset%offset}lock:1: at message 1, but the lane has 2 to before 5"
    moved $group/0.lock 99
    broken '1 nothing silent' "${offset%offset}lock:1: at message 99, but the lane has 2 to before 5"
    # Of another run of the system: it counts for nothing.
    sed -E 's/,"sum":"[0-9a-f]{16}"\} *$/}/; s/"boot":"./"boot":"x/' $group/0.lock | summed >changed
    printf '%-255s\n' "$(<changed)" >$group/0.lock
    sound
    # The lane lost its end, and has grown since: what is new there was never read.
    rm -r evstore/topics
    make_lane
    sed -i 2d $lane/00000000000000000002.ndjson
    rm $lane/00000000000000000004.ndjson evstore/topics/purchase.requested/0.end
    { wanted "$r2" 85123A 2; sed 2q lines; } | evtopic publish purchase.requested
    broken '1 nothing silent' "$offset:1: at message 4, but the messages before it are others"
    rm $group/0.offset
    ln -s ../../../0.end $group/0.offset
    run -65 --separate-stderr evaudit
    [[ $stderr = 'evaudit: ./evstore/topics/purchase.requested/'* ]]
}

@test "the dead letters of a command whose mark is damaged cannot be told" {
    make_lane
    echo bad | evtopic publish purchase.requested
    run -65 evtask --drain
    sound
    counts 'nothing silent' '2 topics, 2 lanes, 11 messages, 1 offsets, 1 dead letters'
    evtopic redrive evtask >/dev/null
    sound
    counts 'nothing silent' '2 topics, 2 lanes, 12 messages, 1 offsets, 0 dead letters'
    sed -i 's/[0-9]/x/' evstore/dead/evtask.redriven
    broken '1 nothing silent' 'dead/evtask.redriven: damaged'
}

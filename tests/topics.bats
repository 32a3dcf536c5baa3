# What is in a topic: lines of any kind, cut off or too long; where they go; segments and their names.
load lib
load served

# numbered TOPIC [LANE]: each segment's name is the number of lines before it.
numbered() {
    local lines file name count=0
    while read -r lines file; do
        printf -v name '%020d' "$count"
        [ "$file" = total ] || [ "${file##*/}" = "$name.ndjson" ] || return
        count=$((count + lines))
    done < <(exec wc -l "evstore/topics/$1/${2:-0}"/*.ndjson)
    [ "$count" -gt 0 ]
}

# seen TOPIC GROUP: what a group that has read nothing reads.
seen() { evtask -i "@$1" -g "$2"; }

# cut_publisher BYTES: one that is killed when the lane's file has so many KiB.
cut_publisher() {
    # The core that SIGXFSZ would leave is not wanted.
    run bash -c 'ulimit -c 0; ulimit -f '"$1"'; exec evtopic publish purchase.requested'
    [ "$status" -eq 153 ]
}

# -- lines that were cut off, and others that are bad ------------------------------------

@test "a publisher killed in the middle of a write: its line is put aside once, nothing else is lost" {
    for request in "$r1" "$r2"; do evbuy -s -u "$request" 85123A 1; done >/dev/null
    { wanted "$r3" 85123A 1; printf '%20000s\n' x; wanted "$r4" 85123A 1; } >in
    cut_publisher 8 <in
    [ "$(tail -c 1 "$(segments purchase.requested)")" = ' ' ]
    # What is not ended is not there yet.
    run -0 evtask --drain
    [ "$(at evtask)" = 3 ]
    amount stockcheck.requested 3
    evbuy -s -u "$r4" 85123A 1 >/dev/null
    run -65 evtask --drain
    [[ $output = 'evtask: @purchase.requested/0:3: not JSON'* ]]
    [ "$(dead evtask)" = 1 ]
    [ "$(jq -r .line evstore/dead/evtask.ndjson | wc -c)" = "$((8192 - $(wanted "$r1" 85123A 1 | wc -c) * 3 + 1))" ]
    run -0 evtask --drain
    [ "$(at evtask)" = 5 ]
    offset_in evstore/topics/purchase.requested/0.end
    [ "$offset" = 5 ]
    is "$(lines stockcheck.requested)" "$(for r in "$r1" "$r2" "$r3" "$r4"; do to_check "$r" 85123A 1; done)"
    rm -r evstore/topics/purchase.requested/groups
    run -0 evtask --drain
    [ "$(dead evtask)" = 1 ]
    numbered purchase.requested
}

@test "a line cut off at any byte is ended by the next publisher and judged by its reader" {
    line=$(wanted "$r1" 85123A 1)
    file=evstore/topics/purchase.requested/0/00000000000000000000.ndjson
    count=0
    wanted "$r2" 85123A 2 >next
    for ((n = 1; n <= ${#line}; n += 9)); do
        evtopic publish purchase.requested <next
        printf '%s\n' "${line:0:n}" >&9
        printf '%s' "${line:0:n}" >>"$file"
        count=$((count + 1))
    done 9>pieces
    # Only its newline was missing.
    evtopic publish purchase.requested <next
    printf '%s' "$line" >>"$file"
    evtopic publish purchase.requested <next
    run -65 evtask --drain
    jq -r .line evstore/dead/evtask.ndjson | cmp pieces -
    [ "$count $(at evtask)" = "$(wc -l <pieces) $((2 * count + 3))" ]
    next=$(to_check "$r2" 85123A 2)
    { for ((n = 0; n <= count; n++)); do echo "$next"; done; to_check "$r1" 85123A 1; echo "$next"; } |
        cmp - <(lines stockcheck.requested)
}

# long BYTES: a valid message of so many bytes, with its newline.
long() {
    local line
    line=$(wanted "$r2" 85123A 2)
    printf '%s,"pad":"%*s"}\n' "${line%\}}" $(($1 - ${#line} - 10)) x
}

@test "lines that are too long, binary or empty are put aside whole and hold up nothing" {
    kinds=(
        "long 65536"                            # the longest there may be
        "long 65537"
        "long 4194304"                          # a batch
        "long 4194305"
        "long 9000000"
        "head -c 5000000 /dev/zero"
        "echo"
        "printf a\\0b\\n"
        "printf \\377\\376\\n"
        "printf \\xed\\xa0\\x80\\n"
    )
    wanted "$r1" 85123A 1 >first
    wanted "$r3" 85123A 3 >last
    n=0
    for line in "${kinds[@]}"; do $line >"line.$n"; n=$((n + 1)); done
    echo >>line.5
    for n in "${!kinds[@]}"; do cat first "line.$n" last; done >in
    evtopic publish purchase.requested <in
    cmp in <(lines purchase.requested)
    run -65 evtask --drain
    [ "${#kinds[@]} $(dead evtask) $(at evtask)" = '10 9 30' ]
    [ "$(grep -c 'longer than 65,536 bytes' <<<"$output")" = 5 ]
    # In their order, each as it was, in one piece, however it came; and the messages between them.
    is "$(jq -c '[.topic, .lane, .offset, (.base64 // "" | test("=[^=]"))]' evstore/dead/evtask.ndjson)" \
        "$(for n in {1..9}; do echo "[\"purchase.requested\",0,$((3 * n + 1)),false]"; done)"
    letters evtask | cmp - <(cat line.[1-9])
    is "$(lines stockcheck.requested | sort | uniq -c | sed 's/^ *//')" \
        "10 $(to_check "$r1" 85123A 1)
1 $(to_check "$r2" 85123A 2)
10 $(to_check "$r3" 85123A 3)"
    # Read again they are known.
    rm -r evstore/topics/purchase.requested/groups
    run -0 evtask --drain
    [ "$(dead evtask)" = 9 ]
    amount stockcheck.requested 42
}

read_one() { [ "$(at evtask)" = 1 ]; }

@test "a long line whose end is still to come keeps nobody from settling, draining or stopping" {
    evbuy -s -u "$r1" 85123A 1 >/dev/null
    serve evtask
    eventually has stockcheck.requested "$r1"
    head -c 5000000 /dev/zero | tr '\0' x >>"$(segments purchase.requested)"
    evtask --drain -g other
    eventually read_one
    stop TERM "$pid"
    [ ! -e evstore/dead/evtask.ndjson ]
    echo >>"$(segments purchase.requested)"
    run -65 evtask --drain
    is "$output" 'evtask: @purchase.requested/0:1: longer than 65,536 bytes'
    [ "$(jq -r .base64 evstore/dead/evtask.ndjson | base64 -d | wc -c)" = 5000000 ]
}

# -- where messages go -------------------------------------------------------------------

@test "what a service does not read goes on to the topic of its type, byte for byte" {
    available "$r1" 85123A 6 40 1 >one
    echo '{ "data":[1, 2] , "type" : "custom.thing_1-2", "source":"/x","id" : "7","specversion":"1.0" }' >two
    echo '{"specversion":"1.0","id":"7","source":"/x","type":"0"}' >three
    { cat one; wanted "$r2" 85123A 2; cat two three one; } | evtopic publish purchase.requested
    run -0 evtask --drain
    cat one one | cmp - <(lines stock.available)
    cmp two <(lines custom.thing_1-2)
    cmp three <(lines 0)
    is "$(lines stockcheck.requested)" "$(to_check "$r2" 85123A 2)"
    [ "$(at evtask)" = 5 ]
}

@test "a type that can name no topic is put aside, and one that would come back" {
    for type in Custom 'a b' ../x .hidden -x a/b "$(printf 'x%.0s' {1..81})" 'caf\u00e9' '' '\u0000'; do
        echo '{"specversion":"1.0","id":"7","source":"/x","type":"'"$type"'"}'
    done >bad
    { cat bad; wanted "$r1" 85123A 1; } | evtopic publish purchase.requested
    run -65 evtask --drain
    [ "$(dead evtask)" = 10 ]
    [ "$(jq -j '.line + "\n"' evstore/dead/evtask.ndjson | cmp - bad && echo same)" = same ]
    [ "$(grep -c 'type: no topic can have this name' <<<"$output")" -ge 7 ]
    [ "$(cd evstore/topics && echo *)" = 'purchase.requested stockcheck.requested' ]
    # To a destination with a name of its own it can be passed on.
    run -65 evtask -i @purchase.requested -g other -o @all
    count all
    [ "$total" -ge 8 ]
    # evcheck does not read what is on this topic.
    evtopic publish stock.available <<<"$(available "$r1" 85123A 6 40 1)"
    run -65 evcheck --drain -i @stock.available
    [[ $output = *'type: would come back to the topic it is from' ]]
    amount stock.available 1
    [ "$(dead evcheck)" = 1 ]
}

@test "publish -n only says how many lines it would publish" {
    run -0 feed $'one\n\nthree' evtopic publish -n purchase.requested
    is "$output" 'would publish 3 lines'
    [ ! -e evstore ]
}

@test "publish takes any line and changes no byte" {
    { echo bad; echo; printf 'a\0b\377\n'; long 200000; wanted "$r1" 85123A 1; printf 'without an end'; } >in
    evtopic publish anything <in
    { cat in; echo; } | cmp - <(lines anything)
    lanes spread 4
    { purchases 1 100 20 | evbuy; cat in; } >many
    evtopic publish spread <many
    { cat many; echo; } | sort | cmp - <(lines spread | sort)
    # What names no product is in lane 0, and a product in one lane, in its order.
    grep -q bad evstore/topics/spread/0/*.ndjson
    by_product() { grep -a '"P[0-9]' "$@" | sed 's/.*"subject":"\(P[0-9]*\)".*/\1 &/' | sort -s -k 1,1; }
    by_product many | cmp - <(lines spread | by_product)
    [ "$(grep -ao '"subject":"P[0-9]*"' evstore/topics/spread/*/*.ndjson | sort -u | wc -l)" = 20 ]
    [ "$(find evstore/topics/spread -size +0 -name '*.ndjson' | wc -l)" = 4 ]
}

# -- segments ----------------------------------------------------------------------------

@test "a lane rolls: names carry the first offset, readers follow, nothing is lost" {
    lanes purchase.requested 1 4096
    serve evtask
    for n in {1..10}; do purchases $((n * 40 - 39)) $((n * 40)) | evbuy -s; done >told
    numbered purchase.requested
    files=("evstore/topics/purchase.requested/0"/*.ndjson)
    [ "${#files[@]}" -gt 20 ]
    # No segment is filled beyond the line that fills it.
    awk '{ if (size[FILENAME] >= 4096) beyond = 1; size[FILENAME] += length + 1 }
        END { for (i = 1; i < ARGC - 1; i++) if (size[ARGV[i]] < 4096) beyond = 1; exit beyond }' "${files[@]}"
    eventually read_all evtask
    stop TERM "$pid"
    is "$(cat evtask.errors)" ''
    cmp told <(lines stockcheck.requested | jq -r .correlationid)
    # The offset tells segment and bytes as well, and it goes on from there.
    last=${files[-1]##*/}
    [ "$(jq -c '[.offset, .segment, .bytes]' evstore/topics/purchase.requested/groups/evtask/0.offset)" = \
        "[400,$((10#${last%.ndjson})),$(wc -c <"${files[-1]}")]" ]
    evbuy -s -u "$r1" 85123A 1 >/dev/null
    evtask --drain
    [ "$(at evtask)" = 401 ]
    amount stockcheck.requested 401
    # Who begins reads all of them.
    seen purchase.requested late | jq -r .correlationid | head -n 400 | cmp told -
    # A place in the middle of what is there, without its bytes: another run of the system.
    group=evstore/topics/purchase.requested/groups/late
    sed -i 's/"segment":[0-9]*,"bytes":[0-9]*/"segment":1,"bytes":7/' $group/0.offset
    moved $group/0.offset 123
    rm $group/0.lock
    seen purchase.requested late | jq -r .correlationid | head -n 277 | cmp <(tail -n 277 told) -
}

both_read() {
    local -a counts
    mapfile -t counts < <(exec wc -l one two)
    [[ ${counts[2]} = *' 3202 total' ]]
}

@test "a segment that is gone from the middle of a lane is told by every reader: 65, until one goes on behind it" {
    local line
    evtopic lanes --segment 4096 notes 1
    printf 'message %090d\n' {0..99} | evtopic publish notes
    segment=(evstore/topics/notes/0/*.ndjson)
    [ "${#segment[@]}" -ge 3 ]
    mv "${segment[1]}" kept
    gone=$((10#$(basename "${segment[1]}" .ndjson))) behind=$((10#$(basename "${segment[2]}" .ndjson)))
    is_told() {
        run -65 --separate-stderr timeout 300 "$@"
        [ "${stderr##*$'\n'}" = "$1: @notes: lane 0: message $gone is missing" ]
    }
    is_told evtopic run -g mail --drain notes -- sh -c 'cat >>got'
    [ "$(wc -l <got)" -eq "$gone" ]
    is_told evtopic run -g mail --drain notes -- sh -c 'cat >>got'
    is_told evtopic run -g mail notes -- sh -c 'cat >>got'
    is_told evtopic run -n -g mail notes -- cat
    is_told evtopic cat notes
    is_told evtask -i @notes -o out --dead letters
    is_told evtask --drain -i @notes -o out --dead letters
    is_told evtask --serve -i @notes -o out --dead letters
    run -0 evtopic lag
    [[ ${lines[-1]} =~ ^notes\ +mail\ +0\ +$((100 - gone))\  ]]
    # Whoever publishes goes on; and so does who goes on behind what is gone.
    printf 'message %090d\n' 100 | evtopic publish notes
    is_told evtopic run -g mail --drain notes -- sh -c 'cat >>got'
    [ "$(wc -l <got)" -eq "$gone" ]
    for offset in "$gone" $((behind - 1)); do
        run -0 --separate-stderr evtopic seek -n mail notes "$offset"
        is "$output $stderr" "lane 0: $gone -> $behind (not done) evtopic: lane 0: there is no message $offset"
    done
    evtopic seek mail notes "$gone"
    evtopic run -g mail --drain notes -- sh -c 'cat >>got'
    cmp got <(printf 'message %090d\n' {0..100} | sed "$((gone + 1)),${behind}d")
}

@test "eight publishers and two readers on a lane that rolls: every line once, in its publisher's order" {
    lanes anything 1 4096
    evtopic publish anything <<<"$(wanted "$r1" first 1)"
    background evtask --serve -i @anything -g one -o one; readers=("$pid")
    background evtask --serve -i @anything -g two -o two; readers+=("$pid")
    for p in {1..8}; do purchases $((p * 1000 + 1)) $((p * 1000 + 200)); done |
        evbuy | split -l 200 -a 1 --numeric-suffixes=1 - in.
    for p in {1..8}; do background split -l 25 --filter='exec evtopic publish anything' "in.$p"; done
    for pid in "${pids[@]:2}"; do wait "$pid"; done
    numbered anything
    amount anything 1601
    lines anything | awk -F 8000-00000000 'NR > 1 { print >("published." substr($2, 1, 1)) }'
    cmp <(cat in.?) <(cat published.?)
    eventually both_read
    stop TERM "${readers[@]}"
    cmp one two
    cmp <(lines anything | jq -r .correlationid) <(jq -r .correlationid one)
}

@test "the hint of a lane's end may be missing, damaged or old" {
    lanes anything 1 4096
    hint=evstore/topics/anything/0.end
    wanted "$r1" P 1 >message
    one() { evtopic publish anything <message; }
    purchases 1 20 | evbuy | evtopic publish anything
    cp $hint old
    purchases 21 40 | evbuy | evtopic publish anything
    count=40
    tells() {
        offset_in $hint
        [ "$offset" = "$1" ]
    }
    moved_hint() { moved $hint "$1"; }
    for harm in 'rm' 'flipped' 'cp old' 'truncate -s 0' 'truncate -s 100' 'moved_hint 7' 'cp /dev/null'; do
        case $harm in
        moved_hint*)            # its own sum is right, but not its segment
            sed -i 's/"segment":[0-9]*/"segment":7/' $hint
            moved $hint 7
            ;;
        *) $harm $hint ;;
        esac
        one again
        one again
        count=$((count + 2))
        numbered anything
        amount anything "$count"
        tells "$count"
    done
    # Of another run of the system, and ahead of what is there: the power failed.
    sed -i -E 's/"boot":"[0-9a-f]{8}/"boot":"00000000/' $hint
    moved $hint 99
    one last
    tells $((count + 1))
    sed -i -E 's/"bytes":[0-9]*/"bytes":99999/' $hint
    moved $hint 99
    one last
    numbered anything
    tells $((count + 2))
    seen anything all | wc -l | grep -qx $((count + 2))
}

# -- generations -------------------------------------------------------------------------

@test "a new group that finds both lanes begun with the second generation reads them both" {
    evtopic publish anything <<<"$(wanted "$r1" A 1)"
    topic=evstore/topics/anything
    mkdir $topic/1
    mv $topic/0/{00000000000000000000,00000000000000000002}.ndjson
    touch $topic/1/00000000000000000003.ndjson
    rm $topic/0.end
    printf '{"lanes":2,"segment":4096,"from":[%s]}\n' '' 2,3 | summed >$topic/lanes
    run -0 evtask --drain -i @anything -o @checks
    [ "$(grep -c 'messages from 0 on are not kept any more' <<<"$output")" = 2 ]
    is "$(lines checks)" "$(to_check "$r1" A 1)"
}

@test "lanes that cannot be read are told: 65, and nothing is published" {
    evbuy -s -u "$r1" 85123A 1 >/dev/null
    echo '{"lanes":2,"segment":4096,"from":[],"sum":"0000000000000000"}' >evstore/topics/purchase.requested/lanes
    run -65 evbuy -s -u "$r2" 85123A 1
    is "$output" 'evbuy: ./evstore/topics/purchase.requested/lanes: damaged'
    run -65 evtask --drain
    amount purchase.requested 1
    # Also where its dead letters would go there.
    run -65 evtask -i <(echo bad) -o @purchase.requested --dead @purchase.requested
}

@test "more lines than are handed out at once: the offset waits for the last of them" {
    seq -f '{"specversion":"1.0","id":"%.0f","source":"x","type":"y"}' 10000 79999 >others
    evtopic publish purchase.requested <others
    evtask --drain
    cmp others evstore/topics/y/0/00000000000000000000.ndjson
    [ "$(at evtask)" = 70000 ]
}

@test "a hint that points into the midst of a line, of a segment that was replaced, is not believed" {
    printf 'aaaaaa\nbbbbbb\n' | evtopic publish notes
    echo 'one line of more bytes' >evstore/topics/notes/0/00000000000000000000.ndjson
    is "$(evtopic list --json | jq .messages)" 1
}

# What happens rarely: between a kill and a power cut, in files that others have changed,
# at the ends of what is allowed.
load lib

# trace COMMAND...: how it writes and syncs, each file by its name, in the file trace.
trace() { strace -f -y -s 0 -o trace -e trace=write,fsync,fdatasync,syncfs,linkat,ftruncate "$@"; }

# -- what a killed process leaves unsynced ------------------------------------------------

@test "a result that is found is synced before the end, as one that is made" {
    need_tracing
    unavailable "$r1" 71053 6 0 0 unknown-product >refused
    evfail <refused >told
    trace evfail <refused | cmp told -
    ! grep -q linkat trace || return 1
    grep -q 'syncfs(' trace
    stock 85123A 1
    available "$r2" 85123A 1 1 1 | evorder >sold
    evcreate <sold >told
    trace evcreate <sold | cmp told -
    grep -q 'syncfs(' trace
}

@test "a sale taken back, as another found it, is synced before that is told" {
    need_tracing
    stock 85123A 1
    stock 71053 1 "$g2"
    { available "$r1" 85123A 1 1 1; available "$r1" 71053 1 1 1; } | evorder >sold
    run -65 --separate-stderr evcreate <sold
    run -65 --separate-stderr trace evcreate <sold
    [[ "$stderr" == *'so this sale was taken back'* || "$stderr" == *'means another purchase'* ]]
    sed '/write([0-9]*<[^>]*dead.evcreate/,$d' trace | grep 'fdatasync([0-9]*<[^>]*journal/71053.ndjson>)'
}

# -- what nobody honest sends ---------------------------------------------------------------

@test "the order of a refused purchase is not made, though its result was deleted" {
    stock 85123A 1
    buy 85123A 2 "$r1" >/dev/null
    rm "evstore/results/$r1.json"
    to_order "$r1" 85123A 2 2 >forged
    run -65 --separate-stderr evcreate <forged
    is "$output" ''
    is "$stderr" 'evcreate: stdin:1: correlationid: this purchase was refused (sequence 2)'
    [ ! -s evstore/orders.ndjson ]
    [ ! -e "evstore/results/$r1.json" ]
    is "$(dead evcreate)" 1
}

@test "where a line came from is kept and shown, whatever the file's name" {
    name=$'in\x01\x1f"put'
    echo bad >"$name"
    run -65 --separate-stderr evcheck -i "$name"
    jq -e --arg name "$name" '.place == $name + ":1"' evstore/dead/evcheck.ndjson
    run -0 --separate-stderr evtopic dead evcheck
    is "${lines[0]}" "$now evcheck in\\u0001\\u001f\"put:1"
}

# -- topics that are not as they should be ------------------------------------------------------

@test "a group that stands at a message without a time is late for any age" {
    wanted "$r1" 85123A 1 | evtopic publish TOPIC-1
    evtask --drain
    printf '{"specversion":"1.0","id":"x","source":"y","type":"z.z"}\n' | evtopic publish TOPIC-1
    run -1 --separate-stderr evtopic check --lag 1d
    is "$output" 'late: evtask on purchase.requested is behind at a message without a time (limit 86400 s)'
    run -1 --separate-stderr evtopic check --lag 1d --json
    is "$output" '{"ok":false,"groups":1,"seconds_behind":null,"topic":"purchase.requested","group":"evtask","damaged":0}'
}

@test "lanes that cannot be told are damage, whatever stands in the file's place" {
    echo line | evtopic publish good
    echo line | evtopic publish notes
    run -0 --separate-stderr evtopic list
    sound=$output
    lanes=evstore/topics/notes/lanes
    for place in 'ln -s nowhere' mkfifo mkdir 'cp /dev/null' 'cp evstore/format'; do
        rm -rf "$lanes"
        $place "$lanes"
        for look in list lag 'cat notes'; do
            # shellcheck disable=SC2086 # a subcommand and its operand
            run -65 --separate-stderr timeout 300 evtopic $look
            is "$stderr" "evtopic: ./evstore/topics/notes/lanes: damaged"
        done
        run -65 --separate-stderr timeout 300 evtopic list
        is "$output" "$(grep -v '^notes ' <<<"$sound")"
        run -65 --separate-stderr timeout 300 evtopic publish notes <<<more
        [[ $stderr = *notes/lanes:\ damaged ]]
    done
    rm -r "$lanes"
    is "$(evtopic cat notes)" line
}

# -- events from standard input ---------------------------------------------------------------

# told WHY COMMAND...: of the events in the file in, this is damage; no state is printed.
told() {
    run -65 --separate-stderr "${@:2}" <in
    [[ $output != *available* ]]
    [[ "${stderr_lines[0]}" = "evreplay: stdin:$1" ]]
}

@test "what is wrong with events from standard input is said at its line" {
    event evstock stock.added "$g1" 85123A 1 '{"quantity":5}' >in
    told '1: sum: missing or not at the end of the line' evreplay --verify -
    summed <in >one
    jq -c '{sum, specversion, id, source, type, subject, time, correlationid, sequence, data}' <one >in
    told '1: sum: missing or not at the end of the line' evreplay --verify -
    {
        event evstock stock.added "$g1" 85123A 1 '{"quantity":5}'
        event evstock stock.removed "$g2" 85123A 2 '{"quantity":6}'
    } | summed >in
    told '2: quantity: more than was there, or more than can be counted' evreplay --verify -
    # Of one damage nothing else follows.
    {
        event evstock stock.added "$g1" 85123A 1 '{"quantity":5}'
        event evstock stock.removed "$g2" 85123A 2 '{"quantity":2}'
        event evstock stock.removed "$g3" 85123A 3 '{"quantity":3}'
    } | summed | sed '1s/"quantity":5/"quantity":6/' >in
    told '1: sum: does not match the line and the sum before it' evreplay --verify -
    is "${#stderr_lines[@]} $output" '1 1 journals, 3 events: 1 damaged'
    # Nor can a selection come to more than can be counted.
    for i in 1 2 3; do event evstock stock.added "$g1" 85123A "$i" '{"quantity":4503599627370496}'; done | summed >in
    told '2: quantity: more than was there, or more than can be counted' evreplay -
    is "${#stderr_lines[@]}" 1
    # But for sales that were taken back: each counted twice.
    half=4503599627370496
    {
        event evstock stock.added "$g1" 85123A 1 '{"quantity":'$half'}'
        for i in 2 4 6; do
            event evorder stock.sold "$r1" 85123A "$i" '{"quantity":'$half'}'
            event evcreate stock.returned "$r1" 85123A $((i + 1)) '{"quantity":'$half'}'
        done
    } | summed >in
    for form in '' --history --verify; do evreplay - $form <in >out; done
    is "$(evreplay - <in)" "$(state 85123A 7 $half 0 $((3 * half)) $((3 * half)) 0)"
    seq -f '{"quantity":%.0f}' $((2 * half - 1)) $((2 * half - 1)) >most
    for i in {1..513}; do event evorder stock.sold "$r1" 85123A "$i" "$(<most)"; done | summed >in
    told '513: quantity: more than was there, or more than can be counted' evreplay -
    {
        event evstock stock.added "$g1" 85123A 1 '{"quantity":5}'
        event evstock stock.removed "$g2" 85123A 2 '{"quantity":6}'
    } | summed >in
    # A selection need not hold what came in.
    tail -n 1 in >selected
    is "$(evreplay - <selected | jq -c '[.sequence, .removed]')" '[2,6]'
    {
        event evstock stock.added "$g1" 85123A 1 '{"quantity":5}'
        at=$earlier event evstock stock.added "$g2" 85123A 2 '{"quantity":5}'
    } | summed >in
    told '2: time: before that of the event before' evreplay -
    stock 85123A 1
    buy 85123A 1 "$r1" >/dev/null
    cp evstore/orders.ndjson in
    told '1: type: not an event of a product' evreplay -
}

@test "events from standard input can be a table, each product a row" {
    stock 85123A 1
    stock 'a product whose name is long' 2 "$g2"
    cat evstore/journal/* >in
    evreplay --table >expected
    evreplay --table - <in | cmp expected -
    # Many more products than there is room for at first.
    event evstock stock.added "$g1" PRODUCT 1 '{"quantity":1}' | sed 's/}$/,"sum":"0000000000000000"}/' |
        awk '{ for (n = 1; n <= 2000; n++) { line = $0; sub("PRODUCT", "p" n, line); print line } }' >in
    evreplay - <in >out
    is "$(jq -s -c '[length, (map(.added) | add), (map(.product) == (map(.product) | sort))]' out)" '[2000,2000,true]'
}

# -- how commands cannot be called ---------------------------------------------------------------

# misused WHAT COMMAND...: a usage error that says this; nothing is printed or made.
misused() {
    run -64 --separate-stderr "${@:2}" </dev/null
    is "$output" ''
    is "${stderr_lines[0]}" "$2: $1"
    is "${stderr_lines[1]}" "Try '$2 --help'."
    is "$(ls)" ''
}

@test "what does not go together is a usage error" {
    misused '--dead: only when lines are read' evbuy 85123A 1 --dead x
    misused '--dead: only when lines are read' evstock add 85123A 1 --dead x
    misused '--request and --expect: only with an action, a PRODUCT and a QUANTITY' evstock --expect 3
    misused '--events: not with --table' evreplay --events --table
    misused '--verify: not with --events' evreplay --events --verify
    misused '--verify: not with --at and --until' evreplay --verify --at 3
    misused 'a UUID is needed' evresult
    misused '--store: empty' evcheck --store ''
    misused 'a subcommand is needed: list, lag, check, cat, publish, seek, lanes, trim, dead, redrive, run' evtopic
    misused 'nonsense: no such subcommand' evtopic nonsense
    misused 'list: has no option --last' evtopic list --last 3
    misused 'cat: the wrong number of operands' evtopic cat
    for age in never 5x 5mm m '' 1234567890s; do
        misused "--lag: $age: not an age like 60s, 5m, 2h or 1d" evtopic check --lag "$age"
    done
}

@test "standard descriptors that are closed harm nobody" {
    stock 85123A 1
    cp evstore/journal/85123A.ndjson before
    is "$(to_check "$r1" 85123A 1 | evcheck 2>&- | jq -r .type)" stock.available
    run -74 --separate-stderr bash -c 'evreplay 85123A >&-'
    is "$stderr" 'evreplay: standard output: Bad file descriptor'
    # What is opened instead never is a file of the store.
    run -74 --separate-stderr bash -c 'evstock add 85123A 1 -u "$1" 0<&- >&-' _ "$g2"
    evreplay --verify >/dev/null
    is "$(head -n 1 evstore/journal/85123A.ndjson)" "$(cat before)"
}

@test "of events from standard input nothing of a product is printed behind its damage" {
    stock 85123A 10
    evstock add -u "$g2" 85123A 5 >/dev/null
    evstock add -u "$g3" 85123A 6 >/dev/null
    sed '2s/"sequence":"000000000002"/"sequence":"000000000001"/' evstore/journal/85123A.ndjson >in
    run -65 --separate-stderr evreplay --history - <in
    is "$(jq .sequence <<<"$output")" 1
}

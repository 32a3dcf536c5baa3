# The cut-off end of a journal: not part of it, and kept.
load lib
load spare

journal=evstore/journal/85123A.ndjson

# A journal of two events, and the start of a third.
torn() {
    stock 85123A 40
    available "$r1" 85123A 6 40 1 | evorder >/dev/null
    cp "$journal" whole
    tail='{"specversion":"1.0","id":"'$r2'/stock.so'
    printf '%s' "$tail" >>"$journal"
}

# put_aside COMMAND TEXT: it is in the dead letters of the command, once, and said.
put_aside() {
    is "$(jq -r 'keys_unsorted != ["time", "command", "kind", "place", "reason", "line"], (.place | contains("85123A.ndjson")),
        .time, .command, .kind, .line' "evstore/dead/$1.ndjson")" $'false\ntrue\n'"$now"$'\n'"$1"$'\ntorn\n'"$2"
}

@test "evreplay leaves it out and warns" {
    torn
    cp "$journal" before
    for arguments in 85123A '' '--at 2'; do
        # shellcheck disable=SC2086
        run -0 --separate-stderr evreplay $arguments
        is "$output" "$(state 85123A 2 40 0 6 0 0)"
        [[ $stderr = 'evreplay: '*"$journal"* ]]
    done
    run -0 --separate-stderr evreplay --events
    is "$output" "$(cat whole)"
    run -0 --separate-stderr evreplay --verify
    [[ $stderr = 'evreplay: '*"$journal"* ]]
    cmp before "$journal"
    nothing_dead
}

@test "evreplay warns where it is all that a journal has, too" {
    stock 71053 1
    printf '{"specversion"' >"$journal"
    for arguments in '' --verify --history --events; do
        # shellcheck disable=SC2086
        run -0 --separate-stderr evreplay $arguments
        [[ $stderr = 'evreplay: '*"$journal:1: the last line is not finished, 14 bytes"* ]]
    done
    for arguments in '' --verify; do
        # shellcheck disable=SC2086
        run -66 --separate-stderr evreplay $arguments 85123A
        is "$(LC_ALL=C sort <<<"$stderr")" "evreplay: ./$journal: no event yet
evreplay: ./$journal:1: the last line is not finished, 14 bytes are not part of the journal"
    done
}

@test "who only looks at stock leaves it there" {
    torn
    cp "$journal" before
    to_check "$r3" 85123A 6 >in
    run -0 evcheck <in
    is "$output" "$(available "$r3" 85123A 6 34 2)"
    cmp before "$journal"
}

@test "evorder puts it aside before it appends" {
    torn
    available "$r2" 85123A 7 34 2 >in
    run -0 evorder <in
    is "$output" "$(to_order "$r2" 85123A 7 3)"
    head -n 2 "$journal" | cmp whole -
    chained "$journal"
    put_aside evorder "$tail"
}

@test "evfail puts it aside before it appends" {
    torn
    unavailable "$r2" 85123A 7 6 2 insufficient-stock >in
    run -0 evfail <in
    [ "$(wc -l <"$journal")" -eq 3 ]
    chained "$journal"
    put_aside evfail "$tail"
}

@test "evstock puts it aside before it appends, with operands and in a batch" {
    torn
    run -0 evstock add 85123A 1
    chained "$journal"
    put_aside evstock "$tail"
    rm -r evstore/dead
    cp whole "$journal"
    printf '%s' "$tail" >>"$journal"
    run -0 feed '{"action":"add","product":"85123A","quantity":1}' evstock
    [ "$(wc -l <"$journal")" -eq 3 ]
    chained "$journal"
    put_aside evstock "$tail"
}

@test "evcreate puts aside what is cut off of the orders" {
    stock 85123A 40
    buy 85123A 6 "$r1" >/dev/null
    cp evstore/orders.ndjson whole
    printf '{"spec' >>evstore/orders.ndjson
    available "$r2" 85123A 6 34 2 | evorder >in
    run -0 evcreate <in
    is "$output" "$(created "$r2" 85123A 6 "$o2")"
    head -n 1 evstore/orders.ndjson | cmp whole -
    chained evstore/orders.ndjson
    is "$(jq -r '[.kind, .line] | join(" ")' evstore/dead/evcreate.ndjson)" 'torn {"spec'
}

@test "a whole event without its newline is not there either" {
    torn
    cp whole "$journal"
    available "$r2" 85123A 34 34 2 | evorder >first
    cp "$journal" complete
    truncate -s -1 "$journal"
    run -0 --separate-stderr evreplay 85123A
    is "$output" "$(state 85123A 2 40 0 6 0 0)"
    available "$r3" 85123A 34 34 2 >in
    run -0 evorder <in
    is "$output" "$(to_order "$r3" 85123A 34 3)"
    chained "$journal"
    is "$(jq -r .line evstore/dead/evorder.ndjson)" "$(tail -n 1 complete)"
}

@test "the sale that was cut off is made again by the same message, in the same bytes" {
    torn
    cp whole "$journal"
    available "$r2" 85123A 7 34 2 >in
    evorder <in >first
    cp "$journal" complete
    size=$(stat -c %s complete)
    for cut in 1 2 20 100 "$((size - $(stat -c %s whole) - 1))"; do
        cp complete "$journal"
        truncate -s -"$cut" "$journal"
        evorder <in | cmp first -
        cmp complete "$journal"
    done
}

@test "a tail longer than what replaces it leaves nothing behind" {
    torn
    printf '%05000d' 0 >>"$journal"
    run -0 evstock add 85123A 1
    chained "$journal"
    [ "$(wc -l <"$journal")" -eq 3 ]
}

@test "a tail that is not text is kept as base64" {
    torn
    printf '\377\0\376' >>"$journal"
    run -0 evstock add 85123A 1
    is "$(jq -r .base64 evstore/dead/evstock.ndjson | base64 -d | od -An -c)" \
        "$(printf '%s\377\0\376' "$tail" | od -An -c)"
    chained "$journal"
}

@test "a tail of 3 MB is kept whole" {
    torn
    { printf '%s' "$tail"; head -c 3000000 /dev/zero | tr '\0' x; } >cut-off
    { cat whole cut-off; } >"$journal"
    run -0 evstock add 85123A 1
    chained "$journal"
    jq -r .base64 evstore/dead/evstock.ndjson | base64 -d | cmp cut-off -
}

@test "a journal without one whole line is none" {
    stock 71053 1
    printf '{"specversion":' >"$journal"
    run -66 evreplay 85123A
    run -0 --separate-stderr evreplay
    is "$output" "$(state 71053 1 1 0 0 0 0)"
    unavailable "$r1" 85123A 6 0 0 unknown-product >in
    run -0 evfail <in
    event evfail purchase.refused "$r1" 85123A 1 "$(seen 6 0 0 unknown-product)" | summed | cmp - "$journal"
    is "$(jq -r .line evstore/dead/evfail.ndjson)" '{"specversion":'
}

@test "an empty journal is none" {
    stock 71053 1
    : >"$journal"
    run -66 evreplay 85123A
    run -0 --separate-stderr evreplay
    is "$output" "$(state 71053 1 1 0 0 0 0)"
    is "$stderr" ''
    run -0 evstock add 85123A 1 -u "$g1"
    event evstock stock.added "$g1" 85123A 1 '{"quantity":1}' | summed | cmp - "$journal"
    nothing_dead
}

@test "a cut-off line of dead letters is ended before the next" {
    run -65 feed 'bad' evtask
    printf '{"time":"20' >>evstore/dead/evtask.ndjson
    run -65 feed 'worse' evtask
    is "$(sed -n 2p evstore/dead/evtask.ndjson)" '{"time":"20'
    is "$(sed -n 3p evstore/dead/evtask.ndjson | jq -r .line)" worse
}

# knows FILE: an evcreate, $pid, that has made the order that is asked for there, and reads on what comes on 8.
knows() {
    mkfifo in
    evcreate <in >out 2>errors &
    pid=$!
    exec 8>in
    cat "$1" >&8
    until [ "$(wc -l <out)" -eq 1 ]; do :; done
}

@test "who read a line that a failed sync cut back, and others replaced by one as long, does not append to it" {
    stock 85123A 10
    stock 71053 10 "$g2"
    available "$r1" 85123A 1 10 1 | evorder | evcreate >/dev/null
    available "$r2" 71053 1 10 1 | evorder >ours
    available "$r1" 71053 1 9 2 | evorder >lost
    size=$(stat -c %s evstore/journal/71053.ndjson)
    available "$r3" 71053 1 8 3 | evorder >/dev/null
    knows ours
    before=$(stat -c %s evstore/journal/71053.ndjson)
    truncate -s "$size" evstore/journal/71053.ndjson
    available "$r4" 71053 1 8 3 | evorder >/dev/null
    is "$(stat -c %s evstore/journal/71053.ndjson)" "$before"
    # Its order is another product's, so the sale is taken back.
    cat lost >&8
    exec 8>&-
    code=0
    wait "$pid" || code=$?
    [ "$code" -eq 65 ]
    run -0 evreplay --verify
    is "$(evreplay 71053 | jq -c '[.sequence, .sold, .returned]')" '[5,3,1]'
}

@test "a tail of many megabytes is put aside, or is damage if it has an end; nobody is kept waiting" {
    stock 85123A 5
    evreplay >before
    cp evstore/journal/85123A.ndjson whole
    to_check "$r1" 85123A 1 >in
    # More than is read at once.
    truncate -s +70000000 evstore/journal/85123A.ndjson
    run -0 timeout 300 evcheck -i in
    is "$output" "$(available "$r1" 85123A 1 5 1)"
    evreplay 2>said | cmp before -
    run -0 timeout 300 evstock add 85123A 1 -u "$g2"
    is "$(evreplay | jq .available)" 6
    # 70,000,000 zeros are 23,333,333 times three bytes, and one.
    [[ $(head -c 300 evstore/dead/evstock.ndjson) = *'"kind":"torn","place":"./evstore/journal/85123A.ndjson:2","reason":"cut off before its end","base64":"AAAA'* ]]
    is "$(tail -c 12 evstore/dead/evstock.ndjson)" 'AAAAAAA=="}'
    head="$(sed 's/"base64":"A*==/"base64":"/' evstore/dead/evstock.ndjson)"
    is "$(($(stat -c %s evstore/dead/evstock.ndjson) - ${#head} - 1))" 93333336
    { cat whole; head -c 70000000 /dev/zero; echo; } >evstore/journal/85123A.ndjson
    for command in 'evcheck -i in' 'evstock add 85123A 1' evreplay; do
        # shellcheck disable=SC2086 # words
        run -65 timeout 300 $command
        [[ $output = *'/journal/85123A.ndjson:2: longer than 65,536 bytes' ]]
    done
}

@test "a tail is kept on disk before it is cut off" {
    load traced
    need_tracing
    stock 85123A 10
    printf 'cut off' >>evstore/journal/85123A.ndjson
    calls=$calls,ftruncate trace evstock add 85123A 1 >out
    sed '/ftruncate/,$d' trace | grep 'sync([0-9]*<[^>]*dead/evstock.ndjson>'
}

@test "who knew lines that a failed sync cut back, and nobody replaced, does not append to them" {
    stock 85123A 10
    stock 71053 10 "$g2"
    available "$r1" 85123A 1 10 1 | evorder | evcreate >/dev/null
    size=$(stat -c %s evstore/journal/71053.ndjson)
    available "$r1" 71053 1 10 1 | evorder >lost
    available "$r2" 71053 1 9 2 | evorder >ours
    knows ours
    # What is left is shorter than what it has read.
    truncate -s "$size" evstore/journal/71053.ndjson
    cat lost >&8
    exec 8>&-
    wait "$pid" || [ $? -eq 65 ]
    run -0 evreplay --verify 71053
    is "$(evreplay 71053 | jq -c '[.sequence, .sold, .returned]')" '[1,0,0]'
}

@test "evreplay --bisect warns of it, too" {
    stock 85123A 10
    printf 'cut off' >>evstore/journal/85123A.ndjson
    run -0 --separate-stderr evreplay --bisect 'added > 5'
    [[ $stderr = 'evreplay: ./evstore/journal/85123A.ndjson:2: the last line is not finished, 7 bytes '* ]]
}

# evaudit --mark: an audit that goes on from where the last one found all well.
load lib
load audited
load traced

@test "a mark is made, believed and replaced; it is a file that can be read" {
    marked --strict
    is "$(stat -c '%a %h' mark)" '640 1'
    chained mark
    is "$(jq -c 'del(.sum, .chain, .seen_chain)' mark)" \
        '{"mark":"eventdemo 1","time":"'"$now"'","requests":2,"sold":1,"refused":1,"back":0,"results":2}
{"file":"orders.ndjson","bytes":434,"line":1,"time":"'"$now"'","sequence":1,"added":0,"removed":0,"sold":0,"returned":0,"refused":1,"seen_bytes":434,"seen_line":1}
{"file":"journal/85123A.ndjson","bytes":1178,"line":3,"time":"'"$now"'","sequence":3,"added":40,"removed":0,"sold":6,"returned":0,"refused":1,"seen_bytes":1178,"seen_line":3}
{"settled":"'"$(jq -r 'select(.settled).settled' mark)"'"}
{"end":5}'
    [ "$(jq -r 'select(.settled).settled' mark | wc -c)" -eq $((3 * 16 + 1)) ]
    inode=$(stat -c %i mark)
    marked
    [ "$(stat -c %i mark)" != "$inode" ]
    [ ! -e mark.new ]
    # An empty file is a mark to be; a mark may be a name for one that is kept elsewhere.
    : >mark
    marked
    mkdir kept
    mv mark kept
    ln -s kept/mark mark
    marked
    [ -f mark ]
    # Streams that are empty or missing are none of its business.
    rm -r evstore/orders.ndjson evstore/results mark
    : >evstore/journal/71053.ndjson
    marked
    is "$(jq -r 'select(.file).file' mark)" journal/85123A.ndjson
}

@test "what is new is read, and nothing else" {
    need_tracing
    purchases() { printf '{"product":"85123A","quantity":1,"request":"00000000-0000-4000-8000-%012d"}\n' "$@"; }
    purchases {1..30} | EV_NOW=$later evbuy | EV_NOW=$later flow >/dev/null
    evaudit --mark mark >/dev/null
    purchases 31 32 | EV_NOW=$later evbuy | EV_NOW=$later flow >/dev/null
    strace -f -y -o trace -e trace=openat,pread64 evaudit --mark mark >found
    is "$(cat found)" "$(evaudit)"
    [ "$(grep -c 'openat.*\.json"' trace)" -eq 2 ]
    # Of the journal two lines, and the sum before them.
    bytes=$(sed -n 's/.*pread64([0-9]*<[^>]*journal.*= \([0-9]*\)$/\1/p' trace | paste -sd +)
    [ "$((bytes))" -eq $((19 + $(tail -n 2 evstore/journal/85123A.ndjson | wc -c))) ]
    strace -f -y -o trace -e trace=openat,pread64 evaudit --mark mark >again
    cmp found again
    run -1 grep '\.json"' trace
    bytes=$(sed -n 's/.*pread64([0-9]*<[^>]*ndjson.*= \([0-9]*\)$/\1/p' trace | paste -sd +)
    [ "$((bytes))" -eq $((2 * 19)) ]
    # Nor are requests that were settled behind one that was not.
    at=$later more sold "$r4" 1 && at=$later more removed "$g2" 1
    evaudit --mark mark >/dev/null
    strace -f -y -o trace -e trace=openat,pread64 evaudit --mark mark >again
    is "$(cat again)" "$(evaudit)"
    run -1 grep '\.json"' trace
    bytes=$(sed -n 's/.*pread64([0-9]*<[^>]*journal.*= \([0-9]*\)$/\1/p' trace | paste -sd +)
    [ "$((bytes))" -eq $((19 + 2 * $(tail -n 2 evstore/journal/85123A.ndjson | wc -c))) ]
}

@test "unfinished requests are read again until they are finished" {
    product=71053
    { added "$g2" 9; sold "$r3" 2; added "$g3" 1; } | journal
    product=85123A
    rm "evstore/results/$r2.json"
    marked
    is "$(jq -r 'select(.file).line' mark)" $'1\n1\n2'
    marked
    counts 'one outcome' '2 sold, 1 refused, 0 taken back, 1 results, 2 unfinished'
    # With --strict that is a violation, and the mark stays.
    cp mark kept
    run -65 --separate-stderr evaudit --mark mark --strict
    is "$stderr" "evaudit: ./evstore/journal/71053.ndjson:2: sold, but neither ordered nor taken back yet (request $r3)
evaudit: ./evstore/journal/85123A.ndjson:3: refused, but without a result yet (request $r2)"
    cmp mark kept
    result_failed "$r2" 85123A 99 34 insufficient-stock | result "$r2"
    { ordered "$r1" 6 "$o1"; product=71053 ordered "$r3" 2 "$o3"; } | orders
    marked
    counts 'one outcome' '2 sold, 1 refused, 0 taken back, 2 results, 1 unfinished'
    is "$(jq -r 'select(.file).line' mark)" $'1\n1\n3'
    result_created "$r3" 71053 2 "$o3" | packed
    marked --strict
    is "$(jq -r 'select(.file).line' mark)" $'2\n3\n3'
    is "$(jq -r 'select(.mark) | [.requests, .sold, .refused, .back, .results] | @csv' mark)" 3,2,1,0,3
}

@test "an unfinished last line is read when it has its end" {
    product=71053
    { added "$g2" 9; added "$g3" 1; } | journal
    size=$(wc -c <evstore/journal/71053.ndjson)
    for bytes in 20 500 $((size - 1)); do
        head -c "$bytes" evstore/journal/71053.ndjson >"evstore/journal/x"
        cp evstore/journal/71053.ndjson whole
        mv evstore/journal/x evstore/journal/71053.ndjson
        rm -f mark
        marked
        [[ $output = *', 1 unfinished'* ]]
        marked
        mv whole evstore/journal/71053.ndjson
        marked --strict
        counts 'never oversold' '2 journals, 5 events'
    done
}

@test "violations in what is new are found, and the mark stays" {
    cp -r evstore kept
    evaudit --mark mark >/dev/null
    more removed "$g2" 50
    told 'journal/85123A.ndjson:4: quantity: more than was there, or more than can be counted' '1 never oversold'
    rm -r evstore && cp -r kept evstore
    { ordered "$r1" 6 "$o1"; product=71053 ordered "$r3" 2 "$o3"; } | orders
    told "orders.ndjson:2: the sale of this order is not in any journal (request $r3)"
    rm -r evstore && cp -r kept evstore
    echo x | result "$r3"
    told "results/$r3.json:1: not a result of this request" '1 one outcome'
    rm -r evstore && cp -r kept evstore
    marked
}

@test "anything new of a settled request makes it read everything: what is wrong is found" {
    cp -r evstore kept
    evaudit --mark mark >/dev/null
    wrong() {
        told "journal/${2:-85123A.ndjson:4}: $1" '1 one outcome'
        rm -r evstore && cp -r kept evstore
    }
    more sold "$r1" 6 && wrong "id: occurs a second time (request $r1)"
    more added "$g1" 6 && wrong "id: occurs a second time (request $g1)"
    more added "$r1" 6 && wrong "a change of stock by the request of a purchase (request $r1)"
    more sold "$g1" 6 && wrong "an outcome of a request that changed the stock (request $g1)"
    more sold "$r2" 6 && wrong "a second outcome: sold and refused (request $r2)"
    more returned "$r1" 6 evcreate
    told "orders.ndjson:1: the sale of this order was taken back (request $r1)" '1 one outcome'
    rm -r evstore && cp -r kept evstore
    { ordered "$r1" 6 "$o1"; ordered "$r1" 6 "$o1"; } | orders
    told 'orders.ndjson:2: a second order of the request, after line 1' '1 a UUID means one purchase'
    # What is right is no violation, and the mark goes on behind it.
    rm -r evstore && cp -r kept evstore
    product=71053
    { added "$g1" 9; removed "$g1" 1; sold "$r1" 1; } | journal
    marked
    [[ $output = *'2 sold, 1 refused, 0 taken back, 2 results, 1 unfinished'* ]]
    more returned "$r1" 1 evcreate
    marked --strict
    is "$(jq -r 'select(.mark) | [.requests, .sold, .refused, .back, .results] | @csv' mark)" 2,2,1,1,2
}

@test "a change of stock by the request of an unfinished purchase elsewhere stays with it" {
    product=zzz
    added "$g2" 9 | journal
    product=71053
    { added "$g3" 9; sold "$g2" 1; } | journal
    marked
    marked
    counts 'one outcome' '2 sold, 1 refused, 0 taken back, 2 results, 1 unfinished'
    product=zzz
    more added "$g2" 9
    told "journal/zzz.ndjson:2: id: occurs a second time (request $g2)" '1 one outcome'
}

@test "with --repair: what is new is made again, and the mark goes on" {
    evaudit --mark mark >/dev/null
    product=71053
    refused "$r3" 7 0 0 unknown-product | journal
    run -0 --separate-stderr evaudit --repair --mark mark
    is "$stderr" 'evaudit: made again: 1 results, 0 offsets; 0 packs cleaned'
    holds "evstore/results/$r3.json" "$(result_failed "$r3" 71053 7 0 unknown-product)"
    marked --strict
    is "$(jq -r 'select(.mark).requests' mark)" 3
}

@test "after each step of a random flow it prints what an audit of everything prints" {
    rm -r evstore
    run -0 python3 "$tests/evaudit_flow.py" mark 1 60
    [[ $output = *'other than of everything: 0' ]]
}

# evaudit --mark: what the mark tells of that the store does not; and the mark as a file.
load lib
load audited
load served
load traced

@test "what was there is still there, though nothing in the store tells of it" {
    more added "$g2" 5
    product=71053
    { added "$g2" 9; added "$g3" 1; } | journal
    cp -r evstore kept
    evaudit --mark mark >/dev/null
    sound_alone() { run -0 --separate-stderr evaudit && is "$stderr" ''; }
    missing='was there when the mark was made: lines are missing'
    sed -i '$d' evstore/journal/85123A.ndjson
    sound_alone
    told "journal/85123A.ndjson:4: $missing"
    # Longer again, but other lines.
    product=85123A
    more added "$g3" 5
    sound_alone
    told 'journal/85123A.ndjson:4: is not what it was when the mark was made'
    rm evstore/journal/71053.ndjson
    run -65 --separate-stderr evaudit --mark mark
    is "$stderr" 'evaudit: ./evstore/journal/71053.ndjson:2: was there when the mark was made: the file is missing
evaudit: ./evstore/journal/85123A.ndjson:4: is not what it was when the mark was made'
    rm -r evstore && cp -r kept evstore
    : >evstore/journal/71053.ndjson
    sound_alone
    told "journal/71053.ndjson:2: $missing"
    rm -r evstore/journal
    run -65 --separate-stderr evaudit --mark mark
    [ "$(grep -c 'the file is missing' <<<"$stderr")" -eq 2 ]
    # The orders, with what told of them.
    rm -r evstore && cp -r kept evstore
    rm evstore/orders.ndjson evstore/results/*
    sound_alone
    told 'orders.ndjson:1: was there when the mark was made: the file is missing'
    # A line that was unfinished, and is another now.
    rm -r evstore mark && cp -r kept evstore
    product=71053
    more sold "$r3" 2
    more added "$g1" 1
    evaudit --mark mark >/dev/null
    is "$(jq -r 'select(.file == "journal/71053.ndjson") | [.line, .seen_line] | @csv' mark)" 2,4
    sed '3,$d' evstore/journal/71053.ndjson | sed -E 's/,"sum":"[0-9a-f]{16}"\}$/}/' >all
    { cat all; sold "$r3" 2; added "$r4" 1; } | journal
    sound_alone
    told 'journal/71053.ndjson:4: is not what it was when the mark was made'
}

@test "a mark that is damaged is said and made anew; what is none is left alone" {
    evaudit --mark mark >/dev/null
    cp mark good
    for change in '1s/requests":2/requests":3/' '1s/"eventdemo 1/"eventdemo 2/' '3s/bytes":1/bytes":2/' 4d '$d' '3p' \
        '$s/5/6/' '4s/settled":"./settled":"g/' '$s/$/\nx/' '2s/$/ /'; do
        sed "$change" good >mark
        run -0 --separate-stderr evaudit --mark mark
        [[ $stderr = "evaudit: mark:"[0-9]": damaged, so everything is read" ]]
        cmp good mark
    done
    sed 4d good | sed -E 's/,"sum":"[0-9a-f]{16}"\}$/}/' | summed >mark
    run -0 --separate-stderr evaudit --mark mark
    is "$stderr" 'evaudit: mark:4: damaged, so everything is read'
    head -c -1 good >mark
    run -0 --separate-stderr evaudit --mark mark
    is "$stderr" 'evaudit: mark:5: damaged, so everything is read'
    cmp good mark
    for text in x '{}' '{"mark":"other 1"}' "$(sed 1d good)" '{"mark":"eventdem'; do
        printf '%s\n' "$text" >mark
        run -65 --separate-stderr evaudit --mark mark
        is "$output" ''
        is "$stderr" 'evaudit: mark: not a mark that evaudit made'
        holds mark "$text"
    done
    rm mark
    mkdir mark
    run -65 --separate-stderr evaudit --mark mark
    is "$stderr" 'evaudit: mark: not a regular file'
    mkfifo fifo
    run -65 --separate-stderr timeout 300 evaudit --mark fifo
    is "$stderr" 'evaudit: fifo: not a regular file'
}

@test "a mark lies outside the store, in a directory that is there" {
    mkdir evstore/results/x
    ln -s evstore/journal there
    for mark in evstore/mark evstore/journal/mark ./evstore/../evstore/m "$PWD/evstore/m" there/m; do
        run -64 --separate-stderr evaudit --mark "$mark"
        is "${stderr_lines[0]}" "evaudit: --mark: $mark: lies in the store"
    done
    rmdir evstore/results/x
    run -64 evaudit --mark ''
    (cd evstore && run -64 evaudit -d . --mark mark)
    [ -z "$(find evstore -name 'm*')" ]
    mkdir evstore.marks
    run -0 evaudit --mark evstore.marks/mark
    run -73 --separate-stderr evaudit --mark nowhere/mark
    [[ $stderr = 'evaudit: nowhere/mark'* ]]
    [ "$(wc -l <<<"$output")" -eq 5 ]
}

@test "the mark is on disk before it replaces the last one, and a full disk leaves that" {
    need_tracing
    evaudit --mark mark >/dev/null
    cp mark before
    trace evaudit --mark mark
    is "$(sed -n 's/.*write.*<.*mark.new>.*/write/p; s/.*sync([0-9]*<.*mark.new>).*/sync/p; s/.*rename.*/rename/p
        s/.*sync([0-9]*<.*work>).*/sync the name/p' trace | uniq)" $'write\nsync\nrename\nsync the name'
    for call in write fdatasync rename; do
        run -74 --separate-stderr strace -f -o trace -P "$PWD/mark.new" -P mark.new -e trace=$call \
            -e inject=$call:error=ENOSPC evaudit --mark mark
        is "$stderr" 'evaudit: mark: cannot replace: No space left on device'
        cmp before mark
        [ ! -e mark.new ]
    done
}

@test "lanes: what was counted is not read again, and what is new is; what was there stays" {
    need_tracing
    lane=evstore/topics/purchase.requested/0
    place=topics/purchase.requested/0/0000000000000000000
    was='was there when the mark was made'
    lanes purchase.requested 1 4096
    wanted "$r1" 85123A 1 | sed "s/}}$/},\"pad\":\"$(printf '%2000s' x)\"}/" >line
    for i in {1..7}; do evtopic publish purchase.requested <line; done
    echo x | evtopic publish purchase.requested.x
    marked
    is "$(jq -c 'select(.lane) | [.lane, .end, .segments]' mark)" \
        '["purchase.requested/0",7,[0,2,4,6]]
["purchase.requested.x/0",1,[0]]'
    rm -r evstore/topics/purchase.requested.x
    told "topics/purchase.requested.x/0/00000000000000000000.ndjson: was there when the mark was made: the file is missing" \
        '1 nothing silent'
    echo x | evtopic publish purchase.requested.x
    cp -r evstore kept
    strace -f -y -o trace -e trace=pread64 evaudit --mark mark >/dev/null
    is "$(sed -n 's/.*<.*requested\/0\/0*\([0-9]\).ndjson.*/\1/p' trace | sort -u)" 6
    rm ${lane}/*2.ndjson
    told "${place}0.ndjson:2: the last line is message 1, but the next segment begins at 4
${place}2.ndjson: $was: the file is missing" '2 nothing silent'
    # Nothing else tells of what was at the end.
    for first in 6 4; do
        rm -r evstore && cp -r kept evstore
        for gone in 4 6; do [ $gone -lt $first ] || rm ${lane}/*$gone.ndjson; done
        sound
        told "$(for gone in 4 6; do [ $gone -lt $first ] || echo "${place}$gone.ndjson: $was: the file is missing"; done)" \
            "$((4 - first / 2)) nothing silent"
    done
    rm -r evstore && cp -r kept evstore
    : >${lane}/00000000000000000006.ndjson
    told "${place}6.ndjson: $was: lines are missing" '1 nothing silent'
    rm -r evstore/topics/purchase.requested
    told "${place}6.ndjson: $was: the file is missing" '1 nothing silent'
    rm -r evstore && cp -r kept evstore
    evtask --drain
    for i in {1..4}; do evtopic publish purchase.requested <line; done
    marked
    is "$(counted 'nothing silent')" '3 topics, 3 lanes, 19 messages, 1 offsets, 0 dead letters'
    evtopic trim purchase.requested >/dev/null
    marked
    marked
}

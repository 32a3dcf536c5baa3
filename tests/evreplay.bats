# evreplay: from events to states.
load lib

# history: a product with every kind of event.
history() {
    stock 85123A 40 "$g1"
    EV_NOW=2026-01-31T09:31:00.000000Z buy 85123A 6 "$r1" >/dev/null
    EV_NOW=2026-01-31T09:32:00.000000Z buy 85123A 99 "$r2" >/dev/null
    EV_NOW=2026-01-31T09:33:00.000000Z evstock remove 85123A 4 -u "$g2" >/dev/null
    EV_NOW=2026-01-31T09:34:00.000000Z evstock return 85123A 3 -u "$g3" >/dev/null
}

# states of it, one an event.
states() {
    state 85123A 1 40 0 0 0 0
    at=2026-01-31T09:31:00.000000Z state 85123A 2 40 0 6 0 0
    at=2026-01-31T09:32:00.000000Z state 85123A 3 40 0 6 0 1
    at=2026-01-31T09:33:00.000000Z state 85123A 4 40 4 6 0 1
    at=2026-01-31T09:34:00.000000Z state 85123A 5 40 4 6 3 1
}

@test "a journal comes to a state" {
    history
    run -0 --separate-stderr evreplay 85123A
    is "$output" "$(states | tail -n 1)"
    is "$stderr" ''
}

@test "all products come sorted by the bytes of their IDs, named ones as named" {
    # By file name %C3%A9 would stand before z, and %2E and %7E before A.
    for product in z é . '~' A a 'a b' a/b a0 85123a 85123A; do stock "$product" 1; done
    run -0 evreplay
    is "$(jq -r .product <<<"$output")" "$(printf '%s\n' . 85123A 85123a A a 'a b' a/b a0 z '~' é)"
    run -0 evreplay -j 1
    is "$(jq -r .product <<<"$output")" "$(printf '%s\n' . 85123A 85123a A a 'a b' a/b a0 z '~' é)"
    run -0 evreplay -- z . é
    [ "$(jq -r .product <<<"$output" | sort)" = "$(printf '%s\n' . z é | sort)" ]
}

@test "--at: the state after an event" {
    history
    states >expected
    for sequence in 1 2 3 4 5; do
        run -0 evreplay --at "$sequence" 85123A
        is "$output" "$(sed -n "${sequence}p" expected)"
    done
    for sequence in '' -1 1x 1.0; do run -64 evreplay --at "$sequence" 85123A; done
}

@test "--until: the state at an instant, it included" {
    history
    states >expected
    run -0 evreplay 85123A --until 2026-01-31T09:32:00.000000Z
    is "$output" "$(sed -n 3p expected)"
    run -0 evreplay 85123A --until 2026-01-31T09:31:59.999999Z
    is "$output" "$(sed -n 2p expected)"
    run -0 evreplay 85123A --until 2026-01-31T09:32:00Z
    is "$output" "$(sed -n 3p expected)"
    run -0 evreplay 85123A --until 2026-01-31T09:32:00.5Z
    is "$output" "$(sed -n 3p expected)"
    run -0 evreplay --until 9999-12-31T23:59:59Z
    is "$output" "$(sed -n 5p expected)"
    for time in '' nonsense 2026-02-30 2026-02-30T00:00:00Z 2026-01-31T24:32:00Z; do
        run -64 evreplay 85123A --until "$time"
    done
}

@test "--events: the lines as they stand" {
    history
    stock 71053 1
    run -0 evreplay --events 85123A
    is "$output" "$(cat evstore/journal/85123A.ndjson)"
    run -0 evreplay --events
    is "$output" "$(cat evstore/journal/71053.ndjson evstore/journal/85123A.ndjson)"
    run -0 evreplay --events --at 2 85123A
    is "$output" "$(sed 2q evstore/journal/85123A.ndjson)"
    run -0 evreplay --events --until 2026-01-31T09:32:00.000000Z 85123A
    is "$output" "$(sed 3q evstore/journal/85123A.ndjson)"
}

@test "--history: a state after each event" {
    history
    run -0 evreplay --history 85123A
    is "$output" "$(states)"
    run -0 evreplay --history --at 3 85123A
    is "$output" "$(states | sed 3q)"
}

@test "--verify: a summary of what is good, orders included" {
    history
    run -0 --separate-stderr evreplay --verify
    [ -n "$output" ]
    is "$stderr" ''
    run -0 --separate-stderr evreplay --verify 85123A
    [ -n "$output" ]
}

@test "--table: for people" {
    history
    stock '71053 x' 7
    run -0 evreplay --table
    [ "$(wc -l <<<"$output")" -eq 3 ]
    grep -qE '85123A +.*\b33\b' <<<"$output"
    grep -qE '71053 x +.*\b7\b' <<<"$output"
    [[ $output != *'{'* ]]
}

@test "--table: columns are those of characters, and of wide ones where the locale has them" {
    stock Käse 2
    stock Butter 3 "$g2"
    stock 漢字 4 "$g3"
    evreplay --table >table
    LC_ALL=C.UTF-8 evreplay --table >wide
    evreplay - --table <evstore/journal/K*.ndjson >piped
    evreplay --diff 0 --table >changes
    is "$(sed 's/  */ /g' table)" "$(sed 's/  */ /g' wide)"
    is "$(cut -c 1-20 <(sed 's/ä/a/; s/漢字/xx/' table))" 'product  sequence  a
Butter          1   
Kase            1   
xx              1   '
    is "$(cut -c 1-20 <(sed 's/ä/a/; s/漢字/xxxx/' wide))" 'product  sequence  a
Butter          1   
Kase            1   
xxxx            1   '
    is "$(cut -c 1-20 <(sed 's/ä/a/' piped))" 'product  sequence  a
Kase            1   '
    is "$(sed 's/ä/a/; s/漢字/xx/' changes | cut -c 1-17)" 'product  from  to
Butter      0   1
Kase        0   1
xx          0   1'
}

@test "-: events from standard input" {
    history
    run -0 evreplay - <evstore/journal/85123A.ndjson
    is "$output" "$(states | tail -n 1)"
    run -0 evreplay - --history <evstore/journal/85123A.ndjson
    is "$output" "$(states)"
    # No store is needed for it.
    run -0 evreplay -d nowhere - <evstore/journal/85123A.ndjson
    is "$output" "$(states | tail -n 1)"
    [ ! -e nowhere ]
}

@test "-: products may take turns, and be a selection" {
    history
    for i in 1 2 3; do evstock add 71053 "$i"; done >/dev/null
    paste -d '\n' evstore/journal/71053.ndjson <(sed 3q evstore/journal/85123A.ndjson) >in
    run -0 evreplay - <in
    is "$(sort <<<"$output")" "$(state 71053 3 6 0 0 0 0; states | sed -n 3p)"
    sed -n '1p;3p' evstore/journal/71053.ndjson >in
    run -0 evreplay - <in
    is "$output" "$(state 71053 3 4 0 0 0 0)"
    grep -v purchase.refused evstore/journal/85123A.ndjson >in
    run -0 evreplay - <in
    is "$output" "$(at=2026-01-31T09:34:00.000000Z state 85123A 5 40 4 6 3 0)"
    # What went out may be selected without what came in.
    grep stock.sold evstore/journal/85123A.ndjson >in
    run -0 evreplay - <in
    is "$output" "$(at=2026-01-31T09:31:00.000000Z state 85123A 2 0 0 6 0 0)"
}

@test "-: a selection may have been written anew by another program, without sums" {
    history
    for program in '.' 'del(.sum)' '{type, data, time, sum} + del(.sum, .time)'; do
        jq -c "$program" evstore/journal/85123A.ndjson >in
        run -0 evreplay - <in
        is "$output" "$(states | tail -n 1)"
    done
    sed 's/}$/} /' evstore/journal/85123A.ndjson >in
    run -0 evreplay - <in
    is "$output" "$(states | tail -n 1)"
    run -65 --separate-stderr evreplay --verify - <in
    [[ $stderr = *'stdin:1: sum: missing or not at the end of the line'* ]]
}

@test "-: sequences rise" {
    history
    for order in '2p;1p' '1p;1p'; do
        for n in $(tr -cd '0-9 ' <<<"${order//;/ }"); do sed -n "${n}p" evstore/journal/85123A.ndjson; done >in
        run -65 --separate-stderr evreplay - <in
        is "$output" ''
        [[ $stderr = 'evreplay: '*2* ]]
    done
}

@test "-: sums are looked at only with --verify" {
    history
    sed '2s/"quantity":6/"quantity":5/' evstore/journal/85123A.ndjson >in
    run -0 evreplay - <in
    is "$output" "$(at=2026-01-31T09:34:00.000000Z state 85123A 5 40 4 5 3 1)"
    run -65 --separate-stderr evreplay --verify - <in
    [[ $output$stderr = *:2:* ]]
    run -0 evreplay --verify - <evstore/journal/85123A.ndjson
}

@test "-: what is no event is reported" {
    history
    for bad in '' '{}' 'text' "$(wanted "$r1" 85123A 6)" '[]'; do
        { sed 1q evstore/journal/85123A.ndjson; printf '%s\n' "$bad"; } >in
        run -65 --separate-stderr evreplay - <in
        [[ $stderr = 'evreplay: '*:2:* ]]
    done
}

@test "no store, and no journal, are said" {
    run -66 --separate-stderr evreplay
    [[ $stderr = 'evreplay: '* ]]
    run -66 evreplay 85123A
    run -66 evreplay --verify
    [ ! -e evstore ]
    stock 85123A 1
    run -66 --separate-stderr evreplay 85123a
    is "$output" ''
    [[ $stderr = 'evreplay: '*85123a* ]]
}

@test "of several products damage goes before one that is missing, in either order" {
    stock 85123A 1
    stock 71053 1
    sed -i 's/"quantity":1/"quantity":2/' evstore/journal/85123A.ndjson
    for form in --events --history --table --verify '--diff 0' '--bisect sold>0' '--plot available' '--svg available'; do
        # shellcheck disable=SC2086 # an option and its value
        for products in '85123A missing' 'missing 85123A' '71053 missing 85123A' 'missing 85123A 71053'; do
            run -65 evreplay $form $products
        done
    done
    run -65 evreplay missing 85123A
    run -65 evreplay 85123A missing
    run -66 evreplay missing 71053
    run -66 evreplay 71053 missing
}

@test "an empty store has no products" {
    mkdir evstore
    printf 'eventdemo 1\n' >evstore/format
    run -0 evreplay
    is "$output" ''
}

@test "looking changes nothing, not even what is derived" {
    history
    rm -rf evstore/index
    find evstore -printf '%p %m %s %T@ %C@\n' | sort >before
    evreplay >/dev/null
    evreplay --verify >/dev/null
    evreplay --events 85123A >/dev/null
    find evstore -printf '%p %m %s %T@ %C@\n' | sort | cmp before -
}

@test "many threads print what one prints" {
    for i in {1..400}; do printf '{"action":"add","product":"p%d","quantity":%d}\n' $((i % 150)) "$i"; done |
        evstock >/dev/null
    for option in '' --events --history --table; do
        evreplay --jobs 1 ${option:+"$option"} >one
        evreplay -j 7 ${option:+"$option"} | cmp one -
        evreplay ${option:+"$option"} | cmp one -
    done
    [ "$(evreplay | wc -l)" -eq 150 ]
    for jobs in 0 -1 x '' 1x 99999999999; do run -64 evreplay -j "$jobs"; done
}

@test "thousands of products are told of in their order, and the damaged ones not" {
    seq -f '{"action":"add","product":"%05.0f","quantity":7}' 9000 | evstock >/dev/null
    sed -i 's/"quantity":7/"quantity":8/' evstore/journal/00017.ndjson evstore/journal/08500.ndjson
    run -65 --separate-stderr evreplay
    is "$(jq -r .product <<<"$output")" "$(seq -f %05.0f 9000 | grep -vx -e 00017 -e 08500)"
    is "$(grep -o 'journal/.*ndjson:1: ' <<<"$stderr")" 'journal/00017.ndjson:1: '$'\n''journal/08500.ndjson:1: '
}

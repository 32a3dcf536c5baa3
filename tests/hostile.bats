# Product IDs as people would not have them, and what stands where files belong.
load lib
load spare

# IDs that look like something else; JSON text behind each that needs it.
ids=(../../etc/passwd . .. a/b / // /etc/passwd %2F %2f %00 %25 -x --help - ' ' '  two  spaces ' "it's" '*' '?'
    '$(id)' '`id`' '~' '~root' 'a;b' '&' '|' '#' 'a=b' ',' ':' 'NUL' 'con.txt' 'x.ndjson' .ndjson orders
    format 85123A 85123a 'é' $'e\xcc\x81' 😀 €€€€€€€€€€€€€€€€€€€€€€€€€€ $'\xe2\x80\xae' $'\xef\xbb\xbf'
    '00000000000000000000000000000000000000000000000000000000000000000000000000000000')

@test "the whole flow with every such ID, as operand and in a batch" {
    number=0
    printf '%s\n' "${ids[@]}" >ids
    for id in "${ids[@]}"; do
        number=$((number + 1))
        stock "$id" $number
        evbuy -- "$id" $number
    done >requests
    jq -Rc '{product: ., quantity: 1}' ids | evbuy >>requests
    jq -r .subject requests | cmp - <(cat ids ids)
    flow <requests >outcomes
    [ "$(grep -c '"order.created"' outcomes)" -eq ${#ids[@]} ]
    [ "$(grep -c '"out-of-stock"' outcomes)" -eq ${#ids[@]} ]
    evreplay | jq -r .product | cmp - <(LC_ALL=C sort ids)
    for id in "${ids[@]}"; do
        # Alone it would mean standard input.
        [ "$id" = - ] || evreplay -- "$id"
    done | jq -c '[.product, .sold, .refused]' | cmp - <(jq -Rc 'select(. != "-") | [., input_line_number, 1]' ids)
    run -0 evreplay --verify
    python3 "$tests/model/audit.py" evstore
    # All of it within the store.
    is "$(ls)" $'evstore\nids\noutcomes\nrequests'
    is "$(cd evstore && find . -path ./index -prune -o -type f -print | cut -d/ -f2 | sort -u)" \
        $'format\njournal\norders.ndjson\nresults'
    [ "$(find evstore/journal -mindepth 1 -maxdepth 1 -type f -name '*.ndjson' | wc -l)" -eq ${#ids[@]} ]
}

@test "quotes and backslashes are escaped wherever they stand" {
    stock 'a"b\c' 5
    run -0 buy 'a"b\c' 5 "$r1"
    is "$output" "$(created "$r1" 'a\"b\\c' 5 "$o1")"
    run -0 evresult "$r1"
    is "$output" "$(result_created "$r1" 'a\"b\\c' 5 "$o1")"
    run -1 bash -c 'evbuy -u "$1" "$2" 6 | evtask | evcheck | evorder | evfail >/dev/null; evresult "$1"' _ "$r2" 'a"b\c'
    is "$output" "$(result_failed "$r2" 'a\"b\\c' 6 0 out-of-stock)"
    run -0 evreplay 'a"b\c'
    is "$output" "$(state 'a\"b\\c' 3 5 0 5 0 1)"
    chained evstore/journal/a%22b%5Cc.ndjson
}

@test "a symlink where a journal belongs is refused, and what it points to is left alone" {
    stock 71053 1
    stock 85123A 40
    mv evstore/journal/85123A.ndjson elsewhere
    cp elsewhere before
    for target in "$PWD/elsewhere" "$PWD/nowhere" ../format; do
        rm -f evstore/journal/85123A.ndjson
        ln -s "$target" evstore/journal/85123A.ndjson
        { to_check "$r1" 85123A 1; to_check "$r1" 71053 1; } >in
        run -65 --separate-stderr evcheck <in
        is "$output" "$(available "$r1" 71053 1 1 1)"
        available "$r1" 85123A 1 40 1 >in
        run -65 --separate-stderr evorder <in
        is "$output" ''
        unavailable "$r1" 85123A 1 0 0 out-of-stock >in
        run -65 --separate-stderr evfail <in
        is "$output" ''
        run -65 --separate-stderr evstock add 85123A 1
        is "$output" ''
        run -65 --separate-stderr evreplay 85123A
        is "$output" ''
        run -65 --separate-stderr evreplay --verify
        [ -L evstore/journal/85123A.ndjson ] && [ ! -e nowhere ]
        cmp before elsewhere
    done
    [ ! -e "evstore/results/$r1.json" ]
    holds evstore/format 'eventdemo 1'
}

@test "a symlink where the orders belong is refused" {
    stock 85123A 40
    available "$r1" 85123A 1 40 1 | evorder >in
    for target in "$PWD/elsewhere" "$PWD/nowhere"; do
        : >elsewhere
        ln -sf "$target" evstore/orders.ndjson
        run -65 --separate-stderr evcreate <in
        is "$output" ''
        [ ! -s elsewhere ] && [ ! -e nowhere ] && [ -L evstore/orders.ndjson ]
        [ ! -e "evstore/results/$r1.json" ]
    done
}

@test "a symlink where a result belongs is refused" {
    stock 85123A 1
    mkdir -p evstore/results
    available "$r1" 85123A 1 1 1 | evorder >in
    unavailable "$r2" 85123A 2 0 2 out-of-stock >in2
    result_created "$r1" 85123A 1 "$o1" >elsewhere
    cp elsewhere before
    for target in "$PWD/elsewhere" "$PWD/nowhere"; do
        ln -sf "$target" "evstore/results/$r1.json"
        ln -sf "$target" "evstore/results/$r2.json"
        run -65 --separate-stderr evcreate <in
        is "$output" ''
        run -65 --separate-stderr evfail <in2
        is "$output" ''
        run --separate-stderr evresult "$r1"
        is "$output" ''
        [ "$status" -eq 65 ]
        cmp before elsewhere
        [ ! -e nowhere ] && [ -L "evstore/results/$r1.json" ] && [ -L "evstore/results/$r2.json" ]
    done
}

@test "a directory or a FIFO where a journal belongs is refused, and not waited for" {
    stock 71053 1
    available "$r1" 85123A 1 40 1 >in
    mkdir evstore/journal/85123A.ndjson
    run -65 timeout 300 evorder <in
    run -65 timeout 300 evreplay 85123A
    rmdir evstore/journal/85123A.ndjson
    mkfifo evstore/journal/85123A.ndjson
    run -65 timeout 300 evorder <in
    run -65 timeout 300 evstock add 85123A 1
    run -65 timeout 300 evreplay 85123A
    run -65 --separate-stderr timeout 300 evreplay
    is "$output" "$(state 71053 1 1 0 0 0 0)"
}

@test "a file in journal/ that no product has is not passed over in silence, nor taken for one" {
    stock 85123A 1
    for name in a%2fb.ndjson .hidden.ndjson a%.ndjson %41.ndjson a%80.ndjson notes.txt; do
        cp evstore/journal/85123A.ndjson "evstore/journal/$name"
    done
    run --separate-stderr evreplay
    is "$output" "$(state 85123A 1 1 0 0 0 0)"
    # Another product's journal under a name that is good.
    cp evstore/journal/85123A.ndjson evstore/journal/71053.ndjson
    run -65 --separate-stderr evreplay
    is "$output" "$(state 85123A 1 1 0 0 0 0)"
    [[ $stderr = *evstore/journal/71053.ndjson:1:* ]]
}

@test "control characters of input and names do not reach the terminal" {
    printf '\033[2J\n' >in
    run -65 --separate-stderr evtask <in
    [[ $stderr = 'evtask: stdin:1: not JSON: '*'?'* && $stderr != *$'\033'* ]]
    printf '{"a":\xc2\x9b2J}\n' >$'in\nother: line'
    run -65 --separate-stderr evtask -i $'in\nother: line'
    [[ $stderr = 'evtask: in?other: line:1: not JSON: '*'?'* && $stderr != *$'\xc2\x9b'* && $stderr != *$'\n'* ]]
    run -66 --separate-stderr evtask -i $'no\033[2Jfile'
    [[ $stderr = 'evtask: no?[2Jfile: '* ]]
    run -64 --separate-stderr evtask $'an\noperand\033[2J'
    is "$stderr" $'evtask: an?operand?[2J: no operands are taken\nTry \'evtask --help\'.'
    stock 85123A 1
    touch $'evstore/journal/x\033[31m.ndjson'
    run -65 --separate-stderr evreplay --verify
    is "$stderr" "evreplay: ./evstore/journal/x?[31m.ndjson: not a journal's name"
    cp -r evstore $'odd\033'
    run -66 --separate-stderr evreplay -d $'odd\033' --diff 0 nope
    is "$stderr" 'evreplay: odd?/journal/nope.ndjson: no such journal'
}

@test "control characters of a database's name do not reach the terminal" {
    command -v evproject >/dev/null || skip 'evproject is not built'
    stock 85123A 1
    evproject --db $'odd\033.db'
    sql $'odd\033.db' 'UPDATE products SET sold = 7'
    run -65 --separate-stderr evproject --db $'odd\033.db' --verify
    is "$stderr" 'evproject: odd?.db: products: 2 rows are not what the journals make'
}

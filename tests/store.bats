# The store: where everything is, and in what form.
load lib

@test "a flow leaves the files that the manual lists" {
    stock 85123A 6
    buy 85123A 6 "$r1" >/dev/null
    buy 85123A 6 "$r2" >/dev/null
    run feed x evtask
    is "$(cd evstore && find . -path ./index -prune -o -type f -print | sort)" "./dead/evtask.ndjson
./format
./journal/85123A.ndjson
./orders.ndjson
./results/$r1.json
./results/$r2.json"
    holds evstore/format 'eventdemo 1'
}

@test "the store is ./evstore, EV_STORE's, or --store's, the last the strongest" {
    stock 85123A 1
    export EV_STORE=$PWD/other
    stock 85123A 2
    for option in '-d third' '-dthird' '--store third' '--store=third'; do
        # shellcheck disable=SC2086
        evstock add 85123A 3 -u "$g1" $option >/dev/null
    done
    is "$(evreplay -d evstore; evreplay; evreplay -d third)" \
        "$(state 85123A 1 1 0 0 0 0; state 85123A 1 2 0 0 0 0; state 85123A 1 3 0 0 0 0)"
    is "$(ls)" $'evstore\nother\nthird'
}

@test "a store of another format is refused by every command" {
    stock 85123A 6
    buy 85123A 1 "$r1" >/dev/null
    for format in 'eventdemo 2' 'eventdemo 11' 'eventdemo' 'something 1' ''; do
        printf '%s\n' "$format" >evstore/format
        content >before
        for command in evcheck evorder evfail evcreate; do
            { to_check "$r2" 85123A 1; available "$r2" 85123A 1 5 2; to_order "$r1" 85123A 1 2
              unavailable "$r2" 85123A 1 0 0 out-of-stock; } >in
            run -65 --separate-stderr "$command" <in
            is "$output" ''
            [[ $stderr = "$command: "* ]]
        done
        for line in 'evstock add 85123A 1' 'evreplay' 'evreplay --verify' "evresult $r1"; do
            # shellcheck disable=SC2086
            run -65 --separate-stderr $line
            is "$output" ''
        done
        content | cmp before -
    done
}

# evcheck with FIFOs on descriptors 7 and 8, which has answered once: its store is missing.
missed() {
    mkfifo in out
    evcheck <in >out 2>err 3>&- &
    exec 7>in 8<out
    to_check "$r1" 85123A 1 >&7
    read -r -t 300 answer <&8
    is "$answer" "$(unavailable "$r1" 85123A 1 0 0 unknown-product)"
}

@test "a store of another format that is made while a service runs is not taken for a missing one" {
    missed
    mkdir evstore
    echo 'eventdemo 2' >evstore/format
    to_check "$r2" 85123A 1 >&7
    exec 7>&-
    status=0
    wait $! || status=$?
    is "$status" 65
    is "$(cat <&8)" ''
    [[ $(<err) = *'format: not a store of format'* ]]
    is "$(ls evstore)" format
}

@test "a store is found that is made while a service runs, with the directories above it" {
    export EV_STORE=a/b/shop
    missed
    mkdir -p a/b
    stock 85123A 5
    to_check "$r2" 85123A 1 >&7
    exec 7>&-
    wait $!
    is "$(cat <&8)" "$(available "$r2" 85123A 1 5 1)"
}

@test "files are for owner and group, less what the umask takes" {
    flow_of() {
        stock 85123A 6
        { evbuy -u "$r1" 85123A 6; evbuy -u "$r2" 85123A 6; } | flow >/dev/null
        run feed x evtask
    }
    umask 000
    flow_of
    is "$(find evstore -path '*/index/*' -prune -o -printf '%y %m\n' | sort -u)" $'d 750\nf 640'
    rm -r evstore
    umask 077
    flow_of
    is "$(find evstore -path '*/index/*' -prune -o -printf '%y %m\n' | sort -u)" $'d 700\nf 600'
}

@test "bytes of a product ID outside A-Z a-z 0-9 _ - and . stand as %XX in the file's name" {
    name() {
        rm -rf evstore
        stock "$1" 1
        is "$(ls evstore/journal)" "$2.ndjson"
        is "$(evreplay -- "$1" | jq -r .product)" "$1"
    }
    name Az09_-. Az09_-.
    name . %2E
    name .. %2E.
    name .hidden %2Ehidden
    name a.b. a.b.
    name a/b a%2Fb
    name ../../etc/passwd %2E.%2F..%2Fetc%2Fpasswd
    name %2F %252F
    name -x -x
    name 'BANK CHARGES' BANK%20CHARGES
    name "\"'\\" %22%27%5C
    name 'é~' %C3%A9%7E
    name 😀 %F0%9F%98%80
    name €€€€€€€€€€€€€€€€€€€€€€€€€€ "$(printf '%%E2%%82%%AC%.0s' {1..26})"
    name "$(printf '!%.0s' {1..80})" "$(printf '%%21%.0s' {1..80})"
}

@test "a journal's lines are numbered without a gap and chained by their sums" {
    stock 85123A 9
    for i in {1..12}; do evbuy 85123A 1; done | flow >/dev/null
    evstock return 85123A 3 >/dev/null
    evstock remove 85123A 1 >/dev/null
    is "$(jq -r .sequence evstore/journal/85123A.ndjson)" "$(seq -f %012.0f 15)"
    chained evstore/journal/85123A.ndjson
    chained evstore/orders.ndjson
    [ "$(grep -c '"sum":"[0-9a-f]\{16\}"}$' evstore/journal/85123A.ndjson)" -eq 15 ]
    python3 "$tests/model/audit.py" evstore
}

@test "the chain goes on over processes, deleted indexes and other products" {
    for i in {1..6}; do
        evstock add 85123A "$i" >/dev/null
        evstock add 71053 "$i" >/dev/null
        rm -rf evstore/index
    done
    chained evstore/journal/85123A.ndjson
    chained evstore/journal/71053.ndjson
}

@test "results and orders that are there are found without an index" {
    stock 85123A 6
    buy 85123A 4 "$r1" >orders
    buy 85123A 4 "$r2" >>orders
    outcomes >before
    rm -rf evstore/index
    { wanted "$r1" 85123A 4; wanted "$r2" 85123A 4; } | flow | cmp orders -
    outcomes | cmp before -
}

@test "a journal in another valid form than the toolkit's is read, its sums over its bytes" {
    mkdir -p evstore/journal
    echo 'eventdemo 1' >evstore/format
    { event evstock stock.added "$g1" 85123A 1 '{"quantity":6}' | sed 's/,"data"/ , "shop":[1] ,"data"/'
      event evorder stock.sold "$r1" 85123A 2 '{"quantity":2}' | sed 's/85123A/\\u003851\\u00323A/; s/:{/: {"x":1,/'
      event evfail purchase.refused "$r2" 85123A 3 "$(seen 9 4 2 insufficient-stock)"; } |
        summed >evstore/journal/85123A.ndjson
    run -0 evreplay 85123A
    is "$output" "$(state 85123A 3 6 0 2 0 1)"
    run -0 evreplay --verify
    { to_check "$r1" 85123A 2; to_check "$r2" 85123A 9; to_check "$r3" 85123A 4; } >in
    run -0 evcheck <in
    is "$output" "$(available "$r1" 85123A 2 4 3
        unavailable "$r2" 85123A 9 4 2 insufficient-stock
        available "$r3" 85123A 4 4 3)"
    available "$r3" 85123A 4 4 3 | evorder >/dev/null
    run -0 evreplay 85123A
    is "$output" "$(state 85123A 4 6 0 6 0 1)"
    run -0 evreplay --verify
}

@test "a file where the store belongs is an error, and left as it is" {
    echo text >evstore
    wanted "$r1" 85123A 0 >in
    for line in 'evstock add 85123A 1' 'evreplay' "evresult $r1" evtask evcheck evorder evfail evcreate; do
        # shellcheck disable=SC2086
        run --separate-stderr $line <in
        [[ $status = 6[56] || $status = 7[34] ]]
        [[ $stderr = "${line%% *}: "* ]]
        is "$output" ''
    done
    holds evstore text
}

@test "who does not own the files of a store reads and writes them as who does" {
    stock 85123A 10
    evreplay >expected
    [ "$(id -u)" -eq 0 ] && setpriv --bounding-set=-fowner true || skip 'not root'
    chown -R 65534 evstore
    setpriv --bounding-set=-fowner evreplay | cmp expected -
    wanted "$r1" 85123A 6 | evtask | evcheck | setpriv --bounding-set=-fowner evorder | jq -r .type | grep -x order.requested
    evreplay --verify
}

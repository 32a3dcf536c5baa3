# Durable before visible: what is said is on disk; what failed is not said.
load lib
load traced

setup() {
    start
    need_tracing
}

@test "a sale is on disk before it is told, its journal's name too" {
    stock 71053 1 "$g2"
    stock 85123A 40
    { available "$r1" 85123A 6 40 1; available "$r2" 71053 1 1 1; } >in
    trace evorder <in >out
    synced_before "$told" journal/85123A.ndjson
    synced_before "$told" journal/71053.ndjson
    printf '%s\n' '{"action":"add","product":"new","quantity":1}' '{"action":"add","product":"newer","quantity":1}' >in
    trace evstock <in >out
    synced_before "$told" journal/new.ndjson
    synced_before "$told" journal/newer.ndjson
    # What was made in a directory needs that directory's sync, or one of everything.
    grep -q 'syncfs(\|fsync([0-9]*<[^>]*/journal>)' <(sed -E "/$told/,\$d" trace)
}

@test "a refusal, its result's way there, and an order are on disk before they are told" {
    stock 85123A 40
    unavailable "$r1" 71053 6 0 0 unknown-product >in
    trace evfail <in >out
    synced_before "$told" journal/71053.ndjson
    synced_before "linkat.*$r1.json" journal/71053.ndjson
    available "$r2" 85123A 6 40 1 | evorder >in
    trace evcreate <in >out
    synced_before "$told" orders.ndjson
    synced_before "linkat.*$r2.json" orders.ndjson
}

@test "a result has its name on disk before the end" {
    unavailable "$r1" 71053 6 0 0 unknown-product >in
    trace evfail <in >out
    sed -n '/linkat/,$p' trace | grep 'syncfs('
}

@test "what was found is synced before it is told again" {
    stock 85123A 40
    buy 85123A 6 "$r1" >/dev/null
    buy 85123A 99 "$r2" >/dev/null
    to_check "$r2" 85123A 99 >in
    trace evcheck <in >out
    synced_before "$told" journal/85123A.ndjson
    # Also where the answers of a long batch are handed on in portions: each is synced for.
    awk '{ for (i = 0; i < 6000; i++) print }' in >many
    trace evcheck <many >out
    [ "$(wc -l <out)" -eq 6000 ]
    awk -v told="$told" '/sync\(/ { synced = 1 } $0 ~ told { if (!synced) exit 1; synced = 0 }' trace
    { available "$r1" 85123A 6 40 1; available "$r2" 85123A 99 40 1; } >in
    trace evorder <in >out
    synced_before "$told" journal/85123A.ndjson
    unavailable "$r2" 85123A 99 34 2 insufficient-stock >in
    trace evfail <in >out
    synced_before "$told" journal/85123A.ndjson
    to_order "$r1" 85123A 6 2 >in
    trace evcreate <in >out
    synced_before "$told" orders.ndjson
    # Only the message that names the very sale vouches for it.
    to_order "$r1" 85123A 6 1 >in
    trace evcreate <in >out
    synced_before "$told" journal/85123A.ndjson
    trace evstock add 85123A 40 -u "$g1" >out
    synced_before "$told" journal/85123A.ndjson
}

@test "a batch has one sync, not one a message" {
    stock 85123A 1000
    for i in {1..500}; do
        available "$(printf '%08d-0000-4000-8000-000000000000' "$i")" 85123A 1 1000 1
    done >in
    trace evorder <in >out
    [ "$(wc -l <out)" -eq 500 ]
    [ "$(grep -c 'sync(\|syncfs(' trace)" -lt 10 ]
    # However many products are in it.
    for i in {1..500}; do
        printf '{"action":"add","product":"p%d","quantity":1}\n' "$i"
    done >in
    trace evstock <in >out
    [ "$(wc -l <out)" -eq 500 ]
    [ "$(grep -c 'sync(\|syncfs(' trace)" -lt 10 ]
}

@test "output to a regular file is on disk before the end" {
    stock 85123A 40
    buy 85123A 1 "$r1" >/dev/null
    for line in 'evbuy 85123A 6' evreplay 'evreplay --events' "evresult $r1" 'evstock add 85123A 1'; do
        # shellcheck disable=SC2086
        trace $line >out
        synced_before end /out
    done
    wanted "$r2" 85123A 6 >in
    for service in "${services[@]}"; do
        trace "$service" <in >out
        synced_before end /out
        trace "$service" -i in -o named
        synced_before end /named
    done
    to_check "$r2" 85123A 99 >in
    trace evcheck -i in -o named -r refused
    synced_before end /refused
}

@test "what is put aside is on disk before anything of its batch is told" {
    { echo bad; wanted "$r1" 85123A 6; } >in
    code=0
    trace evtask <in >out || code=$?
    [ "$code" -eq 65 ]
    synced_before "$told" dead/evtask.ndjson
    code=0
    trace evtask --dead aside <in >out || code=$?
    synced_before end /aside
}

@test "a sync that fails: nothing is told, the journals are as they were, 74" {
    stock 85123A 40
    available "$r1" 85123A 6 40 1 | evorder >order
    available "$r2" 85123A 6 34 2 >evorder.in
    unavailable "$r3" 85123A 99 34 2 insufficient-stock >evfail.in
    cp order evcreate.in
    printf '{"action":"add","product":"85123A","quantity":1}\n' >evstock.in
    content >before
    for command in evorder evfail evcreate evstock; do
        run -74 --separate-stderr strace -f -o /dev/null -e trace=fsync,fdatasync,syncfs \
            -e inject=fsync,fdatasync,syncfs:error=EIO "$command" <"$command.in"
        is "$output" ''
        [[ $stderr = "$command: "* ]]
        content | grep -v "/\.$r" | grep -v "^results/\.$r" | cmp before -
    done
    # And the next writer finds nothing in its way.
    for command in evorder evfail evcreate evstock; do "$command" <"$command.in" >>told; done
    [ "$(wc -l <told)" -eq 4 ]
    chained evstore/journal/85123A.ndjson
}

@test "an output that cannot be synced is said: 74" {
    wanted "$r1" 85123A 6 >in
    for line in 'evtask -i in' 'evbuy 85123A 6'; do
        # shellcheck disable=SC2086
        run -74 --separate-stderr strace -f -o /dev/null -e trace=fsync,fdatasync,syncfs \
            -e inject=fsync,fdatasync,syncfs:error=EIO $line -o out
        [[ $stderr = "${line%% *}: "* ]]
    done
}

@test "the name of a new journal is on disk before it is told, whatever else is in the batch" {
    stock zzz 1
    printf '{"action":"add","product":"%s","quantity":1}\n' new zzz >in
    trace evstock <in >out
    sed -E "/$told/,\$d" trace | grep 'syncfs(\|fsync([0-9]*<[^>]*/journal>)'
    # That of the orders is in the store's own directory.
    to_order "$r1" zzz 1 1 >in
    trace evcreate <in >out
    sed -E "/$told/,\$d" trace | grep 'fsync([0-9]*<[^>]*/evstore>)'
}

@test "of more journals than are synced one by one, what was found is on disk before it is told, too" {
    for n in {1..6}; do
        stock "p$n" 5 "$g1"
        available "${r1%?}$n" "p$n" 1 5 1
    done >in
    evorder <in >/dev/null
    trace evorder <in >out
    [ "$(wc -l <out)" -eq 6 ]
    sed -E "/$told/,\$d" trace | grep 'syncfs('
}

@test "a letter has every name on its way on disk before it is told, in a new store too" {
    echo bad >in
    trace evtask <in >out || [ $? -eq 65 ]
    sed '/write.*evstore\/format>/,$d' trace | grep 'fsync([0-9]*<[^>]*/evstore>)'
    sed '1,/write.*dead\/evtask.ndjson>/d' trace | grep 'fsync([0-9]*<[^>]*/evstore/dead>)'
}

@test "refusals to a file of their own are synced with it, not only with the store" {
    to_check "$r2" unknown 99 >in
    trace evcheck -i in -o named -r refused
    grep 'sync([0-9]*<[^>]*/refused>' trace
    available "$r2" unknown 99 1 1 >in
    trace evorder -i in -o named -r refused
    grep 'sync([0-9]*<[^>]*/refused>' <(sed '1,/write(.*refused>/d' trace)
}

# evaudit: journals and orders, what they may not tell, and what they tell together.
load lib
load audited

@test "a store that keeps every promise: a line for each" {
    run -0 --separate-stderr evaudit
    is "$stderr" ''
    is "$output" 'never oversold: holds: 1 journals, 3 events
one outcome: holds: 1 sold, 1 refused, 0 taken back, 2 results, 0 unfinished
durable before visible: holds: 1 orders, 2 results
nothing silent: holds: 0 topics, 0 lanes, 0 messages, 0 offsets, 0 dead letters
a UUID means one purchase: holds: 2 requests'
    sound --strict
}

@test "damage of a journal is told by its line" {
    file=evstore/journal/85123A.ndjson
    where='journal/85123A.ndjson:'
    sed -i '1s/"quantity":40/"quantity":41/' $file
    broken '1 never oversold' "${where}1: sum: does not match the line and the sum before it"
    [[ $output = 'never oversold: broken: 1 violation; 1 journals, 3 events'$'\n'* ]]
    fresh
    printf '%s\n' '' '{}' >>$file
    broken '2 never oversold' "${where}4: sum: missing or not at the end of the line
${where}5: sum: missing or not at the end of the line"
    fresh
    sed -i 1d $file
    broken '1 never oversold
1 durable before visible' "${where}1: sum: does not match the line and the sum before it
orders.ndjson:1: the sale of this order is not in journal/85123A.ndjson (request $r1)"
    fresh
    { added "$g1" 40; sold "$r1" 6; refused "$r2" 99 34 2 insufficient-stock; added "$g2" 1; } |
        sed '4s/"sequence":"0*"/"sequence":"000000000005"/' | journal
    broken '1 never oversold' "${where}4: sequence: does not follow the event before"
    { added "$g1" 40; sold "$r1" 6; product=71053 refused "$r2" 99 34 2 insufficient-stock; } | journal
    broken '1 never oversold
1 durable before visible' "${where}3: subject: not the product of this journal
results/$r2.json:1: tells of a refusal that is in no journal"
    { added "$g1" 40; sold "$r1" 6; at=$earlier refused "$r2" 99 34 2 insufficient-stock; } | journal
    broken '1 never oversold
1 durable before visible' "${where}3: time: before that of the event before
results/$r2.json:1: tells of a refusal that is in no journal"
    fresh
    ordered "$r1" 6 "$o1" | sed 's/0\{12\}/000000000004/' >>$file
    broken '1 never oversold' "${where}4: sum: missing or not at the end of the line"
}

@test "never oversold at any point, though it is fine at the end" {
    { added "$g1" 5; sold "$r1" 6; refused "$r2" 99 34 2 insufficient-stock; added "$g2" 90; } | journal
    broken '1 never oversold
1 durable before visible' "journal/85123A.ndjson:2: quantity: more than was there, or more than can be counted
orders.ndjson:1: the sale of this order is not in journal/85123A.ndjson (request $r1)"
    { added "$g1" 6; sold "$r1" 6; refused "$r2" 99 34 2 insufficient-stock; removed "$g2" 1; added "$g3" 1; } | journal
    broken '1 never oversold' 'journal/85123A.ndjson:4: quantity: more than was there, or more than can be counted'
}

@test "damage of the orders is told by its line" {
    sed -i '1s/evcreate/evCreate/' evstore/orders.ndjson
    broken '1 one outcome
1 durable before visible' "orders.ndjson:1: sum: does not match the line and the sum before it
results/$r1.json:1: tells of an order that is not in orders.ndjson"
    counts 'one outcome' '1 sold, 1 refused, 0 taken back, 2 results, 1 unfinished'
    { ordered "$r1" 6 "$o1"; sold "$r2" 6; } | orders
    broken '1 one outcome' 'orders.ndjson:2: type: not an event of this journal'
}

@test "an event stands once, and a request is either sold or refused" {
    start="$(added "$g1" 40; sold "$r1" 6; refused "$r2" 99 34 2 insufficient-stock)"
    wrong() {
        mapfile -t
        printf '%s\n' "$start" "${MAPFILE[@]}" | journal
        broken '1 one outcome' "journal/85123A.ndjson:4: $1"
        [[ ${lines[0]} = *", ${2:-4} events" ]]
    }
    added "$g1" 40 | wrong "id: occurs a second time (request $g1)"
    sold "$r1" 6 | wrong "id: occurs a second time (request $r1)"
    refused "$r2" 99 34 2 insufficient-stock | wrong "id: occurs a second time (request $r2)"
    refused "$r1" 6 34 2 insufficient-stock | wrong "a second outcome: sold and refused (request $r1)"
    sold "$r2" 6 | wrong "a second outcome: sold and refused (request $r2)"
    sold "$g1" 6 | wrong "an outcome of a request that changed the stock (request $g1)"
    refused "$g1" 6 34 2 insufficient-stock | wrong "an outcome of a request that changed the stock (request $g1)"
    for change in added removed; do
        for request in "$r1" "$r2"; do
            "$change" "$request" 6 | wrong "a change of stock by the request of a purchase (request $request)"
        done
    done
    returned "$r2" 99 | wrong "a change of stock by the request of a purchase (request $r2)"
    returned "$r1" 5 evcreate | wrong "takes back another quantity than was sold (request $r1)"
    { returned "$g2" 1; returned "$g2" 1; } >twice
    { printf '%s\n' "$start"; cat twice; } | journal
    broken '1 one outcome' "journal/85123A.ndjson:5: id: occurs a second time (request $g2)"
}

@test "an order rests on a sale: of this product, of this quantity, not taken back" {
    gone() {
        broken "${2:-1 durable before visible}" "orders.ndjson:1: the sale of this order is not in $1 (request $r1)$3"
    }
    lost=$'\n'"results/$r2.json:1: tells of a refusal that is in no journal"
    rm evstore/journal/85123A.ndjson
    gone 'any journal' '2 durable before visible' "$lost"
    : >evstore/journal/85123A.ndjson
    gone journal/85123A.ndjson '2 durable before visible' "$lost"
    rm -r evstore/journal
    gone 'any journal' '2 durable before visible' "$lost"
    fresh
    { added "$g1" 40; refused "$r2" 99 34 1 insufficient-stock; } | journal
    gone journal/85123A.ndjson
    { added "$g1" 40; sold "$r1" 5; refused "$r2" 99 34 2 insufficient-stock; } | journal
    gone journal/85123A.ndjson
    counts 'one outcome' '1 sold, 1 refused, 0 taken back, 2 results, 1 unfinished'
    fresh
    product=71053 ordered "$r1" 6 "$o1" | orders
    broken '1 durable before visible' "orders.ndjson:1: the sale of this order is not in any journal (request $r1)"
    fresh
    { added "$g1" 40; sold "$r1" 6; refused "$r2" 99 34 2 insufficient-stock; returned "$r1" 6 evcreate; } | journal
    broken '1 one outcome' "orders.ndjson:1: the sale of this order was taken back (request $r1)"
    counts 'one outcome' '1 sold, 1 refused, 1 taken back, 2 results, 0 unfinished'
}

@test "a request has one order, and the order's UUID is that of the request" {
    { ordered "$r1" 6 "$o1"; ordered "$r1" 6 "$o1"; product=71053 ordered "$r1" 7 "$o1"; } | orders
    broken '2 a UUID means one purchase' "orders.ndjson:2: a second order of the request, after line 1
orders.ndjson:3: a second order of the request, after line 1"
    counts 'durable before visible' '3 orders, 2 results'
    ordered "$r1" 6 "$o2" | orders
    broken '1 one outcome' "orders.ndjson:1: order: not the one of this request ($o1)"
}

@test "what stands in a journal's place, and strangers beside them" {
    mkdir evstore/journal/directory.ndjson
    mkfifo evstore/journal/fifo.ndjson
    ln -s 85123A.ndjson evstore/journal/link.ndjson
    ln -s nowhere evstore/journal/lost.ndjson
    for name in .hidden %41.ndjson 85123A.json $'new\nline.ndjson'; do : >"evstore/journal/$name"; done
    run -65 --separate-stderr timeout 300 evaudit
    is "$stderr" "evaudit: ./evstore/journal/%41.ndjson: not a journal's name
evaudit: ./evstore/journal/.hidden: not a journal's name
evaudit: ./evstore/journal/85123A.json: not a journal's name
evaudit: ./evstore/journal/directory.ndjson: not a regular file
evaudit: ./evstore/journal/fifo.ndjson: not a regular file
evaudit: ./evstore/journal/link.ndjson: a symbolic link, not a file of the store
evaudit: ./evstore/journal/lost.ndjson: a symbolic link, not a file of the store
evaudit: ./evstore/journal/new?line.ndjson: not a journal's name"
    [[ $output = 'never oversold: broken: 8 violations; 1 journals, 3 events'$'\n''one outcome: holds'* ]]
    fresh
    mv evstore/orders.ndjson elsewhere
    ln -s ../elsewhere evstore/orders.ndjson
    broken '1 one outcome
1 durable before visible' "orders.ndjson: a symbolic link, not a file of the store
results/$r1.json:1: tells of an order that is not in orders.ndjson"
    rm evstore/orders.ndjson
    mkdir evstore/orders.ndjson
    broken '1 one outcome
1 durable before visible' "orders.ndjson: not a regular file
results/$r1.json:1: tells of an order that is not in orders.ndjson"
}

@test "a last line without its end is unfinished, and with --strict a violation" {
    for file in journal/85123A orders; do
        fresh
        for tail in x '{"specversion":"1.0"' "$(head -c 70000 /dev/zero | tr '\0' x)"; do
            printf '%s' "$tail" >>"evstore/$file.ndjson"
        done
        sound
        [[ $(counted 'one outcome') = *', 1 unfinished' ]]
        number=$(($(wc -l <"evstore/$file.ndjson") + 1))
        broken '1 durable before visible' "$file.ndjson:$number: an unfinished line of 70021 bytes" --strict
    done
    # Its newline alone is missing.
    fresh
    truncate -s -1 evstore/journal/85123A.ndjson
    broken '1 durable before visible' "results/$r2.json:1: tells of a refusal that is in no journal"
    [[ $(counted 'one outcome') = *', 1 unfinished' ]]
}

@test "what is unfinished is told with --strict, each at its event" {
    product=71053
    { added "$g2" 9; sold "$r3" 2; sold "$r4" 1; } | journal
    product=85123A
    rm evstore/results/*
    sound
    counts 'one outcome' '3 sold, 1 refused, 0 taken back, 0 results, 4 unfinished'
    broken '4 one outcome' "journal/71053.ndjson:2: sold, but neither ordered nor taken back yet (request $r3)
journal/71053.ndjson:3: sold, but neither ordered nor taken back yet (request $r4)
journal/85123A.ndjson:2: ordered, but without a result yet (request $r1)
journal/85123A.ndjson:3: refused, but without a result yet (request $r2)" --strict
}

@test "violations come by file and line, whatever the number of threads" {
    for i in {1..9}; do
        product=p$i
        for j in {1..9}; do added "0000000$i-0000-4000-8000-00000000000$j" "$j"; done | sed '7p; 9p' | journal
        sed -i '2s/quantity":2/quantity":3/' "evstore/journal/$product.ndjson"
        for j in {10..40}; do echo x >"evstore/results/0000000$i-0000-4000-8000-0000000000$j.json"; done
    done
    for jobs in 1 7 256; do
        run -65 --separate-stderr evaudit -j $jobs
        if [ "$jobs" -eq 1 ]; then one=$output errors=$stderr; fi
        is "$output" "$one"
        is "$stderr" "$errors"
    done
    [ "$(wc -l <<<"$errors")" -eq $((9 * 34)) ]
    is "$(grep -F /p7. <<<"$errors")" "evaudit: ./evstore/journal/p7.ndjson:2: sum: does not match the line and the sum before it
evaudit: ./evstore/journal/p7.ndjson:8: id: occurs a second time (request 00000007-0000-4000-8000-000000000007)
evaudit: ./evstore/journal/p7.ndjson:11: id: occurs a second time (request 00000007-0000-4000-8000-000000000009)"
    is "$(sed 1q <<<"$output")" 'never oversold: broken: 9 violations; 10 journals, 102 events'
}

@test "a wrong command line, and a store that is not there" {
    for options in x '-j 0' '-j 257' '-j x' '--mark' '--strict --strict' '--repair --repair' '--mark a --mark b' '--rep'; do
        # shellcheck disable=SC2086 # several options
        run -64 --separate-stderr evaudit $options
        is "$output" ''
        [[ $stderr = 'evaudit: '* ]]
    done
    for options in '' --strict --repair '--mark m'; do
        # shellcheck disable=SC2086 # several options
        run -66 --separate-stderr evaudit -d nowhere $options
        is "$output" ''
        [[ $stderr = 'evaudit: nowhere'* ]]
    done
    [ ! -e nowhere ] && [ ! -e m ]
    echo 'eventdemo 2' >evstore/format
    run -65 --separate-stderr evaudit
    is "$output" ''
    run -74 bash -c 'evaudit -d "$1" >/dev/full' _ "$BATS_FILE_TMPDIR/sample"
    is "$output" 'evaudit: standard output: No space left on device'
}

@test "what cannot be read ends it, without a verdict" {
    result_failed "$r3" 71053 7 0 unknown-product | packed
    if [ "$(id -u)" -ne 0 ]; then
        for file in "results/$r1.json" results/5e.ndjson journal/85123A.ndjson orders.ndjson; do
            chmod 0 "evstore/$file"
            run -74 --separate-stderr evaudit
            is "$output" ''
            [[ $stderr = "evaudit: ./evstore/$file: "*'Permission denied' ]]
            chmod 640 "evstore/$file"
        done
    fi
    need_tracing
    for file in "results/$r1.json" results/5e.ndjson journal/85123A.ndjson orders.ndjson; do
        run -74 --separate-stderr strace -f -o trace -P "$PWD/evstore/$file" -e trace=pread64 \
            -e inject=pread64:error=EIO evaudit
        is "$output" ''
        [[ $stderr = "evaudit: ./evstore/$file: "*'Input/output error' ]]
    done
}

@test "without --repair it changes nothing, takes no lock and opens nothing to write" {
    need_tracing
    printf '%s\n' "$(wanted "$r3" 71053 1)" | evtopic publish purchase.requested
    evtask --drain
    printf x >>evstore/journal/85123A.ndjson
    rm "evstore/results/$r1.json"
    as_before evaudit --strict || [ $? -eq 65 ]
    as_before strace -f -o trace -e trace=desc,file evaudit
    grep -q 'openat.*0.offset.*= [0-9]' trace
    grep -q 'openat.*0.lock.*= [0-9]' trace
    grep -qF '85123A.ndjson' trace
    run -1 grep -E 'O_(WRONLY|RDWR|CREAT|TRUNC)|flock|rename|unlink|truncate|mkdir|\blink' trace
}

@test "who watches a terminal sees how far it is" {
    cat >watched <<'PYTHON'
import os, pty, sys
child, terminal = pty.fork()
if child == 0:
    os.execvp("evaudit", ["evaudit", "--strict"])
seen = b""
try:
    while True:
        seen += os.read(terminal, 4096)
except OSError:
    sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
PYTHON
    run -0 python3 watched
    [[ $output = 'evaudit: results: 2 of 2'$'\r\e[K'*'never oversold: holds'* ]]
    run -0 --separate-stderr evaudit
    is "$stderr" ''
}

# Packed results: the same lines, many to a file, for evfail and evcreate --results packed.
load lib

fail() { unavailable "$@" | evfail --results packed; }
pack() { evtask | evcheck | evorder | evfail --results packed | evcreate --results packed; }

# purchases: for three packs, some that are sold and some that are refused, whoever is faster.
purchases() {
    local digits
    for digits in 00 5e ff; do
        wanted "${digits}8a4c1d-2b7f-4d3e-9c60-000000000001" 85123A 6
        wanted "${digits}8a4c1d-2b7f-4d3e-9c60-000000000002" 71053 60
        wanted "${digits}8a4c1d-2b7f-4d3e-9c60-000000000003" 85123A 1
    done
}

# results: all there are, as evresult prints them.
results() { purchases | jq -r .correlationid | xargs evresult || [ $? -eq 123 ]; }

# checked FIRST LAST PRODUCT: what evcheck says of so many purchases, for three packs.
checked() {
    awk -v n="$1" -v last="$2" -v product="$3" 'BEGIN { for (; n <= last; n++) printf("{\"product\":\"%s\",\"quantity\":1," \
        "\"request\":\"0%d000000-0000-4000-8000-%012d\"}\n", product, n % 3, n) }' | evbuy | evtask | evcheck
}

# packed PACK: which requests are in a pack, in its order.
packed() { jq -r .request "evstore/results/$1.ndjson"; }

@test "packed results are the lines that the files would be, in packs by their first two digits" {
    stock 85123A 40
    cp -r evstore fresh
    purchases | flow >told
    results >expected
    cat evstore/results/*.json | sort >lines
    mv evstore files
    mv fresh evstore
    purchases | pack | sort | cmp - <(sort told)
    results | cmp expected -
    sort evstore/results/* | cmp lines -
    is "$(ls evstore/results)" 00.ndjson$'\n'5e.ndjson$'\n'ff.ndjson
    for digits in 00 5e ff; do [ "$(grep -c "^{\"request\":\"$digits" "evstore/results/$digits.ndjson")" -eq 3 ]; done
    is "$(stat -c %a evstore/results/5e.ndjson)" 640
    python3 "$tests/model/audit.py" evstore
}

@test "run again it changes nothing, whatever the form was and is" {
    stock 85123A 40
    cp -r evstore fresh
    purchases >in
    for first in flow pack; do
        rm -rf evstore
        cp -r fresh evstore
        $first <in | sort >told
        content >before
        for again in flow pack $first; do
            $again <in | sort | cmp told -
            content | cmp before -
        done
    done
}

@test "a refusal found in a pack keeps the UUID from another purchase" {
    stock 71053 40
    fail "$r1" 85123A 6 0 0 unknown-product >/dev/null
    holds evstore/results/5e.ndjson "$(result_failed "$r1" 85123A 6 0 unknown-product)"
    evbuy -u "$r1" 71053 7 >in
    run -65 --separate-stderr pack <in
    is "$output" ''
    [[ $stderr = 'evcreate: stdin:1: '* ]]
    is "$(evreplay 71053)" "$(state 71053 3 40 0 7 7 0)"
    [ ! -s evstore/orders.ndjson ]
    # Whatever form the loser would use; and a refusal loses as well.
    run -65 flow <in
    unavailable "$r1" unknown 7 0 0 unknown-product >in
    run -65 --separate-stderr evfail <in
    [[ $stderr = 'evfail: stdin:1: '* ]]
    holds evstore/results/5e.ndjson "$(result_failed "$r1" 85123A 6 0 unknown-product)"
    is "$(ls evstore/results)" 5e.ndjson
}

@test "within a batch the first purchase has the UUID" {
    { unavailable "$r1" 71053 7 0 0 unknown-product; unavailable "$r1" 85123A 6 0 0 unknown-product; } >in
    run -65 --separate-stderr evfail --results packed <in
    holds evstore/results/5e.ndjson "$(result_failed "$r1" 71053 7 0 unknown-product)"
}

@test "what others put into a pack is seen by a service that runs" {
    stock 85123A 40
    stock 71053 40 "$g2"
    mkfifo in out
    evcreate --results packed <in >out 2>errors 3>&- &
    service=$!
    exec 8>in 9<out
    # answered REQUEST: its sale is given to the service, and this is what it answers next.
    answered() {
        available "$1" 71053 1 40 1 | evorder >&8
        read -r -t 300 line <&9
        [[ $line = *"\"correlationid\":\"$1\""* ]]
    }
    for i in 10 20 30; do
        answered "${r1%01}$i"
        # Refused by another process, and sold for another product: that is the loser.
        fail "${r1%01}$((i + 1))" 85123A 60 40 1 insufficient-stock >/dev/null
        available "${r1%01}$((i + 1))" 71053 1 40 1 | evorder >&8
        answered "${r1%01}$((i + 2))"
    done
    is "$(packed 5e)" "$(printf "${r1%01}%s\n" {1..3}{0..2})"
    # Deleted, and made again by others, longer: the number of its inode may be the same.
    rm evstore/results/5e.ndjson
    for i in {40..55} 11; do unavailable "${r1%01}$i" 85123A 60 40 1 insufficient-stock; done |
        evfail --results packed >/dev/null
    available "${r1%01}50" 71053 1 40 1 | evorder >&8
    answered "${r1%01}10"
    is "$(packed 5e)" "$(printf "${r1%01}%s\n" {40..55} 11 10)"
    rm evstore/results/5e.ndjson
    answered "${r1%01}12"
    is "$(packed 5e)" "${r1%01}12"
    exec 8>&-
    code=0
    wait "$service" || code=$?
    [ "$code" -eq 65 ]
    [ "$(wc -l <errors)" -eq 4 ]
}

@test "an order overrules a refusal that stands in a pack or in a file, for good" {
    stock 85123A 40
    available "$r1" 85123A 6 40 1 | evorder >order
    evcreate <order >told
    for place in 5e.ndjson "$r1.json"; do
        rm -r evstore/results
        mkdir evstore/results
        result_failed "$r1" 71053 6 0 out-of-stock >"evstore/results/$place"
        for run in 1 2; do
            evcreate --results packed <order | cmp told -
            run -0 evresult "$r1"
            is "$output" "$(result_created "$r1" 85123A 6 "$o1")"
            if [ "$run" -eq 1 ]; then content >before; fi
        done
        content | cmp before -
        is "$(ls evstore/results)" "$place"
    done
}

@test "what stands in a file counts, whatever is in the pack" {
    fail "$r1" 85123A 6 0 0 unknown-product >/dev/null
    result_failed "$r1" 85123A 6 0 out-of-stock >"evstore/results/$r1.json"
    run -1 evresult "$r1"
    is "$output" "$(result_failed "$r1" 85123A 6 0 out-of-stock)"
    # Unless it is no whole result.
    for text in '' '{}' "{\"request\":\"$r1\"}" "$(result_failed "$r2" 85123A 6 0 out-of-stock)"; do
        printf '%s\n' "$text" >"evstore/results/$r1.json"
        run -1 evresult "$r1"
        is "$output" "$(result_failed "$r1" 85123A 6 0 unknown-product)"
    done
}

@test "a file that is no whole result is made one, so that it hides no line" {
    unavailable "$r1" 85123A 6 0 0 unknown-product >in
    evfail <in >out
    : >"evstore/results/$r1.json"
    for run in 1 2; do
        evfail --results packed <in | cmp out -
        holds "evstore/results/$r1.json" "$(result_failed "$r1" 85123A 6 0 unknown-product)"
        [ ! -e evstore/results/5e.ndjson ]
    done
}

@test "an unfinished last line is no result, is cut off by the next writer, and made again" {
    for request in "$r1" "$r2" "$r3"; do unavailable "$request" 85123A 6 0 0 unknown-product; done >in
    unavailable "$r4" 85123A 6 0 0 unknown-product >next
    evfail --results packed <in >out
    cp evstore/results/5e.ndjson whole
    { cat whole; result_failed "$r4" 85123A 6 0 unknown-product; } >longer
    size=$(wc -c <whole)
    # Cut off anywhere; and what a power cut makes of it.
    for tail in $((size - 1)) $((size - 10)) $((size - 160)) $((size * 2 / 3 + 1)) 5 0 nul; do
        if [ "$tail" = nul ]; then
            { head -n 2 whole; head -c 5000 /dev/zero; } >evstore/results/5e.ndjson
        else
            head -c "$tail" whole >evstore/results/5e.ndjson
        fi
        run -75 evresult "$r3"
        [ "$output" = '' ]
        evfail --results packed <in | cmp out -
        cmp whole evstore/results/5e.ndjson
        evfail --results packed <next >/dev/null
        cmp longer evstore/results/5e.ndjson
    done
}

@test "lines that are no results are stepped over" {
    for request in "$r1" "$r2" "$r3"; do unavailable "$request" 85123A 6 0 0 unknown-product; done >in
    evfail --results packed <in >out
    line() { result_failed "$1" 85123A 6 0 unknown-product; }
    { line "$r1"
      echo
      printf '{"request":"%s\n' "$r2"
      printf '{"request":"%s"}\n' "$r2"
      head -c 3000 /dev/zero
      line "$r2"
      # Longer than what is read at once, and just as long.
      printf '%0700000d\n' 0
      printf '%0262143d\n' 0
      printf '%0262144d\n' 0
      line "$r3"
      # Of another pack.
      line "${r2/5e/5f}"; } >made
    cp made evstore/results/5e.ndjson
    run -75 evresult "$r1" "$r2" "$r3" "${r2/5e/5f}"
    is "$output" "$(line "$r1"; line "$r3")"
    evfail --results packed <in | cmp out -
    { cat made; line "$r2"; } | cmp - evstore/results/5e.ndjson
    run -1 evresult "$r1" "$r2" "$r3"
    is "$output" "$(line "$r1"; line "$r2"; line "$r3")"
}

@test "a pack that was deleted is made again, byte for byte" {
    stock 85123A 40
    purchases | evtask | evcheck | evorder >decided
    results_made() { evfail --results packed <decided >failed && evcreate --results packed <failed; }
    results_made >out
    cp -r evstore/results kept
    for gone in evstore/results/5e.ndjson evstore/results; do
        rm -r "$gone"
        results_made | cmp out -
        diff -r kept evstore/results
    done
}

@test "what is no regular file in a pack's place is refused" {
    stock 85123A 40
    unavailable "$r1" unknown 6 0 0 unknown-product >evfail.in
    available "$r2" 85123A 6 40 1 | evorder >evcreate.in
    echo precious >elsewhere
    : >evstore/orders.ndjson
    outcomes >before
    for kind in link dangling directory fifo; do
        rm -rf evstore/results/5e.ndjson
        case $kind in
        link) ln -s ../../elsewhere evstore/results/5e.ndjson ;;
        dangling) ln -s ../../nowhere evstore/results/5e.ndjson ;;
        directory) mkdir evstore/results/5e.ndjson ;;
        fifo) mkfifo evstore/results/5e.ndjson ;;
        esac
        for command in evfail evcreate; do
            rm -rf evstore/dead
            run -65 --separate-stderr timeout 300 "$command" --results packed <"$command.in"
            [ "$output" = '' ]
            [[ $stderr = "$command: stdin:1: "*results/5e.ndjson* ]]
            mapfile -t letters <"evstore/dead/$command.ndjson"
            [ "${#letters[@]}" -eq 1 ]
        done
        run -65 --separate-stderr timeout 300 evresult "$r1"
        outcomes | grep -v -e ^results/ -e /unknown.ndjson | cmp before -
        [ ! -s evstore/journal/unknown.ndjson ]
    done
    holds elsewhere precious
    [ ! -e nowhere ]
}

@test "evfail and evcreate at once: every line whole, every request once" {
    stock 85123A 10000
    checked 1 600 unknown >refused
    checked 601 1200 85123A | evorder >sold
    split -n l/12 refused refused.
    split -n l/12 sold sold.
    # Each in many batches, and the refusals twice.
    many() { for part in "$1".??; do "$2" --results packed -i "$part" -o "$3" || return; done; }
    many refused evfail failed 3>&- &
    pids=($!)
    many sold evcreate created 3>&- &
    pids+=($!)
    evfail --results packed -i <(for part in refused.??; do cat "$part"; done) -o again 3>&- &
    pids+=($!)
    for pid in "${pids[@]}"; do wait "$pid"; done
    cmp failed again
    [ "$(wc -l <created)" -eq 600 ]
    is "$(ls evstore/results)" 00.ndjson$'\n'01.ndjson$'\n'02.ndjson
    [ "$(cat evstore/results/* | wc -l)" -eq 1200 ]
    python3 "$tests/model/audit.py" evstore
}

@test "a batch's lines go into a pack by one write, after what they rest on, and are synced before the end" {
    need_tracing
    for request in "$r1" "$r2" "$r3"; do unavailable "$request" 71053 6 0 0 unknown-product; done >in
    strace -f -y -s 0 -o trace -e trace=write,pwrite64,writev,fsync,fdatasync,syncfs,linkat \
        evfail --results packed <in | cat >out
    [ "$(wc -l <evstore/results/5e.ndjson)" -eq 3 ]
    is "$(sed -n 's/.*write.*<.*\/journal\/71053.*/journal/p; s/.*write.*<.*\/results\/.*/results/p
        s/.*write(1<.*/told/p; s/.*sync[a-z]*([0-9].*/sync/p' trace |
        sed -n '/journal/,$p' | uniq | paste -sd ' ')" 'journal sync results told sync'
    [ "$(grep -c 'write.*/results/' trace)" -eq 1 ]
}

@test "a write that fails, also in the middle, leaves the pack as it was: 74" {
    need_tracing
    fail "$r1" 85123A 6 0 0 unknown-product >/dev/null
    cp evstore/results/5e.ndjson before
    for i in {10..20}; do unavailable "${r1%01}$i" "p$i" 6 0 0 unknown-product; done >in
    # No file may be longer than 1,024 bytes: the pack would be.
    run -74 --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 1; evfail --results packed <in'
    is "$output" ''
    [[ $stderr = 'evfail: '*results/5e.ndjson* ]]
    cmp before evstore/results/5e.ndjson
    run -74 --separate-stderr strace -f -o trace -P evstore/results/5e.ndjson -e trace=write \
        -e inject=write:error=ENOSPC evfail --results packed <in
    is "$output" ''
    grep -q INJECTED trace
    cmp before evstore/results/5e.ndjson
    evfail --results packed <in >out
    [ "$(packed 5e | wc -l)" -eq 12 ]
}

@test "a pack is read once, not for every request or batch" {
    need_tracing
    checked 1 6000 unknown >in
    evfail --results packed <in >out
    size=$(stat -c %s evstore/results/01.ndjson)
    rm -r evstore/index
    # There already, and new; each is answered before the next is given.
    { head -n 30 in; checked 6001 6030 unknown; } >some
    mkfifo slow
    while read -r line; do
        printf '%s\n' "$line" >&9
        until [ -s answer ]; do :; done
        : >answer
    done <some 9>slow 3>&- &
    strace -f -y -s 0 -o trace -P evstore/results/01.ndjson -e trace=read,pread64 \
        evfail --results packed <slow >>answer
    wait $!
    # Once all of it, then each time a line, and the end of what is known.
    read=$(sed -n 's/.*read.* = \([0-9]*\)$/\1/p' trace | paste -sd +)
    [ $((read)) -ge "$size" ]
    [ $((read)) -lt $((size + 60 * 2000)) ]
}

# watched: it has the store open twice.
watched() {
    local file found=0
    for file in "/proc/$waiter/fd"/*; do
        [ ! "$file" -ef evstore ] || found=$((found + 1))
    done
    [ "$found" -eq 2 ]
}

@test "evresult -w is woken by a packed result" {
    stock 85123A 6
    rm -rf evstore/results
    evresult -w 300 "$r1" "$r2" >out 3>&- &
    waiter=$!
    until watched; do kill -0 "$waiter"; done
    wanted "$r1" 85123A 6 | pack >told
    wanted "$r2" 85123A 6 | pack >>told
    started=$SECONDS
    code=0
    wait "$waiter" || code=$?
    [ "$code" -eq 1 ]
    [ $((SECONDS - started)) -lt 150 ]
    is "$(sort out)" "$( (result_created "$r1" 85123A 6 "$o1"; result_failed "$r2" 85123A 6 0 out-of-stock) | sort)"
}

@test "--results is for those who make results, and means files unless told" {
    unavailable "$r1" unknown 6 0 0 unknown-product >in
    evfail --results files <in >out
    is "$(ls evstore/results)" "$r1.json"
    rm -r evstore
    for form in '' pack Packed file 'packed ' packed,files; do
        run -64 --separate-stderr evfail --results "$form" <in
        [[ $stderr = "evfail: --results: $form: "* ]]
    done
    run -64 evcreate --results packed --results files <in
    run -64 evcreate --results <in
    for command in evtask evcheck evorder; do run -64 "$command" --results packed <in; done
    [ ! -e evstore ]
}

@test "files that may be open are set aside for packs before products take them" {
    seq -f '{"product":"P%04g","quantity":1}' 3000 | evbuy | evtask | evcheck >in
    # How many lines are a batch is chance.
    for n in 1 2 3 4; do
        (
            ulimit -n 1300
            EV_STORE=store.$n evfail --results packed -i in >out.$n
        )
        is "$(wc -l <out.$n)" 3000
    done
}

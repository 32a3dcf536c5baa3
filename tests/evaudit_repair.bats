# evaudit --repair: what is derived is made again from the truth, which stays as it is.
load lib
load audited
load served
load traced

# whole: each file and directory of the store with all that a change would change.
whole() { find evstore -printf '%p %y %m %i %s %n %T@ %C@\n' -type f -exec sha256sum {} + | sort; }

# repaired RESULTS OFFSETS PACKS [OPTION...]: so much would be made again, without a change, then
# is, and then every promise holds.
repaired() {
    truth >truth.before
    whole >whole.before
    run --separate-stderr evaudit --repair -n "${@:4}"
    is "${stderr_lines[-1]}" "evaudit: would make again: $1 results, $2 offsets; would clean $3 packs"
    whole | cmp whole.before -
    run -0 --separate-stderr evaudit --repair "${@:4}"
    is "${stderr_lines[-1]}" "evaudit: made again: $1 results, $2 offsets; $3 packs cleaned"
    [ "$(grep -c '^[a-zA-Z ]*: holds: ' <<<"$output")" -eq 5 ]
    truth | cmp truth.before -
}

# truth: journals and orders, their bytes, inodes and times.
truth() { find evstore/journal evstore/orders.ndjson -printf '%p %s %i %T@ %C@\n' -type f -exec sha256sum {} + | sort; }

# results: what is there, by name and byte.
results() { (cd evstore/results && sha256sum -- *); }

@test "missing, empty, cut-off and wrong results are made again, byte for byte" {
    results >expected
    rm "evstore/results/$r1.json"
    : >"evstore/results/$r2.json"
    repaired 2 0 0
    results | cmp expected -
    truncate -s -1 "evstore/results/$r1.json"
    sed -i 's/34/33/' "evstore/results/$r2.json"
    repaired 2 0 0
    results | cmp expected -
    echo x | result "$r1"
    cp "evstore/results/$r1.json" "evstore/results/$r2.json"
    repaired 2 0 0 --strict
    results | cmp expected -
    is "$(stat -c %a "evstore/results/$r2.json")" 640
    rm -r evstore/results
    repaired 2 0 0 -j 1
    results | cmp expected -
    # Nothing is to be done any more, and nothing is done.
    run -0 --separate-stderr as_before evaudit --repair --strict
    is "$stderr" ''
}

@test "packs stay packs, files stay files, and lines that are no results go" {
    result_failed "$r2" 85123A 99 34 insufficient-stock >failed
    result_created "$r1" 85123A 6 "$o1" >created
    rm evstore/results/*
    # Both packed; the missing one goes into the pack.
    packed <failed
    head -c -1 created | packed
    packed_again() { repaired "$1" 0 "$2" && is "$(ls evstore/results)" 5e.ndjson; }
    packed_again 1 0
    holds evstore/results/5e.ndjson "$(cat failed created)"
    # A wrong line is overridden by one behind it.
    { cat failed; sed s/:6,/:7,/ created; } >evstore/results/5e.ndjson
    packed_again 1 0
    holds evstore/results/5e.ndjson "$(cat failed; sed s/:6,/:7,/ created; cat created)"
    # What is no result of the pack is taken out.
    { echo; cat failed; sed "s/5e/ff/" created; echo '{}'; printf '%0300000d\n' 1; cat created; printf '{"requ'; } \
        >evstore/results/5e.ndjson
    packed_again 0 1
    holds evstore/results/5e.ndjson "$(cat failed created)"
    is "$(stat -c %a evstore/results/5e.ndjson)" 640
    # A file that is no result of its request goes, also where a pack has the result.
    sed s/:6,/:7,/ created >"evstore/results/$r1.json"
    cat created >"evstore/results/$r2.json"
    repaired 2 0 0
    is "$(cat "evstore/results/$r1.json" "evstore/results/$r2.json")" "$(cat created failed)"
    rm evstore/results/*.json
    # A result that is a file stays one.
    packed <failed
    mv evstore/results/5e.ndjson kept
    for i in 1 2 3; do cat failed; done >evstore/results/5e.ndjson
    sed s/:6,/:7,/ created | result "$r1"
    repaired 1 0 0
    cmp created "evstore/results/$r1.json"
    is "$(wc -l <evstore/results/5e.ndjson)" 3
    # Most are files: so is what is made.
    fresh
    rm "evstore/results/$r1.json"
    repaired 1 0 0
    is "$(ls evstore/results)" "$r1.json"$'\n'"$r2.json"
}

@test "of two refusals the earlier counts, then the smaller product; an order beats both" {
    rm evstore/results/*
    for product in 71053 zzz; do
        at=$later refused "$r2" 7 0 0 unknown-product | journal
        repaired $((2 - $(find evstore/results -name "$r1*" | wc -l))) 0 0
        holds "evstore/results/$r2.json" "$(result_failed "$r2" 85123A 99 34 insufficient-stock)"
        rm "evstore/results/$r2.json"
        at=$earlier refused "$r2" 7 0 0 unknown-product | journal
        repaired 1 0 0
        holds "evstore/results/$r2.json" "$(at=$earlier result_failed "$r2" $product 7 0 unknown-product)"
        rm "evstore/results/$r2.json" "evstore/journal/$product.ndjson"
    done
    for product in 71053 zzz; do
        refused "$r2" 7 0 0 unknown-product | journal
        repaired 1 0 0
        if [ $product = 71053 ]; then
            holds "evstore/results/$r2.json" "$(result_failed "$r2" $product 7 0 unknown-product)"
        else
            holds "evstore/results/$r2.json" "$(result_failed "$r2" 85123A 99 34 insufficient-stock)"
        fi
        rm "evstore/results/$r2.json" "evstore/journal/$product.ndjson"
    done
    for product in 71053 zzz; do
        at=$earlier refused "$r1" 7 0 0 unknown-product | journal
        for text in '' "$(at=$earlier result_failed "$r1" $product 7 0 unknown-product)"; do
            printf '%s\n' "$text" | result "$r1"
            evaudit --repair >/dev/null 2>&1
            holds "evstore/results/$r1.json" "$(result_created "$r1" 85123A 6 "$o1")"
        done
    done
}

@test "the smaller product counts, also where its journal is read to its end later" {
    seq 5000 | sed 's/.*/{"action":"add","product":"10000","quantity":1}/' | evstock >/dev/null
    for product in 10000 zzz; do
        unavailable "$r3" "$product" 7 0 0 unknown-product | evfail >/dev/null
        rm "evstore/results/$r3.json"
    done
    for jobs in 1 2; do
        repaired 1 0 0 -j $jobs
        holds "evstore/results/$r3.json" "$(result_failed "$r3" 10000 7 0 unknown-product)"
        rm "evstore/results/$r3.json"
    done
}

@test "a refusal is made a result while the request's other sale waits to be taken back" {
    rm "evstore/results/$r2.json"
    for product in 71053 zzz; do
        { added "$g2" 9; sold "$r2" 7; } | journal
        repaired 1 0 0
        holds "evstore/results/$r2.json" "$(result_failed "$r2" 85123A 99 34 insufficient-stock)"
        rm "evstore/results/$r2.json" "evstore/journal/$product.ndjson"
    done
}

@test "the truth is not touched, its unfinished lines neither, nor is what is the only trace of it" {
    for file in journal/85123A orders; do printf '{"specv' >>"evstore/$file.ndjson"; done
    result_created "$r3" 85123A 6 "$o3" | result "$r3"
    result_failed "$r4" 71053 6 0 out-of-stock | packed
    results >expected
    rm "evstore/results/$r1.json"
    truth >before
    run -65 --separate-stderr evaudit --repair
    is "$stderr" "$(told="evaudit: ./evstore/results/5e.ndjson:1: tells of a refusal that is in no journal (request $r4)
evaudit: ./evstore/results/$r3.json:1: tells of an order that is not in orders.ndjson"
        printf '%s\n' "$told" 'evaudit: made again: 1 results, 0 offsets; 0 packs cleaned' "$told")"
    results | cmp expected -
    truth | cmp before -
    [ ! -e evstore/dead ]
}

@test "nothing is made from a journal that is damaged, nor while the orders are" {
    product=71053
    { refused "$r3" 7 0 0 unknown-product; } | journal
    result_failed "$r3" 71053 7 0 unknown-product >expected
    rm evstore/results/*
    printf '\n' >>evstore/journal/85123A.ndjson
    run -65 --separate-stderr evaudit --repair
    is "$(ls evstore/results)" "$r3.json"
    cmp expected "evstore/results/$r3.json"
    is "${stderr_lines[-2]}" 'evaudit: made again: 1 results, 0 offsets; 0 packs cleaned'
    rm "evstore/results/$r3.json"
    truncate -s -1 evstore/journal/85123A.ndjson
    printf '\n' >>evstore/orders.ndjson
    run -65 --separate-stderr evaudit --repair
    is "$(ls evstore/results)" ''
    [ "$(wc -l <<<"$output")" -eq 5 ]
    truncate -s -1 evstore/orders.ndjson
    repaired 3 0 0
}

@test "what stands in a result's place is replaced, unless it is a directory" {
    results >expected
    for name in "$r2.json" 5e.ndjson; do
        mv "evstore/results/$r2.json" elsewhere
        ln -s ../../elsewhere "evstore/results/$name"
        repaired 1 0 $((${#name} < 10))
        mkfifo fifo
        rm "evstore/results/$r2.json"
        mv fifo "evstore/results/$name"
        repaired 1 0 $((${#name} < 10))
        rm -f evstore/results/5e.ndjson
        results | cmp expected -
        [ -s elsewhere ]
    done
    mv "evstore/results/$r2.json" elsewhere
    rm "evstore/results/$r1.json"
    mkdir "evstore/results/$r2.json" evstore/results/5e.ndjson
    run -65 --separate-stderr evaudit --repair
    [ -d "evstore/results/$r2.json" ] && [ -d evstore/results/5e.ndjson ]
    is "${stderr_lines[2]}" 'evaudit: made again: 1 results, 0 offsets; 0 packs cleaned'
    rmdir "evstore/results/$r2.json" evstore/results/5e.ndjson
    repaired 1 0 0
    results | cmp expected -
}

# -- offsets ----------------------------------------------------------------------------

group=evstore/topics/purchase.requested/groups/evtask
make_lane() {
    for i in 1 2 3 4; do wanted "${r1%1}$i" 85123A 1; done >wishes
    head -n 2 wishes | evtopic publish purchase.requested
    evtask --drain
    rm -rf halfway
    cp -r $group halfway
    tail -n 2 wishes | evtopic publish purchase.requested
    evtask --drain
    lines stockcheck.requested >asked
    [ "$(wc -l <asked) $(at evtask)" = '4 4' ]
}

# again COUNT: so many messages are handled once more, and nothing else.
again() {
    evtask --drain
    is "$(lines stockcheck.requested | tail -n +5)" "$([ "$1" -eq 0 ] || tail -n "$1" asked)"
    [ "$(at evtask)" = 4 ]
    sound --strict
}

@test "a group whose offset is lost reads its lane again, and nothing is lost" {
    for harm in flipped 'moved 9' 'rm -r'; do
        rm -rf evstore/topics
        make_lane
        case $harm in
        flipped) flipped $group/0.offset && rm $group/0.lock ;;
        moved*) moved $group/0.offset 9 && rm $group/0.lock ;;
        rm*) moved $group/0.offset 9 && moved $group/0.lock 9 ;;
        esac
        repaired 0 1 0
        again 4
    done
}

@test "where one record of a group is good it goes by that" {
    make_lane
    cp halfway/0.lock $group/0.lock
    flipped $group/0.offset
    repaired 0 1 0
    [ "$(at evtask)" = 2 ]
    again 2
    # The durable one is good; what the lock's record says cannot be.
    rm -r evstore/topics
    make_lane
    cp halfway/0.offset $group/0.offset
    moved $group/0.lock 9
    repaired 0 1 0
    [ "$(at evtask)" = 2 ]
    again 2
}

@test "while services are at work: nothing is lost, and nothing is made twice" {
    goods 9 1000
    lanes purchase.requested 2
    serve_all
    serve evtask
    for round in 1 2 3; do
        purchases $((round * 20)) $((round * 20 + 19)) 9 | evbuy -s >>said
        eventually test -s "$group/$((round % 2)).offset"
        rm -f evstore/results/*
        flipped "$group/$((round % 2)).offset"
        evaudit --repair >told 2>&1 || [ $? -eq 65 ]
    done
    eventually all_read
    stop TERM "${pids[@]}"
    evaudit --repair >/dev/null 2>&1
    sound --strict
    counts 'a UUID means one purchase' '62 requests'
    is "$(jq -s length evstore/orders.ndjson)" 61
    [ "$(wc -l <said)" -eq 60 ]
}

@test "exit statuses: what cannot be written is said, and a rerun goes on" {
    need_tracing
    product=71053
    one=$(refused "$r3" 7 0 0 unknown-product)
    for i in {10..40}; do echo "${one//"$r3"/"${r3%03}$i"}"; done | journal
    run -74 --separate-stderr strace -f -o trace -e inject=linkat,renameat,renameat2:error=ENOSPC \
        evaudit --repair
    is "$output" ''
    run -0 evaudit --repair
    sound --strict
    [ "$(find evstore/results -name "*.json" ! -name ".*" | wc -l)" -eq 33 ]
    rm "evstore/results/$r1.json"
    strace -f -y -s 0 -o trace -e trace=flock,linkat,renameat,write,pwrite64,syncfs evaudit --repair
    is "$(sed -n 's/.*flock.*orders.ndjson>, LOCK_EX.*/lock/p; s/.*\(link\|rename\)at(.*/result/p; s/.*syncfs(.*/sync/p' trace)" \
        $'lock\nsync\nresult\nsync'
    run -1 grep -E 'write.*(journal|orders)' trace
}

@test "what a result rests on, and the lane up to an offset, are on disk before these are made" {
    load traced
    need_tracing
    stock 85123A 40
    buy 85123A 6 "$r1" >/dev/null
    rm "evstore/results/$r1.json"
    trace evaudit --repair >/dev/null
    sed '/linkat/,$d' trace | grep 'syncfs('
    evbuy -s -u "$r2" 85123A 6 >/dev/null
    evtask --drain
    echo damaged >evstore/topics/purchase.requested/groups/evtask/0.offset
    trace evaudit --repair >/dev/null
    sed '/write.*0\.offset>/,$d' trace | grep 'syncfs('
}

@test "results are made again under the lock of those who make them" {
    stock 85123A 40
    buy 85123A 6 "$r1" >/dev/null
    rm "evstore/results/$r1.json"
    hold evstore/orders.ndjson
    background evaudit --repair >out
    eventually waiting 1
    [ ! -e "evstore/results/$r1.json" ]
    let_go
    wait "$pid"
    [ -e "evstore/results/$r1.json" ]
}

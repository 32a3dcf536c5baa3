# evresult --pack and --expire: results that are files go into packs, and old ones are forgotten.
load lib
load served
load spare

# outcome 'N...' TIME [OPTION...]: buy one piece as each request N at a time; it gets its result.
outcome() {
    wishes "$1" | EV_NOW=$2 evtask | EV_NOW=$2 evcheck | EV_NOW=$2 evorder |
        EV_NOW=$2 evfail "${@:3}" | EV_NOW=$2 evcreate "${@:3}" >>told
}

# request N: for three packs.
request() { printf '%02x8a4c1d-2b7f-4d3e-9c60-%012d' $((94 + $1 % 3)) "$1"; }
requests() { for n; do request "$n"; echo; done; }
wishes() {
    local n one
    for n in $1; do
        printf -v one '%02x8a4c1d-2b7f-4d3e-9c60-%012d' $((94 + n % 3)) "$n"
        wanted "$one" 85123A 1
    done
}
results() { requests "$@" | xargs evresult || [ $? -eq 123 ]; }
files() { find evstore/results -name '*.json' | wc -l; }

may=2026-05-01T00:00:00.000000Z
june=2026-06-01T00:00:00.000000Z
july=2026-07-01T00:00:00.000000Z

@test "--pack puts what are files into packs, byte for byte, and again what comes later" {
    stock 85123A 4
    outcome '1 2 3 4 5 6' "$june"
    results {1..6} >expected
    run -0 evresult --pack -n
    is "$output" 'would pack 6 results'
    [ "$(files)" -eq 6 ]
    run -0 evresult --pack
    is "$output" 'packed 6 results'
    is "$(ls evstore/results)" 5e.ndjson$'\n'5f.ndjson$'\n'60.ndjson
    results {1..6} | cmp expected -
    sort evstore/results/* | cmp <(sort expected) -
    run -0 evresult --pack
    is "$output" 'packed 0 results'
    outcome 7 "$june"
    outcome 8 "$june" --results packed
    results {1..8} >expected
    run -0 evresult --pack
    is "$output" 'packed 1 result'
    results {1..8} | cmp expected -
    [ "$(files)" -eq 0 ]
    evaudit --strict
    # The flow run again finds them.
    wishes '1 2 3 4 5 6 7 8' | flow | sort | cmp <(sort told) -
    [ "$(files)" -eq 0 ]
}

@test "--pack: a file counts, not what a pack had of its request" {
    stock 85123A 4
    outcome 1 "$june"
    sed 's/"quantity":1/"quantity":3/' "evstore/results/$(request 1).json" >evstore/results/5f.ndjson
    results 1 >expected
    run -0 evresult --pack
    is "$output" 'packed 1 result'
    cmp expected evstore/results/5f.ndjson
}

@test "--pack writes a long pack anew for more files than a short one" {
    need_tracing
    bought() {
        seq -f '{"product":"new","quantity":1,"request":"5e8a4c1d-2b7f-4d3e-9c60-%012.0f"}' "$1" "$2" |
            evbuy | evtask | evcheck | evfail "${@:3}" | wc -l
    }
    packed() { strace -ff -o trace -e trace=rename,renameat,renameat2 evresult --pack && cat trace.* | grep -c 'results/5e.ndjson'; }
    bought 1 1100 >told
    is "$(packed)" $'packed 1100 results\n3'
    rm trace.*
    bought 1101 55000 --results packed >told
    bought 55001 56100 >told
    is "$(packed)" $'packed 1100 results\n1'
    is "$(evresult 5e8a4c1d-2b7f-4d3e-9c60-00000000000{1..9} | wc -l)" 9
    [ "$(wc -l <evstore/results/5e.ndjson)" -eq 56100 ]
    evaudit --strict
    # Long results are not all held in memory.
    reason=$(head -c 60000 /dev/zero | tr '\0' l)
    seq -f '{"product":"long","quantity":1,"request":"5e8a4c1d-2b7f-4d3e-9c61-%012.0f"}' 150 | evbuy | evtask | evcheck |
        sed "s/nothing was ever added to this product/$reason/" | evfail | wc -l >told
    rm trace.*
    is "$(packed)" $'packed 150 results\n2'
    is "$(evresult 5e8a4c1d-2b7f-4d3e-9c61-000000000{001..150} | wc -l)" 150
    evaudit --strict
}

@test "--pack leaves alone what is no result, and says so: 65" {
    stock 85123A 4
    outcome '1 2 3' "$june"
    : >"evstore/results/$(request 1).json"
    sed -i "s/$(request 2)/$(request 5)/" "evstore/results/$(request 2).json"
    echo note >evstore/results/README
    mkdir "evstore/results/$(request 4).json"
    run -65 --separate-stderr evresult --pack
    is "$output" 'packed 1 result'
    is "$(sort <<<"$stderr")" "evresult: ./evstore/results/$(request 1).json: not a result of this request
evresult: ./evstore/results/$(request 4).json: not a regular file
evresult: ./evstore/results/$(request 2).json: not a result of this request"
    [ "$(files)" -eq 3 ]
    run -0 evresult "$(request 3)"
}

@test "--expire forgets what happened longer ago than AGE, files and packed" {
    stock 85123A 2
    outcome 1 "$may"
    outcome 4 "$may" --results packed
    outcome 3 "$june"
    outcome 5 "$june" --results packed
    outcome 2 "$july"
    outcome 6 "$july" --results packed
    results 2 6 >july
    results 2 3 5 6 >june
    EV_NOW=2026-07-01T00:00:01.000000Z
    # That instant is not older.
    run -0 evresult --expire 2592001 -n
    is "$output" 'would forget 2 results'
    run -0 evresult --expire 2592001s
    is "$output" 'forgot 2 results'
    results 2 3 5 6 | cmp june -
    run -75 evresult "$(request 1)" "$(request 4)"
    run -0 evresult --expire 30d --pack -n
    is "$output" $'would forget 2 results\nwould pack 1 result'
    run -0 evresult --expire 30d --pack
    is "$output" $'forgot 2 results\npacked 1 result'
    results 2 6 | cmp july -
    sort evstore/results/* | cmp <(sort july) -
    run -0 evresult --expire 0
    is "$output" 'forgot 2 results'
    [ -z "$(ls evstore/results)" ]
    # Nothing else is: the flow run again tells the same, and makes them again.
    evreplay >states
    wishes '1 2 3 4 5 6' | flow | sort | cmp <(sort told) -
    [ "$(files)" -eq 6 ]
    evreplay | cmp states -
    evaudit --strict
}

@test "results can be had at any time while they are packed" {
    stock 85123A 4
    outcome "$(seq 40)" "$june"
    results {1..40} >expected
    wishes "$(seq 40)" >again
    for i in {1..6}; do
        rm -f evstore/results/*
        flow <again >/dev/null
        evresult --pack >out &
        results {1..40} | cmp expected -
        wait "$!"
    done
}

# packed_meanwhile NAME COMMAND...: it is stopped when it has opened the first file of this name; then
# results are packed, and it goes on.
packed_meanwhile() {
    local number tracer
    number=$(strace -e trace=openat "${@:2}" 2>&1 >/dev/null | grep 'openat(' | grep -n -m 1 -e "$1" | cut -d : -f 1)
    : >trace
    strace -o trace -e trace=openat -e inject=openat:signal=STOP:when="$number" "${@:2}" >out 2>errors 3>&- &
    tracer=$!
    until grep -q 'stopped by SIGSTOP' trace; do :; done
    evresult --pack >packed
    kill -CONT "$(pgrep -P "$tracer")"
    wait "$tracer"
}

@test "who has just looked into a pack when it is written anew looks again" {
    need_tracing
    stock 85123A 40
    outcome '1 4' "$june" --results packed
    outcome '7 10' "$july"
    packed_meanwhile '5f.ndjson' evresult "$(request 4)"
    is "$(cat packed)" 'packed 2 results'
    is "$(jq -r .request out)" "$(request 4)"
}

@test "who looks at files and packs misses none that goes from one to the other" {
    need_tracing
    stock 85123A 40
    outcome '1 4' "$june" --results packed
    outcome '7 10' "$july"
    packed_meanwhile "results/\(5f\|$(request 7)\)" evtrace "$(request 7)"
    grep "result  *evcreate" out
    is "$(cat errors packed)" 'packed 2 results'
    outcome '13 16' "$july"
    packed_meanwhile '"results' evaudit -j 1 --strict
    grep '6 results, 0 unfinished' out
    is "$(cat errors packed)" 'packed 2 results'
}

@test "no lock is waited for with -n, and one that is held is, without" {
    stock 85123A 4
    outcome 1 "$june"
    hold evstore/orders.ndjson -s
    run -0 timeout 300 evresult --pack -n --expire 1s
    evresult --pack >out &
    pid=$!
    until grep -q "WRITE $pid " <(sed 's/^[0-9]*: -> //' /proc/locks); do :; done
    [ "$(files)" -eq 1 ]
    let_go
    wait "$pid"
    is "$(cat out)" 'packed 1 result'
}

@test "who follows results sees none again when they are packed or forgotten, and misses none" {
    stock 85123A 40
    outcome 1 "$may"
    outcome 4 "$may" --results packed
    outcome 7 "$july" --results packed
    mkfifo seen
    evresult --follow >seen 2>errors 3>&- &
    follower=$!
    exec 7<seen
    # Until it watches the store and results/.
    until [ "$(cat "/proc/$follower/fdinfo/"* | grep -c ^inotify)" -eq 2 ]; do :; done
    kill -STOP "$follower"
    outcome 10 "$july" --results packed     # the pack that is known
    outcome 2 "$july" --results packed      # one that is not there yet
    outcome 13 "$july"
    run -0 evresult --pack
    is "$output" 'packed 2 results'
    outcome 16 "$july" --results packed
    outcome 5 "$july" --results packed
    kill -CONT "$follower"
    for i in {1..5}; do IFS= read -r -t 300 -u 7 && echo "$REPLY"; done >shown
    is "$(jq -r .request <shown | sort)" "$(requests 10 2 13 16 5 | sort)"
    # The line that was read last is forgotten.
    kill -STOP "$follower"
    run -0 env EV_NOW=2026-08-01T00:00:00.000000Z evresult --expire 40d
    is "$output" 'forgot 2 results'
    outcome 8 "$july"
    run -0 evresult --pack
    run -0 env EV_NOW=2027-08-01T00:00:00.000000Z evresult --expire 40d
    is "$output" 'forgot 7 results'
    EV_NOW=2027-08-01T00:00:00.000000Z
    outcome 11 "$EV_NOW" --results packed
    outcome 17 "$EV_NOW"
    kill -CONT "$follower"
    for i in 1 2; do IFS= read -r -t 300 -u 7 && echo "$REPLY"; done >shown
    is "$(jq -r .request <shown | sort)" "$(requests 11 17 | sort)"
    # Packs are written anew, time after time, and nothing new is in them.
    for i in 14 20 23; do
        outcome "$i" "$EV_NOW"
        evresult --pack >packed
        IFS= read -r -t 300 -u 7
        is "$(jq -r .request <<<"$REPLY")" "$(request "$i")"
    done
    kill "$follower"
    is "$(cat errors)" ''
}

@test "--pack: a pack and its name are on disk before a file goes that it has" {
    load traced
    need_tracing
    stock 85123A 40
    buy 85123A 6 "$r1" >/dev/null
    calls=$calls,unlinkat trace evresult --pack >out
    sed '/renameat/,$d' trace | grep 'sync([0-9]*<[^>]*/results/\.5e\.ndjson>'
    sed '1,/renameat/d; /unlinkat/,$d' trace | grep 'fsync([0-9]*<[^>]*/results>)'
}

@test "--pack tells what is no result when nothing is locked any more: who does not read it keeps nobody waiting" {
    stock 85123A 4
    outcome 1 "$june"
    for n in {1000..2999}; do echo junk >"evstore/results/5e8a4c1d-2b7f-4d3e-9c60-00000000$n.json"; done
    mkfifo unread
    exec 8<>unread
    background bash -c 'exec evresult --pack 2>unread'
    read -r -t 300 -u 8 line
    [[ $line = 'evresult: ./evstore/results/'* ]]
    flock -n evstore/orders.ndjson true
    kill -0 "$pid"
}

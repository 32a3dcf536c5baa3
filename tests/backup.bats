# A store copied while it runs: the copy verifies, drains, and ends in the same outcomes.
load lib
load served

setup() {
    start
    unset EV_NOW
    export EV_STORE=$PWD/evstore
}

teardown() {
    [ ! -e serve.pid ] || kill "$(cat serve.pid)" 2>/dev/null || true
    end_all
}

# requests N: as many, for twenty products of which two are scarce.
requests() {
    python3 - "$1" <<'PYTHON'
import sys
for i in range(int(sys.argv[1])):
    print('{"product":"p%d","quantity":%d,"request":"00000000-0000-4000-8000-%012d"}'
          % (i * 7 % 20, i % 3 + 1, i))
PYTHON
}

# outcome_of STORE: request, status and order of each result, in the order of the requests.
outcome_of() {
    find "$1/results" -name '*.json' -exec cat {} + | jq -r '[.request, .status, .order // ""] | @tsv' | sort
}

# slowly: standard input, slowly enough that the copies are made meanwhile.
slowly() {
    while IFS= read -r line; do
        printf '%s\n' "$line"
        [ -e copied ] || read -rt 0.001 -u 7 || true
    done 7<>pace
}

@test "copies made under load verify, drain and end as the original does" {
    mkfifo pace
    for i in {0..19}; do
        printf '{"action":"add","product":"p%d","quantity":%d}\n' "$i" $((i < 2 ? 50 : 100000))
    done | evstock >/dev/null
    requests 6000 >wanted
    "$tests/../examples/serve" 2>serve.err & echo $! >serve.pid
    slowly <wanted | evbuy -s >told & load=$!
    for copy in 1 2 3; do
        until [ "$(wc -l <told)" -ge $((copy * 100)) ]; do :; done
        cp told "told.$copy"
        "$tests/../examples/backup" "$EV_STORE" "$PWD/copy$copy"
    done
    : >copied
    wait "$load"
    kill "$(cat serve.pid)"
    wait "$(cat serve.pid)"
    rm serve.pid
    "$tests/../examples/cron/drain"
    [ "$(wc -l <told)" -eq 6000 ]
    outcome_of "$EV_STORE" >expected
    [ "$(wc -l <expected)" -eq 6000 ]
    grep -q failed expected
    for copy in 1 2 3; do
        export EV_STORE=$PWD/copy$copy
        run -0 evreplay --verify
        "$tests/../examples/cron/drain"
        run -0 evreplay --verify
        outcome_of "$EV_STORE" >found
        # What was told before is in it, and what is in it ended as it did in the original.
        sort "told.$copy" | join -v 1 - <(cut -f 1 found) >lost
        is "$(cat lost)" ''
        join -t $'\t' -j 1 found expected >both
        [ "$(wc -l <both)" -eq "$(wc -l <found)" ]
        is "$(awk -F '\t' '$2 != $4 || $3 != $5' both)" ''
        # Nothing was made that only helps a running system.
        [ -z "$(find "copy$copy" -name '*.json.tmp' -o -name '.??*')" ]
    done
}

@test "a copy waits for who changes the topics" {
    stock 85123A 10
    "$tests/../examples/cron/drain"
    hold evstore/topics
    "$tests/../examples/backup" "$EV_STORE" "$PWD/copy" & copy=$!
    eventually waiting 1
    [ -z "$(find copy -type f)" ]
    let_go
    wait "$copy"
    [ -s copy/journal/85123A.ndjson ]
}

@test "backup refuses what would be no backup" {
    stock 85123A 10
    run -64 "$tests/../examples/backup" "$EV_STORE"
    mkdir copy
    run -73 "$tests/../examples/backup" "$EV_STORE" copy
    run -66 "$tests/../examples/backup" missing other
    [ ! -e other ]
}

@test "results that go into packs while they are copied are in the copy; what cannot be copied is said" {
    stock 85123A 10
    requests 100 | evbuy -s >told
    mapfile -t told <told
    for service in "${services[@]}"; do "$service" --drain; done
    evresult "${told[@]}" >expected || [ $? -eq 1 ]
    # All go when the first of them are about to be copied.
    mkdir own
    cat >own/cp <<'CP'
#!/bin/sh
case $* in *results/*) [ -e ../packed ] || { EV_STORE=. evresult --pack >../packed; } ;; esac
exec "$cp" "$@"
CP
    chmod +x own/cp
    cp=$(command -v cp) PATH=$PWD/own:$PATH run -0 "$tests/../examples/backup" evstore copy
    is "$output" ''
    is "$(cat packed)" 'packed 100 results'
    EV_STORE=copy run -1 evresult "${told[@]}"
    is "$output" "$(cat expected)"
    printf '#!/bin/sh\ncase $* in *results/*) echo no room >&2; exit 1 ;; esac\nexec "$cp" "$@"\n' >own/cp
    cp=$(command -v cp) PATH=$PWD/own:$PATH run -1 "$tests/../examples/backup" evstore other
    [[ $output = *'no room'* ]]
}

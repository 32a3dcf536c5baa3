# evreplay of long journals: read in parts by several threads, and never another answer for that.
load lib

# long PRODUCT EVENTS [SOLD]: a journal of many lines; in the event that is named everything is sold, and more.
long() {
    mkdir -p evstore/journal
    echo 'eventdemo 1' >evstore/format
    awk -v product="$1" -v events="$2" -v all="${3:-0}" 'BEGIN {
        for (i = 1; i <= events; i++) {
            uuid = sprintf("%08x-0000-4000-8000-%012x", i, i * 7919)
            type = i % 3 == 1 ? "stock.added" : i % 3 == 2 ? "stock.sold" : "stock.removed"
            cause = type == "stock.sold" ? ",\"causationid\":\"" uuid "/stock.available\"" : ""
            printf "{\"specversion\":\"1.0\",\"id\":\"%s/%s\",\"source\":\"/eventdemo/test\",\"type\":\"%s\"", uuid, type, type
            printf ",\"subject\":\"%s\",\"time\":\"2026-01-31T09:30:%02d.%06dZ\"", product, i / 1000, i % 1000
            printf ",\"correlationid\":\"%s\"%s,\"sequence\":\"%012d\"", uuid, cause, i
            printf ",\"data\":{\"quantity\":%d}}\n", i == all ? 1000000 : i % 3 == 1 ? 9 : 2
        }
    }' | python3 "$tests/sums.py" >"evstore/journal/$1.ndjson"
}

# same ARGUMENT...: whatever the number of threads, what is printed, what is said and the exit are the same.
same() {
    local jobs
    run --separate-stderr evreplay -j 1 "$@"
    printf '%s\n' "$status" "$output" "$stderr" >one
    for jobs in 2 3 8; do
        run --separate-stderr evreplay -j "$jobs" "$@"
        printf '%s\n' "$status" "$output" "$stderr" >several
        cmp one several
    done
}

@test "a long journal, and long ones among short ones: the same by any number of threads" {
    long long 40000
    [ "$(stat -c %s evstore/journal/long.ndjson)" -gt 12000000 ]
    run -0 --separate-stderr evreplay
    is "$output" "$(at=2026-01-31T09:30:40.000000Z state long 40000 120006 26666 26666 0 0)"
    is "$stderr" ''
    same
    long another 30000
    for product in a l z; do stock "$product" 1; done
    same
    run -0 evreplay
    is "$(jq -r .product <<<"$output")" "$(printf '%s\n' a another l long z)"
    for options in --verify --table --at=35000 --until=2026-01-31T09:30:20Z; do
        same "$options"
        same "$options" z long
    done
    run -0 evreplay --verify
    is "$output" '5 journals, 70003 events, 0 orders: 0 damaged'
    evreplay --events long | cmp - evstore/journal/long.ndjson
}

@test "damage in a long journal: found in its line, whatever part that is in" {
    long long 40000
    cp evstore/journal/long.ndjson whole
    for line in 1 2 9999 20000 39999 40000; do
        sed "${line}s/\"quantity\":/\"quantity\":1/" whole >evstore/journal/long.ndjson
        run -65 --separate-stderr evreplay long
        is "$output" ''
        is "$stderr" "evreplay: ./evstore/journal/long.ndjson:$line: sum: does not match the line and the sum before it"
        same --verify
        run -65 --separate-stderr evreplay --events long
        is "$output" ''
    done
    sed '12345d;30000{h;d};30001G;35000p;$s/..$//' whole >evstore/journal/long.ndjson
    same --verify
    same
    head -c -7 whole >evstore/journal/long.ndjson
    same --verify
    run -0 --separate-stderr evreplay long
    is "$stderr" "evreplay: ./evstore/journal/long.ndjson:40000: the last line is not finished, $(tail -n 1 evstore/journal/long.ndjson | wc -c) bytes are not part of the journal"
}

@test "more sold than was there, far from where it was added: found" {
    long long 40000 26000
    run -65 --separate-stderr evreplay -j 4
    is "$stderr" 'evreplay: ./evstore/journal/long.ndjson:26000: quantity: more than was there, or more than can be counted'
    same
    same --verify
}

@test "-j N: so many threads share one journal" {
    need_tracing
    long long 40000
    for jobs in 1 2 5; do
        strace -f -e trace=clone,clone3 -o trace evreplay -j "$jobs" long >/dev/null
        [ "$(grep -c '^[0-9]* *clone.*= [0-9]' trace)" -eq $((jobs - 1)) ]
    done
}

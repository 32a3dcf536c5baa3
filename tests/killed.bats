# Killed at calls that change a file, before it or halfway: what was said holds, and the next
# run completes what is missing.  EV_KILLS=1000 kills that many publishers at random, instead
# of a few; tests/torture/faults kills everything everywhere.
load lib
load served
load faulted

ways=killed,killed-halfway

@test "evbuy killed" { broken "$ways" evbuy 'evbuy to a file'; }

@test "evbuy -s killed: what it told is there" {
    broken "$ways" 'evbuy -s' 'evbuy -s of one' 'evbuy -s, segments full'
}

@test "evtask and evcheck killed" {
    broken "$ways" evtask 'evtask to a file' evcheck 'evcheck to a file' 'evcheck to two files'
}

@test "evorder killed" {
    broken "$ways" evorder 'evorder to a file' 'evorder to two files' 'evorder from a pipe'
}

@test "evfail killed" { broken "$ways" evfail 'evfail to a file' 'evfail, results packed'; }

@test "evcreate killed" { broken "$ways" evcreate 'evcreate to a file' 'evcreate, results packed'; }

@test "each service that reads a topic killed" {
    broken "$ways" "${services[@]/%/ --drain}" 'evorder --drain, two lanes' 'evfail --drain, results packed'
}

@test "evstock killed" { broken "$ways" evstock 'evstock of one'; }

@test "a store whose first writer was killed is no obstacle" {
    broken "$ways" 'evfail in a new store' 'evstock in a new store'
}

@test "evtopic run killed" { broken "$ways" 'evtopic run'; }

@test "evtopic killed while it changes a topic" {
    broken "$ways" 'evtopic publish' 'evtopic publish, hint late' 'evtopic lanes' 'evtopic seek' 'evtopic trim'
}

@test "evresult killed: no result is missing meanwhile" { broken "$ways" 'evresult --pack' 'evresult --expire'; }
@test "evtopic redrive killed: nothing is sent twice" { broken "$ways" 'evtopic redrive' 'evtopic redrive, a long letter'; }

@test "evaudit killed while it repairs, or writes its mark" {
    broken "$ways" 'evaudit --repair' 'evaudit --repair, results packed' 'evaudit --mark' 'evaudit --mark, again'
}

@test "who finds the sale of one that was killed before its sync syncs it before it speaks" {
    stock 85123A 10
    available "$r1" 85123A 6 10 1 >in
    run -137 failing CALLS=write PATH=/journal/ AT=1 HOW=kill-after LOG=broken -- evorder -i in -o out
    grep -q '^1 write .*/journal/85123A.ndjson$' broken
    [ ! -s out ]
    grep -q "$r1/stock.sold" evstore/journal/85123A.ndjson
    failing CALLS=write,fsync,fdatasync,syncfs PATH="$PWD" LOG=calls -- evorder -i in -o out
    holds out "$(to_order "$r1" 85123A 6 2)"
    sed -n '/write .*\/out$/q; p' calls | grep 'fdatasync .*/journal/85123A.ndjson$'
    # If it cannot, it does not speak.
    rm out
    run -74 failing CALLS=fdatasync PATH=/journal/ AT=1 HOW=EIO -- evorder -i in -o out
    [ ! -s out ]
    grep -q "$r1/stock.sold" evstore/journal/85123A.ndjson
}

@test "the whole flow killed at any moment is completed by running it again" {
    stock 85123A 10
    stock 71053 1 "$g2"
    buy 85123A 1 "$r1" >/dev/null
    { wanted "$r1" 85123A 1; wanted "$r2" 85123A 6; wanted "$r3" 71053 2; wanted "$r4" unknown 1; } >in
    cp -r evstore prepared
    flow <in | jq -c '[.correlationid, .type]' | sort >expected
    victims=(evorder evfail evcreate)
    for n in 1 2 3 4 5 6 7 8; do
        victim=${victims[n % 3]}
        rm -rf evstore
        cp -r prepared evstore
        # The pipe breaks there; what the others make of it does not matter.
        evtask <in | evcheck | killed evorder | killed evfail | killed evcreate >out || true
        flow <in | jq -c '[.correlationid, .type]' | sort | cmp expected -
        audited >/dev/null
    done
}

# killed SERVICE: it dies at its call n if it is the victim.
killed() {
    if [ "$1" = "$victim" ]; then
        failing CALLS=write,fsync,fdatasync,syncfs,linkat,renameat,ftruncate PATH="$PWD" AT="$n" HOW=kill-before -- "$1"
    else
        "$1"
    fi
}

@test "publishers killed at random leave whole lines and cut-off ones; what was told is there" {
    kills=${EV_KILLS:-5}
    lanes purchase.requested 3 4096
    RANDOM=11
    for ((n = 0; n < kills; n++)); do
        purchases $((n * 1000 + 1)) $((n * 1000 + 900)) 7 >"wishes.$n"
        # Small portions: a line at a time, each told when it is on disk.
        background bash -c 'head -n 20 "wishes.$1" | split -l 1 --filter="exec evbuy -s >>told.$1"' _ "$n"
        first=$pid
        background bash -c 'exec evbuy -s <"wishes.$1" >"all.$1"' _ "$n"
        until [ -s "told.$n" ]; do :; done
        for ((i = RANDOM % 40; i > 0; i--)); do :; done
        pkill -KILL -P "$first" || true
        kill -KILL "$pid" "$first" 2>/dev/null || true
        wait "$pid" "$first" || true
        [ $((n % 3)) -ne 0 ] || rm -f evstore/topics/purchase.requested/$((n / 3 % 3)).end
        # A write is seldom cut off by that, so it is done here.
        lane=evstore/topics/purchase.requested/$((n % 2))
        # shellcheck disable=SC2016 # for the other shell
        flock "$lane" bash -c 'printf "cut off" >>"$(printf "%s\n" "$1"/*.ndjson | tail -n 1)"' _ "$lane"
    done
    # Whoever comes last ends what was cut off; then names and lines are right.
    purchases 1 7 7 | evbuy -s >last
    for lane in 0 1 2; do
        count=0
        for file in $(segments purchase.requested "$lane"); do
            printf -v name '%020d.ndjson' "$count"
            [ "${file##*/}" = "$name" ]
            mapfile -t rows <"$file"
            count=$((count + ${#rows[@]}))
        done
        [ "$(jq .offset evstore/topics/purchase.requested/$lane.end)" = "$count" ]
    done
    run evtask --drain
    [ "$status" -eq 0 ] || [ "$status" -eq 65 ]
    read_all evtask
    lines stockcheck.requested | jq -r .correlationid | sort -u >there
    cat told.* all.* last | sort -u | comm -23 - there | cmp /dev/null -
}

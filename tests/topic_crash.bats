# Services and publishers killed at any call: what was said holds, and the next run completes what
# is missing.  EV_KILLS=1000 kills that many publishers at random, instead of a few.
load lib
load served
load traced
load faulted

@test "each service killed at any call" {
    prepare
    for service in "${services[@]}"; do
        at_every_call "$service" "$changing,openat,flock,utimensat" signal=KILL
    done
}

@test "evbuy killed at any call: what it told is there" {
    submit_at_every_call "$changing,openat,flock" signal=KILL
    # A lane that is about to roll, or has.
    rm -rf evstore
    lanes purchase.requested 2 4096
    purchases 101 140 2 | evbuy -s >/dev/null
    mv evstore before
    submit_at_every_call "$changing,openat,flock" signal=KILL before
}

@test "publishers killed at random leave whole lines and cut-off ones; what was told is there" {
    kills=${EV_KILLS:-30}
    lanes purchase.requested 3 4096
    RANDOM=11
    for ((n = 0; n < kills; n++)); do
        purchases $((n * 1000 + 1)) $((n * 1000 + 900)) 7 >"wishes.$n"
        # Small portions: a line at a time, each told when it is on disk.
        background bash -c 'head -n 60 "wishes.$1" | split -l 1 --filter="exec evbuy -s >>told.$1"' _ "$n"
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
            [ "$(basename "$file")" = "$(printf '%020d' "$count").ndjson" ]
            count=$((count + $(wc -l <"$file")))
        done
        [ "$(jq .offset evstore/topics/purchase.requested/$lane.end)" = "$count" ]
    done
    run evtask --drain
    [ "$status" -eq 0 ] || [ "$status" -eq 65 ]
    read_all evtask
    lines stockcheck.requested | jq -r .correlationid | sort -u >there
    cat told.* all.* last | sort -u | comm -23 - there | cmp /dev/null -
}

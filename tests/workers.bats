# Workers of one group share the lanes of a topic: newcomers, the killed, the stopped.
load lib
load served

products=40

# prepare REQUESTS LANES: goods for half of the requests, and what evorder is to read in the file
# available; its topic has so many lanes.
prepare() {
    goods "$products" $(($1 / products / 2))
    purchases 1 "$1" "$products" >wishes
    evbuy <wishes | evtask | evcheck >available
    [ "$(grep -c '"type":"stock.available"' available)" = "$1" ]
    lanes stock.available "$2"
    # In order, and so are the requests.
    jq -r '"\(.product) \(.request)"' wishes >asked
}

# feed_on: publish them in small portions, one after the other, slowly until there is a file by the name
# of hurry; the file fed tells that it is done.
feed_on() {
    background feed
    feeder=$pid
}
feed() { portions available | evtopic publish stock.available && : >fed; }

# fed_up: what is left is published at once.
fed_up() {
    : >hurry
    wait "$feeder"
}

# work NAME: a worker with an output of its own, NAME.out; its PID is ${worker[NAME]}.
declare -gA worker
work() {
    background evorder --serve -o "$1.out" 2>>"$1.errors"
    worker[$1]=$pid
}

# busy NAME: it has handled something by now.
busy() { [ -s "$1.out" ]; }

# through: the group has read everything there is, as the files it is kept in tell.
through() { read_all evorder lock; }

# holds_a_lane PID: it has the lock of one; a stopped one keeps it. The list is read by grep, at once: the
# shell reads each line anew, and meanwhile locks of others come and go, and lines are passed over.
holds_a_lane() {
    grep -e ": FLOCK .* $1 " /proc/locks | grep -qF "$(stat -c ':%i ' evstore/topics/stock.available/groups/*/*.lock)"
}

# stop_in_work: one worker is stopped, which has a lane: $stopped, by its name; ${others[@]} go on. It is
# the one that had to wait for a journal.
stop_in_work() {
    local line=
    hold "$(printf '%s\n' evstore/journal/*.ndjson | head -n 1)"
    eventually one_waits
    kill -STOP "${worker[$stopped]}"
    until [[ $line = *') T '* ]]; do read -r line <"/proc/${worker[$stopped]}/stat"; done
    let_go
    holds_a_lane "${worker[$stopped]}"
    mapfile -t others < <(printf '%s\n' "${!worker[@]}" | grep -vxF "$stopped")
}
one_waits() {
    for stopped in "${!worker[@]}"; do
        ! grep -q -e "-> FLOCK .* ${worker[$stopped]} " /proc/locks || return 0
    done
    return 1
}

# all_handled: every request, once or more often.
all_handled() {
    cat ./*.out | jq -r .correlationid | sort >handled
    cut -d ' ' -f 2 asked | cmp <(uniq handled) -
}

# as_in_turn: each product's pieces went to the first that asked, as if one had done all the work,
# and every request has its one answer; what comes of that is as the promises say.
as_in_turn() {
    count=$(wc -l <asked)
    awk -v pieces=$((count / products / 2)) '++asked[$1] <= pieces { print $2 }' asked >expected
    jq -r 'select(.type == "stock.sold").correlationid' evstore/journal/*.ndjson | sort | cmp expected -
    cat ./*.out | sort -u | evfail | evcreate >outcomes
    audited wishes
}

@test "four workers on eight lanes share the work: each message once, in its product's order" {
    prepare 4000 8
    for name in a b c d; do work $name; done
    feed_on
    for name in a b c d; do eventually busy $name; done
    fed_up
    eventually through
    stop TERM "${worker[@]}"
    all_handled
    [ -z "$(uniq -d handled)" ]
    # What one worker wrote of a product is in the order in which it was published.
    rising file ./*.out
    run -1 grep -v 'waiting for process' ./*.errors
    as_in_turn
}

@test "into a topic with lanes of its own the order of each product is kept across all hand-overs" {
    lanes purchase.requested 8
    lanes stockcheck.requested 3
    purchases 1 3000 "$products" >wishes
    for n in 1 2 3 4; do serve evtask; done
    split -l 100 --filter='exec evbuy -s >>told' wishes
    eventually amount stockcheck.requested 3000 >counts
    stop TERM "${pids[@]}"
    rising lane evstore/topics/stockcheck.requested/[0-9]*/*.ndjson
    # Each once, and in one lane.
    lines stockcheck.requested | jq -r '"\(.subject) \(.correlationid)"' | sort -s -k 1,1 >handled
    jq -r '"\(.product) \(.request)"' wishes | sort -s -k 1,1 | cmp handled -
}

@test "newcomers share at once, and who is killed leaves its lanes at once" {
    prepare 6000 8
    for name in a b c d; do work $name; done
    feed_on
    for name in a b c d; do eventually busy $name; done
    kill -KILL "${worker[a]}"
    for name in e f; do work $name; done
    for name in e f; do eventually busy $name; done
    [ ! -e fed ]                # there was work for all of them
    fed_up
    eventually through
    unset 'worker[a]'
    stop TERM "${worker[@]}"
    # At most what the killed one had in hand was handled twice.
    all_handled
    [ "$(uniq -d handled | grep -cvFf <(jq -r .correlationid a.out))" = 0 ]
    as_in_turn
}

@test "who is stopped keeps its lane; who waits says for whom; when it is killed the lane is free" {
    prepare 4000 8
    for name in a b c; do work $name; done
    feed_on
    for name in a b c; do eventually busy $name; done
    stop_in_work
    had=$(wc -l <"$stopped.out")
    fed_up
    say="waiting for process ${worker[$stopped]}, which has it"
    for name in "${others[@]}"; do eventually grep -q "^evorder: @stock.available: lane [0-7]: $say$" "$name.errors"; done
    # All else is done meanwhile, and nothing of the lane that it has.
    run -1 through
    [ "$(wc -l <"$stopped.out")" = "$had" ]
    kill -KILL "${worker[$stopped]}"
    eventually through
    unset "worker[$stopped]"
    stop TERM "${worker[@]}"
    # It was said once by each.
    for name in "${!worker[@]}"; do [ "$(grep -c "$say" "$name.errors")" = 1 ]; done
    all_handled
    as_in_turn
}

@test "who is stopped and goes on again has lost nothing, and nobody did its work" {
    prepare 3000 4
    for name in a b; do work $name; done
    feed_on
    for name in a b; do eventually busy $name; done
    stop_in_work
    fed_up
    eventually grep -q "waiting for process ${worker[$stopped]}," "${others[0]}.errors"
    kill -CONT "${worker[$stopped]}"
    eventually through
    stop TERM "${worker[@]}"
    all_handled
    [ -z "$(uniq -d handled)" ]
    as_in_turn
}

@test "lanes and journals share the files that a process may open" {
    goods 400 5
    for topic in stockcheck.requested stock.available order.requested; do lanes $topic 16; done
    purchases 1 400 400 | evbuy -s >told
    (
        ulimit -n 256
        drain_all
    )
    for service in evtask evcheck evorder evcreate; do read_all "$service"; done
    amount order.created 400
}

@test "on a lane of one the next in line begins when the first is killed; drain waits for its turn" {
    stock P 10
    mkfifo out
    exec 9<>out
    purchases 1 2000 | evbuy | evtask | evtopic publish stockcheck.requested
    # More than a pipe holds: it has the lane until somebody reads.
    background evcheck --serve -o out
    first=$pid
    read -r line <&9
    background evcheck --drain -o second 2>errors
    drain=$pid
    eventually grep -q "^evcheck: @stockcheck.requested: lane 0: waiting for process $first, which has it$" errors
    [ ! -s second ]
    kill -KILL "$first"
    wait "$drain"
    exec 9>&-
    [ "$(wc -l <second) $(at evcheck)" = '2000 2000' ]
}

# served.bash -- services that read topics: started in the background and looked
# after, and looks at the topics. Loaded behind lib.

declare -gA topic_of=(
    [evtask]=purchase.requested [evcheck]=stockcheck.requested [evorder]=stock.available
    [evfail]=stock.unavailable [evcreate]=order.requested
)
pids=()

# Whatever a test has started ends with it, stopped or not, and what is traced with its tracer.
teardown() { end_all; }

end_all() {
    local one
    for one in "${pids[@]}"; do
        pkill -KILL -P "$one" || true
        kill -KILL "$one" 2>/dev/null || true
    done
    wait 2>/dev/null || true
}

# background COMMAND...: its PID is $pid then, and one of those that teardown ends.
background() {
    "$@" 3>&- &
    pid=$!
    pids+=("$pid")
}

# serve SERVICE OPTION...: in the background, what it says in SERVICE.errors.
serve() { background "$1" --serve "${@:2}" 2>>"$1.errors"; }

serve_all() {
    local service
    for service in "${services[@]}"; do serve "$service"; done
}

# stop SIGNAL PID...: send it, and each ends with 0.
stop() {
    local one
    kill -"$1" "${@:2}"
    for one in "${@:2}"; do wait "$one"; done
}

# drain_all: the five, until nothing is left.
drain_all() {
    local service
    for service in "${services[@]}"; do "$service" --drain; done
}

# eventually COMMAND...: wait until it succeeds; fail after half a minute.
eventually() {
    local end=$((SECONDS + 30))
    until "$@"; do
        if [ "$SECONDS" -ge "$end" ]; then
            echo "not within 30 seconds: $*"
            return 1
        fi
        sleep 0.01
    done
}

# segments TOPIC [LANE]: the files of a lane, in order.
segments() { printf '%s\n' "evstore/topics/$1/${2:-0}"/*.ndjson; }

# lines TOPIC: all there are in a topic.
lines() { cat evstore/topics/"$1"/[0-9]*/*.ndjson 2>/dev/null || true; }

# at SERVICE [LANE [GROUP]]: the offset that its group's file tells, 0 if there is none.
at() {
    local file=evstore/topics/${topic_of[$1]}/groups/${3:-$1}/${2:-0}.offset
    if [ -s "$file" ]; then jq .offset "$file"; else echo 0; fi
}

# read_all SERVICE: its group's offsets stand at the end of each lane of its topic.
read_all() {
    local lane topic=evstore/topics/${topic_of[$1]}
    [ -d "$topic" ] || return
    for lane in "$topic"/[0-9]*/; do
        lane=$(basename "$lane")
        [ "$(at "$1" "$lane")" -eq "$(cat "$topic/$lane"/*.ndjson 2>/dev/null | wc -l)" ] || return
    done
}

# has TOPIC TEXT: there is a line in it with this.
has() { lines "$1" | grep -q -e "$2"; }

all_read() {
    local service
    for service in "${services[@]}"; do read_all "$service" || return; done
}

# lanes TOPIC NUMBER [BYTES]: of so many lanes, and segments of that size.
lanes() { evtopic lanes ${3:+--segment "$3"} "$1" "$2" >/dev/null; }

# moved FILE OFFSET: the same record about another place, its sum right.
moved() {
    sed -E 's/,"sum":"[0-9a-f]{16}"\} *$/}/; s/"offset":[0-9]+/"offset":'"$2"'/' "$1" | summed >moved
    printf '%-255s\n' "$(cat moved)" >"$1"
}

# flipped FILE: the first digit of its offset is another one.
flipped() { sed -i -E 's/"offset":[0-8]/"offset":9/; t; s/"offset":9/"offset":8/' "$1"; }

# purchases FIRST LAST [PRODUCTS [QUANTITY]]: a request each, for evbuy.
purchases() {
    seq "$1" "$2" | awk -v products="${3:-1}" -v quantity="${4:-1}" '{ printf("{\"product\":\"P%d\",\"quantity\":%d,"\
        "\"request\":\"00000000-0000-4000-8000-%012d\"}\n", $1 % products, quantity, $1) }'
}

# goods PRODUCTS QUANTITY: so much of each.
goods() {
    seq 0 $(($1 - 1)) | sed 's/.*/{"action":"add","product":"P&","quantity":'"$2"'}/' | evstock >/dev/null
}

# audited [REQUESTS]: the store is as the promises say; an audit is by the model, which shares no code with us.
audited() { python3 "$tests/model/audit.py" evstore "$@"; }

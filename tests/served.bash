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
    local one alive=() IFS=,
    for one in "${pids[@]}"; do
        if kill -0 "$one" 2>/dev/null; then alive+=("$one"); fi
    done
    if [ "${#alive[@]}" -gt 0 ]; then
        pkill -KILL -P "${alive[*]}" || true
        kill -KILL "${alive[@]}" 2>/dev/null || true
    fi
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

# portions FILE: its lines, some at a time, slowly until there is a file by the name of hurry.
portions() {
    local -a portion
    while mapfile -n 4 portion && [ "${#portion[@]}" -gt 0 ]; do
        printf %s "${portion[@]}"
        [ -e hurry ] || pause
    done <"$1"
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

# eventually COMMAND...: wait until it succeeds; fail after five minutes.
eventually() {
    local end=$((SECONDS + 300))
    until "$@"; do
        if [ "$SECONDS" -ge "$end" ]; then
            echo "not within five minutes: $*"
            return 1
        fi
        pause
    done
}

# pause: wait a moment, without a process: for a line that never comes.
pause() {
    [ -n "${nobody:-}" ] || exec {nobody}<> <(:)
    read -r -t 0.01 -u "$nobody" || true
}

# segments TOPIC [LANE]: the files of a lane, in order.
segments() { printf '%s\n' "evstore/topics/$1/${2:-0}"/*.ndjson; }

# lines TOPIC: all there are in a topic.
lines() { cat evstore/topics/"$1"/[0-9]*/*.ndjson 2>/dev/null || true; }

# count TOPIC: how many lines there are, in $total, and of each lane in ${many[LANE]}.
count() {
    local number file
    many=() total=0
    while read -r number file; do
        [ "$file" != total ] || continue
        file=${file%/*}
        many[${file##*/}]=$((${many[${file##*/}]:-0} + number))
        total=$((total + number))
    done < <(exec wc -l "evstore/topics/$1"/[0-9]*/*.ndjson 2>/dev/null)
}

# amount TOPIC NUMBER: there are so many.
amount() {
    local total
    local -a many
    count "$1"
    [ "$total" -eq "$2" ] || { echo "$total in $1, not $2"; return 1; }
}

# offset_in FILE: what a group's file, its lock, or the end of a lane tells, in $offset; 0 if there is none.
offset_in() {
    local record
    offset=0
    [ -s "$1" ] || return 0
    IFS= read -r record <"$1" || true
    offset=${record#'{"offset":'}
    offset=${offset%%,*}
}

# at SERVICE [LANE [GROUP]]: the offset that its group's file tells, 0 if there is none.
at() {
    local offset
    offset_in "evstore/topics/${topic_of[$1]}/groups/${3:-$1}/${2:-0}.offset"
    echo "$offset"
}

# read_all SERVICE [KIND]: its group's offsets, or by their KIND lock, stand at the end of each lane of its topic.
read_all() {
    local lane offset total topic=${topic_of[$1]}
    local -a many
    [ -d "evstore/topics/$topic" ] || return
    count "$topic"
    for lane in "${!many[@]}"; do
        offset_in "evstore/topics/$topic/groups/$1/$lane.${2:-offset}"
        [ "$offset" = "${many[lane]}" ] || return
    done
}

# waiting NUMBER: so many processes wait for locks in this store.
waiting() {
    local inodes
    inodes=$(find -H "$PWD/evstore" -printf ':%i |')
    [ "$(grep -e '-> FLOCK' /proc/locks | grep -cE "${inodes%|}")" -eq "$1" ]
}

# has TOPIC TEXT: there is a line in it with this.
has() { grep -qs -e "$2" "evstore/topics/$1"/[0-9]*/*.ndjson; }

all_read() {
    local service
    for service in "${services[@]}"; do read_all "$service" || return; done
}

# rising KEY FILE...: the messages of each product rise: in each file, or with the key lane in the files of each lane.
rising() {
    jq -r '[input_filename, .subject, .correlationid] | @tsv' "${@:2}" | awk -v key="$1" '
        key == "lane" { sub("/[^/]*$", "", $1) }
        ($1, $2) in last && $3 <= last[$1, $2] { print $1 ": after " last[$1, $2] ": " $2 " " $3; bad = 1 }
        { last[$1, $2] = $3 }
        END { exit bad }'
}

# letters COMMAND: the bytes that its letters keep, a line each.
letters() {
    python3 - "evstore/dead/$1.ndjson" <<'PYTHON'
import base64, json, sys
for line in open(sys.argv[1], "rb"):
    letter = json.loads(line)
    if letter["kind"] == "message":
        text = base64.b64decode(letter["base64"]) if "base64" in letter else letter["line"].encode()
        sys.stdout.buffer.write(text + b"\n")
PYTHON
}

# lanes TOPIC NUMBER [BYTES]: of so many lanes, and segments of that size.
lanes() { evtopic lanes ${3:+--segment "$3"} "$1" "$2" >/dev/null; }

# moved FILE OFFSET: the same record about another place, its sum right.
moved() {
    sed -E 's/,"sum":"[0-9a-f]{16}"\} *$/}/; s/"offset":[0-9]+/"offset":'"$2"'/' "$1" | summed >moved
    printf '%-255s\n' "$(<moved)" >"$1"
}

# flipped FILE...: the first digit of its offset is another one.
flipped() { sed -i -E 's/"offset":[0-8]/"offset":9/; t; s/"offset":9/"offset":8/' "$@"; }

# purchases FIRST LAST [PRODUCTS [QUANTITY]]: a request each, for evbuy.
purchases() {
    awk -v n="$1" -v last="$2" -v products="${3:-1}" -v quantity="${4:-1}" 'BEGIN { for (; n <= last; n++)
        printf("{\"product\":\"P%d\",\"quantity\":%d,\"request\":\"00000000-0000-4000-8000-%012d\"}\n", n % products, quantity, n) }'
}

# goods PRODUCTS QUANTITY: so much of each.
goods() {
    seq -f '{"action":"add","product":"P%.0f","quantity":'"$2"'}' 0 $(($1 - 1)) | evstock >/dev/null
}

# audited [REQUESTS]: the store is as the promises say; an audit is by the model, which shares no code with us.
audited() { python3 "$tests/model/audit.py" evstore "$@"; }

# hold FILE [OPTION...]: locked by a process of its own, $holder. flock(1) on a descriptor is gone when
# it has the lock, and a container's /proc/locks leaves out what the dead hold, and all who wait for it.
hold() {
    background flock "${@:2}" --no-fork "$1" tail -f /dev/null
    holder=$pid
    while flock -n "$1" true; do kill -0 "$holder"; done
}

# let_go: what is held is free again.
let_go() {
    kill "$holder"
    wait "$holder" || true
}

# faulted.bash -- services and publishers with a fault at each call they make. Loaded behind
# lib, served and traced.

changing=$calls,unlink,unlinkat,ftruncate,mkdir,mkdirat

# Hundreds of runs, and nothing of them has to last: in memory, where there is a place for it.
setup() {
    start
    need_tracing
    if memory=$(mktemp -d /dev/shm/eventdemo.XXXXXX 2>/dev/null); then cd "$memory" || return; fi
}

teardown() {
    end_all
    [ -z "$memory" ] || rm -rf "$memory"
}

# state STORE: what was decided and kept, each message once, and each letter that is whole.
state() {
    (
        cd "$1" || exit
        cat journal/*.ndjson orders.ndjson results/*.json 2>/dev/null
        cat topics/*/*/*.ndjson | sort -u
        cat dead/*.ndjson 2>/dev/null | grep '"}$' | sort
    ) || true
}

# prepare: a store before each service has its turn, in before.SERVICE, and after it.
prepare() {
    stock 85123A 10
    stock 71053 1 "$g2"
    buy 85123A 1 "$r1" >/dev/null
    { wanted "$r1" 85123A 1; wanted "$r2" 85123A 6; wanted "$r3" 71053 2; wanted "$r4" unknown 1; } |
        evtopic publish purchase.requested
    for service in "${services[@]}"; do
        { echo bad; head -c 70000 /dev/zero | tr '\0' x; echo; } | evtopic publish "${topic_of[$service]}"
        cp -r evstore "before.$service"
        run -65 "$service" --drain
        cp -r evstore "after.$service"
        state evstore >"$service.state"
    done
    [ "$(find evstore/results -name "*.json" | wc -l)" = 4 ]
    audited
}

# told_so SERVICE: no message is in a topic that would not be there after all, or before what it rests on.
told_so() {
    case $1 in evorder | evfail | evcreate) ;; *) return 0 ;; esac
    { lines order.requested; lines order.failed; lines order.created; } | { grep '"type":"order\.' || true; } |
        tee told | sort -u | comm -23 - "$1.told" >untrue
    sed -nE 's/.*"type":"order.(requested|failed)".*"correlationid":"([^"]*)".*/\2\/\1/p' told |
        sed 's/requested$/stock.sold/; s/failed$/purchase.refused/' | sort -u |
        comm -23 - <(sed -nE 's/.*"id":"([^"]*)".*"sum":.*/\1/p' evstore/journal/*.ndjson | sort) >>untrue
    cat untrue
    [ ! -s untrue ]
    sed -nE 's/.*"type":"order.failed".*"correlationid":"([^"]*)".*/evstore\/results\/\1.json/p' told | xargs -r ls >/dev/null
}

# each_call CALLS COMMAND...: a line for each such call that it makes, CALL and which of its kind.
# An injection of strace counts each kind of call for itself.
each_call() {
    strace -f -o calls -e "trace=$1" "${@:2}" >/dev/null 2>&1 || true
    sed -nE 's/^[0-9]+ +([a-z0-9_]+)\(.*/\1/p' calls | awk '{ print $1, ++count[$1] }'
}

# at_every_call SERVICE CALLS INJECTION: with the fault at each such call in turn; then drained again, without it.
at_every_call() {
    local call n code count=0
    rm -rf evstore
    cp -r "before.$1" evstore
    each_call "$2" "$1" --drain >points
    sort -u "after.$1"/topics/order.*/*/*.ndjson >"$1.told" 2>/dev/null || true
    while read -r call n; do
        rm -rf evstore
        cp -r "before.$1" evstore
        code=0
        strace -f -o trace -e "trace=$call" -e "inject=$call:$3:when=$n" "$1" --drain 2>errors || code=$?
        echo "$call $n: $code: $(grep 'INJECTED\|SIGKILL' trace) $(cat errors)"
        grep -q 'INJECTED\|killed by SIGKILL' trace
        told_so "$1"
        case $3 in
        signal=KILL) [ "$code" -eq 137 ] ;;
        # Unless it is all done in another way, or was only to be told.
        *)
            if [[ $call = *sync* || $code = 7[34] ]]; then
                [[ $code = 7[34] && $(tail -n 1 errors) = "$1: "* ]]
            else
                state evstore | diff "$1.state" -
            fi
            ;;
        esac
        code=0
        "$1" --drain 2>>errors || code=$?
        [ "$code" -eq 0 ] || [ "$code" -eq 65 ]
        state evstore | diff "$1.state" -
        [ "$(at "$1")" = "$(lines "${topic_of[$1]}" | wc -l)" ]
        count=$((count + 1))
    done <points
    [ "$count" -gt 5 ]
}

# submit_at_every_call CALLS INJECTION [BEFORE]: of what evbuy -s has told everything is there.
submit_at_every_call() {
    local call n code count=0
    purchases 1 30 5 >wishes
    evbuy <wishes | tee messages | evtask | sort >checks
    rm -rf evstore
    [ $# -lt 3 ] || cp -r "$3" evstore
    each_call "$1" evbuy -s <wishes >points
    while read -r call n; do
        rm -rf evstore
        [ $# -lt 3 ] || cp -r "$3" evstore
        code=0
        strace -f -o trace -e "trace=$call" -e "inject=$call:$2:when=$n" evbuy -s <wishes >told 2>errors || code=$?
        echo "$call $n: $code: $(grep 'INJECTED\|SIGKILL' trace) $(cat errors)"
        grep -q 'INJECTED\|killed by SIGKILL' trace
        [ ! -s told ] || [ "$(wc -l <told)" = 30 ]
        sort told | comm -23 - <(lines purchase.requested | jq -r -R 'fromjson? | .correlationid' | sort) >missing
        [ ! -s missing ]
        [ "$2" = signal=KILL ] || [[ $code = 7[34] && $(cat errors) = 'evbuy: '* ]]
        [ "$code" -gt 0 ]
        # Told or not, it may be submitted again.
        evbuy -s <wishes >told
        [ "$(wc -l <told)" = 30 ]
        evtask --drain
        lines stockcheck.requested | sort -u | comm -13 - checks >missing
        [ ! -s missing ]
        count=$((count + 1))
    done <points
    [ "$count" -gt 5 ]
}

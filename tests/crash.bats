# Killed or failing at any call that changes a file: what was said holds, and a
# second run completes what is missing.
load lib

calls=write,pwrite64,writev,fsync,fdatasync,syncfs,rename,renameat,renameat2,link,linkat,unlink,unlinkat,ftruncate,mkdir,mkdirat

setup() {
    start
    need_tracing
    prepare
}

# prepare: a store and inputs such that each service has something to do, begin or find.
prepare() {
    stock 85123A 10
    stock 71053 1 "$g2"
    buy 85123A 1 "$r1" >/dev/null
    { wanted "$r1" 85123A 1; wanted "$r2" 85123A 6; wanted "$r3" 71053 2; wanted "$r4" unknown 1; } >evtask.in
    evtask <evtask.in >evcheck.in
    { available "$r1" 85123A 1 10 1; available "$r2" 85123A 6 9 2; available "$r3" 71053 2 9 9; } >evorder.in
    { unavailable "$r3" 71053 2 1 1 insufficient-stock; unavailable "$r4" unknown 1 0 0 unknown-product; } >evfail.in
    { to_order "$r1" 85123A 1 2; to_order "$r2" 85123A 6 3; } >evcreate.in
    printf '{"action":"%s","product":"%s","quantity":%d,"request":"%s"}\n' add 85123A 3 "$g3" add new 1 "$g3" >evstock.in
    cp -r evstore prepared
    mkdir results
    for command in evorder evfail evcreate evstock evfail.packed evcreate.packed; do
        rm -rf evstore
        cp -r prepared evstore
        [ "${command%.*}" != evcreate ] || evorder <evorder.in >/dev/null
        cp -r evstore "results/$command.before"
        work "$command" >"results/$command.out"
        content >"results/$command"
    done
}

# work COMMAND [WRAPPER...]: the command at its work; with .packed behind it for packed results.
work() {
    local -a form=()
    [ "$1" = "${1%.packed}" ] || form=(--results packed)
    "${@:2}" "${1%.packed}" "${form[@]}" <"${1%.packed}.in"
}

# at_every_call COMMAND INJECTION: with the fault at its first such call, at its second,
# and so on until it is not met any more; each time run again, without it.
at_every_call() {
    local n code
    for ((n = 1; n < 60; n++)); do
        rm -rf evstore
        cp -r "results/$1.before" evstore
        code=0
        work "$1" strace -f -o trace -e "trace=$calls" -e "inject=$calls:$2:when=$n" \
            >out 2>errors || code=$?
        [ "$code" -ne 0 ] || break
        # What was told before is told again, to the byte.
        head -c "$(stat -c %s out)" "results/$1.out" | cmp out -
        run -0 evreplay --verify
        work "$1" | cmp "results/$1.out" -
        content | grep -v '\(/\|^results/\)\.[^/]*\( f \)\?$' | cmp "results/$1" -
        chained_all
        [ "$2" = signal=KILL ] || [[ $code = 7[34] && $(cat errors) = "${1%.packed}: "* ]]
    done
    [ "$n" -gt 2 ] && [ "$n" -lt 60 ]
    cmp "results/$1.out" out
}

chained_all() {
    local file
    for file in evstore/journal/* evstore/orders.ndjson; do [ ! -s "$file" ] || chained "$file"; done
}

@test "evorder killed" { at_every_call evorder signal=KILL; }
@test "evfail killed" { at_every_call evfail signal=KILL; }
@test "evcreate killed" { at_every_call evcreate signal=KILL; }
@test "evfail killed, its results packed" { at_every_call evfail.packed signal=KILL; }
@test "evcreate killed, its results packed" { at_every_call evcreate.packed signal=KILL; }
@test "evstock killed" { at_every_call evstock signal=KILL; }
@test "evorder without space" { at_every_call evorder error=ENOSPC; }
@test "evfail without space" { at_every_call evfail error=ENOSPC; }
@test "evcreate without space" { at_every_call evcreate error=ENOSPC; }
@test "evfail without space, its results packed" { at_every_call evfail.packed error=ENOSPC; }
@test "evcreate without space, its results packed" { at_every_call evcreate.packed error=ENOSPC; }
@test "evstock without space" { at_every_call evstock error=ENOSPC; }

@test "a store whose first writer was killed is no obstacle" {
    for command in evstock evfail; do
        for ((n = 1; n < 60; n++)); do
            rm -rf evstore
            code=0
            strace -f -o /dev/null -e "trace=$calls" -e "inject=$calls:signal=KILL:when=$n" \
                "$command" <"$command.in" >out || code=$?
            "$command" <"$command.in" >again
            [ "$(wc -l <again)" -eq 2 ]
            run -0 evreplay --verify
            [ "$code" -ne 0 ] || break
        done
        [ "$n" -gt 3 ] && [ "$n" -lt 60 ]
        cmp out again
    done
}

@test "the whole flow killed at any moment is completed by running it again" {
    rm -rf evstore
    cp -r prepared evstore
    flow <evtask.in | jq -c '[.correlationid, .type]' | sort >expected
    for n in 1 2 3 4 5 6 7 8; do
        for victim in evorder evfail evcreate; do
            rm -rf evstore
            cp -r prepared evstore
            # The pipe breaks there; what the others make of it does not matter.
            evtask <evtask.in | evcheck | killed evorder | killed evfail | killed evcreate >out || true
            flow <evtask.in | jq -c '[.correlationid, .type]' | sort | cmp expected -
            python3 "$tests/model/audit.py" evstore >/dev/null
        done
    done
}

# killed SERVICE: it dies at its call n if it is the victim.
killed() {
    if [ "$1" = "$victim" ]; then
        strace -f -o /dev/null -e "trace=$calls" -e "inject=$calls:signal=KILL:when=$n" "$1"
    else
        "$1"
    fi
}

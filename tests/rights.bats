# Least rights: what a command does not need it gives up before it looks at data, where
# the kernel has Landlock.
load lib

setup() {
    start
    python3 -c 'import ctypes; exit(ctypes.CDLL(None).syscall(444, None, 0, 1) < 1)' || skip 'the kernel has no Landlock'
    stock 85123A 10
    { wanted "$r1" 85123A 1; wanted "$r2" 85123A 20; } | flow >/dev/null
    wanted "$r3" 85123A 1 | evtopic publish purchase.requested
    evtask --drain
}

# intruder: build/shim/intrude.so, which, once the process is confined, tries to do with each file
# of the store what hostile data could want, and elsewhere, and says what it could do.
intruder() {
    export EV_INTRUDE=$PWD/intruded EV_INTRUDE_ELSEWHERE=$PWD/elsewhere EV_INTRUDE_STORE=${store:-$PWD/evstore}
    mkdir -p elsewhere
    echo text >elsewhere/file
    rm -f intruded
    ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=0 LD_LIBRARY_PATH=$tests/../build/shim${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} LD_PRELOAD=intrude.so \
        "$@" >out 2>errors
}

# everything: every file and directory with all that can be told of it.
everything() { find evstore elsewhere -printf '%p %y %m %s %T@ %C@ %n\n' | sort; find evstore elsewhere -type f -exec sha256sum {} + | sort; }

# cannot_write COMMAND...: it does its work, and can neither write the store nor read elsewhere.
cannot_write() {
    local code=0
    mkdir -p elsewhere
    echo text >elsewhere/file
    everything >before
    intruder "$@" || code=$?
    [ "$code" -le 1 ] || { cat errors; return 1; }
    [ -s intruded ]
    grep -x 'tried [1-9][0-9]*' intruded
    grep -v -e '^tried ' -e '^read store ' intruded && return 1
    grep -q '^read store ' intruded
    rm -rf elsewhere/file
    echo text >elsewhere/file
    everything | sed 's/ [0-9.]* [0-9.]* [0-9]*$//' | diff <(sed 's/ [0-9.]* [0-9.]* [0-9]*$//' before) -
}

@test "the read side cannot write a byte of the store, nor read or write anything else" {
    cannot_write evreplay
    cannot_write evreplay 85123A
    cannot_write evreplay --verify -j 1
    cannot_write evresult "$r1"
    cannot_write evtrace --why "$r1" "$r3"
    cannot_write evaudit -j 1
    cannot_write evtopic list
    cannot_write evtopic lag
    cannot_write evtopic check --lag 1d
    cannot_write evtopic cat stockcheck.requested
    cannot_write evtopic dead
    cannot_write evwatch --once
}

@test "with -n nobody who writes can write a byte" {
    to_check "$r4" 85123A 1 >in
    cannot_write evcheck -n <in
    available "$r4" 85123A 1 9 3 >in
    cannot_write evorder -n <in
    cannot_write evcreate -n --results packed <in
    unavailable "$g3" 71053 1 0 0 unknown-product >in
    cannot_write evfail -n <in
    cannot_write evstock -n add 85123A 1
    cannot_write evtopic publish -n notes <in
    cannot_write evtopic lanes -n purchase.requested 2
    cannot_write evtopic seek -n evtask purchase.requested first
    cannot_write evtopic trim -n purchase.requested
    cannot_write evresult -n --pack --expire 1d
    evproject --db shop.db
    sha256sum shop.db >sum
    evstock add 71053 1 >out
    cannot_write evproject -n --db shop.db
    sha256sum -c sum
    # Nor what should be a database, which it can read.
    run -65 intruder evproject -n --db elsewhere/file
    is "$(grep -v -e '^tried ' -e '^read store ' intruded)" "read elsewhere $PWD/elsewhere/file"
    is "$(cat elsewhere/file)" text
    rm evstore/results/*
    cannot_write evaudit --repair -n
}

@test "evaudit with a mark reads the store without a right to write it" {
    evaudit --mark mark >/dev/null
    cannot_write evaudit -j 1 --mark mark
}

@test "evproject writes its database and nothing else, wherever that lies" {
    cannot_write evproject --db shop.db
    [ -s shop.db ]
    evstock add 71053 1 >out
    cannot_write evproject --db shop.db
    cannot_write evproject --verify --db shop.db
    cannot_write evproject --rebuild --db shop.db
    [ "$(sql shop.db 'SELECT count(*) FROM products')" -eq 2 ]
    # Not even what lies beside it.
    intruder evproject --db elsewhere/shop.db
    [ "$(grep -cv -e '^tried ' -e '^read store ' intruded)" -eq 0 ]
    is "$(cat elsewhere/file)" text
    [ -s elsewhere/shop.db ]
}

# stays_inside COMMAND...: it does its work, and can reach nothing outside the store.
stays_inside() {
    local code=0 store=/nonexistent
    mkdir -p spill
    TMPDIR=$PWD/spill intruder "$@" <in || code=$?
    [ "$code" -eq 0 ] || { cat errors; return 1; }
    grep -x 'tried [1-9][0-9]*' intruded
    grep -v '^tried ' intruded && return 1
    is "$(cat elsewhere/file)" text
}

@test "a command that evtopic run feeds has the rights of who called it" {
    mkdir elsewhere
    run -0 evtopic run -g mail --drain purchase.requested -- \
        sh -c 'cat >elsewhere/got && cat evstore/format && grep NoNewPrivs /proc/self/status'
    is "$output" $'eventdemo 1\n'"$(grep NoNewPrivs /proc/self/status)"
    grep -q "$r3" elsewhere/got
    cannot_write evtopic run -n -g other purchase.requested -- cat
}

@test "who writes the store reaches nothing outside it" {
    to_check "$r4" 85123A 1 >in
    stays_inside evcheck
    available "$r4" 85123A 1 8 9 >in
    stays_inside evorder
    stays_inside evorder --drain
    to_order "$r4" 85123A 1 4 >in
    stays_inside evcreate --results packed
    unavailable "$g3" 71053 1 0 0 unknown-product >in
    stays_inside evfail
    printf '{"product":"85123A","quantity":1}\n' >in
    stays_inside evbuy
    stays_inside evbuy -s
    stays_inside evbuy -s -u "$g2" 85123A 1
    stays_inside evstock add 85123A 1
    stays_inside evtopic publish notes
    stays_inside evtopic lanes purchase.requested 2
    stays_inside evtopic seek evtask purchase.requested first
    stays_inside evtopic trim purchase.requested
    stays_inside evtopic redrive evtask
    stays_inside evresult --pack --expire 1d
    rm evstore/results/*
    stays_inside evaudit --repair
    evaudit --strict
}

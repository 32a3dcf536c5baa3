# -n: a command prints what it would print, and not a byte of the store or a database changes.
# shellcheck disable=SC2154 # run sets output and stderr
load lib
load spare

setup() { start; : >in; }

# everything [PATH...]: each file and directory with all that a change would change.
everything() { find "${@:-.}" -printf '%p %y %m %i %s %n %T@ %C@\n' -type f -exec sha256sum {} + | sort; }

# id N: a request's UUID.
id() { printf '5e8a4c1d-2b7f-4d3e-9c60-%012d' "$1"; }

# unchanged STATUS COMMAND...: with what is in the file `in`, and the store as it was.
unchanged() {
    local before
    before=$(everything evstore 2>/dev/null) || before=''
    run "-$1" --separate-stderr "${@:2}" <in
    is "$(everything evstore 2>/dev/null || true)" "$before"
}

# same STATUS COMMAND...: with -n nothing changes, and without it the same is printed, which
# is left in the file `out`.
same() {
    local printed told
    unchanged "$@" -n
    printed=$output told=$stderr
    run "-$1" --separate-stderr "${@:2}" <in
    is "$output" "$printed"
    is "$stderr" "$told"
    printf '%s\n' "$output" >out
}

# next: what was printed is what is read next, and a line that is no message.
next() { { cat out; echo bad; } >in; }

@test "each command prints what it then does, and leaves the store as it was" {
    same 0 evstock add 85123A 10 -u "$g1"
    same 0 evstock add 85123A 10 -u "$g1"
    same 1 evstock remove 85123A 11
    same 1 evstock add 85123A 1 --expect 0
    same 1 evstock remove unknown 1
    same 65 evstock add 85123A 11 -u "$g1"
    cat >in <<END
{"action":"add","product":"71053","quantity":9,"request":"$g2"}
{"action":"remove","product":"71053","quantity":3,"request":"$g3"}
{"action":"remove","product":"71053","quantity":30}
{"action":"add","product":"71053","quantity":9,"request":"$g2"}
bad
{"action":"return","product":"85123A","quantity":2,"request":"$(id 90)"}
END
    same 65 evstock
    is "$(jq -r .sequence out | paste -sd ' ')" '000000000001 000000000002 000000000001 000000000002'
    for n in 1 2 3 4 5 6; do printf '{"product":"85123A","quantity":6,"request":"%s"}\n' "$(id $n)"; done >in
    printf '{"product":"%s","quantity":2,"request":"%s"}\n' 71053 "$(id 7)" none "$(id 8)" 71053 "$(id 1)" >>in
    echo bad >>in
    for command in evbuy evtask evcheck; do
        same 65 "$command"
        next
    done
    # A writer was cut off.
    printf '{"spec' >>evstore/journal/85123A.ndjson
    same 65 evorder
    is "$(jq -r .type out | sort | uniq -c | sed 's/^ *//')" $'4 order.requested\n5 stock.unavailable'
    next
    cp -a evstore checked
    for command in evfail 'evcreate --results packed'; do
        # shellcheck disable=SC2086
        same 65 $command
        next
    done
    rm -r evstore
    mv checked evstore
    head -n -1 in >out
    for command in evcreate evfail evorder evcheck; do same 65 "$command"; done
}

# dry_flow: the flow in one pipe.
dry_flow() { evtask -n | evcheck -n | evorder -n | evfail -n | evcreate -n; }

@test "a dry flow in one pipe says what the flow then says, with a store or without" {
    purchases() {
        for n in 1 2 3 4 5 6; do wanted "$(id $n)" 85123A 6; done
        wanted "$(id 7)" none 1
        wanted "$(id 2)" 85123A 6
        wanted "$(id 8)" 71053 9007199254740991
    }
    purchases >purchases
    dry_flow <purchases >dry
    is "$(jq -r .data.code dry | sort -u)" unknown-product
    is "$(ls)" $'dry\nin\npurchases'
    stock 85123A 20
    stock 71053 9007199254740991 "$g2"
    everything evstore >before
    dry_flow <purchases >dry
    everything evstore | cmp before -
    flow <purchases | cmp - dry
    is "$(jq -r .type dry | sort | uniq -c | sed 's/^ *//')" $'5 order.created\n4 order.failed'
    # What is done already is answered again.
    everything evstore >before
    dry_flow <purchases | cmp - dry
    everything evstore | cmp before -
}

# begin COMMAND...: it gets line by line what is written to descriptor 8, and answers on 9.
begin() {
    mkfifo asked answered
    "$@" <asked >answered 2>errors &
    exec 8>asked 9<answered
}
# answer LINE: what it says to a line, as a batch of its own.
answer() { printf '%s\n' "$1" >&8; IFS= read -r answer <&9; }
# finish STATUS: it has read everything.
finish() {
    local code=0
    exec 8>&- 9<&-
    wait $! || code=$?
    is "$code" "$1"
    rm asked answered
}

@test "what a batch would have appended holds for the next ones" {
    stock 85123A 10
    stock 71053 1 "$g3"
    everything evstore >before
    begin evorder -n
    for n in 1 2 3; do
        answer "$(available "$(id $n)" 85123A 4 10 1)"
        [ "$n" -lt 3 ] || break
        is "$answer" "$(to_order "$(id $n)" 85123A 4 $((n + 1)))"
    done
    is "$answer" "$(unavailable "$(id 3)" 85123A 4 2 3 insufficient-stock evorder)"
    answer "$(available "$(id 1)" 85123A 4 10 1)"
    is "$answer" "$(to_order "$(id 1)" 85123A 4 2)"
    # Others go on meanwhile; this run's stream is as it was.
    everything evstore | cmp before -
    stock 85123A 10 "$g2"
    everything evstore >before
    answer "$(available "$(id 4)" 85123A 2 10 1)"
    is "$answer" "$(to_order "$(id 4)" 85123A 2 4)"
    answer "$(available "$(id 5)" 85123A 1 10 1)"
    is "$answer" "$(unavailable "$(id 5)" 85123A 1 0 4 out-of-stock evorder)"
    # Another file in the place of a stream that it has not sold of yet is gone on with.
    answer "$(available "$(id 6)" 71053 2 1 1)"
    is "$answer" "$(unavailable "$(id 6)" 71053 2 1 1 insufficient-stock evorder)"
    cp -p evstore/journal/71053.ndjson other
    mv other evstore/journal/71053.ndjson
    answer "$(available "$(id 7)" 71053 1 1 1)"
    is "$answer" "$(to_order "$(id 7)" 71053 1 2)"
    finish 0
    is "$(cat errors)" ''
    # Orders, refusals and results.
    begin evcreate -n
    answer "$(to_order "$r1" 85123A 4 2)"
    is "$answer" "$(created "$r1" 85123A 4 "$o1")"
    printf '%s\n' "$(to_order "$r1" 71053 4 2)" >&8
    EV_NOW=$later answer "$(to_order "$r1" 85123A 4 2)"
    is "$answer" "$(created "$r1" 85123A 4 "$o1")"
    finish 65
    is "$(cat errors)" "evcreate: stdin:2: correlationid: means another purchase (ordered: 4 of 85123A)"
    # A sale that would be taken back, and damage that comes behind it.
    buy 71053 1 "$r1" >out
    available "$r1" 85123A 4 20 2 | evorder >out
    available "$r2" 85123A 4 16 3 | evorder >out
    cp -a evstore kept
    begin evcreate -n
    to_order "$r1" 85123A 4 3 >&8
    answer "$(to_order "$r3" none 4 1)"
    echo damage >>evstore/journal/85123A.ndjson
    { to_order "$r2" 85123A 4 4; to_order "$r3" none 4 1; } >&8
    IFS= read -r answer <&9
    is "$answer" "$(created "$r2" 85123A 4 "$o2")"
    IFS= read -r answer <&9
    is "$(jq -r '[.type, .correlationid, .subject] | join(" ")' <<<"$answer")" "order.created $r3 none"
    finish 65
    rm -r evstore
    mv kept evstore
    everything evstore >before
    begin evfail -n --results packed
    answer "$(unavailable "$r4" none 1 0 0 unknown-product)"
    is "$answer" "$(failed "$r4" none 1 0 unknown-product)"
    printf '%s\n' "$(unavailable "$r4" 85123A 11 10 1 insufficient-stock)" >&8
    answer "$(unavailable "$r4" none 1 0 0 unknown-product)"
    is "$answer" "$(failed "$r4" none 1 0 unknown-product)"
    finish 65
    is "$(cat errors)" "evfail: stdin:2: correlationid: means another purchase (refused: 1 of none)"
    everything evstore | cmp before -
}

@test "however many products there are, none of them is forgotten" {
    awk 'BEGIN {
        for (n = 0; n < 70000; n++) printf "{\"action\":\"add\",\"product\":\"p%d\",\"quantity\":1}\n", n
        for (n = 0; n < 70000; n += 1000) printf "{\"action\":\"remove\",\"product\":\"p%d\",\"quantity\":1}\n", n
    }' >in
    evstock -n <in | tail -n 70 | jq -r .sequence | sort -u >sequences
    holds sequences 000000000002
    [ ! -e evstore ]
}

@test "nobody is kept out, and what others do is seen until then" {
    stock 85123A 10
    begin evorder -n
    answer "$(available "$r1" 85123A 4 10 1)"
    # A writer waits for nothing.
    flock -n evstore/journal/85123A.ndjson true
    flock -n evstore/orders.ndjson true
    stock 71053 1 "$g2"
    answer "$(available "$r2" 71053 1 1 1)"
    is "$answer" "$(to_order "$r2" 71053 1 2)"
    finish 0
}

# no_attempt STATUS COMMAND...: with what is in the file `in` it does not so much as try to change
# a file, or to open or lock one but its own output; which is in the file `out`.
no_attempt() {
    local code=0
    strace -f -o trace -e trace=file,desc,fsync,fdatasync,syncfs "${@:2}" <in 2>errors | cat >out || code=$?
    is "$code" "$1"
    own=$(sed -n 's|.*"/proc/self/fd/1".* = \([0-9]*\)$|\1|p' trace)
    grep -vE '"/proc/self/fd/1"|flock\('"${own:-1}"',' trace >calls
    [ "$(grep -cE "$changes" calls)" -eq 0 ]
    [ "$(grep -cE 'p?writev?(64)?\([^12]' calls)" -eq 0 ]
}
changes='open.*(O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE)|sync|mkdir|rename|\b(un)?link|truncate|mknod|chmod|utime|LOCK_EX'

@test "not even an attempt is made to write" {
    need_tracing
    awk 'BEGIN { for (n = 0; n < 5000; n++) print "{\"action\":\"add\",\"product\":\"85123A\",\"quantity\":1}" }' |
        evstock >out
    buy 85123A 1 "$r1" >out
    # A long journal has an index, which a writer would make now.
    rm -r evstore/index
    export TMPDIR=/nonexistent
    printf '{"action":"add","product":"%s","quantity":%d}\n' 85123A 4 none 4 85123A 9000 >out
    cp out wishes
    for command in evbuy evtask evcheck evorder evfail evcreate evstock; do
        [ "$command" != evstock ] || cp wishes out
        { cat out; echo bad; printf '%070000d\n' 1; } >in
        no_attempt 65 "$command" -n
        grep -q 'longer than 65,536 bytes' errors
    done
    [ -s out ]
    [ ! -e evstore/index ]
    [ "$(ls evstore/dead)" = '' ]
    rm evstore/results/*
    no_attempt 0 evaudit --repair -n
    grep -q 'would make again: 1 results' errors
    evproject --db shop.db
    no_attempt 0 evproject -n --db shop.db
}

@test "evbuy -s -n writes the message that it would publish" {
    unchanged 0 evbuy -s -n -u "$r1" 85123A 6
    is "$output" "$(wanted "$r1" 85123A 6)"
    [ ! -e evstore ]
    printf '{"product":"85123A","quantity":6,"request":"%s"}\n' "$r1" "$r2" >in
    unchanged 0 evbuy -s -n
    printf '%s\n' "$output" >out
    run -0 evbuy -s <in
    evtopic cat purchase.requested | cmp - out
    unchanged 0 evbuy -n -u "$r3" 85123A 6
    is "$output" "$(wanted "$r3" 85123A 6)"
}

@test "what a dry run cannot do is a usage error" {
    # misused COMMAND...: nothing is read or made, and what is said tells of -n.
    misused() {
        run -64 --separate-stderr "$@" <in
        is "$output" ''
        [[ ${stderr_lines[0]} = "$1: "*"$said"* ]]
        local -a there=(*)
        is "${there[*]}" 'in source'
    }
    echo text >source
    said='try evtopic cat TOPIC | ev'
    for command in "${services[@]}"; do
        misused "$command" -n --serve
        misused "$command" --drain --dry-run
        misused "$command" -n -i @purchase.requested
    done
    said='with --dry-run'
    for command in "${services[@]}"; do
        misused "$command" -n -o out
        misused "$command" -n -o @notes
        misused "$command" -n --dead dead
        misused "$command" -n --dead -
    done
    misused evorder -n -r out
    misused evcheck -n -r @notes
    misused evbuy -n -o out
    misused evbuy -n -o @notes 85123A 6
    misused evstock -n --dead dead
    said='--dry-run'
    misused evbuy -n -s -w 1 85123A 6
    misused evaudit -n
    misused evaudit -n --repair --mark mark
    misused evproject -n --verify --db shop.db
    misused evresult -n "$r1"
    misused evorder -n --dry-run
    # Standard output by its name, and any file as the source, will do.
    unchanged 65 evcheck -n -i source -o - -r -
    [ ! -e evstore ]
}

@test "evproject -n counts what it would take, and changes no database" {
    stock 85123A 10
    { wanted "$r1" 85123A 6; wanted "$r2" 85123A 6; } | flow >out
    # told EVENTS JOURNALS ORDERS [OPTION...]: so much is new.
    told() {
        before=$(everything .)
        run -0 --separate-stderr evproject -n --db shop.db "${@:4}"
        is "$(everything .)" "$before"
        is "$output" "would take $1 events of $2 journals, and $3 orders"
        is "$stderr" ''
    }
    told 3 1 1
    told 3 1 1 --rebuild
    : >shop.db
    told 3 1 1
    evproject --db shop.db
    told 0 0 0
    stock 71053 5 "$g2"
    buy 71053 1 "$r3" >out
    told 2 1 1
    told 5 2 2 --rebuild
    evproject --db shop.db
    told 0 0 0
    # As it would be said without it, and as it would end.
    echo damage >>evstore/journal/71053.ndjson
    unchanged 65 evproject -n --db shop.db
    is "$stderr" 'evproject: ./evstore/journal/71053.ndjson:3: sum: missing or not at the end of the line'
    run -65 evproject --db shop.db
    is "$output" "$stderr"
    echo text >other
    unchanged 65 evproject -n --db other
    unchanged 64 evproject -n --db evstore/shop.db
    unchanged 66 evproject -n --db shop.db -d none
    unchanged 73 evproject -n --db none/shop.db
    # Of another version: only --rebuild would take it.
    sql shop.db 'PRAGMA user_version = 77'
    unchanged 65 evproject -n --db shop.db
    before=$(everything .)
    run -65 evproject -n --rebuild --db shop.db
    is "$(everything .)" "$before"
    [[ $output = *'would take 5 events of 2 journals, and 2 orders' ]]
    evstock -d empty add none 1 >out
    # Where a killed writer, or somebody's log, has left something to do.
    for left in 'PRAGMA cache_size = 1; BEGIN; CREATE TABLE t (a); INSERT INTO t WITH RECURSIVE n(i) AS (VALUES(1)
            UNION ALL SELECT i + 1 FROM n LIMIT 100000) SELECT i FROM n' 'PRAGMA journal_mode = WAL'; do
        rm -f shop.db*
        evproject -d empty --db shop.db
        python3 -c 'import os, sqlite3, sys; database = sqlite3.connect("shop.db", isolation_level=None)
for sql in sys.argv[1].split(";"): database.execute(sql)
os._exit(0)' "$left"
        # SQLite gives a journal the owner that it has, so not even its ctime is looked at.
        before=$(find shop.db* -printf '%p %i %s %T@\n' -exec sha256sum {} +)
        run -73 evproject -n -d empty --db shop.db
        is "$output" 'evproject: shop.db: has to be mended before it can be read: run without --dry-run'
        is "$(find shop.db* -printf '%p %i %s %T@\n' -exec sha256sum {} +)" "$before"
    done
}

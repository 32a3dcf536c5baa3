# evproject: read models in SQLite, as the journals make them.
# shellcheck disable=SC2154,SC2317 # bats sets stderr; queries are sourced
load lib
load served
load faulted

setup() {
    start
    shim=$(cd "$tests/../build/shim" && pwd)/fail.so
    odd="a 'b' %"
}
teardown() { end_all; }

# ask FILE SQL...: the rows.  dump FILE: all of it.
ask() { sql -readonly "$@"; }
dump() { ask "$1" .dump; }

# sound FILE: SQLite finds nothing wrong with it.
sound() { is "$(ask "$1" 'PRAGMA integrity_check')" ok; }

# id N: a request's UUID.
id() { printf '5e8a4c1d-2b7f-4d3e-9c60-%012d' "$1"; }

# shop: a few days of some products; more: what happens later to old ones and new ones.
shop() {
    EV_NOW=$earlier evstock add 85123A 20 -u "$g1" >out
    EV_NOW=$earlier evstock add "$odd" 4 -u "$g2" >out
    {
        wanted "$(id 1)" 85123A 6
        wanted "$(id 2)" "$odd" 5
        wanted "$(id 3)" unknown 1
        wanted "$(id 4)" 85123A 2
        wanted "$(id 5)" .ö 9007199254740991
    } | flow >out
    evstock remove 85123A 1 -u "$g3" >out
}
more() {
    export EV_NOW=2026-02-01T00:00:00.000000Z
    { wanted "$(id 6)" 85123A 3; wanted "$(id 7)" 85123A 30; wanted "$(id 8)" "$odd" 4; wanted "$(id 9)" .ö 1; } | flow >out
    evstock return 85123A 2 -u "$(id 90)" >out
    evstock add new 7 -u "$(id 91)" >out
}

# as_rebuilt FILE: what it holds is what a new one holds.
as_rebuilt() {
    rm -f new.db*
    evproject --rebuild --db new.db
    diff <(dump new.db) <(dump "$1")
    sound "$1"
}

@test "products are what evreplay says" {
    shop
    evproject --db shop.db
    evreplay | jq -r '[.product, .sequence, .available, .added, .removed, .sold, .returned, .refused, .time] | join("|")' |
        diff - <(ask shop.db 'SELECT * FROM products')
    [ "$(ask shop.db 'SELECT count(*) FROM products')" -eq 4 ]
    sound shop.db
}

@test "orders, refusals, days and positions are what the journals say" {
    shop
    more
    evproject --db shop.db
    jq -r '[(.sequence | tonumber), .correlationid, .data.order, .subject, .data.quantity, .time] | join("|")' \
        evstore/orders.ndjson | diff - <(ask shop.db 'SELECT * FROM orders')
    evreplay --events | jq -r 'select(.type == "purchase.refused") | [.subject, (.sequence | tonumber), .correlationid,
        .data.quantity, .data.available, .data.sequence, .data.code, .data.reason, .time] | join("|")' |
        diff - <(ask shop.db 'SELECT * FROM refusals')
    evreplay --events | jq -rs 'group_by([.subject, .time[:10]])[] | . as $day
        | [.[0].subject, .[0].time[:10],
           (("stock.added", "stock.removed", "stock.sold", "stock.returned", "purchase.refused") as $type
            | [$day[] | select(.type == $type) | .data.quantity] | (add // 0 | tostring), length)] | join("|")' |
        diff - <(ask shop.db 'SELECT * FROM daily')
    [ "$(ask shop.db 'SELECT count(*) FROM daily')" -gt 6 ]
    ask shop.db "SELECT file, bytes, sequence, sum, time FROM position" >positions
    while IFS='|' read -r file bytes sequence sum time; do
        [ "$(stat -c %s "evstore/$file")" -eq "$bytes" ]
        tail -n 1 "evstore/$file" | jq -e --arg sum "$sum" --arg time "$time" --argjson n "$sequence" \
            '.sum == $sum and .time == $time and (.sequence | tonumber) == $n' >out
    done <positions
    [ "$(wc -l <positions)" -eq "$(find evstore/journal evstore/orders.ndjson -type f | wc -l)" ]
}

@test "in many runs it comes to the same as in one" {
    evstock add 85123A 1 >out
    evproject --db shop.db
    shop
    evproject --db shop.db
    dump shop.db >before
    more
    evproject --db shop.db
    [ "$(dump shop.db | diff - before | grep -c '^<')" -gt 8 ]
    as_rebuilt shop.db
    run -0 evproject --verify --db shop.db
    is "$output" '5 journals, 15 events, 4 orders: 0 differences'
}

@test "an empty store makes empty tables" {
    mkdir -p evstore/journal
    echo 'eventdemo 1' >evstore/format
    evproject --db shop.db
    is "$(ask shop.db 'SELECT count(*) FROM products')" 0
    evproject --verify --db shop.db
}

@test "when nothing is new no journal is opened, and nothing is written" {
    need_tracing
    shop
    evproject --db shop.db
    before=$(stat -c '%i %Y %Z' shop.db)
    strace -f -e trace=open,openat,pwrite64,write,fsync,fdatasync -o calls evproject --db shop.db
    grep -q 'shop.db' calls
    [ "$(grep -v 'sync(1)' calls | grep -cE 'ndjson|pwrite64|sync')" -eq 0 ]
    is "$(stat -c '%i %Y %Z' shop.db)" "$before"
}

@test "reasons stand as people read them, in whatever form they were written" {
    reason='say \"no\" \u0041\\ ö'
    event evfail purchase.refused "$r1" x 1 \
        "{\"quantity\":1,\"available\":0,\"sequence\":0,\"code\":\"unknown-product\",\"reason\":\"$reason\"}" | summed >line
    mkdir -p evstore/journal
    echo 'eventdemo 1' >evstore/format
    cp line evstore/journal/x.ndjson
    evproject --db shop.db
    is "$(ask shop.db 'SELECT reason FROM refusals')" 'say "no" A\ ö'
}

# -- killed, failing ---------------------------------------------------------------------

prepare() {
    shop
    evproject --db before.db
    rm before.db-journal
    more
    cp before.db after.db
    evproject --db after.db
}

# broken_at HOW STEP THEN OPTION...: see projected.py; more than a few calls were.
broken_at() {
    python3 "$tests/projected.py" "$@" >broken_calls
    [ "$(cat broken_calls)" -gt 3 ]
}

@test "killed at any call, it goes on from there" {
    prepare
    broken_at kill-halfway 1 ''
    broken_at kill-after 3 ''
}

@test "killed at any call, it is rebuilt: nothing half done gets into the new one" {
    prepare
    broken_at kill-before 2 --rebuild
}

@test "a rebuild that is killed at any call leaves the old one or the new one" {
    prepare
    broken_at kill-halfway 1 '' --rebuild
    broken_at kill-after 2 '' --rebuild
}

@test "whatever call fails, it says so, and the next run completes it" {
    prepare
    broken_at ENOSPC 2 ''
    broken_at EIO 2 '' --rebuild
}

@test "killed at random among several transactions, it never takes anything twice" {
    seq 230000 | awk '{ printf "{\"action\":\"add\",\"product\":\"P%d\",\"quantity\":1}\n", $1 % 3 }' | evstock >out
    shop
    RANDOM=7
    for ((n = 0; n < 20; n++)); do
        background evproject --db shop.db
        for ((i = RANDOM % 8000; i > 0; i--)); do :; done
        kill -KILL "$pid" 2>/dev/null || true
        code=0
        wait "$pid" || code=$?
        [ "$code" -eq 137 ] || break
    done
    # Between two transactions for certain.
    rm -f shop.db*
    evproject --db empty.db -d "$(mkdir -p none/journal; echo 'eventdemo 1' >none/format; echo none)"
    cp empty.db shop.db
    run -137 failing CALLS=ftruncate,ftruncate64 PATH=shop.db-journal AT=2 HOW=kill-before -- evproject --db shop.db
    sql shop.db 'SELECT sum(sequence) FROM position' >some
    [ "$(cat some)" -ge 100000 ]
    [ "$(cat some)" -lt 230000 ]
    evproject --db shop.db
    as_rebuilt shop.db
    is "$(ask shop.db "SELECT sum(added) FROM daily WHERE product LIKE 'P_'")" 230000
}

# -- journals that are not what they were -------------------------------------------------

@test "a damaged journal is taken up to the damage, the others to their ends" {
    shop
    evproject --db shop.db
    more
    cp evstore/journal/85123A.ndjson whole
    sed -i '6s/"quantity":3/"quantity":4/' evstore/journal/85123A.ndjson
    for _ in 1 2; do
        run -65 --separate-stderr evproject --db shop.db
        is "$output" ''
        is "$stderr" 'evproject: ./evstore/journal/85123A.ndjson:6: sum: does not match the line and the sum before it'
        is "$(ask shop.db 'SELECT product, sequence FROM products WHERE product IN ("85123A", "new")')" $'85123A|5\nnew|1'
    done
    run -65 evproject --rebuild --db other.db
    diff <(dump other.db) <(dump shop.db)
    # Repaired, it goes on.
    cp whole evstore/journal/85123A.ndjson
    evproject --db shop.db
    as_rebuilt shop.db
}

@test "damage before the first event leaves no row; damaged orders leave the products" {
    shop
    sed -i '1s/evorder/evowner/' "evstore/journal/unknown.ndjson"
    sed -i '1s/^/x/' evstore/journal/unknown.ndjson
    sed -i '2s/"quantity":2/"quantity":3/' evstore/orders.ndjson
    run -65 --separate-stderr evproject --db shop.db
    wrong='sum: does not match the line and the sum before it'
    is "$stderr" "evproject: ./evstore/orders.ndjson:2: $wrong
evproject: ./evstore/journal/unknown.ndjson:1: $wrong"
    is "$(ask shop.db 'SELECT count(*) FROM orders')" 1
    is "$(ask shop.db 'SELECT count(*) FROM products')" 3
}

# parted PATTERN: of shop.db, which stays as it is but for other journals.
parted() {
    run -65 --separate-stderr evproject --db shop.db
    # shellcheck disable=SC2053 # a pattern
    [[ $stderr = 'evproject: ./evstore/'$1': --rebuild reads it anew' ]]
    is "$(ask shop.db "SELECT available FROM products WHERE product = 'last'")" "$2"
    evproject --rebuild --db shop.db
    as_rebuilt shop.db
}

@test "a journal that was cut back, replaced or removed is told of, until a rebuild" {
    shop
    evproject --db shop.db
    sed -i '$d' evstore/journal/85123A.ndjson
    evstock add last 1 >out
    parted 'journal/85123A.ndjson: cut back or replaced since it was read up to byte 1[0-9]*' 1
    # Another one, longer than the old one was.
    rm evstore/journal/85123A.ndjson
    for _ in 1 2 3 4 5 6 7; do evstock add 85123A 1 >out; done
    evstock add last 1 >out
    parted 'journal/85123A.ndjson: cut back or replaced *' 2
    # One whose lines are as long, with sums that are right.
    sed -E 's/,"sum":"[0-9a-f]{16}"\}$/}/; 1s/"quantity":1/"quantity":2/' evstore/journal/85123A.ndjson | summed >other
    cp other evstore/journal/85123A.ndjson
    evstock add 85123A 1 >out
    evstock add last 1 >out
    parted 'journal/85123A.ndjson: cut back or replaced *' 3
    rm "evstore/journal/unknown.ndjson"
    evstock add last 1 >out
    parted 'journal/unknown.ndjson: is gone' 4
    rm evstore/orders.ndjson
    evstock add last 1 >out
    parted 'orders.ndjson: is gone' 5
}

@test "the end of a journal that is not a whole line waits for the rest" {
    shop
    evproject --db shop.db
    more
    file=evstore/journal/85123A.ndjson
    cp $file whole
    head -c -20 whole >$file
    evproject --db shop.db
    [ "$(ask shop.db "SELECT sequence FROM position WHERE product = '85123A'")" -eq $(($(wc -l <whole) - 1)) ]
    cp whole $file
    evproject --db shop.db
    as_rebuilt shop.db
}

@test "a journal that cannot be read leaves the old database in its place" {
    shop
    evproject --db shop.db
    dump shop.db >before
    more
    run -74 --separate-stderr failing CALLS=pread PATH=85123A.ndjson AT=1 HOW=EIO -- evproject --rebuild --db shop.db
    [[ $stderr = 'evproject: ./evstore/journal/85123A.ndjson'*'Input/output error' ]]
    dump shop.db | cmp - before
    # An update takes the others.
    run -74 failing CALLS=pread PATH=85123A.ndjson AT=1 HOW=EIO -- evproject --db shop.db
    is "$(ask shop.db "SELECT available FROM products WHERE product = 'new'")" 7
    evproject --db shop.db
    as_rebuilt shop.db
    # Something else in a journal's place is told, and hangs nobody.
    mkfifo evstore/journal/fifo.ndjson
    for what in '' --rebuild -n; do
        # shellcheck disable=SC2086 # words
        run -65 --separate-stderr evproject $what --db shop.db
        is "$stderr" 'evproject: ./evstore/journal/fifo.ndjson: not a regular file'
    done
}

# -- beside others ------------------------------------------------------------------------

@test "a reader keeps the old database while it is rebuilt, and finds the new one then" {
    shop
    evproject --db shop.db
    chmod 604 shop.db
    more
    cat >reader.py <<'READER'
import sqlite3, subprocess
def look(database): return database.execute("SELECT count(*), sum(sequence) FROM products").fetchone()
old = sqlite3.connect("file:shop.db?mode=ro", uri=True, isolation_level=None)
old.execute("BEGIN")
before = look(old)
subprocess.run(["evproject", "--rebuild", "--db", "shop.db"], check=True)
assert look(old) == before == (4, 8), before
new = sqlite3.connect("file:shop.db?mode=ro", uri=True)
assert look(new) == (5, 14), look(new)
# An update of the new one is none of the old one.
subprocess.run(["evstock", "add", "85123A", "1"], check=True, stdout=subprocess.DEVNULL)
new.close()
subprocess.run(["evproject", "--db", "shop.db"], check=True)
assert look(old) == before
old.execute("COMMIT")
assert old.execute("PRAGMA integrity_check").fetchone() == ("ok",)
READER
    python3 reader.py
    is "$(stat -c %a shop.db)" 604
    is "$(find . -name 'shop.db?*')" ./shop.db-journal
    as_rebuilt shop.db
}

@test "two at once: the second waits, or ends with a message" {
    shop
    evproject --db shop.db
    cp shop.db read.db
    dump shop.db >before
    more
    # Held by another, and by a reader, for good; what waits for either waits beside the other.
    mkfifo held reading
    background bash -c 'exec 9<shop.db; flock 9; echo >held; exec tail -f /dev/null'
    holder=$pid
    read -r _ <held
    background python3 -c 'import sqlite3, time
d = sqlite3.connect("read.db", isolation_level=None)
d.execute("BEGIN"); d.execute("SELECT * FROM products").fetchone()
open("reading", "w").write("\n"); time.sleep(600)'
    read -r _ <reading
    background bash -c 'evproject --db shop.db 2>first'
    first=$pid
    background bash -c 'evproject --db read.db 2>second'
    for one in "$first" "$pid"; do
        code=0
        wait "$one" || code=$?
        [ "$code" -eq 75 ]
    done
    holds first 'evproject: shop.db: another evproject is at work on it'
    holds second 'evproject: read.db: somebody has held it for 10 seconds'
    dump shop.db | cmp - before
    # The next waits until the first is done.
    background evproject --db shop.db
    kill -KILL "$holder"
    pkill -KILL -P "$holder" || true
    wait "$pid"
    as_rebuilt shop.db
}

@test "several at once, updates and rebuilds, all come to the same" {
    shop
    evproject --db shop.db
    more
    for n in 1 2 3; do
        background evproject --db shop.db
        background evproject --rebuild --db shop.db
        background evproject --verify --db shop.db
    done >out
    for one in "${pids[@]}"; do wait "$one"; done
    as_rebuilt shop.db
}

replaced() { [ "$(stat -c %i shop.db)" != "$1" ]; }

@test "who has put its database in its place leaves the next one's alone" {
    need_tracing
    shop
    evproject --db shop.db
    old=$(stat -c %i shop.db)
    # It takes long from there to its end; another begins meanwhile, and takes longer.
    background strace -f -o /dev/null -e trace=fsync -e inject=fsync:delay_exit=1000000 evproject --rebuild --db shop.db
    eventually replaced "$old"
    run -0 strace -f -o /dev/null -e trace=rename -e inject=rename:delay_enter=2000000 evproject --rebuild --db shop.db
    wait "$pid"
    as_rebuilt shop.db
}

@test "a database that somebody gave a write-ahead log is read and replaced all the same" {
    shop
    evproject --db shop.db
    # One who died at it left the log.
    python3 -c 'import os, sqlite3
d = sqlite3.connect("shop.db", isolation_level=None)
d.execute("PRAGMA journal_mode = WAL"); d.execute("DELETE FROM orders"); os._exit(0)'
    [ -s shop.db-wal ]
    more
    evproject --rebuild --db shop.db
    is "$(find . -name 'shop.db?*' -size +0)" ''
    as_rebuilt shop.db
    sql shop.db 'PRAGMA journal_mode = WAL' >out
    evstock add new 1 >out
    evproject --db shop.db
    as_rebuilt shop.db
}

# -- verify --------------------------------------------------------------------------------

@test "--verify finds what is not what the journals make, and changes nothing" {
    shop
    evproject --db shop.db
    more
    sql shop.db "UPDATE products SET sold = 7 WHERE product = '85123A'" 'DELETE FROM orders WHERE number = 2'
    before=$(sha256sum shop.db)
    run -65 --separate-stderr evproject --verify --db shop.db
    is "$stderr" 'evproject: shop.db: products: 2 rows are not what the journals make
evproject: shop.db: orders: 1 rows are not what the journals make'
    is "$output" '4 journals, 8 events, 2 orders: 3 differences'
    is "$(sha256sum shop.db)" "$before"
    is "$(find . -name 'shop.db?*' -size +0)" ''
    # A journal in which something changed that is in the tables.
    evproject --rebuild --db shop.db
    sed -i '2s/"quantity":6/"quantity":7/' evstore/journal/85123A.ndjson
    run -65 --separate-stderr evproject --verify --db shop.db
    [[ $stderr = 'evproject: ./evstore/journal/85123A.ndjson:2: sum: '*'products: 2 rows '* ]]
}

@test "--verify of a database that is not there" {
    shop
    run -66 evproject --verify --db shop.db
    is "$output" 'evproject: shop.db: no such database'
    : >shop.db
    run -66 evproject --verify --db shop.db
    is "$output" 'evproject: shop.db: empty'
}

# -- refused -------------------------------------------------------------------------------

# refused STATUS MESSAGE OPTION...: nothing is made.
refused() {
    find . >before
    run -"$1" --separate-stderr evproject "${@:3}"
    is "${stderr_lines[0]}" "evproject: $2"
    is "$output" ''
    find . | diff before -
}

@test "what it is not to do it refuses" {
    refused 64 '--db is needed'
    refused 66 './evstore: no such store' --db shop.db
    shop
    mkdir other
    refused 64 '--db is needed' --db ''
    refused 64 'x: no operands are taken' --db shop.db x
    refused 64 '--rebuild, --verify: only one of them' --db shop.db --rebuild --verify
    refused 64 "--db: $PWD/evstore/shop.db: lies in the store" --db evstore/shop.db
    ln -s ../evstore/journal other/link
    refused 64 "--db: $PWD/evstore/journal/shop.db: lies in the store" --db other/link/shop.db
    ln -s evstore/orders.ndjson link.db
    refused 64 "--db: $PWD/evstore/orders.ndjson: lies in the store" --db link.db
    refused 73 'other: Is a directory' --db other
    refused 73 'none/shop.db: No such file or directory' --db none/shop.db
    refused 73 'out/shop.db: Not a directory' --db out/shop.db
    # Files of somebody else.
    seq 1000 >text
    refused 65 'text: file is not a database' --db text
    refused 65 'text: file is not a database' --db text --rebuild
    python3 -c 'import sqlite3; sqlite3.connect("theirs.db").executescript("CREATE TABLE t (a); INSERT INTO t VALUES (1)")'
    refused 65 'theirs.db: a database, but not of evproject' --db theirs.db
    refused 65 'theirs.db: a database, but not of evproject' --db theirs.db --rebuild
    is "$(ask theirs.db 'SELECT a FROM t')" 1
}

@test "a database of another version is only made anew" {
    shop
    evproject --db shop.db
    sql shop.db 'PRAGMA user_version = 2'
    run -65 evproject --db shop.db
    is "$output" 'evproject: shop.db: of version 2, not 1: make it anew with --rebuild'
    evproject --rebuild --db shop.db
    as_rebuilt shop.db
    # Neither is one whose tables do not go together.
    sql shop.db 'DELETE FROM products WHERE sold > 0'
    run -65 evproject --db shop.db
    [[ $output = *'do not go together: make it anew with --rebuild' ]]
    evproject --rebuild --db shop.db
    as_rebuilt shop.db
}

@test "a link to the database stays one" {
    shop
    mkdir there
    ln -s there/shop.db link.db
    evproject --db there/shop.db
    more
    evproject --rebuild --db link.db
    evproject --db link.db
    [ -L link.db ]
    as_rebuilt there/shop.db
}

@test "the ten queries of the manual are ten, and each says something here" {
    shop
    more
    evproject --db shop.db
    # shellcheck disable=SC2016 # for the other shell
    awk '/^\.Em [0-9]+ \.$/ { n++ } /^\.Ed/ { inside = 0 }
        inside && (/^\$ ask/ || asks) { print; asks = 0 } /^> / && inside { print }
        /^\.Bd/ { inside = n > 0 } END { exit n != 10 }' "$tests/../man/evproject.5" | sed 's/^[$>] //' >queries
    [ "$(grep -c '^ask ' queries)" -eq 11 ]
    sed -i "s/MUG/85123A/; s/'2026-01-2[89]'/'2026-01-01'/; s/'2026-02'/'2026-03'/" queries
    # shellcheck disable=SC2030,SC2031 # of the subshell alone
    (
        id() { printf '5e8a4c1d-2b7f-4d3e-9c60-%012d' "$1"; }
        ask() { sql -readonly shop.db "$@" | tee answer; [ -s answer ] && echo answered; }
        # shellcheck disable=SC1091 # made above
        . ./queries
    ) >answers
    [ "$(grep -c '^answered$' answers)" -eq 11 ]
}

@test "a rebuilt database is on disk before it has its name, the name before the end; so is what is added" {
    load traced
    need_tracing
    stock 85123A 10
    evproject --db shop.db
    stock 71053 4 "$g2"
    trace evproject --db shop.db
    synced_before end /shop.db
    trace evproject --rebuild --db shop.db
    sed '/rename(/,$d' trace | grep 'fsync([0-9]*<[^>]*/shop\.db[^>]*>)'
    sed '1,/rename(/d' trace | grep 'fsync([0-9]*<[^>]*/work>)'
}

@test "a journal that cannot be read leaves the old database in its place, though another is damaged" {
    shop
    evproject --db shop.db
    dump shop.db >before
    stock zzz 4 "$g3"
    sed -i 's/"quantity":4/"quantity":5/' evstore/journal/zzz.ndjson
    run -74 failing CALLS=pread PATH=85123A.ndjson AT=1 HOW=EIO -- evproject --rebuild --db shop.db
    dump shop.db | cmp - before
}

# lib.bash -- what the tests of the commands share: a clock that stands still,
# messages and events as they have to be, and looks at a store.
bats_require_minimum_version 1.5.0

now=2026-01-31T09:30:00.123456Z
earlier=2026-01-31T09:00:00.000000Z
later=2026-01-31T10:00:00.000000Z

commands=(evbuy evtask evcheck evorder evfail evcreate evstock evreplay evresult evaudit evtopic evproject evtrace evwatch)
services=(evtask evcheck evorder evfail evcreate)

# Requests, and the orders of the first two.
r1=5e8a4c1d-2b7f-4d3e-9c60-000000000001
r2=5e8a4c1d-2b7f-4d3e-9c60-000000000002
r3=5e8a4c1d-2b7f-4d3e-9c60-000000000003
r4=5e8a4c1d-2b7f-4d3e-9c60-000000000004
o1=2af5f656-fd66-5f42-b66d-7aebc3ecaac8
o2=fd00bf8d-9690-549b-a6e0-fa2c915893b5
# For goods in and out.
g1=0b1c2d3e-4f50-4617-8293-000000000001
g2=0b1c2d3e-4f50-4617-8293-000000000002
g3=0b1c2d3e-4f50-4617-8293-000000000003

setup() { start; }

# start: an empty directory, the commands in PATH, a clock that stands still.
start() {
    tests=$BATS_TEST_DIRNAME
    PATH=${EV_BIN:-${tests%/*}/bin}:$PATH
    unset EV_STORE POSIXLY_CORRECT CDPATH COLUMNS LINES NO_COLOR TMPDIR
    # Leaks: see leaks.bats.
    export EV_NOW=$now LC_ALL=C TZ=UTC PYTHONDONTWRITEBYTECODE=1 ASAN_OPTIONS=detect_leaks=0
    umask 022
    set -o pipefail
    mkdir "$BATS_TEST_TMPDIR/work"
    cd "$BATS_TEST_TMPDIR/work" || return
}

# need_tracing: skip the test where a process cannot be watched at its work.
need_tracing() {
    command -v strace >/dev/null || skip 'strace is not installed'
    strace -o /dev/null true 2>/dev/null || skip 'processes cannot be traced here'
}

# -- lines as they have to be --------------------------------------------------------

# envelope SERVICE TYPE REQUEST PRODUCT: a line up to what differs; its time is $at or now.
envelope() {
    local cause
    printf '{"specversion":"1.0","id":"%s/%s","source":"/eventdemo/%s","type":"%s"' \
        "$3" "$2" "$1" "$2"
    printf ',"subject":"%s","time":"%s","correlationid":"%s"' "$4" "${at:-$now}" "$3"
    case $1 in
    evtask) cause=purchase.requested ;;
    evcheck) cause=stockcheck.requested ;;
    evorder) cause=stock.available ;;
    evfail) cause=stock.unavailable ;;
    evcreate) cause=order.requested ;;
    *) return ;;
    esac
    printf ',"causationid":"%s/%s"' "$3" "$cause"
}

# message SERVICE TYPE REQUEST PRODUCT DATA
message() {
    envelope "${@:1:4}"
    printf ',"data":%s}\n' "$5"
}

# event SERVICE TYPE REQUEST PRODUCT SEQUENCE DATA: without its sum, see summed.
event() {
    envelope "${@:1:4}"
    printf ',"sequence":"%012d","data":%s}\n' "$5" "$6"
}

# because CODE QUANTITY AVAILABLE: code and reason of a refusal.
because() {
    case $1 in
    unknown-product) printf '"code":"%s","reason":"nothing was ever added to this product"' "$1" ;;
    out-of-stock) printf '"code":"%s","reason":"nothing is left"' "$1" ;;
    insufficient-stock) printf '"code":"%s","reason":"only %s left, %s asked"' "$1" "$3" "$2" ;;
    esac
}

# seen QUANTITY AVAILABLE SEQUENCE CODE: the data of a refusal.
seen() {
    printf '{"quantity":%s,"available":%s,"sequence":%s,%s}' "$1" "$2" "$3" "$(because "$4" "$1" "$2")"
}

# REQUEST PRODUCT QUANTITY and what else each message tells.
wanted() { message evbuy purchase.requested "$1" "$2" "{\"quantity\":$3}"; }
to_check() { message evtask stockcheck.requested "$1" "$2" "{\"quantity\":$3}"; }
# ... AVAILABLE SEQUENCE
available() {
    message evcheck stock.available "$1" "$2" "{\"quantity\":$3,\"available\":$4,\"sequence\":$5}"
}
# ... AVAILABLE SEQUENCE CODE [SERVICE]
unavailable() { message "${7:-evcheck}" stock.unavailable "$1" "$2" "$(seen "$3" "$4" "$5" "$6")"; }
# ... SEQUENCE [SERVICE]
to_order() {
    message "${5:-evorder}" order.requested "$1" "$2" "{\"quantity\":$3,\"sequence\":$4}"
}
# ... ORDER
created() { message evcreate order.created "$1" "$2" "{\"quantity\":$3,\"order\":\"$4\"}"; }
# ... AVAILABLE CODE
failed() { message evfail order.failed "$1" "$2" "{\"quantity\":$3,$(because "$5" "$3" "$4")}"; }

# The same for results: ... ORDER, and ... AVAILABLE CODE
result_created() {
    printf '{"request":"%s","status":"created","product":"%s","quantity":%s,"order":"%s","time":"%s"}\n' \
        "$1" "$2" "$3" "$4" "${at:-$now}"
}
result_failed() {
    printf '{"request":"%s","status":"failed","product":"%s","quantity":%s,%s,"time":"%s"}\n' \
        "$1" "$2" "$3" "$(because "$5" "$3" "$4")" "${at:-$now}"
}

# state PRODUCT SEQUENCE ADDED REMOVED SOLD RETURNED REFUSED: what evreplay says.
state() {
    printf '{"product":"%s","sequence":%s,"available":%s,"added":%s,"removed":%s,"sold":%s' \
        "$1" "$2" $(($3 + $6 - $4 - $5)) "$3" "$4" "$5"
    printf ',"returned":%s,"refused":%s,"time":"%s"}\n' "$6" "$7" "${at:-$now}"
}

# -- doing ---------------------------------------------------------------------------

# feed TEXT COMMAND...: the command with TEXT as its whole standard input.
feed() { printf '%s' "$1" | "${@:2}"; }

# stock PRODUCT QUANTITY [UUID]: goods that come in.
stock() { evstock add -u "${3:-$g1}" -- "$1" "$2" >/dev/null; }

# buy PRODUCT QUANTITY REQUEST: the whole flow in one pipe.
buy() { evbuy -u "$3" -- "$1" "$2" | flow; }
flow() { evtask | evcheck | evorder | evfail | evcreate; }

# summed: events without sums to lines of a journal.
summed() { python3 -S -E "$tests/sums.py"; }

# sql [-readonly] FILE SQL...: what sqlite3(1) prints.
sql() { python3 -S -E "$tests/sql.py" "$@"; }

# sanitized: the commands are, which makes them slow and large.
sanitized() { grep -q __asan_init "$(command -v evbuy)"; }

# -- looking -------------------------------------------------------------------------

# is TEXT EXPECTED: no process is started if it is.
is() { [ "$1" = "$2" ] || diff -u --label expected --label found <(printf '%s\n' "$2") <(printf '%s\n' "$1"); }

# holds FILE EXPECTED: the file holds exactly these lines.
holds() {
    local text
    # A NUL byte would end it before its end.
    if IFS= read -r -d '' text <"$1" || [ "$text" != "$2"$'\n' ]; then
        diff -u --label expected --label "$1" <(printf '%s\n' "$2") "$1"
    fi
}

# chained FILE: every sum in it is right.
chained() { sed -E 's/,"sum":"[0-9a-f]{16}"\}$/}/' "$1" | summed | cmp - "$1"; }

# content [DIRECTORY]: all that a store remembers; not what is derived, nor what is empty.
content() {
    find "${1:-evstore}" -path '*/index' -prune -o -type d -o -empty -o -printf '%P %y %l\n' -type f \
        -exec sha256sum {} + | sort
}

# outcomes [DIRECTORY]: the same without dead letters, which a rerun may add to.
outcomes() { content "$@" | grep -v -e '^dead/' -e '/dead/'; }

# dead COMMAND: how many lines it put aside.
dead() {
    if [ -e "evstore/dead/$1.ndjson" ]; then wc -l <"evstore/dead/$1.ndjson"; else echo 0; fi
}

# nothing_dead: no line was put aside.
nothing_dead() { [ -z "$(find evstore/dead -type f 2>/dev/null)" ]; }

# without_reader COMMAND...: with a pipe for standard output that nobody reads any more.
without_reader() {
    mkfifo unread
    # Opened for both, so that opening does not wait; then only the writing end stays.
    exec 8<>unread 9>unread 8<&-
    "$@" >&9
}

# Each script in examples/ runs as it stands and shows what it promises.
# shellcheck disable=SC2154 # bats sets stderr
# shellcheck disable=SC2016 # what looks like an expansion is text here
bats_require_minimum_version 1.5.0

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    EV_BIN=$(cd "${EV_BIN:-$root/bin}" && pwd)
    export EV_BIN
    PATH=$EV_BIN:$PATH
    unset EV_STORE EV_NOW COLUMNS
    examples=$root/examples
    cd "$BATS_TEST_TMPDIR" || return
}

# machine COMMAND...: a directory for PATH that holds these commands alone.
machine() {
    mkdir machine
    local command
    for command in "$@"; do
        ln -s "$(command -v "$command")" machine/
    done
}

# stub NAME: a command in the machine that logs how it was called, then runs
# standard input as its body.
stub() {
    { printf '#!/bin/sh\necho "%s $*" >>"%s/calls"\n' "$1" "$PWD"; cat; } >"machine/$1"
    chmod +x "machine/$1"
}

@test "quickstart sells what there is, refuses the rest and changes nothing when run again" {
    run -0 --separate-stderr sh "$examples/quickstart"
    [ "$stderr" = '' ]
    [ "$(grep -cE '^(MUG|LAMP) [145]: created, order [0-9a-f-]{36}$' <<<"$output")" -eq 4 ]
    grep -qx 'TEAPOT 1: failed, code unknown-product' <<<"$output"
    grep -qx 'MUG 3: failed, code insufficient-stock' <<<"$output"
    grep -qx 'LAMP 1: failed, code out-of-stock' <<<"$output"
    [ "$(grep -cE '^MUG +4 +1 +10 ' <<<"$output")" -eq 2 ]
}

@test "pipe shows outcomes, the messages between and a batch" {
    run -0 --separate-stderr "$examples/pipe"
    [ "$stderr" = '' ]
    [ "$(grep -c '  order.created  [0-9a-f-]\{36\}$' <<<"$output")" -eq 2 ]
    grep -q '  order.failed  only 2 left, 4 asked$' <<<"$output"
    grep -q '^stockcheck.requested  {"quantity":2}$' <<<"$output"
    grep -q '^stock.available  {"quantity":2,"available":2,"sequence":4}$' <<<"$output"
    grep -q '^ *100 order.failed  out-of-stock$' <<<"$output"
}

@test "fifos: two hundred purchases, ninety pieces, none too many" {
    run -0 --separate-stderr "$examples/fifos"
    [ "$stderr" = '' ]
    grep -q '^ *60 85123A  order.created ' <<<"$output"
    grep -q '^ *40 85123A  order.failed  out-of-stock$' <<<"$output"
    grep -q '^ *15 71053  order.created ' <<<"$output"
    grep -q '^ *85 71053  order.failed  out-of-stock$' <<<"$output"
}

@test "files: the second and third run of every stage change nothing" {
    run -0 --separate-stderr "$examples/files"
    [ "$stderr" = '' ]
    grep -q 'not a byte of the store has changed' <<<"$output"
    grep -q 'After more stock and a third run: same outcomes still' <<<"$output"
    grep -qE '^ *6 first/outcomes$' <<<"$output"
}

@test "read-models: each line says what was sold, left or refused, or that it is skipped" {
    run -0 --separate-stderr "$examples/read-models"
    [ "$stderr" = '' ]
    mlr='  MUG 3 9 4
  LAMP 1 4 4'
    sql='  LAMP 1
  TEAPOT 1'
    command -v mlr >/dev/null || mlr='  skipped: mlr is not installed'
    command -v sqlite3 >/dev/null || sql='  skipped: evproject or sqlite3 is not installed'
    diff - <(printf '%s\n' "$output") <<OUTPUT
jq: what is left
  LAMP 0
  MUG 3
  TEAPOT 0
jq: orders and pieces of each day
  2026-01-28 2 6
  2026-01-29 1 3
  2026-01-30 1 4
jq: what could have been sold, by why not
  insufficient-stock 7
  out-of-stock 2
  unknown-product 1
awk: what sells best
  MUG 9
  LAMP 4
awk: mugs left at the end of each day
  2026-01-28 10
  2026-01-29 7
  2026-01-30 3
mlr: orders, pieces and the largest order of each product
$mlr
SQL: what is wanted, and nothing is left of it
$sql
OUTPUT
}

@test "retail runs months in order, returns after purchases, with the stock rounded up" {
    gzip >shop.ndjson.gz <<'DATA'
{"at":"2010-12-01T08:26:00Z","invoice":"1","product":"A","quantity":4}
{"at":"2010-12-01T08:27:00Z","invoice":"2","product":"A","quantity":3}
{"at":"2010-12-02T08:27:00Z","invoice":"C3","product":"A","quantity":-2}
{"at":"2011-01-02T08:27:00Z","invoice":"4","product":"A","quantity":2}
{"at":"2011-01-02T08:28:00Z","invoice":"5","product":"BANK CHARGES","quantity":1}
{"at":"2011-01-02T08:29:00Z","invoice":"C6","product":"D","quantity":-1}
DATA
    run -0 --separate-stderr "$examples/retail" shop.ndjson.gz shop
    grep -qE '^2010-12 +2 purchases .* 1 returns ' <<<"$output"
    grep -qE '^purchases +4 ' <<<"$output"
    grep -qE '^orders +3$' <<<"$output"
    grep -qE '^refusals +1$' <<<"$output"
    # A: 60% of 9 is 5.4, so 6.  Four go, three are refused, two come back, two go.
    run -0 evreplay -d shop/evstore
    [ "$(jq -c '[.product, .available, .added, .sold, .returned, .refused]' <<<"$output")" = \
'["A",2,6,6,2,1]
["BANK CHARGES",0,1,1,0,0]
["D",1,0,0,1,0]' ]
}

@test "retail a second time in the same place changes nothing" {
    gzip >shop.ndjson.gz <<'DATA'
{"at":"2010-12-01T08:26:00Z","invoice":"1","product":"A","quantity":4}
{"at":"2010-12-02T08:27:00Z","invoice":"C3","product":"A","quantity":-2}
DATA
    run -0 "$examples/retail" shop.ndjson.gz shop
    before=$(find shop/evstore -type f ! -path '*/index/*' -exec sha256sum {} + | sort)
    run -0 "$examples/retail" shop.ndjson.gz shop
    [ "$(find shop/evstore -type f ! -path '*/index/*' -exec sha256sum {} + | sort)" = "$before" ]
}

@test "retail says which line is not an order line, and sells nothing" {
    printf '%s\n' '{"at":"2010-12-01T08:26:00Z"}' | gzip >shop.ndjson.gz
    run -65 --separate-stderr "$examples/retail" shop.ndjson.gz shop
    grep -q '^retail: line 1: not an order line$' <<<"$stderr"
    [ ! -e shop/evstore ]
}

@test "retail without a file is a usage error" {
    run -64 "$examples/retail"
}

@test "every example is listed, and every one listed is there" {
    listed=$(sed -n 's/^- `\([a-z-]*\)[` /].*/\1/p' "$examples/README.md" | sort)
    [ "$listed" = "$(cd "$examples" && printf '%s\n' * | grep -v README.md)" ]
}

@test "install-packages asks for nothing when nothing is missing" {
    machine sh id cc make pkg-config env
    stub apt-get <<<'exit 1'
    PATH=$PWD/machine run -0 "$root/.ci/install-packages" build
    [ "$output" = '' ]
    [ ! -e calls ]
}

@test "install-packages installs what is missing and nothing else" {
    machine sh id cc pkg-config env ln chmod cat
    stub sudo <<<'[ "$1" != -n ] || shift; exec "$@"'
    stub apt-get <<BODY
case \$* in *install*) ln -s "$(command -v make)" "$PWD/machine/make" ;; esac
BODY
    PATH=$PWD/machine run -0 "$root/.ci/install-packages" build
    grep -qx 'apt-get -qq update' calls
    grep -q '^apt-get .*install make$' calls
    [ "$(grep -c ^apt-get calls)" -eq 2 ]
}

@test "install-packages tries apt-get update once more, then gives up" {
    machine sh id cc pkg-config env
    stub sudo <<<'[ "$1" != -n ] || shift; exec "$@"'
    stub apt-get <<<'exit 100'
    PATH=$PWD/machine run -69 "$root/.ci/install-packages" build
    [ "$(grep -c '^apt-get -qq update$' calls)" -eq 2 ]
    [[ $output = *'update failed twice; still missing: make'* ]]
}

@test "install-packages says what to install where there is no apt-get" {
    machine sh id cc make env
    PATH=$PWD/machine run -69 "$root/.ci/install-packages" build
    [[ $output = *'no apt-get'*'still missing: pkg-config libjansson-dev uuid-dev libxxhash-dev'* ]]
}

@test "install-packages goes on without what is only wanted, if it cannot be had" {
    machine sh id cc make env
    stub pkg-config <<<'case $* in *sqlite3* | *ncursesw*) exit 1 ;; esac'
    PATH=$PWD/machine run -0 "$root/.ci/install-packages" build
    is='install-packages: there is no apt-get on this system; goes on without: libsqlite3-dev libncurses-dev'
    [ "$output" = "$is" ]
    PATH=$PWD/machine run -69 "$root/.ci/install-packages" test
}

@test "install-packages wants to know for what" {
    run -64 "$root/.ci/install-packages"
    run -64 "$root/.ci/install-packages" everything
}

@test "serve: five services until it is told to stop" {
    export EV_STORE=$PWD/evstore
    env --default-signal=INT "$examples/serve" 2>errors & serve=$!
    evstock add 85123A 10 >stocked
    request=$(evbuy -s 85123A 6)
    evresult -w 300 "$request" | grep -q '"status":"created"'
    kill -INT "$serve"
    wait "$serve"
    [ ! -s errors ]
    for topic in purchase.requested/groups/evtask order.requested/groups/evcreate; do
        grep -q '^{"offset":1,' "evstore/topics/$topic/0.offset"
    done
}

@test "serve: a service that dies ends the others, and is told" {
    export EV_STORE=$PWD/evstore
    "$examples/serve" & serve=$!
    until [ -n "$(pgrep -P "$serve" evcreate)" ] && [ -n "$(pgrep -P "$serve" evorder)" ]; do :; done
    pkill -KILL -P "$serve" evorder
    code=0
    wait "$serve" || code=$?
    [ "$code" -eq 137 ]
}

@test "subscriber: each caller is told its order number, however often; a bad message is put aside" {
    export EV_STORE=$PWD/evstore
    evstock add 85123A 10 >stocked
    first=$(evbuy -s 85123A 6)
    evbuy -s 85123A 6 >refused
    second=$(evbuy -s 85123A 2)
    run -0 "$examples/cron/drain"
    run -0 --separate-stderr "$examples/subscriber" told --drain
    [ "$output$stderr" = '' ]
    [ "$(ls -A told)" = "$(printf '%s\n' "$first" "$second" | sort)" ]
    for request in "$first" "$second"; do
        [ "$(cat "told/$request")" = "$(evresult "$request" | jq -r .order)" ]
    done
    # Once more, all of it, behind something that is no order.
    echo '{"correlationid":"../../elsewhere","data":{"order":"x"}}' | evtopic publish order.created
    evtopic seek subscriber order.created first >sought
    rm -r told
    run -65 "$examples/subscriber" told --drain --tries 1
    [ "$(ls -A told)" = "$(printf '%s\n' "$first" "$second" | sort)" ]
    run -0 evtopic check --dead 1
    run -64 "$examples/subscriber"
}

@test "cron: drain carries a request from its submission to its result" {
    export EV_STORE=$PWD/evstore
    "$examples/cron/drain"
    evstock add 85123A 10 >stocked
    request=$(evbuy -s 85123A 6)
    run -0 "$examples/cron/drain"
    run -0 evresult "$request"
    echo bad | evtopic publish order.requested
    run -65 "$examples/cron/drain"
    run -0 "$examples/cron/drain"
}

@test "cron: each line of the crontab has five fields of time and a command that works" {
    export EV_STORE=$PWD/evstore HOME=$PWD
    cp "$examples/cron/drain" .
    evstock add 85123A 10 >stocked
    evbuy -s 85123A 6 >submitted
    count=0
    while read -r minute hour day month weekday command; do
        for field in "$minute" "$hour" "$day" "$month" "$weekday"; do [[ $field =~ ^(\*|[0-9]+)$ ]]; done
        [[ $command != *%* ]]       # to cron a newline
        run env -u EV_BIN sh -c "$command"
        [ "$output" = '' ]
        count=$((count + 1))
    done < <(grep -v -e '^#' -e '^$' -e '^[A-Z_]*=' "$examples/cron/crontab")
    [ "$count" -eq 6 ]
    # The first carried the request on, the fifth wrote the states.
    run -0 evresult "$(cat submitted)"
    [ -s evaudit.mark ]
    [[ $(cat states.ndjson) = '{"product":"85123A",'*'"sold":6,'* ]]
}

@test "systemd: the units are in form, and start commands that there are" {
    command -v systemd-analyze >/dev/null || skip 'systemd is not installed'
    mkdir units
    ln -s "$EV_BIN" commands            # a unit takes no blank in a path
    cp "$examples/systemd/eventdemo.target" units/
    for service in evtask evcheck evorder evfail evcreate; do
        grep -q "eventdemo@$service.service" units/eventdemo.target
        sed "s|/usr/local/bin/|$PWD/commands/|; /^Documentation=/d" "$examples/systemd/eventdemo@.service" \
            >"units/eventdemo@$service.service"
        run -0 systemd-analyze verify --man=no "$PWD/units/eventdemo@$service.service"
        [ "$output" = '' ]
    done
}

@test "shop: of two that want the last piece, the naive one sells it to both, the careful one to one" {
    command -v python3 >/dev/null
    cat >twice <<'END'
import importlib.machinery, importlib.util, sys, threading
loader = importlib.machinery.SourceFileLoader("shop", sys.argv[1])
shop = importlib.util.module_from_spec(importlib.util.spec_from_loader("shop", loader))
loader.exec_module(shop)

class Met:
    """A connection that waits for the other one before its statement of that number."""
    def __init__(self, number, barrier):
        self.database, self.number, self.barrier = shop.connect("shop.db"), number, barrier
    def execute(self, *words):
        self.number -= 1
        if self.number == 0:
            self.barrier.wait(300)
        return self.database.execute(*words)

for sell, number in ((shop.naive, 2), (shop.careful, 1)):
    shop.connect("shop.db").executescript("DROP TABLE IF EXISTS stock; DROP TABLE IF EXISTS orders;"
        + shop.SCHEMA + "INSERT INTO stock VALUES ('MUG', 1)")
    barrier, answers = threading.Barrier(2), []
    def buy(name):
        answers.append(sell(Met(number, barrier), {"request": name, "product": "MUG", "quantity": 1})["status"])
    both = [threading.Thread(target=buy, args=(name,)) for name in ("one", "other")]
    for one in both: one.start()
    for one in both: one.join()
    print(sell.__name__, *sorted(answers), *shop.connect("shop.db").execute("SELECT count(*) FROM orders").fetchone())
END
    PYTHONDONTWRITEBYTECODE=1 run -0 --separate-stderr timeout 600 python3 twice "$examples/traditional/shop"
    [ "$stderr" = '' ]
    [ "$output" = "$(printf '%s\n' 'naive created created 2' 'careful created failed 1')" ]
}

# How much the naive one oversells depends on how long the disk takes: on a fast one, perhaps nothing.
@test "compare: what is told is so, and nothing is oversold, but by the naive shop" {
    command -v python3 >/dev/null
    run -0 --separate-stderr python3 "$examples/compare" --clients 8 --ramp 0.2 --buys 15 --svg answers.svg
    [ "$stderr" = '' ]
    [[ "${lines[0]}" =~ ^\ +careful\ +naive\ +event-driven$ ]]
    grep -qE '^answers +120 +120 +120$' <<<"$output"
    grep -qE '^pieces sold +60 +[0-9]+ +60$' <<<"$output"
    grep -qE '^pieces oversold +0 +[0-9]+ +0$' <<<"$output"
    grep -qE '^orders told and not there +0 +[0-9]+ +0$' <<<"$output"
    grep -qE '^requests ordered twice +0 +[0-9]+ +0$' <<<"$output"
    grep -qE '^pieces gone, or back, without an order +0 +[0-9]+ +0$' <<<"$output"
    [ "$(grep -o '<circle' answers.svg | wc -l)" -eq 360 ]
}

@test "tour: runs through in 80 columns, and all is as it says" {
    EV_TOUR_EVENTS=2000 run -0 --separate-stderr "$examples/tour" --auto there
    [ -z "$(awk 'length > 80' <<<"$output")" ]
    [ "$(grep -cE '^[0-9]+\. ' <<<"$output")" -eq 15 ]
    for line in '["order.created","MUG",4]' 'the same bytes' '      1 order.created' '     19 order.failed' \
        'exit 1' '[2,6]' '["torn","evstore/journal/MUG.ndjson:11","{\"specversion\":\"1.0\",\"id"]' 'exit 65' \
        '2 journals, 32 events, 9 orders: 0 damaged' '[2000,2000]' "The store is in $PWD/there: play with it."; do
        grep -qxF -e "$line" <<<"$output"
    done
    grep -qx 'It takes [0-9.]*[KM], which nobody deletes but you\.' <<<"$output"
    [ "$(grep -c '^\["order.failed","only 6 left, 7 asked"\]$' <<<"$output")" -eq 2 ]
    [ "$(grep '^\["order.created","[0-9a-f-]\{36\}"\]$' <<<"$output" | sort | uniq -c | awk '{ print $1 }')" = 3 ]
    [ "$(grep -c '^\["created","MUG"\]$' <<<"$output")" -eq 6 ]
    grep -q 'MUG.ndjson:2: sum: does not match' <<<"$stderr"
    # Nothing of it runs on.
    [ -z "$(find /proc/[0-9]*/cwd -lname "$PWD/there*" 2>/dev/null)" ]
    EV_STORE=there/evstore evreplay --verify
    run -73 "$examples/tour" --auto there
    [ "$output" = "tour: there/evstore: there is a store already" ]
}

@test "tour: waits for keys, at a terminal with colour or without; q ends it" {
    for colour in '' 1; do
        NO_COLOR=$colour script -qec "'$examples/tour' there$colour" typed <<<' q' >/dev/null
        grep -q 'The flow is a pipe' typed
        run ! grep -q 'the same bytes' typed
        grep -q "The store is in $PWD/there$colour: play with it" typed
        run grep -q $'\e\\[1m' typed
        [ "$status" -eq $((0$colour)) ]
        rm -rf "there$colour"
    done
}

@test "course: each exercise has a solution, and it is right" {
    "$examples/course/prepare" shop
    cd shop
    export EV_STORE=evstore
    [ "$(grep -cE '^[0-9]+\. ' "$examples/course/README.md")" -eq "$(find "$examples/course/solutions" -type f | wc -l)" ]
    for number in {1..10}; do
        "$examples/course/solutions/$number" >answer
        case $number in
        1) cmp answer <(printf '%s\n' 5 5) ;;
        2)
            printf '%s\n' 'only 7 left, 8 asked, at sequence 4' '00000000-0000-4000-8000-000000000101 4' \
                '00000000-0000-4000-8000-000000000103 6' '00000000-0000-4000-8000-000000000004 3' | cmp answer -
            ;;
        3) cmp answer <(echo 4) ;;
        4) printf '%s\n' 'not a byte has changed' 'the answers are the same' | cmp answer - ;;
        5) printf '%s\n' '1 order.created' '19 order.failed' | cmp answer - ;;
        6) cmp answer <(echo 'the same, byte for byte') ;;
        7) printf '%s\n' '["order.created",2]' '["kept",6]' | cmp answer - ;;
        8)
            printf '%s\n' '2026-03-02 CUP 2' '2026-03-02 TEA 4' '2026-03-03 POT 1' '2026-03-03 TEA 6' \
                '2026-03-04 CUP 6' '2026-03-05 TEA 7' '2026-03-06 CUP 3' '2026-03-06 TEA 5' | cmp answer -
            ;;
        9) printf '%s\n' 'CUP.ndjson:1: sum' '1 journals, 4 events: 0 damaged' | cmp answer - ;;
        10) cmp answer <(printf '%s\n' 1 4) ;;
        esac
    done
    evaudit
}

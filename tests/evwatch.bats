# evwatch: one look as text, and the live screen on a terminal.
load lib
load spare
load served

setup() {
    start
    command -v evwatch >/dev/null || skip 'evwatch is left out of the build'
    unset COLUMNS NO_COLOR
    # It has another screen and colours, and no short form for characters that are repeated.
    export TERM=screen
}

# second N: the clock stands there.
second() { export EV_NOW=2026-01-31T09:30:0$1.000000Z at=2026-01-31T09:30:0$1.000000Z; }

# want NUMBER PRODUCT QUANTITY: a request of that number is submitted.
want() { wanted "${r1%1}$1" "$2" "$3" | evtopic publish purchase.requested >/dev/null; }

# shop: four purchases of three pieces, of which there are ten; one that waits.
shop() {
    local n
    second 0
    stock 85123A 10
    for n in 1 2 3 4; do
        second "$n"
        want "$n" 85123A 3
        drain_all
    done
    second 6
    want 5 22752 1
    second 8
}

# once OPTION...: what it prints, in $output; it has nothing to say.
once() { run -0 --separate-stderr evwatch --once "$@" && is "$stderr" ''; }

# played WORD... -- OPTION...: the user of tests/screen.py at evwatch; how it ended is in $output.
played() {
    local words=()
    while [ "$1" != -- ]; do words+=("$1"); shift; done
    run -0 python3 "$tests/screen.py" "${words[@]}" -- evwatch "${@:2}"
}

kept=$'terminal as it was\nscreen left'

@test "one look: topics, rates, lag, stock as it changed, the newest messages first" {
    shop
    once
    is "$output" "evwatch  ./evstore                                          2026-01-31 09:30:08Z
results  0.4 a second: 0.3 created, 0.1 failed

topic                 a second  group         behind  seconds  lane:worker
purchase.requested         0.5  evtask             1        2  0:-
stockcheck.requested       0.4  evcheck            0        0  0:-
stock.available            0.3  evorder            0        0  0:-
stock.unavailable          0.1  evfail             0        0  0:-
order.requested            0.3  evcreate           0        0  0:-
order.created              0.3  -
order.failed               0.1  -

product                   stock  as it changed
85123A                        1  #+-_
22752                   unknown

time          type                  quantity  product         request
09:30:06.000  purchase.requested           1  22752           5e8a4c1d-2b7f-4d3~
09:30:04.000  order.failed                 3  85123A          5e8a4c1d-2b7f-4d3~
09:30:04.000  stock.unavailable            3  85123A          5e8a4c1d-2b7f-4d3~
09:30:04.000  stockcheck.requested         3  85123A          5e8a4c1d-2b7f-4d3~
09:30:04.000  purchase.requested           3  85123A          5e8a4c1d-2b7f-4d3~
09:30:03.000  order.created                3  85123A          5e8a4c1d-2b7f-4d3~
09:30:03.000  order.requested              3  85123A          5e8a4c1d-2b7f-4d3~
09:30:03.000  stock.available              3  85123A          5e8a4c1d-2b7f-4d3~
09:30:03.000  stockcheck.requested         3  85123A          5e8a4c1d-2b7f-4d3~
09:30:03.000  purchase.requested           3  85123A          5e8a4c1d-2b7f-4d3~
09:30:02.000  order.created                3  85123A          5e8a4c1d-2b7f-4d3~
09:30:02.000  order.requested              3  85123A          5e8a4c1d-2b7f-4d3~
09:30:02.000  stock.available              3  85123A          5e8a4c1d-2b7f-4d3~
09:30:02.000  stockcheck.requested         3  85123A          5e8a4c1d-2b7f-4d3~
09:30:02.000  purchase.requested           3  85123A          5e8a4c1d-2b7f-4d3~
09:30:01.000  order.created                3  85123A          5e8a4c1d-2b7f-4d3~"
    # Wider: the whole request, and a product that needs it.
    COLUMNS=120 once
    is "${lines[14]}" "09:30:06.000  purchase.requested           1  22752                                 ${r1%1}5"
    # In UTF-8 the steps are blocks; what is gone from the last ten seconds is gone from the rates.
    export EV_NOW=2026-01-31T09:30:14.000000Z
    LC_ALL=C.UTF-8 once
    is "${lines[1]}" 'results  0.1 a second: 0.0 created, 0.1 failed'
    is "${lines[11]}" '85123A                        1  █▆▃▁'
}

@test "messages of a product, of a request, of both; a product without messages" {
    shop
    stock 71053 7 "$g2"
    once --product 22752
    is "${lines[2]}" 'messages only of  22752'
    is "${lines[12]}" '22752                   unknown'
    is "${#lines[@]}" 15
    once --request "${r1%1}4"
    is "${#lines[@]}" 18
    is "${lines[14]}" '09:30:04.000  order.failed                 3  85123A          5e8a4c1d-2b7f-4d3~'
    is "${lines[17]}" '09:30:04.000  purchase.requested           3  85123A          5e8a4c1d-2b7f-4d3~'
    once --request "${r1%1}4" --product 22752
    is "${lines[2]}" "messages only of  ${r1%1}4, 22752"
    is "${lines[14]}" 'no message'
    once --product 71053
    is "${lines[12]}" '71053                         7  ='
    is "${lines[14]}" 'no message'
}

@test "what is older than the end of a lane is not read; a filter reads further back" {
    stock 85123A 10
    # Its time would put it before all others.
    { at=$later wanted "$r1" old 1; purchases 1 400 | evbuy; } | evtopic publish purchase.requested >/dev/null
    once --product old
    [[ $output = *' old '* ]]
    once
    [[ $output != *old* && $output = *'P0 '* ]]
    # Segments are small: the end of the lane is in the last two of them.
    lanes stockcheck.requested 1 65536
    purchases 1 400 | evbuy | evtask | evtopic publish stockcheck.requested >/dev/null
    once
    [ "$(grep -c 'stockcheck.requested.*P0 ' <<<"$output")" -eq 16 ]
}

@test "a store with nothing, without topics, or none" {
    run -66 --separate-stderr evwatch --once
    is "$stderr" 'evwatch: ./evstore: no such store'
    mkdir evstore
    echo 'eventdemo 1' >evstore/format
    once
    is "$output" "evwatch  ./evstore                                          2026-01-31 09:30:00Z
results  0.0 a second: 0.0 created, 0.0 failed

topic                 a second  group         behind  seconds  lane:worker
no topic

product                   stock  as it changed

time          type                  quantity  product         request
no message"
}

@test "hostile text reaches the terminal as text; what is no message is shown, and counts for nothing" {
    { head -c 300000 /dev/zero | tr '\0' y; echo; } | evtopic publish notes >/dev/null
    printf '%s\n' $'\e[2J\a no message' '{"specversion":"1.0","id":"1","source":"\u001b[2J","type":"\u001b]0;x\u0007"}' \
        "$(wanted "$r1" '日本語日本語日本語日本語' 1)" >in
    evtopic publish notes <in >/dev/null
    wanted "$r2" 85123A 2 | evtopic publish notes >/dev/null
    # Nobody can have seen an event that is not there yet.
    stock 71053 7
    available "$r3" 71053 2 50 99 | evtopic publish notes >/dev/null
    LC_ALL=C.UTF-8 once
    LC_ALL=C grep -q $'[\001-\010\013-\037\177]' <<<"$output" && return 1
    is "${lines[5]}" '71053                         7  ▅'
    is "${lines[6]}" '85123A                  unknown'
    is "${lines[7]}" '日本語日本語日本語…     unknown'
    is "${lines[10]}" '09:30:00.123  purchase.requested           2  85123A          5e8a4c1d-2b7f-4d3…'
    is "${lines[11]}" '09:30:00.123  purchase.requested           1  日本語日本語…   5e8a4c1d-2b7f-4d3…'
    [[ $output = *$'\n-             ?]0;x?                {"specversion"'* ]]
    [[ $output = *$'\n-             no message            ?[2J? no message' ]]
    played see '?[2J? no message' see ' 85123A 5e8a4c1d' type q -- -i 0.1
    is "$output" $'ended by 0\n'"$kept"$'\ncolours yes'
}

@test "damage is told, and the rest is shown" {
    shop
    sed -i 's/"quantity":10/"quantity":11/' evstore/journal/85123A.ndjson
    run -65 --separate-stderr evwatch --once
    [[ $stderr = 'evwatch: ./evstore/journal/85123A.ndjson:1: sum: '* ]]
    is "${lines[11]}" '85123A                  damaged'
    is "${lines[14]}" '09:30:06.000  purchase.requested           1  22752           5e8a4c1d-2b7f-4d3~'
    flipped evstore/topics/purchase.requested/groups/evtask/0.{lock,offset}
    echo '{"lanes":x}' >evstore/topics/order.created/lanes
    run -65 --separate-stderr evwatch --once
    [[ $stderr = *'evwatch: ./evstore/topics/order.created/lanes: damaged'* ]]
    [[ $stderr = *'@purchase.requested: lane 0: the offset of the group evtask is damaged'* ]]
    is "${lines[3]}" 'purchase.requested         0.5  evtask             ?        ?  0:-'
    # On the screen the first of it is in the last line.
    played see 'damaged' see 'lanes: damaged' \
        type '\r' see 'evtrace: ./evstore/topics/order.created/lanes: damaged' type qq -- -i 0.1
    is "$output" $'ended by 0\n'"$kept"$'\ncolours yes'
}

@test "who reads a lane is named, while the process is there" {
    lanes purchase.requested 2
    serve evtask
    want 1 85123A 1
    want 2 22752 1
    want 3 71053 1
    eventually read_all evtask
    once
    [[ ${lines[3]} =~ ^purchase.requested\ +[0-9.]+\ +evtask\ +0\ +0\ +0:($pid|-)\ 1:($pid|-)$ ]]
    [[ ${lines[3]} = *":$pid"* ]]
    stop TERM "$pid"
    once
    [[ ${lines[3]} = *' 0:- 1:-' ]]
}

@test "misuse: no terminal, an interval out of range, operands, what is no product or request" {
    stock 85123A 1
    for given in '' '-i 0 --once' '-i 0.09 --once' '-i 86401 --once' '-i x --once' '--once 85123A' '--once --request 5e8a' \
        '--once --once' '--product a --product b --once'; do
        # shellcheck disable=SC2086
        run -64 --separate-stderr evwatch $given
        is "$output" ''
        [[ $stderr = 'evwatch: '* ]]
    done
    run -64 --separate-stderr evwatch --once --product ''
    run -64 --separate-stderr evwatch
    is "${stderr_lines[0]}" 'evwatch: standard input and output: not a terminal; --once prints to anything'
    if [ -w /dev/full ]; then
        run -74 --separate-stderr eval 'evwatch --once >/dev/full'
        is "$stderr" 'evwatch: standard output: No space left on device'
    fi
}

@test "the screen: help, pause, a filter, a trace, quit; the terminal is as it was" {
    shop
    local third=${r1%1}3
    played see 'order.failed 3 85123A' see '? help' \
        type '?' see 'what happened to its request' see 'q back' type q gone 'q back' \
        type p see paused type ' ' gone paused \
        type j see "${r1%1}5 @purchase.requested/0:4 /eventdemo/evbuy" type j see "${r1%1}4 @order.failed/0:0" \
        type '\r' see '|- purchase.refused' see 'failed: 3 of 85123A, insufficient-stock: only 1 left, 3 asked' \
        type '\033' see "${r1%1}4 @order.failed/0:0" type '\033OA' see "${r1%1}5 @purchase" type '\033' see '? help' \
        type '/22753' see 'product or request: 22753' type '\1772\r' see 'messages only of 22752' gone 85123A \
        type "/${third^^}\\r" see "messages only of ${r1%1}3" gone 'purchase.requested 1 22752' see 'order.created 3 85123A' \
        type '/none\033' see "messages only of ${r1%1}3" type '/\r' gone 'messages only' see '22752 unknown' \
        type q -- -i 0.1
    is "$output" $'ended by 0\n'"$kept"$'\ncolours yes'
}

@test "the screen shows what comes, and a store that goes" {
    shop
    unset EV_NOW at
    # While it pauses, nothing; what was shown is not shown again.
    export want_more="evbuy -u $r4 20725 2 | evtopic publish purchase.requested"
    # shellcheck disable=SC2016 # for the shell of the driver
    played see '22752 unknown' type p see paused run 'eval "$want_more" >out' see paused see paused see paused see paused \
        gone 20725 type p see '20725 unknown' \
        see 'purchase.requested 2 20725 5e8a4c1d-2b7f-4d3~ 09:30:06.000 purchase.requested 1 22752 5e8a4c1d-2b7f-4d3~ 09:30:04' \
        run 'evstock add 20725 9 >out' see '20725 9' \
        size 80 80 see '09:30:01.000 purchase.requested 3 85123A 5e8a4c1d-2b7f-4d3~ q quit' run 'mv evstore gone; rm -r gone' see 'no topic' type q -- -i 0.1
    is "$output" $'ended by 0\n'"$kept"$'\ncolours yes'
}

@test "marks stand on their letters; what orders how others are shown is left out" {
    local product n=0
    second 0
    for product in $'e\u0301a' $'\u0939\u093f\u0928\u094d\u0926\u0940' $'a\u202eb\u200bc'; do
        want $((++n)) "$product" 1
    done
    LC_ALL=C.UTF-8 played see $' e\u0301a ' see $' \u0939\u093f\u0928\u094d\u0926\u0940 ' see ' abc ' type q --
    is "${lines[0]}" 'ended by 0'
}

@test "any size, changed at any time; product and request from the start; no colours" {
    shop
    # The terminal's own size counts, whatever a shell has noted of it.
    COLUMNS=30 LINES=5 NO_COLOR=1 played see '85123A 1 #+-_' size 10 100 see 'and 7 more' gone 'order.created 0' \
        size 3 30 see 'evwatch' gone request size 1 1 size 2 10 size 50 200 see "order.created 3 85123A ${r1%1}1" \
        size 24 80 see '? help' type q -- --product 85123A --request "${r1%1}1"
    is "$output" $'ended by 0\n'"$kept"$'\ncolours no'
}

@test "a signal ends it as signals do; the terminal is as it was" {
    shop
    for signal in TERM INT HUP QUIT; do
        played see '? help' kill "$signal" --
        is "$output" "ended by SIG$signal"$'\n'"$kept"$'\ncolours yes'
    done
    # Ctrl-S does not hold it up.
    played see '? help' type '\023' type p see paused kill TERM --
    is "$output" $'ended by SIGTERM\n'"$kept"$'\ncolours yes'
    # By a key of the terminal, in a trace; one that is stopped goes on.
    played see '? help' type '\r' see 'not finished' type '\003' --
    is "$output" $'ended by SIGINT\n'"$kept"$'\ncolours yes'
}

@test "a terminal that cannot show a screen is told of" {
    shop
    for TERM in dumb nonesuch ''; do
        played --
        [[ $output = $'ended by 69\nterminal as it was\nscreen not left\ncolours no\nsaid evwatch: the terminal is unknown, or cannot show a screen' ]]
    done
    played -- -d nowhere
    [[ $output = $'ended by 66\nterminal as it was\n'*'said evwatch: nowhere: no such store' ]]
}

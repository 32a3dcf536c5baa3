# evtrace: what happened to requests, and where they stand.
# Each test is a subshell of its own; a backslash before a quote is one.
# shellcheck disable=SC2030,SC2031,SC1003
load lib
load served

# clock MILLISECONDS: it stands there.
clock() { printf -v EV_NOW '2026-01-31T09:30:00.%03d000Z' "$1"; }

# asked REQUEST PRODUCT QUANTITY: the request is in its topic.
asked() { at=$EV_NOW wanted "$@" | evtopic publish purchase.requested; }

# served: one request that is created, one that is refused on the way, each stage at its time.
served() {
    clock 0; stock 85123A 10
    clock 1; asked "$r1" 85123A 6; asked "$r2" 85123A 6
    clock 3; evtask --drain
    clock 7; evcheck --drain
    clock 10; evorder --drain
    clock 12; evfail --drain
    clock 20; evcreate --drain
}

# files: every file and directory of the store, what is in it, and when it was changed.
files() { find evstore -printf '%p %y %s %T@ %C@\n' | sort; }

# stands ARGUMENT...: how each purchase stands, a line each.
stands() { evtrace "$@" | grep -E '^(created|failed|taken back|not finished|stock\.[a-z]+|not a purchase):'; }

# steps ARGUMENT...: type and first place of each step, in the order of the tree.
steps() { evtrace --json "$@" | jq -r '.steps[] | .type + " " + (.places[0] // .kind)'; }

# squeezed: the output with single spaces.
squeezed() { tr -s ' ' <<<"$output"; }

# twice: a UUID for two products; the first has the order, the sale of the second is taken back.
twice() {
    clock 0; stock 85123A 10; stock 71053 10 "$g2"
    clock 1; buy 85123A 6 "$r1" >/dev/null
    clock 2
    run -65 buy 71053 5 "$r1"
}

# -- the tree --------------------------------------------------------------------------

@test "a served request: what caused what, after how long, and where it is" {
    served
    files >before
    run -0 --separate-stderr evtrace "$r1" "$r2"
    [ "$stderr" = '' ]
    is "$output" "$r1
2026-01-31T09:30:00.001000Z              purchase.requested         evbuy     @purchase.requested/0:0
2026-01-31T09:30:00.003000Z   +2.000 ms  \`- stockcheck.requested    evtask    @stockcheck.requested/0:0
2026-01-31T09:30:00.007000Z   +4.000 ms     \`- stock.available      evcheck   @stock.available/0:0
2026-01-31T09:30:00.010000Z   +3.000 ms        |- stock.sold        evorder   journal/85123A.ndjson:2
2026-01-31T09:30:00.010000Z                    |  \`- result         evcreate  results/$r1.json
2026-01-31T09:30:00.010000Z   +3.000 ms        \`- order.requested   evorder   @order.requested/0:0
2026-01-31T09:30:00.020000Z  +10.000 ms           \`- order.created  evcreate  orders.ndjson:1 @order.created/0:0
created: 6 of 85123A, order $o1

$r2
2026-01-31T09:30:00.001000Z             purchase.requested            evbuy    @purchase.requested/0:1
2026-01-31T09:30:00.003000Z  +2.000 ms  \`- stockcheck.requested       evtask   @stockcheck.requested/0:1
2026-01-31T09:30:00.007000Z  +4.000 ms     \`- stock.available         evcheck  @stock.available/0:1
2026-01-31T09:30:00.010000Z  +3.000 ms        \`- stock.unavailable    evorder  @stock.unavailable/0:0
2026-01-31T09:30:00.012000Z  +2.000 ms           |- purchase.refused  evfail   journal/85123A.ndjson:3
2026-01-31T09:30:00.012000Z                      |  \`- result         evfail   results/$r2.json
2026-01-31T09:30:00.012000Z  +2.000 ms           \`- order.failed      evfail   @order.failed/0:0
failed: 6 of 85123A, insufficient-stock: only 4 left, 6 asked"
    files | cmp before -
}

@test "what went through a pipe is shown as gone, and joins what is there" {
    clock 0; stock 85123A 10
    clock 5; buy 85123A 6 "$r1" >/dev/null
    clock 6; buy 85123A 9 "$r2" >/dev/null
    run -0 evtrace "${r1^^}" "$r2"
    is "$output" "$r1
                               stock.available                (gone through a pipe)
2026-01-31T09:30:00.005000Z    |- stock.sold        evorder   journal/85123A.ndjson:2
2026-01-31T09:30:00.005000Z    |  \`- result         evcreate  results/$r1.json
                               \`- order.requested             (gone through a pipe)
2026-01-31T09:30:00.005000Z       \`- order.created  evcreate  orders.ndjson:1
created: 6 of 85123A, order $o1

$r2
                               stock.unavailable            (gone through a pipe)
2026-01-31T09:30:00.006000Z    \`- purchase.refused  evfail  journal/85123A.ndjson:3
2026-01-31T09:30:00.006000Z       \`- result         evfail  results/$r2.json
failed: 9 of 85123A, insufficient-stock: only 4 left, 9 asked"
    # What it held is not known.
    [ "$(evtrace --json "$r1" "$r2" | jq '.steps[] | select(.kind == "pipe") | has("available", "seen")' | sort -u)" = false ]
    # What is asked for in a topic and goes on in a pipe is joined over what is between.
    clock 7; asked "$r3" 85123A 1
    evtask -i @purchase.requested | evcheck | evorder | evfail | evcreate >/dev/null
    run -0 steps "$r3"
    is "$output" "purchase.requested @purchase.requested/0:0
stockcheck.requested pipe
stock.available pipe
stock.sold journal/85123A.ndjson:4
result results/$r3.json
order.requested pipe
order.created orders.ndjson:2"
}

@test "one UUID for two products: the sale that was taken back, and the one that stands" {
    twice
    run -0 stands "$r1"
    is "$output" "created: 6 of 85123A, order $o1
taken back: 5 of 71053, because the UUID means another purchase"
    run -0 steps "$r1"
    is "$output" "stock.available pipe
stock.sold journal/85123A.ndjson:2
result results/$r1.json
order.requested pipe
order.created orders.ndjson:1
stock.available pipe
stock.sold journal/71053.ndjson:2
order.requested dead/evcreate.ndjson:1
stock.returned journal/71053.ndjson:3
put aside dead/evcreate.ndjson:1"
    run -0 evtrace --why "$r1"
    [[ $output = *'taken back: 5 of 71053'*'sold at sequence 2'*'10 were there, 5 were left.'*'given back at sequence 3'*'The UUID means 6 of 85123A, which was ordered.' ]]
    # The request is one of either product's.
    rm evstore/dead/evcreate.ndjson
    run -0 stands --product 71053
    is "$output" "created: 6 of 85123A, order $o1
taken back: 5 of 71053, because the UUID means another purchase"
}

@test "a change of stock has a UUID, too" {
    stock 85123A 10
    run -0 evtrace "$g1"
    is "$output" "$g1
$now    stock.added  evstock  journal/85123A.ndjson:1
stock.added: 10 of 85123A"
    # It is no purchase of the product.
    run -0 evtrace --product 85123A
    is "$output" ''
}

# -- where it stands ---------------------------------------------------------------------

@test "not finished: at each stage, the topic it waits in and what is before it" {
    stock 85123A 10
    asked "$r2" 71053 1; asked "$r1" 85123A 6
    run -0 stands "$r1"
    is "$output" 'not finished: 6 of 85123A, waiting in @purchase.requested/0:1, which no group reads yet'
    # Groups of others, until the service's own is there.
    evtask -i @purchase.requested -g other >/dev/null
    run -0 stands "$r1"
    [[ $output = *', read from @purchase.requested/0:1 by group other, and nothing is here of what came of it' ]]
    evtask --drain
    run -0 stands "$r1"
    is "$output" 'not finished: 6 of 85123A, waiting in @stockcheck.requested/0:1, which no group reads yet'
    evcheck --drain; evorder --drain
    asked "$r3" 85123A 1; asked "$r4" 85123A 1
    run -0 stands "$r1" "$r2" "$r3" "$r4"
    is "$output" 'not finished: 6 of 85123A, sold but no order yet, waiting in @order.requested/0:0, which no group reads yet
not finished: 1 of 71053, waiting in @stock.unavailable/0:0, which no group reads yet
not finished: 1 of 85123A, waiting in @purchase.requested/0:2, 0 messages before it in group evtask
not finished: 1 of 85123A, waiting in @purchase.requested/0:3, 1 message before it in group evtask'
    # Read by its service, and what came of it is gone.
    evtask --drain; evcheck --drain
    rm -r evstore/topics/stock.available
    run -0 stands "$r4"
    is "$output" 'not finished: 1 of 85123A, read from @stockcheck.requested/0:3 by group evcheck, and nothing is here of what came of it'
}

@test "not finished: sold, and nothing else is known" {
    stock 85123A 10
    evbuy -u "$r1" 85123A 6 | evtask | evcheck | evorder >/dev/null
    run -0 stands "$r1"
    is "$output" 'not finished: 6 of 85123A, sold but no order yet'
}

@test "an outcome that has no result is told by the journal" {
    stock 85123A 10
    buy 85123A 6 "$r1" >/dev/null; buy 85123A 9 "$r2" >/dev/null
    rm -r evstore/results
    run -0 stands "$r1" "$r2"
    is "$output" "created: 6 of 85123A, order $o1 (no result is stored)
failed: 9 of 85123A, insufficient-stock: only 4 left, 9 asked (no result is stored)"
    # Nothing but one of many journals tells of the second.
    for product in a b c d; do stock "$product" 1 "$g2"; done
    rm evstore/orders.ndjson
    run -0 stands "$r2"
    is "$output" 'failed: 9 of 85123A, insufficient-stock: only 4 left, 9 asked (no result is stored)'
}

@test "put aside: by whom and why, until it is sent again" {
    stock 85123A 10
    run -0 buy 85123A 6 "$r1"
    asked "$r1" 85123A 7
    evtask --drain; evcheck --drain || [ $? -eq 65 ]
    run -0 stands "$r1"
    is "$output" "created: 6 of 85123A, order $o1
not finished: 7 of 85123A, put aside in dead/evcheck.ndjson:1: correlationid: means another purchase (stock.sold of 6, sequence 2)"
    evtopic redrive evcheck >/dev/null
    run -0 evtrace "$r1"
    [[ $output = *'@stockcheck.requested/0:0 dead/evcheck.ndjson:1 @stockcheck.requested/0:1'* || $output = *'@stockcheck.requested/0:0 @stockcheck.requested/0:1 dead/evcheck.ndjson:1'* ]]
    [[ $output = *'put aside'*'dead/evcheck.ndjson:1 (redriven): correlationid: '* ]]
    [[ $output = *'not finished: 7 of 85123A, waiting in @stockcheck.requested/0:1, 0 messages before it in group evcheck' ]]
}

@test "put aside: what is no message hangs on the line that was read, or stands alone" {
    { printf 'not JSON, but %s\n' "$r1"; printf '{"product":"","quantity":1,"request":"%s"}\n' "$r3"; } >in
    evtopic publish purchase.requested <in
    evtask --drain || [ $? -eq 65 ]
    evbuy <in >/dev/null || [ $? -eq 65 ]
    # Not UTF-8, so kept as base64; and its UUID in capitals.
    printf 'xx\xff%s\n' "${r2^^}" | evtask >/dev/null || [ $? -eq 65 ]
    run -0 evtrace "$r1" "$r2" "$r3"
    is "$(squeezed)" "$r1
 no message @purchase.requested/0:0: not JSON: invalid token near 'not'
$now \`- put aside evtask dead/evtask.ndjson:1: not JSON: invalid token near 'not'
$now put aside evbuy dead/evbuy.ndjson:1: not JSON: invalid token near 'not'
not a purchase: nothing that could be read as one

$r2
$now put aside evtask dead/evtask.ndjson:3: not UTF-8
not a purchase: nothing that could be read as one

$r3
 no message @purchase.requested/0:1: $(jq -r .reason evstore/dead/evtask.ndjson | sed -n 2p)
$now \`- put aside evtask dead/evtask.ndjson:2: $(jq -r .reason evstore/dead/evtask.ndjson | sed -n 2p)
$now put aside evbuy dead/evbuy.ndjson:2: $(jq -r .reason evstore/dead/evbuy.ndjson | sed -n 2p)
not a purchase: nothing that could be read as one"
}

@test "lines of others, forms of others: found and shown as they are" {
    {
        printf '{"specversion":"1.0","type":"invoice.sent","id":"17","source":"shop","correlationid":"%s","causationid":"%s/purchase.requested"}\n' "$r1" "$r1"
        # The same message with an escape in its UUID, and its members in another order.
        wanted "$r1" 85123A 1 | jq -c 'to_entries | reverse | from_entries' | sed 's/"5e8a/"\\u0035e8a/g'
        head -c 70000 /dev/zero | tr '\0' x; echo "$r1"
        head -c 300000 /dev/zero | tr '\0' y; echo "$r1"
        to_check "$r1" 85123A 1
    } | evtopic publish mixed
    run -0 evtrace "$r1"
    is "$(squeezed)" "$r1
 no message @mixed/0:2: longer than 65,536 bytes
$now purchase.requested evbuy @mixed/0:1
 |- invoice.sent shop @mixed/0:0
$now +0.000 ms \`- stockcheck.requested evtask @mixed/0:4
not finished: 1 of 85123A, waiting in @mixed/0:4, which no group reads yet"
    # Many at once are looked for in another way, and found as well.
    run -66 --separate-stderr evtrace "$r1" 00000000-0000-4000-8000-00000000000{1..9}
    is "$(squeezed | head -n 3)" "$r1
 no message @mixed/0:2: longer than 65,536 bytes
$now purchase.requested evbuy @mixed/0:1"
}

@test "causes that a forger put in a ring" {
    { wanted "$r1" 85123A 1 | sed "s/,\"data\"/,\"causationid\":\"$r1\/stock.available\"&/"
      to_check "$r1" 85123A 1; available "$r1" 85123A 1 5 1; } | evtopic publish t
    run -0 --separate-stderr timeout 300 evtrace "$r1"
    [ "$(grep -c '@t/0:' <<<"$output")" -eq 4 ]
}

@test "lanes and segments: each message by its own lane and number" {
    lanes purchase.requested 4 4096
    for i in {1..60}; do wanted "5e8a4c1d-2b7f-4d3e-9c60-$(printf %012d "$i")" "P$((i % 7))" 1; done |
        evtopic publish purchase.requested
    for i in 00 07 59; do
        id=5e8a4c1d-2b7f-4d3e-9c60-0000000000$i
        place=$(steps "$id" 2>/dev/null) || continue
        lane=${place#*/} offset=${place##*:}
        [ "$(evtopic cat --lane "${lane%:*}" --from "$offset" purchase.requested | head -n 1 | jq -r .correlationid)" = "$id" ]
        found=1
    done
    [ "$found" = 1 ]
    run -66 evtrace 5e8a4c1d-2b7f-4d3e-9c60-000000000000
}

@test "packed results: the pack and the line in it" {
    stock 85123A 10
    { wanted "$r1" 85123A 6; wanted "$r2" 85123A 6; } | evtask | evcheck | evorder | evfail --results packed |
        evcreate --results packed >/dev/null
    for id in "$r1" "$r2"; do
        run -0 bash -c 'evtrace --json "$1" | jq -r ".steps[] | select(.type == \"result\").places[]"' _ "$id"
        file=${output%:*} line=${output#*:}
        [ "$file" = results/5e.ndjson ]
        [ "$(sed -n "${line}p" "evstore/$file" | jq -r .request)" = "$id" ]
    done
    run -0 stands "$r1"
    is "$output" "created: 6 of 85123A, order $o1"
}

# -- all of a product ----------------------------------------------------------------------

@test "--product: the requests of a product in the order of its journal, then those not decided" {
    stock 85123A 10; stock 71053 10 "$g2"
    buy 85123A 6 "$r3" >/dev/null; buy 85123A 9 "$r1" >/dev/null; buy 71053 1 "$r2" >/dev/null
    asked "$r4" 85123A 1
    run -0 bash -c 'evtrace --json --product 85123A | jq -r .request'
    is "$output" "$r3"$'\n'"$r1"$'\n'"$r4"
    run -66 --separate-stderr evtrace --product 'nothing'
    is "$stderr" 'evtrace: nothing: nothing is known of it'
    # In quotes and with a backslash, in whatever form.
    wanted "${r2%2}5" 'a\"b\\c' 1 | evtopic publish purchase.requested
    wanted "${r2%2}6" 'a\u0022b\\c' 1 | evtopic publish purchase.requested
    run -0 bash -c 'evtrace --json --product "a\"b\\c" | jq -r .request'
    is "$output" "${r2%2}5"$'\n'"${r2%2}6"
}

# -- why -------------------------------------------------------------------------------------

@test "--why: what the check saw, what was left, and who took the rest in between" {
    served
    run -0 evtrace --why "$r1" "$r2"
    is "$output" "$r1
created: 6 of 85123A, order $o1
  The check saw 10 at sequence 1.
  It was sold at sequence 2, 2026-01-31T09:30:00.010000Z: 10 were there, 4 were left.

$r2
failed: 6 of 85123A, insufficient-stock: only 4 left, 6 asked
  The check saw 10 at sequence 1: enough then.
  When it was to be sold, 4 were left at sequence 2.
  When the refusal was recorded at sequence 3, 4 were left.
  Between the check and the refusal went:
    2  2026-01-31T09:30:00.010000Z  6 sold to $r1"
}

@test "--why: out of stock, the last sales that emptied it and how many more" {
    stock 85123A 21
    for i in {1..7}; do printf '{"product":"85123A","quantity":2,"request":"00000000-0000-4000-8000-%012d"}\n' "$i"; done |
        evbuy | flow >/dev/null
    evstock remove -u "$g2" 85123A 7 >/dev/null
    buy 85123A 3 "$r1" >/dev/null
    evstock add -u "$g3" 85123A 5 >/dev/null
    run -0 evtrace --why "$r1"
    is "$output" "$r1
failed: 3 of 85123A, out-of-stock: nothing is left
  Who refused saw 0 at sequence 9.
  When the refusal was recorded at sequence 10, nothing was left.
  The last that went before it:
    ... 3 more, 6 pieces
    5  $now  2 sold to 00000000-0000-4000-8000-000000000004
    6  $now  2 sold to 00000000-0000-4000-8000-000000000005
    7  $now  2 sold to 00000000-0000-4000-8000-000000000006
    8  $now  2 sold to 00000000-0000-4000-8000-000000000007
    9  $now  7 removed by $g2"
}

@test "--why: a refusal that was recorded when more had come; an unknown product" {
    stock 85123A 1
    evbuy -u "$r1" 85123A 3 | evtask | evcheck >refused
    evstock add -u "$g2" 85123A 5 >/dev/null
    evfail <refused >/dev/null
    buy nothing 3 "$r2" >/dev/null
    run -0 evtrace --why "$r1" "$r2"
    is "$output" "$r1
failed: 3 of 85123A, insufficient-stock: only 1 left, 3 asked
  Who refused saw 1 at sequence 1.
  When the refusal was recorded at sequence 3, 6 were left: too late, a refusal stays one.

$r2
failed: 3 of nothing, unknown-product: nothing was ever added to this product
  Who refused saw 0 at sequence 0.
  When the refusal was recorded at sequence 1, nothing was left."
}

@test "--why: many requests of a product at once, each as alone" {
    served
    for i in {1..6}; do buy 85123A $((i % 4 + 1)) "00000000-0000-4000-8000-00000000000$i" >/dev/null; done
    evtrace --why --product 85123A >all
    jq -r 'select(.type == "stock.sold" or .type == "purchase.refused").correlationid' evstore/journal/85123A.ndjson >ids
    while read -r id; do
        evtrace --why "$id"
        echo
    done <ids >each
    [ "$(wc -l <ids)" -eq 8 ]
    diff -u <(sed '$d' each) all
}

# -- for programs --------------------------------------------------------------------------

@test "--json: all of it, an object a line" {
    served
    run -0 evtrace --json "$r2" "$r1"
    [ "${#lines[@]}" -eq 2 ]
    is "$(jq -c '[.request, .purchases[].status, .purchases[].grounds.check_sequence]' <<<"$output")" \
        "[\"$r2\",\"failed\",1]"$'\n'"[\"$r1\",\"created\",1]"
    is "$(jq -c '.purchases[] | del(.text)' <<<"${lines[0]}")" '{"status":"failed","product":"85123A","quantity":6,"grounds":{"before":4,"check_sequence":1,"check_available":10,"between":{"events":1,"pieces":6,"last":[{"sequence":2,"time":"2026-01-31T09:30:00.010000Z","type":"stock.sold","quantity":6,"request":"'"$r1"'"}]},"earlier":{"events":0,"pieces":0,"last":[]}}}'
    is "$(jq -c '.steps[3]' <<<"${lines[0]}")" '{"kind":"message","type":"stock.unavailable","source":"/eventdemo/evorder","time":"2026-01-31T09:30:00.010000Z","product":"85123A","quantity":6,"available":4,"seen":2,"code":"insufficient-stock","reason":"only 4 left, 6 asked","places":["@stock.unavailable/0:0"],"cause":2,"microseconds":3000}'
    # Each cause is the step that it numbers.
    is "$(jq -r '.steps as $all | .steps[] | select(.cause != null) | $all[.cause].type + " " + .type' <<<"${lines[1]}")" \
'purchase.requested stockcheck.requested
stockcheck.requested stock.available
stock.available stock.sold
stock.sold result
stock.available order.requested
order.requested order.created'
    asked "$r3" 85123A 1
    run -0 evtrace --json "$r3"
    is "$(jq -c '.purchases[].waiting' <<<"$output")" '[{"topic":"purchase.requested","lane":0,"offset":2,"group":"evtask","before":0,"read":false}]'
}

@test "--dot: a graph that can be read, whatever the product is called" {
    served
    run -0 bash -c 'evtrace --dot "$@" | python3 "$0"' "$tests/dot.py" "$r1" "$r2"
    is "$output" 'purchase.requested -> stockcheck.requested
stockcheck.requested -> stock.available
stock.available -> stock.sold
stock.sold -> result
stock.available -> order.requested
order.requested -> order.created
purchase.requested -> stockcheck.requested
stockcheck.requested -> stock.available
stock.available -> stock.unavailable
stock.unavailable -> purchase.refused
purchase.refused -> result
stock.unavailable -> order.failed'
    stock 'a"]; b -> c [\' 1 "$g3"
    buy 'a"]; b -> c [\' 1 "$r3" >/dev/null
    run -0 bash -c 'evtrace --dot "$1" | python3 "$0"' "$tests/dot.py" "$r3"
    [ "${#lines[@]}" -eq 4 ]
    run -66 bash -o pipefail -c 'evtrace --dot "$1" 2>/dev/null | python3 "$0"' "$tests/dot.py" "$r4"
}

@test "a sequence has 80 columns also where characters are wide" {
    product=$(printf '\345\205\250%.0s' {1..26})
    stock "$product" 10
    wanted "$r1" "$product" 30 | flow >out
    LC_ALL=C.UTF-8 run -0 evtrace --sequence "$r1"
    [[ $output = *"$product"* ]]
    PYTHONUTF8=1 python3 -S -c '
import sys, unicodedata
for line in sys.stdin:
    assert sum(1 + (unicodedata.east_asian_width(one) == "W") for one in line.rstrip("\n")) <= 80, line' <<<"$output"
}

@test "--sequence: columns and arrows, at most 80 wide" {
    served
    run -0 evtrace --sequence "$r2"
    is "$output" "$r2
 evbuy       evtask       evcheck      evorder      evfail      evcreate
   | purchase.requested      |            |            |            |
   |----------->|            |            |            |            |
   |            | stockcheck.requested +2.000 ms       |            |
   |            |----------->|            |            |            |
   |            |            | stock.available +4.000 ms            |
   |            |            |----------->|            |            |
   |            |            |            | stock.unavailable +3.000 ms
   |            |            |            |----------->|            |
   |purchase.refused +2.000 ms journal/85123A.ndjson:3 *            |
   |            |            |            |            * result     |
   | order.failed +2.000 ms  |            |            |            |
   |<--------------------------------------------------|            |
failed: 6 of 85123A, insufficient-stock: only 4 left, 6 asked"
    # Gone through a pipe; and a name that is as long as one may be.
    long=$(printf 'x%.0s' {1..80})
    stock "$long" 10 "$g3"
    buy "$long" 6 "$r3" >/dev/null
    buy "$long" 6 "$r4" >/dev/null
    run -0 evtrace --sequence "$r3" "$r4"
    [[ $output = *'|...........>|'* ]]
    [ "$(awk '{ if (length($0) > widest) widest = length($0) } END { print widest }' <<<"$output")" -le 80 ]
}

# -- what is not well ------------------------------------------------------------------------

@test "a UUID that is nowhere is said to be, and the others are told" {
    run -66 --separate-stderr evtrace "$r1"
    is "$stderr" 'evtrace: ./evstore: no such store'
    stock 85123A 10
    buy 85123A 6 "$r1" >/dev/null
    run -66 --separate-stderr evtrace "$r2" "$r1" "$r3"
    is "$stderr" "evtrace: $r2: nothing is known of it"$'\n'"evtrace: $r3: nothing is known of it"
    [ "${lines[0]}" = "$r1" ]
    [ "${lines[-1]}" = "created: 6 of 85123A, order $o1" ]
    for wrong in '' "$r1 --product 85123A" '--why --json x' '--product' 'no-uuid' "--dot --dot $r1"; do
        # shellcheck disable=SC2086 # several words
        run -64 evtrace $wrong
    done
}

@test "damage is told, and what is not damaged is told all the same" {
    stock 85123A 10; stock 71053 1 "$g2"
    buy 85123A 6 "$r1" >/dev/null; buy 85123A 9 "$r2" >/dev/null
    sed -i '1s/"quantity":10/"quantity":90/' evstore/journal/85123A.ndjson
    run -65 --separate-stderr evtrace "$r1"
    is "$stderr" 'evtrace: ./evstore/journal/85123A.ndjson:1: sum: does not match the line and the sum before it'
    [ "${lines[-1]}" = "created: 6 of 85123A, order $o1" ]
    # Worse than not known, which may be by the damage; a journal that has nothing to do with it is not read.
    run -65 --separate-stderr evtrace "$r4"
    [ "${stderr_lines[-1]}" = "evtrace: $r4: nothing is known of it" ]
    sed -i '1s/"quantity":90/"quantity":10/; 3s/refused"/refuseX"/' evstore/journal/85123A.ndjson
    sed -i '1s/"quantity":1/"quantity":2/' evstore/journal/71053.ndjson
    run -65 --separate-stderr evtrace "$r2"
    [[ $stderr = 'evtrace: ./evstore/journal/85123A.ndjson:3: '* && ${#stderr_lines[@]} -eq 1 ]]
    [ "${lines[-1]}" = 'failed: 9 of 85123A, insufficient-stock: only 4 left, 9 asked' ]
    # Orders, results, what is no journal.
    printf 'x' >"evstore/results/$r2.json"
    sed -i 's/"quantity":6/"quantity":7/' evstore/orders.ndjson
    run -65 --separate-stderr evtrace "$r2"
    [[ $stderr = *"evtrace: results/$r2.json: not a whole result: it counts as none"* ]]
    [[ $stderr = *'evtrace: ./evstore/orders.ndjson:1: '* ]]
    touch evstore/journal/stranger
    run -65 --separate-stderr evtrace "$r4"
    [[ $stderr = *"evtrace: ./evstore/journal/stranger: not a journal's name"* ]]
    [[ $stderr = *'evtrace: ./evstore/journal/71053.ndjson:1: sum: '* ]]
}

@test "damage: topics, offsets, dead letters; the end of a journal is none" {
    stock 85123A 10
    asked "$r1" 85123A 6; asked "$r2" 85123A 6
    evtask --drain
    printf 'cut off' >>evstore/journal/85123A.ndjson
    run -0 --separate-stderr evtrace "$r1"
    is "$stderr" 'evtrace: ./evstore/journal/85123A.ndjson: the last line is not finished, 7 bytes are not part of the journal'
    asked "$r3" 85123A 6
    flipped evstore/topics/purchase.requested/groups/evtask/0.offset
    run -65 --separate-stderr evtrace "$r3"
    [[ $stderr = *'evtrace: @purchase.requested: lane 0: the offset of the group evtask is damaged'* ]]
    [[ $output = *'waiting in @purchase.requested/0:2, 0 messages before it in group evtask' ]]
    # Where it is now is kept elsewhere than where it was when all was on disk.
    for file in evstore/topics/purchase.requested/groups/evtask/0.*; do flipped "$file"; done
    run -65 --separate-stderr evtrace "$r3"
    [[ $output = *'waiting in @purchase.requested/0:2, how far its groups are cannot be told' ]]
    mkdir -p evstore/dead
    printf 'no letter, but %s\n' "$r1" >evstore/dead/evtask.ndjson
    run -65 --separate-stderr evtrace "$r1"
    [[ $stderr = *'evtrace: dead/evtask.ndjson: 1 line is not a whole letter'* ]]
    rm -r evstore/dead
    lanes stockcheck.requested 2
    sed -i 's/"lanes":2/"lanes":3/' evstore/topics/stockcheck.requested/lanes
    run -65 --separate-stderr evtrace "$r1"
    [[ $stderr = *'stockcheck.requested/lanes: damaged'* ]]
    [[ $output = *'@purchase.requested/0:0'* ]]
}

@test "what hostile lines say does not reach a terminal as a command" {
    stock 85123A 10
    {
        printf '{"specversion":"1.0","id":"1","source":"\\u001b]0;x\\u0007\\u009b1m\\u0000","type":"\\u001b[2J\\u0085","correlationid":"%s","time":"\\u001b[31m"}\n' "$r1"
        wanted "$r1" 85123A 1 | sed 's|/eventdemo/evbuy|\\u001b[2J\\u009b|'
        unavailable "$r1" 85123A 1 0 1 out-of-stock | sed 's/nothing is left/\\u001b[2J\\u009b \\"quoted\\"/'
    } >lines
    evtopic publish t <lines
    printf '%s \e[2J\xc2\x9b\n' "$r1" | evtask >/dev/null || [ $? -eq 65 ]
    evfail -i @t >/dev/null || true
    # A letter that somebody else wrote.
    printf '{"time":"\e[2J","command":"\xc2\x9b1m","kind":"message","place":"\e","reason":"\e[2J\xff","line":"%s"}\n' "$r1" >>evstore/dead/evtask.ndjson
    for form in '' --why --sequence --dot --json; do
        # shellcheck disable=SC2086 # none or one word
        evtrace $form "$r1" >out 2>&1
        python3 - <<'END'
text = open("out", "rb").read().decode()
bad = [c for c in text if (ord(c) < 32 and c != "\n") or 127 <= ord(c) < 160]
assert not bad, bad
END
    done
    run -0 bash -c 'evtrace --json "$1" | jq -r ".steps[] | select(.kind == \"other\").type" | head -n 1' _ "$r1"
    [ "$output" = $'\e[2J\xc2\x85' ]
}

@test "--why: the last sale that the check saw is not among those that went after it" {
    stock 85123A 10
    buy 85123A 4 "$r1" >/dev/null
    available "$r2" 85123A 6 6 2 | evtopic publish stock.available
    buy 85123A 3 "$r3" >/dev/null
    evorder --drain
    evfail --drain
    run -0 evtrace --why "$r2"
    [[ $output = *"Between the check and the refusal went:
    3  $now  3 sold to $r3
  Before that went:
    2  $now  4 sold to $r1" ]]
}

@test "--product: a journal that is damaged is no success, though no purchase is known of it" {
    stock 85123A 10
    sed -i '1s/"quantity":10/"quantity":90/' evstore/journal/85123A.ndjson
    run -65 --separate-stderr evtrace --product 85123A
    is "$stderr" 'evtrace: ./evstore/journal/85123A.ndjson:1: sum: does not match the line and the sum before it'
}

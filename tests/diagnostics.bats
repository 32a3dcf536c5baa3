# Every message: it is on the manual pages, with what to do, and it is said.
load lib
load spare

# rule RULE [ROOT]: see diagnostics.py.
rule() { python3 -S -E "$tests/diagnostics.py" "$1" "${2:-$tests/..}"; }

# What was said stands in the manual so, with the same exit status.
teardown() { [ ! -e "$BATS_TEST_TMPDIR/said" ] || rule wrong <"$BATS_TEST_TMPDIR/said"; }

# says STATUS MESSAGE COMMAND...: this is all it says, but for how to get help, and so it ends.
says() {
    run "-$1" --separate-stderr "${@:3}" </dev/null
    is "${stderr_lines[0]}" "${3##*/}: $2"
    echo "$1 $2" >>"$BATS_TEST_TMPDIR/said"
    if [ "$1" -eq 64 ]; then
        is "${stderr_lines[1]}" "Try '$3 --help'."
        is "$output" ''
    else
        is "$stderr" "${stderr_lines[0]}"
    fi
}

# bad LINE REASON COMMAND...: the line is put aside for this reason.
bad() {
    run -65 --separate-stderr "${@:3}" <<<"$1"
    is "$stderr" "$3: stdin:1: $2"
    echo "65 stdin:1: $2" >>"$BATS_TEST_TMPDIR/said"
    is "$output" ''
}

# -- the manual ------------------------------------------------------------------------------

@test "every message is documented, and everything documented is a message" {
    rule undocumented
    rule gone
}

@test "of every message the manual has the exit status" { rule unsaid; }

@test "of every message that is not too rare there is a test" { rule untested; }

@test "a message that is not documented, or no more, is noticed" {
    mkdir -p changed/src/service changed/man
    cp "$tests"/../man/*.[157] changed/man
    cat >changed/src/service/new.c <<'C'
int
tell_all(struct fault *why, const char *what)
{
    return fault_set(why, STATUS_DATA, "%s", what);
}

int
new(struct fault *why)
{
    (void)cli_misuse(NULL, "--new: %s: not old", "x");
    if (tell_all(why, "something quite new") == 0)
        return fault_system(why, STATUS_IO, "%s: cannot "
                            "be anew", "x");
    return fault_set(why, STATUS_DATA, "%s: not a regular file", "x");
}
C
    run -1 rule undocumented changed
    is "$output" 'src/service/new.c: *: cannot be anew
src/service/new.c: --new: *: not old
src/service/new.c: something quite new'
    run -1 rule gone changed
    [[ $output = *'evstock.1: expected sequence *, but the last is *'* && $output != *'not a regular file'* ]]
}

@test "every page leads to the messages that all commands share" {
    for page in "$tests"/../man/*.1; do
        sed -n '/^\.Sh DIAGNOSTICS/,/^\.Sh SEE/p' "$page" >section
        [[ $(cat section) = *'.Xr eventdemo 7'* ]] || { echo "$page"; return 1; }
    done
}

# -- wrong usage -----------------------------------------------------------------------------

@test "options that are out of form" {
    says 64 '--quantity: no such option' evbuy --quantity 3
    says 64 '-q: no such option' evbuy -q
    says 64 '--stor: no such option (they are not abbreviated)' evbuy --stor x
    says 64 '--store: needs a value' evbuy --store
    says 64 '--submit=yes: takes no value' evbuy --submit=yes
    says 64 '--submit: given twice' evbuy -s --submit
    EV_NOW=noon says 64 'EV_NOW: noon: not a time like 2026-01-31T09:30:00.123456Z' evbuy 85123A 1
    says 64 'QUANTITY: 6.0: not an integer from 1 to 9007199254740991' evbuy 85123A 6.0
    says 64 '--wait: soon: not a number of seconds' evbuy -s -w soon 85123A 1
    says 64 'PRODUCT: not 1 to 80 bytes of UTF-8 without control characters' evbuy $'85123A\r' 1
    says 64 'x: not a UUID' evbuy -u x 85123A 1
    says 64 'A B: not the name of a topic' evbuy -o '@A B' 85123A 1
    says 64 'a/b: not the name of a group' evtask --serve -g a/b
    is "$(ls)" ''
}

@test "requests and changes on the command line that cannot be meant" {
    says 64 'a PRODUCT and a QUANTITY are needed, or neither' evbuy 85123A
    says 64 '--request: only with a PRODUCT and a QUANTITY' evbuy -u "$r1"
    says 64 '--wait: only with --submit, a PRODUCT and a QUANTITY' evbuy -w 1 85123A 1
    says 64 '--submit, --output: only one of them' evbuy -s -o x 85123A 1
    says 64 '--dry-run: there is no result to --wait for' evbuy -s -n -w 1 85123A 1
    says 64 'an action, a PRODUCT and a QUANTITY are needed, or none of them' evstock add 85123A
    says 64 'give: not add, remove or return' evstock give 85123A 1
    is "$(ls)" ''
}

@test "services that are told what does not go together" {
    says 64 'x: no operands are taken' evtask x
    says 64 '--serve, --drain: only one of them' evtask --serve --drain
    says 64 '--group: only for what is read from a topic' evtask -g g
    says 64 '--input: x: --serve and --drain read a @TOPIC' evtask -i x --drain
    says 64 '--results: few: neither files nor packed' evfail --results few
    says 64 '--dry-run: reads no topic: try evtopic cat TOPIC | evorder -n' evorder -n --drain
    says 64 '--output: x: with --dry-run only - is written' evorder -n -o x
    says 64 '--dead: with --dry-run nothing is kept' evorder -n --dead x
    is "$(ls)" ''
    echo line | evtopic publish notes
    run -64 --separate-stderr evtask -i @notes -o @notes
    is "$stderr" 'evtask: @notes: would be read and written at once'
}

@test "who only looks, told what does not go together" {
    says 64 '--follow: neither with a UUID nor with --wait' evresult --follow -w 1
    says 64 '--pack, --expire: not with a UUID, --wait or --follow' evresult --pack "$r1"
    says 64 '--dry-run: only with --pack or --expire' evresult -n "$r1"
    says 64 'a UUID or --product is needed' evtrace
    says 64 '--product: not with a UUID' evtrace --product 85123A "$r1"
    says 64 '--why, --sequence, --dot and --json: one at a time' evtrace --why --dot "$r1"
    says 64 '--diff: x: not a sequence, a time or a directory' evreplay --diff x
    says 64 'x: no operands are taken' evaudit x
    says 64 '--dry-run: only with --repair, and without --mark' evaudit -n
    says 64 '--dry-run: --verify changes nothing' evproject -n --verify --db x
    says 64 '--interval: 0: not from 0.1 to 86400 seconds' evwatch -i 0
    says 64 'standard input and output: not a terminal; --once prints to anything' evwatch
    is "$(ls)" ''
}

@test "evtopic, told what cannot be" {
    says 64 'noon: not first, last, an offset, or a time like 2026-01-31T09:30:00Z' evtopic seek g t noon
    says 64 '--from: not with --last' evtopic cat t --from 1 --last 1
    says 64 '--from: noon: neither an offset nor a time like 2026-01-31T09:30:00Z' evtopic cat t --from noon
    says 64 'run: --group is needed' evtopic run t -- true
    says 64 'run: needs TOPIC -- COMMAND' evtopic run -g g t true
    says 64 '--timeout: 0: no time to do anything' evtopic run -g g --timeout 0 t -- true
    says 64 '--back-off: more than 60 seconds' evtopic run -g g --back-off 61 t -- true
    is "$(ls)" ''
}

# -- lines -----------------------------------------------------------------------------------

@test "lines that are no message" {
    good=$(wanted "$r1" 85123A 1)
    bad '' 'an empty line' evtask
    bad '[]' 'not a JSON object' evtask
    bad '{"a":1,"a":2}' "not JSON that can be trusted: duplicate object key near '\"a\"'" evtask
    run -65 --separate-stderr evtask < <(printf '%02050d' 0 | tr 0 '['; echo)
    is "$stderr" 'evtask: stdin:1: nested deeper than 2,048'
    bad "${good/$r1\",\"caus/${r1^^}\",\"caus}x" "not JSON: end of file expected near 'x'" evtask
    bad "${good//$r1/${r1^^}}" 'correlationid: not a UUID in lower case' evtask
    bad "${good/$r1\/purchase/$r2/purchase}" 'id: not the correlationid, a slash and the type' evtask
    bad "${good/$now/noon}" 'time: not a time in UTC with six decimals' evtask
    bad "$(wanted "$r1" "$(printf '%081d' 0)" 1)" \
        'subject: not a product ID of 1 to 80 bytes without control characters' evtask
    bad "$(to_order "$r1" 85123A 1 -1)" 'sequence: not an integer in range' evcreate
    is "$(dead evtask)" 9
}

@test "lines that are no request or change" {
    bad '{"product":"","quantity":1}' 'product: not a product ID of 1 to 80 bytes without control characters' evbuy
    bad '{"product":"x","quantity":1,"request":"x"}' 'request: not a UUID in lower case' evbuy
}

@test "events that cannot be replayed" {
    event evstock stock.added "$g1" 85123A 1 '{"quantity":5}' | summed >one
    event evstock stock.removed "$g2" 85123A 2 '{"quantity":9}' | summed >two
    cat two one >in
    run -65 --separate-stderr evreplay - <in
    is "$stderr" 'evreplay: stdin:2: sequence: does not follow the event before'
    cat one two >in
    run -65 --separate-stderr evreplay --verify - <in
    is "$stderr" 'evreplay: stdin:2: sum: does not match the line and the sum before it'
    bad "$(sed 's/"sequence":"000000000001/"sequence":"1/' one)" 'sequence: not 12 digits from 000000000001' evreplay -
    bad "$(event evcreate order.created "$r1" x 1 '{"quantity":1,"order":"x"}' | summed)" 'type: not an event of a product' \
        evreplay -
}

# -- the flow --------------------------------------------------------------------------------

@test "a UUID that was used for something else" {
    stock 85123A 10
    buy 85123A 6 "$r1" >/dev/null
    buy 85123A 60 "$r2" >/dev/null
    stock 71053 10 "$g2"
    bad "$(available "$r1" 85123A 1 4 2)" \
        'correlationid: means another purchase (stock.sold of 6, sequence 2)' evorder
    bad "$(available "$g1" 85123A 1 4 2)" \
        'correlationid: means a change of stock (stock.added of 10, sequence 1)' evorder
    bad "$(unavailable "$r1" 71053 60 10 1 insufficient-stock)" \
        'correlationid: means another purchase (ordered: 6 of 85123A)' evfail
    bad "$(unavailable "$r2" 71053 60 10 1 insufficient-stock)" \
        'correlationid: means another purchase (refused: 60 of 85123A)' evfail
    bad "$(to_order "$r1" 71053 1 1)" 'correlationid: means another purchase (ordered: 6 of 85123A)' evcreate
    bad "$(to_order "$r2" 71053 1 1)" 'correlationid: means another purchase (refused: 60 of 85123A)' evcreate
}

@test "a sale that was taken back, and an order that is none" {
    stock 85123A 10
    stock 71053 10 "$g2"
    { available "$r1" 85123A 1 10 1; available "$r1" 71053 1 10 1; } | evorder >sold
    run -65 evcreate <sold
    bad "$(available "$r1" 71053 1 10 1)" 'correlationid: means another purchase, so this sale was taken back (stock.returned of 1, sequence 3)' \
        evorder
    event evcreate order.created "$r2" 85123A 1 '{"quantity":1,"order":"x"}' | summed >evstore/orders.ndjson
    run -65 --separate-stderr evreplay --verify
    is "$stderr" 'evreplay: ./evstore/orders.ndjson:1: order: not a UUID in lower case'
}

@test "changes that are refused, and such as are done" {
    stock 85123A 10
    buy 85123A 6 "$r1" >/dev/null
    says 1 'quantity: only 4 left, 5 to be removed' evstock remove 85123A 5
    says 1 'quantity: added and returned would exceed 9007199254740991' evstock add 85123A 9007199254740991
    says 1 'expected sequence 1, but the last is 2' evstock add 85123A 1 --expect 1
    says 65 'request: the UUID of a purchase (stock.sold of 6, sequence 2)' evstock add 85123A 1 -u "$r1"
    says 65 'request: used before with another quantity (stock.added of 10, sequence 1)' evstock add 85123A 1 -u "$g1"
}

@test "what is only supposed is summed up" {
    stock 85123A 4
    for _ in 1 2; do evstock remove 85123A 2 >/dev/null; done
    stock 85123A 10 "$g2"
    for request in "$r1" "$r2" "$r3" "$r4"; do buy 85123A 5 "$request" >/dev/null; done
    {
        printf '{"product":"85123A","quantity":%d}\n' 1 1
        printf '{"action":"%s","product":"85123A","quantity":9}\n' add add remove remove remove remove
        printf '{"action":"add","product":"85123A","quantity":10,"request":"%s"}\n' "$g2" "$g2"
    } >with
    run -0 --separate-stderr evreplay --without "$r1,$r2,$g1" --with with
    is "$stderr" "evreplay: if: 2 purchases sold that were refused, 0 refused that were sold, 2 changes left out; added: 0 sold, 2 refused, 4 changes, 2 changes left out, 2 there already"
}

# -- stores that are not as they were ------------------------------------------------------------

@test "a store that is none, and journals that cannot be read" {
    says 66 './evstore: no such store' evreplay
    stock 85123A 10
    says 66 './evstore/journal/x.ndjson: no such journal' evreplay x
    run -66 --separate-stderr evreplay --verify x
    is "$stderr" 'evreplay: ./evstore/journal/x.ndjson: no such journal'
    : >evstore/journal/x%
    run -65 --separate-stderr evreplay --verify
    is "$stderr" "evreplay: ./evstore/journal/x%: not a journal's name"
    : >evstore/journal/x.ndjson
    says 66 './evstore/journal/x.ndjson: no event yet' evreplay x
    mv evstore/journal aside
    : >evstore/journal
    says 65 './evstore/journal: not a directory' evreplay x
    says 65 './evstore/journal: not a directory' evreplay
    rm evstore/journal
    mv aside evstore/journal
    mv evstore/format kept
    says 65 './evstore/format: missing, but there are journals' evreplay
    echo 'eventdemo 2' >evstore/format
    says 65 "./evstore/format: not a store of format \`eventdemo 1'" evreplay
}

@test "evtopic says what it does not find, and what it cannot believe" {
    wanted "$r1" 85123A 1 >in
    evtopic publish TOPIC-1 <in
    evtask --drain
    says 66 '@notes: no such topic' evtopic cat notes
    says 66 '@TOPIC-1: lane 1: no such lane' evtopic cat TOPIC-1 --lane 1
    offset=evstore/topics/purchase.requested/groups/evtask/0
    printf x | dd of="$offset.offset" conv=notrunc bs=1 seek=5 2>errors
    run -65 --separate-stderr evtopic trim TOPIC-1
    is "$stderr" 'evtopic: @purchase.requested: lane 0: the offset of evtask is damaged, so nothing is removed
evtopic: ./evstore/topics/purchase.requested: the offset of a group is damaged'
    cp "$offset.offset" "$offset.lock"
    run -0 --separate-stderr evtask --drain
    is "$stderr" 'evtask: @purchase.requested: lane 0: the offset of the group is damaged; going on at 0'
    run -65 --separate-stderr evtopic run -g g --tries 1 --timeout 0.1 --drain TOPIC-1 -- sleep 9
    is "$stderr" 'evtopic: @purchase.requested/0:0: no end within 0.1 s'
}

@test "a database that somebody else has written to, and a journal that was cut back" {
    command -v evproject >/dev/null || skip 'evproject is not built'
    stock 85123A 10
    buy 85123A 6 "$r1" >/dev/null
    evproject --db kept
    mkfifo pipe
    says 73 'pipe: not a regular file' evproject --db pipe
    says 73 'pipe: not a regular file' evproject -n --db pipe
    cp kept a
    sql a "UPDATE position SET sum = 'x'"
    says 65 "a: position: what stands there is not evproject's" evproject --db a
    cp kept a
    sql a 'DELETE FROM products'
    says 65 'a: products and position do not go together: make it anew with --rebuild' evproject --db a
    bytes=$(wc -c <evstore/journal/85123A.ndjson)
    sed -i 2d evstore/journal/85123A.ndjson
    says 65 "./evstore/journal/85123A.ndjson: cut back or replaced since it was read up to byte $bytes: --rebuild reads it anew" \
        evproject --db kept
}

# Messages: what each stage writes, and what it reads.
load lib

# odd_form: the same messages in other valid forms: members the other way round,
# white space, every character of a string escaped, members that nobody knows.
odd_form() {
    python3 -c '
import json, sys
def odd(value):
    if isinstance(value, dict):
        members = [odd(name) + " :\t" + odd(member) for name, member in reversed(value.items())]
        return "{ " + " ,\r".join(members) + " }"
    if isinstance(value, str):
        units = value.encode("utf-16-be")
        return "\"" + "".join("\\u%02X%02x" % (units[i], units[i + 1])
                              for i in range(0, len(units), 2)) + "\""
    return json.dumps(value)
for line in sys.stdin:
    value = json.loads(line)
    value["unknown"] = {"specversion": "2.0", "quantity": 0, "list": [None, True, -1e-5, "\u0000"]}
    value["data"]["unknown"] = {"": ""}
    print(" \t" + odd(value) + " \r")'
}

@test "a purchase from its request to its order, message by message" {
    stock 85123A 40
    run -0 --separate-stderr evbuy -u "$r1" 85123A 6
    is "$output" "$(wanted "$r1" 85123A 6)"
    is "$stderr" ''
    run -0 --separate-stderr feed "$output"$'\n' evtask
    is "$output" "$(to_check "$r1" 85123A 6)"
    run -0 --separate-stderr feed "$output"$'\n' evcheck
    is "$output" "$(available "$r1" 85123A 6 40 1)"
    run -0 --separate-stderr feed "$output"$'\n' evorder
    is "$output" "$(to_order "$r1" 85123A 6 2)"
    run -0 --separate-stderr feed "$output"$'\n' evcreate
    is "$output" "$(created "$r1" 85123A 6 "$o1")"
    is "$stderr" ''
}

@test "a purchase from its request to its refusal, message by message" {
    stock 85123A 2
    to_check "$r1" 85123A 6 >stockcheck.requested
    run -0 --separate-stderr evcheck <stockcheck.requested
    is "$output" "$(unavailable "$r1" 85123A 6 2 1 insufficient-stock)"
    run -0 --separate-stderr feed "$output"$'\n' evfail
    is "$output" "$(failed "$r1" 85123A 6 2 insufficient-stock)"
}

@test "an answer tells what it saw after many events" {
    for i in {1..16}; do
        printf '{"action":"add","product":"85123A","quantity":1}\n'
    done | evstock >/dev/null
    stock 85123A 24
    to_check "$r1" 85123A 6 | evcheck >line
    grep -q '"data":{"quantity":6,"available":40,"sequence":17}}$' line
}

@test "the order's UUID is version 5 of the name order in the request's namespace" {
    stock 85123A 40
    for i in 1 2 3; do evbuy 85123A 1; done | flow >orders
    python3 -c '
import json, sys, uuid
for line in sys.stdin:
    order = json.loads(line)
    assert order["data"]["order"] == str(uuid.uuid5(uuid.UUID(order["correlationid"]), "order"))' <orders
    [ "$(wc -l <orders)" -eq 3 ]
}

@test "every service reads any valid form and order, and carries on nothing that is unknown" {
    stock 85123A 40
    wanted "$r1" 85123A 6 | odd_form >odd
    run -0 --separate-stderr evtask <odd
    is "$output" "$(to_check "$r1" 85123A 6)"
    to_check "$r1" 85123A 6 | odd_form >odd
    run -0 --separate-stderr evcheck <odd
    is "$output" "$(available "$r1" 85123A 6 40 1)"
    available "$r1" 85123A 6 40 1 | odd_form >odd
    run -0 --separate-stderr evorder <odd
    is "$output" "$(to_order "$r1" 85123A 6 2)"
    to_order "$r1" 85123A 6 2 | odd_form >odd
    run -0 --separate-stderr evcreate <odd
    is "$output" "$(created "$r1" 85123A 6 "$o1")"
    unavailable "$r2" 85123A 99 40 1 insufficient-stock | odd_form >odd
    run -0 --separate-stderr evfail <odd
    is "$output" "$(failed "$r2" 85123A 99 40 insufficient-stock)"
    nothing_dead
}

@test "evbuy and evstock read any valid form and order" {
    run -0 feed '{ "shop" : [1], "quantity":6 ,'$'\t''"request":"\u0035'"${r1#?}"'","\u0070roduct":"85\u003123A"}' evbuy
    is "$output" "$(wanted "$r1" 85123A 6)"
    run -0 feed '{"quantity":6,"product":"85123A","at":null,"action":"\u0061dd"}'$'\r\n' evstock
    [ "$(jq -r .type <<<"$output")" = stock.added ]
}

@test "strings are written with no escape but of quote, backslash and control characters" {
    stock $'\x22\\/ \xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80' 5
    is "$(cut -d, -f5 evstore/journal/*)" $'"subject":"\\"\\\\/ \xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80"'
    printf '%s\n' "$(to_check "$r1" '\u0022\u005c\/\u0020\u00E9\u2028\ud83d\ude00' 6)" | evcheck >line
    grep -qF $'"subject":"\\"\\\\/ \xc3\xa9\xe2\x80\xa8\xf0\x9f\x98\x80","time"' line
    grep -qF '"available":5,' line
}

@test "a reason in other words is kept, control characters escaped in one way" {
    message evcheck stock.unavailable "$r1" 85123A \
        '{"quantity":1,"available":0,"sequence":0,"code":"out-of-stock","reason":"\n\u001F\b\/\u00E9\" gone"}' >in
    reason=$'"reason":"\\u000a\\u001f\\u0008/\xc3\xa9\\" gone"'
    run -0 evfail <in
    [[ $output = *',"code":"out-of-stock",'"$reason"'}}' ]]
    grep -qF ",$reason},\"sum\":" evstore/journal/85123A.ndjson
    grep -qF ",$reason,\"time\":" "evstore/results/$r1.json"
}

@test "the time is that of making the message, not of the message before" {
    to_check "$r1" 85123A 6 >in
    EV_NOW=$later run -0 evcheck <in
    is "$output" "$(at=$later unavailable "$r1" 85123A 6 0 0 unknown-product)"
}

@test "without EV_NOW the time is the clock's, in UTC with six decimals" {
    unset EV_NOW
    before=$(date -u +%FT%T.%6NZ)
    time=$(TZ=Asia/Tokyo evbuy 85123A 6 | jq -r .time)
    after=$(date -u +%FT%T.%6NZ)
    [[ $time =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$ ]]
    [[ ! $time < $before && ! $time > $after ]]
}

@test "quantities go up to 2^53 - 1" {
    max=9007199254740991
    stock 85123A $max
    run -0 buy 85123A $max "$r1"
    is "$output" "$(created "$r1" 85123A $max "$o1")"
    run -0 evreplay 85123A
    is "$output" "$(state 85123A 2 $max 0 $max 0 0)"
}

@test "a service needs of a message's time, source and cause only that they are in form" {
    printf '%s\n' "$(to_check "$r1" 85123A 6)" |
        sed 's/"source":"[^"]*"/"source":"\/shop"/; s/"causationid":"[^"]*"/"causationid":"order 66"/' |
        at=0001-01-01T00:00:00.000000Z evcheck >line
    holds line "$(unavailable "$r1" 85123A 6 0 0 unknown-product)"
}

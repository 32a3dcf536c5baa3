# Bad input: never dropped, never in the way of what is good.
load lib

# Goods for every good line, in the stores mixed-store and good-store.
prepare() {
    local store
    for store in mixed-store good-store; do
        EV_STORE=$store stock 85123A 1000000
        [ "$1" != evcreate ] || EV_STORE=$store evorder <sales >/dev/null
    done
}

# sorted_out COMMAND: bad lines between good ones go to dead/; the good ones come out as
# if they had been alone, and do the same.
sorted_out() {
    local code=0
    if [ "$1" = evcreate ]; then
        python3 "$tests/bad_lines.py" make evorder
        mv good sales
    fi
    python3 "$tests/bad_lines.py" make "$1"
    prepare "$1"
    "$1" -d good-store <good >good.out
    "$1" -d mixed-store <mixed >mixed.out 2>errors || code=$?
    [ "$code" -eq 65 ]
    cmp good.out mixed.out
    [ "$(wc -l <good.out)" -eq "$(wc -l <good)" ]
    (cd good-store && outcomes .) >good.outcomes
    (cd mixed-store && outcomes .) | cmp good.outcomes -
    python3 "$tests/bad_lines.py" check "mixed-store/dead/$1.ndjson"
    is "$(cut -d: -f1-3 errors)" "$(seq 2 2 "$(wc -l <mixed)" | sed "s/^/$1: stdin:/")"
    [ "$(grep -cvE ': [^ ]' errors)" -eq 0 ]
}

@test "evbuy" { sorted_out evbuy; }
@test "evtask" { sorted_out evtask; }
@test "evcheck" { sorted_out evcheck; }
@test "evorder" { sorted_out evorder; }
@test "evfail" { sorted_out evfail; }
@test "evcreate" { sorted_out evcreate; }
@test "evstock" { sorted_out evstock; }

@test "what is said of a bad line: command, place, what, why" {
    for quantity in 0 -1 1.5 '"6"'; do
        for service in evtask evcheck; do
            { for i in {1..16}; do wanted "$r1" 85123A 1; done | { [ $service = evtask ] && cat || evtask; }
              { wanted "$r1" 85123A "$quantity"; to_check "$r1" 85123A "$quantity"; } |
                  grep "$([ $service = evtask ] && echo '"purchase' || echo '"stockcheck')"; } >in
            run -65 --separate-stderr "$service" <in
            is "$stderr" "$service: stdin:17: quantity: not a positive integer"
        done
    done
}

@test "the place in a file is the file's" {
    { wanted "$r1" 85123A 1; echo; } >requests
    run -65 --separate-stderr evtask -i requests
    [[ $stderr = 'evtask: requests:2: '* ]]
    is "$(jq -r .place evstore/dead/evtask.ndjson)" requests:2
}

@test "a line of 65,536 bytes with its newline is read, a longer one is not" {
    line=$(wanted "$r1" 85123A 1)
    pad() { printf '%s,"x":"%0*d"}%s' "${line%?}" $(($1 - ${#line} - 8)) 0 "$2"; }
    [ "$(pad 65536 $'\n' | wc -c)" -eq 65536 ]
    pad 65536 $'\n' >in
    run -0 evtask <in
    is "$output" "$(to_check "$r1" 85123A 1)"
    pad 65537 $'\n' >in
    run -65 --separate-stderr evtask <in
    is "$output" ''
    # Without its newline it counts as if it had one.
    pad 65536 '' | head -c 65535 >in
    run -0 evtask <in
    is "$output" "$(to_check "$r1" 85123A 1)"
    pad 65537 '' | head -c 65536 >in
    run -65 --separate-stderr evtask <in
    is "$output" ''
    is "$(jq -r .place evstore/dead/evtask.ndjson)" $'stdin:1\nstdin:1'
}

@test "a line of 20 MB is kept whole, and the lines behind it are read" {
    head -c 20000000 /dev/zero | tr '\0' '[' >long
    { wanted "$r1" 85123A 1; cat long; echo; wanted "$r2" 85123A 1; } >in
    run -65 --separate-stderr evtask <in
    is "$output" "$(to_check "$r1" 85123A 1; to_check "$r2" 85123A 1)"
    [ "${#stderr}" -lt 1000 ]
    jq -r .base64 evstore/dead/evtask.ndjson | base64 -d | cmp long -
    is "$(jq -r .place evstore/dead/evtask.ndjson)" stdin:2
}

@test "nesting of 2,048 is read, in what nobody reads" {
    line=$(wanted "$r1" 85123A 1)
    printf '%s,"x":%s%s}\n' "${line%?}" "$(printf '[%.0s' {1..2047})" "$(printf ']%.0s' {1..2047})" >in
    run -0 evtask <in
    is "$output" "$(to_check "$r1" 85123A 1)"
    printf '%s,"x":%s"deep"%s}\n' "${line%?}" "$(printf '[%.0s' {1..2047})" "$(printf ']%.0s' {1..2047})" >in
    run -0 evtask <in
    is "$output" "$(to_check "$r1" 85123A 1)"
    printf '%s,"x":%s%s}\n' "${line%?}" "$(printf '[%.0s' {1..2049})" "$(printf ']%.0s' {1..2049})" >in
    run -65 evtask <in
    # Brackets in a string nest nothing.
    printf '%s,"x":"%s"}\n' "${line%?}" "$(printf '[%.0s' {1..3000})" >in
    run -0 evtask <in
    is "$output" "$(to_check "$r1" 85123A 1)"
}

@test "a hundred thousand bad lines are kept, each" {
    seq 100000 | tr -d 0-9 | sed 's/$/x/' >in
    code=0
    evtask <in >out 2>errors || code=$?
    [ "$code" -eq 65 ]
    [ ! -s out ]
    [ "$(wc -l <errors)" -eq 100000 ]
    [ "$(grep -c '"line":"x"}$' evstore/dead/evtask.ndjson)" -eq 100000 ]
    [[ $(tail -n 1 evstore/dead/evtask.ndjson) = *'"place":"stdin:100000"'* ]]
}

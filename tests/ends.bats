# Where messages come from and go to: pipes, files, FIFOs.
load lib

@test "a file is appended to, made if it is not there" {
    wanted "$r1" 85123A 6 >in
    run -0 --separate-stderr evtask -i in -o out
    is "$output$stderr" ''
    run -0 evtask --input=in --output out
    holds out "$(to_check "$r1" 85123A 6; to_check "$r1" 85123A 6)"
}

@test "- is standard input and output" {
    wanted "$r1" 85123A 6 >in
    run -0 evtask -i - -o - <in
    is "$output" "$(to_check "$r1" 85123A 6)"
}

@test "a file whose last line was cut off gets a newline before anything is appended" {
    wanted "$r1" 85123A 6 >in
    printf '{"speci' >out
    run -0 evtask -i in -o out
    holds out "$(printf '{"speci\n'; to_check "$r1" 85123A 6)"
    printf '{"speci' >out
    evtask -i in >>out
    holds out "$(printf '{"speci\n'; to_check "$r1" 85123A 6)"
    printf x >out
    evbuy -s -u "$r1" 85123A 6 >>out
    holds out "x"$'\n'"$r1"
    printf x >out
    evstock add 71053 6 -u "$g1" >>out
    is "$(head -n 1 out)" x
    is "$(tail -n 1 out | jq -r .type)" stock.added
    stock 85123A 1
    printf 'x' >out
    printf 'y' >refused
    { to_check "$r1" 85123A 1; to_check "$r2" 85123A 2; } >in
    run -0 evcheck -i in -o out -r refused
    holds out "x"$'\n'"$(available "$r1" 85123A 1 1 1)"
    holds refused "y"$'\n'"$(unavailable "$r2" 85123A 2 1 1 insufficient-stock)"
}

@test "a missing source is noticed before anything is opened or made" {
    mkfifo fifo
    for service in "${services[@]}"; do
        run -66 --separate-stderr timeout 300 "$service" -i missing -o out --dead aside
        is "$output" ''
        [[ $stderr = "$service: "*missing* ]]
        # A FIFO that nobody reads would be waited for.
        run -66 timeout 300 "$service" -i missing -o fifo
        run -66 timeout 300 "$service" -i no/such/file -o fifo
    done
    run -66 timeout 300 evcheck -i missing -o out -r refused
    run -66 evtask -i ''
    is "$(ls)" fifo
}

@test "a destination that cannot be made is said" {
    for service in "${services[@]}"; do
        run -73 --separate-stderr "$service" -o no/such/file </dev/null
        [[ $stderr = "$service: "*no/such/file* ]]
    done
    run -73 evcheck -r no/such/file </dev/null
}

@test "the destination for refusals takes them alone, and may be that of the rest" {
    stock 85123A 6
    { to_check "$r1" 85123A 7; to_check "$r2" 85123A 6; to_check "$r3" 85123A 8; } >in
    run -0 evcheck -i in -o out -r out
    is "$(sort out)" "$( (unavailable "$r1" 85123A 7 6 1 insufficient-stock; available "$r2" 85123A 6 6 1
        unavailable "$r3" 85123A 8 6 1 insufficient-stock) | sort)"
    run -0 evcheck -i in -r - -o out
    is "$output" "$(unavailable "$r1" 85123A 7 6 1 insufficient-stock; unavailable "$r3" 85123A 8 6 1 insufficient-stock)"
}

@test "destinations are opened first, -o then -r, the source last" {
    mkfifo in out refused
    stock 85123A 6
    timeout 300 evcheck -i in -o out -r refused 3>&- &
    # Each of these waits for the other end, so any other order would wait for ever.
    exec 5<out
    exec 6<refused
    exec 7>in
    to_check "$r1" 85123A 6 >&7
    to_check "$r2" 85123A 7 >&7
    exec 7>&-
    is "$(cat <&5)" "$(available "$r1" 85123A 6 6 1)"
    is "$(cat <&6)" "$(unavailable "$r2" 85123A 7 6 1 insufficient-stock)"
    exec 5<&- 6<&-
    wait $!
}

@test "a FIFO does not end before its last writer has come and gone" {
    mkfifo middle
    timeout 300 evtask -i middle -o out 3>&- 7>&- &
    exec 7>middle
    wanted "$r1" 85123A 6 >middle
    wanted "$r2" 85123A 6 >middle
    exec 7>&-
    wait $!
    holds out "$(to_check "$r1" 85123A 6; to_check "$r2" 85123A 6)"
}

@test "the whole flow over FIFOs, one a topic" {
    stock 85123A 60
    mkfifo TOPIC-{1..5}
    evtask -i TOPIC-1 -o TOPIC-2 3>&- &
    evcheck -i TOPIC-2 -o TOPIC-3 -r TOPIC-4 3>&- &
    evorder -i TOPIC-3 -o TOPIC-5 -r TOPIC-4 3>&- &
    evfail -i TOPIC-4 -o TOPIC-5 3>&- &
    evcreate -i TOPIC-5 >outcomes 3>&- &
    for i in {1..100}; do
        printf '{"product":"85123A","quantity":1}\n{"product":"unknown","quantity":1}\n'
    done | timeout 300 evbuy -o TOPIC-1
    wait
    is "$(jq -r '.type + " " + (.data.code // "")' outcomes | sort | uniq -c | sed 's/^ *//')" \
        "$(printf '%s\n' '60 order.created ' '40 order.failed out-of-stock' '100 order.failed unknown-product' | sort -k2)"
    run -0 evreplay
    is "$(jq -c '[.product, .sold, .refused]' <<<"$output")" $'["85123A",60,40]\n["unknown",0,100]'
    python3 "$tests/model/audit.py" evstore
}

@test "one line that waits is handled at once, by every filter" {
    stock 85123A 6
    coproc FLOW { exec 3>&-; evbuy | flow; }
    process=$FLOW_PID
    for request in "$r1" "$r2"; do
        printf '{"product":"85123A","quantity":6,"request":"%s"}\n' "$request" >&"${FLOW[1]}"
        read -r -t 300 answer <&"${FLOW[0]}"
        is "$(jq -r .correlationid <<<"$answer")" "$request"
    done
    run -0 evresult "$r1"
    input=${FLOW[1]}
    exec {input}>&-
    wait "$process"
}

@test "a line that comes in pieces is one line" {
    line=$(wanted "$r1" 85123A 6)
    coproc TASK { exec 3>&-; exec evtask; }
    process=$TASK_PID
    for ((start = 0; start < ${#line}; start += 40)); do printf '%s' "${line:start:40}" >&"${TASK[1]}"; done
    printf '\n' >&"${TASK[1]}"
    read -r -t 300 answer <&"${TASK[0]}"
    is "$answer" "$(to_check "$r1" 85123A 6)"
    input=${TASK[1]}
    exec {input}>&-
    wait "$process"
}

@test "evstock answers a batch line by line as it comes" {
    coproc STOCK { exec 3>&-; exec evstock; }
    process=$STOCK_PID
    for i in 1 2 3; do
        printf '{"action":"add","product":"85123A","quantity":%d}\n' "$i" >&"${STOCK[1]}"
        read -r -t 300 answer <&"${STOCK[0]}"
        is "$(jq -r .sequence <<<"$answer")" 00000000000$i
    done
    input=${STOCK[1]}
    exec {input}>&-
    wait "$process"
}

@test "several processes write to one file, and no line is torn" {
    for i in 1 2 3 4; do
        for j in {1..400}; do printf '{"product":"%d","quantity":%d}\n' "$i" "$j"; done |
            evbuy | evtask -o out 3>&- &
    done
    wait
    [ "$(wc -l <out)" -eq 1600 ]
    for i in 1 2 3 4; do
        is "$(jq -r "select(.subject == \"$i\") | .data.quantity" out)" "$(seq 400)"
    done
}

@test "several processes write to one FIFO, or to a pipe they inherit, batches larger than it holds, and no line is torn" {
    local writers=()
    mkfifo out
    timeout 300 cat out >lines 3>&- &
    # It does not end before the last has come.
    exec 8>out
    for i in 1 2 3 4; do
        for j in {1..1500}; do printf '{"product":"%d","quantity":%d}\n' "$i" "$j"; done | evbuy >"in$i"
        evtask -i "in$i" -o out 3>&- 8>&- &
        writers+=("$!")
    done
    wait "${writers[@]}"
    exec 8>&-
    wait
    cat in? | evtask | sort >expected
    sort lines | cmp expected -
    # Who has its lock, for more lines than a command's, has it still.
    (flock 1; echo first; timeout 300 evtask -i in1) | cat >lines
    { echo first; evtask -i in1; } | cmp lines -
    run -1 bash -c 'flock 9; evbuy 85123A 1 >&9; flock -n locked true' 9>locked
    [ "$(wc -l <locked)" -eq 1 ]
    # Nobody is kept waiting for what all have.
    exec 9</dev/null
    flock 9
    timeout 60 evtask -i in1 >/dev/null
    timeout 60 evtask -i in1 -o /dev/null
    exec 9<&-
    printf '%s\n' in? | xargs -P 4 -I{} evtask -i {} | dd bs=64 status=none | sort | cmp expected -
}

@test "stage by stage through files, in any number of runs" {
    stock 85123A 10
    for i in 1 2 3 4; do evbuy 85123A 3; done >requests
    evtask -i requests -o checks
    evcheck -i checks -o available -r unavailable
    evorder -i available -o orders -r unavailable
    evfail -i unavailable -o orders
    evcreate -i orders -o outcomes
    is "$(jq -r .type outcomes | sort | uniq -c | tr -s ' ')" $' 3 order.created\n 1 order.failed'
    run -0 evreplay
    is "$output" "$(state 85123A 5 10 0 9 0 1)"
}

@test "a file that is not appended to gets no newline before what is written over it" {
    printf abc >out
    evbuy -u "$r1" 85123A 6 1<>out
    holds out "$(wanted "$r1" 85123A 6)"
}

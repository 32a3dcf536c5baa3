# Dead letters: what could not be processed, and why.
load lib

@test "a letter has its time, command, kind, place, reason and line, in this order" {
    run -65 feed '{"product":"é\/","quantity":0}' evbuy
    letter=$(cat evstore/dead/evbuy.ndjson)
    [[ $letter = '{"time":"'$now'","command":"evbuy","kind":"message","place":"stdin:1","reason":"'*'","line":"{\"product\":\"é\\/\",\"quantity\":0}"}' ]]
    is "$(jq -r 'keys_unsorted | join(" ")' <<<"$letter")" 'time command kind place reason line'
    [[ $(jq -r .reason <<<"$letter") = *quantity* ]]
}

@test "what is said on standard error is the letter's reason" {
    wanted "$r1" 85123A 0 >in
    run -65 --separate-stderr evtask <in
    is "$stderr" "evtask: $(jq -r '.place + ": " + .reason' evstore/dead/evtask.ndjson)"
}

@test "a line that is not UTF-8 stands as base64" {
    run -65 feed $'{"a":"\xff"}' evtask
    is "$(jq -r 'keys_unsorted | join(" ")' evstore/dead/evtask.ndjson)" 'time command kind place reason base64'
    is "$(jq -r .base64 evstore/dead/evtask.ndjson)" "$(printf '{"a":"\377"}' | base64)"
}

@test "a line that is too long stands as base64" {
    printf '%070000d\n' 0 >in
    run -65 evtask <in
    is "$(jq -r .base64 evstore/dead/evtask.ndjson)" "$(printf '%070000d' 0 | base64 -w 0)"
}

@test "control characters of a line are kept, a NUL byte too" {
    printf 'a\0b\tc\rd\033[0m\177\302\205\n' >in
    run -65 --separate-stderr evtask <in
    is "$(jq -r '.line | explode | tostring' evstore/dead/evtask.ndjson)" '[97,0,98,9,99,13,100,27,91,48,109,127,133]'
    # Nothing of it reaches a terminal as it is.
    [[ $stderr != *$'\033'* ]]
}

@test "what comes from a pipe or file is put aside once a run" {
    printf 'x\nx\n' >in
    for run in 1 2; do run -65 evtask <in; run -65 evtask -i in; done
    is "$(jq -r .place evstore/dead/evtask.ndjson | sort | uniq -c | tr -s ' ')" \
        $' 2 in:1\n 2 in:2\n 2 stdin:1\n 2 stdin:2'
}

@test "each command has a file of its own" {
    for command in evbuy "${services[@]}" evstock; do
        run -65 feed x "$command"
        [ "$(dead "$command")" -eq 1 ]
        is "$(jq -r .command "evstore/dead/$command.ndjson")" "$command"
    done
    [ "$(find evstore/dead -type f | wc -l)" -eq 7 ]
    holds evstore/format 'eventdemo 1'
}

@test "a place is whole, however long the name of the source" {
    folder=$(printf 'd%.0s' {1..200})
    mkdir -p "$folder/$folder/$folder/$folder"
    echo bad >"$folder/$folder/$folder/$folder/in"
    run -65 evtask -i "$folder/$folder/$folder/$folder/in"
    is "$(jq -r .place evstore/dead/evtask.ndjson)" "$folder/$folder/$folder/$folder/in:1"
}

@test "--dead names another place, and leaves the store's alone" {
    for command in evbuy "${services[@]}" evstock; do
        run -65 --separate-stderr feed x "$command" --dead aside
        is "$output" ''
        [ -n "$stderr" ]
    done
    is "$(jq -r .command aside)" "$(printf '%s\n' evbuy "${services[@]}" evstock)"
    [ ! -e evstore ]
}

@test "--dead may be a FIFO or standard output" {
    mkfifo aside
    timeout 300 cat aside >letters 3>&- &
    run -65 feed $'x\ny\n' evtask --dead aside
    wait $!
    is "$(jq -r .line letters)" $'x\ny'
    run -65 --separate-stderr feed x evtask --dead -
    is "$(jq -r .line <<<"$output")" x
}

@test "--dead that cannot be written ends the filter" {
    run -74 --separate-stderr feed x evtask --dead /dev/full
    [[ $stderr = *'evtask: '* ]]
    run -73 feed x evtask --dead no/such/directory
}

@test "when dead/ cannot be written the filter ends, and does not say done" {
    stock 85123A 1
    rm -rf evstore/dead
    echo >evstore/dead
    run --separate-stderr feed "x"$'\n'"$(wanted "$r1" 85123A 1)" evtask
    [[ $status = 73 || $status = 74 ]]
    is "$output" ''
    # A line that nobody could keep is not lost: the next run reads it again.
    rm evstore/dead
    run -65 feed $'x\n' evtask
    [ "$(dead evtask)" -eq 1 ]
}

@test "a letter is kept before anything later is told" {
    run -65 feed "$(wanted "$r1" 85123A 0; wanted "$r2" 85123A 1)"$'\n' evtask --dead aside
    holds <(jq -r .line aside) "$(wanted "$r1" 85123A 0)"
}

@test "what is no file in the place of dead letters is said, and hangs nobody" {
    echo bad | run -65 evtask
    for make in mkdir mkfifo; do
        rm -rf evstore/dead/evtask.ndjson
        "$make" evstore/dead/evtask.ndjson
        run -65 --separate-stderr evaudit
        [ "$stderr" = 'evaudit: ./evstore/dead/evtask.ndjson: not a regular file' ]
        [ "$(grep -c broken <<<"$output")" -eq 1 ]
        run -65 --separate-stderr evtopic dead evtask
        [ "$stderr" = 'evtopic: ./evstore/dead/evtask.ndjson: not a regular file' ]
        code=0
        echo bad | evtask >out 2>errors || code=$?
        [ "$code" -ne 0 ]
        grep -q '^evtask: ./evstore/dead/evtask.ndjson: ' errors
    done
}

# The index of packed results: nothing depends on it, however it is damaged; nobody reads the packs again.
load lib
load spare
load served

# 20,000 refusals, whose results are all in one pack, and its index.
setup_file() {
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR start
    refused 1 20000 >asked
    evfail --results packed <asked >outcomes
    [ "$(wc -l <outcomes)" -eq 20000 ]
    cp evstore/results/ab.ndjson pack
}

# refused FIRST LAST [PACK]: what evcheck says of requests for something unknown.
refused() {
    seq -f '{"product":"85123A","quantity":1,"request":"'"${3:-ab}"'000000-0000-4000-8000-%012.0f"}' "$1" "$2" | evbuy | evtask | evcheck
}

setup() {
    start
    cp -a "$BATS_FILE_TMPDIR"/work/{evstore,asked,outcomes,pack} .
    # A copy is another file: let somebody append, who makes the index anew.
    refused 20001 20001 >last
    evfail --results packed <last >>outcomes
    cat last >>asked
    cp evstore/results/ab.ndjson pack
}

# intact: whatever is asked again is answered as before, and the pack is as it was.
intact() {
    evfail --results packed <asked | cmp outcomes -
    cmp evstore/results/ab.ndjson pack
    evresult ab000000-0000-4000-8000-000000000007 ab000000-0000-4000-8000-000000020001 >found || [ $? -eq 1 ]
    sed -n '7p; 20001p' pack | cmp - found
}

# of_packs: the files of the packs' index.
of_packs() {
    local head
    head=$(grep -l 'evindex[0-9]results' evstore/index/*.head)
    printf '%s\n' "${head%.head}".*
}

# entries: how many results its runs tell of.
entries() { of_packs | sed -n 's/.*-\([0-9]*\)$/\1/p' | awk '{ sum += $1 } END { print sum + 0 }'; }

# bytes_read COMMAND...: how many bytes of the pack it reads.
bytes_read() {
    strace -f -y -o trace -e trace=pread64,read "$@" >/dev/null
    sed -n 's/.*ab.ndjson>.* = \([0-9]*\)$/\1/p' trace | awk '{ sum += $1 } END { print sum + 0 }'
}

@test "who has the index of a pack does not read the pack" {
    need_tracing
    refused 20002 20002 >in
    [ "$(bytes_read evfail --results packed <in)" -le 400000 ]
    rm -r evstore/index
    refused 20003 20003 >in
    [ "$(bytes_read evfail --results packed <in)" -ge 3200000 ]
    is "$(jq -r .request evstore/results/ab.ndjson | sort -u | wc -l)" 20003
}

@test "files that are gone, cut off, empty, swapped, flipped or something else are as good as none" {
    cp -a evstore/index good
    ours=$(of_packs)
    for file in $ours; do
        file=${file##*/}
        for harm in 'rm FILE' 'truncate -s 512 FILE' 'truncate -s -1 FILE' ': >FILE' 'rm FILE; mkdir FILE' 'cat ../../asked >FILE' \
            'printf x | dd of=FILE bs=1 seek=100 conv=notrunc status=none' 'printf x | dd of=FILE bs=1 seek=600 conv=notrunc status=none'; do
            rm -rf evstore/index
            cp -a good evstore/index
            (cd evstore/index && eval "${harm//FILE/$file}")
            harmed=$(sha256sum "evstore/index/$file" 2>&1) || true
            intact
            # It was made again, if a file can take its place.
            [[ $harm = *mkdir* ]] || [ "$(sha256sum "evstore/index/$file")" != "$harmed" ]
        done
    done
}

@test "a pack that was written anew is not taken for the one before, and old files of its index go" {
    intact
    # Another file of the same length, with the same end.
    { sed -n 1,6p pack; sed -n 8p pack; sed -n 7p pack; sed 1,8d pack; } >moved
    mv moved evstore/results/ab.ndjson
    cp evstore/results/ab.ndjson moved
    evfail --results packed <asked | cmp outcomes -
    cmp evstore/results/ab.ndjson moved
    for i in 1 2 3; do
        # What is at the end is the same; what is before moved, and one line is gone.
        sed 7d pack >moved
        mv moved evstore/results/ab.ndjson
        evfail --results packed <asked | cmp outcomes -
        cmp <(sed 7d pack; sed -n 7p pack) evstore/results/ab.ndjson
        is "$(entries)" 20001
    done
    # In the same file.
    tac pack >evstore/results/ab.ndjson
    evfail --results packed <asked | cmp outcomes -
    cmp <(tac pack) evstore/results/ab.ndjson
    is "$(entries)" 20001
}

@test "damage that only who makes it longer comes upon: it is made anew" {
    need_tracing
    run=$(of_packs | grep -e '\.1-')
    # In a block, which no request leads to that has no result; the filter is before the blocks.
    printf x | dd of="$run" bs=1 seek=$(($(stat -c %s "$run") - 600)) conv=notrunc status=none
    for first in 30001 50001 70001; do
        refused "$first" "$((first + 19999))" >in
        evfail --results packed <in | wc -l | grep -x 20000
    done
    [ "$(entries)" -ge $((80001 - 16384)) ]
    refused 20002 20002 >in
    [ "$(bytes_read evfail --results packed <in)" -le 4000000 ]
    evfail --results packed <asked | cmp outcomes -
    head -n 20001 evstore/results/ab.ndjson | cmp pack -
    is "$(wc -l <evstore/results/ab.ndjson)" 80002
}

@test "what a pack lost at its end is made again" {
    head -n 12000 pack >evstore/results/ab.ndjson
    evfail --results packed <asked | cmp outcomes -
    cmp pack evstore/results/ab.ndjson
    intact
}

# answered FILE COUNT: there are so many lines in it.
answered() { [ "$(wc -l <"$1")" -eq "$2" ]; }

@test "two who append by turns find each other's results" {
    mkfifo a b
    evfail --results packed <a >out.a &
    evfail --results packed <b >out.b &
    exec {a}>a {b}>b
    for (( i = 1; i <= 6; i++ )); do
        refused $((30000 + 4000 * i)) $((33999 + 4000 * i)) >in
        cat in >&"$a"
        eventually answered out.a $((4000 * i))
        cat in >&"$b"
        eventually answered out.b $((4000 * i))
        local other=$a
        a=$b b=$other
        mv out.a out.c; mv out.b out.a; mv out.c out.b
    done
    exec {a}>&- {b}>&-
    wait
    is "$(wc -l <evstore/results/ab.ndjson)" $((20001 + 24000))
    is "$(jq -r .request evstore/results/ab.ndjson | sort -u | wc -l)" $((20001 + 24000))
    [ "$(entries)" -gt $((20001 + 24000 - 16384 - 4000)) ] && [ "$(entries)" -le $((20001 + 24000)) ]
    cp evstore/results/ab.ndjson pack
    intact
}

@test "an index that another made again, without a pack that it had not met, is no gap for who knew the one before" {
    refused 1 20000 cd | evfail --results packed >told
    mkfifo a
    evfail --results packed <a >out.a 3>&- &
    pids+=($!)
    exec {a}>a
    refused 20002 20002 >&"$a"
    eventually answered out.a 1
    # Another file is a pack now; who comes upon it makes the index anew, and longer.
    cp evstore/results/cd.ndjson moved
    mv moved evstore/results/cd.ndjson
    refused 1 65000 cd | evfail --results packed >told
    [ "$(entries)" -gt 40001 ]
    refused 1 17000 ef >in
    cat in >&"$a"
    eventually answered out.a 17001
    cat asked >&"$a"
    exec {a}>&-
    wait
    cmp <(tail -n 20001 out.a) outcomes
    is "$(wc -l <evstore/results/ab.ndjson)" 20002
}

# harm: something that may happen to what is derived.
harm() {
    local pack
    printf -v pack evstore/results/%02x.ndjson $((RANDOM % 256))
    case $((RANDOM % 8)) in
    0) rm -f "$pack" ;;
    1) [ ! -e "$pack" ] || { tac "$pack" >turned && if [ $((RANDOM % 2)) = 0 ]; then mv turned "$pack"; else cat turned >"$pack"; fi; } ;;
    2) [ ! -e "$pack" ] || truncate -s $(($(stat -c %s "$pack") / 2)) "$pack" ;;
    3) rm -r evstore/index ;;
    4) for file in evstore/index/*; do printf x | dd of="$file" bs=1 seek=$((RANDOM * 8)) conv=notrunc status=none; done ;;
    5) for pack in evstore/results/?[0-7].ndjson; do cp "$pack" copy && mv copy "$pack"; done ;;
    6) rm -f evstore/index/*.head ;;
    7) cp -a evstore/results/. kept && rm -r evstore/results && mkdir evstore/results && cp -a kept/. evstore/results ;;
    esac
}

@test "whatever happens to packs and their index, two who append and those who come and go answer as before" {
    RANDOM=1
    rm -r evstore
    # Requests of all packs, refused; and what is said of each.
    awk 'BEGIN { srand(1); for (i = 0; i < 40000; i++) printf("{\"product\":\"P\",\"quantity\":1,\"request\":\"%04x%04x-0000-4000-8000-%012d\"}\n",
        rand() * 65536, rand() * 65536, i) }' | evbuy | evtask | evcheck >asked
    EV_STORE=elsewhere evfail --results packed <asked >outcomes
    mkdir kept
    mkfifo a b
    evfail --results packed <a >>out.a 3>&- &
    pids+=($!)
    evfail --results packed <b >>out.b 3>&- &
    pids+=($!)
    exec {a}>a {b}>b
    given_a=0 given_b=0 rounds=12
    # A sanitizer takes ten times as long.
    ! sanitized || rounds=4
    for (( round = 0; round < rounds; round++ )); do
        count=$((1 + RANDOM % 20000))
        at=$((1 + RANDOM % (40000 - count)))
        sed -n "$at,$((at + count - 1))p" asked >in
        sed -n "$at,$((at + count - 1))p" outcomes >out
        case $((RANDOM % 3)) in
        0)
            cat in >&"$a"
            given_a=$((given_a + count))
            eventually answered out.a "$given_a"
            tail -n "$count" out.a | cmp out
            ;;
        1)
            cat in >&"$b"
            given_b=$((given_b + count))
            eventually answered out.b "$given_b"
            tail -n "$count" out.b | cmp out
            ;;
        2) evfail --results packed <in | cmp out ;;
        esac
        [ $((RANDOM % 3)) -gt 0 ] || harm
    done
    evfail --results packed <asked | cmp outcomes
    cat asked >&"$a"
    exec {a}>&- {b}>&-
    wait
    # Each once, as the others who made them.
    cat evstore/results/*.ndjson | sort >found
    cat elsewhere/results/*.ndjson | sort | cmp - found
    is "$(evaudit)" "$(EV_STORE=elsewhere evaudit)"
}

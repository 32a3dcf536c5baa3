# The index of a long journal: nothing depends on it, however it is damaged; nobody reads the journal again.
load lib
load spare

# A journal of 6,000 events, its last lines sales and a refusal, and its index.
setup_file() {
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR start
    additions 1 5900 1 | evstock >/dev/null
    wishes 6001 6100 1 | evbuy | evtask | tee asked | evcheck | tee checked | evorder | evfail | evcreate --results packed >outcomes
    evstock remove -u 00000000-0000-4000-8000-000000007000 85123A 5800 >/dev/null
    wishes 6101 6101 1 | evbuy | evtask | tee -a asked | evcheck | evfail --results packed >>outcomes
    [ "$(wc -l <outcomes)" -eq 101 ]
    { additions 17 17 1; additions 18 18 2; } >again
    sed -n 17p evstore/journal/85123A.ndjson >seventeenth
    cp evstore/journal/85123A.ndjson whole
}

uuids() { seq -f '00000000-0000-4000-8000-%012.0f' "$1" "$2"; }
wishes() { uuids "$1" "$2" | sed "s/.*/{\"product\":\"85123A\",\"quantity\":$3,\"request\":\"&\"}/"; }
additions() { wishes "$@" | sed 's/^{/{"action":"add",/'; }

setup() {
    start
    cp -a "$BATS_FILE_TMPDIR"/work/{evstore,asked,checked,outcomes,again,seventeenth,whole} .
}

# answered: whatever is asked again is answered as before, of old events and late ones, and nothing is appended.
answered() {
    cp evstore/journal/85123A.ndjson now
    evcheck <asked | evorder | evfail | evcreate --results packed | cmp outcomes -
    run -65 --separate-stderr evstock <again
    holds seventeenth "$output"
    cmp evstore/journal/85123A.ndjson now
}

# intact: the same, and there is nothing in the journal but what it had at first.
intact() {
    answered
    cmp evstore/journal/85123A.ndjson whole
}

# harmed FILE HARM: the index is the good one, but for this file of it; FILE in HARM is its name.
harmed() {
    rm -rf evstore/index
    cp -a good evstore/index
    (cd evstore/index && eval "${2//FILE/$1}")
}

# events_indexed: of how many events the index of the product tells, by the names of its runs.
events_indexed() {
    local product
    product=$(grep -l journal/85123A.ndjson evstore/index/*.head)
    find evstore/index -name "$(basename "$product" .head).*-*" | awk -F - '{ sum += $NF } END { print sum + 0 }'
}

# bytes_read COMMAND...: how many bytes of the journal it reads.
bytes_read() {
    rm -f trace.*
    strace -ff -y -o trace -e trace=pread64,read "$@" >/dev/null
    sed -n 's/.*85123A.ndjson>.* = \([0-9]*\)$/\1/p' trace.* | awk '{ sum += $1 } END { print sum + 0 }'
}

@test "a long journal has an index, which is as long as it should be" {
    [ "$(find evstore/index -name '*.head' | wc -l)" -eq 1 ]
    [ "$(cat evstore/index/* | wc -c)" -le $((6002 * 20)) ]
    intact
}

@test "a sale is answered as it is, though the index takes another request for it until that is read" {
    # Of these two the index knows the same 44 bits.
    a=005f8d70-0000-4000-8000-000000000000 b=008cddd3-0000-4000-8000-000000000000
    evstock add -u "$g1" 85123A 9 >/dev/null
    { available "$a" 85123A 1 9 7000 && available "$r1" 85123A 1 9 7000; } | evorder >sold
    { echo '{"action":"add","product":"85123A","quantity":1,"request":"'"$b"'"}' && additions 8001 9500 1; } |
        EV_NOW=2026-07-28T10:00:00.000000Z evstock >/dev/null
    # In one batch so many looks at two places of the journal that no more of it is kept in memory.
    first=$(head -n 1 checked | evorder) last=$(tail -n 1 sold)
    for _ in {1..600}; do printf '%s\n' "$first" "$last"; done >in
    head -n 1 sold >>in
    evtopic publish order.requested <in
    evcreate --drain
    [ "$(events_indexed)" -gt 6005 ]
    is "$(jq -r .time "evstore/results/$a.json")" "$EV_NOW"
}

@test "who has one does not read the journal" {
    wishes 6102 6102 1 | evbuy | evtask >in
    [ "$(bytes_read evcheck <in)" -le 1000000 ]
    rm -r evstore/index
    [ "$(bytes_read evcheck <in)" -ge 1500000 ]
}

@test "only who appends writes it, when it is missing, or some of it is" {
    rm -r evstore/index
    wishes 6102 6102 1 | evbuy | evtask | evcheck >in
    evreplay >/dev/null
    evaudit >/dev/null
    [ ! -e evstore/index ]
    evfail <in >/dev/null
    [ "$(find evstore/index -name '*.head' | wc -l)" -eq 1 ]
    cp evstore/journal/85123A.ndjson whole
    intact
}

@test "files that are gone, cut off, empty, swapped or something else are as good as none" {
    cp -a evstore/index good
    for file in $(cd good && ls); do
        for harm in 'rm FILE' 'truncate -s 4096 FILE' 'truncate -s -1 FILE' ': >FILE' 'truncate -s +4096 FILE' 'rm FILE; mkdir FILE' \
            'ln -sf /dev/zero FILE' 'rm FILE; mkfifo FILE' 'cat ../../good/*.head >FILE' 'cat ../../checked >FILE'; do
            harmed "$file" "$harm"
            intact
        done
    done
    rm -rf evstore/index
    echo >evstore/index
    intact
}

@test "a flipped bit anywhere is never believed" {
    cp -a evstore/index good
    # A copy for each bit: of each file every seventh of its length.
    python3 -c 'import os
for name in os.listdir("good"):
    with open("good/" + name, "rb") as file:
        data = file.read()
    for part in range(1, 7):
        at = len(data) * part // 7
        with open(f"{name}.flipped{part}", "wb") as file:
            file.write(data[:at] + bytes([data[at] ^ 1 << part]) + data[at + 1:])'
    for file in *.flipped?; do
        harmed "${file%.flipped?}" "cat ../../$file >FILE"
        intact
    done
}

@test "what its files lose while they are mapped is damage, as any other" {
    evcheck <asked >checks
    evorder <checked >orders
    cp -a evstore/index good
    mkfifo questions answers
    for harm in ': >FILE' 'truncate -s 4096 FILE' 'truncate -s -1 FILE'; do
        for run in 'asked evcheck checks' 'checked evorder orders'; do
            read -r input command output <<<"$run"
            rm -rf evstore/index
            cp -a good evstore/index
            "$command" -i questions -o answers 3>&- &
            exec 5<answers 6>questions
            head -n 1 "$input" >&6
            read -r first <&5
            for file in evstore/index/*; do eval "${harm//FILE/$file}"; done
            tail -n +2 "$input" >&6
            exec 6>&-
            { echo "$first" && cat <&5; } | cmp "$output" -
            wait $!
            exec 5<&-
        done
        intact
    done
}

@test "damage that only who makes it longer comes upon: it is made anew, by reading the journal once" {
    run=$(echo evstore/index/*.1-*)
    # In a block, which no request leads to that is not in the journal; the filter is before the blocks.
    printf x | dd of="$run" bs=1 seek=$(($(stat -c %s "$run") - 600)) conv=notrunc status=none
    for i in 1 2 3; do
        additions "$((10000 + 1100 * i))" "$((10000 + 1100 * i + 1099))" 1 >in
        evstock <in >/dev/null
    done
    [ "$(events_indexed)" -ge $((6002 + 3300 - 1024)) ]
    additions 20001 20001 1 >in
    [ "$(bytes_read evstock <in)" -le 1000000 ]
    answered
}

@test "what is wrong in it with sums that are right breaks no command" {
    cp -a evstore before
    python3 -S -E "$tests/forged.py" evstore/index/*.head offsets
    run -74 --separate-stderr evstock <again
    is "$output" ''
    is "$stderr" 'evstock: ./evstore/journal/85123A.ndjson: changed while it was read'
    cmp evstore/journal/85123A.ndjson whole
    rm -r evstore
    mv before evstore
    # All events are in its runs.
    additions 20001 22000 1 >in
    evstock <in >/dev/null
    [ "$(events_indexed)" -eq 8002 ]
    python3 -S -E "$tests/forged.py" evstore/index/*.head sequence
    additions 22001 22001 1 | evstock >/dev/null
    evreplay --verify
    answered
}

@test "of another build it is made anew, and its files go" {
    head=$(echo evstore/index/*.head)
    run=$(echo evstore/index/*.1-*)
    python3 -S -E - "$head" <<'PYTHON'
import ctypes, sys
xxhash = ctypes.CDLL("libxxhash.so.0")
xxhash.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
xxhash.XXH3_64bits.restype = ctypes.c_uint64
with open(sys.argv[1], "r+b") as file:
    head = file.read()
    assert head.startswith(b"evindex") and xxhash.XXH3_64bits(head[:-8], len(head) - 8).to_bytes(8, "little") == head[-8:]
    head = b"evindex0" + head[8:-8]
    file.seek(0)
    file.write(head + xxhash.XXH3_64bits(head, len(head)).to_bytes(8, "little"))
PYTHON
    additions 20001 20001 1 >in
    [ "$(bytes_read evstock <in)" -ge 1500000 ]
    [ ! -e "$run" ]
    [ "$(find evstore/index -name '*.1-*' | wc -l)" -eq 1 ]
    answered
}

@test "of an older journal, or of another that grew in its place, it is not believed" {
    head -n 5000 evstore/journal/85123A.ndjson >older
    cp older evstore/journal/85123A.ndjson
    additions 8001 9500 2 | evstock >/dev/null
    run -0 evreplay
    is "$(jq -c '[.sequence, .available]' <<<"$output")" '[6500,8000]'
    [ "$(cut -d '"' -f 8 evstore/journal/85123A.ndjson | sort -u | wc -l)" -eq 6500 ]
    wishes 9501 9501 1 | evbuy | evtask | evcheck >out
    is "$(jq -c '[.type, .data.available, .data.sequence]' out)" '["stock.available",8000,6500]'
    evreplay --verify
}

@test "of a journal of the same product that is another's it is not believed, to the byte as long" {
    additions 1 6002 2 | evstock -d other >/dev/null
    indexed=$(events_indexed)
    [ "$indexed" -ge $((5900 - 1024)) ] && [ "$indexed" -le 6002 ]
    head -n "$indexed" other/journal/85123A.ndjson >evstore/journal/85123A.ndjson
    wishes 8001 8001 1 | evbuy | evtask | evcheck >out
    is "$(jq -c '[.type, .data.available, .data.sequence]' out)" "[\"stock.available\",$((2 * indexed)),$indexed]"
    evorder <out >sold
    is "$(evreplay | jq -c '[.sequence, .available]')" "[$((indexed + 1)),$((2 * indexed - 1))]"
    evreplay --verify 85123A
}

@test "damage behind what the index tells of is found" {
    sed -i '6001s/"quantity":[0-9]*/"quantity":1/' evstore/journal/85123A.ndjson
    run -65 --separate-stderr evcheck <<<"$(wishes 6102 6102 1 | evbuy | evtask)"
    [[ $stderr = *'85123A.ndjson:6001: sum: does not match'* ]]
}

@test "a line that the index tells of is only believed if its sum is right, and others are served" {
    sed -i '17s/"quantity":1/"quantity":7/' evstore/journal/85123A.ndjson
    printf '{"action":"add","product":"%s","quantity":1,"request":"%s"}\n' \
        85123A 00000000-0000-4000-8000-000000000017 71053 00000000-0000-4000-8000-000000000019 >in
    run -65 --separate-stderr evstock <in
    is "$(jq -r .subject <<<"$output")" 71053
    [[ $stderr = *'85123A.ndjson: byte '*': sum: does not match the line and the sum before it' ]]
    is "$(wc -l <evstore/journal/85123A.ndjson)" 6002
    # The same where nothing is a line any more, for as long as one can be.
    dd if=/dev/zero of=evstore/journal/85123A.ndjson bs=1 seek="$(head -n 16 whole | wc -c)" count=70000 conv=notrunc status=none
    run -65 --separate-stderr evstock <in
    is "$(jq -r .subject <<<"$output")" 71053
    [[ $stderr = *'85123A.ndjson: byte '*': sum: does not match the line and the sum before it' ]]
    # Nor by who only answers.
    wishes 17 17 1 | evbuy | evtask >in
    run -65 --separate-stderr evcheck <in
    [[ $stderr = *'sum: does not match'* ]]
    is "$output" ''
}

@test "two processes that append, and one that only checks, keep up with one another" {
    additions 10001 22000 1 >changes
    head -n 6000 changes | evstock >/dev/null &
    tail -n 6000 changes | evstock >/dev/null &
    wishes 30001 30500 1 | evbuy | evtask | evcheck >seen
    wait
    is "$(evreplay | jq -c '[.sequence, .available]')" '[18002,12000]'
    [ "$(wc -l <seen)" -eq 500 ]
    evstock <changes | wc -l | grep -x 12000
    is "$(evreplay | jq .sequence)" 18002
    evreplay --verify
    # Nothing but the last runs is left of it.
    [ "$(find evstore/index -type f | wc -l)" -le 4 ]
}

@test "who comes upon the index of another takes it over, and makes it longer" {
    mkfifo in
    evstock <in >out &
    exec 8>in
    additions 10001 10001 1 >&8
    until [ "$(wc -l <out)" -eq 1 ]; do :; done
    additions 10002 15001 1 | evstock >/dev/null
    additions 15002 15002 1 >&8
    until [ "$(wc -l <out)" -eq 2 ]; do :; done
    additions 15003 20002 1 >&8
    exec 8>&-
    wait "$!"
    [ "$(evreplay | jq .sequence)" -eq 16004 ]
    [ "$(events_indexed)" -ge $((16004 - 1024)) ]
    additions 10001 20002 1 | evstock | wc -l | grep -x 10002
    is "$(evreplay | jq .sequence)" 16004
}

@test "the orders have one too, and the packs of results" {
    wishes 1 17000 1 | sed 's/85123A/71053/; s/"00/"11/' >wishes
    stock 71053 17000
    evbuy <wishes | evtask | evcheck | evorder | evcreate --results packed >told
    [ "$(find evstore/index -name '*.head' | wc -l)" -eq 4 ]
    [ "$(wc -l <told)" -eq 17000 ]
    evbuy <wishes | evtask | evcheck | evorder | evcreate --results packed | cmp told -
    evaudit
}

@test "a process that has met more streams than it remembers goes on with all of them" {
    place=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || pwd)")
    awk 'BEGIN { for (step = 1; step <= 7; step += 6) for (i = 0; i < 66000; i += step)
        printf("{\"action\":\"add\",\"product\":\"P%05d\",\"quantity\":5}\n", i) }' >changes
    evstock -d "$place/evstore" <changes | wc -l | grep -x "$(wc -l <changes)"
    run -0 evreplay --verify -d "$place/evstore"
    is "$output" "66000 journals, $(wc -l <changes) events, 0 orders: 0 damaged"
    rm -r "$place"
}

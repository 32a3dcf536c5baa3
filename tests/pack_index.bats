# The index of a long pack of results: nothing depends on it, however it is damaged; nobody reads the pack again.
load lib
load spare
load served

# 2,500 refusals, whose results are all in one pack, and its index.
setup_file() {
    BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR start
    refused 1 2500 >asked
    evfail --results packed <asked >outcomes
    [ "$(wc -l <outcomes)" -eq 2500 ]
    cp evstore/results/ab.ndjson pack
}

# refused FIRST LAST: what evcheck says of requests for something unknown.
refused() {
    seq -f '{"product":"85123A","quantity":1,"request":"ab000000-0000-4000-8000-%012.0f"}' "$1" "$2" | evbuy | evtask | evcheck
}

setup() {
    start
    cp -a "$BATS_FILE_TMPDIR"/work/{evstore,asked,outcomes,pack} .
    # A copy is another file: let somebody append, who makes the index anew.
    refused 2501 2501 >last
    evfail --results packed <last >>outcomes
    cat last >>asked
    cp evstore/results/ab.ndjson pack
}

# intact: whatever is asked again is answered as before, and the pack is as it was.
intact() {
    evfail --results packed <asked | cmp outcomes -
    cmp evstore/results/ab.ndjson pack
    evresult ab000000-0000-4000-8000-000000000007 ab000000-0000-4000-8000-000000002501 >found || [ $? -eq 1 ]
    sed -n '7p; 2501p' pack | cmp - found
}

# runs: how many files of the pack's index there are beside its head.
runs() {
    local head
    head=$(grep -l results/ab.ndjson evstore/index/*.head)
    find evstore/index -name "$(basename "$head" .head).*-*" | wc -l
}

# bytes_read COMMAND...: how many bytes of the pack it reads.
bytes_read() {
    strace -f -y -o trace -e trace=pread64,read "$@" >/dev/null
    sed -n 's/.*ab.ndjson>.* = \([0-9]*\)$/\1/p' trace | awk '{ sum += $1 } END { print sum + 0 }'
}

@test "who has the index of a pack does not read the pack" {
    need_tracing
    refused 2502 2502 >in
    [ "$(bytes_read evfail --results packed <in)" -le 200000 ]
    rm -r evstore/index
    refused 2503 2503 >in
    [ "$(bytes_read evfail --results packed <in)" -ge 400000 ]
    is "$(jq -r .request evstore/results/ab.ndjson | sort -u | wc -l)" 2503
}

@test "files that are gone, cut off, empty, swapped, flipped or something else are as good as none" {
    cp -a evstore/index good
    for file in $(cd good && ls); do
        for harm in 'rm FILE' 'truncate -s 512 FILE' 'truncate -s -1 FILE' ': >FILE' 'rm FILE; mkdir FILE' 'cat ../../asked >FILE' \
            'printf x | dd of=FILE bs=1 seek=100 conv=notrunc status=none' 'printf x | dd of=FILE bs=1 seek=600 conv=notrunc status=none'; do
            rm -rf evstore/index
            cp -a good evstore/index
            (cd evstore/index && eval "${harm//FILE/$file}")
            intact
        done
    done
}

@test "a pack that was written anew is not taken for the one before, and old files of its index go" {
    intact
    before=$(runs)
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
        [ "$(runs)" -le $((before + 1)) ]
    done
}

@test "what a pack lost at its end is made again" {
    head -n 1500 pack >evstore/results/ab.ndjson
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
        refused $((3000 + 600 * i)) $((3599 + 600 * i)) >in
        cat in >&"$a"
        eventually answered out.a $((600 * i))
        cat in >&"$b"
        eventually answered out.b $((600 * i))
        local other=$a
        a=$b b=$other
        mv out.a out.c; mv out.b out.a; mv out.c out.b
    done
    exec {a}>&- {b}>&-
    wait
    is "$(wc -l <evstore/results/ab.ndjson)" $((2501 + 3600))
    is "$(jq -r .request evstore/results/ab.ndjson | sort -u | wc -l)" $((2501 + 3600))
    cp evstore/results/ab.ndjson pack
    intact
}

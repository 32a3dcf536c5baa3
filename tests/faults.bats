# Calls that fail, for want of space, of a disk, of files, of memory, or that are cut short:
# what was said holds, what went wrong is said, and the next run completes what is missing.
# Some calls of each kind fail here: tests/torture/faults breaks all.
load lib
load served
load faulted

# fails CASE...: each in each way; those with sanitizers do not run out of memory.
fails() { broken altering,full,half-full,opening,reading,looking,memory,interrupted,short "$@"; }

@test "evbuy" { fails evbuy 'evbuy to a file'; }
@test "evbuy -s tells nothing that is not so" { fails 'evbuy -s' 'evbuy -s of one' 'evbuy -s, segments full'; }
@test "evtask" { fails evtask 'evtask to a file'; }
@test "evcheck" { fails evcheck 'evcheck to a file' 'evcheck to two files'; }
@test "evorder" { fails evorder 'evorder to a file' 'evorder to two files' 'evorder from a pipe'; }
@test "evfail" { fails evfail 'evfail to a file' 'evfail, results packed' 'evfail in a new store'; }
@test "evcreate" { fails evcreate 'evcreate to a file' 'evcreate, results packed'; }
@test "services that read topics" { fails "${services[@]/%/ --drain}"; }
@test "services that read topics, in two lanes, with packed results" {
    fails 'evorder --drain, two lanes' 'evfail --drain, results packed'
}
@test "a batch of many streams, of which one cannot be written: none is, and nothing is told" {
    seq -f '{"action":"add","product":"P%03g","quantity":5}' 1 600 | evstock >/dev/null
    seq -f '{"product":"P%03g","quantity":2}' 1 600 | evbuy | evtask | evcheck >in
    cp -a evstore before
    run -74 --separate-stderr failing CALLS=write PATH=/journal/ AT=300 HOW=ENOSPC LOG="$PWD/log" -- evorder <in
    is "$output" ''
    failed=$(sed 's,.*/journal/,,' log)
    is "$stderr" "evorder: ./evstore/journal/$failed: cannot write: No space left on device"
    diff -r before evstore
    evorder <in | wc -l | grep -x 600
    evaudit
}
@test "evstock" { fails evstock 'evstock of one' 'evstock in a new store'; }
@test "evreplay" { fails evreplay 'evreplay --verify' 'evreplay --events' 'evreplay -'; }
@test "evresult" { fails evresult 'evresult --pack' 'evresult --expire'; }
@test "evtopic publish" { fails 'evtopic publish' 'evtopic publish, hint late'; }
@test "evtopic lanes, seek, trim" { fails 'evtopic lanes' 'evtopic seek' 'evtopic trim'; }
@test "evtopic redrive" { fails 'evtopic redrive' 'evtopic redrive, a long letter'; }
@test "evtopic run" { fails 'evtopic run'; }
@test "evtopic that only looks" { fails 'evtopic list' 'evtopic lag' 'evtopic cat' 'evtopic dead'; }
@test "evtrace" { fails evtrace 'evtrace --product'; }
@test "evwatch --once" { fails 'evwatch --once'; }
@test "evaudit" { fails evaudit 'evaudit --mark' 'evaudit --mark, again'; }
@test "evaudit --repair" { fails 'evaudit --repair' 'evaudit --repair, results packed'; }

# two_batches N: evorder gets a second message when it has told of the first; its N-th sync of a journal fails.
two_batches() {
    stock 85123A 10
    cp evstore/journal/85123A.ndjson stocked
    mkfifo in
    failing CALLS=fsync,fdatasync,syncfs PATH=/journal/ AT="$1" HOW=EIO LOG=broken -- evorder -o out <in 2>errors 3>&- &
    pids+=("$!")
    exec 7>in
    available "$r1" 85123A 6 10 1 >&7
}

# ends_with STATUS: it ends so, though more may come.
ends_with() {
    code=0
    wait "${pids[0]}" || code=$?
    exec 7>&-
    [ "$code" -eq "$1" ]
}

@test "a sync that fails is final: the batch is not told, and the journal is cut back to before it" {
    two_batches 1
    ends_with 74
    [ ! -s out ]
    cmp stocked evstore/journal/85123A.ndjson
    grep -q '^1 fdatasync .*/journal/85123A.ndjson$' broken
    [[ $(cat errors) = 'evorder: '*'cannot sync: Input/output error' ]]
}

@test "a sync that fails in the second batch leaves the first as it was told" {
    two_batches 2
    eventually test -s out
    { cat stocked; event evorder stock.sold "$r1" 85123A 2 '{"quantity":6}'; } |
        sed -E 's/,"sum":"[0-9a-f]{16}"\}$/}/' | summed >sold
    cmp sold evstore/journal/85123A.ndjson
    { available "$r2" 85123A 1 4 2; available "$r3" 85123A 1 4 2; } >rest
    cat rest >&7
    ends_with 74
    holds out "$(to_order "$r1" 85123A 6 2)"
    cmp sold evstore/journal/85123A.ndjson
}

@test "a pack that is deleted just before lines are written to it is made again with them" {
    for request in "$r1" "$r2"; do unavailable "$request" 71053 6 0 0 unknown-product; done >in
    head -n 1 in | evfail --results packed >first
    failing CALLS=write PATH=/results/5e.ndjson AT=1 HOW=deleted LOG=calls -- evfail --results packed <in >told
    grep -q '^1 write .*/5e.ndjson$' calls
    head -n 1 told | cmp first -
    is "$(jq -r .request evstore/results/5e.ndjson)" "$r2"
    evfail --results packed <in | cmp told -
    is "$(jq -r .request evstore/results/5e.ndjson)" "$r2"$'\n'"$r1"
}

@test "a disk that fails goes before damage elsewhere, in either order, --verify or not" {
    stock A 10
    stock B 10 "$g2"
    sed -i 's/"quantity":10/"quantity":11/' evstore/journal/B.ndjson
    for products in 'A B' 'B A'; do
        for form in '' --verify; do
            # shellcheck disable=SC2086 # words
            run -74 failing CALLS=pread,read PATH=/A.ndjson AT=1 HOW=EIO -- evreplay $form $products missing
            [[ $output = *'/A.ndjson: cannot read: Input/output error'* && $output = */B.ndjson:1:* && $output = *missing* ]]
        done
    done
}

@test "whatever call of a command alters a file, it can be broken" {
    altering='p?write(v|v2|64)?|f(data)?sync|syncfs|sync_file_range|f?truncate(64)?|(open|openat|creat)(64)?'
    altering+='|rename(at2?)?|(sym)?link(at)?|unlink(at)?|rmdir|mkdir(at)?|mknod(at)?|mkfifo(at)?|mkd?o?s?temps?(64)?'
    altering+='|tmpfile(64)?|(posix_)?fallocate(64)?|copy_file_range|sendfile(64)?|splice|flock'
    altering+='|lockf(64)?|futimens|utimensat|f?chmod(at)?|f?chown(at)?|mmap(64)?|msync|p?read(v|64)?|fopen(64)?|fdopen'
    nm -D --undefined-only "$(dirname "$(command -v evbuy)")"/ev* | sed -n 's/^ *U \([^@]*\).*/\1/p' | sort -u |
        grep -xE "$altering" >called
    [ "$(wc -l <called)" -gt 12 ]
    nm -D --defined-only "$shim" | awk '{ print $3 }' | sort >known
    comm -23 called known | cmp /dev/null -
}

@test "what was reported before a journal could not be written is kept" {
    stock 85123A 40
    { echo bad; available "$r1" 85123A 6 40 1; } >in
    run -74 --separate-stderr failing CALLS=write PATH=/journal/ AT=1 HOW=ENOSPC -- evorder <in
    [[ $stderr = 'evorder: stdin:1: '* ]]
    [ "$(dead evorder)" -eq 1 ]
}

# Durable before visible, through topics: what is said is on disk, and so is what an offset passes over.
load lib
load served
load traced

setup() {
    start
    need_tracing
}

# warm: every topic and journal is there, and has been used.
warm() {
    stock 85123A 1000
    evbuy -s -u "$r1" 85123A 1 >/dev/null
    evbuy -s -u "$r2" 85123A 9999 >/dev/null
    drain_all
}

# before WHAT: all that comes before the first such line.
before() { awk -v what="$1" '$0 ~ what { exit } { print }' trace; }

# syncs_before WHAT: how many calls that sync come before it.
syncs_before() { before "$1" | grep -c 'sync(\|syncfs(' || true; }

# written TOPIC: a pattern of a line's writing to a segment of it.
written() { printf 'write[(][0-9]*<[^>]*topics/%s/0/[0-9]*.ndjson>' "$1"; }

# offsets_follow: whenever an offset file was written, all that came before was on disk; it was written.
offsets_follow() {
    awk '
        function file() { match($0, /<[^>]*>/); return substr($0, RSTART + 1, RLENGTH - 2) }
        / write[v]?\(| pwrite64\(|^write[v]?\(|^pwrite64\(/ {
            name = file()
            if (name ~ /\.offset$/) {
                offsets++
                for (other in dirty) { print "not on disk: " other; early = 1 }
                if (!everything) { print "not everything"; early = 1 }
            } else if (name !~ /\.(lock|end)$/ && name ~ /evstore|\/work\//)
                dirty[name] = 1
        }
        /linkat\(|rename/ { dirty["results"] = 1 }
        /f(data)?sync\(/ { delete dirty[file()] }
        /syncfs\(/ { delete dirty; everything = 1 }
        END { exit early || offsets < 1 }' trace || { cat trace; return 1; }
}

@test "a request is on disk before its UUID is told, and every name on its way" {
    trace evbuy -s -u "$r1" 85123A 6 >out
    holds out "$r1"
    synced_before "$told" topics/purchase.requested/0/00000000000000000000.ndjson
    for directory in /topics/purchase.requested/0 /topics/purchase.requested /topics /evstore /work; do
        before "$told" | grep "fsync([0-9]*<[^>]*$directory>)"
    done
    # Whoever was killed on that way may have left it unsaid: seen when there is no hint.
    rm evstore/topics/purchase.requested/0.end
    trace evbuy -s -u "$r2" 85123A 6 >out
    for directory in /topics/purchase.requested/0 /topics/purchase.requested /topics /evstore; do
        before "$told" | grep "fsync([0-9]*<[^>]*$directory>)"
    done
    purchases 1 100 | trace evbuy -s >out
    [ "$(wc -l <out)" -eq 100 ]
    synced_before "$told" topics/purchase.requested/0/00000000000000000000.ndjson
    [ "$(grep -c 'sync(\|syncfs(' trace)" -le 3 ]
}

@test "a full segment is on disk before the next one is made, whoever wrote it" {
    lanes purchase.requested 1 4096
    printf '%4095s\n' x | evtopic publish purchase.requested
    calls=openat,$calls trace evbuy -s 85123A 6 >out
    [ "$(segments purchase.requested | xargs -n 1 basename | paste -sd ' ')" = \
        '00000000000000000000.ndjson 00000000000000000001.ndjson' ]
    before 'openat[(].*0001.ndjson.*O_CREAT' | grep 'fdatasync([0-9]*<[^>]*/0000*.ndjson>)'
    before "$told" | sed '1,/openat(.*0001.ndjson.*O_CREAT/d' | grep 'fsync([0-9]*<[^>]*/purchase.requested/0>)'
    synced_before "$told" topics/purchase.requested/0/00000000000000000001.ndjson
}

@test "evtask publishes only what is on disk in the lane that it reads" {
    warm
    evbuy -o @purchase.requested -u "$r3" 85123A 6
    trace evtask --drain
    before "$(written stockcheck.requested)" | grep \
        'fdatasync([0-9]*<[^>]*topics/purchase.requested/0/[0-9]*.ndjson>'
    grep -q "$(written stockcheck.requested)" trace
}

@test "evorder publishes only what is on disk in the journal, evfail too" {
    warm
    evbuy -s -u "$r3" 85123A 6
    evbuy -s -u "$r4" 85123A 9999
    evtask --drain
    evcheck --drain
    trace evorder --drain
    synced_before "$(written order.requested)" journal/85123A.ndjson
    trace evfail --drain
    synced_before "$(written order.failed)" journal/85123A.ndjson
    synced_before "linkat.*$r4.json" journal/85123A.ndjson
}

@test "an offset is written when all that came before it is on disk" {
    stock 85123A 1000
    evbuy -s -u "$r1" 85123A 1
    evbuy -s -u "$r2" 85123A 9999
    echo bad | tee >(evtopic publish order.requested) | evtopic publish purchase.requested
    for service in "${services[@]}"; do
        code=0
        trace "$service" --drain || code=$?
        [ "$code" -eq 0 ] || [ "$code" -eq 65 ]
        offsets_follow
    done
    # While it serves, as well.
    background strace -f -y -s 0 -o trace -e "trace=$calls" evorder --serve
    evbuy -s -u "$r3" 85123A 1
    evtask --drain
    evcheck --drain
    eventually read_all evorder
    pkill -TERM -P "$pid"
    wait "$pid"
    offsets_follow
    # A file that it writes to stands for the topic.
    trace evtask -i @purchase.requested -g other -o named || [ $? -eq 65 ]
    offsets_follow
}

@test "a request waits for the disk twice: when it is submitted, and when it is decided" {
    warm
    trace evbuy -s -u "$r3" 85123A 6 >out
    [ "$(syncs_before "$told")" = 1 ]
    evbuy -s -u "$r4" 85123A 9999
    for wait in 'evtask 1 stockcheck.requested' 'evcheck 0 stock.available' 'evorder 1 order.requested' \
        'evfail 1 order.failed' 'evcreate 0 order.created'; do
        read -r service syncs topic <<<"$wait"
        trace "$service" --drain
        grep -q "$(written "$topic")" trace
        [ "$(syncs_before "$(written "$topic")")" = "$syncs" ]
        # And once more for the offset.
        [ "$(grep -c 'sync(\|syncfs(' trace)" -le $((syncs + 1)) ]
    done
    # What evtask waits for was on disk when the request was told; the result too is there by then.
    trace evbuy -s -u 5e8a4c1d-2b7f-4d3e-9c60-000000000005 85123A 6 >out
    synced_before "$told" topics/purchase.requested/0/00000000000000000000.ndjson
}

@test "many requests, of many products over many lanes, wait as often as one" {
    lanes purchase.requested 8
    purchases 1 1000 200 | trace evbuy -s >out
    [ "$(wc -l <out)" = 1000 ]
    # What it made is synced by its names; the lines by one.
    [ "$(before "$told" | grep -c 'syncfs(')" = 1 ]
    [ "$(before "$told" | grep -c 'fdatasync(')" = 0 ]
}

@test "a sync that fails ends a service with 74, and no offset is moved" {
    warm
    evbuy -s -u "$r3" 85123A 6
    evbuy -s -u "$r4" 85123A 9999
    for service in "${services[@]}"; do
        before=$(at "$service")
        # What cannot be synced once is not known to be there: it is handled again.
        run -74 strace -f -o /dev/null -e trace=syncfs,fdatasync -e inject=syncfs,fdatasync:error=EIO "$service" --drain
        [[ $output = "$service: "* ]]
        [ "$(at "$service")" = "$before" ]
        [ "$(jq .offset "evstore/topics/${topic_of[$service]}/groups/$service/0.lock")" = "$before" ]
        "$service" --drain
        read_all "$service"
    done
    evresult "$r3" "$r4" >results || [ $? -eq 1 ]
    [ "$(wc -l <results)" = 2 ]
    audited
}

@test "lanes: what each had, every name, and the table are on disk in this order before it is said" {
    evbuy -s -u "$r1" 85123A 6 >/dev/null
    topic='/topics/purchase\.requested'
    trace evtopic lanes purchase.requested 2 >out
    for what in "$topic/0/0*\.ndjson>" "$topic/0>" '/topics>' "$topic/\.lanes>"; do
        before 'renameat' | grep "sync([0-9]*<[^>]*$what)"
    done
    before "$told" | sed '1,/renameat/d' | grep "fsync([0-9]*<[^>]*$topic>)"
    # Whoever finds a table that its writer may not have synced does so before it goes by it.
    sed -i '/durable/d' evstore/topics/purchase.requested/lanes
    trace evbuy -s -u "$r2" 85123A 6 >out
    before "$(written purchase.requested)" | grep "fsync([0-9]*<[^>]*$topic/lanes>)"
}

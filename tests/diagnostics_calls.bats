# Messages of calls that fail: each is said, as the manual has it. That a command is right then: faults.bats.
load lib
load served
load spare
load faulted

teardown() {
    end_all
    [ -z "$memory" ] || rm -rf "$memory"
    [ ! -e "$BATS_TEST_TMPDIR/said" ] || python3 -S -E "$tests/diagnostics.py" wrong "$tests/.." <"$BATS_TEST_TMPDIR/said"
}

# breaks STATUS MESSAGE "SETTING..." COMMAND...: the call is broken, and this is the last that it says.
breaks() {
    local -a settings
    read -ra settings <<<"$3"
    run "-$1" --separate-stderr failing "${settings[@]}" -- "${@:4}" </dev/null
    is "${stderr_lines[-1]}" "$4: $2"
    echo "$1 $2" >>"$BATS_TEST_TMPDIR/said"
}

@test "a journal that cannot be opened, locked, cut or made" {
    journal=./evstore/journal/85123A.ndjson
    breaks 73 'new: cannot create: No space left on device' 'CALLS=mkdir AT=1 HOW=ENOSPC' evstock -d new add 85123A 1
    breaks 74 './evstore/..: cannot sync: Input/output error' "CALLS=fsync PATH=$PWD AT=2 HOW=EIO" evstock add 85123A 1
    stock 85123A 10
    breaks 74 "$journal: cannot lock: No locks available" 'CALLS=flock PATH=/journal/ AT=1 HOW=ENOLCK' evstock add 85123A 1
    breaks 74 "$journal: cannot open: Too many open files" 'CALLS=openat,open PATH=/journal/ AT=1 HOW=EMFILE' \
        evstock add 85123A 1
    breaks 74 "$journal: cannot open: No space left on device" 'CALLS=openat,open PATH=/journal/ AT=1 HOW=ENOSPC' \
        evreplay 85123A
    breaks 73 "$journal: cannot open or create: No space left on device" 'CALLS=openat,open PATH=/journal/ AT=1 HOW=ENOSPC' \
        evstock add 85123A 1
    breaks 74 "$journal: cannot write: No space left on device" 'CALLS=write,pwrite,writev PATH=/journal/ AT=1 HOW=ENOSPC' \
        evstock add 85123A 1
    printf '{"x' >>"$journal"
    breaks 74 "$journal:2: cannot cut off: Input/output error" 'CALLS=ftruncate AT=1 HOW=EIO' evstock add 85123A 1
}

@test "files of a topic that cannot be read or written" {
    lane=./evstore/topics/purchase.requested/0
    wanted "$r1" 85123A 1 | evtopic publish TOPIC-1
    breaks 73 '@purchase.requested: cannot make the group: No space left on device' \
        'CALLS=mkdirat,mkdir PATH=groups AT=1 HOW=ENOSPC' evtask --drain
    breaks 73 '@purchase.requested: cannot make the group: No space left on device' \
        'CALLS=mkdirat,mkdir PATH=groups AT=1 HOW=ENOSPC' evtopic seek g TOPIC-1 first
    breaks 74 "$lane: cannot write the offset: No space left on device" 'CALLS=pwrite PATH=.offset AT=1 HOW=ENOSPC' \
        evtask --drain
    breaks 74 '@purchase.requested: lane 0: cannot move the group: No locks available' \
        'CALLS=flock PATH=groups AT=1 HOW=ENOLCK' evtopic seek g TOPIC-1 first
    breaks 74 '@purchase.requested: lane 0: cannot read: Input/output error' \
        'CALLS=pread PATH=ndjson AT=2 HOW=EIO' evtopic cat TOPIC-1
    breaks 74 "$lane: cannot trim: Input/output error" 'CALLS=syncfs PATH=topics AT=1 HOW=EIO' evtopic trim TOPIC-1
    breaks 74 "$lane: cannot lock: No locks available" 'CALLS=flock PATH=requested/0 AT=1 HOW=ENOLCK' evtopic lanes TOPIC-1 2
    breaks 74 "${lane%0}lanes: cannot write: No space left on device" 'CALLS=write PATH=.lanes AT=1 HOW=ENOSPC' \
        evtopic lanes TOPIC-1 2
    breaks 74 "$lane: cannot seal: Input/output error" 'CALLS=openat PATH=requested/0 AT=4 HOW=EIO' evtopic lanes TOPIC-1 2
}

@test "names and results that cannot be kept, and long lines" {
    buy 85123A 1 "$r1" >/dev/null
    breaks 74 "./evstore/results/$r1.json: cannot delete: Input/output error" \
        'CALLS=unlinkat PATH=results AT=1 HOW=EIO' evresult --pack
    breaks 74 'made: cannot sync its name: Input/output error' "CALLS=fsync PATH=$PWD AT=1 HOW=EIO" evtask -o made
    printf '%070000d\n' 0 >long
    TMPDIR=/nowhere run -74 evtask -i long
    is "$output" 'evtask: /nowhere: cannot keep a long line: No such file or directory'
    breaks 74 'cannot start a thread: Resource temporarily unavailable' 'CALLS=pthread_create AT=1 HOW=EAGAIN' \
        evaudit --mark mark
    if command -v evproject >/dev/null; then
        breaks 74 'shop.db: cannot sync its directory: Input/output error' "CALLS=fsync PATH=$PWD AT=2 HOW=EIO" \
            evproject --rebuild --db shop.db
    fi
}

@test "a redrive that goes on, an output and an offset that cannot be written" {
    printf '%s\n' one two | evtopic publish stockcheck.requested
    run -65 evcheck --drain
    run -137 failing CALLS=write PATH=/0/ AT=1 HOW=kill-after -- evtopic redrive evcheck
    breaks 74 '@stockcheck.requested: cannot end the last lines: Input/output error' \
        'CALLS=openat PATH=requested/0 AT=4 HOW=EIO' evtopic redrive evcheck
    breaks 74 'standard output: cannot sync: Input/output error' 'CALLS=fsync AT=1 HOW=EIO' evtask
    printf x | dd of=evstore/topics/stockcheck.requested/groups/evcheck/0.offset conv=notrunc bs=1 seek=5 2>errors
    breaks 74 '@stockcheck.requested: group evcheck: lane 0: cannot put the offset right: No space left on device' \
        'CALLS=pwrite PATH=.offset AT=1 HOW=ENOSPC' evaudit --repair
}

@test "who waits for results, and cannot be told of them" {
    stock 85123A 1
    background failing CALLS=read AT=1 HOW=EIO -- timeout 300 evresult --follow 2>errors
    until ! kill -0 "$pid" 2>/dev/null; do
        : >evstore/results/x
        pause
    done
    is "$(cat errors)" 'evresult: cannot read what is watched: Input/output error'
}

@test "commands that cannot be run" {
    echo line | evtopic publish notes
    run=(evtopic run -g g --drain notes -- cat)
    need_tracing
    run -74 strace -f -o /dev/null -e inject=memfd_create:error=ENOMEM "${run[@]}"
    is "$output" "evtopic: cannot keep a command's input in memory: Cannot allocate memory"
    run -74 --separate-stderr strace -f -o /dev/null -e inject=pidfd_open:error=ENOSYS "${run[@]}"
    is "$stderr" 'evtopic: cannot wait for a command: Function not implemented'
    # The command was started, and may have answered before it was ended.
    [[ $output = '' || $output = line ]]
    is "$("${run[@]}")" line
}

@test "who waits, and cannot" {
    need_tracing
    echo line | evtopic publish notes
    refused=(timeout 300 strace -o /dev/null -e "inject=poll,ppoll:error=ENOMEM")
    run -74 "${refused[@]}" evtopic cat -f --from 1 notes
    is "$output" 'evtopic: cannot wait: Cannot allocate memory'
    run -74 "${refused[@]}" evtask --serve
    is "$output" 'evtask: cannot wait: Cannot allocate memory'
    run -74 timeout 300 strace -o /dev/null -e inject=signalfd4:error=EMFILE evtask --serve
    is "$output" 'evtask: cannot wait for signals: Too many open files'
    mkfifo seen
    background bash -c 'exec timeout 300 strace -o /dev/null -e inject=inotify_add_watch:error=ENOSPC evresult --follow >seen' 2>said
    exec 7<seen
    eventually test -s said
    exec 7<&-                           # which ends it, too
    wait "$pid" || true
    is "$(cat said)" 'evresult: looking every 10 ms: ./evstore: cannot watch: No space left on device'
}

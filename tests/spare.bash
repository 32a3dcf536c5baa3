# spare.bash -- what lib and bats do, with fewer processes: starting them is what tests take
# their time for. Loaded behind lib.

# run [-STATUS] [--separate-stderr] COMMAND...: as in bats, by one process; no other options.
run() {
    local wanted='' flags=$- file=$BATS_TEST_TMPDIR/run separate=''
    while [[ $1 = -* ]]; do
        if [ "$1" = --separate-stderr ]; then separate=yes; else wanted=${1#-}; fi
        shift
    done
    status=0
    set +eET
    if [ -n "$separate" ]; then ("$@") >"$file" 2>"$file.errors"; else ("$@") >"$file" 2>&1; fi
    status=$?
    set "-$flags"
    content_of "$file"
    output=$content
    IFS=$'\n' read -r -d '' -a lines <"$file" || true
    if [ -n "$separate" ]; then
        content_of "$file.errors"
        stderr=$content
        IFS=$'\n' read -r -d '' -a stderr_lines <"$file.errors" || true
    fi
    [ "$status" -eq "${wanted:-$status}" ] || { echo "exit status $status: $*: $output ${separate:+$stderr}"; return 1; }
}

# content_of FILE: all of it in $content, without newlines at its end.
content_of() {
    IFS= read -r -d '' content <"$1" || true
    while [[ $content = *$'\n' ]]; do content=${content%$'\n'}; done
}

# find_python: the interpreter itself in $python; what stands in PATH may be a script that looks for it.
find_python() {
    python=$(python3 -c 'import sys; print(sys.executable)')
    export python
}

# summed, as in lib, by one process a test, which is asked again and again, and ends with it;
# sum LINE...: the same for lines that are no standard input.
summed() {
    local -a heads
    mapfile -t heads
    sum "${heads[@]}"
}
summing=
sum() {
    local line
    if [ -z "$summing" ]; then
        mkfifo "$BATS_TEST_TMPDIR"/{heads,summed}
        ("${python:-python3}" -S -E "$tests/sums.py" <"$BATS_TEST_TMPDIR/heads" >"$BATS_TEST_TMPDIR/summed" 3>&- &)
        exec {summing}>"$BATS_TEST_TMPDIR/heads" {summed}<"$BATS_TEST_TMPDIR/summed"
    fi
    # An empty line is the end of a journal.
    printf '%s\n' "$@" '' >&"$summing"
    for line; do
        [ -z "$line" ] || { IFS= read -r -u "$summed" line && printf '%s\n' "$line"; }
    done
}

# chained FILE, as in lib.
chained() {
    local -a found
    mapfile -t found <"$1"
    sum "${found[@]/%,\"sum\":\"????????????????\"\}/\}}" >"$BATS_TEST_TMPDIR/chained"
    cmp "$BATS_TEST_TMPDIR/chained" "$1"
}

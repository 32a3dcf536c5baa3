# spare.bash -- run, with fewer processes: starting them is what tests take their time for.
# Loaded behind lib.

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

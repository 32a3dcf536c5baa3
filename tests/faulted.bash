# faulted.bash -- commands broken at the calls that they make, by build/shim/fail.so. Loaded
# behind lib and served.

setup() {
    start
    shim=$(cd "$tests/../build/shim" && pwd)/fail.so
    # Thousands of runs, and nothing of them has to last: in memory, where there is a place for it.
    if memory=$(mktemp -d /dev/shm/eventdemo.XXXXXX 2>/dev/null); then cd "$memory" || return; fi
}

teardown() {
    end_all
    [ -z "$memory" ] || rm -rf "$memory"
}

# broken KINDS CASE...: these cases broken in these ways, at each call; see faults/.
broken() { python3 "$tests/faults/faults.py" --kinds "$@"; }

# failing SETTING... -- COMMAND...: the command with FAIL_SETTING for the shim.
failing() {
    local -a settings=()
    while [ "$1" != -- ]; do
        settings+=("FAIL_$1")
        shift
    done
    env "${settings[@]}" LD_LIBRARY_PATH="$tests/../build/shim${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" LD_PRELOAD=fail.so \
        ASAN_OPTIONS="${ASAN_OPTIONS-}:verify_asan_link_order=0:detect_leaks=0" "${@:2}"
}

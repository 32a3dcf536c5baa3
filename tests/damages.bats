# Every damage is found: some of each kind, done to each file of a small store.
# tests/torture/damage does them all.
load lib

# damage PART STRIDE EVERY LEAST: some of the damages of a part, and that none goes wrong. A
# process under a sanitizer takes ten times as long, so of those there are fewer then.
damage() {
    local every=$3 least=$4
    if sanitized; then every=$((every * 7)) least=$((least / 7)); fi
    run -0 env EV_STRIDE="$2" EV_EVERY="$every" "$tests/torture/damage" "$1"
    [[ ${lines[-1]} =~ ^damages:\ ([0-9,]+)\;\ wrong:\ 0$ ]]
    [ "${BASH_REMATCH[1]//,/}" -ge "$least" ]
}

@test "journals and orders: found in its line, never built upon, a torn end healed" {
    damage truth 1511 4 55
}

@test "results and packs: found, and made again" {
    damage results 601 6 15
}

@test "offsets and places in locks: found, and no message is lost by it" {
    damage offsets 401 7 45
}

@test "format, lanes, redriven: never guessed over" {
    damage settings 401 4 10
}

@test "where a lane ends: not believed, and published behind all there is" {
    damage hints 2003 3 8
}

@test "messages have no sum: each is answered, passed on or put aside" {
    damage messages 131 1 500
}

# The protocol's model: what its promises say holds in every state of small sizes, and is
# found broken where it is broken on purpose. tests/torture/protocol has the large sizes.

bats_require_minimum_version 1.5.0

setup() {
    command -v spin >/dev/null || skip 'spin is not installed'
    verify=$BATS_TEST_DIRNAME/model/verify
    export EV_OPTIMIZE=-O0
}

# holds SIZE...: in all states, and there are more than a few.
holds() {
    run -0 "$verify" "$@"
    [[ "$output" =~ ^([0-9]+)\ states:\ holds$ ]]
    [ "${BASH_REMATCH[1]}" -gt 1000 ]
}

# finds WHAT SIZE...: the assertion that holds this text is violated.
finds() {
    run -1 "$verify" "${@:2}"
    [[ "$output" == *' states: broken: assertion violated '*"$1"* ]]
}

@test "workers killed at any step, and the power failing, break no promise" {
    holds -DCRASHES=1 -DSELLERS=2 -DREFUSERS=1
    holds -DCRASHES=1 -DSELLERS=1 -DREFUSERS=1 -DSTOCK=0 -DARRIVALS=1
}

@test "one UUID for two products buys once, whoever is killed" {
    holds -DCRASHES=1 -DSHARED -DKILLS_ONLY -DSELLERS=1 -DREFUSERS=1
}

@test "a sale without a second look under the lock is found to oversell" {
    finds 'pieces>=0' -DNO_SECOND_CHECK
}

@test "a refusal that does not look for an outcome is found to be a second one" {
    finds 'number&7' -DBLIND_REFUSAL
}

@test "what is told before it is on disk is found out" {
    finds '.synced' -DSPEAK_EARLY
    finds '.synced' -DTRUST_UNSYNCED
    finds 'kept[n]' -DTRUST_UNSETTLED
}

@test "evcreate without the lock of the orders is found to make two of a request" {
    finds 'ordered' -DNO_ORDERS_LOCK -DSHARED -DKILLS_ONLY -DCREATORS=2 -DSELLERS=1 -DREFUSERS=1
}

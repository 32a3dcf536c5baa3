# What a power cut may leave, at any instant: what was said is there, what users do
# anyway completes the rest, and nothing has to be repaired by hand.
# All states there are: tests/torture/power.

bats_require_minimum_version 1.5.0

setup() {
    power=$BATS_TEST_DIRNAME/power
    export PYTHONDONTWRITEBYTECODE=1 EV_BIN=${EV_BIN:-$BATS_TEST_DIRNAME/../bin}
    EV_BIN=$(cd "$EV_BIN" && pwd)
    # Sanitized commands start slowly: fewer states of each play are judged then.
    share=1
    ! grep -q __asan_init "$EV_BIN/evbuy" || share=2
    cd "$BATS_TEST_TMPDIR" || return
}

# cut_off STATES KILLS SCENARIO...: users go on from so many states of each play; also after a
# kill at each so-manieth change, if not 0.
cut_off() {
    run -0 python3 "$power/power.py" --most 6 --judge $(($1 / share)) --kills $(($2 * share)) \
        "${@:3}"
    [[ ${lines[-1]} =~ ^plays:\ [1-9].*\ gone\ on\ from:\ [1-9][0-9,]*\;\ wrong:\ 0$ ]]
}

@test "goods in and out, the first use of a store among them" {
    cut_off 6 23 stock stock-batch
}

@test "filters in pipes and files" {
    cut_off 2 41 evorder evfail evcreate evfail-packed evcreate-packed files flow-again
}

@test "one UUID for two purchases; an answer from a line whose writer was killed" {
    cut_off 4 0 one-uuid
}

@test "requests that were submitted" {
    cut_off 3 31 submit submit-first
}

@test "services that drain topics" {
    cut_off 2 0 drain drain-again results
}

@test "topics: published to, changed, trimmed; dead letters sent again" {
    cut_off 2 61 publish lanes segments trim seek dead redrive
}

@test "lines lost in the middle, and a lane that lost its end, are told and kept" {
    run -0 python3 "$power/damage.py"
    [[ $output = *'; wrong: 0' ]]
}

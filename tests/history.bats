# What many clients see of a product at once is what it would have shown them one by one.
# For minutes: EV_SECONDS=600 tests/torture/histories

bats_require_minimum_version 1.5.0

setup() { export PYTHONDONTWRITEBYTECODE=1; }

@test "the checker tells possible histories from impossible ones" {
    python3 "$BATS_TEST_DIRNAME/history/test_checker.py"
}

@test "10 clients, services killed meanwhile: what they saw is linearizable" {
    run -0 python3 "$BATS_TEST_DIRNAME/history/live.py" --clients 10 --operations 40
    [[ "${lines[-1]}" == 'linearizable: 5 products, 40'?' operations; undecided: 0; wrong: 0' ]]
}

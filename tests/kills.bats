# Processes killed at random instants of their work: nothing is lost, nothing done twice.
# Thousands of them: EV_KILLS=10000 tests/torture/kills

bats_require_minimum_version 1.5.0

setup() { export PYTHONDONTWRITEBYTECODE=1; }

@test "50 kills and more in stages, pipes, FIFOs and topics; all that is derived deleted meanwhile" {
    run -0 python3 "$BATS_TEST_DIRNAME/model/kills.py" --kills 50 --lives 5
    [[ "${lines[-1]}" == 'kills: '*'; rounds compared with the model: '*'; wrong: 0' ]]
    [[ "$output" == *'derived files deleted: '[1-9]*'; results: '*'; locks: '* ]]
}

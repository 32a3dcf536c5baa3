# Everything that random flows write, against a model that knows only the contract.
# Thousands of them: python3 tests/model/model.py --flows 5000 --seed N

bats_require_minimum_version 1.5.0

setup() {
    model=$BATS_TEST_DIRNAME/model
    export PYTHONDONTWRITEBYTECODE=1
    cd "$BATS_TEST_TMPDIR" || return
}

@test "100 random flows end where the sequential model says" {
    run -0 python3 "$model/model.py" --flows 100 --seed 1 --keep worlds
    [[ "${lines[-1]}" == *'flows: '*'all as the model says' ]]
}

@test "the audit sees a store that breaks a promise" {
    PATH=${EV_BIN:-$BATS_TEST_DIRNAME/../bin}:$PATH
    export EV_STORE=$PWD/store
    evstock add P 3 >stock
    printf '{"product":"P","quantity":2,"request":"00000000-0000-4000-8000-00000000000%s"}\n' 1 2 >wishes
    evbuy <wishes | evtask | evcheck | evorder | evfail | evcreate >outcomes
    run -0 python3 "$model/audit.py" store wishes
    [ "$output" = '1 journals, 1 orders, 2 results, 2 pieces sold' ]

    cp -r store lost && rm lost/results/*1.json
    run -1 python3 "$model/audit.py" lost wishes
    cp -r store forged && sed -i 's/"quantity":2/"quantity":1/' forged/journal/P.ndjson
    run -1 python3 "$model/audit.py" forged wishes
    cp -r store swapped && cp swapped/results/*1.json swapped/results/*2.json
    run -1 python3 "$model/audit.py" swapped wishes
    cp -r store orderless && rm orderless/orders.ndjson
    run -1 python3 "$model/audit.py" orderless wishes
}

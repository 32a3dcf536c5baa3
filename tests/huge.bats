# Bad input without measure: kept byte for byte, in memory that is bounded.
# What is smaller stands in input.bats; what is larger in torture/huge.
load lib

# huge KIND COMMAND SIZE [KB]: KB of address space, 200,000 by default, are enough.
huge() {
    local limit=${4:-200000}
    # What a sanitizer takes is not counted.
    ! grep -q __asan_init "$(command -v evtask)" || limit=0
    timeout 120 python3 "$tests/fuzz/huge.py" "${@:1:3}" --limit "$limit"
}

@test "a line of 64 MB" {
    huge long evtask 64000000
    for command in evbuy evstock replay; do huge long "$command" 48000000 100000; done
}

@test "nested 100,000 deep" {
    for command in "${services[@]}" evbuy evstock replay publish redrive; do huge deep "$command" 100000; done
}

@test "300,000 lines of a few bytes" {
    huge tiny evtask 300000
    huge tiny replay 300000
}

@test "random bytes" {
    huge binary evtask 8000000
    for command in "${services[@]}" evbuy evstock replay; do huge binary "$command" 1000000; done
}

@test "any of it published, and sent again from the dead letters" {
    for command in publish redrive; do
        huge tiny "$command" 100000
        huge binary "$command" 4000000
        huge long "$command" 48000000 100000
    done
}

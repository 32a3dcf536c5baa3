# Bad input without measure: kept byte for byte, in memory that is bounded.
# What is smaller stands in input.bats; what is larger in torture/huge.
load lib

# huge KIND COMMAND[,COMMAND...] SIZE [KB]: KB of address space, 200,000 by default, are enough.
huge() {
    local limit=${4:-200000}
    # What a sanitizer takes is not counted.
    ! grep -q __asan_init "$(command -v evtask)" || limit=0
    timeout 120 python3 "$tests/fuzz/huge.py" "${@:1:3}" --limit "$limit"
}

filters=evtask,evcheck,evorder,evfail,evcreate,evbuy,evstock

@test "a line of 64 MB" {
    huge long evtask 64000000
    huge long evbuy,evstock,replay 48000000 100000
}

@test "nested 100,000 deep" {
    huge deep "$filters,replay,publish,redrive" 100000
}

@test "100,000 lines of a few bytes" {
    huge tiny evtask,replay 100000
}

@test "random bytes" {
    huge binary evtask 4000000
    huge binary "${filters#evtask,},replay" 300000
}

@test "any of it published, and sent again from the dead letters" {
    huge tiny publish,redrive 50000
    huge binary publish,redrive 2000000
    huge long publish,redrive 48000000 100000
}

# Bad input without measure: kept byte for byte, in memory that is bounded.
# What is smaller stands in input.bats; what is larger in torture/huge.
load lib

# huge KIND COMMAND[,COMMAND...] SIZE [KB]: KB of address space, 200,000 by default, are enough.
huge() {
    local limit=${4:-200000}
    # What a sanitizer takes is not counted.
    ! sanitized || limit=0
    timeout 300 python3 "$tests/fuzz/huge.py" "${@:1:3}" --limit "$limit"
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

@test "one product after the other, a batch each" {
    ! sanitized || skip 'memory of a sanitizer is not counted'
    seq -f '{"action":"add","product":"P%02.0f","quantity":12000}' 0 23 | evstock >/dev/null
    # A line of 360 bytes: 12,000 of them are a batch.
    awk -v now="$now" 'BEGIN {
        for (i = 0; i < 288000; i++) {
            uuid = sprintf("5e8a4c1d-2b7f-4d3e-9c60-%012d", i)
            printf("{\"specversion\":\"1.0\",\"id\":\"%s/stock.available\",\"source\":\"/eventdemo/evcheck\"," \
                "\"type\":\"stock.available\",\"subject\":\"P%02d\",\"time\":\"%s\",\"correlationid\":\"%s\"," \
                "\"causationid\":\"%s/stockcheck.requested\",\"data\":{\"quantity\":1,\"available\":12000,\"sequence\":1}}\n",
                uuid, i / 12000, now, uuid, uuid)
        }
    }' >checked
    # In kibibytes: a batch and what is read ahead, not a batch for each product.
    python3 - <<'PY'
import resource, subprocess
with open("checked") as checked:
    subprocess.run(["evorder"], stdin=checked, stdout=subprocess.DEVNULL, check=True)
most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
assert 8000 < most < 56000, most
PY
    is "$(evreplay | jq -s -c '[length, .[0].sold, .[23].available]')" '[24,12000,0]'
}

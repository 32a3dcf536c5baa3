# Bytes of any kind at every reader: what the fuzz targets promise holds for the seeds,
# for what was found before, and for some of what chance makes of them.
load lib

rounds=${EV_FUZZ_ROUNDS:-8000}

setup_file() {
    local bin=${EV_BIN:-$BATS_TEST_DIRNAME/../bin}
    PATH=$(cd "$bin" && pwd):$PATH PYTHONDONTWRITEBYTECODE=1 python3 "$BATS_TEST_DIRNAME/fuzz/seeds.py" \
        "$BATS_FILE_TMPDIR/seeds"
}

# unbroken TARGET: by the binaries that belong to those under test.
unbroken() {
    local directory inputs
    directory=$(dirname "$(command -v evtask)")/../fuzz
    [ -d "$directory" ] || directory=$tests/../build/plain/fuzz
    inputs=("$BATS_FILE_TMPDIR/seeds/$1")
    [ ! -d "$tests/fuzz/cases/$1" ] || inputs+=("$tests/fuzz/cases/$1")
    # A broken promise and what a sanitizer finds end alike, and the input is left behind.
    export ASAN_OPTIONS=abort_on_error=1 UBSAN_OPTIONS=abort_on_error=1
    if ! timeout 300 "$directory/$1" "$rounds" "${inputs[@]}" >out; then
        [ ! -e broken ] || base64 broken
        return 1
    fi
    [ "$(sed -n 's/^inputs: //p' out)" -gt "$rounds" ]
}

@test "JSON: what the grammar allows is read, as jansson reads it, and nothing else" { unbroken json; }
@test "messages and events: both readers agree, and what is written is read as the same" { unbroken message; }
@test "lines: they come out as they went in, long ones in pieces" { unbroken source; }
@test "wishes and results: the same" { unbroken wish; }
@test "dead letters: what is put aside comes out again, byte for byte" { unbroken letter; }
@test "journals: however they are read they say the same, and damage is found" { unbroken journal; }
@test "packs: who reads on knows what who reads anew knows" { unbroken pack; }
@test "places and lanes: what is read is written and read as the same, or refused" { unbroken place; }
@test "command lines: what the commands make of them is what the rules say" { unbroken options; }
@test "values, times and names: taken or refused by the rules, and back as they were" { unbroken values; }

@test "a letter about a file whose name is not UTF-8 is written, and is UTF-8" {
    printf 'x\n' >$'caf\xe9'
    run -65 timeout 300 evtask -i $'caf\xe9'
    is "$(jq -r .place evstore/dead/evtask.ndjson)" $'caf\xef\xbf\xbd:1'
    iconv -f UTF-8 -t UTF-8 evstore/dead/evtask.ndjson | cmp - evstore/dead/evtask.ndjson
}

# Many processes on one store: never oversold, one outcome a request, no line torn.

# Each test is a subshell of its own, and pids its own too.
# shellcheck disable=SC2030,SC2031

bats_require_minimum_version 1.5.0

setup() {
    PATH=${EV_BIN:-$BATS_TEST_DIRNAME/../bin}:$PATH
    export EV_STORE=$BATS_TEST_TMPDIR/store PYTHONDONTWRITEBYTECODE=1
    cd "$BATS_TEST_TMPDIR" || return
}

# purchases FIRST LAST PRODUCT QUANTITY: a purchase for each number.
purchases() {
    seq "$1" "$2" | awk -v product="$3" -v quantity="$4" '{ printf("{\"product\":\"%s\"," \
        "\"quantity\":%d,\"request\":\"00000000-0000-4000-8000-%012d\"}\n", product, quantity, $1) }'
}

# audit [REQUESTS]: the store is as the promises say.
audit() { python3 "$BATS_TEST_DIRNAME/model/audit.py" "$EV_STORE" "$@"; }

# all PID...: each of them ended with 0.
all() { local pid; for pid; do wait "$pid" || return; done; }

# state PRODUCT FIELD: one number of a product's state.
state() { evreplay "$1" | jq ".$2"; }

# shuffled FILE NUMBER: its lines in an order of their own, the same each time.
shuffled() { shuf --random-source=<(yes "$2") "$1"; }

@test "16 evorder racing for one product sell what is there and no piece more" {
    evstock add P 1000 >stock
    purchases 1 3200 P 1 | evbuy | evtask | evcheck >available
    [ "$(grep -c '"type":"stock.available"' available)" = 3200 ]
    split -n r/16 -d available part.
    for n in {00..15}; do evorder -i "part.$n" -o "order.$n" -r "refused.$n" & pids+=($!); done
    all "${pids[@]}"

    [ "$(state P sold) $(state P available)" = '1000 0' ]
    [ "$(cat order.* | wc -l)" = 1000 ]
    [ "$(cat refused.* | wc -l)" = 2200 ]
    [ "$(jq -r .id order.* refused.* | sort -u | wc -l)" = 3200 ]
    [ "$(evreplay --events P | jq -r 'select(.type == "stock.sold").id' | sort -u | wc -l)" = 1000 ]
    evreplay --verify
    cat order.* refused.* | evfail | evcreate >outcomes
    [ "$(audit)" = '1 journals, 1000 orders, 3200 results, 1000 pieces sold' ]
}

@test "16 evorder with the same requests, each in its own order, sell each request once" {
    evstock add P 300 >stock
    purchases 1 500 P 1 | evbuy | evtask | evcheck >available
    for n in {1..16}; do shuffled available "$n" >"copy.$n"; done
    for n in {1..16}; do evorder -i "copy.$n" -o "answer.$n" & pids+=($!); done
    all "${pids[@]}"

    [ "$(state P sold) $(state P available) $(state P sequence)" = '300 0 301' ]
    [ "$(sort -u <(jq -r .id answer.*) | wc -l)" = 500 ]
    for n in {2..16}; do
        cmp <(grep order.requested answer.1 | sort) <(grep order.requested "answer.$n" | sort)
    done
}

@test "evorder racing with evstock removes never gives away more than there is" {
    evstock add P 1000 >stock
    purchases 1 1600 P 1 | evbuy | evtask | evcheck >available
    split -n r/8 -d available part.
    for n in {0..3}; do
        seq 200 | sed 's/.*/{"action":"remove","product":"P","quantity":1}/' >"removes.$n"
    done
    for n in {0..7}; do evorder -i "part.0$n" -o "order.$n" & pids+=($!); done
    for n in {0..3}; do
        { evstock <"removes.$n" >"removed.$n" 2>"no.$n" || [ $? -eq 65 ]; } & pids+=($!)
    done
    all "${pids[@]}"

    removed=$(cat removed.* | wc -l)
    [ "$(state P removed)" = "$removed" ]
    [ "$(state P sold)" = $(( 1000 - removed )) ]
    [ "$(state P available)" = 0 ]
    [ "$(cat order.* | grep -c '"type":"order.requested"')" = $(( 1000 - removed )) ]
    evreplay --verify
}

@test "six shuffled copies of one input through six whole flows at once end in one outcome each" {
    printf '{"action":"add","product":"P%d","quantity":60}\n' {1..12} | evstock >stock
    for n in {1..15}; do purchases $(( n * 100 )) $(( n * 100 + 79 )) "P$n" $(( n % 3 + 1 )); done >wishes
    for n in {1..6}; do
        shuffled wishes "$n" >"copy.$n"
        { set -o pipefail
          evbuy <"copy.$n" | evtask | evcheck | evorder | evfail | evcreate >"outcome.$n"; } & pids+=($!)
    done
    all "${pids[@]}"

    for n in {1..6}; do [ "$(wc -l <"outcome.$n")" = 1200 ]; done
    [ "$(sort -u outcome.* | wc -l)" = 1200 ]
    [[ "$(audit wishes)" == '15 journals, '*' orders, 1200 results, '* ]]
    jq -r .request wishes | xargs evresult >results || [ $? -eq 123 ]
    [ "$(wc -l <results)" = 1200 ]
}

@test "20,000 refusals from evcheck and evorder through one FIFO, no line torn" {
    evstock add P 10 >stock
    purchases 1 10000 P 1 | evbuy | evtask | evcheck >available
    evstock remove P 10 >>stock
    purchases 10001 20000 Q 1 | evbuy | evtask >checks
    mkfifo TOPIC-4
    cat TOPIC-4 >refused & pids=($!)
    exec 9>TOPIC-4                      # the FIFO ends when both writers have
    evcheck -i checks -o passed.check -r TOPIC-4 9>&- & writers=($!)
    evorder -i available -o passed.order -r TOPIC-4 9>&- & writers+=($!)
    all "${writers[@]}"
    exec 9>&-
    all "${pids[@]}"

    [ ! -s passed.check ]
    [ ! -s passed.order ]
    [ "$(wc -l <refused)" = 20000 ]
    [ "$(jq -r 'select(.type == "stock.unavailable").id' refused | sort -u | wc -l)" = 20000 ]
    [ "$(jq -c . refused | cmp - refused && echo same)" = same ]
    evfail <refused >outcomes
    [ "$(audit)" = '2 journals, 0 orders, 20000 results, 0 pieces sold' ]
}

@test "two writers to one regular file, no line torn" {
    purchases 1 5000 P 1 | evbuy >one
    purchases 5001 10000 P 1 | evbuy >two
    evtask -i one -o both & pids+=($!)
    evtask -i two -o both & pids+=($!)
    all "${pids[@]}"

    [ "$(wc -l <both)" = 10000 ]
    cmp <(evtask <one | jq -r .id | sort) <(jq -r .id both | sort | head -n 5000)
    [ "$(jq -c . both | cmp - both && echo same)" = same ]
}

@test "whoever stops reading the output does not stop the sales" {
    evstock add P 2000 >stock
    purchases 1 2000 P 1 | evbuy | evtask | evcheck >available
    mkfifo answers
    evorder -i available -o answers & writer=$!
    exec 9<answers
    for n in {1..20}; do read -r <&9; done
    kill -KILL "$writer"
    exec 9<&-
    wait "$writer" || [ $? -eq 137 ]

    sold=$(state P sold)
    [ "$sold" -ge 20 ]
    evorder -i available >answers.again
    [ "$(grep -c '"type":"order.requested"' answers.again)" = 2000 ]
    [ "$(state P sequence) $(state P sold) $(state P available)" = '2001 2000 0' ]
    evreplay --verify
}

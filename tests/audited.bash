# audited.bash -- stores made by hand, and what evaudit says of them. Loaded behind lib.
load spare

o3=34cfb461-1fbb-5580-8f5e-e26216dd76aa

# -- a store, line by line: each event of $product, numbered by its place --------------

product=85123A
added() { event evstock stock.added "$1" "$product" 0 "{\"quantity\":$2}"; }
removed() { event evstock stock.removed "$1" "$product" 0 "{\"quantity\":$2}"; }
returned() { event "${3:-evstock}" stock.returned "$1" "$product" 0 "{\"quantity\":$2}"; }
sold() { event evorder stock.sold "$1" "$product" 0 "{\"quantity\":$2}"; }
# REQUEST QUANTITY AVAILABLE SEQUENCE CODE
refused() { event evfail purchase.refused "$1" "$product" 0 "$(seen "${@:2}")"; }
# REQUEST QUANTITY ORDER
ordered() { event evcreate order.created "$1" "$product" 0 "{\"quantity\":$2,\"order\":\"$3\"}"; }

# in_order: the lines of standard input, numbered and summed.
in_order() {
    local -a heads=()
    local head number
    while IFS= read -r head; do
        printf -v number '%012d' $((${#heads[@]} + 1))
        heads+=("${head/'"sequence":"000000000000"'/"\"sequence\":\"$number\""}")
    done
    [ "${#heads[@]}" -eq 0 ] || printf '%s\n' "${heads[@]}" | summed
}

# journal: the journal of $product is what comes in; orders: the orders.
journal() { in_order >"evstore/journal/$product.ndjson"; }
orders() { in_order >evstore/orders.ndjson; }
# more EVENT...: behind those that the journal of $product has.
more() {
    local -a all
    mapfile -t all <"evstore/journal/$product.ndjson"
    { printf '%s\n' "${all[@]/%,\"sum\":\"????????????????\"\}/\}}"; "$@"; } >all && journal <all
}
# result: a file of its own; packed: a line behind those in the pack of the first three requests.
result() {
    local text
    IFS= read -r -d '' text || true
    printf '%s' "$text" >"evstore/results/$1.json"
}
packed() { cat >>evstore/results/5e.ndjson; }

# make_sample: a store with one sale and one refusal, in the directory sample.
make_sample() {
    mkdir -p evstore/journal evstore/results
    printf 'eventdemo 1\n' >evstore/format
    { added "$g1" 40; sold "$r1" 6; refused "$r2" 99 34 2 insufficient-stock; } | journal
    ordered "$r1" 6 "$o1" | orders
    result_created "$r1" 85123A 6 "$o1" | result "$r1"
    result_failed "$r2" 85123A 99 34 insufficient-stock | result "$r2"
    mv evstore sample
}

# fresh: the store is as the sample again.
fresh() {
    rm -rf evstore
    cp -a "$BATS_FILE_TMPDIR/sample" evstore
}

setup_file() {
    (BATS_TEST_TMPDIR=$BATS_FILE_TMPDIR start && make_sample && mv sample "$BATS_FILE_TMPDIR")
}

setup() { start && fresh; }

# -- what it says ------------------------------------------------------------------------

# counted NAME: what it counted there; counts NAME TEXT: it counted this.
counted() {
    local found
    [[ $'\n'$output$'\n' =~ $'\n'"$1: "[a-z]*": "([0-9]*" violation"s*"; ")*([^$'\n']*) ]] && found=${BASH_REMATCH[2]}
    echo "$found"
}
counts() {
    [[ $'\n'$output$'\n' =~ $'\n'"$1: "[a-z]*": "([0-9]*" violation"s*"; ")*([^$'\n']*) ]] && is "${BASH_REMATCH[2]}" "$2"
}

# promises: how many of its lines say that one holds, and those that are broken as in broken.
promises() {
    local line
    holding=0 breaking=
    for line in "${lines[@]}"; do
        if [[ $line =~ ^[a-zA-Z\ ]*': holds: ' ]]; then
            holding=$((holding + 1))
        elif [[ $line =~ ^([a-zA-Z\ ]*)': broken: '([0-9]*)' violation'(s?)'; ' ]]; then
            breaking+=${breaking:+$'\n'}"${BASH_REMATCH[2]} ${BASH_REMATCH[1]}"
        fi
    done
}

# sound OPTION...: every promise holds, without a word.
sound() {
    run -0 --separate-stderr evaudit "$@"
    is "$stderr" ''
    promises
    [ "$holding" -eq 5 ]
}

# broken PROMISES TEXT OPTION...: it says TEXT of the store's files, a line a violation, and
# just these promises are broken: a number of violations before each name.
broken() {
    local -a names
    run -65 --separate-stderr evaudit "${@:3}"
    is "$stderr" "evaudit: ./evstore/${2//$'\n'/$'\nevaudit: ./evstore/'}"
    promises
    is "$breaking" "$1"
    mapfile -t names <<<"$1"
    [ "$holding" -eq $((5 - ${#names[@]})) ]
}

# marked OPTION...: it prints what an audit of everything prints, and all is well.
marked() {
    local all
    run -0 evaudit "$@"
    all=$output
    run -0 --separate-stderr evaudit --mark mark "$@"
    is "$stderr" ''
    is "$output" "$all"
}

# told TEXT: the mark tells of this and stays, though the store alone does not.
told() {
    cp mark mark.before
    broken "${2:-1 durable before visible}" "$1" --mark mark
    cmp mark mark.before
}

# as_before COMMAND...: the command leaves every file of the store as it was, its times included.
everything() { find evstore -printf '%p %y %m %s %i %n %T@ %C@ %l\n' | sort; }
as_before() {
    everything >everything.before
    "$@"
    everything | cmp everything.before -
}

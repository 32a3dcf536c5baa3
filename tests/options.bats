# Options: of every command alike.
load lib

# Operands with which each command would do its work.
declare -gA operands=([evbuy]='85123A 6' [evstock]='add 85123A 6' [evreplay]=85123A
    [evresult]=5e8a4c1d-2b7f-4d3e-9c60-000000000001 [evtrace]=5e8a4c1d-2b7f-4d3e-9c60-000000000001 [evtask]='' [evcheck]='' [evorder]='' [evfail]='' [evcreate]=''
    [evproject]='--db shop.db' [evwatch]='--once')

# misused COMMAND ARGUMENT...: a usage error; nothing read, printed or made. Hundreds of times: no process but it.
misused() {
    local code=0 text line
    local -a given=() said=() made
    read -ra given <<<"${operands[$1]}"
    exec {text}<<<x
    "$1" "${given[@]}" "${@:2}" <&"$text" >../printed 2>../said || code=$?
    [ "$code" -eq 64 ]
    read -r -u "$text" line
    exec {text}<&-
    is "$line" x
    [ ! -s ../printed ]
    mapfile -t said <../said
    [[ ${said[0]} = "$1: "* ]]
    [[ ${said[1]} = "Try '$1 --help'"* ]]
    made=(*)
    is "${made[*]}" '*'
}

@test "--help is for standard output" {
    for command in "${commands[@]}"; do
        run -0 --separate-stderr "$command" --help
        is "$stderr" ''
        [[ $output = *"$command"* && $output = *--help* && $output = *--version* && $output = *--store* ]]
        help=$output
        run -0 --separate-stderr "$command" -h
        is "$output" "$help"
        # Whatever stands behind it.
        run -0 --separate-stderr "$command" -h what ever
        is "$output" "$help"
        EV_NOW=noon run -0 --separate-stderr "$command" -h
        is "$output" "$help"
    done
}

@test "--version is for standard output" {
    for command in "${commands[@]}"; do
        run -0 --separate-stderr "$command" --version
        is "$stderr" ''
        [[ $output =~ [0-9]+\.[0-9]+ ]]
        version=$output
        run -0 --separate-stderr "$command" -V
        is "$output" "$version"
    done
}

@test "every option has a long name" {
    for command in "${commands[@]}"; do
        "$command" --help >help
        [ "$(grep -cE '^ *-[a-zA-Z0-9](,| )' help)" -ge 3 ]
        [ "$(grep -E '^ *-[a-zA-Z0-9](,| )' help | grep -cvE -- '--[a-z]{2,}')" -eq 0 ]
    done
}

@test "options of the services are those of the manual" {
    for command in "${services[@]}"; do
        help=$("$command" --help)
        for option in --input --output --dead --store; do grep -q -- "$option" <<<"$help"; done
        case $command in
        evcheck | evorder) grep -q -- --refused <<<"$help" ;;
        *)
            [ "$(grep -c -- --refused <<<"$help")" -eq 0 ]
            misused "$command" -r x
            misused "$command" --refused=x
            ;;
        esac
    done
}

@test "an unknown option is refused" {
    for command in "${commands[@]}"; do
        for option in -Z --nonsense --nonsense=1; do misused "$command" "$option"; done
    done
}

@test "a long option is not abbreviated" {
    for command in "${commands[@]}"; do
        for option in --stor=s --s=s --hel --versio --vers; do misused "$command" "$option"; done
        misused "$command" --stor s
    done
    for command in "${services[@]}"; do misused "$command" --inpu=/dev/null; misused "$command" --outp=x; done
    misused evcheck --refuse=x
    misused evstock --exp=0
    misused evbuy "--req=$r1"
    misused evreplay --verif
    misused evresult --wai=1
}

@test "an option given twice is refused, by either of its names" {
    for command in "${commands[@]}"; do
        misused "$command" -d a -d a
        misused "$command" --store=a -d b
        misused "$command" --store a --store b
        misused "$command" -da -db
    done
    for command in "${services[@]}"; do
        misused "$command" -i - -i -
        misused "$command" -o - --output=-
        misused "$command" --dead x --dead x
    done
    misused evcheck -r x --refused x
    misused evbuy -u "$r1" -u "$r1"
    misused evbuy -o - -o -
    misused evstock -u "$r1" --request "$r1"
    misused evstock --expect 0 --expect 0
    misused evreplay --at 1 --at 1
    misused evreplay --events --events
    misused evreplay --until 2026-01-01T00:00:00Z --until 2026-01-01T00:00:00Z
    misused evreplay -j 1 --jobs 1
    misused evresult -w 1 --wait=1
    misused evproject --db x.db
    misused evproject --rebuild --rebuild
    misused evwatch -i 1 --interval 1
    misused evwatch --product a --product b
}

@test "an option without its argument, or with one too many, is refused" {
    for command in "${commands[@]}"; do
        misused "$command" -d
        misused "$command" --store
        misused "$command" --help=yes
        misused "$command" --version=1
    done
    for command in "${services[@]}"; do misused "$command" -i; misused "$command" --dead; done
    misused evreplay --events=all
}

@test "services take no operands" {
    for command in "${services[@]}"; do
        misused "$command" 85123A
        misused "$command" -
        misused "$command" -- -i
    done
}

@test "options stand before, between and after operands, POSIXLY_CORRECT or not" {
    for posix in '' 1; do
        if [ -n "$posix" ]; then export POSIXLY_CORRECT=1; fi
        for arguments in "-u $r1 85123A 6" "85123A -u $r1 6" "85123A 6 -u $r1" "85123A 6 --request=$r1" \
            "85123A 6 --request $r1" "-u$r1 85123A 6" "-u $r1 -- 85123A 6" "85123A -u $r1 -- 6"; do
            # shellcheck disable=SC2086
            run -0 evbuy $arguments
            is "$output" "$(wanted "$r1" 85123A 6)"
        done
        rm -rf s
        evstock add -d s 85123A 40 -u "$g1" >/dev/null
        run -0 evreplay 85123A -d s --history
        is "$output" "$(state 85123A 1 40 0 0 0 0)"
    done
}

@test "-- ends the options" {
    run -0 evbuy -u "$r1" -- -V 6
    is "$output" "$(wanted "$r1" -V 6)"
    run -0 evbuy -u "$r1" -- -- 6
    is "$output" "$(wanted "$r1" -- 6)"
    run -0 evstock -u "$g1" -- add --help 6
    run -0 evreplay -- --help
    is "$output" "$(state --help 1 6 0 0 0 0)"
    run -66 evreplay -- -V
}

@test "a clock that is out of form is a usage error" {
    for time in now 2026-01-31T09:30:00Z 2026-01-31T09:30:00.123456 2026-02-30T09:30:00.123456Z \
        2026-01-31T09:30:00.1234567Z; do
        export EV_NOW=$time
        for command in evbuy evtask evstock; do
            read -ra given <<<"${operands[$command]}"
            run -64 --separate-stderr bash -c '"$@" </dev/null' _ "$command" "${given[@]}"
            is "$output" ''
            [[ $stderr = "$command: "* ]]
        done
    done
    is "$(ls)" ''
}

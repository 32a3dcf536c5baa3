# evreplay for people: times as they are written, what changed, when, what if.
load lib

minute() { printf '2026-01-31T09:%s:00.000000Z' "$1"; }

# history: a product with every kind of event, a minute after each other from 09:30 on.
history() {
    EV_NOW=$(minute 30) stock 85123A 40 "$g1"
    EV_NOW=$(minute 31) buy 85123A 6 "$r1" >/dev/null
    EV_NOW=$(minute 32) buy 85123A 99 "$r2" >/dev/null
    EV_NOW=$(minute 33) evstock remove 85123A 4 -u "$g2" >/dev/null
    EV_NOW=$(minute 34) evstock return 85123A 3 -u "$g3" >/dev/null
}

# -- times -----------------------------------------------------------------------------

# at_time TIME...: the sequence that evreplay comes to --until then.
at_time() {
    run -0 --separate-stderr evreplay --until "$1" 85123A
    is "$(jq .sequence <<<"$output")" "$2"
}

@test "--until: times as people write them, counted from EV_NOW" {
    history
    export EV_NOW=2026-01-31T11:32:30.000000Z
    at_time '2 hours ago' 3
    at_time '-2 hours' 3
    at_time 'now' 5
    at_time '2026-01-31 09:31' 2
    at_time '31 Jan 2026 09:31:00.5 UTC' 2
    at_time '2026-01-31T10:31+01:00' 2
    at_time '@1769851860' 2
    # A time of day is one of the day of EV_NOW, by the local clock.
    at_time '09:33' 4
    TZ=UTC-2 at_time '11:33' 4
    TZ=UTC-2 at_time '2026-01-31 11:33' 4
    TZ=Asia/Kolkata at_time '2026-01-31 09:31 UTC' 2
    EV_NOW=2026-02-01T09:31:00.000000Z at_time yesterday 2
    EV_NOW=2026-02-01T23:00:00.000000Z at_time 'yesterday 09:34' 5
}

@test "--until: with EV_NOW days are those of the local clock, and nothing is counted from the machine's" {
    history
    # Winter time begins at 01:00Z on 25 October, summer time at 01:00Z on 29 March.
    export TZ=Europe/Berlin
    # counted TIME LOCAL: it is that of the local clock, by the times of a journal beside them.
    counted() {
        local second at
        at=$(date -d "$2" +%s)
        rm -rf clock
        for second in -1 0 1; do
            EV_NOW=$(date -u -d @$((at + second)) +%FT%T.000000Z) evstock -d clock add p 1 >/dev/null
        done
        is "$(evreplay -d clock --until "$1" | jq .sequence)" 2
    }
    EV_NOW=2026-10-25T12:00:00.000000Z counted yesterday '2026-10-24 13:00'
    EV_NOW=2026-10-25T12:00:00.000000Z counted '24 hours ago' '2026-10-24 14:00'
    EV_NOW=2026-10-25T00:30:00.000000Z counted '1 minute ago' '2026-10-25 00:29 UTC'
    EV_NOW=2026-10-25T01:30:00.000000Z counted '1 minute ago' '2026-10-25 01:29 UTC'
    TZ=Pacific/Apia EV_NOW=2026-02-28T12:30:00.000000Z counted '1 month ago' '2026-02-01 01:30'
    EV_NOW=2026-03-29T12:00:00.000000Z counted 'Fri, 06 Feb 2026 12:00:00 +0100' '2026-02-06 12:00'
    EV_NOW=2026-03-29T12:00:00.000000Z counted '2 p.m.' '2026-03-29 14:00'
    # What is not there that day; days of the week, which date(1) does not count from another day; the last day.
    export EV_NOW=2026-03-29T12:00:00.000000Z
    for time in 02:30 'yesterday 10:00 tomorrow 02:30' 'next friday 12:00' 'monday 10:00' 'monday -1 week' monday 'Tue 09:33' \
        'TZ="America/New_York" 10:00' 'TZ="America/New_York" yesterday'; do
        run -64 --separate-stderr evreplay "--until=$time" 85123A
        is "$output" ''
    done
    export TZ=UTC
    EV_NOW=9999-12-31T12:00:00.000000Z run -64 evreplay --until tomorrow 85123A
    EV_NOW=0000-01-01T00:30:00.000000Z run -64 evreplay --until 'yesterday' 85123A
    at_time 'TZ="America/New_York" 2026-01-31 04:31' 2
}

@test "--until: without EV_NOW the clock of the machine counts" {
    unset EV_NOW
    stock 85123A 1
    at_time now 1
    at_time tomorrow 1
    at_time '9999-12-31 UTC' 1
    run -64 evreplay --until 10000-01-01 85123A
    run -0 evreplay --until '1 minute ago' 85123A
    is "$output" ''
    run -0 evreplay --until 2011-06-01
    is "$output" ''
}

@test "--until: what nothing understands is misuse, and so is what date would take for something else" {
    stock 85123A 1
    for time in '' ' ' nonsense 2d 12h x s2 '2 d' 'd 2' T09 2z3 2011 5 2026-02-30 monday $'\n' --help -u -1 +1 +20110601 'now; date' \
        '2011-06-01 2011-06-02' '2026-01-31 9h' 10:30h '2011-06-01 2d' '31 Jan 2026 9 h' '10:30 T'; do
        run -64 --separate-stderr evreplay "--until=$time" 85123A
        is "$output" ''
        [[ ${stderr_lines[0]} = 'evreplay: --until: '* ]]
    done
    # Without date(1) the exact form is left, for which it is not asked.
    evreplay=$(command -v evreplay)
    run -64 --separate-stderr env PATH=/nonexistent "$evreplay" --until yesterday
    is "${stderr_lines[0]}" \
        'evreplay: --until: yesterday: not a time like 2026-01-31T09:30:00Z, yesterday or 2 hours ago'
    run -0 env PATH=/nonexistent "$evreplay" --until 2026-01-31T09:30:01Z
    is "$output" "$(state 85123A 1 1 0 0 0 0)"
}

@test "--until: an exact time starts nothing, and date is not given what is an option" {
    stock 85123A 1
    mkdir own
    printf '#!/bin/sh\nprintf "%%s\\n" "$#" "$@" >>%q\necho "$answer"\n' "$PWD/asked" >own/date
    chmod +x own/date
    PATH=$PWD/own:$PATH run -0 evreplay --until 2026-01-31T09:30:00.123456Z
    [ ! -e asked ]
    unset EV_NOW
    answer=1769851860.000000 PATH=$PWD/own:$PATH run -0 evreplay --until '--set=now'
    is "$(cat asked)" $'2\n--date=--set=now\n+%s.%6N'
    # What it prints is looked at as closely as anything else.
    for answer in '' 1 1.5 .000000 1769851860.00000x 1769851860,000000 999999999999999.000000 -99999999999999.000000 \
        $'1769851860.000000\n1769851860.000000' "$(printf '%0100d.000000' 1)" nan; do
        answer=$answer PATH=$PWD/own:$PATH run -64 evreplay --until yesterday
    done
}

@test "evtopic cat --from, evtopic seek: the same times; a number stays an offset" {
    at=$(minute 30) wanted "$r1" 85123A 1 | evtopic publish t
    at=$(minute 31) wanted "$r2" 85123A 1 | evtopic publish t
    export EV_NOW=2026-01-31T10:31:00.000000Z
    run -0 evtopic cat --from '1 hour ago' t
    is "$(jq -r .correlationid <<<"$output")" "$r2"
    run -0 evtopic cat --from 0 t
    is "$(jq -r .correlationid <<<"$output")" "$r1"$'\n'"$r2"
    run -0 evtopic cat --from 1 t
    is "$(jq -r .correlationid <<<"$output")" "$r2"
    run -64 evtopic cat --from nonsense t
    run -0 evtopic seek g t '2026-01-31 09:31 UTC'
    is "$output" 'lane 0: 0 -> 1'
    run -0 evtopic seek g t 0
    is "$output" 'lane 0: 1 -> 0'
    run -64 evtopic seek g t nonsense
}

# -- what changed ------------------------------------------------------------------------

# change PRODUCT FROM TO AVAILABLE ADDED REMOVED SOLD RETURNED REFUSED
change() {
    printf '{"product":"%s","from":%s,"to":%s,"available":%s,"added":%s,"removed":%s,"sold":%s,"returned":%s,"refused":%s}\n' "$@"
}

@test "--diff: since a sequence, a time, the beginning" {
    history
    EV_NOW=$(minute 35) stock 71053 5 "$g1"
    run -0 --separate-stderr evreplay --diff 3
    is "$output" "$(change 85123A 3 5 -1 0 4 0 3 0)"
    is "$stderr" ''
    run -0 evreplay --diff 0
    is "$output" "$(change 71053 0 1 5 5 0 0 0 0; change 85123A 0 5 33 40 4 6 3 1)"
    run -0 evreplay --diff "$(minute 33)" 
    is "$output" "$(change 71053 0 1 5 5 0 0 0 0; change 85123A 4 5 3 0 0 0 3 0)"
    EV_NOW=$(minute 59) run -0 evreplay --diff '26 minutes ago' --until '25 minutes ago' 85123A
    is "$output" "$(change 85123A 4 5 3 0 0 0 3 0)"
    run -0 evreplay --diff 1 --at 3 85123A
    is "$output" "$(change 85123A 1 3 -6 0 0 6 0 1)"
    # Backwards, and nothing.
    run -0 evreplay --diff 3 --at 1 85123A
    is "$output" "$(change 85123A 3 1 6 0 0 -6 0 -1)"
    run -0 evreplay --diff 5 85123A
    is "$output" ''
    run -0 evreplay --diff 3 --table
    is "$output" 'product  from  to  available  added  removed  sold  returned  refused
85123A      3   5         -1      0       +4     0        +3        0'
}

@test "--diff: between two stores" {
    history
    cp -r evstore before
    buy 85123A 1 "$r3" >/dev/null
    stock 71053 5 "$g1"
    EV_STORE=before stock 22423 2 "$g1"
    cp -r before s2                     # which date takes for a time
    run -0 evreplay --diff s2 85123A
    is "$output" "$(change 85123A 5 6 -1 0 0 1 0 0)"
    run -0 evreplay --diff before
    is "$output" "$(change 22423 1 0 -2 -2 0 0 0 0; change 71053 0 1 5 5 0 0 0 0; change 85123A 5 6 -1 0 0 1 0 0)"
    run -0 evreplay --diff ./before 71053
    is "$output" "$(change 71053 0 1 5 5 0 0 0 0)"
    run -0 evreplay --diff before 22423
    is "$output" "$(change 22423 1 0 -2 -2 0 0 0 0)"
    run -66 --separate-stderr evreplay --diff before 22423 nothing
    is "$output" "$(change 22423 1 0 -2 -2 0 0 0 0)"
    is "$stderr" 'evreplay: ./evstore/journal/nothing.ndjson: no such journal'
    run -0 evreplay -d before --diff before
    is "$output" ''
    mkdir empty
    run -66 evreplay --diff ./missing
    run -64 evreplay --diff nonsense
}

@test "--diff: damage on either side is told, and the others are compared" {
    history
    stock 71053 5 "$g1"
    cp -r evstore other
    stock 71053 1 "$g2"
    sed -i '2s/"quantity":6/"quantity":7/' other/journal/85123A.ndjson
    run -65 --separate-stderr evreplay --diff other
    is "$output" "$(change 71053 1 2 1 1 0 0 0 0)"
    is "$stderr" 'evreplay: other/journal/85123A.ndjson:2: sum: does not match the line and the sum before it'
    run -65 --separate-stderr evreplay -d other --diff evstore --table
    [ "$(wc -l <<<"$output")" -eq 2 ]
    # Behind both points it is damage, too.
    run -65 --separate-stderr evreplay -d other --diff 0 --at 1 85123A
    is "$output" ''
    printf 'torn' >>evstore/journal/71053.ndjson
    run -65 --separate-stderr evreplay --diff other 71053 85123A
    is "$output" "$(change 71053 1 2 1 1 0 0 0 0)"
    [[ ${stderr_lines[0]} = 'evreplay: ./evstore/journal/71053.ndjson:3: the last line is not finished'* ]]
}

# -- since when --------------------------------------------------------------------------

@test "--bisect: the first event after which something is true" {
    history
    stock 71053 5 "$g1"
    journal=evstore/journal/85123A.ndjson
    found() { # BEFORE EVENT AFTER, by sequence
        printf '{"product":"85123A","before":%s,"event":%s,"after":%s}\n' \
            "$([ "$1" -eq 0 ] && echo null || evreplay --at "$1" 85123A)" "$(sed -n "$2p" $journal)" \
            "$(evreplay --at "$3" 85123A)"
    }
    run -0 --separate-stderr evreplay --bisect 'available < 40' 85123A
    is "$output" "$(found 1 2 2)"
    is "$stderr" ''
    run -0 evreplay --bisect 'refused>=1'
    is "$output" "$(found 2 3 3)"
    run -0 evreplay --bisect 'available = 40' 85123A
    is "$output" "$(found 0 1 1)"
    # It becomes true, and false again: the first time counts.
    run -0 evreplay --bisect 'available <= 34' 85123A
    is "$output" "$(found 1 2 2)"
    run -0 evreplay --bisect 'returned != 0'
    is "$output" "$(found 4 5 5)"
    run -0 evreplay --bisect 'returned != 0' --at 4
    is "$output" ''
    run -0 evreplay --bisect 'returned != 0' --until "$(minute 33)"
    is "$output" ''
    run -0 evreplay --bisect 'available < 0'
    is "$output" ''
    run -0 evreplay --bisect 'available > 4' -j 1
    is "$(jq -c '[.product, .before, .after.sequence]' <<<"$output")" $'["71053",null,1]\n["85123A",null,1]'
    run -66 evreplay --bisect 'available > 4' nothing
    for expression in '' available 'available < x' '1 < 2' 'available < 10 or sold > 3'; do
        run -64 --separate-stderr evreplay --bisect "$expression"
        is "${stderr_lines[0]}" "evreplay: --bisect: $expression: not an expression like 'available < 10'"
    done
}

@test "--bisect --table: three lines for people" {
    history
    run -0 evreplay --bisect 'available < 35' --table
    is "$output" "85123A: $(minute 31)
  event 2: stock.sold, quantity 6, request $r1
  available 40 -> 34, added 40, removed 0, sold 0 -> 6, returned 0, refused 0"
}

@test "--bisect: nothing of a journal that is damaged anywhere" {
    history
    stock 71053 5 "$g1"
    sed -i '5s/"quantity":3/"quantity":4/' evstore/journal/85123A.ndjson
    run -65 --separate-stderr evreplay --bisect 'available > 4'
    is "$(jq -r .product <<<"$output")" 71053
    is "$stderr" 'evreplay: ./evstore/journal/85123A.ndjson:5: sum: does not match the line and the sum before it'
}

# -- what if -----------------------------------------------------------------------------

# short: 10 come in, 6 are sold, 6 refused, 3 sold, 1 removed, 2 returned.
short() {
    EV_NOW=$(minute 30) stock 85123A 10 "$g1"
    EV_NOW=$(minute 31) buy 85123A 6 "$r1" >/dev/null
    EV_NOW=$(minute 32) buy 85123A 6 "$r2" >/dev/null
    EV_NOW=$(minute 33) buy 85123A 3 "$r3" >/dev/null
    EV_NOW=$(minute 34) evstock remove 85123A 1 -u "$g2" >/dev/null
    EV_NOW=$(minute 35) evstock return 85123A 2 -u "$g3" >/dev/null
}

# otherwise TEXT: what standard error says.
otherwise() { is "$stderr" "evreplay: if: $1"; }

@test "--without: what stands behind the request is decided anew" {
    short
    export at
    run -0 --separate-stderr evreplay --without "$r1"
    is "$output" "$(at=$(minute 35) state 85123A 5 10 1 9 2 0)"
    otherwise '1 purchase sold that was refused, 0 refused that were sold'
    run -0 --separate-stderr evreplay --without "$r1" --history
    is "$output" "$(
        at=$(minute 30) state 85123A 1 10 0 0 0 0
        at=$(minute 32) state 85123A 2 10 0 6 0 0
        at=$(minute 33) state 85123A 3 10 0 9 0 0
        at=$(minute 34) state 85123A 4 10 1 9 0 0
        at=$(minute 35) state 85123A 5 10 1 9 2 0)"
    # Without the goods nothing can be sold or removed.
    run -0 --separate-stderr evreplay --without "$g1"
    is "$output" "$(at=$(minute 35) state 85123A 4 0 0 0 2 3)"
    otherwise '0 purchases sold that were refused, 2 refused that were sold, 1 change left out'
    run -0 --separate-stderr evreplay --without "${r1^^},$r3"
    is "$output" "$(at=$(minute 35) state 85123A 4 10 1 6 2 0)"
    otherwise '1 purchase sold that was refused, 0 refused that were sold'
    # What stands before it is as it was, and up to the point.
    run -0 --separate-stderr evreplay --without "$r3" --at 4
    is "$output" "$(at=$(minute 32) state 85123A 3 10 0 6 0 1)"
    run -0 --separate-stderr evreplay --without "$r1" --until "$(minute 32)" --table
    is "$(tail -n 1 <<<"$output")" "85123A          2          4         10         0          6         0        0  $(minute 32)"
    # Behind the point it was not met.
    run -66 --separate-stderr evreplay --without "$r3" --at 3
    is "$output" "$(at=$(minute 32) state 85123A 3 10 0 6 0 1)"
    is "${stderr_lines[0]}" "evreplay: --without: $r3: not a request of what was replayed"
}

@test "--without: a sale that would not have been is not taken back either" {
    stock 85123A 10 "$g1"
    stock 71053 5 "$g2"
    buy 85123A 6 "$r1" >/dev/null
    evbuy -u "$r1" 71053 2 | flow >/dev/null 2>&1 || true
    is "$(evreplay 71053)" "$(state 71053 3 5 0 2 2 0)"
    evstock return 71053 1 -u "$g3" >/dev/null
    run -0 --separate-stderr evreplay --without "$g2" 71053
    is "$output" "$(state 71053 2 0 0 0 1 1)"
    otherwise '0 purchases sold that were refused, 1 refused that was sold'
    run -0 --separate-stderr evreplay --without "$r1"
    is "$output" "$(state 71053 2 5 0 0 1 0; state 85123A 1 10 0 0 0 0)"
}

@test "--with: lines of evbuy and evstock that follow" {
    short
    cat >lines <<-END
	{"product":"85123A","quantity":3}
	{"quantity":2,"product":"85123A"}
	{"action":"add","product":"85123A","quantity":50}
	{"product":"85123A","quantity":40,"request":"$r4"}
	{"product":"85123A","quantity":1,"request":"$r4"}
	{"product":"85123A","quantity":1,"request":"$r2"}
	{"action":"remove","product":"85123A","quantity":99}
	{"action":"add","product":"22423","quantity":4}
	{"product":"71053","quantity":1}
	END
    run -0 --separate-stderr evreplay --with lines
    is "$output" "$(state 22423 1 4 0 0 0 0; state 71053 1 0 0 0 0 1
        at=$(minute 35) state 85123A 10 60 1 51 2 2)"
    otherwise '0 purchases sold that were refused, 0 refused that were sold; added: 2 sold, 2 refused, 2 changes, 1 change left out, 2 there already'
    run -0 --separate-stderr evreplay --with - 71053 <lines
    is "$output" "$(state 71053 1 0 0 0 0 1)"
    run -66 evreplay --with lines nothing
    # Behind a point in time, at that time.
    run -0 --separate-stderr evreplay --with - --until "2026-01-31T09:31:30Z" 85123A <<<'{"product":"85123A","quantity":4}'
    is "$output" "$(at=2026-01-31T09:31:30.000000Z state 85123A 3 10 0 10 0 0)"
    run -0 --separate-stderr evreplay --history --with - --at 2 85123A <<<'{"product":"85123A","quantity":5}'
    is "$(tail -n 1 <<<"$output")" "$(at=$(minute 31) state 85123A 3 10 0 6 0 1)"
    # Another quantity under the same request.
    run -0 --separate-stderr evreplay --without "$r1" --with - <<<'{"product":"85123A","quantity":1,"request":"'"$r1"'"}'
    is "$(jq -c '[.sold, .refused]' <<<"$output")" '[10,0]'
}

@test "--with: a bad line is told, the others count; damage is told, and nothing printed" {
    short
    printf '%s\n' 'nonsense' '{"action":"steal","product":"85123A","quantity":1}' '{"product":"85123A","quantity":0}' \
        '{"product":"85123A","quantity":1}' >lines
    head -c 70000 /dev/zero | tr '\0' x >>lines
    run -65 --separate-stderr evreplay --with lines
    is "$(jq .sold <<<"$output")" 10
    is "${#stderr_lines[@]}" 5
    is "${stderr_lines[1]}" 'evreplay: lines:2: action: not add, remove or return'
    is "${stderr_lines[3]}" 'evreplay: lines:5: longer than 65,536 bytes'
    run -66 --separate-stderr evreplay --with missing
    is "$output" ''
    sed -i '5s/"quantity":1/"quantity":2/' evstore/journal/85123A.ndjson
    for view in '' --history; do
        # shellcheck disable=SC2086 # nothing, or a word
        run -65 --separate-stderr evreplay --without "$r1" $view
        is "$output" ''
        [[ ${stderr_lines[0]} = 'evreplay: ./evstore/journal/85123A.ndjson:5: sum: '* ]]
    done
}

@test "what does not go together" {
    stock 85123A 1
    misused() {
        run -64 --separate-stderr evreplay "${@:2}" </dev/null
        is "$output" ''
        is "${stderr_lines[0]}" "evreplay: $1"
    }
    misused '--diff: not with --bisect' --bisect 'sold > 1' --diff 1
    misused '--diff: not of events from standard input' --diff 1 -
    misused '--bisect: not of events from standard input' --bisect 'sold > 1' -
    misused '--events: not with --without and --with' --events --without "$r1"
    misused '--verify: not with --without and --with' --verify --with x
    misused '--diff: not with --without and --with' --diff 1 --with x
    misused '--bisect: not with --without and --with' --bisect 'sold > 1' --with x
    misused '--without and --with: not of events from standard input' --without "$r1" -
    misused '--history: not with --table' --history --table
    misused '--csv, --table: only one of them' --csv --table
    misused '--events: not with --csv' --events --csv
    misused '--svg: not with --plot' --plot --svg
    misused '--plot: not with --table' --plot --table
    misused '--svg: not with --csv' --svg --csv
    misused '--plot: not of events from standard input' --plot -
    misused '--bisect: not with --csv' --csv --bisect 'sold > 1'
    run -74 evreplay --with - </
    is "$output" 'evreplay: stdin: Is a directory'
    run -66 --separate-stderr evreplay --with .
    is "$output$stderr" 'evreplay: .: a directory'
    misused '--diff: not with --csv' --csv --diff 1
    misused 'x: not a UUID' --without x
    misused ': not a UUID' --without "$r1,"
    misused ': not a UUID' --without ''
    misused '--with: @t: a file is wanted' --with @t
}

# -- CSV -----------------------------------------------------------------------------------

@test "--csv: states and histories that any reader of CSV takes apart again" {
    history
    for product in 'a,b' 'say "no"' ',' '"' 'a b' é; do stock "$product" 1; done
    run -0 evreplay --csv 85123A
    is "$output" "product,sequence,available,added,removed,sold,returned,refused,time"$'\r\n'"85123A,5,33,40,4,6,3,1,$(minute 34)"$'\r'
    run -0 evreplay --csv -- 'a,b' 'say "no"'
    is "${lines[1]%%,1,*} ${lines[2]%%,1,*}" '"a,b" "say ""no"""'
    evreplay --csv >csv
    evreplay >json
    evreplay --history --csv >>csv
    evreplay --history >>json
    evreplay --events | evreplay - --csv >>csv
    evreplay >>json
    evreplay --events | evreplay - --history --csv >>csv
    evreplay --history >>json
    evreplay --csv --without "$r1" 2>/dev/null >>csv
    evreplay --without "$r1" 2>/dev/null >>json
    python3 - <<-'END'
	import csv, json
	rows = list(csv.reader(open("csv", newline="", encoding="utf-8"), strict=True))
	heading = rows[0]
	rows = [dict(zip(heading, row, strict=True)) for row in rows if row != heading]
	states = [json.loads(line) for line in open("json", encoding="utf-8")]
	assert rows == [{k: str(v) for k, v in state.items()} for state in states]
	END
}

# -- drawn ---------------------------------------------------------------------------------

# plot COLUMNS ARGUMENT...
plot() {
    COLUMNS=$1 run -0 --separate-stderr evreplay --plot "${@:2}"
    is "$stderr" ''
}

@test "--plot: a line a product, as wide as COLUMNS, with what is least, most and last" {
    history
    EV_NOW=$(minute 32) stock 71053 5 "$g1"
    plot 62
    # Four minutes in 34 pieces, 8 and a half a minute; the last event is in the last one.
    is "$output" "product  least  most  last  2026-01-31 09:30  2026-01-31 09:34
71053        5     5     5                   =================
85123A      30    40    33  ########:::::::::::::::::________-"
    plot 70
    is "${lines[0]}" 'product  least  most  last  2026-01-31 09:30          2026-01-31 09:34'
    is "${#lines[1]} ${#lines[2]}" '70 70'
    plot 1 85123A
    is "$output" $'product  least  most  last\n85123A      30    40    33  ##::::_-'
    plot '' 85123A
    is "${#lines[1]}" 80
    LC_ALL=C.UTF-8 plot 62 85123A
    is "${lines[1]}" '85123A      30    40    33  ████████▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▁▁▁▁▁▁▁▁▃'
    # Up to a point, and in another world.
    plot 42 85123A --until "$(minute 38)"
    is "${lines[1]}" '85123A      30    40    33  #::::__-------'
    plot 36 85123A --at 2
    is "${lines[1]}" '85123A      34    40    34  #######_'
    COLUMNS=36 run -0 --separate-stderr evreplay --plot --without "$r1" 85123A
    is "${lines[1]}" '85123A      36    40    39  ######_+'
    otherwise '0 purchases sold that were refused, 0 refused that were sold'
    # One instant, a constant, zero, and nothing.
    plot 36 71053
    is "${lines[1]}" '71053        5     5     5  ========'
    buy nothing 1 "$r3" >/dev/null
    plot 36 nothing
    is "${lines[1]}" 'nothing      0     0     0  ________'
    plot 36 --until "$(minute 29)"
    is "$output" ''
}

@test "--plot: wide and long products" {
    stock "$(printf '%080d' 0)" 1
    stock 日本 1
    LC_ALL=C.UTF-8 plot 80
    is "${lines[1]}" "0000000000000000000000000…      1     1     1  $(printf '▅%.0s' {1..33})"
    is "${lines[2]}" "日本                            1     1     1  $(printf '▅%.0s' {1..33})"
}

# at_terminal COLUMNS COMMAND...: what it writes to a terminal of this width.
at_terminal() {
    python3 - "$@" <<-'END'
	import fcntl, os, pty, struct, sys, termios
	pid, fd = pty.fork()
	if pid == 0:
	    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
	    os.execvp(sys.argv[2], sys.argv[2:])
	while True:
	    try:
	        got = os.read(fd, 65536)
	    except OSError:
	        break
	    if not got:
	        break
	    sys.stdout.buffer.write(got)
	sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	END
}

@test "--plot: as wide as the terminal; nothing in colour" {
    history
    COLUMNS=99 at_terminal 50 evreplay --plot >out
    is "$(tr -d '\r' <out)" $'product  least  most  last  2026-01-31 09:30\n85123A      30    40    33  #####:::::::::::_____-'
}

@test "--svg: a drawing that stands for itself" {
    history
    EV_NOW=$(minute 32) stock '<&>"' 5 "$g1"
    evreplay --svg >svg
    python3 - <<-'END'
	import re, xml.etree.ElementTree as tree
	root = tree.parse("svg").getroot()
	svg = "{http://www.w3.org/2000/svg}"
	text = open("svg", encoding="utf-8").read()
	assert "href" not in text and "url(" not in text and "@import" not in text
	assert "prefers-color-scheme:dark" in text
	x0, y0, width, height = map(float, root.get("viewBox").split())
	lines = root.findall(svg + "path")
	assert [line.find(svg + "title").text for line in lines] == ["85123A", '<&>"']
	texts = [t.text for t in root.findall(svg + "text")]
	assert '<&>": 5 (5 to 5)' in texts and "85123A: 33 (30 to 40)" in texts
	# The numbers go from 0 to 40 up the left edge, the times are minutes.
	marks = {t.text: float(t.get("y")) - 4 for t in root.findall(svg + "text") if t.get("text-anchor") == "end"}
	assert list(marks) == ["0", "10", "20", "30", "40"], marks
	assert [t.text for t in root.findall(svg + "text") if t.get("text-anchor") == "middle"] == [
	    "09:30", "09:31", "09:32", "09:33", "09:34"]
	scale = (marks["0"] - marks["40"]) / 40
	at = {t.text: float(t.get("x")) for t in root.findall(svg + "text") if t.get("text-anchor") == "middle"}
	# Steps: each value over its minute.
	path = lines[0].get("d")
	moves = re.findall(r"([MHV]) ?([0-9.]+)(?: ([0-9.]+))?", path)
	assert moves[0][0] == "M" and float(moves[0][1]) == at["09:30"]
	levels = [round((marks["0"] - float(m[2] or m[1])) / scale) for m in moves if m[0] in "MV"]
	assert levels == [40, 34, 30, 33], levels
	turns = [float(m[1]) for m in moves if m[0] == "H"]
	assert all(abs(turn - at[minute]) <= 1 for turn, minute in zip(turns, ["09:31", "09:33", "09:34"])), turns
	assert abs(turns[-1] - at["09:34"]) <= 1 and turns[-1] < width
	for element in root.iter():
	    for name in ("x", "x1", "x2"):
	        assert 0 <= float(element.get(name, 0)) <= width
	    for name in ("y", "y1", "y2"):
	        assert 0 <= float(element.get(name, 0)) <= height
	END
    # Months and years on the axis of time.
    for years in '2010 2011' '1970 2026'; do
        rm -rf evstore
        read -r first last <<<"$years"
        EV_NOW=$first-01-15T00:00:00.000000Z stock a 1 "$g1"
        EV_NOW=$last-12-01T00:00:00.000000Z stock a 1 "$g2"
        evreplay --svg | grep -o 'middle">[^<]*' | tr -s '">\n' ' '
    done >marks
    is "$(cat marks)" "middle 2010-07 middle 2011-01 middle 2011-07 middle 1980 middle 1990 middle 2000 middle 2010 middle 2020 "
    run -0 evreplay --svg --until 1960-01-01
    is "$output" ''
}

@test "--svg: of more than eight products it says how to choose" {
    for i in 1 2 3 4 5 6 7 8 9; do stock "p$i" "$i"; done
    run -64 --separate-stderr evreplay --svg
    is "$output" ''
    is "$stderr" 'evreplay: --svg: 9 products, but at most 8 have a line of their own: name them'
    run -0 evreplay --svg p1 p2 p3 p4 p5 p6 p7 p8
    [ "$(grep -c '<path' <<<"$output")" -eq 8 ]
}

@test "--plot, --svg: nothing of what is damaged" {
    history
    stock 71053 5 "$g1"
    sed -i '5s/"quantity":3/"quantity":4/' evstore/journal/85123A.ndjson
    for view in --plot --svg; do
        run -65 --separate-stderr evreplay "$view"
        [[ $output = *71053* && $output != *85123A* ]]
        is "$stderr" 'evreplay: ./evstore/journal/85123A.ndjson:5: sum: does not match the line and the sum before it'
        run -65 evreplay "$view" 85123A
        is "${output##evreplay: *}" ''
    done
}

# -- how far it is -------------------------------------------------------------------------

@test "on a terminal it says how far it is when that takes long, and takes it away again" {
    history
    evreplay --events >events
    python3 - <<-'END'
	import os, pty, select, subprocess
	events = open("events", "rb").read()
	main, side = pty.openpty()
	watched = subprocess.Popen(["evreplay", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=side)
	os.close(side)
	watched.stdin.write(events[:-10])
	watched.stdin.flush()
	said = b""
	while b"bytes" not in said:
	    assert select.select([main], [], [], 60)[0]
	    said += os.read(main, 65536)
	watched.stdin.write(events[-10:])
	watched.stdin.close()
	state = watched.stdout.read()
	try:
	    while more := os.read(main, 65536):
	        said += more
	except OSError:
	    pass
	assert watched.wait() == 0 and state.startswith(b'{"product":"85123A","sequence":5,')
	*lines, last = said.split(b"\r\x1b[K")
	counted = len(events[:-10].rsplit(b"\n", 1)[0]) + 1
	assert last == b"" and all(line == b"evreplay: %d bytes" % counted for line in lines[:1]), said
	END
}

@test "how far it is fits a line of a narrow terminal, and is not told to one that cannot write over it" {
    history
    evreplay --events >events
    python3 - <<-'END'
	import fcntl, os, pty, select, struct, subprocess, termios
	events = open("events", "rb").read()
	def said(kind, until):
	    main, side = pty.openpty()
	    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 20, 0, 0))
	    watched = subprocess.Popen(["evreplay", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=side,
	                               env=os.environ | {"TERM": kind})
	    watched.stdin.write(events[:-10])
	    watched.stdin.flush()
	    got = os.read(main, 65536) if select.select([main], [], [], until)[0] else b""
	    watched.stdin.write(events[-10:])
	    watched.stdin.close()
	    watched.stdout.read()
	    assert watched.wait() == 0
	    os.close(side)
	    return got
	counted = len(events[:-10].rsplit(b"\n", 1)[0]) + 1
	assert said("xterm", 60) == (b"evreplay: %d bytes" % counted)[:19]
	assert said("dumb", 3) == b""
	END
}

@test "what is short, or watched by nobody, says nothing" {
    history
    at_terminal 80 evreplay 85123A >out
    is "$(tr -d '\r' <out)" "$(evreplay 85123A)"
    run -0 --separate-stderr evreplay - < <(sed 3q evstore/journal/85123A.ndjson)
    is "$stderr" ''
}

@test "what is printed as it is read is checked to its end before" {
    history
    sed -i '5s/"quantity":3/"quantity":4/' evstore/journal/85123A.ndjson
    for view in --events --history '--history --csv'; do
        # shellcheck disable=SC2086 # words
        run -65 --separate-stderr evreplay $view
        [[ $output != *85123A* ]]
    done
}

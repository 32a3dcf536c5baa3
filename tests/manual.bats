# The manual and the README say what the commands do.  Here they are held to it:
# each example is run and must print what stands below it.
# shellcheck disable=SC2016,SC1003 # what looks like an expansion is text here
bats_require_minimum_version 1.5.0

setup() {
    root=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
    PATH=$(cd "${EV_BIN:-$root/bin}" && pwd):$PATH
    unset EV_STORE EV_NOW COLUMNS
    cd "$BATS_TEST_TMPDIR" || return
    command -v sqlite3 >/dev/null && return
    mkdir stand-in
    ln -s "$BATS_TEST_DIRNAME/sql.py" stand-in/sqlite3
    PATH=$PWD/stand-in:$PATH
}

# page_examples PAGE: the literal blocks of its section EXAMPLES, as text.
page_examples() {
    awk '
        /^\.Sh / { examples = ($2 == "EXAMPLES"); next }
        !examples { next }
        /^\.Bd -literal/ { literal = 1; next }
        /^\.Ed/ { literal = 0; next }
        literal {
            sub(/^\\&/, "")
            gsub(/\\e/, "\\")
            print
        }' "$1"
}

# readme_examples FILE: its blocks of shell that show a prompt.
readme_examples() {
    awk '
        /^```/ { shell = ($0 == "```sh"); prompt = 0; next }
        shell && /^\$ / { prompt = 1 }
        shell && prompt { print }' "$1"
}

# replay: read a transcript ("$ command", "> continuation", output) and write it
# anew, with what the commands print now.  All run in one shell, in order.
replay() {
    local line command='' result=0
    local -a lines
    mapfile -t lines
    for line in "${lines[@]}" '$ '; do
        case $line in
        '$ '*)
            if [ -n "$command" ]; then
                (exit "$result")
                eval "$command" 2>&1 </dev/null
                result=$?
            fi
            command=${line#??}
            [ -z "$command" ] || printf '%s\n' "$line"
            ;;
        '> '*)
            command+=$'\n'${line#??}
            printf '%s\n' "$line"
            ;;
        esac
    done
}

# check_transcript NAME EXTRACTOR FILE: FILE has examples, and they are true.
check_transcript() {
    "$2" "$3" >"$1.says"
    if ! grep -q '^\$ ' "$1.says"; then
        echo "$1: no example"
        return 1
    fi
    mkdir "$1.work"
    (
        cd "$1.work" || exit
        LC_ALL=C bash -c "$(declare -f replay); replay" <"../$1.says" >"../$1.prints" 3>&-
    )
    diff -u "$1.says" "$1.prints"
}

# page_options PAGE: the options that its option lists describe, one a line.
page_options() {
    awk '/^\.It Fl / {
        for (i = 3; i <= NF; i++)
            if ($(i - 1) == "Fl")
                print "-" $i
    }' "$1" | sort
}

# help_options COMMAND: the options that its --help lists, one a line.
help_options() {
    "$1" --help | sed -n 's/^ *\(-.*\)/\1/p' | sed 's/  .*//' |
        grep -oE -- '(^|[ ,])--?[a-z][a-z-]*|-[A-Z]' | tr -d ' ,' | sort
}

@test "the examples of every manual page print what the page says" {
    failed=0
    for page in "$root"/man/*.[1-9]; do
        check_transcript "${page##*/}" page_examples "$page" || failed=1
    done
    [ "$failed" -eq 0 ]
}

@test "the examples of the README print what it says" {
    check_transcript README readme_examples "$root/README.md"
}

@test "an example that prints something else is noticed" {
    printf '%s\n' '.Sh EXAMPLES' '.Bd -literal' '$ echo one' 'two' '.Ed' >lie.1
    run -1 check_transcript lie page_examples lie.1
    [[ $output = *'-two'*'+one'* ]]
}

@test "a page without an example is noticed" {
    printf '%s\n' '.Sh EXAMPLES' 'None.' >empty.1
    run -1 check_transcript empty page_examples empty.1
    [ "$output" = 'empty: no example' ]
}

@test "an example sees the variables and the exit status of the one before" {
    printf '%s\n' '$ a=1' '$ (exit 3)' '$ echo $a \' '> $?' '1 3' >transcript
    run -0 replay <transcript
    diff -u transcript <(printf '%s\n' "$output")
}

@test "every command has a page, and every page of section 1 a command" {
    for command in "$(dirname "$(command -v evbuy)")"/ev*; do
        [ -f "$root/man/${command##*/}.1" ] || { echo "${command##*/}: no page"; return 1; }
    done
    for page in "$root"/man/*.1; do
        command -v "$(basename "$page" .1)"
    done
}

@test "each option that --help lists is on the page, and the other way round" {
    failed=0
    for page in "$root"/man/*.1; do
        command=$(basename "$page" .1)
        page_options "$page" >"$command.page"
        help_options "$command" >"$command.help"
        grep -qx -- --help "$command.help"
        diff -u "$command.page" "$command.help" || failed=1
    done
    [ "$failed" -eq 0 ]
}

@test "every page passes mandoc's lint" {
    command -v mandoc >/dev/null || skip 'mandoc is not installed'
    mandoc -T lint -W warning "$root"/man/*.[1-9]
}

@test "every page has the sections a reader looks for" {
    for page in "$root"/man/*.1; do
        sections=$(sed -n 's/^\.Sh //p' "$page" | paste -sd ,)
        [ "$sections" = "NAME,SYNOPSIS,DESCRIPTION,ENVIRONMENT,FILES,EXIT STATUS,EXAMPLES,DIAGNOSTICS,SEE ALSO,CAVEATS" ] ||
            { echo "$page: $sections"; return 1; }
    done
}

@test "every page that a page refers to is there" {
    while read -r name section; do
        [ -f "$root/man/$name.$section" ] || { echo "$name($section)"; return 1; }
    done < <(grep -hoE 'Xr ev[a-z]+ [1-9]' "$root"/man/*.[1-9] | cut -d ' ' -f 2,3 | sort -u)
}

@test "every source file that a page names is there" {
    while read -r file; do
        [ -e "$root/$file" ] || { echo "$file"; return 1; }
    done < <(grep -hoE '^\.Pa (src|examples|tests)/[^ ]+' "$root"/man/*.[1-9] | cut -d ' ' -f 2)
}

@test "the README fits in a hundred lines and names files that exist" {
    [ "$(wc -l <"$root/README.md")" -le 100 ]
    while read -r file; do
        [ -e "$root/$file" ] || { echo "$file"; return 1; }
    done < <(grep -oE '\]\([^)#:]+\)' "$root/README.md" | tr -d '()]')
}

# eventdemo.bash -- completion of the commands' options and operands, for bash; zsh by _eventdemo.
#
# What there is to complete is asked of the commands themselves: --help lists the options
# with the kind of their values, and its usage the operands.  Products, topics, groups and
# requests are those of the store that the line names.

# _eventdemo_plain WORD: as the shell will have it, but for what it would have to expand.
_eventdemo_plain() {
    local word=$1
    case $word in
    [\'\"]*) word=${word:1} word=${word%[\'\"]} ;;
    *)
        word=${word/#\~\//$HOME/} word=${word//\\\\/$'\1'} word=${word//\\/}
        word=${word//$'\1'/\\}
        ;;
    esac
    printf '%s\n' "$word"
}

# The store of the words typed so far: -d, else EV_STORE, else ./evstore.
_eventdemo_store() {
    local word=1 store
    for ((; word < COMP_CWORD; word++)); do
        case ${COMP_WORDS[word]} in
        -d | --store)
            [ "${COMP_WORDS[word + 1]}" != = ] || ((word++))
            store=${COMP_WORDS[word + 1]}
            ;;
        -d?*) store=${COMP_WORDS[word]#-d} ;;
        esac
    done
    if [ -n "${store+typed}" ]; then _eventdemo_plain "$store"; else printf '%s\n' "${EV_STORE:-evstore}"; fi
}

# _eventdemo_values KIND STORE: what there is of a kind, a line each.
_eventdemo_values() {
    local file
    case $1 in
    PRODUCT*)
        for file in "$2"/journal/*.ndjson; do
            file=${file##*/} file=${file%.ndjson}
            [ "$file" = '*' ] || printf '%b\n' "${file//%/\\x}"
        done
        ;;
    *TOPIC* | SRC | DST)
        for file in "$2"/topics/*/; do
            file=${file%/} file=${file##*/}
            [ "$file" = '*' ] || printf '%s\n' "${3-}$file"
        done
        ;;
    GROUP)
        for file in "$2"/topics/*/groups/*/; do
            file=${file%/} file=${file##*/}
            [ "$file" = '*' ] || printf '%s\n' "$file"
        done | sort -u
        ;;
    COMMAND)
        for file in "$2"/dead/*.ndjson; do
            file=${file##*/} file=${file%.ndjson}
            [ "$file" = '*' ] || printf '%s\n' "$file"
        done
        ;;
    UUID*)
        {
            [ ! -e "$2/orders.ndjson" ] || tail -n 50 "$2/orders.ndjson"
        } | sed -n 's/.*"correlationid":"\([^"]*\)".*/\1/p'
        ;;
    FORM) printf '%s\n' files packed ;;
    *'|'*) tr '|' '\n' <<<"$1" | grep -v '[A-Z]' ;;
    esac
}

# _eventdemo_kind HELP WORD: the kind of the value that an option takes, or nothing.
_eventdemo_kind() {
    local line
    while IFS= read -r line; do
        if [[ $line =~ ^\ \ (-.|\ \ ),?\ +(--[a-z-]+)\ ([^\ ]+)\ \  ]] &&
            [[ $2 = "${BASH_REMATCH[1]}" || $2 = "${BASH_REMATCH[2]}" ]]; then
            printf '%s\n' "${BASH_REMATCH[3]}"
            return
        fi
    done <<<"$1"
}

# _eventdemo_first HELP: the first operand before the word that is completed, or nothing.
_eventdemo_first() {
    local i
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} != -* ]]; then
            printf '%s\n' "${COMP_WORDS[i]}"
            return
        fi
        [ -z "$(_eventdemo_kind "$1" "${COMP_WORDS[i]}")" ] || ((i++))
        [ "${COMP_WORDS[i]}" != = ] || ((i++))
    done
}

# _eventdemo_forms HELP: the forms of a command without its name, options and brackets.
_eventdemo_forms() {
    sed -nE 's/^(usage:|      ) [a-z]+//p' <<<"$1" |
        sed -E -e ':inner' -e 's/\[[^][]*-[^][]*\]//' -e 't inner' -e 's/ < .*//' \
            -e 's/ --?[a-z-]+(\|--[a-z-]+)*( [A-Z]+)?//g' -e 's/[].[]//g'
}

_eventdemo() {
    local command=$1 word=$2 help store kind first value values='' at=$((COMP_CWORD - 1))
    local -a form
    # To bash these are words of their own, in --option=value and in @topic.
    while [[ ${COMP_WORDS[at]} =~ ^[@=]+$ ]]; do ((at--)); done
    help=$("$command" --help 2>/dev/null) || return
    store=$(_eventdemo_store)
    kind=$(_eventdemo_kind "$help" "${COMP_WORDS[at]}")
    if [[ $word = -* ]]; then
        values=$(sed -nE 's/^  (-.), (--[a-z-]+).*/\1\n\2/p; s/^      (--[a-z-]+).*/\1/p' <<<"$help")
    elif [ "$kind" = DIR ] || [ "$kind" = POINT ]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
    elif [ "$kind" = SRC ] || [ "$kind" = DST ] || [ "$kind" = FILE ]; then
        [[ $word = @* ]] || compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(
            compgen -f -- "$word"
            [ "$kind" = FILE ] || compgen -W "$(_eventdemo_values "$kind" "$store" @)" -- "$word"
        )
        return
    elif [ -n "$kind" ]; then
        values=$(_eventdemo_values "$kind" "$store")
    else
        first=$(_eventdemo_first "$help")
        while read -r -a form; do
            # The first word of a form may be a command of its own.
            if [[ ${form[0]} = [a-z]* && ${form[0]} != *'|'* ]]; then
                if [ -z "$first" ]; then
                    values+=${form[0]}$'\n'
                    continue
                fi
                [ "${form[0]}" = "$first" ] || continue
            fi
            for kind in "${form[@]}"; do values+=$(_eventdemo_values "$kind" "$store")$'\n'; done
        done < <(_eventdemo_forms "$help")
    fi
    # In quotes it is the word as it is; bash quotes what is offered as it does with names of files.
    [[ ${COMP_WORDS[COMP_CWORD]} = [\'\"]* ]] || word=$(_eventdemo_plain "$word")
    compopt -o filenames 2>/dev/null
    COMPREPLY=()
    while IFS= read -r value; do
        [[ -z $value || $value != "$word"* ]] || COMPREPLY+=("$value")
    done < <(sort -u <<<"$values")
}

complete -F _eventdemo evbuy evtask evcheck evorder evfail evcreate evstock evreplay evresult evaudit evtopic evproject evtrace evwatch

# What the shell offers: options by --help, and what there is in the store.
# shellcheck disable=SC2207 # words without spaces
load lib

setup() {
    start
    # shellcheck source=/dev/null
    source "$tests/../src/completion/eventdemo.bash"
}

# offered WORD...: what is offered for the last of the words of a line, in order, a space between.
offered() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _eventdemo "$1" "${@: -1}"
    IFS=$'\n' sorted=($(sort <<<"${COMPREPLY[*]}"))
    printf '%s\n' "${sorted[*]}" | paste -sd ' '
}

@test "options are those of --help, for every command" {
    for command in "${commands[@]}"; do
        listed=$("$command" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort | paste -sd ' ')
        [[ $listed = *--help*--version* ]]
        is "$(offered "$command" --)" "$listed"
    done
    is "$(offered evreplay --ver)" '--verify --version'
    is "$(offered evreplay -- --nothing)" ''
}

@test "products, as they are named; of the store that the line names" {
    stock 85123A 1
    stock 'a b' 1 "$g2"
    stock .x/y 1 "$g3"
    is "$(offered evreplay '')" '.x/y 85123A a b'
    is "$(offered evbuy 8)" '85123A'
    mv evstore other
    is "$(offered evbuy 8)" ''
    is "$(offered evbuy -d other 8)" '85123A'
    is "$(EV_STORE=other offered evstock add 8)" '85123A'
    is "$(offered evstock '')" 'add remove return'
}

@test "topics, groups, requests, dead letters, forms, files" {
    stock 85123A 10
    wanted "$r1" 85123A 6 | evtopic publish purchase.requested >/dev/null
    evtopic publish purchase.requested >/dev/null <<<nothing
    run -65 evtask --drain
    for service in evcheck evorder evfail evcreate; do "$service" --drain; done
    is "$(offered evtopic s)" 'seek'
    is "$(offered evtopic cat stock)" 'stock.available stockcheck.requested'
    is "$(offered evtopic seek evt)" 'evtask'
    is "$(offered evtopic seek evtask purchase.requested f)" 'first'
    is "$(offered evtopic redrive '')" 'evtask'
    # Behind options, too, whose values are no operands.
    is "$(offered evtopic -d evstore s)" 'seek'
    is "$(offered evtopic --store = evstore cat stock)" 'stock.available stockcheck.requested'
    is "$(offered evtopic seek -n evt)" 'evtask'
    is "$(offered evreplay --diff evs)" 'evstore'
    is "$(offered evcheck -g evc)" 'evcheck evcreate'
    is "$(offered evcheck --input @p)" '@purchase.requested'
    is "$(offered evcreate --results '')" 'files packed'
    is "$(offered evresult 5e)" "$r1"
    : >input.ndjson
    is "$(offered evcheck -i in)" 'input.ndjson'
    mkdir elsewhere
    is "$(offered evcheck --store els)" 'elsewhere'
}

# completed LINE...: each as it stands in a bash at a terminal behind a press of the tabulator.
completed() {
    python3 -S -E - "$tests/../src/completion/eventdemo.bash" "$@" <<'PYTHON'
import os, pty, re, signal, sys
signal.alarm(300)
child, terminal = pty.fork()
if child == 0:
    os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], os.environ | {"TERM": "dumb", "PS1": "", "INPUTRC": "/dev/null"})
said = b""
def await_line(mark):
    global said
    while not (found := re.search(mark, said)):
        said += os.read(terminal, 65536)
    said = said[found.end():]
    return found
os.write(terminal, b"source '%s'; bind 'set bell-style none'\n" % os.fsencode(sys.argv[1]))
os.write(terminal, b"""bind -x '"\\C-t": printf "\\nline<%s>\\n" "$READLINE_LINE"'; printf 'read%s\\n' y\n""")
await_line(rb"ready\r\n")
for line in sys.argv[2:]:
    os.write(terminal, os.fsencode(line) + b"\t\x14")
    print(os.fsdecode(await_line(rb"\nline<(.*)>\r\n").group(1)))
    os.write(terminal, b"\x15")
os.write(terminal, b"exit\n")
os.waitpid(child, 0)
PYTHON
}

@test "at a terminal: topics behind @, values behind =, products with spaces, in quotes or without; any way to name a store" {
    stock 'white mug' 1
    stock 'white cup' 1 "$g2"
    stock "it's" 1 "$g3"
    wanted "$r1" 85123A 6 | evtopic publish purchase.requested >/dev/null
    evtask --drain
    export HOME=$PWD
    cp -r evstore 'my store'
    local typed expected=() line lines=()
    while IFS=: read -r typed line; do
        lines+=("$typed") expected+=("$line")
    done <<'LINES'
evtask -i @pur:evtask -i @purchase.requested
evtask --input=@pur:evtask --input=@purchase.requested
evcheck --group=evt:evcheck --group=evtask
evtopic seek --store=my\ store evt:evtopic seek --store=my\ store evtask
evreplay white\ m:evreplay white\ mug
evreplay wh:evreplay white\
evreplay "white m:evreplay "white mug"
evreplay 'white m:evreplay 'white mug'
evreplay "it:evreplay "it's"
evreplay it:evreplay it\'s
evtrace --product=it:evtrace --product=it\'s
evreplay -d ~/evstore it:evreplay -d ~/evstore it\'s
evreplay -d "my store" it:evreplay -d "my store" it\'s
evreplay -d 'my store' it:evreplay -d 'my store' it\'s
evreplay -d my\ store it:evreplay -d my\ store it\'s
evreplay -d nowhere it:evreplay -d nowhere it
LINES
    completed "${lines[@]}" | sed 's/ $//' >found
    printf '%s\n' "${expected[@]}" | diff - found
}

@test "every command is completed, in both shells" {
    for command in "${commands[@]}"; do
        complete -p "$command" | grep -q -- '-F _eventdemo'
        grep -q "^#compdef.* $command\( \|$\)" "$tests/../src/completion/_eventdemo"
    done
}

@test "zsh offers the same" {
    command -v zsh >/dev/null || skip 'zsh is not installed'
    stock 85123A 1
    cat >script <<'ZSH'
fpath=($1 $fpath)
compadd() { print -l -- ${(P)@[-1]} }
autoload +X _eventdemo
words=(evreplay --ver) CURRENT=2
_eventdemo
words=(evbuy 8) CURRENT=2
_eventdemo
ZSH
    run -0 zsh -f script "$tests/../src/completion"
    is "$output" $'--verify\n--version\n85123A'
}

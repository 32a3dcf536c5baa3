"""diagnostics.py RULE ROOT -- what commands can say, held against what the manual says of it.

RULE is one of

    undocumented    messages in src/ that no section DIAGNOSTICS has
    gone            messages of the manual that no source has
    unsaid          messages of the manual of which nothing is said, or not with which exit status they end
    wrong           lines of standard input, STATUS MESSAGE, of which the manual has no such message and status
    untested        messages of the manual of which no test has the text

and each that is found is printed, a line each.  A message is the text of a call that ends on
standard error: of those in ENDS, of functions that format as printf(3) does, and of each function
that hands on one of its own parameters to one of these.
"""
import errno
import os
import pathlib
import re
import sys

ENDS = {"fault_set", "fault_system", "fault_at", "cli_misuse", "cli_add_report", "fprintf"}
# What formats, but not for standard error, or for who watches a terminal.
OTHERS = {"printf", "put", "display_show", "buffer_number", "table_text", "progress_begin"}
# Texts for standard error that are made where no call shows it.
MADE = {"snprintf", "strncat", "return", "="}
# Names of files, which stand before what is wrong with them.
NAMES = {"store_path", "dead_name"}
# What a refusal says in a message, which is no error.
REFUSALS = {"nothing was ever added to this product", "nothing is left", "only * left, * asked"}
# What stands on a screen.
SHOWN = {"and * more", "no message of a request"}
# What no test can bring about, or only by chance.
RARE = {
    "*: changed while it was read": "another process cuts a journal back just then",
    "*: gone while it was read": "... or removes it",
    "@*: *: no such group": "... or a group",
    "*: the events so far do not allow this one": "never, unless there is a bug",
    "*: the journal is full": "after a million million events",
    "cannot look for a request: *": "files or processes run out just then",
    "cannot take signals: *": "... or before the screen begins",
    "cannot set *: *": "memory runs out in setenv(3), and not before or behind it",
    "cannot set EV_STORE, EV_TOPIC, EV_GROUP: *": "the same",
}
SHARED = ("eventdemo.7", "evmessage.5", "evjournal.5")
# Whose page it has to be, if no shared one.
OWNERS = (("src/service/replay_", "evreplay"), ("src/service/topic_", "evtopic"), ("src/service/trace_", "evtrace"),
          ("src/project/", "evproject"), ("src/store/file/audit_", "evaudit"), ("src/ev", None))

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*|^#(?!define)(?:[^\n]*\\\n)*[^\n]*", re.S | re.M)
STRING = re.compile(r'"((?:\\.|[^"\\])*)"|\'(?:\\.|[^\'\\])*\'')
FUNCTION = re.compile(r"^(\w+)\(([^;{}]*?)\)\s*\n\{\n(.*?)^\}", re.S | re.M)
CONVERSION = re.compile(r"%[-+ #0]*(?:\*|\d+)?(?:\.(?:\*|\d+))?(?:hh|h|ll|l|z|j)?[a-zA-Z]")


def sources(root):
    return {str(file.relative_to(root)): COMMENT.sub("", file.read_text())
            for file in sorted(root.glob("src/**/*.[ch]"))}


def carriers(texts):
    """The functions whose texts end on standard error."""
    found = set(ENDS)
    for text in texts.values():
        found |= set(re.findall(r"(\w+)\([^;{}]*\)\s*__attribute__\(\(format\(printf", text))
        for name, body in re.findall(r"#define (\w+)\([^)]*\)((?:[^\n]*\\\n)*[^\n]*)", text):
            if "audit_tell(" in body:
                found.add(name)
    found -= OTHERS
    bodies = [match.groups() for text in texts.values() for match in FUNCTION.finditer(text)]
    while True:
        more = set()
        for name, parameters, body in bodies:
            words = re.findall(r"const char \*(\w+)(?:,|$)", parameters.replace("\n", " "))
            for call in re.finditer(r"\b(%s)\(([^;]*)\)" % "|".join(found), body):
                if set(words) & set(re.findall(r"\b\w+\b", STRING.sub("", call[2]))):
                    more.add(name)
        if more <= found | OTHERS | {"main"}:
            return found
        found |= more - OTHERS


def literals(text):
    """(call, text) of each literal: the innermost call it stands in, or what it is the value of."""
    calls, at, found = [], 0, []
    while at < len(text):
        match = STRING.match(text, at)
        if match:
            if match[1] is not None:
                call = calls[-1] if calls else value(text, at)
                if re.search(r"== 1 \?\s*$", text[max(0, at - 40):at]):
                    call = "one"            # behind it stands the same of many
                if found and found[-1][2] is not None and not text[found[-1][2]:at].strip():
                    found[-1] = (found[-1][0], found[-1][1] + match[1], match.end())
                else:
                    found.append((call, match[1], match.end()))
            at = match.end()
            continue
        if text[at] == "(":
            name = re.search(r"(\w+)\s*$", text[max(0, at - 60):at])
            if name and name[1] == "fprintf" and not text.startswith("stderr", at + 1):
                calls.append("printf")
            else:
                calls.append(name[1] if name else (calls[-1] if calls else value(text, at)))
        elif text[at] == ")" and calls:
            calls.pop()
        at += 1
    return [(call, plain(text)) for call, text, _ in found]


def value(text, at):
    """What a literal outside of every call is for."""
    begin = max(text.rfind(mark, 0, at) for mark in ";{}")
    before = STRING.sub("", text[begin + 1:at])
    if re.search(r"\breturn\b", before):
        return "return"
    return "=" if "=" in before and not re.search(r"struct cli|\.purpose|\.usage", before) else ""


def plain(text):
    """As it is printed: * for what varies, without a command before it and a newline behind it."""
    text = re.sub(r"\\(.)", lambda match: {"n": "\n"}.get(match[1], match[1]), text)
    text = re.sub(r"%$", "*", CONVERSION.sub("*", text)).replace("%%", "%").strip("\n")
    return re.sub(r"^ev[a-z]+: ", "", text)


def messages(root):
    """(file, text) of all that a command can say; of names alone, too, that stand in it."""
    texts = sources(root)
    wanted = carriers(texts)
    for file, text in texts.items():
        for call, said in literals(text):
            made = call in MADE and re.search("[a-z*] [a-z]", said) and not re.match("[A-Z]{4}|<", said)
            if said not in REFUSALS | SHOWN and (call in wanted or made):
                yield file, said


def pages(root, form=None):
    """{page: [(message, what is said of it)]} of the sections DIAGNOSTICS; the message in another form, perhaps."""
    found = {}
    for page in sorted(root.glob("man/*.[157]")):
        section = re.search(r"^\.Sh DIAGNOSTICS\n(.*?)(?=^\.Sh )", page.read_text(), re.S | re.M)
        entries = found[page.name] = []
        heads = []
        for item in re.split(r"^\.It ", section[1] if section else "", flags=re.M)[1:]:
            head, _, body = item.partition("\n")
            heads.append((form or shown)(head))
            body = re.sub(r"^\.Pp$", "", body.split(".El\n")[0], flags=re.M).strip()
            if body:
                entries += [(one, body) for one in heads]
                heads = []
        entries += [(one, "") for one in heads]
    return found


def parts(head):
    """(text, is it what varies) of a line of mdoc, as it is printed."""
    glue, found = True, []
    tokens = iter(head.replace("\\&", "").replace("\\(dq", '"').replace("\\e", "\\").split())
    for token in tokens:
        if token in ("Ns", "No"):
            glue = token == "Ns"
            continue
        found.append(("" if glue else " ", False))
        found.append((next(tokens), True) if token == "Ar" else (token, False))
        glue = False
    return found


def shown(head):
    """The same with * for what varies, and without a command before it."""
    return re.sub(r"^ev[a-z]+: ", "", "".join("*" if varies else text for text, varies in parts(head)))


def patterns(root):
    """(pattern, what is said of it) of all that the manual has: what varies is a word, unless it is a text, or an error
    of the system."""
    words = {"error": "(?:%s)" % "|".join(re.escape(os.strerror(number)) for number in errno.errorcode)}
    words.update(dict.fromkeys(("what", "how", "text"), ".+"))
    return [(re.compile("".join(words.get(text, r"\S+") if varies else re.escape(text)
                                for text, varies in parts(head.removeprefix("eventdemo: ")))), body)
            for entries in pages(pathlib.Path(root), str).values() for head, body in entries]


def is_name(core, text):
    """Of an option, an operand or a command; or of a file or a member, which the pages tell of."""
    return (re.fullmatch(r"-*[A-Z]*|--[a-z]+|ev[a-z]+", core)
            or re.fullmatch("[a-z]+", core) and re.search(r"^\.(Li|Pa) (evstore/)?%s\b" % core, text, re.M))


def undocumented(root):
    documented = pages(root)
    text = "".join((root / "man" / page).read_text() for page in SHARED)
    for file, said in messages(root):
        core = said.strip("*:;,. /")
        # What is as short stands between others.
        if len(core) < 6 and " " in core or not re.search("[a-z]{3}", core) or is_name(core, text):
            continue
        pattern = r"(?:^|[ ./(@*:-])" + ".*".join(map(re.escape, core.split("*"))) + r"(?:$|[ /:,;.()*-]|s )"
        owner = next((name or file[4:-2] for begin, name in OWNERS if file.startswith(begin)), None)
        where = [page for page in documented if owner is None or page in SHARED or page == owner + ".1"]
        if not any(re.search(pattern, head) for page in where for head, _ in documented[page]):
            yield "%s: %s" % (file, said)


def tiles(root):
    """The pieces between what varies; what has no letters joins them."""
    found = {name for text in sources(root).values() for call, name in literals(text) if call in NAMES}
    for _, said in messages(root):
        found |= {piece.strip(":;,. /()@") for piece in said.split("*")}
    return found - {""}


def is_tiled(text, pieces):
    reached = {0}
    for at in range(len(text)):
        if at not in reached:
            continue
        if not text[at].isalnum():
            reached.add(at + 1)
        reached |= {at + len(piece) for piece in pieces if text.startswith(piece, at)}
    return len(text) in reached


def gone(root):
    pieces = tiles(root)
    for page, entries in pages(root).items():
        for head, _ in entries:
            if not all(is_tiled(piece, pieces) for piece in head.split("*")):
                yield "%s: %s" % (page, head)


def unsaid(root):
    for page, entries in pages(root).items():
        for head, body in entries:
            if not re.search(r"\n(Exit (1|6[4-9]|7[345])\.|A warning\.|No error\.)\Z", body):
                yield "%s: %s" % (page, head)


def is_told(known, said, of=""):
    """Is there such a pattern, whose text has `of`?  Before what is wrong with a line its place may stand."""
    forms = (said, re.sub(r"^\S+:\d+: ", "", said))
    return any(re.search(of, body) and any(map(pattern.fullmatch, forms)) for pattern, body in known)


def wrong(root):
    known = patterns(root)
    for line in sys.stdin:
        status, _, said = line.rstrip("\n").partition(" ")
        if not is_told(known, said, r"Exit %s\b|Pq %s\b" % (status, status)):
            yield "%s: %s" % (status, said)


def untested(root):
    """Where a message stands, before it, tests may write in other ways."""
    tests = "\n".join(file.read_text(errors="replace") for end in ("*.bats", "*.bash", "**/*.py", "unit/*.c")
                      for file in sorted((root / "tests").glob(end)) if file.name != "diagnostics.py")
    tests = tests.replace('\\"', '"').replace("\\*", "*").replace("'\\''", "'").replace("\\ ", " ").replace("\\`", "`")
    rare = set(RARE)
    for page, entries in pages(root).items():
        for head, _ in entries:
            place, _, what = head.partition(": ")
            core = (what if "*" in place and what.strip("*") else head).strip("* ")
            if not re.search(r"[^\n]*".join(map(re.escape, core.split("*"))), tests) and head not in RARE:
                yield "%s: %s" % (page, head)
            rare.discard(head)
    yield from ("no such message is rare: " + head for head in rare)


def main():
    rules = {rule.__name__: rule for rule in (undocumented, gone, unsaid, wrong, untested)}
    found = sorted(set(rules[sys.argv[1]](pathlib.Path(sys.argv[2]))))
    print("".join(line + "\n" for line in found), end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

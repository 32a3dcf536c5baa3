"""bad_lines.py make COMMAND: every kind of bad line for COMMAND, each behind a good one.

Writes the file mixed (good and bad lines in turn) and the file good (the good
ones alone) to the working directory.

bad_lines.py check DEAD: DEAD, lines from dead/, has put aside each bad line of
the file mixed once, with its place and its bytes, and nothing else.
"""
import base64
import copy
import json
import sys

PRODUCT = "85123A"
TIME = "2026-01-31T09:30:00.123456Z"
READS = {
    "evtask": ("evbuy", "purchase.requested", None, {"quantity": 1}),
    "evcheck": ("evtask", "stockcheck.requested", "purchase.requested", {"quantity": 1}),
    "evorder": ("evcheck", "stock.available", "stockcheck.requested",
                {"quantity": 1, "available": 1000, "sequence": 1}),
    "evfail": ("evcheck", "stock.unavailable", "stockcheck.requested",
               {"quantity": 1, "available": 0, "sequence": 0, "code": "out-of-stock",
                "reason": "nothing is left"}),
    "evcreate": ("evorder", "order.requested", "stock.available", {"quantity": 1, "sequence": 1}),
}


def line(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def request(number):
    return "7d4f0c3a-95b1-4e26-8a70-%012x" % number


def message(command, number):
    """A good message for a service; an evcreate's sale is event number + 2."""
    writer, kind, cause, data = READS[command]
    uuid = request(number)
    value = {"specversion": "1.0", "id": f"{uuid}/{kind}", "source": f"/eventdemo/{writer}",
             "type": kind, "subject": PRODUCT, "time": TIME, "correlationid": uuid}
    if cause:
        value["causationid"] = f"{uuid}/{cause}"
    value["data"] = dict(data)
    if command == "evcreate":
        value["data"]["sequence"] = number + 2
    return value


def wish(command, number):
    value = {"product": PRODUCT, "quantity": 1, "request": request(number)}
    return {"action": "add", **value} if command == "evstock" else value


def with_member(value, path, member):
    """The same with another value, or none (...) at the end of a path."""
    value = copy.deepcopy(value)
    inner = value
    for name in path[:-1]:
        inner = inner[name]
    if member is ...:
        del inner[path[-1]]
    else:
        inner[path[-1]] = member
    return value


def broken_json(good):
    """Lines that are bad whatever the line is about."""
    text = line(good)
    inside = text[:-1]
    yield from (b"", b" ", b"{", b"}", b"{}", b"[]", b"null", b"1", b"\"text\"", b"true", b"text",
                b"[" + text + b"]", text[:-1], text + b"}", text + b"," + text, text + text,
                text + b" x", b"x" + text, b"\xef\xbb\xbf" + text, b"// " + text)
    yield from (inside + b",}", inside + b",\"x\":}", inside + b",\"x\":01}", inside + b",\"x\":+1}",
                inside + b",\"x\":.5}", inside + b",\"x\":1.}", inside + b",\"x\":NaN}",
                inside + b",\"x\":nul}", inside + b",x:1}", inside + b",\"x\":'1'}",
                inside + b",\"x\":\"\t\"}", inside + b",\"x\":\"\\x\"}", inside + b",\"x\":\"\\u12\"}",
                inside + b",\"x\":[1,]}", inside + b",\"x\":0x10}", inside + b",\"x\":\"}",
                inside + b",\"x\":1e}", inside + b"/**/}")
    # Not UTF-8: a lone byte, overlong, a surrogate, above U+10FFFF, cut off.
    for bytes_ in (b"\xff", b"\x80", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80",
                   b"\xe2\x82"):
        yield inside + b",\"x\":\"" + bytes_ + b"\"}"
    # A byte of the line that is NUL.
    yield inside + b",\"x\":\"\x00\"}"
    yield text + b"\x00"
    yield b"\x00" + text
    # Members that stand twice, at the top, further in, and under two spellings.
    name = next(iter(good))
    value = json.dumps(good[name]).encode()
    yield inside + b",\"" + name.encode() + b"\":" + value + b"}"
    yield inside + b",\"x\":1,\"x\":1}"
    yield inside + b",\"x\":[{\"y\":{\"z\":1,\"z\":2}}]}"
    yield inside + b",\"x\":1,\"\\u0078\":1}"
    # Too deep, too long.
    yield inside + b",\"x\":" + 2049 * b"[" + 2049 * b"]" + b"}"
    yield inside + b",\"x\":" + 2049 * b"{\"y\":" + b"1" + 2049 * b"}" + b"}"
    yield 30000 * b"["
    for length in (65536, 65537, 70000, 1 << 20):       # without the newline
        yield inside + b",\"x\":\"" + (length - len(inside) - 8) * b"x" + b"\"}"


def wrong_uuids():
    uuid = request(0)
    return ["", uuid.upper(), uuid[:-1], uuid + "0", uuid.replace("-", ""), "{" + uuid + "}",
            uuid.replace("a", "g"), "urn:uuid:" + uuid, uuid[:-1] + "\u0660", 1, None, [uuid]]


WRONG_PRODUCTS = ["", "x" * 81, "\u20ac" * 27, "a\u0000", "a\tb", "a\nb", "\u001f", "\u007f", "\u0080",
                  "\u009f", 85123, None, ["85123A"], {}]
WRONG_QUANTITIES = [0, -1, 1.5, 9007199254740992, 10**19, 10**30, "1", "", None, True,
                    [1], {}]
WRONG_TIMES = ["", "2026-01-31", "2026-01-31T09:30:00Z", "2026-01-31T09:30:00.123Z",
               "2026-01-31T09:30:00.1234567Z", "2026-01-31T09:30:00.123456", "2026-01-31 09:30:00.123456Z",
               "2026-01-31t09:30:00.123456z", "2026-01-31T09:30:00.123456+00:00",
               "2026-13-31T09:30:00.123456Z", "2026-02-30T09:30:00.123456Z",
               "2026-01-31T24:30:00.123456Z", "2026-01-31T09:60:00.123456Z", 1769851800, None]


def wrong_values(good, table):
    for path, values in table:
        for value in values:
            yield line(with_member(good, path, value))


def wrong_digits(good):
    """Numbers that JSON knows and that are no integers, and some that it does not know."""
    for digits in (b"1e0", b"1E0", b"10e-1", b"1.0", b"-0", b"01", b"1_000", b"0x1", b"1e400"):
        yield line(good).replace(b'"quantity":1', b'"quantity":' + digits)


def wrong_messages(good):
    uuid, kind = good["correlationid"], good["type"]
    no_text = (1, None, True, [], {}, "")
    table = [(("specversion",), ("0.3", "1", "1.0 ", "2.0", 1.0, *no_text, ...)),
             (("id",), (uuid, kind, f"{uuid}/other", f"{request(9999)}/{kind}", f"{uuid}/{kind}/",
                        f" {uuid}/{kind}", f"{uuid.upper()}/{kind}", *no_text, ...)),
             (("source",), (*no_text, ...)),
             (("type",), (*no_text, ...)),
             (("subject",), (*WRONG_PRODUCTS, ...)),
             (("time",), (*WRONG_TIMES, ...)),
             (("correlationid",), (*wrong_uuids(), request(9999), ...)),
             (("data",), (1, None, "", "{}", [], {}, ...)),
             (("data", "quantity"), (*WRONG_QUANTITIES, ...))]
    yield from wrong_digits(good)
    if "causationid" in good:
        table.append((("causationid",), (*no_text, ...)))
    for name in ("available", "sequence"):
        if name in good["data"]:
            table.append((("data", name), (-1, 0.5, 9007199254740992, "1", None, True, ...)))
    if "code" in good["data"]:
        table.append((("data", "code"), ("", "no-such-code", "Out-Of-Stock", 1, None, ...)))
        table.append((("data", "reason"), (1, None, [], ...)))
    yield from wrong_values(good, table)
    upper = with_member(good, ("correlationid",), uuid.upper())
    yield line(with_member(upper, ("id",), f"{uuid.upper()}/{kind}"))
    # What nobody reads here still has to be an event.
    foreign = {"specversion": "1.0", "id": "1", "source": "/elsewhere", "type": "com.example.other"}
    yield from wrong_values(foreign, [((name,), (*no_text, ...)) for name in foreign])
    yield line(foreign)[:-1] + b",\"x\":1,\"x\":1}"
    yield line(foreign)[:-1] + b",\"x\":\"\xff\"}"


def wrong_wishes(good):
    yield from wrong_digits(good)
    table = [(("product",), (*WRONG_PRODUCTS, ...)), (("quantity",), (*WRONG_QUANTITIES, ...)),
             (("request",), [uuid for uuid in wrong_uuids()])]
    if "action" in good:
        table.append((("action",), ("", "Add", "sell", "stock.added", 1, None, ...)))
    yield from wrong_values(good, table)


def make(command):
    good_line, wrong = (message, wrong_messages) if command in READS else (wish, wrong_wishes)
    sample = good_line(command, 9000)
    bad = list(broken_json(sample)) + list(wrong(sample))
    with open("good", "wb") as good, open("mixed", "wb") as mixed:
        for number, bytes_ in enumerate(bad):
            text = line(good_line(command, number)) + b"\n"
            good.write(text)
            mixed.write(text + bytes_ + b"\n")


def check(path):
    with open("mixed", "rb") as mixed:
        expected = {f"stdin:{number}": text[:-1] for number, text in enumerate(mixed, 1)
                    if number % 2 == 0}
    with open(path, "rb") as dead:
        letters = [json.loads(text) for text in dead]
    for letter in letters:
        bytes_ = expected.pop(letter["place"], None)
        found = base64.b64decode(letter["base64"], validate=True) if "base64" in letter \
            else letter["line"].encode()
        if found != bytes_:
            sys.exit(f"{letter['place']}: {found[:200]!r}, not {bytes_ and bytes_[:200]!r}")
    if expected:
        sys.exit("not put aside: " + ", ".join(f"{place}: {bytes_[:200]!r}"
                                               for place, bytes_ in expected.items()))


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    check(sys.argv[2])

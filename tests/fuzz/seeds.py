"""seeds.py DIRECTORY: what the fuzz targets begin with, a directory of files for each.

Lines of every kind, as the commands in PATH write them when the flow is run; the bad
lines that the tests of the commands have; and the shapes in which JSON comes or fails
to: numbers, strings, nesting, bytes that are no UTF-8.  The same in every run.
"""
import glob
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
NOW = "2026-01-31T09:30:00.123456Z"
REQUEST = "5e8a4c1d-2b7f-4d3e-9c60-%012x"
# In fuzz_message.c $ stands for a request, @ and a letter for a type.
MESSAGE = ('{"specversion":"1.0","id":"$/%s","source":"/eventdemo/evtask","type":"%s","subject":"85123A",'
           '"time":"' + NOW + '","correlationid":"$","causationid":"$/%s","data":{"quantity":6%s}%s}')

NUMBERS = ("0 -0 1 -1 12 01 -01 00 +1 .5 1. 1.5 -1.5 1.50 1e1 1E1 1e+1 1e-1 1e 1e+ 1.e1 1.5e300 1e400 -1e400 1e-400 "
           "0e0 0e99999999999 123456789012345678 1234567890123456789 12345678901234567890 9007199254740991 "
           "9007199254740992 9223372036854775807 9223372036854775808 -9223372036854775808 -9223372036854775809 "
           "0x10 1_0 Infinity NaN -Infinity - -- 1-1 1+1 0.0e-0 100000000000000000000000000000000000000.5 "
           "\u0661 1\u0660").split()
STRINGS = [b"", b"a", b"\\n", b"\\t\\r\\b\\f", b"\\/", b"/", b"\\\"", b"\\\\", b"\\u0041", b"\\u0000", b"\\u001f",
           b"\\u007f", b"\\u00E9", b"\\u20ac", b"\\ud83d\\ude00", b"\\ud83d", b"\\ude00", b"\\ud83d\\u0041",
           b"\\ude00\\ud83d", b"\\ud83dx", b"\\uD83D\\uDE00", b"\\u12", b"\\u", b"\\uzzzz", b"\\x41", b"\\a", b"\\",
           b"\\'", b"\t", b"\n", b"\r", b"\x00", b"\x1f", b"\x7f", b"\xc2\x80", b"\xc2\x9f", b"\xc3\xa9",
           b"\xe2\x82\xac", b"\xf0\x9f\x98\x80", b"\xef\xbf\xbf", b"\xef\xbb\xbf", b"\xf4\x8f\xbf\xbf", b"\x80",
           b"\xbf", b"\xc0\xaf", b"\xc1\xbf", b"\xe0\x80\xaf", b"\xe0\x9f\xbf", b"\xed\xa0\x80", b"\xed\xbf\xbf",
           b"\xf0\x80\x80\xaf", b"\xf0\x8f\xbf\xbf", b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xfe", b"\xff",
           b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xe2\x28\xa1", b"\xf8\x88\x80\x80\x80"]
SHAPES = [b"", b" ", b"\t", b"{", b"}", b"{}", b" {} ", b"[]", b"[", b"]", b"[{}]", b"null", b"true", b"\"\"", b"0",
          b"{}{}", b"{},", b"{} x", b"x{}", b"\xef\xbb\xbf{}", b"\xff\xfe{\x00}\x00", b"{,}", b"{\"a\"}", b"{\"a\":}",
          b"{:1}", b"{\"a\":1,}", b"{\"a\":1,,\"b\":1}", b"{,\"a\":1}", b"{\"a\" 1}", b"{\"a\"::1}",
          b"{\"a\":1 \"b\":2}", b"{a:1}", b"{'a':1}", b"{1:1}", b"{null:1}", b"{[]:1}", b"{\"a\":1]", b"[\"a\":1]",
          b"{\"a\":[1,]}", b"{\"a\":[,1]}", b"{\"a\":[1 2]}", b"{\"a\":[1}", b"{\"a\":1}//", b"/**/{}", b"{/**/}",
          b"#{}", b"{\"a\":nul}", b"{\"a\":nulll}", b"{\"a\":True}", b"{\"a\":tru", b"{\"a\":\"b}", b"{\"a\":\"",
          b"{\"a", b"{\"a\":1,\"a\":2}", b"{\"a\":{\"b\":1,\"b\":1}}", b"{\"a\":1,\"\\u0061\":2}", b"{\"\":1,\"\":2}",
          b"{\"\\u0000\":1}", b"{\"\x00\":1}", b"{\"a\":1}\x00", b"{\x0c}", b"{\x0b}", b"{\xc2\xa0}", b"\r\n{}\r\n",
          b"{\"a\"\n:\t1\r}"]


def nested(depth, inner=b""):
    """Arrays, objects, and both in turn, so deep that the last level is `depth`, an outer object counted."""
    depth -= 1
    yield b"{\"x\":" + depth * b"[" + inner + depth * b"]" + b"}"
    yield b"{\"x\":" + depth * b"{\"x\":" + (inner or b"{}") + depth * b"}" + b"}"
    half = depth // 2
    yield b"{\"x\":" + half * b"[{\"x\":" + (inner or b"0") + half * b"}]" + b"}"


def values():
    yield from (number.encode() for number in NUMBERS)
    yield from (b"\"" + string + b"\"" for string in STRINGS)
    yield from (b"null", b"true", b"false", b"[]", b"{}", b"[1,[2,{\"a\":[]}]]", b"[true,null,false]",
                b"{\"a\":{\"a\":{}}}")


def json_shapes():
    """Whole lines: every value as a member, every string as a name, and what is no object."""
    yield from SHAPES
    for value in values():
        yield b"{\"x\":" + value + b"}"
    for string in STRINGS:
        yield b"{\"" + string + b"\":1}"
    for depth in (2, 3, 20, 2046, 2047, 2048, 2049, 5000):
        yield from nested(depth)
        yield from nested(depth, b"1")
    yield from nested(2047, b"\"]\",[1]")
    yield 30000 * b"["


def run(*command, feed=b"", cwd):
    """What the command says; that it refuses some of what it is fed is as it should be."""
    done = subprocess.run(command, input=feed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=cwd, check=False)
    if done.returncode not in (0, 1, 65):
        sys.exit(f"seeds.py: {' '.join(command)}: exit status {done.returncode}")
    return done.stdout


def flow(cwd):
    """Run the flow for purchases that end in every way; the messages, of all steps."""
    run("evstock", feed=b"".join(b'{"action":"%s","product":"85123A","quantity":%d,"request":"%s"}\n'
                                 % (action, quantity, (REQUEST % number).encode())
                                 for number, (action, quantity) in
                                 enumerate(((b"add", 40), (b"remove", 4), (b"return", 2), (b"add", 9007199254740000)))),
        cwd=cwd)
    run("evstock", "add", "-u", REQUEST % 9, "caf\u00e9 \"n\u00b0 1\" \\ 100%", "1", cwd=cwd)
    lines = b"".join(run("evbuy", "-u", REQUEST % (16 + number), "--", product, quantity, cwd=cwd)
                     for number, (product, quantity) in
                     enumerate((("85123A", "6"), ("85123A", "9007199254740991"), ("nothing", "1"), ("85123A", "1"),
                                ("caf\u00e9 \"n\u00b0 1\" \\ 100%", "1"), ("caf\u00e9 \"n\u00b0 1\" \\ 100%", "1"))))
    seen = lines.splitlines()
    for service in ("evtask", "evcheck", "evorder", "evfail", "evcreate"):
        lines = run(service, feed=lines, cwd=cwd)
        seen += lines.splitlines()
    return seen


def bad_lines(command):
    with tempfile.TemporaryDirectory() as cwd:
        subprocess.run([sys.executable, HERE.parent / "bad_lines.py", "make", command], cwd=cwd, check=True)
        lines = pathlib.Path(cwd, "mixed").read_bytes().split(b"\n")[1::2]
    return [line for line in lines if len(line) <= 4096]


def canonical_messages():
    """Messages that the target fills in, of every type: what a type needs, and what others need."""
    seen = ',"available":40,"sequence":17'
    why = ',"code":"out-of-stock","reason":"nothing is left"'
    order = ',"order":"2af5f656-fd66-5f42-b66d-7aebc3ecaac8"'
    for kind in "ABCDEFGHIJKLM":
        for data in ("", seen, seen + why, ',"sequence":17', order, why):
            yield (MESSAGE % (f"@{kind}", f"@{kind}", "@B", data, "")).encode()
    for number in ("0", "1", "999999999999", "1000000000000", "9007199254740991", "9007199254740992"):
        yield (MESSAGE % ("@D", "@D", "@C", f',"available":{number},"sequence":17', "")).encode()
        yield (MESSAGE % ("@D", "@D", "@C", f',"available":40,"sequence":{number}', "")).encode()
        yield (MESSAGE % ("@B", "@B", "@A", "", "")).replace(":6", f":{number}").encode()
    for value in values():
        yield (MESSAGE % ("@B", "@B", "@C", "", ',"x":')).encode()[:-1] + value + b"}"


def words():
    """Command lines, a word a line."""
    yield from ("-a", "--all", "-i\nx", "-ix", "--input\nx", "--input=x", "--input=", "-i", "--input", "-ai\nx",
                "-aix", "-aa", "-a\n--all", "--in", "--in=x", "--in-place=x", "--in-plac=x", "--inp=x", "-W\n1",
                "-W1", "-Wall", "--wait=1", "--\n-a", "-a\n--\n-i", "-\n-a", "x\n-a\ny\n-i\nz", "--help", "-h", "-V",
                "-d\nx", "-dx", "--store=", "--store=x\n-dx", "--all=1", "-i\n--", "-i\n--\n--\n-a", "---", "-?",
                "-:", "-;", "--=", "--=x", "- -", "\n", "-\u00e9", "--h", "-a\n-h\n-a")


def option_values():
    yield from NUMBERS
    yield from (NOW, "2026-01-31T09:30:00Z", "2026-01-31T09:30:00.1Z", "2026-01-31T09:30:00.Z",
                "2026-02-29T00:00:00Z", "2024-02-29T23:59:59.999999Z", "2000-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
                "0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-01-31T24:00:00Z", "2026-01-31 09:30:00Z",
                "2026-13-01T00:00:00Z", "", "60s", "5m", "2h", "1d", "1w", "999999999d", "1000000000d", "0",
                "00000000000000000001", "18446744073709551615", "18446744073709551616", "1.25", ".5", "5.", ".",
                "999999999.999", "0.0009", REQUEST % 1, (REQUEST % 1).upper(), (REQUEST % 1)[:-1], "TOPIC-1",
                "TOPIC-5", "TOPIC-6", "topic-1", "stock.available", "@stock.available", "@TOPIC-1", "@", "-", ".a",
                "-a", "a" * 80, "a" * 81, "A", "85123A", "a b", "a/b", "..", ".hidden", "a%2Fb", "%2E.ndjson",
                "85123A.ndjson", "a%2fb.ndjson", "%41.ndjson", "%", "%2", ".ndjson", "\u00e9", "\u20ac" * 26,
                "\u20ac" * 27, "\u0085", "\u007f", "a\tb")


RECORD = ('{"offset":17,"segment":0,"bytes":6035,"pid":712,"boot":"6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c11",'
          '"time":"' + NOW + '","rate":40,"before":"27aa3e4e2bd3c5a1"')
LANES = ('{"lanes":1,"segment":67108864,"from":[]', '{"lanes":4,"segment":67108864,"from":[1200]',
         '{"lanes":2,"segment":1,"from":[1300,0,7,9007199254740991]')
BAD_LANES = ('{"lanes":0,"segment":1,"from":[]', '{"lanes":257,"segment":1,"from":[]',
             '{"lanes":1,"segment":0,"from":[]', '{"lanes":1,"segment":1,"from":[-1]',
             '{"lanes":1,"segment":1,"from":[1.5]', '{"lanes":1,"segment":1,"from":{}',
             '{"lanes":1,"segment":1,"from":[' + "0," * 256 + "0]",
             '{"lanes":256,"segment":1,"from":[' + "0," * 200 + "0]")


def places(cwd):
    """Records and lanes; the target puts the sums."""
    yield RECORD.encode()
    yield RECORD.replace("17", "9007199254740992").encode()
    for count in range(1, 4):
        yield "\n".join(LANES[:count]).encode()
    yield from (line.encode() for line in BAD_LANES)
    # The sixteenth generation is the last there is room for at first: what is too long for it is seen.
    yield "\n".join(15 * LANES[:1] + BAD_LANES[6:7]).encode()
    run("evtopic", "publish", "stock.available", feed=b"x\n", cwd=cwd)
    for count in ("4", "2", "256"):
        run("evtopic", "lanes", "stock.available", count, cwd=cwd)
        yield pathlib.Path(cwd, "evstore/topics/stock.available/lanes").read_bytes()


def wishes(results):
    """Wishes and results, with every string in them."""
    asked = [b'{"product":"85123A","quantity":6,"request":"%s"}' % (REQUEST % 1).encode(),
             b'{"quantity":6,"product":"x"}', b'{"action":"add","product":"85123A","quantity":6}',
             b'{"action":"return","product":"x","quantity":1,"x":{}}']
    failed = next(result for result in results if b'"failed"' in result)
    before, behind = failed[:failed.index(b'"reason":"') + 10], failed[failed.rindex(b'","time"'):]
    yield from asked + results
    yield from (before + string + behind for string in STRINGS)
    yield from (line.replace(b"85123A", string) for line in asked for string in STRINGS)
    yield from (result.replace(b'"order":"', b'"order":"x') for result in results)
    for command in ("evbuy", "evstock"):
        yield from bad_lines(command)


def journals(files):
    foreign = b'{"specversion":"1.0","id":"1","source":"/elsewhere","type":"com.example.other"}\n'
    yield from files
    yield from (journal + foreign + journal for journal in files)
    yield from (b"".join(files), files[0][:-40], b"\n\n\n")


def packs(results):
    """Two bytes that say where it is cut, then the pack."""
    whole = b"".join(result + b"\n" for result in results)
    yield b"\x80\x80" + b"".join(b'{"request":"%s"}\n' % (REQUEST % number).encode() for number in range(100))
    yield from (bytes([cut, cut]) + whole for cut in (0, 1, 63, 127, 200, 255))
    yield from (b"\x80\x80" + text for text in (b"", b"\n", b"x", b"\n\n{}\n" + whole + b"\0\0\0"))


def sources():
    """< stands for a tenth of what is too long, > for one byte less than that."""
    yield from (b"", b"\n", b"x", b"x\n", b"\n\n", b"\r\n\0\n", b"x\ny", 70 * b"x\n")
    yield from (b">", b">\n", b">x", b">x\n", b"x\n>x\nx", b">>>>>>\n", b"x\n>>>>>x", b"<<<<<<<<<<\n" + 50 * b"<\n")


def letters(directory):
    """As the services wrote them, and bytes to make one of: a place, a reason, what is put aside."""
    for path in sorted(glob.glob(f"{directory}/*")):
        yield from pathlib.Path(path).read_bytes().splitlines()
    yield from (b"stdin:1\nnot JSON\n" + text for text in STRINGS)
    yield from (b"dir/\xff\n\xff\x80\n" + text for text in SHAPES)


def all_seeds(cwd):
    """For each target what it begins with."""
    messages = flow(cwd)
    files = [pathlib.Path(path).read_bytes() for path in sorted(glob.glob(f"{cwd}/evstore/journal/*"))]
    files.append(pathlib.Path(cwd, "evstore/orders.ndjson").read_bytes())
    results = [pathlib.Path(path).read_bytes().rstrip(b"\n") for path in sorted(glob.glob(f"{cwd}/evstore/results/*"))]
    messages += [line for journal in files for line in journal.splitlines()]
    for service in ("evtask", "evcheck", "evorder", "evfail", "evcreate"):
        bad = bad_lines(service)
        messages += bad
        run(service, "-d", "bad", feed=b"\n".join(bad[::8]) + b"\n", cwd=cwd)
    return {"message": [*messages, *canonical_messages()], "json": [*json_shapes(), *values()],
            "wish": wishes(results), "journal": journals(files), "pack": packs(results),
            "source": sources(), "letter": letters(f"{cwd}/bad/dead"), "place": places(cwd),
            "options": (line.encode() for line in words()), "values": (line.encode() for line in option_values())}


def main(directory):
    os.environ.update(EV_NOW=NOW, LC_ALL="C")
    os.environ.pop("EV_STORE", None)
    with tempfile.TemporaryDirectory() as cwd:
        for target, texts in all_seeds(cwd).items():
            path = pathlib.Path(directory, target)
            path.mkdir(parents=True, exist_ok=True)
            for number, text in enumerate(texts):
                path.joinpath(f"{number:04}").write_bytes(text)


main(sys.argv[1])

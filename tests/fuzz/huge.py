"""huge.py KIND COMMAND[,COMMAND...] SIZE [--limit KB] [--double]: huge bad input at commands in PATH.

Proves that a command keeps every bad line byte for byte, goes on behind it and says so,
in memory that does not grow with its input: --limit bounds its address space, so that it
fails by itself. With --double it is run with twice the size as well; the time may then
not grow threefold, nor the memory by half.

KIND: long, one line of SIZE bytes; deep, a line nested SIZE deep; tiny, SIZE lines of a
few bytes; binary, SIZE random bytes. COMMAND: one of the services, evbuy, evstock;
replay, evreplay with a dash; publish and redrive, which take any line as it is.
"""
import argparse
import base64
import hashlib
import json
import os
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import threading

PIECE = 1 << 20
REQUEST = "5e8a4c1d-2b7f-4d3e-9c60-00000000000%d"
FOREIGN = b'{"specversion":"1.0","id":"1","source":"/elsewhere","type":"com.example.other"}\n'
TOPIC = "purchase.requested"


def bad_bytes(kind, size):
    """The bad lines, in pieces; the last ends in a newline."""
    if kind == "long":
        yield b'{"x":"'
        for start in range(0, size, PIECE):
            yield b"x" * min(PIECE, size - start)
        yield b'"}\n'
    elif kind == "deep":
        for text in (b"[", b'{"x":', b"]"):
            for start in range(0, size, PIECE):
                yield text * min(PIECE, size - start)
        yield b"\n"
    elif kind == "tiny":
        eight = b"x\n\n1\n{}\n[]\nnull\n\"\"\n{\n"
        for start in range(0, size, PIECE):
            yield eight * (min(PIECE, size - start) // 8)
    else:
        dice = random.Random(size)
        for start in range(0, size, PIECE):
            yield dice.randbytes(min(PIECE, size - start))
        yield b"\n"


def good_lines(command, cwd):
    """A line to stand before the bad ones, and one behind them."""
    if command == "evbuy":
        return [b'{"product":"85123A","quantity":1,"request":"%s"}\n' % (REQUEST % i).encode() for i in (1, 2)]
    if command == "evstock":
        return [b'{"action":"add","product":"85123A","quantity":1,"request":"%s"}\n' % (REQUEST % i).encode()
                for i in (1, 2)]
    if command == "replay":
        return [subprocess.run(["evstock", "-d", "other", "add", "85123A", "1"], cwd=cwd, check=True,
                               stdout=subprocess.PIPE).stdout for _ in range(2)]
    return [FOREIGN, FOREIGN]


class Bytes:
    """What came by: its sum, and how many lines it was."""

    def __init__(self):
        self.sum, self.lines = hashlib.sha256(), 0

    def add(self, piece):
        self.sum.update(piece)
        self.lines += piece.count(b"\n")

    def __eq__(self, other):
        return self.lines == other.lines and self.sum.digest() == other.sum.digest()


def pieces_of(stream):
    while piece := stream.read(PIECE):
        yield piece


def letter_pieces(dead):
    """What each letter of a file keeps, and a newline behind it; a long one is never held whole."""
    while head := dead.readline(1 << 17):
        if head.endswith(b"\n"):
            letter = json.loads(head)
            yield base64.b64decode(letter["base64"], validate=True) if "base64" in letter else letter["line"].encode()
        else:
            text = head[head.index(b'"base64":"') + len(b'"base64":"'):]
            while not text.endswith(b'"}\n'):
                # The end may be cut in two: it is kept back.
                whole = max(0, len(text) - 8) // 4 * 4
                yield base64.b64decode(text[:whole], validate=True)
                text = text[whole:] + dead.readline(PIECE)
            yield base64.b64decode(text[:-3], validate=True)
        yield b"\n"


def run(words, feed, cwd, limit):
    """Run a command on what `feed` yields: its status, its output and errors as Bytes, memory, time."""
    def limited():
        if limit:
            resource.setrlimit(resource.RLIMIT_AS, (limit * 1024, limit * 1024))

    def write():
        with process.stdin:
            try:
                for piece in feed:
                    process.stdin.write(piece)
            except BrokenPipeError:
                pass

    def read(stream, said):
        for piece in pieces_of(stream):
            said.add(piece)

    process = subprocess.Popen(words, cwd=cwd, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               preexec_fn=limited)
    said = Bytes(), Bytes()
    threads = [threading.Thread(target=write), threading.Thread(target=read, args=(process.stdout, said[0])),
               threading.Thread(target=read, args=(process.stderr, said[1]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, *said, usage.ru_maxrss // 1024, usage.ru_utime + usage.ru_stime


def require(good, what):
    if not good:
        sys.exit(f"huge.py: {' '.join(sys.argv[1:])}: {what}")


def same_as(pieces, expected, what):
    found = Bytes()
    for piece in pieces:
        found.add(piece)
    require(found == expected, f"{what}: {found.lines} lines, {expected.lines} expected, or other bytes")


def try_filter(command, kind, size, cwd, limit):
    """A filter or evreplay: good lines are answered, bad ones are told, and kept by filters."""
    first, last = good_lines(command, cwd)
    bad = Bytes()

    def feed():
        yield first
        for piece in bad_bytes(kind, size):
            bad.add(piece)
            yield piece
        yield last

    words = ["evreplay", "-"] if command == "replay" else [command]
    status, out, err, memory, seconds = run(words, feed(), cwd, limit)
    require(status == 65, f"exit status {status}")
    require(out.lines == (1 if command == "replay" else 2), f"{out.lines} lines of output")
    require(err.lines == bad.lines, f"{err.lines} lines of errors for {bad.lines} bad lines")
    if command != "replay":
        with open(f"{cwd}/evstore/dead/{command}.ndjson", "rb") as dead:
            same_as(letter_pieces(dead), bad, "dead letters")
    return memory, seconds


def cat_pieces(cwd):
    with subprocess.Popen(["evtopic", "cat", TOPIC], cwd=cwd, stdout=subprocess.PIPE) as cat:
        yield from pieces_of(cat.stdout)


def try_topic(command, kind, size, cwd, limit):
    """Published, and sent again from the dead letters: no byte is another."""
    sent = Bytes()

    def feed():
        for piece in bad_bytes(kind, size):
            sent.add(piece)
            yield piece

    redrives = command == "redrive"
    status, _, _, memory, seconds = run(["evtopic", "publish", TOPIC], feed(), cwd, 0 if redrives else limit)
    require(status == 0, f"publish: exit status {status}")
    same_as(cat_pieces(cwd), sent, "topic")
    if redrives:
        status, out, err, _, _ = run(["evtask", "--drain"], (), cwd, 0)
        require(status == 65 and out.lines == 0 and err.lines == sent.lines, f"evtask: exit status {status}")
        status, _, _, memory, seconds = run(["evtopic", "redrive", "evtask"], (), cwd, limit)
        require(status == 0, f"redrive: exit status {status}")
        for piece in bad_bytes(kind, size):
            sent.add(piece)
        same_as(cat_pieces(cwd), sent, "topic after redrive")
    return memory, seconds


def try_once(command, options, size):
    with tempfile.TemporaryDirectory() as cwd:
        trial = try_topic if command in ("publish", "redrive") else try_filter
        memory, seconds = trial(command, options.kind, size, cwd, options.limit)
        print(f"{command}, {options.kind}, {size:,}: memory: {memory} MiB; CPU: {seconds:.2f} s", flush=True)
    return memory, seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=("long", "deep", "tiny", "binary"))
    parser.add_argument("commands")
    parser.add_argument("size", type=int)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--double", action="store_true")
    options = parser.parse_args()
    for command in options.commands.split(","):
        memory, seconds = try_once(command, options, options.size)
        if options.double:
            twice, longer = try_once(command, options, 2 * options.size)
            # Below a tenth of a second, and what a batch takes, nothing can be told.
            require(longer < 3 * max(seconds, 0.1), "the time grows faster than the input")
            require(twice < 1.5 * memory + 32, "the memory grows with the input")


os.environ.pop("EV_STORE", None)
main()

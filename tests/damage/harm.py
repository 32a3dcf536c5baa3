"""Ways to damage a file: each of its bits, its lines, its end, the file itself.

A Harm is one damage that was not done yet: to bytes (then `data` is what the
file holds afterwards), or to the file as such (then `data` is None).
"""
import os
import shutil
from itertools import chain


class Harm:
    """kind: of damage; detail: which of that kind; data: the file's bytes afterwards, or None."""

    def __init__(self, kind, detail, data=None):
        self.kind, self.detail, self.data = kind, detail, data

    def __str__(self):
        return f"{self.kind}, {self.detail}" if self.detail else self.kind

    def do(self, path, aside):
        """Damage the file; `aside` is a name outside of the store for what a link leads to."""
        if self.data is not None:
            with open(path, "wb") as file:
                file.write(self.data)
        elif self.kind == "link":
            shutil.move(path, aside)
            os.symlink(aside, path)
        else:
            os.remove(path)
            if self.kind in MAKE:
                MAKE[self.kind](path)


def flips(data, stride=1, start=0):
    """Each bit the other way, or every stride-th, but for those of the last newline."""
    for bit in range(start % stride, 8 * (len(data) - 1), stride):
        yield flip("bit", data, bit)


def last_newlines(data):
    """Another byte instead of the last newline: the line has no end then."""
    for bit in range(8 * (len(data) - 1), 8 * len(data)):
        yield flip("last newline", data, bit)


def flip(kind, data, bit):
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return Harm(kind, f"bit {bit % 8} of byte {bit // 8}", bytes(changed))


def cuts(data, stride=1, start=0):
    """The end cut off, at each byte or every stride-th; always the last newline."""
    for length in sorted({*range(1 + start % stride, len(data), stride), len(data) - 1} - {0}):
        yield Harm("cut", f"at byte {length}", data[:length])


def line_changes(data):
    """Each line taken out, or twice; each two of them swapped."""
    lines = data.splitlines(keepends=True)
    for i, line in enumerate(lines):
        yield Harm("deleted", f"line {i + 1}", b"".join(lines[:i] + lines[i + 1:]))
        yield Harm("doubled", f"line {i + 1}", b"".join(lines[:i] + [line] + lines[i:]))
        for j in range(i + 1, len(lines)):
            swapped = list(lines)
            swapped[i], swapped[j] = lines[j], line
            if lines[j] != line:
                yield Harm("swapped", f"lines {i + 1} and {j + 1}", b"".join(swapped))


MAKE = {"directory": os.mkdir, "fifo": os.mkfifo}


def replacements():
    """The file made empty, replaced by what is no file or only a link to it, removed."""
    yield Harm("emptied", "", b"")
    for kind in ("directory", "link", "fifo", "removed"):
        yield Harm(kind, "")


class Choice:
    """Which damages are tried: of the bits each stride-th, and of all there are then each every-th.
    The first bit is another in each file, so that in files of one kind each place has its turn."""

    def __init__(self, stride=1, every=1):
        self.stride, self.every, self.number, self.start = stride, every, 0, 0

    def is_all(self):
        return self.stride == self.every == 1

    def damages(self, data):
        bytes_stride = max(1, self.stride // 8)
        self.start += 61
        for damage in chain(replacements(), line_changes(data), last_newlines(data),
                            cuts(data, bytes_stride, self.start // 8),
                            flips(data, self.stride, self.start)):
            self.number += 1
            if self.number % self.every == 0:
                yield damage


def undo(path):
    """Take away whatever stands there now."""
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.remove(path)

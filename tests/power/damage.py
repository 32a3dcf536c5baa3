#!/usr/bin/env python3
"""damage.py: what a power cut should not leave, but a disk may: told, kept, never replayed over.

Lines that are there behind others which are not: NUL bytes stand for those. A lane that
ends before a group's offset. Each is made by hand.
"""
import os
import shutil
import sys
import tempfile

import check
import said
from record import Fault, Step, run
from scenario import FLOW, drain, goods, lines, pipe, stocked, submit

MANY = [(number, "A", 1) for number in range(1, 5)]
MORE = [(5, "A", 1)]


class Place:
    """A store in a directory, to be damaged."""

    def __init__(self, work, *steps):
        self.root = os.path.join(work, "root")
        shutil.rmtree(self.root, ignore_errors=True)
        os.mkdir(self.root)
        check.go_on(steps, self.root)

    def path(self, name):
        return os.path.join(self.root, said.STORE, name)

    def read(self, name):
        with open(self.path(name), "rb") as file:
            return file.read()

    def write(self, name, content):
        with open(self.path(name), "wb") as file:
            file.write(content)

    def run(self, command, *arguments, feed=b""):
        return run(Step(command, *arguments, feed=feed), self.root)

    def expect(self, status, command, *arguments, feed=b""):
        """The command ends so; what it printed and reported."""
        found, output, errors = self.run(command, *arguments, feed=feed)
        if found != status:
            raise Fault(f"{command} {' '.join(arguments)}: exit {found}, not {status}: {errors!r}")
        return output, errors


def holes(content):
    """The content with each beginning of its lines lost, but for the last line."""
    ends = [i + 1 for i, byte in enumerate(content) if byte == 0x0a]
    starts = [0, *ends[:-1]]
    for start, end in zip(starts[:-1], ends[:-1]):
        for first, behind in ((start, end), ((start + end) // 2, end), (start, (start + end) // 2)):
            yield content[:first] + bytes(behind - first) + content[behind:]


def require(condition, what):
    if not condition:
        raise Fault(what)


def journal_holes(work):
    """A journal is not replayed, appended to or changed; its messages are put aside."""
    changes = lines(*({"action": "add", "product": "A", "quantity": 1, "request": goods(number)}
                      for number in range(1, 4)))
    place, name, count = Place(work, Step("evstock", feed=changes)), "journal/A.ndjson", 0
    checked = pipe(MANY[:1], FLOW[:2])
    _, message = check.go_on(checked, place.root)
    for content in holes(place.read(name)):
        place.write(name, content)
        _, errors = place.expect(65, "evreplay", "--verify")
        require(name.encode() in errors, f"verify does not name {name}: {errors!r}")
        output, _ = place.expect(65, "evreplay", "A")
        require(output == b"", f"a state of a damaged journal: {output!r}")
        output, _ = place.expect(65, "evstock", "-u", goods(9), "add", "A", "1")
        require(output == b"", f"an event behind damage: {output!r}")
        output, _ = place.expect(65, "evorder", feed=message)
        require(output == b"", f"an answer from a damaged journal: {output!r}")
        require(message.rstrip() in check.letters(place.root)["message"], "the message is not kept")
        require(place.read(name) == content, "a damaged journal was changed")
        count += 1
    return count


def orders_holes(work):
    """The orders are not appended to or changed, and no order is told of."""
    place = Place(work, *stocked(), *pipe([(1, "A", 1), (2, "A", 1), (3, "A", 1)]))
    _, requested = check.go_on(pipe([(4, "A", 1)], FLOW[:3]), place.root)
    name, count = "orders.ndjson", 0
    for content in holes(place.read(name)):
        place.write(name, content)
        _, errors = place.expect(65, "evreplay", "--verify")
        require(name.encode() in errors, f"verify does not name {name}: {errors!r}")
        output, _ = place.expect(65, "evcreate", feed=requested)
        require(output == b"", f"an order behind damage: {output!r}")
        require(place.read(name) == content, "damaged orders were changed")
        count += 1
    return count


def lane_holes(work):
    """A lane's reader puts the damaged line aside, told, and handles all others."""
    place, count = Place(work, *stocked(), submit(MANY)), 0
    name = f"topics/purchase.requested/0/{0:020d}.ndjson"
    shutil.copytree(place.root, os.path.join(work, "whole"))
    for content in holes(place.read(name)):
        shutil.rmtree(place.root)
        shutil.copytree(os.path.join(work, "whole"), place.root)
        place.write(name, content)
        damaged = [line for line in said.whole_lines(content) if said.parsed(line) is None]
        _, errors = place.expect(65, "evtask", "--drain")
        require(errors.count(b"evtask: @purchase.requested/0:") == len(damaged),
                f"not each damaged line is told: {errors!r}")
        require(sorted(check.letters(place.root)["message"]) == sorted(damaged),
                "what was damaged is not kept")
        handled, _ = place.expect(0, "evtopic", "cat", "stockcheck.requested")
        require(len(handled.splitlines()) == len(said.whole_lines(content)) - len(damaged),
                "a good line was not handled")
        count += 1
    return count


def lost_ends(work):
    """A lane that lost its end, and may have grown since: its group says so, and misses nothing."""
    longer = [(5, "A much longer name than those before", 1), (6, "A", 1)]
    topic = "topics/purchase.requested"
    name = f"{topic}/0/{0:020d}.ndjson"
    later = ([], [submit(MORE)], [submit(longer)])
    for steps in later:
        place = Place(work, *stocked(), submit(MANY), *drain(FLOW[:1]))
        place.write(name, b"".join(place.read(name).splitlines(keepends=True)[:2]))
        os.unlink(place.path(f"{topic}/0.end"))
        os.unlink(place.path(f"{topic}/groups/evtask/0.lock"))
        view = said.View({f"{said.STORE}/{path}": place.read(path)
                          for path in (name, f"{topic}/groups/evtask/0.offset")})
        require(said.ahead(view), "the offset is not ahead")
        place.expect(65, "evaudit")
        check.go_on(steps, place.root)
        _, errors = place.expect(0, "evtask", "--drain")
        require(b"lane 0: at 4, but " in errors, f"not told: {errors!r}")
        check.go_on(drain(), place.root)
        published = {said.parsed(line)["correlationid"] for line in place.read(name).splitlines()}
        missing = [request for request in sorted(published)
                   if place.run("evresult", request)[0] not in (0, 1)]
        require(not missing, f"without a result: {missing}")
    return len(later)


def main():
    shm = "/dev/shm" if os.path.isdir("/dev/shm") else None
    counts = {}
    with tempfile.TemporaryDirectory(dir=shm) as work:
        for part in (journal_holes, orders_holes, lane_holes, lost_ends):
            try:
                counts[part.__name__] = part(tempfile.mkdtemp(dir=work))
            except Fault as fault:
                print(f"{part.__name__}: {fault}", file=sys.stderr)
                return 1
    print("; ".join(f"{name.replace('_', ' ')}: {count}" for name, count in counts.items())
          + "; wrong: 0")
    return 0


if __name__ == "__main__":
    sys.exit(main())

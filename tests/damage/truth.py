"""Damage to the truth, the journals and the orders: found where it is, and nothing built upon it.

What has to be found is told here from the bytes alone: either what is left is
some of the lines that were there, perhaps with the start of the next one, or the
first line that differs is damage.
"""
import base64
import json
import os

import store as model
from tally import Wrong, need

FRESH = "ff8a4c1d-2b7f-4d3e-9c60-000000000001"      # a request that the store knows nothing of
MARK = "mark"
NO_FILE = {"directory": b"not a regular file", "fifo": b"not a regular file", "link": b"a symbolic link"}


class Stream:
    """A journal or the orders, as it was when it was whole."""

    def __init__(self, room, name, journal):
        self.room, self.name, self.journal = room, name, journal
        self.product = journal.product              # None: the orders
        self.data = room.whole[name]
        self.lines = self.data.splitlines(keepends=True)

    def place(self, line):
        return f"evstore/{self.name}:{line}: ".encode()

    def left(self, data):
        """Of damaged bytes: how many lines are good, which is the first that differs or
        None, and what stands behind the last newline."""
        found = data.splitlines(keepends=True)
        good = 0
        while good < len(self.lines) and found[good:good + 1] == self.lines[good:good + 1]:
            good += 1
        behind = b"".join(found[good:])
        return (good, good + 1, b"") if b"\n" in behind else (good, None, behind)

    def told(self, good):
        """Do orders or results tell of a line behind so many?"""
        return self.product is None or any(event.kind in ("stock.sold", "purchase.refused")
                                           for event in self.journal.events[good:])

    def state(self, good):
        """What evreplay prints of the first lines."""
        state = model.State()
        for event in self.journal.events[:good]:
            state.fold(event)
        return state.line(self.product) + b"\n" if good else b""


class Truth:
    """All streams of a store, and how damage to them is judged."""

    def __init__(self, room, tally, thorough):
        self.room, self.tally = room, tally
        self.thorough, self.number = thorough, 0        # all bits, how many so far
        journals = model.read_journals(room.store)
        self.journals = [Stream(room, "journal/" + model.file_name(product), journals[product])
                         for product in sorted(journals)]
        self.seller = max(self.journals, key=lambda stream: stream.journal.state.available)
        need(room.audit("--mark", MARK).status == 0, "no mark")
        with open(os.path.join(room.directory, MARK), "rb") as mark:
            self.mark = mark.read()
        self.orders = Stream(room, "orders.ndjson", model.read_orders(room.store))

    def judge(self, stream, damage):
        """Do a damage, see what the commands make of it, and make all as it was."""
        self.room.damage(stream.name, damage)
        files = "journals" if stream.product else "orders"
        try:
            self.tally.count(files, damage.kind, self.outcome(stream, damage))
        except Wrong as wrong:
            self.tally.complain(stream.name, damage, wrong)
        self.room.restore()

    def outcome(self, stream, damage):
        if damage.kind in NO_FILE:
            where = f"evstore/{stream.name}: ".encode() + NO_FILE[damage.kind]
            self.check_found(stream, where)
            self.check_refused(stream, where)
            return "found"
        good, bad, torn = stream.left(damage.data or b"")
        if bad:
            self.number += 1
            self.check_found(stream, stream.place(bad))
            if damage.kind != "bit" or not self.thorough or self.number % 7 == 0:
                self.check_refused(stream, stream.place(bad))
            return "found"
        return self.check_shorter(stream, good, torn)

    # -- damage -------------------------------------------------------------------------

    def check_found(self, stream, where):
        """Damage is found there, and only there; nobody answers from it."""
        verified = self.room.run("evreplay", "--verify", "-j", "1")
        need(verified.status == 65 and verified.errors.startswith(b"evreplay: " + where)
             and all(line.startswith(f"evreplay: evstore/{stream.name}:".encode())
                     for line in verified.errors.splitlines()), "not verified", verified)
        self.check_states(stream, 0, 65, b"evreplay: " + where)
        audited = self.room.audit()
        need(audited.status == 65 and b"evaudit: " + where in audited.errors, "not audited", audited)

    def check_refused(self, stream, where):
        """Nobody writes to it, and nothing is made again from it."""
        damaged = self.room.changed()
        need(damaged.keys() == {stream.name}, f"looking changed {damaged!r}")
        for writer in (self.sell, self.add) if stream.product else (self.order,):
            answer = writer(stream)
            need(answer.status == 65 and answer.out == b"" and where in answer.errors,
                 "written upon", answer)
        need(self.room.audit("--repair").status == 65, "repaired")
        changed = self.room.changed()
        sold_from = None if stream.product else self.seller.name
        need(changed.pop(stream.name) == damaged[stream.name]
             and all(name.startswith("dead/") or name == sold_from for name in changed),
             f"changed: {changed!r}")

    def check_states(self, stream, good, status, *said):
        """The states of all products, of this one only from its first lines; it said so of this one, a line each."""
        states = b"".join(other.state(good if other is stream else len(other.lines))
                          for other in self.journals)
        if stream is self.orders:
            status, said = 0, ()
        answer = self.room.run("evreplay", "-j", "1", "--", *(other.product for other in self.journals))
        lines = answer.errors.splitlines()
        need(answer.status == status and answer.out == states and len(lines) == len(said)
             and all(map(bytes.startswith, lines, said)), f"not {status} and {states!r}", answer)

    # -- only the end is missing ------------------------------------------------------------

    def check_shorter(self, stream, good, torn):
        """What is there is right; that something is missing is found if orders or results
        tell of it. The next writer goes on behind it, and keeps what it cuts off."""
        warnings = [b"evreplay: " + stream.place(good + 1)] if torn else []
        verified = self.room.run("evreplay", "--verify", "-j", "1")
        need(verified.status == 0 and all(map(bytes.startswith, [verified.errors], warnings))
             and verified.errors.count(b"\n") == len(warnings), "damage where is none", verified)
        if good:
            self.check_states(stream, good, 0, *warnings)
        else:
            self.check_states(stream, 0, 66, *warnings, f"evreplay: evstore/{stream.name}: no ".encode())
        outcome = self.audit_shorter(stream, good)
        self.check_healed(stream, good, torn)
        self.check_marked(stream)
        return outcome + (", its end healed" if torn else "")

    def audit_shorter(self, stream, good):
        """Orders and results tell of sales and refusals; a mark tells of all."""
        told = stream.told(good)
        audited = self.room.audit()
        need(audited.status == (65 if told else 0), "not audited", audited)
        self.check_marked(stream)
        return "found by what tells of it" if told else "found by a mark alone"

    def check_marked(self, stream):
        """An audit from the mark on, which was made when all was whole, misses what was there."""
        with open(os.path.join(self.room.directory, MARK), "wb") as mark:
            mark.write(self.mark)
        audited = self.room.audit("--mark", MARK)
        need(audited.status == 65 and f"evaudit: evstore/{stream.name}:".encode() in audited.errors
             and b"when the mark was made" in audited.errors, "not found by the mark", audited)

    def check_healed(self, stream, good, torn):
        """A writer appends its line behind the good ones; what it cut off is kept."""
        before = b"".join(stream.lines[:good])
        writer = self.add if stream.product else self.order
        answer = writer(stream)
        need(answer.status == 0 and answer.out, "nothing written", answer)
        after = self.room.changed()[stream.name]
        need(after.startswith(before), f"changed: {after!r}")
        model.Journal.of_lines(after.splitlines(keepends=True), stream.name, stream.product)
        need(after.count(b"\n") == good + 1, f"not a line more: {after!r}")
        self.check_kept("evstock" if stream.product else "evcreate", stream, torn)

    def check_kept(self, command, stream, torn):
        name = f"dead/{command}.ndjson"
        letters = self.room.changed().get(name, b"")[len(self.room.whole.get(name, b"")):].splitlines()
        kept = [letter for letter in map(json.loads, letters) if letter["kind"] == "torn"]
        text = [base64.b64decode(letter["base64"]) if "base64" in letter else letter["line"].encode()
                for letter in kept]
        need(text == [torn] * bool(torn), f"kept: {letters!r}")

    # -- writers ------------------------------------------------------------------------

    def add(self, stream):
        return self.room.run("evstock", "add", "-u", FRESH, "--", stream.product, "1")

    def sell(self, stream):
        heard = model.message("stock.available", FRESH, stream.product, "2026-01-31T10:00:00.000000Z",
                              "evcheck", "stockcheck.requested",
                              {"quantity": 1, "available": 9, "sequence": 1})
        return self.room.run("evorder", heard=heard + b"\n")

    def order(self, _):
        """Of a sale that is made for it."""
        sold = self.sell(self.seller)
        need(sold.status == 0 and b"order.requested" in sold.out, "nothing sold", sold)
        return self.room.run("evcreate", heard=sold.out)


# -- what is tried --------------------------------------------------------------------------

def try_all(room, tally, choice):
    truth = Truth(room, tally, choice.is_all())
    for stream in [*truth.journals, truth.orders]:
        for damage in choice.damages(stream.data):
            truth.judge(stream, damage)

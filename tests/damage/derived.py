"""Damage to what is derived, results, offsets and hints: found, made again, and nothing lost by it."""
import re

import store as model
from tally import Wrong, need

SERVICES = {"evtask": "purchase.requested", "evcheck": "stockcheck.requested",
            "evorder": "stock.available", "evfail": "stock.unavailable", "evcreate": "order.requested"}
BEGINNING = re.compile(rb'\{"request":"([0-9a-f-]{36})"')
STRAY = re.compile(rb"evaudit: \S*: tells of a refusal that is in no journal .*\n\Z")
NO_FILE = ("directory", "link", "fifo")


class Judge:
    """Does damages to the files of a room, one after the other, and counts what comes of each."""

    def __init__(self, room, tally):
        self.room, self.tally = room, tally

    def judge(self, files, name, damage, outcome):
        """Do a damage to a file; outcome() looks at it, and all is made as it was."""
        self.room.damage(name, damage)
        try:
            self.tally.count(files, damage.kind, outcome(name, damage))
        except Wrong as wrong:
            self.tally.complain(name, damage, wrong)
        self.room.restore()


def results_of(found):
    """request -> its result, of all that a store holds. What is no whole line is none, and
    of several in a pack the last counts."""
    packed, files = {}, {}
    for name, data in found.items():
        if name.startswith("results/") and isinstance(data, bytes):
            for line in data.splitlines(keepends=True):
                request = BEGINNING.match(line)
                if request and line.endswith(b"\n"):
                    (files if name.endswith(".json") else packed)[request[1].decode()] = line
    return {**packed, **files}


# -- results --------------------------------------------------------------------------------

class Results(Judge):
    """They can be made again byte for byte, so any other byte is found."""

    def __init__(self, room, tally):
        super().__init__(room, tally)
        self.results = results_of(room.whole)
        self.names = [name for name in sorted(room.whole) if name.startswith("results/")]

    def heard(self, service):
        """All messages that the service ever had in its topic."""
        lane = f"topics/{SERVICES[service]}/"
        return b"".join(data for name, data in sorted(self.room.whole.items())
                        if name.startswith(lane) and name.endswith(".ndjson"))

    def state(self, name, damage):
        """Whether it is `wrong` now, or `missing` is all or some of it, or it is as `good` as it was."""
        if damage.kind in NO_FILE:
            return "wrong"
        was = self.room.whole[name].splitlines(keepends=True)
        data = damage.data or b""
        whole = data[:data.rfind(b"\n") + 1]
        if name.endswith(".json"):
            return "good" if data == was[0] else "wrong" if whole == data and data else "missing"
        lines = whole.splitlines(keepends=True)
        if not set(lines) <= set(was):
            return "wrong"
        return "good" if set(lines) == set(was) else "missing"

    def outcome(self, name, damage):
        state = self.state(name, damage)
        self.check_shown(name, damage)
        audited = self.room.audit()
        if state == "wrong":
            need(audited.status == 65 and f"evaudit: evstore/{name}".encode() in audited.errors,
                 "not audited", audited)
        else:
            need(audited.status == 0 and (state == "good") == (b", 0 unfinished" in audited.out),
                 f"not {state}", audited)
        if state == "missing":
            strict = self.room.audit("--strict")
            need(strict.status == 65 and b"without a result" in strict.errors, "not audited", strict)
        self.check_untouched(name)
        if damage.kind in NO_FILE:
            return "found"
        stray = self.check_repaired()
        if state == "missing":
            self.room.restore()
            self.room.damage(name, damage)
            self.check_flow()
        return {"wrong": "found and made again", "missing": "missing and made again",
                "good": "harmless"}[state] + stray

    def check_shown(self, name, damage):
        """evresult shows what is there, and nothing that is not."""
        shown = self.room.run("evresult", *self.results)
        others = {line for request, line in self.results.items() if line not in self.room.whole[name]}
        lines = set(shown.out.splitlines(keepends=True))
        need(shown.status in (0, 1, 75) and others <= lines or shown.status == 65 and damage.kind in NO_FILE,
             "results are not shown", shown)
        made_up = {line for line in lines - others
                   if line not in self.room.whole[name] and line not in (damage.data or b"")}
        need(not made_up, f"never stored: {made_up!r}", shown)

    def check_untouched(self, name):
        changed = set(self.room.changed())
        need(changed <= {name}, f"looking changed {changed!r}")

    def check_repaired(self):
        """All that was there is there again. Only what looks like the refusal of a request
        that nobody knows is not taken away: truth may be missing instead."""
        repaired = self.room.audit("--repair")
        stray = STRAY.match(self.room.audit().errors)
        found = results_of(self.room.look())
        if stray:
            need(self.results.items() <= found.items() and len(found) == len(self.results) + 1,
                 "made otherwise", repaired)
        else:
            self.check_whole(repaired)
        return ", but a refusal of nobody stays" if stray else ""

    def check_flow(self):
        """What its messages say once more is made again, too."""
        for service in ("evfail", "evcreate"):
            answer = self.room.run(service, heard=self.heard(service))
            need(answer.status in (0, 65), f"{service} fails", answer)
        self.check_whole(answer)

    def check_whole(self, answer):
        audited = self.room.audit("--strict")
        need(audited.status == 0, "not made again", answer, audited)
        need(results_of(self.room.look()) == self.results, "made otherwise", answer)
        need(not [name for name in self.room.changed() if not name.startswith(("results/", "dead/"))],
             "more was changed", answer)


def try_results(room, tally, choice):
    results = Results(room, tally)
    for name in results.names:
        files = "results" if name.endswith(".json") else "packs"
        for damage in choice.damages(room.whole[name]):
            results.judge(files, name, damage, results.outcome)


# -- offsets --------------------------------------------------------------------------------

class Offsets(Judge):
    """In front of each service wait messages; a group that is put anywhere but back loses some."""

    def __init__(self, room, tally, thorough):
        super().__init__(room, tally)
        self.thorough, self.number = thorough, 0
        self.names = [name for name in sorted(room.whole)
                      if name.startswith("topics/") and name.endswith((".offset", ".lock"))]
        self.drain()
        self.done = self.outcomes()
        room.restore()

    def outcomes(self):
        """Results, journals, and the orders whatever their order: lanes are taken as they come."""
        found = self.room.look()
        orders = model.Journal.of_lines(found["orders.ndjson"].splitlines(keepends=True), "orders")
        return (results_of(found), {name: data for name, data in found.items() if name.startswith("journal/")},
                {event.request: (event.product, event.data) for event in orders.events})

    def drain(self):
        for service in SERVICES:
            answer = self.room.run(service, "--drain")
            need(answer.status in (0, 65), f"{service} fails", answer)

    def is_as_good(self, name, damage):
        """Nothing in it that is read has changed."""
        data = damage.data[:256] if damage.data is not None else None
        return data is not None and data.rstrip(b" \n") == self.room.whole[name].rstrip(b" \n")

    def outcome(self, name, damage):
        wrong = not self.is_as_good(name, damage) and bool(damage.data or damage.kind in NO_FILE)
        place = name if damage.data else name[:-len(".offset")]
        audited = self.room.audit()
        if wrong and name.endswith(".offset"):
            need(audited.status == 65 and f"evaudit: evstore/{place}".encode() in audited.errors,
                 "not audited", audited)
        elif not wrong:
            need(audited.status == 0, "damage where is none", audited)
        self.number += 1
        if self.number % 13 == 0 or self.thorough and damage.kind not in ("bit", "cut"):
            self.check_nothing_lost(name, damage)
        return "found" if audited.status == 65 else "nothing lost"

    def check_nothing_lost(self, name, damage):
        """Whoever goes on: a worker, one after the system was started anew, one after a repair."""
        if damage.kind in NO_FILE:
            self.drain()
            self.room.put_back(name)
            self.check_done()
            return
        self.check_drained("")
        self.again(name, damage)
        for other in self.names:
            if other.endswith(".lock") and other != name:
                self.room.remove(other)
        self.check_drained(" after a restart")
        self.again(name, damage)
        repaired = self.room.audit("--repair")
        audited = self.room.audit()
        need(audited.status == 0, "not repaired", repaired, audited)
        self.check_drained(" after a repair")

    def check_done(self):
        """Others went on before the file was put back, so what was left may be decided otherwise."""
        self.drain()
        audited = self.room.audit("--strict")
        need(audited.status == 0, "not done", audited)
        need(self.outcomes()[0].keys() == self.done[0].keys(), "purchases are lost")

    def again(self, name, damage):
        self.room.restore()
        self.room.damage(name, damage)

    def check_drained(self, when):
        self.drain()
        need(self.outcomes() == self.done, "not the same outcomes" + when)


def try_offsets(room, tally, choice):
    offsets = Offsets(room, tally, choice.is_all())
    for name in offsets.names:
        for damage in choice.damages(room.whole[name]):
            offsets.judge("offsets" if name.endswith(".offset") else "places in locks",
                          name, damage, offsets.outcome)


# -- hints ----------------------------------------------------------------------------------

class Hints(Judge):
    """Where a lane ends is only believed if it is so; a message goes behind all others."""

    lane = "topics/purchase.requested/{}"

    def outcome(self, name, damage):
        number = name[len(self.lane) - 2:-len(".end")]
        segment = f"{self.lane.format(number)}/{0:020d}.ndjson"
        product = {"0": "71053", "1": "85123A"}[number]
        bought = self.room.run("evbuy", "-s", product, "1")
        after = self.room.look()[segment]
        if damage.kind in NO_FILE:
            need(bought.status in (65, 74) and after.startswith(self.room.whole[segment]), "not refused", bought)
            return "refused"
        request = bought.out.strip()
        drained = self.room.run("evtask", "--drain")
        need(bought.status == 0 and drained.status == 0, "not published", bought, drained)
        need(after.startswith(self.room.whole[segment]) and request in after
             and after.count(b"\n") == self.room.whole[segment].count(b"\n") + 1, f"published: {after!r}")
        cat = self.room.run("evtopic", "cat", "stockcheck.requested")
        need(request in cat.out, "not read", cat)
        return "nothing lost"


def try_hints(room, tally, choice):
    hints = Hints(room, tally)
    for name in sorted(room.whole):
        if name.startswith("topics/purchase.requested/") and name.endswith(".end"):
            for damage in choice.damages(room.whole[name]):
                hints.judge("hints", name, damage, hints.outcome)

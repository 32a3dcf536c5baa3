"""Is a state of the disk one that nobody has to fear?

Built as a directory, it has to bear out what was said, then to go on by itself with
what its users do anyway, and to end as a store that never lost its power.
"""
import base64
import json
import os
import shutil
import sys

import record
import said
from record import Fault

sys.path.insert(0, os.path.join(record.TOP, "tests", "model"))
import audit            # noqa: E402
import store as ev      # noqa: E402

STORE = said.STORE


def build(state, root):
    """Make the directory that a state is."""
    shutil.rmtree(root, ignore_errors=True)
    os.mkdir(root)
    for path, content in state:
        if content is None:
            os.mkdir(os.path.join(root, path))
        else:
            with open(os.path.join(root, path), "wb") as file:
                file.write(content)


def go_on(steps, root):
    """Do these steps: (whether anything was put aside, what the last one printed)."""
    previous, aside = b"", False
    for step in steps:
        status, output, errors = record.run(step, root, previous)
        if status not in step.status:
            raise Fault(f"afterwards {step} exits {status}: {errors.decode(errors='replace')}")
        aside, previous = aside or status == 65, output
    return aside, previous


def results(path):
    """request -> its result. In packs what is no whole result counts as none."""
    found, packed = {}, {}
    folder = os.path.join(path, "results")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        with open(os.path.join(folder, name), "rb") as file:
            content = file.read()
        if ev.PACK_FORM.match(name):
            packed.update((said.parsed(line)["request"], line + b"\n")
                          for line in said.whole_lines(content) if said.parsed(line) is not None)
        elif not name.startswith("."):
            found[name.removesuffix(".json")] = content
    return {**packed, **found}


def outcome(root):
    """What a store has come to, in all that may not differ: of each product its changes of stock
    and outcomes, the orders, the results. When a refusal is decided again it may
    have another reason, if nobody was told."""
    path = os.path.join(root, STORE)
    found = set()
    for product, journal in ev.read_journals(path).items():
        found.update((product, event.kind, event.request, event.quantity)
                     for event in journal.events)
    found.update(("order", event.request, event.product, event.quantity)
                 for event in ev.read_orders(path).events)
    for request, line in results(path).items():
        told = json.loads(line)
        found.add(("result", request, told["status"], told["product"], told["quantity"]))
    return found


def audited(root):
    """What the model's audit finds in a store at rest, or None."""
    path = os.path.join(root, STORE)
    try:
        sales, refusals = audit.outcomes(ev.read_journals(path))
        audit.check_orders(ev.read_orders(path), sales)
        audit.check_results(results(path), sales, refusals)
    except ev.Wrong as wrong:
        return str(wrong)
    return None


def torn_tails(state):
    """path -> what stands behind the last newline of journals and orders."""
    tails = {}
    for path, content in state:
        if content and (path.startswith(f"{STORE}/journal/") or path == f"{STORE}/orders.ndjson"):
            tail = content[content.rfind(b"\n") + 1:]
            if tail:
                tails[path] = tail
    return tails


def letters(root):
    """The bytes that dead letters keep, of each kind."""
    kept = {"torn": [], "message": []}
    folder = os.path.join(root, STORE, "dead")
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if not name.endswith(".ndjson"):
            continue
        with open(os.path.join(folder, name), "rb") as file:
            for line in file:
                told = said.parsed(line)
                if told is None:            # one that was cut off itself
                    continue
                kept[told["kind"]].append(base64.b64decode(told["base64"]) if "base64" in told
                                          else told["line"].encode())
    return kept


def input_is_torn(state):
    """Is there a line that was cut off, perhaps ended by who came next?  In lanes, or in files
    that messages go through."""
    return any(content and (said.SEGMENT.match(path) or "/" not in path)
               and None in map(said.parsed, content.rstrip(b"\n").split(b"\n"))
               for path, content in state)


class Judge:
    """Judges the states of one scenario: `root` is a place to build them, `expected` the
    outcome without a cut, `aside` whether there are bad lines anyway."""

    def __init__(self, root, scenario, expected, aside):
        self.root, self.after, self.by_chance = root, scenario.after, scenario.by_chance
        self.expected, self.aside, self.copies = expected, aside, scenario.copies
        self.audit = record.Step("evaudit", "--strict")
        if not os.path.exists(os.path.join(record.BIN, "evaudit")):
            self.audit = record.Step("evreplay", "--verify")

    def judge_now(self, state, claims):
        """As it is: raises Fault."""
        view = said.View(dict(state))
        for claim in claims:
            if not said.holds(claim, view):
                raise Fault(f"said, and not there: {claim}")
        for place in said.ahead(view) + said.trimmed(view):
            raise Fault(f"not a place in its lane: {place}")
        for message in said.skipped(view):
            raise Fault(f"passed over: {message}")

    def _judge_redriven(self):
        """What was sent again was sent once."""
        if self.copies is not None:
            topic, line, most = self.copies
            output = record.run(record.Step("evtopic", "cat", topic), self.root)[1]
            found = output.splitlines().count(line)
            if found > most:
                raise Fault(f"{found} copies of {line!r} in {topic}, not {most}")

    def judge_end(self, state):
        """And as it goes on: raises Fault."""
        build(state, self.root)
        aside, _ = go_on(self.after, self.root)
        if aside and not self.aside and not input_is_torn(state):
            raise Fault("something was put aside, but no line was torn")
        kept = letters(self.root)
        for path, tail in torn_tails(state).items():
            if not any(tail == letter for letter in kept["torn"]):
                raise Fault(f"{path}: the torn end {tail[:80]!r} is not kept")
        try:
            found = outcome(self.root)
        except (ev.Wrong, ValueError, OSError) as error:
            raise Fault(f"at the end: {error}") from error
        if self.by_chance:
            requests = {told["correlationid"] for told in
                        map(said.parsed, said.View(dict(state)).published("purchase.requested"))
                        if told is not None}
            missing = requests - {each[1] for each in found if each[0] == "result"}
            if missing:
                raise Fault(f"requests without a result: {missing}")
        elif found != self.expected:
            raise Fault(f"another end: {sorted(map(repr, found ^ self.expected))[:6]}")
        self._judge_redriven()
        wrong = audited(self.root)
        if wrong:
            raise Fault(f"audit: {wrong}")
        status, output, errors = record.run(self.audit, self.root)
        if status != 0:
            raise Fault(f"{self.audit}: exit {status}: "
                        f"{(output + errors).decode(errors='replace')}")

#!/usr/bin/env python3
"""Drive the real commands with random flows and compare all they write with the model.

    model.py [--flows N] [--seed S] [--world W [--only F]] [--keep DIR]

A world is one store in which many small flows run side by side, each on products
and requests of its own, so that a process serves all flows at once. A flow's part
depends on seed, world and number alone: --world and --only run one of them again.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import uuid

import store as ev
from flow import ACTIONS, READS, Answer, Dead
from store import Wrong, canonical, parse
from world import World, first_difference, read_lines, split

STAGES = list(READS)
HOSTILE = ["../../etc/passwd%s", ".%s", "..%s", "a/b/%s", "%%2F%s", "-%s", "--help%s", " %s ",
           "\"%s\\", "'$(%s)`", "caf\u00e9%s", "\U0001f600%s", "\u20ac" * 25 + "%s", "%s\u2028",
           "x" * 76 + "%s", "%s.ndjson", "{\"%s\":1}", "~%s", "*%s?", "85123A%s", "85123a%s"]
EXACT = [".", "..", "../../etc/passwd", "a/b", "%2F", "-", "-h", " ", "\"", "\\", "%",
         "\U0001f600", "\u20ac" * 26, "x" * 80, "85123A", "85123a", "null", "journal"]
GARBAGE = [b"", b"{", b"not json", b"[]", b"6", b"\"\"", b"{}", b"\xff\xfe", b"\xed\xa0\x80",
           b"{\"specversion\":\"1.0\"}", b"\x00", b"{} {}"]


def clock(step, random_):
    """A time for EV_NOW: mostly later than the last, now and then earlier."""
    seconds = 60 * step - (150 if random_.random() < 0.1 else 0) + 600
    return "2026-01-31T%02d:%02d:%02d.%06dZ" % (seconds // 3600, seconds // 60 % 60, seconds % 60,
                                               random_.randrange(10**6))


# -- what is random about one flow ------------------------------------------------------

class Flow:
    """Products and requests of one flow, and the lines it puts into each step."""

    def __init__(self, seed, world, number):
        self.random = random.Random(f"{seed}/{world}/{number}")
        self.products = self.pick_products(number)
        self.wishes = []                    # (product, quantity, request) of every purchase
        self.changes = []                   # what went to evstock
        self.pool = []                      # every message seen, oldest first

    def pick_products(self, number):
        if number == 0:
            return self.random.sample(EXACT, 3)
        templates = self.random.sample(HOSTILE, self.random.randint(1, 3))
        return [template % number for template in templates]

    def uuid(self):
        digits = "%032x" % self.random.getrandbits(128)
        return "-".join((digits[:8], digits[8:12], "4" + digits[13:16], "a" + digits[17:20],
                         digits[20:]))

    def quantity(self):
        return self.random.choice((1, 2, 3, 3, 4, 5, 6, 8, 10))

    def stock(self):
        """A few lines for evstock."""
        return [self.change() for _ in range(self.random.randrange(5))]

    def change(self):
        dice = self.random.random()
        if dice < 0.15 and self.changes:
            return self.random.choice(self.changes)
        action = self.random.choice(("add", "add", "add", "add", "remove", "return"))
        change = {"action": action, "product": self.random.choice(self.products),
                  "quantity": self.quantity() * self.random.choice((1, 1, 3)),
                  "request": self.uuid()}
        if dice < 0.2 and self.changes:         # the same UUID for something else
            change["request"] = self.random.choice(self.changes).get("request", self.uuid())
        elif dice < 0.25 and self.wishes:       # a UUID of a purchase
            change["product"], _, change["request"] = self.random.choice(self.wishes)
        elif dice < 0.28:
            del change["request"]
        elif dice < 0.31:
            change["quantity"] = self.random.choice((0, -1, ev.LIMIT, ev.LIMIT + 1, 2.5, "6", None))
        elif dice < 0.34:
            change["unknown"] = [{"member": None}]
        self.changes.append(change)
        return change

    def buy(self):
        """A few lines for evbuy."""
        return [self.wish() for _ in range(self.random.randrange(5))]

    def wish(self):
        dice = self.random.random()
        product, quantity, request = self.random.choice(self.products), self.quantity(), self.uuid()
        if dice < 0.36 and self.wishes:
            product, quantity, request = self.random.choice(self.wishes)
            if dice < 0.08:
                quantity = self.quantity()
            elif dice < 0.18:
                product = self.random.choice(self.products)
        elif dice < 0.4 and self.changes:
            change = self.random.choice(self.changes)
            product, request = change["product"], change.get("request", request)
        wish = {"product": product, "quantity": quantity, "request": request}
        self.wishes.append((product, quantity, request))
        if dice > 0.97:
            del wish["request"]
            self.wishes.pop()
        elif dice > 0.94:
            wish[self.random.choice(("product", "quantity", "request"))] = \
                self.random.choice(("", 0, True, [], "x" * 81, 1.5, "\u0085"))
            self.wishes.pop()
        return wish

    def plain_buys(self, model, count):
        """Purchases whose outcome does not hang on what runs at the same time."""
        lines = []
        for _ in range(count):
            product, quantity, request = self.random.choice(self.products), self.quantity(), \
                self.uuid()
            if self.random.random() < 0.3 and self.wishes:
                product, quantity, request = self.random.choice(self.wishes)
            if model.uses.get(request, {(product, quantity)}) == {(product, quantity)}:
                model.uses[request] = {(product, quantity)}
                self.wishes.append((product, quantity, request))
                lines.append({"product": product, "quantity": quantity, "request": request})
        return lines

    def sample(self, service):
        """Messages of the past for a service, in any order, some of them twice, some
        written in another form. Lines that cannot be processed are marked as broken."""
        lines = []
        for _ in range(self.random.randrange(8) if self.pool else 0):
            recent = self.random.random() < 0.7
            line = self.random.choice(self.pool[-12:] if recent else self.pool)
            dice = self.random.random()
            if dice < 0.1:
                lines.append((self.reform(line), False))
            elif dice < 0.13:
                lines.append((self.random.choice(GARBAGE), True))
            elif dice < 0.18 and parse(line)["type"] == READS[service]:
                lines.append((self.spoil(line), True))
            else:
                lines.append((line, False))
        return lines

    def reform(self, line):
        """The same message in another valid form."""
        fields = list(parse(line).items())
        self.random.shuffle(fields)
        if self.random.random() < 0.5:
            fields.append(("unknown", {"nested": [1.5, None, "\u00e9"]}))
        return json.dumps(dict(fields), ensure_ascii=self.random.random() < 0.7,
                          separators=self.random.choice((("," , ":"), (" , ", ": ")))).encode()

    def spoil(self, line):
        """A message that has to be put aside."""
        fields = parse(line)
        name, value = self.random.choice((
            ("specversion", "0.3"), ("id", "x"), ("id", fields["id"].upper()), ("subject", ""),
            ("subject", "x" * 81), ("subject", "a\u0001"), ("subject", 6), ("time", "today"),
            ("correlationid", fields["correlationid"].upper()), ("data", {}), ("data", None),
            ("data", {**fields["data"], "quantity": 0}), ("causationid", 6),
            ("data", {**fields["data"], "quantity": 6.0}),
            ("data", {**fields["data"], "quantity": "6"}),
            ("data", {**fields["data"], "quantity": True}),
            ("data", {**fields["data"], "quantity": ev.LIMIT + 1})))
        fields[name] = value
        if self.random.random() < 0.2:
            del fields[self.random.choice(("source", "subject", "time", "correlationid", "data"))]
        return canonical(fields)


# -- one store, its model, and what is done to both ---------------------------------------

class RandomWorld(World):
    STEPS = ("stock", "buy", "flow", "flow", "stage", "stage", "stage", "stage", "pipe", "crowd",
             "single", "operands", "forget")

    def __init__(self, seed, number, folder, only=None):
        super().__init__(folder)
        self.random = random.Random(f"{seed}/{number}")
        count = self.random.choice((1, 10, 25, 40))
        steps = self.random.randint(10, 24)
        self.flows = [Flow(seed, number, flow) for flow in range(count) if only in (None, flow)]
        self.plan = ["stock", "flow"] + self.random.choices(self.STEPS, k=steps) + ["close"]

    def play(self):
        for self.step, name in enumerate(self.plan, 1):
            self.model.now = clock(self.step, self.random)
            self.trail.append(f"-- {self.step} {name}")
            getattr(self, "step_" + name)()
            self.compare()

    # steps

    def collect(self, lines):
        """New messages go to the flow whose products they are about."""
        owner = {product: flow for flow in self.flows for product in flow.products}
        for line in lines:
            flow = owner[parse(line)["subject"]]
            if line not in flow.pool[-40:]:
                flow.pool.append(line)

    def batch(self, command, objects):
        """A batch for evstock or evbuy. What has no UUID has got one when it comes out."""
        lines = [json.dumps(entry, ensure_ascii=self.random.random() < 0.5).encode()
                 for entry in objects]
        source = self.save(command, lines)
        written, status = self.run([command], source, (0, 65))
        answers, at = [], 0
        for entry in map(dict, objects):
            if "request" not in entry:
                entry["request"] = self.made_uuid(entry, written[at:at + 1])
            try:
                answer = getattr(self.model, command)(canonical(entry)).rstrip(b"\n")
                answers.append(Answer(answer))
                at += 1
            except Dead as dead:
                answers.append(dead)
        self.settle(command, lines, answers, {None: written}, status)
        return written

    def made_uuid(self, entry, written):
        """The UUID that the command made for an entry: new, and of version 4."""
        for fields in map(parse, written):
            request = fields["correlationid"]
            kind = ACTIONS.get(entry.get("action"), "purchase.requested")
            if (fields["type"], fields["subject"], fields["data"]["quantity"]) == \
                    (kind, entry["product"], entry["quantity"]) and request not in self.model.uses:
                if uuid.UUID(request).version != 4:
                    raise Wrong(f"{request}: not version 4")
                return request
        return self.flows[0].uuid()

    def step_stock(self):
        self.batch("evstock", [change for flow in self.flows for change in flow.stock()])

    def step_buy(self):
        self.collect(self.batch("evbuy", [wish for flow in self.flows for wish in flow.buy()]))

    def step_flow(self):
        """New requests, stage by stage to the end."""
        lines = self.batch("evbuy", [wish for flow in self.flows for wish in flow.buy()])
        self.collect(lines)
        for service in STAGES:
            lines = self.stage(service, [(line, False) for line in lines])
            self.collect(lines)

    def step_stage(self):
        """Any stage on any messages of the past."""
        service = self.random.choice(STAGES)
        lines = [entry for flow in self.flows for entry in flow.sample(service)]
        self.collect(self.stage(service, lines))

    def stage(self, service, marked):
        """Run a service on a file, its input and output named in one way or another."""
        lines = [line for line, _ in marked]
        name = f"{service}-{len(self.trail)}"           # a step may run it twice
        source = self.save(name, lines, open_end=bool(lines and lines[-1])
                           and self.random.random() < 0.2)
        command, options = [service], {}
        if self.random.random() < 0.5:
            command, source = command + ["-i", source], None
        if self.random.random() < 0.5:
            options["-o"] = self.path(name + "-out")
        if service in ("evcheck", "evorder") and self.random.random() < 0.5:
            options["--refused"] = self.path(name + "-refused")
        answers = []
        written, status = self.run(command + [word for pair in options.items() for word in pair],
                                   source, (0, 65))
        if "-o" in options:
            if written:
                raise Wrong(f"{service} -o: {written[0]!r} on standard output")
            written = read_lines(options["-o"])
        for line, broken in marked:
            try:
                answers.append(Dead() if broken else self.model.handle(service, line))
            except Dead as dead:
                answers.append(dead)
        outputs = {None: written}
        if "--refused" in options:
            outputs["stock.unavailable"] = read_lines(options["--refused"])
        self.settle(service, lines, answers, outputs, status)
        return [line for part in outputs.values() for line in part]

    def pipe(self, source):
        """The six filters in one pipe; what comes out."""
        output = self.path("pipe-out")
        pipe = "set -o pipefail; " + " | ".join(["evbuy <" + source, *STAGES])
        self.trail.append(pipe)
        done = subprocess.run(["bash", "-c", pipe + " >" + output], env=self.environment(),
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode or done.stderr:
            raise Wrong(f"{pipe}: exit {done.returncode}: {done.stderr!r}")
        return read_lines(output)

    def through(self, wish):
        """A purchase through the whole model; the last message."""
        line = self.model.evbuy(canonical(wish))
        self.collect([line])
        for service in STAGES:
            line = self.model.handle(service, line).line
        return line

    def step_pipe(self):
        """Requests for different products are independent: the end is known exactly."""
        wishes, used = [], set()
        for wish in [wish for flow in self.flows for wish in flow.plain_buys(self.model, 2)]:
            if wish["product"] not in used:
                used.add(wish["product"])
                wishes.append(wish)
        written = self.pipe(self.save("pipe", list(map(canonical, wishes))))
        wanted = [self.through(wish) for wish in wishes]
        if written != wanted:
            raise Wrong("pipe: " + first_difference(written, wanted))
        self.collect(written)

    def step_crowd(self):
        """Requests that race within the pipe for the same products: who is sold to is
        known, and in which order; at which sequence the others were refused is not."""
        wishes = [wish for flow in self.flows for wish in flow.plain_buys(self.model, 12)]
        before = {product: journal.bytes() for product, journal in self.model.journals.items()}
        written = self.pipe(self.save("crowd", list(map(canonical, wishes))))
        wanted = [self.through(wish) for wish in wishes]
        for product in {wish["product"] for wish in wishes}:
            self.adopt(product, before.get(product, b""))
        for number, wish in enumerate(wishes):
            refused = self.model.journal(wish["product"]).find(wish["request"], "purchase.refused")
            if refused:
                wanted[number] = self.model.refused("evfail", refused, "order.failed",
                                                    ("quantity", "code", "reason"))
                self.model.results[wish["request"]] = ev.failed_result(refused)
        if written != wanted:
            raise Wrong("crowd: " + first_difference(written, wanted))
        self.collect(written)

    def adopt(self, product, before):
        """Take a journal as it is found, if it tells what the model's tells."""
        ours = self.model.journals[product]
        theirs = ev.Journal.read(os.path.join(self.store, "journal", ev.file_name(product)), product)
        if not theirs.bytes().startswith(before):
            raise Wrong(f"{product!r}: what was there has changed")
        ev.check_refusals(theirs)
        for kind, order in (("stock.sold", list), ("purchase.refused", sorted)):
            told = [order((event.request, event.quantity) for event in journal.events
                          if event.kind == kind) for journal in (ours, theirs)]
            if told[0] != told[1]:
                raise Wrong(f"{product!r}: {kind}: {first_difference(told[1], told[0])}")
        self.model.journals[product] = theirs

    def step_single(self):
        """One request, any, through the pipe: one message at a time has a known end."""
        flow = self.random.choice(self.flows)
        wish = flow.wish()
        wish.setdefault("request", flow.uuid())
        try:
            line = self.model.evbuy(canonical(wish))
        except Dead:
            return
        arguments = ["evbuy", "-u", wish["request"], "--", wish["product"], str(wish["quantity"])]
        for service in (None, *STAGES):
            written, status = self.run(arguments if service is None else [service],
                                       None if service is None else self.path("single"), (0, 65))
            if service is None:
                self.settle_single("evbuy", [], Answer(line), written, status)
            else:
                try:
                    answer = self.model.handle(service, line)
                except Dead as dead:
                    answer = dead
                self.settle_single(service, [line], answer, written, status)
            self.collect(written)
            if not written:
                return
            line = written[0]
            self.save("single", written)

    def settle_single(self, command, lines, answer, written, status):
        if lines:
            self.settle(command, lines, [answer], {None: written}, status)
        elif written != [answer.line] or status:
            raise Wrong(f"{command}: {written!r}, exit {status}, not {answer.line!r}")

    def step_operands(self):
        """evstock with operands: a refusal is a no (1), a misused UUID bad data (65)."""
        flow = self.random.choice(self.flows)
        change = flow.change()
        change.setdefault("request", flow.uuid())
        expect = self.random.choice((None, 0, self.model.journal(change["product"]).state.sequence))
        arguments = ["evstock", "-u", change["request"]]
        if expect is not None:
            arguments += ["--expect", str(expect)]
        if not isinstance(change["quantity"], int) or not 1 <= change["quantity"] <= ev.LIMIT:
            return
        written, status = self.run_operands(arguments + [
            "--", change["action"], change["product"], str(change["quantity"])])
        try:
            wanted = [self.model.evstock(canonical(change), expect).rstrip(b"\n")], 0
        except Dead as dead:
            wanted = [], 65 if "UUID" in str(dead) or "quantity" in str(dead) else 1
        if (written, status) != wanted:
            raise Wrong(f"{arguments}, {change}: {written!r}, exit {status}, not {wanted!r}")

    def run_operands(self, arguments):
        self.trail.append(" ".join(arguments))
        done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True,
                              env=self.environment(), check=False)
        return split(done.stdout), done.returncode

    def step_forget(self):
        """Results are deleted, but for those of which a deletion would change the end."""
        for request in list(self.model.results):
            failed = b'"status":"failed"' in self.model.results[request]
            if self.random.random() < 0.4 and not (failed and self.model.contested(request)):
                self.forget(request)

    def forget(self, request):
        os.unlink(os.path.join(self.store, "results", request + ".json"))
        self.model.forget_result(request)

    def step_close(self):
        """The end: everything is run to the end once more, the results are deleted and
        made again, and the readers tell what the model tells."""
        requested = [(line, False) for flow in self.flows for line in flow.pool
                     if parse(line)["type"] == "purchase.requested"]
        for again in (False, True):
            lines = requested
            for service in STAGES:
                written = self.stage(service, lines)
                self.collect(written)
                lines = [(line, False) for line in written]
            self.compare()
            if not again:
                before = dict(self.model.results)
                for request in list(self.model.results):
                    self.forget(request)
        if before.keys() != self.model.results.keys() or any(
                before[request] != result and not self.model.contested(request)
                for request, result in self.model.results.items()):
            raise Wrong("results made again differ")
        self.check_readers()

    def check_readers(self):
        states, _ = self.run(["evreplay"])
        if states != self.model.states():
            raise Wrong("evreplay: " + first_difference(states, self.model.states()))
        self.run(["evreplay", "--verify"])
        for product, journal in self.model.journals.items():
            sequence = self.random.randint(1, len(journal.events))
            if self.random.random() < 0.1 and product != "-":      # standard input
                self.check_one(product, journal, sequence)
        requests = sorted(self.model.results)
        if requests:
            wanted = [self.model.results[request].rstrip(b"\n") for request in requests]
            failed = any(b'"status":"failed"' in line for line in wanted)
            found, _ = self.run(["evresult", *requests], None, (1 if failed else 0,))
            if found != wanted:
                raise Wrong("evresult: " + first_difference(found, wanted))

    def check_one(self, product, journal, sequence):
        state, history = ev.State(), []
        for event in journal.events:
            history.append(state.fold(event).line(product))
        for options, wanted in ((["--history"], history),
                                (["--at", str(sequence)], history[sequence - 1:sequence]),
                                (["--events"], split(journal.bytes()))):
            found, _ = self.run(["evreplay", *options, "--", product])
            if found != wanted:
                raise Wrong(f"evreplay {options} {product!r}: {first_difference(found, wanted)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flows", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--world", type=int)
    parser.add_argument("--only", type=int)
    parser.add_argument("--keep", help="directory to work in; kept")
    options = parser.parse_args()
    folder = options.keep or tempfile.mkdtemp(prefix="model.")
    try:
        play_worlds(options, folder)
    finally:
        if not options.keep:
            shutil.rmtree(folder)


def play_worlds(options, folder):
    flows, number = 0, options.world or 0
    events = orders = results = dead = 0
    while flows < options.flows:
        home = os.path.join(folder, str(number))
        shutil.rmtree(home, ignore_errors=True)
        os.makedirs(home)
        world = RandomWorld(options.seed, number, home, options.only)
        try:
            world.play()
        except Wrong as wrong:
            print(*world.trail[-20:], sep="\n")
            sys.exit(f"model: --seed {options.seed} --world {number}, step {world.step}: {wrong}")
        if not options.keep:
            shutil.rmtree(home)
        events += sum(len(journal.events) for journal in world.model.journals.values())
        orders += len(world.model.orders.events)
        results += len(world.model.results)
        dead += sum(world.dead.values())
        flows += len(world.flows)
        number += 1
        if options.world is not None:
            break
    print(f"{flows} flows: {events} events, {orders} orders, {results} results, "
          f"{dead} lines put aside, all as the model says")


if __name__ == "__main__":
    main()

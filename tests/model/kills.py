"""Kill a command somewhere in its work, look at what it left, and run it again.

With EV_NOW fixed the work of a stage is known byte for byte before it begins, so
whatever a killed process leaves has to be a beginning of it, what it said has to
rest on what is there, and the next run has to complete it.
"""
import os
import random
import subprocess
import sys

import store as ev
from flow import READS, Answer, Dead
from store import Wrong, canonical, parse
from world import World, read_lines

VICTIMS = ["evorder", "evfail", "evcreate"]


class KilledWorld(World):
    REQUESTS = 3000

    def __init__(self, seed, number, folder):
        super().__init__(folder)
        self.random = random.Random(f"kills/{seed}/{number}")
        self.products = [f"product {n}" for n in range(self.random.choice((1, 5, 60)))]
        self.kills = self.runs = 0

    def uuid(self, number):
        return "00000000-0000-4000-8000-%012x" % number

    def play(self, kills):
        """One flow from end to end; each stage that appends is killed a few times. One piece
        a request: what evorder refuses, and does not record, it then refuses in the same words
        when it runs again."""
        self.model.now = "2026-01-31T09:30:00.000000Z"
        stock = [{"action": "add", "product": product, "request": self.uuid(10**6 + number * 50 + n),
                  "quantity": 1 + self.REQUESTS // len(self.products) // 90}
                 for n in range(50) for number, product in enumerate(self.products)]
        self.killed("evstock", list(map(canonical, stock)), kills)
        lines, _ = self.run(["evbuy"], self.save("wishes", [canonical(
            {"product": self.random.choice(self.products), "request": self.uuid(number),
             "quantity": 1}) for number in range(self.REQUESTS)]))
        for self.step, service in enumerate(READS, 1):
            if service in VICTIMS:
                lines = self.killed(service, lines, kills)
            else:
                [self.model.handle(service, line) for line in lines]
                lines, _ = self.run([service], self.save(service, lines))
        self.compare()

    def killed(self, command, lines, kills):
        """Kill a command a few times on these lines, then let it end; what it then writes."""
        before = {gauge: gauge() for gauge in (self.bytes, self.results)}
        if command == "evstock":
            answers = [Answer(self.model.evstock(line).rstrip(b"\n")) for line in lines]
        else:
            answers = [self.model.handle(command, line) for line in lines]
        wanted = self.wanted_files()
        after = {self.bytes: sum(map(len, wanted.values())), self.results: len(self.model.results)}
        source = self.save(command + "-in", lines)
        for number in range(kills):
            gauge = self.random.choice([gauge for gauge in after if after[gauge] > before[gauge]])
            self.kill(command, source, f"{command}-out{number}", gauge,
                      self.random.randint(before[gauge], after[gauge]))
            self.check_left(wanted)
            self.check_said(self.path(f"{command}-out{number}"), answers)
        written, status = self.run([command], source)
        self.settle(command, lines, answers, {None: written}, status)
        return written

    def kill(self, command, source, output, gauge, mark):
        """Run until a gauge has come to a mark, then kill."""
        self.trail.append(f"{command} <{source} >{output}, killed at {gauge.__name__} {mark}")
        with open(source, "rb") as standard_input, open(self.path(output), "wb") as standard_output:
            feeder = None
            if self.random.random() < 0.5:          # a pipe: many small batches
                feeder = subprocess.Popen(["dd", "bs=20000", "status=none"], stdin=standard_input,
                                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            process = subprocess.Popen([command], stdin=feeder.stdout if feeder else standard_input,
                                       stdout=standard_output, env=self.environment())
            if feeder:
                feeder.stdout.close()
            while process.poll() is None and gauge() < mark:
                pass
            process.kill()
            self.kills += process.wait() == -9
            self.runs += 1
            if feeder:
                feeder.wait()

    # gauges

    def bytes(self):
        """The size of all journals and of the orders."""
        paths = [*ev.journal_files(self.store).values(), os.path.join(self.store, "orders.ndjson")]
        return sum(os.stat(path).st_size for path in paths if os.path.exists(path))

    def results(self):
        """The number of results."""
        folder = os.path.join(self.store, "results")
        return len(os.listdir(folder)) if os.path.isdir(folder) else 0

    # what is there and what has to be there, by the name of the file

    def wanted_files(self):
        files = {ev.file_name(product): journal.bytes()
                 for product, journal in self.model.journals.items()}
        return {**files, "orders": self.model.orders.bytes()}

    def check_left(self, wanted):
        """Every file is a beginning of what it has to become, every result is whole."""
        for name, path in {**ev.journal_files(self.store),
                           "orders": os.path.join(self.store, "orders.ndjson")}.items():
            if os.path.exists(path):
                with open(path, "rb") as file:
                    if not wanted[name].startswith(file.read()):
                        raise Wrong(f"{path}: not a beginning of what it has to become")
        for request, result in ev.read_results(self.store, leftovers=True).items():
            if self.model.results.get(request) != result:
                raise Wrong(f"result {request}: {result!r}")

    def check_said(self, output, answers):
        """What was said is right, and what it rests on is there."""
        with open(output, "rb") as file:
            said = file.read().split(b"\n")[:-1]
        if said != [answer.line for answer in answers[:len(said)]]:
            raise Wrong(f"{output}: said something else")
        there = {line for path in ev.journal_files(self.store).values() for line in whole(path)}
        there |= whole(os.path.join(self.store, "orders.ndjson"))
        results = ev.read_results(self.store, leftovers=True)
        for fields in map(parse, said):
            kind, request = fields["type"], fields["correlationid"]
            journal = self.model.journals[fields["subject"]]
            basis = {"stock.added": journal.find(request, "stock.added"),
                     "order.requested": journal.find(request, "stock.sold"),
                     "order.failed": journal.find(request, "purchase.refused"),
                     "order.created": self.model.orders.find(request, "order.created")}
            if kind in basis and basis[kind].line not in there:
                raise Wrong(f"{output}: {request} {kind} was said and is not there")
            if kind in ("order.failed", "order.created") and request not in results:
                raise Wrong(f"{output}: {request} {kind} was said without a result")

    def check_dead(self, command, aside):
        """Nothing is put aside but the cut-off ends of journals."""
        path = os.path.join(self.store, "dead", command + ".ndjson")
        if aside or os.path.exists(path) and any(
                parse(line)["kind"] != "torn" for line in read_lines(path)):
            raise Wrong(f"dead/{command}: a message")

    def compare(self):
        for name, wanted in self.wanted_files().items():
            path = os.path.join(self.store, *(["orders.ndjson"] if name == "orders"
                                              else ["journal", name]))
            self.compare_file(path, wanted)
        if ev.read_results(self.store, leftovers=True) != self.model.results:
            raise Wrong("results differ")


def whole(path):
    """The whole lines of a file that may end in the middle of one."""
    if not os.path.exists(path):
        return set()
    with open(path, "rb") as file:
        return {line for line in file if line.endswith(b"\n")}


def play(seed, kills, folder):
    """At least as many kills as asked; says what was done."""
    done = runs = number = 0
    while done < kills:
        home = os.path.join(folder, f"kills{number}")
        os.makedirs(home)
        world = KilledWorld(seed, number, home)
        try:
            world.play(2)
        except Wrong as wrong:
            print(*world.trail[-20:], sep="\n")
            sys.exit(f"model: --kills --seed {seed}, in {home}: {wrong}")
        done, runs, number = done + world.kills, runs + world.runs, number + 1
    return f"{done} of {runs} runs killed, each completed by the next as the model says"

"""The commands that append, killed one at a time.

With EV_NOW fixed the work of a stage is known byte for byte before it begins. So whatever
a killed process leaves has to be a beginning of it, what it said has to rest on what is
there, and the next run has to complete it.
"""
import os
import shutil
import time

import store as ev
from flow import READS, Model
from killed_flow import NOW, Round, pipe_ends, whole_lines
from store import Wrong, canonical

KILLED = ("evstock", "evorder", "evfail", "evcreate")


class Stages(Round):
    """Each of the four is killed on the same input, from its beginning or from where the one
    before was killed. One piece a request: what evorder refuses, and does not record, it then
    refuses in the same words when it runs again."""
    REQUESTS = 600
    LIVES = 15
    QUANTITIES = (1,)
    PORTIONS = 100

    def play(self):
        os.mkdir(self.store)
        self.model = Model()
        self.model.now = NOW
        lines = list(map(canonical, self.plan.goods))
        try:
            for command in ("evstock", "evbuy", *READS):
                if command == "evbuy":
                    lines = list(map(canonical, self.plan.wishes))
                lines = self.stage(command, lines)
            self.compare()
        finally:
            self.victims.end()

    def handle(self, command, lines):
        """What a command answers to these lines."""
        if command == "evstock":
            return [self.model.evstock(line).rstrip(b"\n") for line in lines]
        if command == "evbuy":
            return list(map(self.model.evbuy, lines))
        return [self.model.handle(command, line).line for line in lines]

    def stage(self, command, lines):
        answers = self.handle(command, lines)
        self.wanted = {ev.file_name(product): journal.bytes()
                       for product, journal in self.model.journals.items()}
        with self.new(command + "-in") as file:
            file.write(b"\n".join(lines) + b"\n")
        if command in KILLED:
            shutil.copytree(self.store, self.path("fresh"))
            self.span = self.timed(self.through, command, answers)
            for _ in range(self.LIVES):
                if self.random.random() < 0.6:
                    self.begin_anew()
                self.kill_once(command)
                self.cut_off()
                self.check_letters()
                self.check_left()
                self.check_stage(command, answers)
            shutil.rmtree(self.path("fresh"))
            shutil.rmtree(self.path("measured"))
        self.through(command, answers)
        self.check_no_more_letters()
        return answers

    def through(self, command, answers):
        """Undisturbed, and what it says is what it has to say."""
        with open(self.path(command + "-in"), "rb") as source, self.new(command + "-out") as output:
            self.victims.run([command], source=source, output=output)
        if [line[:-1] for line in whole_lines(self.path(command + "-out"))] != answers:
            raise Wrong(f"{command}-out: not what it has to say")

    def kill_once(self, command):
        """While it reads a file, or from a pipe that is fed with portions."""
        begun = time.monotonic()
        with open(self.path(command + "-in"), "rb") as source, self.new(command + "-out") as output:
            if self.random.random() < 0.3:
                process = self.victims.start([command], source, output)
                self.victims.ended_by(process, self.instant(begun))
                self.victims.kill([process], True)
                return
            reading, feed = pipe_ends()
            with feed:
                with reading:
                    process = self.victims.start([command], reading, output)
                fed = self.feed(feed, list(source), output.name)
                self.victims.kill([process], len(whole_lines(output.name)) < fed)

    def cut_off(self):
        """Now and then a journal or the orders get a beginning of the line that comes next: what
        a kill in the midst of a write leaves, which hardly ever happens in memory."""
        files = [(path, self.wanted[name]) for name, path in ev.journal_files(self.store).items()]
        files.append((os.path.join(self.store, "orders.ndjson"), self.model.orders.bytes()))
        for path, wanted in files:
            size = os.stat(path).st_size if os.path.exists(path) else 0
            if 0 < size < len(wanted) and wanted[size - 1:size] == b"\n" \
                    and self.random.random() < 0.3:
                line = wanted[size:wanted.index(b"\n", size)]
                with open(path, "ab") as file:
                    file.write(line[:self.random.randint(1, len(line))])

    def check_left(self):
        """Every file is a beginning of what it has to become, every result is whole."""
        for name, path in ev.journal_files(self.store).items():
            check_beginning(path, self.wanted[name])
        if os.path.exists(os.path.join(self.store, "orders.ndjson")):
            check_beginning(os.path.join(self.store, "orders.ndjson"), self.model.orders.bytes())
        for request, result in ev.read_results(self.store, leftovers=True).items():
            if self.model.results.get(request) != result:
                raise Wrong(f"result {request}: {result!r}")

    def check_stage(self, command, answers):
        """What was said is right, and what it rests on is there."""
        said = whole_lines(self.path(command + "-out"))
        if [line[:-1] for line in said] != answers[:len(said)]:
            raise Wrong(f"{command}-out: said something else")
        if command == "evstock":
            there = {line for path in ev.journal_files(self.store).values()
                     for line in whole_lines(path)}
            if not there.issuperset(said):
                raise Wrong("evstock: said an event that is not there")
        self.check_said(said)

    def compare(self):
        """All as the model has it, byte for byte."""
        self.check_left()
        sizes = [os.stat(path).st_size for path in ev.journal_files(self.store).values()]
        if sum(sizes) != sum(map(len, self.wanted.values())) \
                or ev.read_orders(self.store).bytes() != self.model.orders.bytes() \
                or ev.read_results(self.store, leftovers=True) != self.model.results:
            raise Wrong("journals, orders or results are not complete")


def check_beginning(path, wanted):
    with open(path, "rb") as file:
        if not wanted.startswith(file.read()):
            raise Wrong(f"{path}: not a beginning of what it has to become")

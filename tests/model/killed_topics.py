"""The flow on topics that services serve, killed; and what is derived deleted under it."""
import glob
import os
import signal
import time

import store as ev
from flow import READS
from killed_flow import BASIS, Round, ids_in, whole_lines
from store import Wrong
from victims import do_at

PACKING = ("evfail", "evcreate")


class Topics(Round):
    """One to three workers of each service on one to four lanes. In each life new requests are
    submitted, behind the first ones once more, now and then by an evbuy that is killed and run
    again; meanwhile some workers are killed at one instant, and others take their places
    at once. Results are packed by some workers, and by a process that is killed with them."""
    REQUESTS = 600
    LIVES = 20
    FIRST = 8                           # times as many as are new in a life

    def __init__(self, random, folder):
        super().__init__(random, folder)
        self.seen = {}                  # segment -> bytes of it that were looked at

    def measure(self):
        size = self.REQUESTS // (self.FIRST + self.LIVES + 2)
        wishes, first = self.plan.wishes, self.FIRST * size
        self.portions = [wishes[:first] + wishes[first + n * size:first + (n + 1) * size]
                         for n in range(self.LIVES + 1)]
        self.last = wishes[first + (self.LIVES + 1) * size:]
        for topic in READS.values():
            segment, lanes = self.random.choice(("4096", "65536")), self.random.choice("124")
            self.victims.run(["evtopic", "lanes", "--segment", segment, topic, lanes])
        self.workers = [service for service in READS for _ in range(self.random.randint(1, 3))]
        self.processes = [self.serve(service) for service in self.workers]
        self.through(wishes[:first])
        return self.through(self.portions[0])

    def through(self, portion):
        """How long it takes until all of its results are there."""
        begun = time.monotonic()
        self.submit(portion)
        self.victims.run(["evresult", "-w", "60", *(wish["request"] for wish in portion)], (0, 1))
        return time.monotonic() - begun

    def serve(self, service):
        if service in PACKING and self.random.random() < 0.4:
            return self.victims.start([service, "--serve", "--results", "packed"])
        return self.victims.start([service, "--serve"])

    def submit(self, wishes):
        with self.saved("portion", wishes) as source, self.new("told") as output:
            self.victims.run(["evbuy", "-s"], source=source, output=output)

    def submit_killed(self, wishes):
        """Whose UUID was told is in the topic."""
        with self.saved("portion", wishes) as source, self.new("told") as output:
            process = self.victims.start(["evbuy", "-s"], source, output)
        time.sleep(self.random.uniform(0, 0.004))
        self.victims.kill([process], True)
        there = ids_in(self.segments("purchase.requested"))
        for line in whole_lines(self.path("told")):
            if line.rstrip(b"\n") + b"/purchase.requested" not in there:
                raise Wrong(f"evbuy -s: {line!r} was told and is not there")

    def segments(self, topic):
        return glob.glob(os.path.join(self.store, "topics", topic, "[0-9]*", "*.ndjson"))

    def new_lines(self, path):
        """The whole lines of a segment that were not seen yet."""
        with open(path, "rb") as file:
            file.seek(self.seen.get(path, 0))
            lines = [line for line in file if line.endswith(b"\n")]
        self.seen[path] = self.seen.get(path, 0) + sum(map(len, lines))
        return lines

    def life(self, number):
        portion = self.portions[number + 1]
        if self.random.random() < 0.3:
            self.submit_killed(portion)
        begun = time.monotonic()
        self.submit(portion)
        actions = self.actions({wish["request"] for wish in portion})
        do_at([(self.instant(begun), action) for action in actions])
        self.check_said([line for topic in BASIS for path in self.segments(topic)
                         for line in self.new_lines(path)])

    def actions(self, requests):
        packers = [self.victims.start(["evresult", "--pack"])] if self.random.random() < 0.3 else []

        def replace():
            busy = not requests <= self.results_there()
            killed = self.random.sample(range(len(self.workers)),
                                        self.random.randint(2, len(self.workers)))
            self.victims.kill([self.processes[at] for at in killed] + packers, busy)
            for at in killed:
                self.processes[at] = self.serve(self.workers[at])
        return [replace]

    def finish(self):
        """The services come to their end in peace, or before they heed signals. Then what a kill
        in the midst of a write leaves, and the last requests behind that; all is drained."""
        for process in self.processes:
            process.terminate()
            if self.victims.wait(process) not in (0, -signal.SIGTERM):
                raise Wrong(f"{process.args}: exit {process.returncode} when it was to end")
        for topic in READS.values():
            for lane in {os.path.dirname(path) for path in self.segments(topic)}:
                self.cut_off(max(glob.glob(os.path.join(lane, "*.ndjson"))))
        self.submit(self.last)
        self.drain()

    def cut_off(self, segment):
        """Its last line begins once more, unless one is cut off already."""
        with open(segment, "rb") as file:
            line = (file.readlines() or [b""])[-1]
        if line.endswith(b"\n"):
            with open(segment, "ab") as file:
                file.write(line[:self.random.randint(1, len(line) - 1)])

    def drain(self):
        """A line that was cut off in a topic is put aside by its reader."""
        for service in READS:
            self.victims.run([service, "--drain"], (0, 65))
        self.check_letters()


class Derived(Topics):
    """The same, while results and packs, the offsets and locks of groups, where lanes end, and
    index/ are deleted at random instants. Who was served what is not as in turn then, since a
    batch may be handled by two at once; no promise is broken."""
    IN_TURN = False
    KINDS = {"results": "results/*.*", "offsets": "topics/*/groups/*/*.offset",
             "locks": "topics/*/groups/*/*.lock", "ends of lanes": "topics/*/*.end",
             "index files": "index/**/*.*"}

    def __init__(self, random, folder):
        super().__init__(random, folder)
        self.deleted = dict.fromkeys(self.KINDS, 0)

    def life(self, number):
        if self.random.random() < 0.3:
            self.drain()                # which writes the offsets
        super().life(number)

    def check_said(self, lines):
        """A result that is told of may be deleted."""
        super().check_said([line for line in lines if b'"type":"order.requested"' in line])

    def actions(self, requests):
        def delete():
            kind, part = self.random.choice(list(self.KINDS)), self.random.choice((0.1, 0.5, 1))
            for path in glob.glob(os.path.join(self.store, self.KINDS[kind]), recursive=True):
                if self.random.random() < part:
                    self.deleted[kind] += unlinked(path)
        return super().actions(requests) + [delete] * 2

    def finish(self):
        super().finish()
        self.check_outcomes()
        self.submit(self.plan.wishes)   # once more, for results that were deleted
        self.drain()

    def check_outcomes(self):
        """Every request is sold or refused, and what is sold is ordered."""
        events = ids_in(ev.journal_files(self.store).values())
        orders = ids_in([os.path.join(self.store, "orders.ndjson")])
        for request in self.plan.requests:
            sold, ordered = (f"{request}/{kind}".encode() in there for kind, there in
                             (("stock.sold", events), ("order.created", orders)))
            if sold != ordered or not sold and f"{request}/purchase.refused".encode() not in events:
                raise Wrong(f"{request}: lost when what is derived was deleted")


def unlinked(path):
    """Whether it was there to be deleted."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True

"""The served flow of the toolkit: a store, and its five services side by side."""
import json
import os
import subprocess
import time

import measure
from measure import Failed

SERVICES = ("evtask", "evcheck", "evorder", "evfail", "evcreate")
KEEP_RESULTS = ("evfail", "evcreate")


class Served:
    """A store in a new folder; `packed` is how the results are kept."""

    def __init__(self, store, packed=False):
        self.store, self.packed, self.services = store, packed, None

    def start(self):
        self.services = measure.Running({
            name: [name, "--serve", "-d", self.store]
            + (["--results", "packed"] if self.packed and name in KEEP_RESULTS else [])
            for name in SERVICES})

    def stop(self):
        """End the services: the seconds that took, and each one's Usage."""
        return self.services.stop() if self.services else (0, [])

    def fill(self, workload):
        """The stock, and all requests, submitted."""
        measure.pipe([["evstock"]], workload.stock_lines, EV_STORE=self.store)
        output = self.store + ".submitted"
        measure.pipe([["evbuy", "-s"]], workload.request_lines, output, EV_STORE=self.store)
        with open(output, encoding="ascii") as file:
            if file.read().split() != list(workload.created):
                raise Failed("evbuy -s: not the requests' UUIDs")

    def drain(self, workload):
        """The services until all results are there; the seconds until the last was there.

        The end is the time that the file system noted when the last result appeared, so
        that looking need not be often: until all orders are there it is one stat(2)."""
        start = time.time()
        self.start()
        while (missing := self.missing(workload)) > 0:
            self.services.check()
            passed = time.time() - start
            if passed > measure.PATIENCE:
                raise Failed(f"{missing} results did not come")
            time.sleep(max(0.05, min(0.5, passed * missing / len(workload.created))))
        return self.last_result() - start

    def missing(self, workload):
        """How many results, at least; exact when there are none."""
        try:
            with open(self.path("orders.ndjson"), "rb") as file:
                orders = os.fstat(file.fileno()).st_size // max(1, len(file.readline()))
        except FileNotFoundError:
            orders = 0
        if orders < workload.orders:
            return workload.orders - orders
        return len(workload.created) - self.count()

    def count(self):
        if not self.packed:
            return sum(entry.endswith(".json") for entry in os.listdir(self.path("results")))
        return sum(read(path).count(b"\n") for path in self.packs())

    def packs(self):
        return [entry.path for entry in os.scandir(self.path("results"))
                if entry.name.endswith(".ndjson")]

    def last_result(self):
        seen = self.packs() if self.packed else [self.path("results")]
        return max(os.stat(path).st_mtime_ns for path in seen) / 1e9

    def results(self):
        if self.packed:
            for path in self.packs():
                yield from map(json.loads, read(path).splitlines())
        else:
            for name in os.listdir(self.path("results")):
                yield json.loads(read(self.path("results", name)))

    def verify(self, workload):
        """Each request has the result that it has to have, once; nothing was oversold."""
        results = {}
        for result in self.results():
            if result["request"] in results:
                raise Failed(f"{result['request']} has two results")
            results[result["request"]] = result["status"] == "created"
        if results != workload.created:
            raise Failed("there are wrong results")
        states = [json.loads(state) for state in self.ask("evreplay").splitlines()]
        if any(state["available"] < 0 for state in states):
            raise Failed("more was sold than was there")
        for member, wanted in (("sold", workload.sold), ("refused", workload.refusals)):
            if (found := sum(state[member] for state in states)) != wanted:
                raise Failed(f"{member}: {found}, not {wanted}")
        summary = self.ask("evreplay", "--verify")
        if f" {workload.orders} orders: 0 damaged" not in summary:
            raise Failed(f"evreplay --verify: {summary}")
        if any(os.stat(self.path("dead", name)).st_size for name in os.listdir(self.path("dead"))):
            raise Failed("something was put aside")

    def ask(self, *command):
        """What a command prints."""
        done = subprocess.run([*command, "-d", self.store], stdout=subprocess.PIPE, text=True,
                              check=False)
        if done.returncode:
            raise Failed(f"{' '.join(command)}: exit {done.returncode}")
        return done.stdout

    def path(self, *names):
        return os.path.join(self.store, *names)


def read(path):
    with open(path, "rb") as file:
        return file.read()

"""The retail run through six filters in one pipe, beside a loop that only creates files."""
import glob
import os
import subprocess
import sys

import measure
from measure import median, mebibytes, row, seconds

ROUNDS = 3
FILTERS = ("evbuy", "evtask", "evcheck", "evorder", "evfail", "evcreate")


class Retail:
    """The data, prepared once, and runs on it, each in a fresh store."""

    def __init__(self, work):
        self.work, self.runs = work, []
        self.data = os.environ.get("EV_RETAIL")
        if self.data is None:
            self.data = os.path.join(work, "retail.ndjson")
            subprocess.run([sys.executable, "-B", os.path.join(measure.HERE, "make_retail.py"),
                            self.data], check=True)
        self.input = os.path.join(work, "retail.in")
        os.mkdir(self.input)
        measure.model("retail.py", "--prepare", self.data, self.input)
        self.months = sorted(glob.glob(os.path.join(self.input, "*-purchases.ndjson")))
        self.requests = sum(count_lines(path) for path in self.months)

    def run(self):
        """One whole run, checked; what each command took."""
        measure.settle()
        store = os.path.join(self.work, f"store{len(self.runs)}")
        run = Run()
        run.add("stock", *self.stock("stock.ndjson", store))
        for path in self.months:
            run.add("purchases", *measure.pipe([[name] for name in FILTERS], path, EV_STORE=store))
            run.add("stock", *self.stock(path.replace("purchases", "returns"), store))
        measure.settle()
        self.checked = measure.model("retail.py", self.data, store)
        self.runs.append(run)
        return run

    def stock(self, name, store):
        return measure.pipe([["evstock"]], os.path.join(self.input, name), EV_STORE=store)

    def create_files(self):
        """The bare loop: as many files as there are results."""
        measure.settle()
        folder = os.path.join(self.work, f"files{len(self.runs)}")
        wall, usages = measure.pipe([[measure.tool("create_files"), folder, str(self.requests)]])
        return wall, usages[0]


class Run:
    def __init__(self):
        self.wall = {"stock": 0, "purchases": 0}
        self.user, self.system, self.memory = {}, {}, {}

    def add(self, part, wall, usages):
        self.wall[part] += wall
        for usage in usages:
            name = usage.name
            self.user[name] = self.user.get(name, 0) + usage.user
            self.system[name] = self.system.get(name, 0) + usage.system
            self.memory[name] = max(self.memory.get(name, 0), usage.memory)


def count_lines(path):
    with open(path, "rb") as file:
        return sum(1 for _ in file)


def bench(retail):
    """Loop and pipe in turn; only runs whose end was right have a time."""
    print(f"retail: {retail.requests:,} requests in {len(retail.months)} months through six "
          f"filters in one pipe; medians of {ROUNDS} alternating runs")
    loops = []
    for _ in range(ROUNDS):
        loops.append(retail.create_files())
        retail.run()
    loop = median([wall for wall, _ in loops])
    walls = [run.wall["purchases"] for run in retail.runs]
    wall = median(walls)
    row("bare loop: files written and renamed", seconds(loop),
        f"{loop / retail.requests * 1e6:.1f} us each; user {loops[0][1].user:.1f} s, "
        f"system {loops[0][1].system:.1f} s; runs " + runs(wall for wall, _ in loops))
    row("the pipe, results and syncs included", seconds(wall),
        f"{retail.requests / wall:,.0f} requests/s; runs " + runs(walls))
    row("pipe : bare loop", f"{wall / loop:.2f}", "", "<= 1.6", wall / loop <= 1.6)
    row("evstock: first stock and returns", seconds(median(
        [run.wall["stock"] for run in retail.runs])))
    where(retail.runs[walls.index(wall)], wall)
    row("checked", "", retail.checked)


def runs(walls):
    return " ".join(f"{wall:.1f}" for wall in walls)


def where(run, wall):
    """Where the time of a run goes, command by command."""
    total = 0
    for name in FILTERS:
        took = run.user[name] + run.system[name]
        total += took
        row("  " + name, f"{took / wall:.0%} of a CPU"[:12],
            f"user {run.user[name]:.1f} s, system {run.system[name]:.1f} s")
    row("  all six", f"{total:.1f} s", f"of {wall * os.cpu_count():.1f} s that "
        f"{os.cpu_count()} CPUs had")


def memory(retail):
    """The most each process of a run held; one run is made if there was none."""
    run = retail.runs[0] if retail.runs else retail.run()
    print("memory: the largest resident size of a process, 'own' is what is not mapped from files")
    for name in (*FILTERS, "evstock"):
        row(f"{name} on the retail run", mebibytes(run.memory[name]), "", "< 64 MiB",
            run.memory[name] < 64 * 2**20)


def replay_memory(work, size=2**30):
    """evreplay of a journal of 1 GiB."""
    store, state, output = (os.path.join(work, name) for name in ("large", "large.state",
                                                                  "large.out"))
    measure.pipe([[measure.tool("make_journal"), store, str(size // 380), "1"]], target=state)
    journal = os.path.join(store, "journal", "P00000.ndjson")
    measure.settle()
    own, usage = measure.peak_anonymous(["evreplay", "P00000"], output, EV_STORE=store)
    with open(state, "rb") as wanted, open(output, "rb") as found:
        if wanted.read() != found.read():
            raise measure.Failed("evreplay: a wrong state")
    row(f"evreplay of {os.path.getsize(journal) / 1e9:.2f} GB, own", mebibytes(own), "",
        "< 32 MiB", own < 32 * 2**20)
    row("  with what was mapped", mebibytes(usage.memory))

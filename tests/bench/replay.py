"""evreplay of one large journal and of many small ones, beside what comes to the same states, or
counts the same lines."""
import os
import subprocess

import measure
from measure import Failed, median, row, seconds

EVENTS = 10_000_000             # at EV_BENCH_SCALE 1
JOURNALS = 10_000
SLICE = 200_000                 # events that jq is given: it takes the same time for each
UNCHANGED = 100_000             # journals of ten events each
UNCHANGED_SECONDS = 1
ROUNDS = 3
JQ = """reduce inputs as $e ({added: 0, removed: 0, sold: 0, returned: 0, refused: 0};
        . + (if $e.type == "stock.sold" then {sold: (.sold + $e.data.quantity)}
             elif $e.type == "purchase.refused" then {refused: (.refused + 1)}
             elif $e.type == "stock.returned" then {returned: (.returned + $e.data.quantity)}
             elif $e.type == "stock.added" then {added: (.added + $e.data.quantity)}
             else {removed: (.removed + $e.data.quantity)} end) + {last: $e})
    | {product: .last.subject, sequence: (.last.sequence | tonumber),
       available: (.added + .returned - .removed - .sold), added, removed, sold, returned, refused,
       time: .last.time}"""


def install_duckdb(folder):
    """DuckDB for node, in a directory of its own; why it is not to be had, or None."""
    if not measure.have("npm") or not measure.have("node"):
        return "npm is not there"
    os.mkdir(folder)
    done = subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix",
                           folder, "@duckdb/node-api"], capture_output=True, check=False)
    if done.returncode:
        return "npm install @duckdb/node-api failed"
    done = subprocess.run(["node", "-e", "require('@duckdb/node-api')"], capture_output=True,
                          env=environment(folder), check=False)
    return "its library does not load" if done.returncode else None


def environment(folder):
    return {**os.environ, "NODE_PATH": os.path.join(folder, "node_modules")}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Journals:
    """A store with so many events in so many journals, in the page cache once it is made."""

    def __init__(self, work, name, events, products):
        self.store, self.events, self.products = os.path.join(work, name), events, products
        state = self.store + ".state"
        measure.pipe([[measure.tool("make_journal"), self.store, str(events), str(products)]],
                     target=state)
        self.states = read(state)
        folder = os.path.join(self.store, "journal")
        self.files = sorted(os.path.join(folder, file) for file in os.listdir(folder))
        self.size = sum(map(os.path.getsize, self.files))

    def same(self, text):
        return text == self.states

    def same_and_seconds(self, text):
        return text.startswith(self.states) and text.count("\n") == self.states.count("\n") + 1

    def same_count(self, text):
        return int(text.splitlines()[-1].split()[0]) == self.events


class Slice:
    """The first events of a journal in a file of their own, for jq, and their state."""

    def __init__(self, journals, path):
        self.path, self.count = path, min(SLICE, journals.events)
        with open(journals.files[0], "rb") as source, open(path, "wb") as target:
            for _ in range(self.count):
                target.write(source.readline())
        measure.pipe([["evreplay", "--at", str(self.count)]], target=path + ".state",
                     EV_STORE=journals.store)
        self.state = read(path + ".state")

    def same(self, text):
        return text == self.state


def bench(work):
    scale = float(os.environ.get("EV_BENCH_SCALE", "1"))
    events = max(int(EVENTS * scale), JOURNALS)
    duckdb, part = os.path.join(work, "duckdb"), None
    missing = install_duckdb(duckdb)
    for name, products in (("one", 1), ("many", JOURNALS)):
        journals = Journals(work, "replay." + name, events, products)
        part = part or Slice(journals, os.path.join(work, "replay.jq"))
        measure.settle()
        print(f"replay: {events:,} events in {products:,} journals, {journals.size / 1e6:,.0f} MB, in the "
              f"page cache; medians of {ROUNDS} alternating runs; jq on {part.count:,} events, "
              f"times {events / part.count:.0f}")
        times = measure_all(work, journals, part, None if missing else duckdb)
        report(times, events, part.count, missing)
    unchanged(Journals(work, "replay.unchanged", max(1, int(10 * UNCHANGED * scale)),
                       max(1, int(UNCHANGED * scale))))


def unchanged(journals):
    """What a user waits for who asks for all states again."""
    walls, output = [], journals.store + ".out"
    measure.settle()
    for _ in range(ROUNDS):
        walls.append(measure.pipe([["evreplay"]], target=output, EV_STORE=journals.store)[0])
        if not journals.same(read(output)):
            raise Failed("evreplay: a wrong state")
    row(f"evreplay, {journals.events:,} events in {journals.products:,} journals",
        seconds(median(walls)), "runs " + " ".join(f"{wall:.2f}" for wall in walls),
        f"<= {UNCHANGED_SECONDS} s", median(walls) <= UNCHANGED_SECONDS)


def measure_all(work, journals, part, duckdb):
    output, times = os.path.join(work, "replay.out"), {}

    def run(name, command, right, **more):
        wall, _ = measure.pipe([command], target=output, **more)
        if not right(read(output)):
            raise Failed(f"{name}: {read(output)[:300]!r} is not the answer")
        times.setdefault(name, []).append(wall)

    for _ in range(ROUNDS):
        run("evreplay", ["evreplay"], journals.same, EV_STORE=journals.store)
        run("wc", ["wc", "-l", *journals.files], journals.same_count)
        run("one thread", ["evreplay", "-j", "1"], journals.same, EV_STORE=journals.store)
        run("jq", ["jq", "-c", "-n", JQ, part.path], part.same)
        if duckdb:
            run("DuckDB", ["node", os.path.join(measure.HERE, "duckdb.cjs"),
                           os.path.join(journals.store, "journal", "*.ndjson")],
                journals.same_and_seconds, NODE_PATH=environment(duckdb)["NODE_PATH"])
            times.setdefault("query", []).append(float(read(output).splitlines()[-1]))
    return {name: median(walls) for name, walls in times.items()}


def ratio(what, value, target, good):
    row(what, f"{value:.1f}", "", target, good)


def report(times, events, count, missing):
    ours, jq = times["evreplay"], times["jq"] * events / count
    row("evreplay, whole process", seconds(ours), f"{events / ours / 1e6:.1f} million events/s")
    row("evreplay -j 1, whole process", seconds(times["one thread"]),
        f"{events / times['one thread'] / 1e6:.1f} million events/s")
    row("wc -l, whole process", seconds(times["wc"]))
    ratio("evreplay : wc -l", ours / times["wc"], "<= 3", ours <= 3 * times["wc"])
    row("jq, as for all events", seconds(jq))
    ratio("jq : evreplay", jq / ours, ">= 50", jq >= 50 * ours)
    if missing:
        row("DuckDB read_json", "skipped", missing)
        return
    row("DuckDB read_json, whole process", seconds(times["DuckDB"]))
    row("DuckDB read_json, the query alone", seconds(times["query"]))
    ratio("DuckDB's query : evreplay", times["query"] / ours, ">= 4", times["query"] >= 4 * ours)

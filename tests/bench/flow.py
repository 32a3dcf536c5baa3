"""The whole flow in bulk, beside peers that do the same work: read a wish, decide by what is
in stock, record an order or a refusal, and a result that one request can have but once. Most
change the stock where it stands; SQLite also keeps events, as the flow does.

EV_BENCH_SCALE, 1 by default, makes it smaller. What syncs for each request does fewer of
them: `share` says which part."""
import os

import measure
import peers
import plot
from measure import Failed, median, row
from nats_side import NATS
from postgresql_side import PostgreSQL
from redis_purchases import RedisPurchases
from served_side import Served
from shell_side import Shell
from sqlite_side import SQLite
from workload import Workload

SCALE = float(os.environ.get("EV_BENCH_SCALE", "1"))
REQUESTS = max(2000, int(100_000 * SCALE))
PRODUCTS = (1, 100, 10_000)
FILES_FOR = 100                 # products, where each result is also a file of its own
LEAST = 50                      # requests of a share
ROUNDS = 3
BATCH = 512                     # requests a transaction
CLIENTS = 16
FILTERS = ("evbuy", "evtask", "evcheck", "evorder", "evfail", "evcreate")
KEEP_RESULTS = ("evfail", "evcreate")
OURS = "eventdemo, results packed"
FILES, LOOP = "eventdemo, a file a result", "bare loop: files alone"
SQLITE = {keep: f"{SQLite.name} {keep}, {BATCH} a transaction" for keep in ("rows", "events")}


class Way:
    """A way to do the work: `run(folder, workload)` gives the seconds of a checked run."""

    def __init__(self, name, run, share=1.0, note="", products=PRODUCTS):
        self.name, self.run, self.note, self.products = name, run, note, products
        self.count = min(REQUESTS, max(LEAST, int(REQUESTS * share)))
        self.walls = {number: [] for number in products}

    def rate(self, products):
        """Requests per second, by the median; None if it was not run."""
        return self.count / median(self.walls[products]) if self.walls.get(products) else None


def bench(work):
    work = os.path.join(work, "flow")
    os.mkdir(work)
    ways, servers, skipped = all_ways(work)
    try:
        for products in PRODUCTS:
            run_in_turn(work, products, ways)
            report(products, ways)
    finally:
        for server in servers:
            server.stop()
    for name, missing in skipped:
        row(name, "skipped", missing)
    draw(ways)


def all_ways(work):
    """What there is to run, the servers to stop in the end, and what is missing."""
    ways = [Way(OURS, lambda folder, workload: run_flow(folder, workload, True)),
            Way(FILES, lambda folder, workload: run_flow(folder, workload, False),
                products=(FILES_FOR,)),
            Way(LOOP, run_loop, note="no flow, no sync", products=(FILES_FOR,))]
    servers, skipped = [], []
    for kind, add in ((SQLite, sqlite_ways), (PostgreSQL, postgresql_ways),
                      (RedisPurchases, redis_ways), (NATS, nats_ways), (Shell, shell_ways)):
        os.mkdir(folder := os.path.join(work, kind.__name__))
        peer = kind(folder)
        if peer.missing:
            skipped.append((peer.name, peer.missing))
            continue
        if hasattr(peer, "stop"):
            servers.append(peer)
        ways += [Way(f"{peer.name}{name}", run, share, peer.note)
                 for name, share, run in add(peer)]
    return ways, servers, skipped


def sqlite_ways(peer):
    for keep in SQLITE:
        yield (f" {keep}, 1 a transaction", 0.01,
               lambda folder, workload, keep=keep: peer.run(folder, workload, keep, 1))
        yield (f" {keep}, {BATCH} a transaction", 1,
               lambda folder, workload, keep=keep: peer.run(folder, workload, keep, BATCH))


def postgresql_ways(peer):
    yield (f", {CLIENTS} clients", 0.05,
           lambda folder, workload: peer.run(folder, workload, CLIENTS, 1))
    yield (f", {BATCH} a transaction", 1,
           lambda folder, workload: peer.run(folder, workload, 1, BATCH))


def redis_ways(peer):
    yield f", {CLIENTS} at once", 0.1, lambda folder, workload: peer.run(folder, workload, CLIENTS)
    yield f", {BATCH} at once", 1, lambda folder, workload: peer.run(folder, workload, BATCH)


def nats_ways(peer):
    yield f", {BATCH} at once", 1, lambda folder, workload: peer.run(folder, workload, BATCH)


def shell_ways(peer):
    yield "", 0.0005, peer.run


def run_flow(folder, workload, packed):
    served = Served(os.path.join(folder, "store"), packed)
    measure.pipe([["evstock"]], workload.stock_lines, EV_STORE=served.store)
    measure.settle()
    commands = [[name, *(["--results", "packed"] if packed and name in KEEP_RESULTS else [])]
                for name in FILTERS]
    wall, _ = measure.pipe(commands, workload.request_lines, EV_STORE=served.store)
    served.verify(workload)
    return wall


def run_loop(folder, workload):
    measure.settle()
    count = len(workload.requests)
    target = os.path.join(folder, "files")
    wall, _ = measure.pipe([[measure.tool("create_files"), target, str(count)]])
    if len(os.listdir(target)) != count:
        raise Failed("create_files: not all files")
    return wall


def run_in_turn(work, products, ways):
    """All ways in turn, several times; each run in a new directory, and none removed."""
    workloads = {}
    for count in {way.count for way in ways}:
        os.mkdir(folder := os.path.join(work, f"wishes-{products}-{count}"))
        workloads[count] = Workload(folder, products, count)
    for number in range(ROUNDS):
        for at, way in enumerate(ways):
            if products in way.products:
                os.mkdir(folder := os.path.join(work, f"run-{products}-{number}-{at}"))
                way.walls[products].append(way.run(folder, workloads[way.count]))
                measure.settle()


def report(products, ways):
    print(f"flow: {REQUESTS:,} requests over {products:,} products, a tenth refused; requests per "
          f"second, medians of {ROUNDS} alternating runs")
    by_name = {way.name: way for way in ways}
    ours = by_name[OURS].rate(products)
    for way in ways:
        if not (rate := way.rate(products)):
            continue
        notes = [] if way.name == OURS else [f"eventdemo : it {ours / rate:.2f}"]
        notes += [f"{way.count:,} requests"] if way.count != REQUESTS else []
        notes += [way.note] if way.note else []
        notes += ["runs " + " ".join(f"{wall:.2f}" for wall in way.walls[products])]
        target = {"target": ">= 2.5", "good": ours / rate >= 2.5} if way.name in SQLITE.values() else {}
        row(way.name, f"{rate:,.0f}/s", "; ".join(notes), **target)
    if products == FILES_FOR:
        ratio = by_name[LOOP].rate(products) / by_name[FILES].rate(products)
        row("a file a result : bare loop, time", f"{ratio:.2f}", "", "<= 1.3", ratio <= 1.3)


def draw(ways):
    path = measure.picture("flow.svg")
    plot.bars(path, "A purchase from wish to result, in bulk",
              "One machine, one disk. All but NATS and bash have it on disk before they say so.",
              [f"{number:,} product{'s' if number > 1 else ''}" for number in PRODUCTS],
              [(way.name, [way.rate(number) for number in PRODUCTS], way.name in (OURS, FILES))
               for way in ways if way.name != LOOP])
    print(f"  drawn in {os.path.relpath(path, measure.ROOT)}")

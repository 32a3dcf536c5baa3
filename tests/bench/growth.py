"""What an event costs when a store holds ten thousand, a hundred thousand, a million.

The flow: one store is filled by it, and at each size some more requests are timed, as many
each time. Replay: a million events each time, in journals of each size. EV_BENCH_SCALE makes
the sizes smaller; EV_BENCH_LARGE=1 adds ten million, which takes long."""
import json
import os
import random

import measure
import plot
from flow import FILTERS, KEEP_RESULTS, SCALE
from measure import Failed, median, row
from workload import line, name

SIZES = [max(100, int(size * SCALE)) for size in (10**4, 10**5, 10**6)]
if os.environ.get("EV_BENCH_LARGE") == "1":
    SIZES.append(10 * SIZES[-1])
PROBE = SIZES[0]                # requests that are timed at once
PROBES = 5                      # at each size
REPLAYS = 5
STEP = 10**6                    # requests that a store is filled with at once
PRODUCTS, EMPTY = 100, 10       # the last ones hold a single piece
PLENTY = 10**9
MOST = 1.3


def bench(work):
    work = os.path.join(work, "growth")
    os.mkdir(work)
    print(f"growth: what an event costs when there are {', '.join(f'{size:,}' for size in SIZES)}")
    flow, replay = flow_costs(work), replay_costs(work)
    report(f"flow, {PROBE:,} more requests", flow)
    report("replay, one thread", replay)
    path = measure.picture("growth.svg")
    plot.growth(path, "What an event costs as the store grows",
                f"The flow: {PROBE:,} more requests, in a store of that size. "
                f"Replay: {SIZES[-1]:,} events, in journals of that size.",
                [("The flow", "microseconds a request", flow),
                 ("Replay", "microseconds an event", replay)])
    print(f"  drawn in {os.path.relpath(path, measure.ROOT)}")


def report(what, costs):
    for size, cost in costs.items():
        row(f"{what}, at {size:,}", f"{cost:.3f} us")
    ratio = max(costs.values()) / min(costs.values())
    row("  dearest : cheapest", f"{ratio:.2f}", "", f"<= {MOST}", ratio <= MOST)


class Growing:
    """A store that requests make larger, and what has to be in it."""

    def __init__(self, work):
        self.store, self.lines = os.path.join(work, "flow"), os.path.join(work, "requests")
        self.chance = random.Random(1)
        self.requests, self.refused = 0, 0
        self.left = {name(number): 1 if number >= PRODUCTS - EMPTY else PLENTY
                     for number in range(PRODUCTS)}
        stock = self.lines + ".stock"
        with open(stock, "w", encoding="ascii") as file:
            for product, quantity in self.left.items():
                print(line(action="add", product=product, quantity=quantity), file=file)
        measure.pipe([["evstock"]], stock, EV_STORE=self.store)

    def write(self, count):
        with open(self.lines, "w", encoding="ascii") as file:
            for number in range(self.requests, self.requests + count):
                product, quantity = name(number % PRODUCTS), 1 + number % 5
                uuid = f"{self.chance.getrandbits(128):032x}"
                file.write(f'{{"product":"{product}","quantity":{quantity},"request":"{uuid[:8]}-'
                           f'{uuid[8:12]}-4{uuid[13:16]}-8{uuid[17:20]}-{uuid[20:]}"}}\n')
                if self.left[product] >= quantity:
                    self.left[product] -= quantity
                else:
                    self.refused += 1
        self.requests += count

    def grow(self, count):
        """So many requests more; the seconds that they took."""
        self.write(count)
        measure.settle()
        commands = [[name, *(["--results", "packed"] if name in KEEP_RESULTS else [])]
                    for name in FILTERS]
        return measure.pipe(commands, self.lines, EV_STORE=self.store)[0]

    def verify(self):
        output = self.store + ".state"
        measure.pipe([["evreplay"]], target=output, EV_STORE=self.store)
        with open(output, encoding="ascii") as file:
            states = [json.loads(state) for state in file]
        if {state["product"]: state["available"] for state in states} != self.left:
            raise Failed("growth: a wrong number of pieces was sold")
        if (refused := sum(state["refused"] for state in states)) != self.refused:
            raise Failed(f"growth: {refused} refused, not {self.refused}")
        if (orders := count_lines(self.store, "orders.ndjson")) != self.requests - self.refused:
            raise Failed(f"growth: {orders} orders")
        results = os.path.join(self.store, "results")
        if (found := sum(count_lines(results, pack) for pack in os.listdir(results))) \
                != self.requests:
            raise Failed(f"growth: {found} results")


def count_lines(folder, file):
    with open(os.path.join(folder, file), "rb") as lines:
        return sum(1 for _ in lines)


def flow_costs(work):
    growing = Growing(work)
    costs = {}
    for size in SIZES:
        while (lacking := size - growing.requests) > 0:
            growing.grow(min(lacking, STEP))
        costs[size] = median([growing.grow(PROBE) for _ in range(PROBES)]) / PROBE * 1e6
        growing.verify()
    return costs


def replay_costs(work):
    """Sizes in turn; each store holds as many events as the largest journal."""
    stores, walls = {}, {size: [] for size in SIZES}
    for size in SIZES:
        stores[size] = os.path.join(work, f"replay-{size}")
        measure.pipe([[measure.tool("make_journal"), stores[size], str(SIZES[-1]),
                       str(SIZES[-1] // size)]], target=stores[size] + ".state")
    measure.settle()
    for _ in range(REPLAYS):
        for size, store in stores.items():
            output = store + ".out"
            wall, _ = measure.pipe([["evreplay", "-j", "1"]], target=output, EV_STORE=store)
            walls[size].append(wall)
            with open(store + ".state", "rb") as wanted, open(output, "rb") as found:
                if wanted.read() != found.read():
                    raise Failed("evreplay: a wrong state")
    return {size: median(some) / SIZES[-1] * 1e6 for size, some in walls.items()}

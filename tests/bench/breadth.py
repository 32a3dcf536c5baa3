"""A million products of one event each: what it costs to go on from there.

Requests over them at random, through the whole flow, beside a bare loop that appends lines to as
many files at random and syncs; and evreplay of all. EV_BENCH_SCALE makes both numbers smaller.
A million files of each kind take minutes to make, and 8 GB."""
import json
import os
import random

import measure
from flow import FILTERS, KEEP_RESULTS, SCALE
from measure import Failed, median, mebibytes, row, seconds
from workload import line

PRODUCTS = max(1000, int(1_000_000 * SCALE))
REQUESTS = max(1000, int(100_000 * SCALE))
ROUNDS = 3
EACH = 1000                     # pieces, more than are ever asked for
MOST_MEMORY = 256 * 2**20
REPLAY_SECONDS = 15


def name(number):
    return f"P{number:06}"


def bench(work):
    work = os.path.join(work, "breadth")
    os.mkdir(work)
    print(f"breadth: {PRODUCTS:,} products of one event each, then {REQUESTS:,} requests over them "
          f"at random; medians of {ROUNDS} alternating runs")
    breadth = Breadth(work)
    breadth.begin()
    flows, loops = [], []
    for number in range(ROUNDS):
        flows.append(breadth.buy(number))
        loops.append(breadth.loop(number))
    breadth.verify()
    report(flows, loops, breadth)
    breadth.replay()


def report(flows, loops, breadth):
    flow, loop = (REQUESTS / median(walls) for walls in (flows, loops))
    row("evstock, a product each", f"{PRODUCTS / breadth.stocked:,.0f}/s", mebibytes(breadth.memory_stock))
    row("the flow, results packed", f"{flow:,.0f}/s", "runs " + " ".join(f"{wall:.2f}" for wall in flows))
    row("bare loop: lines appended, synced", f"{loop:,.0f}/s", "runs " + " ".join(f"{wall:.2f}" for wall in loops))
    row("  flow : loop", f"{flow / loop:.2f}", "", ">= 0.7", flow / loop >= 0.7)
    row("  largest process", mebibytes(breadth.memory), breadth.largest,
        f"<= {mebibytes(MOST_MEMORY)}", breadth.memory <= MOST_MEMORY)


class Breadth:
    """A store with many products, and as many files for the loop."""

    def __init__(self, work):
        self.store, self.files = os.path.join(work, "store"), os.path.join(work, "files")
        self.lines, self.output = os.path.join(work, "lines"), os.path.join(work, "output")
        self.chance = random.Random(1)
        self.sold = {}
        self.stocked = self.memory = self.memory_stock = 0
        self.largest = ""

    def begin(self):
        with open(self.lines, "w", encoding="ascii") as file:
            for number in range(PRODUCTS):
                print(line(action="add", product=name(number), quantity=EACH), file=file)
        self.stocked, (usage,) = measure.pipe([["evstock"]], self.lines, EV_STORE=self.store)
        self.memory_stock = usage.memory
        measure.pipe([[measure.tool("append_files"), self.files, str(PRODUCTS)]])

    def buy(self, number):
        with open(self.lines, "w", encoding="ascii") as file:
            for _ in range(REQUESTS):
                product, quantity = name(self.chance.randrange(PRODUCTS)), self.chance.randint(1, 5)
                self.sold[product] = self.sold.get(product, 0) + quantity
                print(line(product=product, quantity=quantity), file=file)
        measure.settle()
        commands = [[filter, *(["--results", "packed"] if filter in KEEP_RESULTS else [])]
                    for filter in FILTERS]
        wall, usages = measure.pipe(commands, self.lines, f"{self.output}.{number}", EV_STORE=self.store)
        for usage in usages:
            if usage.memory > self.memory:
                self.memory, self.largest = usage.memory, usage.name
        return wall

    def loop(self, number):
        """Other files each time, as the flow has other products."""
        measure.settle()
        return measure.pipe([[measure.tool("append_files"), self.files, str(PRODUCTS), str(REQUESTS), str(number)]])[0]

    def verify(self):
        orders = 0
        for number in range(ROUNDS):
            with open(f"{self.output}.{number}", encoding="ascii") as file:
                orders += sum('"type":"order.created"' in text for text in file)
        if orders != ROUNDS * REQUESTS:
            raise Failed(f"breadth: {orders} orders")

    def replay(self):
        """Once: that is what a user does."""
        measure.settle()
        wall, (usage,) = measure.pipe([["evreplay"]], target=self.output, EV_STORE=self.store)
        with open(self.output, encoding="ascii") as file:
            found = {state["product"]: state["sold"] for state in map(json.loads, file)}
        if len(found) != PRODUCTS or {product: sold for product, sold in found.items() if sold} != self.sold:
            raise Failed("breadth: a wrong state")
        row("evreplay of all", seconds(wall), mebibytes(usage.memory), f"<= {REPLAY_SECONDS} s",
            wall <= REPLAY_SECONDS)

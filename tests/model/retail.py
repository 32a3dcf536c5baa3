#!/usr/bin/env python3
"""The retail run, simulated: what a store has to hold when it is over.

    retail.py DATA STORE            compare a finished store with the simulation
    retail.py --prepare DATA DIR    write the input of the run: stock.ndjson and for
                                    each month NN-purchases.ndjson, NN-returns.ndjson
    retail.py --run DATA STORE      prepare, run and compare

DATA has a line for each order line, in time order, gzip'd if its name ends in .gz:
{"at":"2010-12-01T08:26:00Z","product":"85123A","quantity":6}. Month by month the
positive quantities are purchases, then the negative ones come back through evstock.
Each product starts with 60% of its whole demand, rounded up. The UUID of a line is
00000000-0000-4000-8000- and the number of the line.
"""
import gzip
import itertools
import json
import os
import subprocess
import sys
import tempfile

import store as ev
from store import Wrong

FILTERS = ("evbuy", "evtask", "evcheck", "evorder", "evfail", "evcreate")


def uuid(number):
    return "00000000-0000-4000-8000-%012d" % number


def months(data):
    """The months in turn: lists of (line number, product, quantity)."""
    opened = gzip.open if data.endswith(".gz") else open
    with opened(data, "rb") as lines:
        numbered = ((number, json.loads(line)) for number, line in enumerate(lines, 1))
        last = ""
        for month, part in itertools.groupby(numbered, lambda entry: entry[1]["at"][:7]):
            if month <= last:
                raise Wrong(f"{data}: {month} after {last}")
            last = month
            yield [(number, line["product"], line["quantity"]) for number, line in part]


def first_stock(data):
    """product -> the pieces it starts with."""
    demand = {}
    for month in months(data):
        for _, product, quantity in month:
            if quantity > 0:
                demand[product] = demand.get(product, 0) + quantity
    return {product: -(-pieces * 60 // 100) for product, pieces in demand.items()}


class Shelf:
    """What is known of one product: counts, and who was sold to."""

    def __init__(self, added=0):
        self.added, self.sold, self.returned, self.refused = added, 0, 0, 0
        self.events = 1 if added else 0
        self.log = []                       # (number, quantity) of each sale and return, in turn
        self.refusals = {}                  # number -> quantity

    @property
    def available(self):
        return self.added + self.returned - self.sold

    def buy(self, number, quantity):
        self.events += 1
        if quantity <= self.available:
            self.sold += quantity
            self.log.append((number, quantity))
            return True
        self.refused += 1
        self.refusals[number] = quantity
        return False

    def take_in(self, number, quantity):
        self.events += 1
        self.returned += quantity
        self.log.append((number, -quantity))


def simulate(data):
    """The shelves by product, and the numbers of the lines sold in order."""
    shelves = {product: Shelf(pieces) for product, pieces in first_stock(data).items()}
    sold = []
    for month in months(data):
        for number, product, quantity in month:
            if quantity > 0 and shelves[product].buy(number, quantity):
                sold.append(number)
        for number, product, quantity in month:
            if quantity < 0:
                shelves.setdefault(product, Shelf()).take_in(number, -quantity)
    return shelves, sold


def compare_journal(store, product, shelf, results):
    """A journal: what was sold and returned in its order, what was refused in any, and
    each refusal true when it was said. Adds what the results have to be."""
    journal = ev.Journal.read(os.path.join(store, "journal", ev.file_name(product)), product)
    ev.check_refusals(journal)
    state, log, refusals = journal.state, [], {}
    for event in journal.events:
        if event.kind == "stock.sold":
            log.append((int(event.request[-12:]), event.quantity))
            results[event.request] = ev.created_result(event)
        elif event.kind == "stock.returned":
            log.append((int(event.request[-12:]), -event.quantity))
        elif event.kind == "purchase.refused":
            refusals[int(event.request[-12:])] = event.quantity
            results[event.request] = ev.failed_result(event)
    for what, found, wanted in (
            ("sales and returns", log, shelf.log), ("refusals", refusals, shelf.refusals),
            ("counts", (state.sequence, state.added, state.removed, state.sold, state.returned,
                        state.refused, state.available),
             (shelf.events, shelf.added, 0, shelf.sold, shelf.returned, shelf.refused,
              shelf.available))):
        if found != wanted:
            raise Wrong(f"{product!r}: {what}: {str(found)[:300]}, not {str(wanted)[:300]}")


def compare_results(store, results):
    """Every result is what the journals say, and nobody else has one; in files or in packs."""
    found = ev.read_results(store)
    if found.keys() != results.keys():
        raise Wrong(f"{len(found)} results, not {len(results)}")
    for request, wanted in results.items():
        if found[request] != wanted:
            raise Wrong(f"result {request}: {found[request]!r}, not {wanted!r}")


def compare(data, store):
    """Compare a finished store with the simulation; what was compared."""
    shelves, sold = simulate(data)
    if ev.journal_files(store).keys() != {ev.file_name(product) for product in shelves}:
        raise Wrong("journals of other products")
    results = {}
    for product, shelf in shelves.items():
        compare_journal(store, product, shelf, results)
    orders = ev.read_orders(store)
    if [order.request for order in orders.events] != [uuid(number) for number in sold]:
        raise Wrong("orders: others, or in another order")
    for order in orders.events:
        if order.data["order"] != ev.order_uuid(order.request):
            raise Wrong(f"order {order.line!r}")
    compare_results(store, results)
    return (f"{len(shelves)} journals, {len(orders.events)} orders, {len(results)} results "
            "as simulated")


def prepare(data, folder):
    """Write the input of the run; the number of months."""
    with open(os.path.join(folder, "stock.ndjson"), "w", encoding="utf-8") as stock:
        for product, pieces in first_stock(data).items():
            stock.write(line({"action": "add", "product": product, "quantity": pieces}))
    count = 0
    for count, month in enumerate(months(data), 1):
        path = os.path.join(folder, "%02d-" % count)
        with open(path + "purchases.ndjson", "w", encoding="utf-8") as purchases, \
                open(path + "returns.ndjson", "w", encoding="utf-8") as returns:
            for number, product, quantity in month:
                entry = {"product": product, "quantity": abs(quantity), "request": uuid(number)}
                if quantity > 0:
                    purchases.write(line(entry))
                elif quantity < 0:
                    returns.write(line({"action": "return", **entry}))
    return count


def line(entry):
    return json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n"


def run(folder, count, store):
    """The run itself, from the files that prepare wrote."""
    environment = {**os.environ, "EV_STORE": store}
    pipe = "set -eo pipefail; " + " | ".join(FILTERS) + " >/dev/null"
    commands = [("evstock >/dev/null", "stock.ndjson")]
    for month in range(1, count + 1):
        commands += [(pipe, "%02d-purchases.ndjson" % month),
                     ("evstock >/dev/null", "%02d-returns.ndjson" % month)]
    for command, source in commands:
        with open(os.path.join(folder, source), "rb") as standard_input:
            subprocess.run(["bash", "-c", command], stdin=standard_input, env=environment,
                           check=True)


def main(arguments):
    mode = arguments.pop(0) if arguments[:1] in (["--prepare"], ["--run"]) else None
    if len(arguments) != 2:
        sys.exit(__doc__)
    try:
        if mode == "--prepare":
            print(prepare(*arguments))
            return
        if mode == "--run":
            with tempfile.TemporaryDirectory(prefix="retail.") as folder:
                run(folder, prepare(arguments[0], folder), arguments[1])
        print(compare(*arguments))
    except Wrong as wrong:
        sys.exit(f"retail: {wrong}")


if __name__ == "__main__":
    main(sys.argv[1:])

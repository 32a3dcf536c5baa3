"""Requests for several products and what has to come of them: the same each time."""
import json
import os
import random
import uuid

MOST_PIECES = 5


class Workload:
    """`count` requests of 1 to 5 pieces; a tenth, the last ones for each product, finds nothing.

    Nothing is ever returned and the order within a product is kept, so what comes of each
    request does not depend on how fast the steps run: `created` says it for every UUID."""

    def __init__(self, folder, products, count):
        chance = random.Random(products)
        self.products = products
        self.requests = [(str(uuid.UUID(int=chance.getrandbits(128), version=4)),
                          name(chance.randrange(products)), chance.randint(1, MOST_PIECES))
                         for _ in range(count)]
        self.stock = self.enough_for_most()
        self.created = self.decide()
        self.orders = sum(self.created.values())
        self.refusals = count - self.orders
        self.sold = sum(quantity for request, _, quantity in self.requests
                        if self.created[request])
        self.stock_lines = os.path.join(folder, f"stock-{products}.ndjson")
        self.request_lines = os.path.join(folder, f"requests-{products}.ndjson")
        self.write()

    def enough_for_most(self):
        wanted = {name(number): [] for number in range(self.products)}
        for _, product, quantity in self.requests:
            wanted[product].append(quantity)
        stock, requests, refused = {}, 0, 0
        for product, quantities in wanted.items():
            requests += len(quantities)
            some = max(0, min(round(requests / 10) - refused, len(quantities) - 1))
            refused += some
            stock[product] = max(1, sum(quantities[:len(quantities) - some]))
        return stock

    def decide(self):
        left, created = dict(self.stock), {}
        for request, product, quantity in self.requests:
            created[request] = left[product] >= quantity
            if created[request]:
                left[product] -= quantity
        return created

    def write(self):
        with open(self.stock_lines, "w", encoding="utf-8") as file:
            for product, quantity in self.stock.items():
                print(line(action="add", product=product, quantity=quantity), file=file)
        with open(self.request_lines, "w", encoding="utf-8") as file:
            for request, product, quantity in self.requests:
                print(line(product=product, quantity=quantity, request=request), file=file)


def name(number):
    return f"P{number:05}"


def line(**members):
    return json.dumps(members, separators=(",", ":"))

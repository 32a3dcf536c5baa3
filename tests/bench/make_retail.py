"""Order lines in the shape of a real shop's winter: the same lines each time.

make_retail.py FILE writes 120,000 lines for 4,070 products in 3 months; a few products
are asked for often and most seldom; one line in fifty is a return.
"""
import itertools
import math
import random
import sys

LINES, PRODUCTS, MONTHS = 120_000, 4_070, 3


def main(path):
    chance = random.Random(20101201)
    products = ["%05d" % chance.randrange(10000, 99999) + chance.choice(("", "", "A", "b"))
                for _ in range(2 * PRODUCTS)]
    products = list(dict.fromkeys(products))[:PRODUCTS]
    weights = list(itertools.accumulate(math.exp(-rank / 1200) / (rank + 150)
                                        for rank in range(PRODUCTS)))
    picked = products + chance.choices(products, cum_weights=weights, k=LINES - PRODUCTS)
    chance.shuffle(picked)
    with open(path, "w", encoding="ascii") as file:
        for number, product in enumerate(picked):
            month = 12 * 2010 + 11 + number * MONTHS // LINES
            quantity = chance.choice((1, 1, 1, 2, 2, 3, 4, 6, 6, 10, 12, 24, 48))
            if chance.random() < 0.02:
                quantity = -quantity
            file.write('{"at":"%04d-%02d-01T09:00:00Z","product":"%s","quantity":%d}\n'
                       % (month // 12, month % 12 + 1, product, quantity))


if __name__ == "__main__":
    main(sys.argv[1])

"""What starting a command costs, beside a program with the same libraries that does nothing."""
import os

import measure
from measure import Failed, median, row

STARTS = 200
WARM_UP = 10
MOST = 1.5
COMMANDS = {"bare": [measure.tool("cold_start")], "evbuy": ["evbuy", "85123A", "6"]}


def bench(work):
    output = os.path.join(work, "cold.out")
    walls, processor = ({name: [] for name in COMMANDS} for _ in range(2))
    for number in range(WARM_UP + STARTS):
        for name, command in COMMANDS.items():
            wall, (usage,) = measure.pipe([command], target=output)
            if number >= WARM_UP:
                walls[name].append(wall * 1e6)
                processor[name].append((usage.user + usage.system) * 1e6)
    with open(output, encoding="utf-8") as file:
        if '"subject":"85123A"' not in file.read():
            raise Failed("evbuy: no message")
    report(walls, processor)


def report(walls, processor):
    print(f"cold: {STARTS} starts of each, in turn; medians")
    for name, text in (("bare", "the same libraries, nothing done"),
                       ("evbuy", "evbuy PRODUCT QUANTITY")):
        row(text, f"{median(walls[name]):,.0f} us",
            f"of the processor {median(processor[name]):,.0f} us")
    ratio, alone = (median(some["evbuy"]) / median(some["bare"]) for some in (walls, processor))
    row("evbuy : nothing", f"{ratio:.2f}", f"of the processor {alone:.2f}", f"<= {MOST}",
        ratio <= MOST)

"""evreplay of one large journal, beside jq and DuckDB doing the same sums."""
import json
import os
import subprocess

import measure
from measure import Failed, median, row, seconds

EVENTS = 1_000_000
ROUNDS = 3
JQ = """reduce inputs as $e ({added: 0, removed: 0, sold: 0, returned: 0, refused: 0};
    if $e.type == "stock.sold" then .sold += $e.data.quantity
    elif $e.type == "purchase.refused" then .refused += 1
    elif $e.type == "stock.returned" then .returned += $e.data.quantity
    elif $e.type == "stock.added" then .added += $e.data.quantity
    else .removed += $e.data.quantity end)"""


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


def sums(text):
    fields = json.loads(text)
    return {name: fields[name] for name in ("added", "removed", "sold", "returned", "refused")}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def bench(work):
    store, output = os.path.join(work, "replay"), os.path.join(work, "replay.out")
    state = os.path.join(work, "replay.state")
    duckdb = os.path.join(work, "duckdb")
    measure.pipe([[measure.tool("make_journal"), store, str(EVENTS), "1"]], target=state)
    journal = os.path.join(store, "journal", "P00000.ndjson")
    missing = install_duckdb(duckdb)
    measure.settle()
    print(f"replay: a journal of {EVENTS:,} events, {os.path.getsize(journal) / 1e6:.0f} MB, in "
          f"the page cache; medians of {ROUNDS} alternating runs")

    times = {}

    def run(name, command, answer, **more):
        wall, _ = measure.pipe([command], target=output, **more)
        if answer(read(output)) != answer(read(state)):
            raise Failed(f"{name}: {read(output)!r}, not {read(state)!r}")
        times.setdefault(name, []).append(wall)

    for _ in range(ROUNDS):
        run("evreplay", ["evreplay", "P00000"], str, EV_STORE=store)
        run("one thread", ["evreplay", "-j", "1", "P00000"], str, EV_STORE=store)
        run("jq", ["jq", "-c", "-n", JQ, journal], sums)
        if not missing:
            run("DuckDB", ["node", os.path.join(measure.HERE, "duckdb.cjs"), journal],
                lambda text: json.loads(text).get("sums") or sums(text),
                NODE_PATH=environment(duckdb)["NODE_PATH"])
            times.setdefault("query", []).append(json.loads(read(output))["seconds"])
    report({name: median(walls) for name, walls in times.items()}, missing)


def report(times, missing):
    ours = times["evreplay"]
    row("evreplay, whole process", seconds(ours), f"{EVENTS / ours / 1e6:.1f} million events/s")
    row("evreplay -j 1, whole process", seconds(times["one thread"]))
    row("jq, whole process", seconds(times["jq"]))
    row("jq : evreplay", f"{times['jq'] / ours:.1f}", "", ">= 25", times["jq"] / ours >= 25)
    if missing:
        row("DuckDB read_json", "skipped", missing)
        return
    row("DuckDB read_json, the query alone", seconds(times["query"]))
    row("DuckDB read_json, whole process", seconds(times["DuckDB"]))
    row("DuckDB's query : evreplay", f"{times['query'] / ours:.1f}", "", ">= 1",
        times["query"] >= ours)

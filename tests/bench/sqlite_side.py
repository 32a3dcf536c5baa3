"""Purchases in SQLite: a file, and one process that writes to it."""
import os
import sqlite3

import measure
import peers
from measure import Failed

SCHEMA = os.path.join(measure.HERE, "sqlite", "schema.sql")


class SQLite:
    name = "SQLite"
    note = "synchronous=FULL"

    def __init__(self, folder):
        self.program = os.path.join(folder, "purchase")
        self.missing = peers.build(self.program, ["sqlite/purchase.c", "peer/wish.c"], ["sqlite3"])

    def run(self, folder, workload, mode, batch):
        """Seconds for the whole workload, `batch` requests a transaction."""
        path = os.path.join(folder, "shop.db")
        database = sqlite3.connect(path)
        with open(SCHEMA, encoding="ascii") as file:
            database.executescript(file.read())
        database.execute("PRAGMA journal_mode = " + mode)
        database.executemany("INSERT INTO stock VALUES (?, ?)", workload.stock.items())
        database.commit()
        database.close()
        measure.settle()
        wall, _ = measure.pipe([[self.program, path, mode, str(batch)]], workload.request_lines)
        self.verify(sqlite3.connect(path), workload)
        return wall

    def verify(self, database, workload):
        created = {request: status == "created" for request, status in
                   database.execute("SELECT request, status FROM results")}
        peers.check(self.name, workload, created, dict(database.execute("SELECT * FROM stock")))
        counts = database.execute("SELECT (SELECT count(*) FROM orders),"
                                  " (SELECT count(*) FROM refusals),"
                                  " (SELECT sum(quantity) FROM orders)").fetchone()
        if counts != (workload.orders, workload.refusals, workload.sold):
            raise Failed(f"{self.name}: {counts} orders, refusals and pieces")
        database.close()

"""Purchases in SQLite: a file, and one process that writes to it. What stock there is is a row
that changes, or events are kept, as the toolkit does."""
import os
import sqlite3

import measure
import peers
from measure import Failed

HERE = os.path.join(measure.HERE, "sqlite")
ADD = {
    "rows": ("INSERT INTO stock VALUES (?1, ?2)",),
    "events": ("INSERT INTO products VALUES (?1, 1, ?2)",
               "INSERT INTO events VALUES (?1, 1, ?1, 'stock.added', ?2, 0, 0)"),
}
CREATED = {
    "rows": "SELECT request, status = 'created' FROM results",
    "events": "SELECT request, type = 'stock.sold' FROM events WHERE type != 'stock.added'",
}
LEFT = {
    "rows": "SELECT product, available FROM stock",
    "events": "SELECT product, available FROM products",
}
COUNTS = {
    "rows": "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM refusals),"
            " (SELECT sum(quantity) FROM orders)",
    "events": "SELECT (SELECT count(*) FROM orders),"
              " (SELECT count(*) FROM events WHERE type = 'purchase.refused'),"
              " (SELECT sum(quantity) FROM events WHERE type = 'stock.sold')",
}


class SQLite:
    name = "SQLite"
    note = "WAL, synchronous=FULL"

    def __init__(self, folder):
        self.programs = {keep: os.path.join(folder, keep) for keep in ADD}
        missing = [peers.build(program, ["sqlite/purchase.c", f"sqlite/{keep}.c", "peer/wish.c"],
                               ["sqlite3"]) for keep, program in self.programs.items()]
        self.missing = next(filter(None, missing), None)

    def run(self, folder, workload, keep, batch):
        """Seconds for the whole workload, `batch` requests a transaction."""
        path = os.path.join(folder, "shop.db")
        database = sqlite3.connect(path)
        with open(os.path.join(HERE, keep + ".sql"), encoding="ascii") as file:
            database.executescript(file.read())
        database.execute("PRAGMA journal_mode = wal")
        for statement in ADD[keep]:
            database.executemany(statement, workload.stock.items())
        database.commit()
        database.close()
        measure.settle()
        wall, _ = measure.pipe([[self.programs[keep], path, str(batch)]], workload.request_lines)
        self.verify(sqlite3.connect(path), workload, keep)
        return wall

    def verify(self, database, workload, keep):
        created = {request: bool(sold) for request, sold in database.execute(CREATED[keep])}
        peers.check(self.name, workload, created, dict(database.execute(LEFT[keep])))
        counts = database.execute(COUNTS[keep]).fetchone()
        if counts != (workload.orders, workload.refusals, workload.sold):
            raise Failed(f"{self.name}: {counts} orders, refusals and pieces")
        database.close()

-- rows.sql -- stock, orders, refusals, and a result for each request.
CREATE TABLE stock (
    product   TEXT PRIMARY KEY,
    available INTEGER NOT NULL CHECK (available >= 0)
) WITHOUT ROWID;
CREATE TABLE orders (
    sequence  INTEGER PRIMARY KEY,
    request   TEXT NOT NULL,
    product   TEXT NOT NULL,
    quantity  INTEGER NOT NULL,
    time      REAL NOT NULL
);
CREATE TABLE refusals (
    sequence  INTEGER PRIMARY KEY,
    request   TEXT NOT NULL,
    product   TEXT NOT NULL,
    quantity  INTEGER NOT NULL,
    available INTEGER NOT NULL,
    time      REAL NOT NULL
);
CREATE TABLE results (
    request   TEXT PRIMARY KEY,
    status    TEXT NOT NULL,
    product   TEXT NOT NULL,
    quantity  INTEGER NOT NULL,
    place     INTEGER NOT NULL          -- sequence of the order or refusal
) WITHOUT ROWID;

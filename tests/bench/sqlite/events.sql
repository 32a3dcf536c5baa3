-- events.sql -- a stream of events for each product, its state, and orders.
CREATE TABLE products (
    product   TEXT PRIMARY KEY,
    sequence  INTEGER NOT NULL,         -- of the last event
    available INTEGER NOT NULL CHECK (available >= 0)
) WITHOUT ROWID;
CREATE TABLE events (
    product   TEXT NOT NULL,
    sequence  INTEGER NOT NULL,
    request   TEXT NOT NULL UNIQUE,     -- whose outcome it is
    type      TEXT NOT NULL,
    quantity  INTEGER NOT NULL,
    available INTEGER NOT NULL,         -- before the event
    time      REAL NOT NULL,
    PRIMARY KEY (product, sequence)
) WITHOUT ROWID;
CREATE TABLE orders (
    sequence  INTEGER PRIMARY KEY,
    request   TEXT NOT NULL,
    product   TEXT NOT NULL,
    quantity  INTEGER NOT NULL,
    time      REAL NOT NULL
);

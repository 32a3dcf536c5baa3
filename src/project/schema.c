/*
 * schema.c -- the tables of the read models.
 *
 * Keys are such that what comes together stands together: refusals and days by product, in
 * whose journal they are next to each other, orders in the order of their journal.  Only the
 * indexes on requests are random.
 */
#include "project/schema.h"

const char schema_tables[] =
    "CREATE TABLE products (\n"
    "    product TEXT NOT NULL PRIMARY KEY,\n"
    "    sequence INTEGER NOT NULL,      -- of its last event\n"
    "    available INTEGER NOT NULL,     -- added + returned - removed - sold\n"
    "    added INTEGER NOT NULL,         -- pieces, as the three that follow\n"
    "    removed INTEGER NOT NULL,\n"
    "    sold INTEGER NOT NULL,\n"
    "    returned INTEGER NOT NULL,\n"
    "    refused INTEGER NOT NULL,       -- requests\n"
    "    time TEXT NOT NULL              -- of its last event\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE orders (\n"
    "    number INTEGER PRIMARY KEY,     -- place in orders.ndjson\n"
    "    request TEXT NOT NULL,\n"
    "    order_id TEXT NOT NULL,\n"
    "    product TEXT NOT NULL,\n"
    "    quantity INTEGER NOT NULL,\n"
    "    time TEXT NOT NULL\n"
    ");\n"
    "CREATE TABLE refusals (\n"
    "    product TEXT NOT NULL,\n"
    "    number INTEGER NOT NULL,        -- place in the product's journal\n"
    "    request TEXT NOT NULL,\n"
    "    quantity INTEGER NOT NULL,\n"
    "    available INTEGER NOT NULL,     -- as whoever refused saw it, as the three that follow\n"
    "    sequence INTEGER NOT NULL,\n"
    "    code TEXT NOT NULL,\n"
    "    reason TEXT NOT NULL,\n"
    "    time TEXT NOT NULL,\n"
    "    PRIMARY KEY (product, number)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE daily (\n"
    "    product TEXT NOT NULL,\n"
    "    day TEXT NOT NULL,              -- in UTC, like 2026-01-31\n"
    "    added INTEGER NOT NULL,         -- pieces, and in how many requests\n"
    "    added_requests INTEGER NOT NULL,\n"
    "    removed INTEGER NOT NULL,\n"
    "    removed_requests INTEGER NOT NULL,\n"
    "    sold INTEGER NOT NULL,\n"
    "    sold_requests INTEGER NOT NULL,\n"
    "    returned INTEGER NOT NULL,\n"
    "    returned_requests INTEGER NOT NULL,\n"
    "    refused INTEGER NOT NULL,\n"
    "    refused_requests INTEGER NOT NULL,\n"
    "    PRIMARY KEY (product, day)\n"
    ") WITHOUT ROWID;\n"
    "CREATE TABLE position (\n"
    "    product TEXT NOT NULL PRIMARY KEY,      -- empty for the orders\n"
    "    file TEXT NOT NULL,             -- in the store\n"
    "    bytes INTEGER NOT NULL,         -- of it that are in the tables\n"
    "    sequence INTEGER NOT NULL,      -- of the last event there\n"
    "    sum TEXT NOT NULL,\n"
    "    time TEXT NOT NULL\n"
    ") WITHOUT ROWID;\n";

const char schema_indexes[] =
    "CREATE INDEX orders_request ON orders (request);\n"
    "CREATE INDEX orders_product ON orders (product);\n"
    "CREATE INDEX refusals_request ON refusals (request);\n";

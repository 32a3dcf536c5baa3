-- schema.sql -- stock, orders, refusals, a result for each request; and what buys.
CREATE TABLE stock (
    product   text PRIMARY KEY,
    available bigint NOT NULL CHECK (available >= 0)
) WITH (fillfactor = 50);
CREATE TABLE orders (
    sequence  bigserial PRIMARY KEY,
    request   uuid NOT NULL,
    product   text NOT NULL,
    quantity  bigint NOT NULL,
    time      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE refusals (
    sequence  bigserial PRIMARY KEY,
    request   uuid NOT NULL,
    product   text NOT NULL,
    quantity  bigint NOT NULL,
    available bigint NOT NULL,
    time      timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE results (
    request   uuid PRIMARY KEY,
    status    text NOT NULL,
    product   text NOT NULL,
    quantity  bigint NOT NULL,
    place     bigint NOT NULL           -- sequence of the order or refusal
);

-- One purchase: less stock and an order, or a refusal; and the result, which only one can have.
CREATE FUNCTION buy(wanted uuid, ware text, pieces bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    place bigint;
    outcome text := 'created';
BEGIN
    UPDATE stock SET available = available - pieces WHERE product = ware AND available >= pieces;
    IF FOUND THEN
        INSERT INTO orders (request, product, quantity) VALUES (wanted, ware, pieces)
            RETURNING sequence INTO place;
    ELSE
        outcome := 'failed';
        INSERT INTO refusals (request, product, quantity, available)
            SELECT wanted, ware, pieces, available FROM stock WHERE product = ware
            RETURNING sequence INTO place;
    END IF;
    INSERT INTO results VALUES (wanted, outcome, ware, pieces, place);
END $$;

-- Many purchases in one transaction, each decided by itself and in order.
CREATE FUNCTION buy_all(wanted uuid[], ware text[], pieces bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. cardinality(wanted) LOOP
        PERFORM buy(wanted[i], ware[i], pieces[i]);
    END LOOP;
END $$;

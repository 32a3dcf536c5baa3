/*
 * events.c -- purchases as events, as this toolkit keeps them: each outcome is appended to its
 * product's stream with the next sequence, a sale or a refusal, and none is changed; an order
 * follows a sale.  A request has one outcome, which is found by its UUID.  So that a decision
 * need not replay the stream, its state is a row beside it, of the same transaction; every
 * product that is asked for has one.
 */
#include "purchase.h"

enum { STATE = COMMIT + 1, APPEND, FOLD, ORDER };

const char *const texts[STATEMENTS_MAX] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [STATE] = "SELECT sequence, available FROM products WHERE product = ?1",
    [APPEND] = "INSERT INTO events VALUES (?1, ?5, ?3, ?6, ?2, ?7, ?4)",
    [FOLD] = "UPDATE products SET sequence = sequence + 1, available = available - ?2 WHERE product = ?1",
    [ORDER] = "INSERT INTO orders VALUES (NULL, ?3, ?1, ?2, ?4)",
    [COMMIT] = "COMMIT",
};

void
buy(const struct wish *wish)
{
    const long long quantity = quantity_of(wish);
    long long sequence, available;
    bool sold;

    bind_text(STATE, 1, wish->product);
    if (!next_row(STATE))
        die("an unknown product");
    sequence = column(STATE, 0);
    available = column(STATE, 1);
    done(STATE);
    sold = available >= quantity;
    bind_wish(APPEND, wish);
    bind_now(APPEND);
    bind_number(APPEND, 5, sequence + 1);
    bind_text(APPEND, 6, sold ? "stock.sold" : "purchase.refused");
    bind_number(APPEND, 7, available);
    run(APPEND);
    bind_text(FOLD, 1, wish->product);
    bind_number(FOLD, 2, sold ? quantity : 0);
    run(FOLD);
    if (sold) {
        bind_wish(ORDER, wish);
        bind_now(ORDER);
        run(ORDER);
    }
}

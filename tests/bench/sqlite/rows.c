/*
 * rows.c -- purchases as rows that change: less stock and an order, or a refusal; and a result
 * under the request's UUID, which only one can have.  What stock there was before is not kept.
 */
#include "purchase.h"

enum { TAKE = COMMIT + 1, LOOK, ORDER, REFUSE, RESULT };

const char *const texts[STATEMENTS_MAX] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [TAKE] = "UPDATE stock SET available = available - ?2 WHERE product = ?1 AND available >= ?2",
    [LOOK] = "SELECT available FROM stock WHERE product = ?1",
    [ORDER] = "INSERT INTO orders VALUES (NULL, ?3, ?1, ?2, ?4)",
    [REFUSE] = "INSERT INTO refusals VALUES (NULL, ?3, ?1, ?2, ?5, ?4)",
    [RESULT] = "INSERT INTO results VALUES (?3, ?4, ?1, ?2, last_insert_rowid())",
    [COMMIT] = "COMMIT",
};

static void
look(const struct wish *wish)
{
    bind_text(LOOK, 1, wish->product);
    bind_number(REFUSE, 5, next_row(LOOK) ? column(LOOK, 0) : 0);
    done(LOOK);
}

void
buy(const struct wish *wish)
{
    int outcome;

    bind_text(TAKE, 1, wish->product);
    bind_number(TAKE, 2, quantity_of(wish));
    outcome = run(TAKE) ? ORDER : REFUSE;
    if (outcome == REFUSE)
        look(wish);
    bind_wish(outcome, wish);
    bind_now(outcome);
    run(outcome);
    bind_wish(RESULT, wish);
    bind_text(RESULT, 4, outcome == ORDER ? "created" : "failed");
    run(RESULT);
}

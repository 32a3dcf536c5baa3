/*
 * purchase.c -- purchases in SQLite.
 *
 *     purchase DATABASE JOURNAL_MODE COUNT < wishes
 *
 * COUNT wishes a transaction, each decided by itself and in order: less stock and an order,
 * or a refusal; and a result under the request's UUID, which only one can have.  A
 * transaction is on disk when it is over: synchronous=FULL.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "wish.h"

enum { STATEMENTS = 7 };

enum which { BEGIN, TAKE, LOOK, ORDER, REFUSE, RESULT, COMMIT };

static const char *const texts[STATEMENTS] = {
    [BEGIN] = "BEGIN IMMEDIATE",
    [TAKE] = "UPDATE stock SET available = available - ?2 WHERE product = ?1 AND available >= ?2",
    [LOOK] = "SELECT available FROM stock WHERE product = ?1",
    [ORDER] = "INSERT INTO orders VALUES (NULL, ?3, ?1, ?2, ?4)",
    [REFUSE] = "INSERT INTO refusals VALUES (NULL, ?3, ?1, ?2, ?5, ?4)",
    [RESULT] = "INSERT INTO results VALUES (?3, ?4, ?1, ?2, last_insert_rowid())",
    [COMMIT] = "COMMIT",
};

static sqlite3 *database;
static sqlite3_stmt *statements[STATEMENTS];

_Noreturn static void
die(const char *what)
{
    fprintf(stderr, "purchase: %s: %s\n", what, sqlite3_errmsg(database));
    exit(74);
}

static void
run_text(const char *text)
{
    if (sqlite3_exec(database, text, NULL, NULL, NULL) != SQLITE_OK)
        die(text);
}

static void
open_database(const char *path, const char *mode)
{
    char text[64];

    snprintf(text, sizeof text, "PRAGMA journal_mode = %.20s", mode);
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        die(path);
    run_text(text);
    run_text("PRAGMA synchronous = FULL");
    run_text("PRAGMA cache_size = -65536");
    for (int i = 0; i < STATEMENTS; i++) {
        if (sqlite3_prepare_v3(database, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i],
                               NULL) != SQLITE_OK)
            die(texts[i]);
    }
}

/* Run a statement that gives no row, or the first row of one that does: its number. */
static long long
run(enum which which)
{
    sqlite3_stmt *statement = statements[which];
    int found = sqlite3_step(statement);
    long long number = found == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;

    if (found != SQLITE_ROW && found != SQLITE_DONE)
        die(texts[which]);
    sqlite3_reset(statement);
    return number;
}

static void
bind_text(enum which which, int place, const char *text)
{
    if (sqlite3_bind_text(statements[which], place, text, -1, SQLITE_STATIC) != SQLITE_OK)
        die(texts[which]);
}

/* What all statements about a wish take. */
static void
bind_wish(enum which which, const struct wish *wish)
{
    bind_text(which, 1, wish->product);
    if (which == LOOK)
        return;
    if (sqlite3_bind_int64(statements[which], 2, strtoll(wish->quantity, NULL, 10)) != SQLITE_OK)
        die(texts[which]);
    if (which != TAKE)
        bind_text(which, 3, wish->request);
}

static double
now(void)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_REALTIME, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void
buy(const struct wish *wish)
{
    enum which outcome;

    bind_wish(TAKE, wish);
    run(TAKE);
    outcome = sqlite3_changes(database) == 1 ? ORDER : REFUSE;
    bind_wish(outcome, wish);
    if (outcome == REFUSE) {
        bind_wish(LOOK, wish);
        sqlite3_bind_int64(statements[outcome], 5, run(LOOK));
    }
    sqlite3_bind_double(statements[outcome], 4, now());
    run(outcome);
    bind_wish(RESULT, wish);
    bind_text(RESULT, 4, outcome == ORDER ? "created" : "failed");
    run(RESULT);
}

static void
buy_all(struct wish *wishes, int most)
{
    int count;

    while ((count = wish_read_some(stdin, wishes, most)) > 0) {
        run(BEGIN);
        for (int i = 0; i < count; i++)
            buy(&wishes[i]);
        run(COMMIT);
    }
}

int
main(int argc, char **argv)
{
    struct wish *wishes;
    int most;

    if (argc != 4 || (most = (int)strtol(argv[3], NULL, 10)) < 1) {
        fprintf(stderr, "usage: purchase DATABASE JOURNAL_MODE COUNT\n");
        return 64;
    }
    open_database(argv[1], argv[2]);
    if ((wishes = calloc((size_t)most, sizeof *wishes)) == NULL)
        die("memory");
    buy_all(wishes, most);
    for (int i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(statements[i]);
    if (sqlite3_close(database) != SQLITE_OK)
        die("close");
    free(wishes);
    return 0;
}

/*
 * purchase.c -- purchases in SQLite, for rows.c or events.c, which say what is kept.
 *
 *     PROGRAM DATABASE COUNT < wishes
 *
 * COUNT wishes a transaction, each decided by itself and in order.  A transaction is on disk
 * when it is over: synchronous=FULL.  The database has a write-ahead log, which is the faster
 * of SQLite's journals here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "purchase.h"

static sqlite3 *database;
static sqlite3_stmt *statements[STATEMENTS_MAX];

_Noreturn void
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
open_database(const char *path)
{
    if (sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        die(path);
    run_text("PRAGMA synchronous = FULL");
    run_text("PRAGMA cache_size = -65536");
    for (int i = 0; i < STATEMENTS_MAX; i++) {
        if (texts[i] != NULL && sqlite3_prepare_v3(database, texts[i], -1, SQLITE_PREPARE_PERSISTENT,
                                                   &statements[i], NULL) != SQLITE_OK)
            die(texts[i]);
    }
}

bool
next_row(int which)
{
    int found = sqlite3_step(statements[which]);

    if (found != SQLITE_ROW && found != SQLITE_DONE)
        die(texts[which]);
    return found == SQLITE_ROW;
}

long long
column(int which, int number)
{
    return sqlite3_column_int64(statements[which], number);
}

void
done(int which)
{
    sqlite3_reset(statements[which]);
}

bool
run(int which)
{
    (void)next_row(which);
    done(which);
    return sqlite3_changes(database) == 1;
}

void
bind_text(int which, int place, const char *text)
{
    if (sqlite3_bind_text(statements[which], place, text, -1, SQLITE_STATIC) != SQLITE_OK)
        die(texts[which]);
}

void
bind_number(int which, int place, long long number)
{
    if (sqlite3_bind_int64(statements[which], place, number) != SQLITE_OK)
        die(texts[which]);
}

long long
quantity_of(const struct wish *wish)
{
    return strtoll(wish->quantity, NULL, 10);
}

void
bind_wish(int which, const struct wish *wish)
{
    bind_text(which, 1, wish->product);
    bind_number(which, 2, quantity_of(wish));
    bind_text(which, 3, wish->request);
}

void
bind_now(int which)
{
    struct timespec time;

    (void)clock_gettime(CLOCK_REALTIME, &time);
    if (sqlite3_bind_double(statements[which], 4, (double)time.tv_sec + (double)time.tv_nsec / 1e9) != SQLITE_OK)
        die(texts[which]);
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

    if (argc != 3 || (most = (int)strtol(argv[2], NULL, 10)) < 1) {
        fprintf(stderr, "usage: %s DATABASE COUNT\n", argv[0]);
        return 64;
    }
    open_database(argv[1]);
    if ((wishes = calloc((size_t)most, sizeof *wishes)) == NULL)
        die("memory");
    buy_all(wishes, most);
    for (int i = 0; i < STATEMENTS_MAX; i++)
        sqlite3_finalize(statements[i]);
    if (sqlite3_close(database) != SQLITE_OK)
        die("close");
    free(wishes);
    return 0;
}

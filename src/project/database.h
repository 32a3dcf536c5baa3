/*
 * database.h -- the read models' file: an SQLite database of evproject(1), and calls to it.
 *
 * Rollback journal, not write-ahead log: the database is one file then, which rename(2)
 * replaces whole.  Side files belong to a name, not to a file: a log that was left behind
 * would be taken for one of the file that has the name next.
 */
#ifndef DATABASE_H
#define DATABASE_H

#include <sqlite3.h>

#include "base/bytes.h"
#include "base/fault.h"

enum { DATABASE_BUSY_SECONDS = 10 };    /* so long is waited for who reads */

enum database_use {
    DATABASE_UPDATE,            /* is made if the file is empty */
    DATABASE_LOOK,              /* only read; empty is STATUS_NO_INPUT */
    DATABASE_REPLACE,           /* the same, but of any version, or empty */
    DATABASE_BUILD,             /* a new file that nobody knows: its tables, without indexes */
};

struct database {
    sqlite3 *handle;
    const char *name;           /* for messages; borrowed */
};

/*
 * Open the file at `path`, which exists; what a killed writer left half done is undone.
 * database_close() also after a failure.
 * STATUS_DATA           it is no database of this command, or of another version, or damaged
 * STATUS_NOT_YET        somebody holds it
 * STATUS_CANNOT_CREATE, STATUS_IO
 */
int database_open(struct database *out, const char *path, const char *name, enum database_use use, struct fault *why);

/*
 * Open a file that exists as one of this use, but only to read it; *empty: nothing was ever
 * written to it.  Errors as above; STATUS_CANNOT_CREATE also where opening it would change it,
 * because a killed writer left it half done or somebody gave it a write-ahead log.
 */
int database_peek(struct database *out, const char *path, const char *name, enum database_use use, bool *empty,
                  struct fault *why);

/* What DATABASE_BUILD leaves to the end, when it costs least. */
int database_index(struct database *database, struct fault *why);

/* Run statements that return nothing.  Errors as above. */
int database_run(struct database *database, const char *sql, struct fault *why);

/* Prepare a statement, the caller's to sqlite3_finalize().  Errors as above. */
int database_prepare(struct database *database, const char *sql, sqlite3_stmt **out, struct fault *why);

/* The next row: 1, or 0 when there is none, or -1 with an error as above. */
int database_step(struct database *database, sqlite3_stmt *statement, struct fault *why);

/* Run a statement that returns nothing, with what is bound, and make it ready again. */
int database_do(struct database *database, sqlite3_stmt *statement, struct fault *why);

/* Bind a parameter, from 1.  Text must last until the statement has run; numbers above SQLite's are its largest. */
void database_bind_text(sqlite3_stmt *statement, int at, struct slice text);
void database_bind_number(sqlite3_stmt *statement, int at, uint64_t number);

/* A column of the row, from 0; text lasts until the next step. */
struct slice database_text(sqlite3_stmt *statement, int at);
uint64_t database_number(sqlite3_stmt *statement, int at);

void database_close(struct database *database);

#endif

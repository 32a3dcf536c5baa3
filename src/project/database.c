/*
 * database.c -- open the read models' file, and calls to SQLite.
 *
 * UPDATE   journal_mode  TRUNCATE: as DELETE, but the name of the journal stays, so that a
 *                        process which may write two files and no directory can commit
 *          synchronous   FULL: a database that broke in a power cut would not say so
 *          cache_spill   off: the first changed page that does not fit would keep readers
 *                        out for the rest of the transaction, not only for its end
 * BUILD    journal_mode  OFF, synchronous OFF: a new file that nobody knows; one that was
 *                        not finished is thrown away, one that is gets one sync in the end
 * REPLACE  journal_mode  DELETE: one that somebody gave a write-ahead log loses it, which would
 *                        be taken for one of the file that comes in its place
 * both     cache_size    64 MiB: of the indexes on requests, which are random, any page may
 *                        be next
 */
#include <string.h>

#include "project/database.h"
#include "project/schema.h"

#define STRING(number) STRING_OF(number)
#define STRING_OF(number) #number

static const char update_pragmas[] =
    "PRAGMA journal_mode = TRUNCATE; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; PRAGMA cache_spill = OFF;";
static const char build_pragmas[] =
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA locking_mode = EXCLUSIVE;";
static const char identity[] =
    "PRAGMA application_id = " STRING(SCHEMA_APPLICATION) "; PRAGMA user_version = " STRING(SCHEMA_VERSION) ";";

static enum status
status_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return STATUS_NOT_YET;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return STATUS_DATA;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_READONLY: return STATUS_CANNOT_CREATE;
    default: return STATUS_IO;
    }
}

static int
database_fault(const struct database *database, struct fault *why)
{
    const int code = sqlite3_extended_errcode(database->handle);

    if (status_of(code) == STATUS_NOT_YET)
        return fault_set(why, STATUS_NOT_YET, "%s: somebody has held it for %d seconds", database->name,
                         DATABASE_BUSY_SECONDS);
    return fault_set(why, status_of(code), "%s: %s", database->name, sqlite3_errmsg(database->handle));
}

int
database_run(struct database *database, const char *sql, struct fault *why)
{
    return sqlite3_exec(database->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : database_fault(database, why);
}

int
database_prepare(struct database *database, const char *sql, sqlite3_stmt **out, struct fault *why)
{
    return sqlite3_prepare_v3(database->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL) == SQLITE_OK
        ? 0 : database_fault(database, why);
}

int
database_step(struct database *database, sqlite3_stmt *statement, struct fault *why)
{
    switch (sqlite3_step(statement)) {
    case SQLITE_ROW: return 1;
    case SQLITE_DONE: return 0;
    default: return database_fault(database, why);
    }
}

int
database_do(struct database *database, sqlite3_stmt *statement, struct fault *why)
{
    int result = database_step(database, statement, why);

    (void)sqlite3_reset(statement);
    return result;
}

void
database_bind_text(sqlite3_stmt *statement, int at, struct slice text)
{
    (void)sqlite3_bind_text(statement, at, text.length > 0 ? text.at : "", (int)text.length, SQLITE_STATIC);
}

void
database_bind_number(sqlite3_stmt *statement, int at, uint64_t number)
{
    (void)sqlite3_bind_int64(statement, at, number > INT64_MAX ? INT64_MAX : (sqlite3_int64)number);
}

struct slice
database_text(sqlite3_stmt *statement, int at)
{
    const unsigned char *text = sqlite3_column_text(statement, at);

    return (struct slice){ (const char *)text, text == NULL ? 0 : (size_t)sqlite3_column_bytes(statement, at) };
}

uint64_t
database_number(sqlite3_stmt *statement, int at)
{
    const sqlite3_int64 number = sqlite3_column_int64(statement, at);

    return number < 0 ? 0 : (uint64_t)number;
}

/* The one number that a statement gives. */
static int
ask(struct database *database, const char *sql, uint64_t *number, struct fault *why)
{
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(database, sql, &statement, why);

    if (result == 0 && (result = database_step(database, statement, why)) > 0) {
        *number = database_number(statement, 0);
        result = 0;
    }
    (void)sqlite3_finalize(statement);
    return result;
}

/* Is it ours?  Nothing was ever written to an empty one. */
static int
recognize(struct database *database, enum database_use use, bool *empty, struct fault *why)
{
    uint64_t tables = 0, application = 0, version = 0;

    if (ask(database, "SELECT count(*) FROM sqlite_master", &tables, why) != 0
        || ask(database, "PRAGMA application_id", &application, why) != 0
        || ask(database, "PRAGMA user_version", &version, why) != 0)
        return -1;
    *empty = tables == 0 && application == 0;
    if (!*empty && application != SCHEMA_APPLICATION)
        return fault_set(why, STATUS_DATA, "%s: a database, but not of evproject", database->name);
    if (*empty && use == DATABASE_LOOK)
        return fault_set(why, STATUS_NO_INPUT, "%s: empty", database->name);
    if (!*empty && use != DATABASE_REPLACE && version != SCHEMA_VERSION)
        return fault_set(why, STATUS_DATA, "%s: of version %llu, not %d: make it anew with --rebuild", database->name,
                         (unsigned long long)version, SCHEMA_VERSION);
    return 0;
}

static int
make(struct database *database, bool indexes, struct fault *why)
{
    if (database_run(database, "BEGIN IMMEDIATE", why) != 0 || database_run(database, identity, why) != 0
        || database_run(database, schema_tables, why) != 0
        || (indexes && database_run(database, schema_indexes, why) != 0))
        return -1;
    return database_run(database, "COMMIT", why);
}

int
database_index(struct database *database, struct fault *why)
{
    return database_run(database, schema_indexes, why);
}

static int
open_file(struct database *out, const char *path, const char *name, int access, struct fault *why)
{
    *out = (struct database){ .name = name };
    if (sqlite3_open_v2(path, &out->handle, access | SQLITE_OPEN_NOFOLLOW, NULL) != SQLITE_OK)
        return database_fault(out, why);
    (void)sqlite3_extended_result_codes(out->handle, 1);
    (void)sqlite3_busy_timeout(out->handle, DATABASE_BUSY_SECONDS * 1000);
    (void)sqlite3_db_config(out->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return 0;
}

int
database_peek(struct database *out, const char *path, const char *name, enum database_use use, bool *empty,
              struct fault *why)
{
    if (open_file(out, path, name, SQLITE_OPEN_READONLY, why) == 0 && recognize(out, use, empty, why) == 0)
        return 0;
    if ((sqlite3_errcode(out->handle) & 0xff) == SQLITE_READONLY)
        (void)fault_set(why, STATUS_CANNOT_CREATE, "%s: has to be mended before it can be read: run without --dry-run",
                        name);
    return -1;
}

int
database_open(struct database *out, const char *path, const char *name, enum database_use use, struct fault *why)
{
    bool empty = false;

    if (open_file(out, path, name, SQLITE_OPEN_READWRITE, why) != 0)
        return -1;
    if (use != DATABASE_BUILD && recognize(out, use, &empty, why) != 0)
        return -1;
    if (use == DATABASE_REPLACE)
        return database_run(out, "PRAGMA journal_mode = DELETE", why);
    if (use == DATABASE_LOOK)
        return 0;
    if (database_run(out, use == DATABASE_BUILD ? build_pragmas : update_pragmas, why) != 0)
        return -1;
    return use == DATABASE_BUILD || empty ? make(out, use == DATABASE_UPDATE, why) : 0;
}

void
database_close(struct database *database)
{
    (void)sqlite3_close(database->handle);
    database->handle = NULL;
}

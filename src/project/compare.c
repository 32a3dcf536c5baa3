/* compare.c -- are the read models what their journals make of them? */
#include <stdio.h>

#include "project/compare.h"

static const char *const tables[] = { "products", "orders", "refusals", "daily", "position" };

static int
compare(struct database *database, const char *table, uint64_t *rows, struct fault *why)
{
    sqlite3_stmt *row = NULL;
    char sql[512];
    int result;

    (void)snprintf(sql, sizeof sql,
                   "SELECT (SELECT count(*) FROM (SELECT * FROM main.%s EXCEPT SELECT * FROM other.%s))"
                   " + (SELECT count(*) FROM (SELECT * FROM other.%s EXCEPT SELECT * FROM main.%s))",
                   table, table, table, table);
    result = database_prepare(database, sql, &row, why);
    if (result == 0 && (result = database_step(database, row, why)) > 0) {
        *rows = database_number(row, 0);
        result = 0;
    }
    (void)sqlite3_finalize(row);
    return result;
}

static int
attach(struct database *database, const char *path, struct fault *why)
{
    sqlite3_stmt *statement = NULL;
    int result = database_prepare(database, "ATTACH ? AS other", &statement, why);

    if (result == 0) {
        database_bind_text(statement, 1, (struct slice){ path, strlen(path) });
        result = database_do(database, statement, why);
    }
    (void)sqlite3_finalize(statement);
    return result;
}

int
compare_tables(struct database *database, const char *path,
               void (*tell)(void *context, const char *table, uint64_t rows), void *context, struct fault *why)
{
    if (attach(database, path, why) != 0)
        return -1;
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        uint64_t rows = 0;

        if (compare(database, tables[i], &rows, why) != 0)
            return -1;
        if (rows > 0)
            tell(context, tables[i], rows);
    }
    return 0;
}

/*
 * compare.h -- are the read models what their journals make of them?
 */
#ifndef COMPARE_H
#define COMPARE_H

#include "project/database.h"

/*
 * Compare the database at `path` with this one, table by table; tell() is called with the
 * name of each that differs, and how many rows only one of them has.  Errors of database.h.
 */
int compare_tables(struct database *database, const char *path,
                   void (*tell)(void *context, const char *table, uint64_t rows), void *context, struct fault *why);

#endif

/*
 * table.h -- rows of cells, for people: aligned, two spaces between columns.
 */
#ifndef TABLE_H
#define TABLE_H

#include "base/bytes.h"

enum { TABLE_COLUMNS_MAX = 12 };

/* { .columns = "lrr" } at first: a letter for each column, l or r; table_free(). */
struct table {
    const char *columns;
    struct buffer cells;        /* each ended by a NUL, row by row */
};

/* The next cell, in which no NUL is; as wide as its characters in the process's locale, see columns.h. */
void table_text(struct table *table, const char *text);
void table_number(struct table *table, uint64_t number);

/* Append all rows, which are whole, as lines without spaces at their ends. */
void table_write(const struct table *table, struct buffer *out);

void table_free(struct table *table);

#endif

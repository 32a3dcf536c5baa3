/*
 * columns.h -- text in columns of a terminal, in characters of the process's locale (LC_CTYPE).
 */
#ifndef COLUMNS_H
#define COLUMNS_H

#include "base/bytes.h"

enum { COLUMNS_LEVELS = 8 };

/* Are there more characters than those of ASCII? */
bool columns_wide(void);

/* How many columns the character takes, 1 to 4 bytes of valid UTF-8; 1 for what is none. */
size_t columns_of(const char *at, size_t length);

/* Does it stand on the character before it, as an accent: without a column of its own, and no order to who shows it? */
bool columns_mark(const char *at, size_t length);

/* Can the locale print it? */
bool columns_known(const char *at, size_t length);

/* How many bytes of the text fit in so many columns, and how many columns they take. */
size_t columns_fit(struct slice text, size_t columns, size_t *taken);

/* How many columns all of it takes. */
size_t columns_width(struct slice text);

void columns_spaces(struct buffer *out, size_t count);

/* Append it in exactly so many columns, at least one: what is too wide is cut off, and that is seen. */
void columns_put(struct buffer *out, struct slice text, size_t columns);

/* A character as high as the level, below COLUMNS_LEVELS. */
const char *columns_level(unsigned level);

#endif

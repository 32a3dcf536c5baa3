/*
 * purchase.h -- the statements that buy, and what runs them.
 *
 * What fails ends the program (74).
 */
#ifndef PURCHASE_H
#define PURCHASE_H

#include <sqlite3.h>
#include <stdbool.h>

#include "wish.h"

enum { BEGIN, COMMIT, STATEMENTS_MAX = 7 };

/* The statements of a program (NULL: none), and what it does with them for a wish. */
extern const char *const texts[STATEMENTS_MAX];
void buy(const struct wish *wish);

/* End the program: what went wrong, and what SQLite says. */
_Noreturn void die(const char *what);

/* Run a statement to its end: has it changed a row? */
bool run(int which);

/* Run a statement to its next row, whose numbers column() gives; done() with it ends it. */
bool next_row(int which);
long long column(int which, int number);
void done(int which);

/* ?1 is the product, ?2 the quantity, ?3 the request; ?4 the time. */
void bind_wish(int which, const struct wish *wish);
void bind_now(int which);
void bind_text(int which, int place, const char *text);
void bind_number(int which, int place, long long number);
long long quantity_of(const struct wish *wish);

#endif

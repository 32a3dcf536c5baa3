/*
 * tables.h -- write rows of the read models, and read how far they are.
 */
#ifndef TABLES_H
#define TABLES_H

#include "domain/message.h"
#include "project/database.h"
#include "store/history.h"

enum { DAY_LENGTH = 10, EVENT_KINDS = EVENT_REFUSED + 1 };

/* What happened to a product on a day, by enum event. */
struct day {
    char text[DAY_LENGTH];
    bool any;
    uint64_t pieces[EVENT_KINDS], requests[EVENT_KINDS];
};

enum table_write { WRITE_PRODUCT, WRITE_ORDER, WRITE_REFUSAL, WRITE_DAY, WRITE_POSITION, TABLE_WRITES };

struct tables {
    struct database *database;  /* borrowed */
    sqlite3_stmt *writes[TABLE_WRITES];
    struct arena arena;         /* for the text of one row */
};

/* tables_end() also after a failure.  Errors here are those of database.h. */
int tables_begin(struct tables *out, struct database *database, struct fault *why);
void tables_end(struct tables *tables);

int tables_put_order(struct tables *tables, const struct message *event, struct fault *why);
int tables_put_refusal(struct tables *tables, const struct message *event, struct fault *why);

/* Add to what is there of that day. */
int tables_add_day(struct tables *tables, struct slice product, const struct day *day, struct fault *why);

/* How a product, or with an empty name the orders, stands, and how far its journal was read for that. */
int tables_put_state(struct tables *tables, struct slice product, const char *file, const struct history_state *state,
                     struct fault *why);

/* What is known of a journal: that it was read up to here. */
struct known {
    struct slice product;       /* empty: the orders */
    struct history_state at;
};

/* Sorted by the bytes of the products.  { 0 } at first; known_free(). */
struct known_list {
    struct known *list;
    size_t count, room;
    struct arena names;
};

int tables_known(struct database *database, struct known_list *out, struct fault *why);
void known_free(struct known_list *known);

#endif

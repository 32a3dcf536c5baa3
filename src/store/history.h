/*
 * history.h -- read streams from their beginning: states, events, damage.
 *
 * Takes no lock and changes nothing.  Unlike the rest of a store, the calls
 * that take a const store may be made by several threads at once.
 */
#ifndef HISTORY_H
#define HISTORY_H

#include <stdatomic.h>

#include "domain/message.h"
#include "store/store.h"

/* The products that have a stream, sorted by the bytes of their IDs. */
struct history_products {
    struct slice *products;
    size_t count, room;
    struct arena names;
    struct buffer strangers;    /* files that are no stream, a line each */
};

/* The caller owns *out, which starts as { 0 }: history_products_free().  STATUS_IO. */
int history_products(const struct store *store, struct history_products *out, struct fault *why);
void history_products_free(struct history_products *products);

/* How a stream stands: after an event, or at its end. */
struct history_state {
    struct product product;
    struct moment time;         /* of the last event */
    uint64_t bytes;             /* up to there, */
    uint64_t sum;               /* and the sum of that event */
};

/* Called with each event in order, its text and the state after it.  0 to go on. */
typedef int history_visit(void *context, struct slice line, const struct message *event,
                          const struct history_state *state, struct fault *why);

/* Called with each damage, "PLACE:LINE: what: why".  0 to go on behind it. */
typedef int history_damage(void *context, const struct fault *why);

struct history_reader {
    history_visit *visit;       /* or NULL */
    history_damage *damage;     /* or NULL: the first damage ends the reading, STATUS_DATA */
    void *context;
    uint64_t until_bytes;       /* read no further than this, 0 for no limit */
    const struct history_state *from;   /* read on from there: where an earlier reading was; or NULL */
    size_t threads;             /* that share a long stream, unless each event is visited; 0 is one */
    atomic_ullong *read;        /* counts the bytes that were read, while they are; or NULL */
    bool leave_long;            /* leave such a stream to be read later: end->left */
};

struct history_end {
    struct history_state state;
    uint64_t torn;              /* bytes behind the last whole event, or in place of the first: a writer was cut off
                                   there, or is at work; 0 where something else ended the reading */
    bool left;                  /* nothing was read */
    bool parted;                /* with STATUS_DATA: it is not the stream that was read up to `from` */
};

/*
 * Read the stream of a product, or of the orders, which an empty one also is.  STATUS_NO_INPUT
 * if it does not exist or has no event; STATUS_DATA damage; STATUS_IO.
 */
int history_read(const struct store *store, struct slice product, const struct history_reader *reader,
                 struct history_end *end, struct fault *why);
int history_read_orders(const struct store *store, const struct history_reader *reader, struct history_end *end,
                        struct fault *why);

/*
 * How many bytes a product's stream has now, or with an empty one the orders; 0 if there is none,
 * UINT64_MAX if something else stands there, which reading it will tell.  STATUS_IO.
 */
int history_size(const struct store *store, struct slice product, uint64_t *bytes, struct fault *why);

/* What a product's stream, or with an empty one the orders, is called in the store; lasts until the thread's next call. */
const char *history_name(struct slice product);

/* Where a product's stream is, or with an empty one the orders, for messages; lasts until the thread's next call. */
const char *history_place(const struct store *store, struct slice product);

#endif

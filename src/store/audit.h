/*
 * audit.h -- does a store keep its promises?  And make again what is derived.
 *
 * An audit takes no lock and changes nothing.  It may run beside a flow that is at
 * work: results are read before orders, orders before streams, so whatever tells of
 * an event was there before the event is looked for.
 *
 * Memory       grows with the number of requests, by about 170 bytes each, and with the
 *              longest stream; not with the length of what is read.
 */
#ifndef AUDIT_H
#define AUDIT_H

#include "store/store.h"

enum promise {
    PROMISE_NOT_OVERSOLD,       /* streams are whole, and their stock never negative */
    PROMISE_ONE_OUTCOME,        /* of a request: sold or refused, one order, a result that agrees */
    PROMISE_DURABLE,            /* what orders, results or an earlier audit tell of is there */
    PROMISE_NOT_SILENT,         /* topics, offsets and dead letters can be told */
    PROMISE_ONE_PURCHASE,       /* a UUID means one */
    PROMISES,
};

struct audit_setting {
    size_t jobs;                /* threads */
    bool strict;                /* what is unfinished is a violation */
    const char *mark;           /* a file that tells up to where all was well, or NULL; borrowed */
    int mark_file;              /* the same, open for reading; -1 if it is not there yet; borrowed */
    /* Called with each violation, "PLACE:LINE: what"; by one thread at a time. */
    void (*violation)(void *context, enum promise promise, const char *text);
    /* Called with what people should know. */
    void (*tell)(void *context, const char *text);
    /* Called with how far it is, often; by one thread at a time. */
    void (*progress)(void *context, const char *what, uint64_t done, uint64_t all);
    void *context;
};

struct audit_counts {
    uint64_t broken[PROMISES];  /* violations */
    uint64_t journals, events;
    uint64_t requests;          /* that have an outcome, an order or a result */
    uint64_t sold, refused, taken_back;     /* requests by stream: one that was sold and taken back counts as both */
    uint64_t orders, results;
    uint64_t unfinished;        /* a sale without its order, an outcome without its result, a line without its end */
    uint64_t topics, lanes, messages, offsets;
    uint64_t dead;              /* letters */
    uint64_t repairable;        /* results and offsets that can be made again */
};

struct audit;                   /* what was found; opaque */

/*
 * Read the store, which was opened with STORE_LOOK or STORE_APPEND.  Violations are counted
 * and told, not returned.  The caller owns *out: audit_free().
 * STATUS_IO; STATUS_DATA if the mark is a file of somebody else.
 */
int audit_run(struct audit **out, struct store *store, const struct audit_setting *setting, struct fault *why);

const struct audit_counts *audit_counted(const struct audit *audit);

/* What audit_repair() made again. */
struct audit_repaired {
    uint64_t results;
    uint64_t packs;             /* that were written anew without what is no result */
    uint64_t offsets;           /* that were forgotten: the group reads its lane from the start */
};

/*
 * Make again what this audit found missing or wrong in what is derived, under the locks
 * of those who write it; the store was opened with STORE_APPEND.  Streams and orders are
 * never touched; nothing is made from a stream that is damaged.  In a dry store it is only
 * counted what would be made.  A crash leaves some of it made.  STATUS_IO,
 * STATUS_CANNOT_CREATE, STATUS_DATA (something else stands in its place).
 */
int audit_repair(struct audit *audit, struct audit_repaired *repaired, struct fault *why);

/*
 * Keep in the setting's mark that all was well up to where this audit read.  The file is
 * replaced whole.  STATUS_IO, STATUS_CANNOT_CREATE.
 */
int audit_mark(struct audit *audit, struct fault *why);

/* NULL is allowed. */
void audit_free(struct audit *audit);

#endif

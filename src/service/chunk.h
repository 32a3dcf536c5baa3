/*
 * chunk.h -- the part of a batch that is worked on and committed at once, and its streams.
 */
#ifndef CHUNK_H
#define CHUNK_H

#include "service/service.h"
#include "service/source.h"
#include "store/journal.h"

enum verdict {
    PASS_ON,
    WORK_ON,
    PUT_ASIDE,                  /* for item->reason, or because it is a piece of a line too long */
};

struct item {
    const struct line *line;
    enum verdict verdict;
    const char *reason;
    struct journal *journal;    /* its product's stream, if the service needs it, for as long as the chunk lasts */
    struct message message;
};

/* Items that are worked on and committed together. */
struct chunk {
    size_t first, end;
    bool held;                  /* their products' streams are */
    bool alone_next;            /* the item behind the end must be a chunk of its own */
    bool goes_on;               /* the batch does, behind the portion that this is of */
};

/*
 * Find the streams of those items that are to be worked on, and hold what the service holds:
 * the orders before any product's stream.  What can be done with those before is, so that
 * others have the orders meanwhile: they are opened, and read if they are not to be held and
 * can all stay open; when the orders are held, only what was appended since is read.  The chunk
 * ends earlier where it has as many streams as can be held.  Faults as journal_hold(); what is
 * wrong with a single stream is said by journal_catch_up() when its turn comes.
 */
int chunk_hold(struct chunk *chunk, struct item *items, const struct service *service, struct store *store,
               struct fault *why);

#endif

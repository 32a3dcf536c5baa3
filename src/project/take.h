/*
 * take.h -- take what is new in a store's journals into the read models.
 *
 * In transactions, each of which also has the positions up to which it came: whoever is
 * killed left what the last one had, and the next goes on from there.
 */
#ifndef TAKE_H
#define TAKE_H

#include "project/tables.h"

/*
 * So many events, or bytes of them, to a transaction: a sync for each is lost among them, and what it
 * changed fits in memory.
 */
enum { TAKE_EVENTS = 100000, TAKE_BYTES = 64 * 1024 * 1024 };

struct take_setting {
    const struct store *store;  /* opened with STORE_LOOK */
    const struct known_list *known;     /* how far the tables are; NULL: they are empty */
    const struct known_list *until;     /* take these journals from their start to there, and no others; or NULL */
    /* Called with why a journal was not taken further: STATUS_DATA, STATUS_IO.  The others are. */
    void (*tell)(void *context, const struct fault *why);
    void *context;
};

struct take_counts {
    uint64_t journals;          /* of products that were read */
    uint64_t events, orders;
};

/* -1 with an error of database.h, or if the store cannot be looked at: STATUS_IO. */
int take_new(struct database *database, const struct take_setting *setting, struct take_counts *counts,
             struct fault *why);

#endif

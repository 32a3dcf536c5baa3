/*
 * parcel.h -- some dead letters that are sent together, and which of them were sent before.
 */
#ifndef PARCEL_H
#define PARCEL_H

#include "store/file/redriven.h"

/* { 0 } at first, parcel_free(). */
struct parcel {
    struct parcel_line {
        size_t target;          /* its topic, by its place in redriven->targets */
        size_t start, length;   /* in `bytes`; with its newline */
        bool sent;
    } *lines;
    size_t count, room, longest;
    struct buffer bytes;
};

void parcel_clear(struct parcel *parcel);

/* Add what was added to parcel->bytes from `start` on as a line to a target. */
void parcel_add(struct parcel *parcel, size_t target, size_t start);

/*
 * Mark those that stand in their topics behind the ends noted in `redriven`, each line
 * there for one of them.  Ends that lie behind the end of their lane are moved there.
 * STATUS_IO, STATUS_DATA.
 */
int parcel_find(struct store *store, struct parcel *parcel, struct redriven *redriven, struct fault *why);

void parcel_free(struct parcel *parcel);

#endif

/*
 * parcel.h -- some dead letters that are sent together, and which of them were sent before.
 */
#ifndef PARCEL_H
#define PARCEL_H

#include "store/file/redriven.h"

/* { .spill = -1 } at first, parcel_free(). */
struct parcel {
    struct parcel_line {
        size_t target;          /* its topic, by its place in redriven->targets */
        size_t start, length;   /* in `bytes`, or of the file; with its newline */
        bool sent;
    } *lines;
    size_t count, room;
    struct buffer bytes;
    int spill;                  /* or -1: the only line, too long for memory, is a file */
};

void parcel_clear(struct parcel *parcel);

/* Add what was added to parcel->bytes from `start` on as a line to a target. */
void parcel_add(struct parcel *parcel, size_t target, size_t start);

/* Let the whole of a file, `length` bytes with its newline, be the only line of an empty parcel, which then owns it. */
void parcel_set_spill(struct parcel *parcel, size_t target, int spill, uint64_t length);

/*
 * Mark those that stand in their topics behind the ends noted in `redriven`, each line
 * there for one of them.  Ends that lie behind the end of their lane are moved there.
 * STATUS_IO, STATUS_DATA.
 */
int parcel_find(struct store *store, struct parcel *parcel, struct redriven *redriven, struct fault *why);

void parcel_free(struct parcel *parcel);

#endif

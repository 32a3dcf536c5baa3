/* walk.h -- how far one who looks for all lines of a request has come. */
#ifndef WALK_H
#define WALK_H

#include <stddef.h>

/* { 0 } at first; what is in it belongs to the store. */
struct walk {
    unsigned run;
    size_t step;                /* in that run of the index */
    size_t recent;              /* in memory */
    size_t lines;               /* that were read, also those of other requests: see journal_next() */
};

#endif

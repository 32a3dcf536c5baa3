/*
 * recent.h -- files that were met lately, by the time they changed last.
 *
 * For who may have missed some: everything that changed before recent_since() was
 * met, and which of the files that changed since were is remembered.
 */
#ifndef RECENT_H
#define RECENT_H

#include <time.h>

#include "store/file/index.h"

/* In two parts, so that the older can be forgotten. */
struct recent {
    struct recent_part {
        struct index files;     /* by request; in place of an offset when they changed */
        struct timespec start;
    } now, before;
};

/* From now on. */
void recent_start(struct recent *recent);

/* What changed until now was met: some seconds later it is forgotten. */
void recent_rest(struct recent *recent);

/* Meet a file: false if it was met before, unchanged. */
bool recent_meet(struct recent *recent, struct slice request, const struct timespec *changed);

/* What changed before this time was met. */
struct timespec recent_since(const struct recent *recent);

bool recent_before(const struct timespec *a, const struct timespec *b);
void recent_free(struct recent *recent);

#endif

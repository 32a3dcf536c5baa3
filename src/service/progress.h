/*
 * progress.h -- bytes that are read, shown on a terminal when that takes longer than a second.
 *
 * A thread of its own looks at a counter; without a terminal on standard error there is none.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stdatomic.h>
#include <stdint.h>

struct progress;

/* What is counted, up to `all`; 0 if nobody knows.  NULL if nobody watches; that is allowed below. */
struct progress *progress_begin(const char *command, uint64_t all);

/* Where to count, or NULL. */
atomic_ullong *progress_counter(struct progress *progress);

/* Take the line away, until progress_show(), so that something else can be written there. */
void progress_hide(struct progress *progress);
void progress_show(struct progress *progress);

void progress_end(struct progress *progress);

#endif

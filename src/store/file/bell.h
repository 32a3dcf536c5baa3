/*
 * bell.h -- be woken when something changes in directories (inotify(7)).
 *
 * Where the system gives no more inotify instances, who waits looks every
 * BELL_LOOK_MILLISECONDS.
 */
#ifndef BELL_H
#define BELL_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/inotify.h>

#include "base/fault.h"

enum { BELL_LOOK_MILLISECONDS = 10 };

struct bell {
    int fd;                     /* or -1: look again and again */
};

/* STATUS_IO if there is none; the bell can be used all the same. */
int bell_open(struct bell *bell, struct fault *why);

/*
 * Ring on these events of a directory, which may be missing.  Once more does no harm.
 * STATUS_IO if the system gives no more watches: from then on the bell looks again and again.
 */
int bell_watch(struct bell *bell, int directory, uint32_t events, struct fault *why);

/*
 * Wait for the bell or one of the descriptors, at most `milliseconds` (-1: for ever);
 * ready[0] is filled in for the bell.  The bell is silent afterwards.
 * 1 if there may be something, 0 when the time is up, -1 with errno.
 */
int bell_wait(struct bell *bell, struct pollfd *ready, size_t count, int milliseconds);

void bell_close(struct bell *bell);

#endif

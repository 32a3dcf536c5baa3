/*
 * tracer.h -- what happened to a request, looked for by a process of its own.
 *
 * All topics are searched for it, which may take a while: who shows a screen goes on meanwhile,
 * and what that process says of damage comes with its answer, not onto the screen.
 */
#ifndef TRACER_H
#define TRACER_H

#include <sys/types.h>

#include "base/text.h"
#include "store/store.h"

/* { .fd = -1 } at first. */
struct tracer {
    int fd;                     /* readable when there is more; or -1 */
    pid_t process;
    struct buffer text;         /* what was found so far */
};

/* Begin, instead of what was begun before.  STATUS_IO. */
int tracer_begin(struct tracer *tracer, struct store *store, struct slice request, struct fault *why);

/* Take what is there.  At the end fd is -1. */
void tracer_read(struct tracer *tracer);

/* Come to an end, whether all was found or not.  The text is kept until the next begins: tracer_free(). */
void tracer_end(struct tracer *tracer);
void tracer_free(struct tracer *tracer);

#endif

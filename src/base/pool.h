/*
 * pool.h -- the same work on many things, by several threads, in any order.
 */
#ifndef POOL_H
#define POOL_H

#include <stddef.h>

/* Call work(context, i) once for each i below count; back when all are done. */
void pool_run(size_t threads, size_t count, void (*work)(void *context, size_t i), void *context);

/* How many processors this process may use. */
size_t pool_processors(void);

#endif

/* pool.c -- the same work on many things, by several threads. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "base/bytes.h"
#include "base/pool.h"

enum { THREADS_MAX = 256 };

struct pool {
    atomic_size_t next;
    size_t count;
    void (*work)(void *context, size_t i);
    void *context;
};

static void *
run(void *argument)
{
    struct pool *pool = argument;
    size_t i;

    while ((i = atomic_fetch_add(&pool->next, 1)) < pool->count)
        pool->work(pool->context, i);
    return NULL;
}

void
pool_run(size_t threads, size_t count, void (*work)(void *context, size_t i), void *context)
{
    struct pool pool = { .count = count, .work = work, .context = context };
    pthread_t others[THREADS_MAX];
    size_t started = 0;

    while (started + 1 < threads && started + 1 < count && started < THREADS_MAX
           && pthread_create(&others[started], NULL, run, &pool) == 0)
        started++;
    (void)run(&pool);
    while (started > 0)
        (void)pthread_join(others[--started], NULL);
}

size_t
pool_processors(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? (size_t)CPU_COUNT(&set) : 1;
}

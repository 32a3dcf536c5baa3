/* progress.c -- bytes that are read, shown on a terminal. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/bytes.h"
#include "base/moment.h"
#include "service/display.h"
#include "service/progress.h"

enum { PATIENCE = 1000, TICK = 100 };   /* milliseconds */

struct progress {
    const char *command;
    uint64_t all;
    atomic_ullong done;
    pthread_t thread;
    pthread_mutex_t mutex;      /* of what follows, and of the terminal */
    pthread_cond_t ended;
    struct display display;
    bool end, hidden;
};

static void
show(struct progress *progress)
{
    unsigned long long done = atomic_load(&progress->done), all = progress->all;

    if (progress->hidden)
        return;
    if (all == 0)
        display_show(&progress->display, "%s: %llu bytes", progress->command, done);
    else
        display_show(&progress->display, "%s: %llu of %llu bytes, %llu%%", progress->command, done < all ? done : all,
                     all, done < all ? (unsigned long long)((double)done / (double)all * 100) : 100ULL);
}

static void *
watch(void *context)
{
    struct progress *progress = context;
    const int64_t began = steady_milliseconds();
    struct timespec until;

    (void)pthread_mutex_lock(&progress->mutex);
    while (!progress->end) {
        if (steady_milliseconds() - began >= PATIENCE)
            show(progress);
        (void)clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += TICK * 1000000L;
        until.tv_sec += until.tv_nsec / 1000000000L;
        until.tv_nsec %= 1000000000L;
        (void)pthread_cond_timedwait(&progress->ended, &progress->mutex, &until);
    }
    display_erase(&progress->display);
    (void)pthread_mutex_unlock(&progress->mutex);
    return NULL;
}

static void
release(struct progress *progress)
{
    (void)pthread_mutex_destroy(&progress->mutex);
    (void)pthread_cond_destroy(&progress->ended);
    free(progress);
}

struct progress *
progress_begin(const char *command, uint64_t all)
{
    struct display display = display_begin();
    pthread_condattr_t attributes;
    struct progress *progress;

    if (!display.wanted)
        return NULL;
    progress = memory_zeroed(1, sizeof *progress);
    progress->command = command;
    progress->all = all;
    progress->display = display;
    (void)pthread_mutex_init(&progress->mutex, NULL);
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&progress->ended, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    if (pthread_create(&progress->thread, NULL, watch, progress) == 0)
        return progress;
    release(progress);
    return NULL;
}

atomic_ullong *
progress_counter(struct progress *progress)
{
    return progress != NULL ? &progress->done : NULL;
}

void
progress_hide(struct progress *progress)
{
    if (progress == NULL)
        return;
    (void)pthread_mutex_lock(&progress->mutex);
    display_erase(&progress->display);
    progress->hidden = true;
    (void)pthread_mutex_unlock(&progress->mutex);
}

void
progress_show(struct progress *progress)
{
    if (progress == NULL)
        return;
    (void)pthread_mutex_lock(&progress->mutex);
    progress->hidden = false;
    (void)pthread_mutex_unlock(&progress->mutex);
}

void
progress_end(struct progress *progress)
{
    if (progress == NULL)
        return;
    (void)pthread_mutex_lock(&progress->mutex);
    progress->end = true;
    (void)pthread_cond_signal(&progress->ended);
    (void)pthread_mutex_unlock(&progress->mutex);
    (void)pthread_join(progress->thread, NULL);
    release(progress);
}

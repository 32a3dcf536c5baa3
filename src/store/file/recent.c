/*
 * recent.c -- files that were met lately, by the time they changed last.
 *
 * The time is that of the clock which the system stamps files with, coarse, so
 * that no file changes later and has an earlier time.  A name may come to be seen
 * a moment after that: hence the seconds for which what was met is remembered.
 */
#include "store/file/recent.h"

enum { REMEMBERED_SECONDS = 2 };

/* In the 60 bits that an index has for it. */
static uint64_t
stamp(const struct timespec *time)
{
    return ((uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_nsec) & (UINT64_MAX >> 4);
}

static bool
was_met(const struct recent_part *part, struct slice request, const struct timespec *changed)
{
    struct index_hit hit;
    size_t step = 0;

    while (index_next(&part->files, request, &step, &hit))
        if (hit.offset == stamp(changed))
            return true;
    return false;
}

bool
recent_before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

void
recent_start(struct recent *recent)
{
    *recent = (struct recent){ .now = { .start = { 0 } } };
    (void)clock_gettime(CLOCK_REALTIME_COARSE, &recent->now.start);
    recent->before.start = recent->now.start;
}

void
recent_rest(struct recent *recent)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
    if (recent_before(&now, &recent->now.start))        /* it was set back: rather twice than never */
        recent->now.start = recent->before.start = now;
    if (now.tv_sec - recent->now.start.tv_sec <= REMEMBERED_SECONDS)
        return;
    index_clear(&recent->before.files);
    recent->before = recent->now;
    recent->now = (struct recent_part){ .start = now };
}

bool
recent_meet(struct recent *recent, struct slice request, const struct timespec *changed)
{
    if (was_met(&recent->now, request, changed) || was_met(&recent->before, request, changed))
        return false;
    index_add(&recent->now.files, request, ORDER_CREATED, stamp(changed));
    return true;
}

struct timespec
recent_since(const struct recent *recent)
{
    return recent->before.start;
}

void
recent_free(struct recent *recent)
{
    index_clear(&recent->now.files);
    index_clear(&recent->before.files);
}

/*
 * result_follow.c -- every result that appears, as inotify(7) tells.
 *
 * A result that is a file is read when its name appears.  Of a pack it is known
 * how far it was read, so of its events only that there were some matters.
 *
 * Where events were lost (the queue of the system is full) or cannot be had, files
 * are looked for by the time of their last change, that of their appearance: from
 * a time when nothing was waiting.
 */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "base/text.h"
#include "store/file/packs.h"
#include "store/file/pack_file.h"
#include "store/file/recent.h"
#include "store/file/follow_watch.h"

struct result_follow {
    struct store *store;
    struct follow_watch watch;
    int output;
    int results;                /* the watch of the results/ that is known */
    bool lost;                  /* files that changed at `since` or later have to be looked for */
    struct timespec since;
    struct recent recent;       /* the files that were shown */
    bool changed[PACK_COUNT];
    struct pack packs[PACK_COUNT];
};

/* Where the lines of a pack go. */
struct showing {
    struct result_follow *follow;
    struct buffer *lines;
    unsigned pack;
};

static void
look_for(struct result_follow *follow, struct timespec since)
{
    if (!follow->lost || recent_before(&since, &follow->since))
        follow->since = since;
    follow->lost = true;
}

static int
show_file(struct result_follow *follow, struct slice request, struct buffer *lines, struct fault *why)
{
    size_t start = lines->length;
    struct arena arena = { 0 };
    struct timespec changed;
    struct result result;
    int found = result_get_file(follow->store, request, lines, &arena, &result, &changed, why);

    if (found > 0 && !recent_meet(&follow->recent, request, &changed))
        lines->length = start;
    if (found == 0)                     /* it was packed meanwhile, where it is not new, or deleted */
        found = packs_get(follow->store, request, lines, &arena, &result, why);
    arena_reset(&arena);
    return found < 0 && why->status != STATUS_DATA ? -1 : 0;
}

/* A result that stands in a file as well is one, and was shown as a file. */
static void
show_line(void *context, struct slice line)
{
    const struct showing *showing = context;
    struct buffer *lines = showing->lines;
    size_t start = lines->length;
    struct arena arena = { 0 };
    struct timespec ignored;
    struct slice request;
    struct result result;
    struct fault why;

    if (!result_request(line, &request) || pack_of(request) != showing->pack
        || !result_is(line, request, &arena, &result))
        goto done;
    if (result_get_file(showing->follow->store, request, lines, &arena, &result, &ignored, &why) <= 0)
        buffer_slice(lines, line);
    else
        lines->length = start;
done:
    arena_reset(&arena);
}

static int
show_packs(struct result_follow *follow, struct buffer *lines, struct fault *why)
{
    for (unsigned i = 0; i < PACK_COUNT; i++) {
        struct showing showing = { follow, lines, i };

        if (follow->changed[i] && pack_read(follow->store, i, &follow->packs[i], show_line, &showing, why) != 0
            && why->status != STATUS_DATA)
            return -1;
        follow->changed[i] = false;
    }
    return 0;
}

/* Something has this name in results/. */
static int
show_name(struct result_follow *follow, const char *name, bool is_new, struct buffer *lines, struct fault *why)
{
    unsigned pack = pack_named(name);
    struct slice request;

    if (pack < PACK_COUNT)
        follow->changed[pack] = true;
    return is_new && result_file_named(name, &request) ? show_file(follow, request, lines, why) : 0;
}

static int
look_at_all(struct result_follow *follow, struct buffer *lines, struct fault *why)
{
    int fd = io_open(follow->store->directory, "results", O_RDONLY | O_DIRECTORY | IO_FOLLOW, 0), result = 0;
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    struct stat status;

    follow->lost = false;
    if (directory == NULL) {
        result = errno == ENOENT ? 0 : store_open_fault(follow->store, "results", why);
        io_close(&fd);
        return result;
    }
    while (result == 0 && (errno = 0, entry = readdir(directory)) != NULL)
        if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0)
            result = show_name(follow, entry->d_name, !recent_before(&status.st_ctim, &follow->since), lines, why);
    if (result == 0 && errno != 0)
        result = fault_system(why, STATUS_IO, "%s: cannot read", store_path(follow->store, "results"));
    (void)closedir(directory);
    return result;
}

/* Some of the events that are waiting: 1, 0 if there are none, or -1. */
static int
take_events(struct result_follow *follow, struct buffer *lines, struct fault *why)
{
    _Alignas(struct inotify_event) char events[16384];
    ssize_t got = follow->watch.fd < 0 ? 0 : io_read(follow->watch.fd, events, sizeof events);

    if (got < 0 && errno != EAGAIN)
        return fault_system(why, STATUS_IO, "cannot read what is watched");
    if (got <= 0)
        return 0;
    for (const char *at = events; at < events + got;) {
        const struct inotify_event *event = (const void *)at;

        if (event->mask & IN_Q_OVERFLOW)
            look_for(follow, recent_since(&follow->recent));
        if (event->len > 0 && show_name(follow, event->name, true, lines, why) != 0)
            return -1;
        at += sizeof *event + event->len;
    }
    return 1;
}

/* Not woken: look at all packs, and for files if results/ has changed. */
static void
look_again(struct result_follow *follow)
{
    struct timespec since = recent_since(&follow->recent);
    struct stat status;

    memset(follow->changed, true, sizeof follow->changed);
    if (fstatat(follow->store->directory, "results", &status, 0) == 0 && !recent_before(&status.st_mtim, &since))
        look_for(follow, since);
}

/* Nothing is waiting.  A results/ that was not there before is all new. */
static int
look_around(struct result_follow *follow, struct fault *why)
{
    recent_rest(&follow->recent);
    if (follow->watch.fd < 0)
        look_again(follow);
    if (follow_watch_renew(&follow->watch, why) != 0)
        return -1;
    if (follow->watch.results >= 0 && follow->watch.results != follow->results)
        look_for(follow, (struct timespec){ 0 });
    follow->results = follow->watch.results;
    return 0;
}

/* 1, 0 when the output has no reader any more, or -1. */
static int
wait_for_more(const struct result_follow *follow, struct fault *why)
{
    struct pollfd ready[] = { { .fd = follow->watch.fd, .events = POLLIN }, { .fd = follow->output } };

    if (poll(ready, 2, follow->watch.fd < 0 ? BELL_LOOK_MILLISECONDS : -1) < 0 && errno != EINTR)
        return fault_system(why, STATUS_IO, "cannot wait");
    return ready[1].revents == 0;
}

int
result_follow_next(struct result_follow *follow, struct buffer *lines, struct fault *why)
{
    size_t start = lines->length;

    for (;;) {
        int more = take_events(follow, lines, why);

        if (more < 0 || (more == 0 && look_around(follow, why) != 0))
            return -1;
        if (follow->lost && look_at_all(follow, lines, why) != 0)
            return -1;
        if (show_packs(follow, lines, why) != 0)
            return -1;
        if (lines->length > start)
            return 1;
        if (more == 0) {
            more = wait_for_more(follow, why);
            if (more <= 0)
                return more;
        }
    }
}

/*
 * Packs first, then the watches, so that who sees a process watch knows that it
 * misses nothing from then on.
 */
int
result_follow(struct store *store, int output, struct result_follow **out, struct fault *why)
{
    struct result_follow *follow = memory_zeroed(1, sizeof *follow);
    bool there = faccessat(store->directory, "results", F_OK, 0) == 0;
    struct fault ignored;       /* reading on meets it again */

    follow->store = store;
    follow->output = output;
    recent_start(&follow->recent);
    for (unsigned i = 0; i < PACK_COUNT; i++) {
        follow->changed[i] = true;
        (void)pack_skip(store, i, &follow->packs[i], &ignored);
    }
    *out = follow;
    if (follow_watch_open(&follow->watch, store, why) != 0)
        return -1;
    follow->results = there ? follow->watch.results : -1;
    return 0;
}

void
result_unfollow(struct result_follow *follow)
{
    if (follow == NULL)
        return;
    io_close(&follow->watch.fd);
    for (size_t i = 0; i < PACK_COUNT; i++)
        pack_forget(&follow->packs[i]);
    recent_free(&follow->recent);
    free(follow);
}

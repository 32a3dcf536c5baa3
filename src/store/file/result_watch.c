/*
 * result_watch.c -- be woken when a result may have come, by inotify(7).
 *
 * results/ may be deleted and made again at any time, so the store is watched for
 * it, and results/ for results.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/inotify.h>

#include "store/file/result_watch.h"

enum { IN_NAMED = IN_CREATE | IN_MOVED_TO };

int
result_watch_renew(struct result_watch *watch, struct fault *why)
{
    if (watch->fd < 0)
        return 0;
    if (inotify_add_watch(watch->fd, watch->store->setting.name, IN_NAMED) < 0 && errno != ENOENT)
        return fault_system(why, STATUS_IO, "%s: cannot watch", watch->store->setting.name);
    watch->results = inotify_add_watch(watch->fd, store_path(watch->store, "results"),
                                       IN_NAMED | IN_CLOSE_WRITE);
    if (watch->results < 0 && errno != ENOENT)
        return fault_system(why, STATUS_IO, "%s: cannot watch", store_path(watch->store, "results"));
    return 0;
}

int
result_watch(struct store *store, struct result_watch **out, struct fault *why)
{
    struct result_watch *watch = memory_new(sizeof *watch);
    int result = -1;

    *watch = (struct result_watch){ store, inotify_init1(IN_CLOEXEC | IN_NONBLOCK), -1 };
    if (watch->fd < 0)
        (void)fault_system(why, STATUS_IO, "cannot watch");
    else
        result = result_watch_renew(watch, why);
    if (result != 0) {
        io_close(&watch->fd);
        (void)fault_at(why, "looking every %d ms", LOOK_AGAIN_MILLISECONDS);
    }
    *out = watch;
    return result;
}

int
result_wait(struct result_watch *watch, int milliseconds, struct fault *why)
{
    char events[4096];
    struct pollfd ready = { .fd = watch->fd, .events = POLLIN };
    bool woken = watch->fd >= 0;
    int count;

    if (!woken && (milliseconds < 0 || milliseconds > LOOK_AGAIN_MILLISECONDS))
        milliseconds = LOOK_AGAIN_MILLISECONDS;
    count = poll(&ready, 1, milliseconds);
    if (count < 0 && errno != EINTR)
        return fault_system(why, STATUS_IO, "cannot wait");
    if (!woken)
        return 1;
    while (read(watch->fd, events, sizeof events) > 0)
        continue;
    if (result_watch_renew(watch, why) != 0)
        return -1;
    return count > 0 ? 1 : 0;
}

void
result_unwatch(struct result_watch *watch)
{
    if (watch == NULL)
        return;
    io_close(&watch->fd);
    free(watch);
}

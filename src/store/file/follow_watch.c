/*
 * follow_watch.c -- sees which results come, by inotify(7).
 *
 * results/ may be deleted and made again at any time, so the store is watched for
 * it, and results/ for results.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/inotify.h>

#include "store/file/follow_watch.h"

/*
 * Without IN_MASK_ADD who watches a directory once more watches nothing for a moment, and what
 * comes just then is lost (Linux, inotify_update_existing_watch()).
 */
enum { IN_NAMED = IN_CREATE | IN_MOVED_TO | IN_MASK_ADD };

int
follow_watch_renew(struct follow_watch *watch, struct fault *why)
{
    char results[PATH_MAX];

    if (watch->fd < 0)
        return 0;
    (void)snprintf(results, sizeof results, "%s/results", watch->store->setting.name);
    if (inotify_add_watch(watch->fd, watch->store->setting.name, IN_NAMED) < 0 && errno != ENOENT)
        return fault_system(why, STATUS_IO, "%s: cannot watch", watch->store->setting.name);
    watch->results = inotify_add_watch(watch->fd, results, IN_NAMED | IN_CLOSE_WRITE);
    if (watch->results < 0 && errno != ENOENT)
        return fault_system(why, STATUS_IO, "%s: cannot watch", results);
    return 0;
}

int
follow_watch_open(struct follow_watch *watch, struct store *store, struct fault *why)
{
    int result = -1;

    *watch = (struct follow_watch){ store, inotify_init1(IN_CLOEXEC | IN_NONBLOCK), -1 };
    if (watch->fd < 0)
        (void)fault_system(why, STATUS_IO, "cannot watch");
    else
        result = follow_watch_renew(watch, why);
    if (result != 0) {
        io_close(&watch->fd);
        (void)fault_at(why, "looking every %d ms", BELL_LOOK_MILLISECONDS);
    }
    return result;
}

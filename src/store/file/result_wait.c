/*
 * result_wait.c -- be woken when a result may have come, by dnotify (F_NOTIFY of fcntl(2)).
 *
 * Which file it was does not matter here, and who waits often ends at once: the kernel
 * takes some 10 ms to let an inotify instance go, and no time for this.  The signal
 * stays blocked, and pending until it is waited for, so none is missed.
 *
 * results/ may be deleted and made again at any time, so the store is watched for it.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "store/file/bell.h"
#include "store/file/store_file.h"
#include "store/result.h"

struct result_watch {
    struct store *store;
    int directory, results;     /* watched, or -1 */
    bool woken;                 /* else: look again and again */
};

static const unsigned named = DN_CREATE | DN_RENAME | DN_MULTISHOT;

static void
only_signal(sigset_t *set)
{
    (void)sigemptyset(set);
    (void)sigaddset(set, SIGIO);
}

/* Watch a directory, if it is there; another one by its name than before is another one. */
static int
watch_directory(const struct store *store, const char *name, int *fd, unsigned events)
{
    struct stat status, now;

    if (*fd >= 0 && fstat(*fd, &status) == 0 && fstatat(store->directory, name, &now, AT_SYMLINK_NOFOLLOW) == 0
        && now.st_ino == status.st_ino && now.st_dev == status.st_dev)
        return 0;
    io_close(fd);
    *fd = io_open(store->directory, name, O_RDONLY | O_DIRECTORY, 0);
    if (*fd < 0)
        return errno == ENOENT ? 0 : -1;
    return fcntl(*fd, F_NOTIFY, events);
}

static int
renew(struct result_watch *watch, struct fault *why)
{
    if (watch_directory(watch->store, ".", &watch->directory, named) == 0
        && watch_directory(watch->store, "results", &watch->results, named | DN_MODIFY) == 0)
        return 0;
    watch->woken = false;
    return fault_system(why, STATUS_IO, "looking every %d ms: cannot watch", BELL_LOOK_MILLISECONDS);
}

int
result_watch(struct store *store, struct result_watch **out, struct fault *why)
{
    struct result_watch *watch = memory_new(sizeof *watch);
    sigset_t signal;

    *watch = (struct result_watch){ store, -1, -1, true };
    only_signal(&signal);
    (void)sigprocmask(SIG_BLOCK, &signal, NULL);
    *out = watch;
    return renew(watch, why);
}

int
result_wait(struct result_watch *watch, int milliseconds, struct fault *why)
{
    struct timespec time;
    sigset_t signal;
    int got;

    if (!watch->woken && (milliseconds < 0 || milliseconds > BELL_LOOK_MILLISECONDS))
        milliseconds = BELL_LOOK_MILLISECONDS;
    time = (struct timespec){ milliseconds / 1000, milliseconds % 1000 * 1000000L };
    only_signal(&signal);
    got = sigtimedwait(&signal, NULL, milliseconds >= 0 ? &time : NULL);
    if (got < 0 && errno != EINTR && errno != EAGAIN)
        return fault_system(why, STATUS_IO, "cannot wait");
    if (got < 0 && errno == EAGAIN && watch->woken)
        return 0;
    (void)renew(watch, why);            /* if it cannot be watched any more, we look */
    return 1;
}

void
result_unwatch(struct result_watch *watch)
{
    if (watch == NULL)
        return;
    io_close(&watch->directory);
    io_close(&watch->results);
    free(watch);
}

/* place.c -- where the read models' file is: one process at a time, and a new file in its place. */
#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/io.h"
#include "base/moment.h"
#include "project/place.h"

enum { MODE = 0640, WAIT_MILLISECONDS = 10000, LOOK_MILLISECONDS = 20 };

static int
cannot_create(const struct place *place, const char *behind, struct fault *why)
{
    return fault_system(why, STATUS_CANNOT_CREATE, "%s%s", place->name, behind);
}

/* The file's path without links, even if it is not there yet. */
static bool
resolve(const char *name, char *path)
{
    char *directory, *base;
    char parent[PATH_MAX];
    bool found = false;

    if (realpath(name, path) != NULL)
        return true;
    if (errno != ENOENT)
        return false;
    directory = strdup(name);
    base = strdup(name);
    if (directory != NULL && base != NULL && realpath(dirname(directory), parent) != NULL)
        found = snprintf(path, PATH_MAX, "%s/%s", parent, basename(base)) < PATH_MAX;
    free(directory);
    free(base);
    return found;
}

int
place_find(struct place *out, const char *name, struct fault *why)
{
    *out = (struct place){ .name = name, .lock = -1 };
    if (!resolve(name, out->path))
        return cannot_create(out, "", why);
    if (snprintf(out->journal, PATH_MAX, "%s" PLACE_JOURNAL, out->path) >= PATH_MAX
        || snprintf(out->fresh, PATH_MAX, "%s" PLACE_NEW, out->path) >= PATH_MAX)
        return fault_set(why, STATUS_CANNOT_CREATE, "%s: too long", name);
    return 0;
}

/* Is what is locked still the file of that name? */
static bool
is_there(struct place *place)
{
    struct stat now;

    return fstat(place->lock, &place->status) == 0 && stat(place->path, &now) == 0
        && now.st_ino == place->status.st_ino && now.st_dev == place->status.st_dev;
}

static int
open_lock(struct place *place, bool make, struct fault *why)
{
    place->lock = io_open(AT_FDCWD, place->path, (make ? O_RDWR | O_CREAT : O_RDONLY) | O_NONBLOCK, MODE);
    if (place->lock < 0 && errno == ENOENT && !make)
        return fault_set(why, STATUS_NO_INPUT, "%s: no such database", place->name);
    if (place->lock < 0 || fstat(place->lock, &place->status) != 0)
        return cannot_create(place, "", why);
    if (!S_ISREG(place->status.st_mode))
        return fault_set(why, STATUS_CANNOT_CREATE, "%s: not a regular file", place->name);
    return 0;
}

int
place_lock(struct place *place, bool make, struct fault *why)
{
    static const struct timespec moment = { .tv_nsec = LOOK_MILLISECONDS * 1000000L };
    const int64_t end = steady_milliseconds() + WAIT_MILLISECONDS;

    for (;;) {
        if (place->lock < 0 && open_lock(place, make, why) != 0)
            return -1;
        if (io_lock(place->lock, LOCK_EX | LOCK_NB) == 0) {
            place->locked = is_there(place);
            if (place->locked)
                return 0;
            io_close(&place->lock);     /* it was replaced meanwhile */
        } else if (errno != EWOULDBLOCK) {
            return fault_system(why, STATUS_IO, "%s: cannot lock", place->name);
        } else if (steady_milliseconds() > end) {
            return fault_set(why, STATUS_NOT_YET, "%s: another evproject is at work on it", place->name);
        } else {
            (void)nanosleep(&moment, NULL);
        }
    }
}

static int
sync_directory(const struct place *place, struct fault *why)
{
    int fd = io_open_parent(place->path);
    int result = fd < 0 || fsync(fd) != 0 ? -1 : 0;

    if (result != 0)
        (void)fault_system(why, STATUS_IO, "%s: cannot sync its directory", place->name);
    io_close(&fd);
    return result;
}

int
place_make_journal(const struct place *place, struct fault *why)
{
    int fd = io_open(AT_FDCWD, place->journal, O_WRONLY | O_CREAT | O_EXCL, place->status.st_mode & 0777);

    if (fd < 0)
        return errno == EEXIST ? 0 : cannot_create(place, PLACE_JOURNAL, why);
    io_close(&fd);
    return sync_directory(place, why);
}

int
place_make_fresh(const struct place *place, struct fault *why)
{
    int fd, result;

    place_discard(place);
    fd = io_open(AT_FDCWD, place->fresh, O_RDWR | O_CREAT | O_EXCL, MODE);
    if (fd < 0)
        return cannot_create(place, PLACE_NEW, why);
    /* Who may read the old one may read the new one; only root can give it to another owner. */
    if (fchown(fd, place->status.st_uid, place->status.st_gid) != 0 && errno != EPERM)
        result = -1;
    else
        result = fchmod(fd, place->status.st_mode & 07777);
    if (result != 0)
        (void)cannot_create(place, PLACE_NEW, why);
    io_close(&fd);
    return result;
}

int
place_swap(struct place *place, struct fault *why)
{
    int fd = io_open(AT_FDCWD, place->fresh, O_RDONLY, 0);
    int result = fd < 0 || fsync(fd) != 0 || rename(place->fresh, place->path) != 0 ? -1 : 0;

    if (result != 0)
        (void)fault_system(why, STATUS_IO, "%s" PLACE_NEW, place->name);
    io_close(&fd);
    if (result != 0)
        return -1;
    place->locked = false;              /* nobody waits for us any more: a fresh file is another's now */
    return sync_directory(place, why);
}

void
place_discard(const struct place *place)
{
    if (place->locked)
        (void)unlink(place->fresh);
}

void
place_close(struct place *place)
{
    io_close(&place->lock);
}

/* group_file.c -- where a group is in each lane of a topic. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file/group_file.h"
#include "store/file/topic_file.h"

int
group_open(int topic, struct slice group, bool create)
{
    char path[TOPIC_PATH_BYTES];
    int fd;

    (void)snprintf(path, sizeof path, "groups/%.*s", (int)group.length, group.at);
    fd = io_open(topic, path, O_RDONLY | O_DIRECTORY, 0);
    if (fd >= 0 || errno != ENOENT || !create)
        return fd;
    if ((mkdirat(topic, "groups", STORE_DIRECTORY_MODE) != 0 && errno != EEXIST)
        || (mkdirat(topic, path, STORE_DIRECTORY_MODE) != 0 && errno != EEXIST))
        return -1;
    return io_open(topic, path, O_RDONLY | O_DIRECTORY, 0);
}

static int
open_file(int group, unsigned lane, const char *suffix, int flags)
{
    char name[24];

    (void)snprintf(name, sizeof name, "%u.%s", lane, suffix);
    return io_open(group, name, flags | O_NONBLOCK, STORE_FILE_MODE);
}

/* A file that was deleted is of no use to anybody else. */
static bool
is_there(int fd)
{
    struct stat status;

    return fd >= 0 && fstat(fd, &status) == 0 && status.st_nlink > 0;
}

int
seat_take(struct seat *seat, int group, unsigned lane, bool wait)
{
    for (;;) {
        if (seat->lock < 0)
            seat->lock = open_file(group, lane, "lock", O_RDWR | O_CREAT);
        if (seat->lock < 0)
            return -1;
        if (io_lock(seat->lock, wait ? LOCK_EX : LOCK_EX | LOCK_NB) != 0)
            return errno == EWOULDBLOCK ? 0 : -1;
        if (is_there(seat->lock))
            return 1;
        io_close(&seat->lock);
    }
}

/* The time of the file is set so that who watches the directory is woken: unlocking alone wakes nobody. */
void
seat_leave(struct seat *seat)
{
    (void)io_lock(seat->lock, LOCK_UN);
    (void)futimens(seat->lock, NULL);
}

int
seat_read_offset(struct seat *seat, int group, unsigned lane, struct record *out)
{
    *out = (struct record){ 0 };
    if (!is_there(seat->offset)) {
        io_close(&seat->offset);
        seat->offset = open_file(group, lane, "offset", O_RDWR);
    }
    if (seat->offset < 0 && (errno == EROFS || errno == EACCES))
        seat->offset = open_file(group, lane, "offset", O_RDONLY);
    if (seat->offset < 0)
        return errno == ENOENT ? RECORD_NONE : -1;
    return record_read(seat->offset, out);
}

int
seat_read(struct seat *seat, int group, unsigned lane, struct record *out)
{
    int found = RECORD_NONE;
    uint64_t pid;

    *out = (struct record){ 0 };
    if (seat->lock < 0)
        seat->lock = open_file(group, lane, "lock", O_RDWR);
    if (seat->lock < 0 && (errno == EROFS || errno == EACCES))
        seat->lock = open_file(group, lane, "lock", O_RDONLY);
    if (seat->lock < 0 && errno != ENOENT)
        return -1;
    if (seat->lock >= 0)
        found = record_read(seat->lock, out);
    if (found < 0 || (found == RECORD_FOUND && strcmp(out->boot, record_boot()) == 0))
        return found;
    pid = out->pid;
    found = seat_read_offset(seat, group, lane, out);
    out->pid = pid;
    return found;
}

int
seat_write(struct seat *seat, const struct record *record)
{
    return record_write(seat->lock, record);
}

int
seat_write_offset(struct seat *seat, int group, unsigned lane, const struct record *record)
{
    if (seat->offset < 0)
        seat->offset = open_file(group, lane, "offset", O_RDWR | O_CREAT);
    return seat->offset < 0 ? -1 : record_write(seat->offset, record);
}

int
seat_forget(struct seat *seat, int group, unsigned lane)
{
    char name[24];

    (void)snprintf(name, sizeof name, "%u.offset", lane);
    if (unlinkat(group, name, 0) != 0 && errno != ENOENT)
        return -1;
    return io_truncate(seat->lock, 0);
}

void
seat_close(struct seat *seat)
{
    io_close(&seat->lock);
    io_close(&seat->offset);
}

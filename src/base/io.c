/* io.c -- the one place that reads, writes, syncs and locks file descriptors. */
#include <dirent.h>
#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include "base/io.h"

static int
open_through(int directory, const char *path, int flags, mode_t mode)
{
    int fd;

    do
        fd = openat(directory, path, flags | O_CLOEXEC, mode);
    while (fd < 0 && errno == EINTR);
    return fd;
}

int
io_open(int directory, const char *path, int flags, mode_t mode)
{
    int fd;

    if ((flags & IO_FOLLOW) != 0)
        return open_through(directory, path, flags & ~IO_FOLLOW, mode);
    fd = open_through(directory, path, flags | O_NOFOLLOW | O_NOATIME, mode);
    return fd >= 0 || errno != EPERM ? fd : open_through(directory, path, flags | O_NOFOLLOW, mode);
}

int
io_open_parent(const char *path)
{
    char *copy = strdup(path);
    int fd = copy == NULL ? -1 : io_open(AT_FDCWD, dirname(copy), O_RDONLY | O_DIRECTORY | IO_FOLLOW, 0);

    free(copy);
    return fd;
}

int
io_names(int directory, const char *path, io_visit *visit, void *context)
{
    int fd = io_open(directory, path, O_RDONLY | O_DIRECTORY, 0), result = 0, error;
    DIR *stream = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry = NULL;

    while (stream != NULL && result == 0 && (errno = 0, entry = readdir(stream)) != NULL)
        result = visit(context, entry->d_name);
    error = errno;
    if (entry == NULL && error != 0)
        result = -1;
    if (stream != NULL)
        (void)closedir(stream);
    else
        io_close(&fd);
    errno = error;
    return result;
}

ssize_t
io_read(int fd, void *bytes, size_t length)
{
    ssize_t got;

    do
        got = read(fd, bytes, length);
    while (got < 0 && errno == EINTR);
    return got;
}

ssize_t
io_pread(int fd, void *bytes, size_t length, off_t offset)
{
    size_t done = 0;

    while (done < length) {
        ssize_t got = pread(fd, (char *)bytes + done, length - done, offset + (off_t)done);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

int
io_write(int fd, const void *bytes, size_t length)
{
    const char *at = bytes;

    while (length > 0) {
        ssize_t done = write(fd, at, length);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -1;
        at += done;
        length -= (size_t)done;
    }
    return 0;
}

int
io_pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    size_t done = 0;

    while (done < length) {
        ssize_t wrote = pwrite(fd, (const char *)bytes + done, length - done, offset + (off_t)done);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return -1;
        done += (size_t)wrote;
    }
    return 0;
}

int
io_sync(int fd)
{
    return fdatasync(fd);
}

int
io_sync_all(int fd)
{
    return syncfs(fd);
}

int
io_truncate(int fd, off_t length)
{
    int result;

    do
        result = ftruncate(fd, length);
    while (result != 0 && errno == EINTR);
    return result;
}

int
io_lock(int fd, int operation)
{
    int result;

    do
        result = flock(fd, operation);
    while (result != 0 && errno == EINTR);
    return result;
}

void
io_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
    *fd = -1;
}

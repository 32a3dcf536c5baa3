/*
 * scratch.h -- files for a test, gone when it ends.
 */
#ifndef SCRATCH_H
#define SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/io.h"

/* An empty file without a name, open to read and append.  Ends the program if there is none to be had. */
static inline int
scratch_file(void)
{
    const char *directory = getenv("TMPDIR");
    char path[4096];
    int fd;

    (void)snprintf(path, sizeof path, "%s/eventdemo.XXXXXX", directory != NULL ? directory : "/tmp");
    fd = mkostemp(path, O_APPEND | O_CLOEXEC);
    if (fd < 0 || unlink(path) != 0) {
        perror(path);
        exit(1);
    }
    return fd;
}

/* An empty directory, open; its name in path.  The caller removes it. */
static inline int
scratch_directory(char *path, size_t size)
{
    const char *parent = getenv("TMPDIR");
    int fd;

    (void)snprintf(path, size, "%s/eventdemo.XXXXXX", parent != NULL ? parent : "/tmp");
    fd = mkdtemp(path) != NULL ? io_open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY, 0) : -1;
    if (fd < 0) {
        perror(path);
        exit(1);
    }
    return fd;
}

/* The same file opened once more, with its own offset, flags and locks. */
static inline int
scratch_again(int fd, int flags)
{
    char path[64];

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return io_open(AT_FDCWD, path, flags | IO_FOLLOW, 0);
}

static inline void
scratch_fill(int fd, struct slice bytes)
{
    if (io_truncate(fd, 0) != 0 || io_write(fd, bytes.at, bytes.length) != 0) {
        perror("scratch file");
        exit(1);
    }
}

/* All that is in the file, in *out. */
static inline struct slice
scratch_read(int fd, struct buffer *out)
{
    struct stat status;
    ssize_t got;

    out->length = 0;
    if (fstat(fd, &status) != 0 || (got = io_pread(fd, buffer_reserve(out, (size_t)status.st_size + 1),
                                                   (size_t)status.st_size + 1, 0)) < 0) {
        perror("scratch file");
        exit(1);
    }
    out->length = (size_t)got;
    return (struct slice){ out->at, out->length };
}

#endif

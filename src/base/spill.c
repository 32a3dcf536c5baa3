/* spill.c -- a file without a name. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/spill.h"

const char *
spill_directory(void)
{
    const char *directory = getenv("TMPDIR");

    return directory == NULL || directory[0] == '\0' ? "/var/tmp" : directory;
}

/* Not every file system makes a file without a name at once. */
static int
open_unnamed(const char *directory)
{
    char name[PATH_MAX];
    int fd = io_open(AT_FDCWD, directory, O_TMPFILE | O_RDWR | IO_FOLLOW, 0600);

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
        return fd;
    (void)snprintf(name, sizeof name, "%s/eventdemo.XXXXXX", directory);
    fd = mkostemp(name, O_CLOEXEC);
    if (fd >= 0)
        (void)unlink(name);
    return fd;
}

int
spill_open(struct fault *why)
{
    const char *directory = spill_directory();
    int fd = open_unnamed(directory);

    return fd >= 0 ? fd : fault_system(why, STATUS_IO, "%s: cannot keep a long line", directory);
}

int
spill_write(int spill, struct slice bytes, struct fault *why)
{
    return io_write(spill, bytes.at, bytes.length) == 0 ? 0
        : fault_system(why, STATUS_IO, "%s: cannot keep a long line", spill_directory());
}

int
spill_copy(int spill, int fd)
{
    char bytes[65536];
    off_t offset = 0;
    ssize_t got;

    while ((got = io_pread(spill, bytes, sizeof bytes, offset)) > 0) {
        if (io_write(fd, bytes, (size_t)got) != 0)
            return -1;
        offset += got;
    }
    return (int)got;
}

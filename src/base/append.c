/* append.c -- whole lines behind a file that others append to as well. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/append.h"
#include "base/io.h"
#include "base/spill.h"

/* End a last line that was cut off.  A file that cannot be read is taken to be whole. */
static int
end_last_line(int fd, int own, off_t size)
{
    char last = '\n';

    if (size > 0 && own >= 0 && io_pread(own, &last, 1, size - 1) < 0 && errno != EBADF)
        return -1;
    return last == '\n' ? 0 : io_write(fd, "\n", 1);
}

static int
write_all(int fd, struct slice lines, int spill)
{
    if (io_write(fd, lines.at, lines.length) != 0)
        return -1;
    return spill < 0 ? 0 : spill_copy(spill, fd);
}

/* Under the lock: as if nothing had been written, if that fails. */
static int
append_to_file(int fd, int own, off_t size, struct slice lines, int spill)
{
    const off_t start = lseek(fd, 0, SEEK_CUR);
    int result = end_last_line(fd, own, size), error;

    if (result == 0)
        result = write_all(fd, lines, spill);
    error = errno;
    if (result != 0) {
        (void)io_truncate(fd, size);
        (void)lseek(fd, start, SEEK_SET);
    }
    errno = error;
    return result;
}

int
append_lines(int fd, int own, struct slice lines, int spill)
{
    struct stat status;
    int lock = fd, result, error;

    if (fstat(fd, &status) != 0)
        return -1;
    if (S_ISFIFO(status.st_mode) && own >= 0)
        lock = own;
    if (io_lock(lock, LOCK_EX) != 0)
        return -1;
    if (!S_ISREG(status.st_mode))
        result = write_all(fd, lines, spill);
    else if ((result = fstat(fd, &status)) == 0)
        result = append_to_file(fd, own, status.st_size, lines, spill);
    error = errno;
    (void)io_lock(lock, LOCK_UN);
    errno = error;
    return result;
}

int
append_own(int fd)
{
    char path[32];
    struct stat status;
    int flags = fcntl(fd, F_GETFL), access;

    if (flags < 0 || fstat(fd, &status) != 0)
        return -1;
    if (S_ISFIFO(status.st_mode))
        access = O_WRONLY | O_NONBLOCK;
    else if (S_ISREG(status.st_mode) && (flags & O_APPEND) != 0)
        access = O_RDONLY;
    else
        return -1;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    return io_open(AT_FDCWD, path, access | IO_FOLLOW, 0);
}

/* append.c -- whole lines behind a file that others append to as well. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/append.h"
#include "base/io.h"
#include "base/spill.h"

/* End a last line that was cut off.  A file that is not appended to, or cannot be read, is taken to be whole. */
static int
end_last_line(int fd, int lock, off_t size)
{
    char last = '\n';

    if (size > 0 && lock >= 0 && (fcntl(fd, F_GETFL) & O_APPEND) != 0 && io_pread(lock, &last, 1, size - 1) < 0
        && errno != EBADF)
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
append_to_file(int fd, int lock, off_t size, struct slice lines, int spill)
{
    const off_t start = lseek(fd, 0, SEEK_CUR);
    int result = end_last_line(fd, lock, size), error;

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
append_lines(int fd, int lock, struct slice lines, int spill)
{
    struct stat status;
    int result, error;

    if (lock >= 0 && io_lock(lock, LOCK_EX) != 0)
        return -1;
    result = fstat(fd, &status);
    if (result == 0)
        result = S_ISREG(status.st_mode) ? append_to_file(fd, lock, status.st_size, lines, spill)
                                         : write_all(fd, lines, spill);
    error = errno;
    if (lock >= 0)
        (void)io_lock(lock, LOCK_UN);
    errno = error;
    return result;
}

/* Has somebody with the same open file its lock?  (proc_pid_fdinfo(5)) */
static bool
is_locked(int fd)
{
    char path[40], text[4096];
    int info;
    ssize_t got;

    (void)snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    info = io_open(AT_FDCWD, path, O_RDONLY | IO_FOLLOW, 0);
    got = info < 0 ? -1 : io_pread(info, text, sizeof text - 1, 0);
    io_close(&info);
    text[got > 0 ? got : 0] = '\0';
    return strstr(text, "FLOCK") != NULL;
}

/* The same, opened anew; -1 if it cannot be. */
static int
open_anew(int fd, bool fifo)
{
    char path[40];
    int own;

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (fifo)
        return io_open(AT_FDCWD, path, O_WRONLY | O_NONBLOCK | IO_FOLLOW, 0);
    own = io_open(AT_FDCWD, path, O_RDONLY | IO_FOLLOW, 0);
    return own >= 0 ? own : io_open(AT_FDCWD, path, O_WRONLY | IO_FOLLOW, 0);
}

int
append_lock(int fd, bool inherited)
{
    struct stat status;
    int own;

    if (fstat(fd, &status) != 0 || !(S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode)))
        return -1;
    if (!inherited)
        return fd;
    if (is_locked(fd))
        return -1;
    own = open_anew(fd, S_ISFIFO(status.st_mode));
    return own >= 0 ? own : fd;
}

/* append.c -- whole lines behind a file that others append to as well. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/append.h"
#include "base/io.h"
#include "base/spill.h"

/* End a last line that was cut off.  A file that is not appended to, or cannot be read, is taken to be whole. */
static int
end_last_line(int fd, int own, off_t size)
{
    char last = '\n';

    if (size > 0 && own >= 0 && (fcntl(fd, F_GETFL) & O_APPEND) != 0 && io_pread(own, &last, 1, size - 1) < 0
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
    const int lock = own >= 0 ? own : fd;
    struct stat status;
    int result, error;

    if (io_lock(lock, LOCK_EX) != 0)
        return -1;
    result = fstat(fd, &status);
    if (result == 0)
        result = S_ISREG(status.st_mode) ? append_to_file(fd, own, status.st_size, lines, spill)
                                         : write_all(fd, lines, spill);
    error = errno;
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

int
append_own(int fd)
{
    char path[40];
    struct stat status;
    int own;

    if (fstat(fd, &status) != 0 || !(S_ISREG(status.st_mode) || S_ISFIFO(status.st_mode)) || is_locked(fd))
        return -1;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (S_ISFIFO(status.st_mode))
        return io_open(AT_FDCWD, path, O_WRONLY | O_NONBLOCK | IO_FOLLOW, 0);
    own = io_open(AT_FDCWD, path, O_RDONLY | IO_FOLLOW, 0);
    return own >= 0 ? own : io_open(AT_FDCWD, path, O_WRONLY | IO_FOLLOW, 0);
}

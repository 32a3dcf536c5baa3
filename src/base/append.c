/* append.c -- whole lines behind a file that others append to as well. */
#include <errno.h>
#include <sys/stat.h>

#include "base/append.h"
#include "base/io.h"
#include "base/spill.h"

/* End a last line that was cut off.  A file that is open for writing alone is taken to be whole. */
static int
end_last_line(int fd, off_t size)
{
    char last = '\n';

    if (size > 0 && io_pread(fd, &last, 1, size - 1) < 0 && errno != EBADF)
        return -1;
    return last == '\n' ? 0 : io_write(fd, "\n", 1);
}

int
append_lines(int fd, struct slice lines, int spill)
{
    struct stat status;
    int result, error;

    if (io_lock(fd, LOCK_EX) != 0)
        return -1;
    if (fstat(fd, &status) != 0) {
        error = errno;
        (void)io_lock(fd, LOCK_UN);
        errno = error;
        return -1;
    }
    result = S_ISREG(status.st_mode) ? end_last_line(fd, status.st_size) : 0;
    if (result == 0)
        result = io_write(fd, lines.at, lines.length);
    if (result == 0 && spill >= 0)
        result = spill_copy(spill, fd);
    error = errno;
    if (result != 0 && S_ISREG(status.st_mode))
        (void)io_truncate(fd, status.st_size);
    (void)io_lock(fd, LOCK_UN);
    errno = error;
    return result;
}

/*
 * record_log.h -- the log of record.c: its lock, its records, and what a call is about.
 */
#ifndef RECORD_LOG_H
#define RECORD_LOG_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { HEAD_BYTES = 1024 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static const char *root;
static size_t root_length;
static int log_fd = -1;
static long calls, kill_at;
static bool tear;

/* Where a name is: the inode of its directory. */
struct entry {
    ino_t parent;
    char name[NAME_MAX + 1];
    bool there, known;          /* it exists already; it is under the root */
};

/* -- the log ---------------------------------------------------------------------- */

static void
fail(const char *what)
{
    static const char before[] = "record: ";

    (void)syscall(SYS_write, STDERR_FILENO, before, sizeof before - 1);
    (void)syscall(SYS_write, STDERR_FILENO, what, strlen(what));
    (void)syscall(SYS_write, STDERR_FILENO, "\n", 1);
    abort();
}

static void
lock(void)
{
    (void)pthread_mutex_lock(&mutex);
    while (flock(log_fd, LOCK_EX) != 0)
        if (errno != EINTR)
            fail("cannot lock the log");
}

/* errno is that of the call which was recorded. */
static void
unlock(void)
{
    int error = errno;

    (void)flock(log_fd, LOCK_UN);
    (void)pthread_mutex_unlock(&mutex);
    errno = error;
}

static void
put(const void *bytes, size_t length, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void
put(const void *bytes, size_t length, const char *format, ...)
{
    char head[HEAD_BYTES];
    struct iovec parts[] = { { head, 0 }, { (void *)(size_t)bytes, length } };
    int error = errno, used;
    va_list arguments;

    va_start(arguments, format);
    used = vsnprintf(head, sizeof head, format, arguments);
    va_end(arguments);
    used += snprintf(head + used, sizeof head - (size_t)used, " %zu\n", length);
    parts[0].iov_len = (size_t)used;
    if (syscall(SYS_writev, log_fd, parts, 2L) != (long)((size_t)used + length))
        fail("cannot write the log");
    errno = error;
}

/* The lock is held.  Is it this call's turn to be the last? */
static bool
is_last(void)
{
    return ++calls == kill_at;
}

static void
end_here(void)
{
    (void)raise(SIGKILL);
}

/* -- what is meant ------------------------------------------------------------------ */

static bool
under_root(int fd)
{
    char link[64], path[PATH_MAX];
    ssize_t length;

    if (log_fd < 0)
        return false;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    length = readlink(link, path, sizeof path);
    return length >= (ssize_t)root_length && memcmp(path, root, root_length) == 0
        && (length == (ssize_t)root_length || path[root_length] == '/');
}

/* The inode of what is open. */
static unsigned long
inode(int fd)
{
    struct stat status;

    if (fstat(fd, &status) != 0)
        fail("cannot see what is open");
    return status.st_ino;
}

static bool
is_file(int fd)
{
    struct stat status;

    return under_root(fd) && fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

static struct entry
entry_of(int directory, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = slash != NULL ? slash + 1 : path;
    char parent[PATH_MAX] = ".";
    struct entry entry = { .known = false };
    struct stat status;
    int fd;

    if (slash != NULL)
        (void)snprintf(parent, sizeof parent, "%.*s", slash == path ? 1 : (int)(slash - path), path);
    fd = (int)syscall(SYS_openat, directory, parent, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
    if (fd < 0)
        return entry;
    entry.known = under_root(fd);
    entry.parent = inode(fd);
    entry.there = fstatat(fd, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
    (void)snprintf(entry.name, sizeof entry.name, "%s", name);
    (void)close(fd);
    return entry;
}

static unsigned long
inode_of(int directory, const char *path)
{
    struct stat status;

    if (fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) != 0)
        fail("cannot see what was made");
    return status.st_ino;
}

#endif

/*
 * record.c -- loaded before the C library: writes down what a process changes.
 *
 *     EV_RECORD          the log, appended to
 *     EV_RECORD_ROOT     the directory whose changes are of interest
 *     EV_RECORD_BOOT     a file that is read in place of the system's boot id
 *     EV_RECORD_KILL     N: instead of its Nth change or sync the process kills itself,
 *     EV_RECORD_TEAR     or, if that is a write, in the middle of it
 *
 * A record is a line, and behind that as many bytes as its last number says:
 *
 *     mkdir PARENT NAME INODE 0           rename PARENT NAME PARENT NAME 0
 *     create PARENT NAME INODE 0          unlink PARENT NAME 0
 *     link PARENT NAME INODE 0            truncate INODE LENGTH 0
 *     tmpfile INODE 0                     write INODE OFFSET BYTES
 *     sync INODE 0                        syncall 0
 *     say DESCRIPTOR BYTES
 *
 * Directories and files are told by their inodes.  A call and its record are made
 * under one lock, whoever makes them, so the log has the order of the effects.  What
 * is said (written elsewhere than to a file under the root) is recorded just before,
 * without the lock: a reader may be waited for.
 */
#include "record_log.h"

static int boot_fd = -1;

/* -- files ----------------------------------------------------------------------- */

static int
open_recorded(int directory, const char *path, int flags, mode_t mode)
{
    struct entry entry = { .known = false };
    struct stat status = { .st_size = 0 };
    int fd;

    lock();
    if ((flags & O_TMPFILE) != O_TMPFILE)
        entry = entry_of(directory, path);
    if ((flags & O_TRUNC) != 0)
        (void)fstatat(directory, path, &status, 0);
    if (entry.known && (!entry.there || status.st_size > 0) && is_last())
        end_here();
    fd = (int)syscall(SYS_openat, directory, path, flags, mode);
    if (fd >= 0 && (flags & O_TMPFILE) == O_TMPFILE && under_root(fd))
        put(NULL, 0, "tmpfile %lu", inode(fd));
    else if (fd >= 0 && entry.known && !entry.there)
        put(NULL, 0, "create %lu %s %lu", entry.parent, entry.name, inode(fd));
    else if (fd >= 0 && entry.known && status.st_size > 0)
        put(NULL, 0, "truncate %lu 0", inode(fd));
    unlock();
    return fd;
}

/* Nothing can be made or changed without one of these flags, and opening a FIFO may wait. */
static int
open_any(int directory, const char *path, int flags, mode_t mode)
{
    if (boot_fd >= 0 && strcmp(path, "/proc/sys/kernel/random/boot_id") == 0)
        return fcntl(boot_fd, F_DUPFD_CLOEXEC, 0);
    if (log_fd >= 0 && ((flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_TMPFILE) == O_TMPFILE))
        return open_recorded(directory, path, flags, mode);
    return (int)syscall(SYS_openat, directory, path, flags, mode);
}

static mode_t
mode_in(va_list arguments, int flags)
{
    return (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

int
open(const char *path, int flags, ...)
{
    va_list arguments;
    mode_t mode;

    va_start(arguments, flags);
    mode = mode_in(arguments, flags);
    va_end(arguments);
    return open_any(AT_FDCWD, path, flags, mode);
}

int
openat(int directory, const char *path, int flags, ...)
{
    va_list arguments;
    mode_t mode;

    va_start(arguments, flags);
    mode = mode_in(arguments, flags);
    va_end(arguments);
    return open_any(directory, path, flags, mode);
}

/* Where a write to a file ended tells where it began, also if the file is appended to. */
static ssize_t
write_recorded(int fd, const void *bytes, size_t length, off_t at)
{
    ssize_t done;
    bool last;

    lock();
    last = is_last();
    if (last && !tear)
        end_here();
    length = last ? length / 2 : length;
    done = at < 0 ? syscall(SYS_write, fd, bytes, length) : syscall(SYS_pwrite64, fd, bytes, length, at);
    if (at < 0 && done >= 0)
        at = lseek(fd, 0, SEEK_CUR) - done;
    if (done > 0)
        put(bytes, (size_t)done, "write %lu %lld", inode(fd), (long long)at);
    if (last)
        end_here();
    unlock();
    return done;
}

static void
say(int fd, const void *bytes, size_t length)
{
    if (log_fd < 0)
        return;
    (void)pthread_mutex_lock(&mutex);
    put(bytes, length, "say %d", fd);
    (void)pthread_mutex_unlock(&mutex);
}

ssize_t
write(int fd, const void *bytes, size_t length)
{
    if (is_file(fd))
        return write_recorded(fd, bytes, length, -1);
    say(fd, bytes, length);
    return syscall(SYS_write, fd, bytes, length);
}

ssize_t
pwrite(int fd, const void *bytes, size_t length, off_t offset)
{
    if (is_file(fd))
        return write_recorded(fd, bytes, length, offset);
    return syscall(SYS_pwrite64, fd, bytes, length, offset);
}

int
ftruncate(int fd, off_t length)
{
    int result;

    if (!is_file(fd))
        return (int)syscall(SYS_ftruncate, fd, length);
    lock();
    if (is_last())
        end_here();
    result = (int)syscall(SYS_ftruncate, fd, length);
    if (result == 0)
        put(NULL, 0, "truncate %lu %lld", inode(fd), (long long)length);
    unlock();
    return result;
}

static int
sync_recorded(long call, int fd)
{
    int result;

    if (!under_root(fd))
        return (int)syscall(call, fd);
    lock();
    if (is_last())
        end_here();
    result = (int)syscall(call, fd);
    if (result == 0 && call == SYS_syncfs)
        put(NULL, 0, "syncall");
    else if (result == 0)
        put(NULL, 0, "sync %lu", inode(fd));
    unlock();
    return result;
}

int fsync(int fd) { return sync_recorded(SYS_fsync, fd); }

int fdatasync(int fd) { return sync_recorded(SYS_fdatasync, fd); }

int syncfs(int fd) { return sync_recorded(SYS_syncfs, fd); }

/* -- names --------------------------------------------------------------------------- */

int
mkdirat(int directory, const char *path, mode_t mode)
{
    struct entry entry;
    int result;

    if (log_fd < 0)
        return (int)syscall(SYS_mkdirat, directory, path, mode);
    lock();
    entry = entry_of(directory, path);
    if (entry.known && !entry.there && is_last())
        end_here();
    result = (int)syscall(SYS_mkdirat, directory, path, mode);
    if (result == 0 && entry.known)
        put(NULL, 0, "mkdir %lu %s %lu", entry.parent, entry.name, inode_of(directory, path));
    unlock();
    return result;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

int
linkat(int from, const char *old, int to, const char *new, int flags)
{
    struct entry entry;
    int result;

    if (log_fd < 0)
        return (int)syscall(SYS_linkat, from, old, to, new, flags);
    lock();
    entry = entry_of(to, new);
    if (entry.known && !entry.there && is_last())
        end_here();
    result = (int)syscall(SYS_linkat, from, old, to, new, flags);
    if (result == 0 && entry.known)
        put(NULL, 0, "link %lu %s %lu", entry.parent, entry.name, inode_of(to, new));
    unlock();
    return result;
}

int
renameat(int from, const char *old, int to, const char *new)
{
    struct entry before, after;
    int result;

    if (log_fd < 0)
        return (int)syscall(SYS_renameat, from, old, to, new);
    lock();
    before = entry_of(from, old);
    after = entry_of(to, new);
    if (before.known != after.known)
        fail("a file is moved over the border of what is recorded");
    if (before.known && is_last())
        end_here();
    result = (int)syscall(SYS_renameat, from, old, to, new);
    if (result == 0 && before.known)
        put(NULL, 0, "rename %lu %s %lu %s", before.parent, before.name, after.parent, after.name);
    unlock();
    return result;
}

int
unlinkat(int directory, const char *path, int flags)
{
    struct entry entry;
    int result;

    if (log_fd < 0)
        return (int)syscall(SYS_unlinkat, directory, path, flags);
    lock();
    entry = entry_of(directory, path);
    if (entry.known && entry.there && is_last())
        end_here();
    result = (int)syscall(SYS_unlinkat, directory, path, flags);
    if (result == 0 && entry.known)
        put(NULL, 0, "unlink %lu %s", entry.parent, entry.name);
    unlock();
    return result;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }

/* -- the beginning ------------------------------------------------------------------------ */

static ssize_t
print(void *unused, const char *bytes, size_t length)
{
    ssize_t done;

    (void)unused;
    done = write(STDOUT_FILENO, bytes, length);
    return done > 0 ? done : 0;
}

/* The C library's own stream writes past write(2) as it is here. */
static void
take_stdout(void)
{
    static const cookie_io_functions_t functions = { .write = print };
    FILE *stream = fopencookie(NULL, "w", functions);

    if (stream == NULL)
        fail("no standard output");
    stdout = stream;
}

__attribute__((constructor)) static void
begin(void)
{
    const char *path = getenv("EV_RECORD"), *number = getenv("EV_RECORD_KILL"), *boot = getenv("EV_RECORD_BOOT");

    root = getenv("EV_RECORD_ROOT");
    if (path == NULL || root == NULL)
        return;
    root_length = strlen(root);
    kill_at = number != NULL ? strtol(number, NULL, 10) : 0;
    tear = getenv("EV_RECORD_TEAR") != NULL;
    log_fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (boot != NULL)
        boot_fd = (int)syscall(SYS_openat, AT_FDCWD, boot, O_RDONLY | O_CLOEXEC, 0);
    if (log_fd < 0 || (boot != NULL && boot_fd < 0))
        fail("cannot open the log, or what stands for the boot id");
    take_stdout();
}

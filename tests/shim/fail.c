/*
 * fail.c -- loaded before the C library, breaks one call that a command makes.
 *
 *   FAIL_CALLS  which calls count, by their names, commas between them
 *   FAIL_PATH   of these only calls on a file that has this in its name, if any is given
 *   FAIL_AT     which of them is broken, from 1, those of all threads counted together;
 *               without it none is, and each is told of in the log
 *   FAIL_HOW    what becomes of it:
 *                 ENOSPC        it does nothing and fails so; EIO, EINTR ... as well
 *                 short         a part is done: half of a write, 7 bytes of a read
 *                 deleted       its file is deleted before it is done
 *                 kill-before   the process is killed there
 *                 kill-halfway  ... when a part is done
 *                 kill-after    ... when all is done
 *   FAIL_THEN   an error with which all that follow fail
 *   FAIL_LOG    a file that gets a line for the call that was broken: N CALL NAME.
 *               One that has no part (too little to read or write) is left alone, and
 *               told of as CALL-whole
 *
 * What the C library calls within itself is not seen: to write standard output is such
 * a call, of stdio.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { NO_FILE = -1, PATH_BYTES = 2 * PATH_MAX, READ_PART = 7, LOG_FILE = 900 };

enum deed { NOTHING, FAIL, PART, DELETE, KILL_BEFORE, KILL_HALFWAY, KILL_AFTER };

/* What the environment says; nothing is counted before it is read. */
static struct {
    const char *calls, *path;
    unsigned long at;
    int log;                    /* or -1 */
    enum deed deed;
    int error, then;
} plan;

static atomic_bool ready;
static atomic_ulong count;

static const struct {
    const char *name;
    enum deed deed;
    int error;
} deeds[] = {
    { "EIO", FAIL, EIO },       { "ENOSPC", FAIL, ENOSPC }, { "EDQUOT", FAIL, EDQUOT }, { "EMFILE", FAIL, EMFILE },
    { "EINTR", FAIL, EINTR },   { "ENOMEM", FAIL, ENOMEM }, { "ENOLCK", FAIL, ENOLCK }, { "EAGAIN", FAIL, EAGAIN },
    { "short", PART, 0 },       { "deleted", DELETE, 0 },
    { "kill-before", KILL_BEFORE, 0 },                      { "kill-halfway", KILL_HALFWAY, 0 },
    { "kill-after", KILL_AFTER, 0 },
};

/* A deed by its name; an empty one or none does nothing. */
static enum deed
deed_named(const char *variable, int *error)
{
    const char *name = getenv(variable);

    if (name == NULL || name[0] == '\0')
        return NOTHING;
    for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
        if (strcmp(name, deeds[i].name) == 0) {
            *error = deeds[i].error;
            return deeds[i].deed;
        }
    }
    (void)fprintf(stderr, "fail.so: %s: %s: not known\n", variable, name);
    _exit(99);
}

/*
 * By the kernel itself, so that it is not a call that is counted.  It is opened before the
 * command may give up its right to, and out of the way of the files that the command opens.
 */
static int
open_log(const char *name)
{
    int fd = name == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, name, O_WRONLY | O_APPEND | O_CREAT, 0644), high;

    if (fd < 0)
        return -1;
    high = (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, LOG_FILE);
    (void)syscall(SYS_close, fd);
    return high;
}

__attribute__((constructor)) static void
begin(void)
{
    const char *at = getenv("FAIL_AT");

    plan.calls = getenv("FAIL_CALLS");
    plan.path = getenv("FAIL_PATH");
    plan.log = open_log(getenv("FAIL_LOG"));
    plan.at = at != NULL ? strtoul(at, NULL, 10) : 0;
    plan.deed = deed_named("FAIL_HOW", &plan.error);
    (void)deed_named("FAIL_THEN", &plan.then);
    atomic_store(&ready, plan.calls != NULL);
}

/* Is it among FAIL_CALLS? */
static bool
is_named(const char *call)
{
    size_t length = strlen(call);

    for (const char *at = plan.calls; (at = strstr(at, call)) != NULL; at += length)
        if ((at == plan.calls || at[-1] == ',') && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

/* The file that a call is about: fd, or `name` in the directory fd. */
static void
find_path(int fd, const char *name, char *path)
{
    char link[64];
    ssize_t length = 0;

    if (fd >= 0 && (name == NULL || name[0] != '/')) {
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        length = readlink(link, path, PATH_MAX);
    }
    length = length < 0 ? 0 : length;
    (void)snprintf(path + length, (size_t)(PATH_BYTES - length), "%s%s", length > 0 && name != NULL ? "/" : "",
                   name != NULL ? name : "");
}

static void
tell(unsigned long n, const char *call, const char *suffix, const char *path)
{
    char line[PATH_BYTES + 64];
    int length = snprintf(line, sizeof line, "%lu %s%s %s\n", n, call, suffix, path[0] != '\0' ? path : "-");

    if (plan.log >= 0 && syscall(SYS_write, plan.log, line, (size_t)length) != length)
        _exit(99);
}

static void
die(void)
{
    (void)kill(getpid(), SIGKILL);
    for (;;)
        (void)pause();
}

static bool
has_part(size_t length, const char *path)
{
    return length > READ_PART && strncmp(path, "anon_inode:", strlen("anon_inode:")) != 0;
}

static bool
in_part(enum deed deed)
{
    return deed == PART || deed == KILL_HALFWAY;
}

/* What is to become of a call; `length` is how much it reads or writes, or 0. */
static enum deed
meet(const char *call, int fd, const char *name, size_t length)
{
    int error = errno;
    enum deed deed = NOTHING;
    char path[PATH_BYTES];
    unsigned long n;

    if (!atomic_load(&ready) || !is_named(call))
        return NOTHING;
    find_path(fd, name, path);
    errno = error;
    if (plan.path != NULL && strstr(path, plan.path) == NULL)
        return NOTHING;
    n = atomic_fetch_add(&count, 1) + 1;
    if (plan.at != 0 && n >= plan.at)
        deed = n == plan.at ? plan.deed : plan.then != 0 ? FAIL : NOTHING;
    if (in_part(deed) && !has_part(length, path)) {
        deed = NOTHING;
        tell(n, call, "-whole", path);
    } else if (plan.at == 0 || n == plan.at) {
        tell(n, call, "", path);
    }
    if (deed == KILL_BEFORE)
        die();
    if (deed == DELETE && syscall(SYS_unlinkat, AT_FDCWD, path, 0) != 0)
        _exit(99);
    errno = deed != FAIL ? error : n == plan.at ? plan.error : plan.then;
    return deed;
}

static void
end(enum deed deed)
{
    if (deed == KILL_HALFWAY || deed == KILL_AFTER)
        die();
}

/* The function of that name that the next library has, in *function; a pointer to it is copied, not converted. */
static void
look_up(const char *name, void *function)
{
    void *found = dlsym(RTLD_NEXT, name);

    memcpy(function, &found, sizeof found);
}

#define NEXT(name) \
    static __typeof__(name) *next; \
    if (next == NULL) \
        look_up(#name, &next)

/* A call that is done or not, with what it returns when it fails; FD and PATH tell which file it is about. */
#define WHOLE(type, name, parameters, arguments, fd, path, failure) \
    type name parameters \
    { \
        NEXT(name); \
        enum deed deed = meet(#name, fd, path, 0); \
        type result = failure; \
        if (deed != FAIL) \
            result = next arguments; \
        end(deed); \
        return result; \
    }

/* A call that may do a part: PART of LENGTH. */
#define PARTLY(name, parameters, arguments, fd, part) \
    ssize_t name parameters \
    { \
        NEXT(name); \
        enum deed deed = meet(#name, fd, NULL, length); \
        ssize_t result = -1; \
        if (in_part(deed)) \
            length = part; \
        if (deed != FAIL) \
            result = next arguments; \
        end(deed); \
        return result; \
    }

PARTLY(write, (int fd, const void *bytes, size_t length), (fd, bytes, length), fd, length / 2)
PARTLY(pwrite, (int fd, const void *bytes, size_t length, off_t at), (fd, bytes, length, at), fd, length / 2)
PARTLY(read, (int fd, void *bytes, size_t length), (fd, bytes, length), fd, READ_PART)
PARTLY(pread, (int fd, void *bytes, size_t length, off_t at), (fd, bytes, length, at), fd, READ_PART)
/* As a library calls them that was built for systems where they are others. */
PARTLY(pwrite64, (int fd, const void *bytes, size_t length, off64_t at), (fd, bytes, length, at), fd, length / 2)
PARTLY(pread64, (int fd, void *bytes, size_t length, off64_t at), (fd, bytes, length, at), fd, READ_PART)

WHOLE(ssize_t, writev, (int fd, const struct iovec *parts, int many), (fd, parts, many), fd, NULL, -1)
WHOLE(int, fsync, (int fd), (fd), fd, NULL, -1)
WHOLE(int, fdatasync, (int fd), (fd), fd, NULL, -1)
WHOLE(int, syncfs, (int fd), (fd), fd, NULL, -1)
WHOLE(int, ftruncate, (int fd, off_t length), (fd, length), fd, NULL, -1)
WHOLE(int, ftruncate64, (int fd, off64_t length), (fd, length), fd, NULL, -1)
WHOLE(int, fchmod, (int fd, mode_t mode), (fd, mode), fd, NULL, -1)
WHOLE(int, fchown, (int fd, uid_t owner, gid_t group), (fd, owner, group), fd, NULL, -1)
WHOLE(int, flock, (int fd, int operation), (fd, operation), fd, NULL, -1)
WHOLE(int, futimens, (int fd, const struct timespec times[2]), (fd, times), fd, NULL, -1)
WHOLE(int, rename, (const char *from, const char *to), (from, to), AT_FDCWD, to, -1)
WHOLE(int, renameat, (int old, const char *from, int fd, const char *to), (old, from, fd, to), fd, to, -1)
WHOLE(int, renameat2, (int old, const char *from, int fd, const char *to, unsigned flags), (old, from, fd, to, flags),
      fd, to, -1)
WHOLE(int, link, (const char *from, const char *to), (from, to), AT_FDCWD, to, -1)
WHOLE(int, linkat, (int old, const char *from, int fd, const char *to, int flags), (old, from, fd, to, flags), fd, to,
      -1)
WHOLE(int, unlink, (const char *name), (name), AT_FDCWD, name, -1)
WHOLE(int, unlinkat, (int fd, const char *name, int flags), (fd, name, flags), fd, name, -1)
WHOLE(int, mkdir, (const char *name, mode_t mode), (name, mode), AT_FDCWD, name, -1)
WHOLE(int, mkdirat, (int fd, const char *name, mode_t mode), (fd, name, mode), fd, name, -1)
WHOLE(int, mkostemp, (char *name, int flags), (name, flags), AT_FDCWD, name, -1)
WHOLE(int, stat, (const char *name, struct stat *status), (name, status), AT_FDCWD, name, -1)
WHOLE(int, fstat, (int fd, struct stat *status), (fd, status), fd, NULL, -1)
WHOLE(int, fstatat, (int fd, const char *name, struct stat *status, int flags), (fd, name, status, flags), fd, name, -1)
WHOLE(int, statx, (int fd, const char *name, int flags, unsigned mask, struct statx *status),
      (fd, name, flags, mask, status), fd, name, -1)
WHOLE(int, faccessat, (int fd, const char *name, int mode, int flags), (fd, name, mode, flags), fd, name, -1)
WHOLE(DIR *, fdopendir, (int fd), (fd), fd, NULL, NULL)
WHOLE(struct dirent *, readdir, (DIR *directory), (directory), dirfd(directory), NULL, NULL)
WHOLE(void *, mmap, (void *at, size_t length, int protection, int flags, int fd, off_t offset),
      (at, length, protection, flags, fd, offset), fd, NULL, MAP_FAILED)
WHOLE(int, inotify_init1, (int flags), (flags), NO_FILE, NULL, -1)
WHOLE(int, inotify_add_watch, (int fd, const char *name, uint32_t mask), (fd, name, mask), AT_FDCWD, name, -1)
WHOLE(int, pthread_create,
      (pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *argument),
      (thread, attributes, run, argument), NO_FILE, NULL, errno)

/* The one argument that may be there: a mode, a number, or a pointer, all as wide as a long. */
static long
last_argument(va_list arguments)
{
    return va_arg(arguments, long);
}

#define WITH_LAST(name, parameters, arguments, last, fd, path) \
    int name parameters \
    { \
        NEXT(name); \
        enum deed deed = meet(#name, fd, path, 0); \
        va_list rest; \
        long argument; \
        int result = -1; \
        va_start(rest, last); \
        argument = last_argument(rest); \
        va_end(rest); \
        if (deed != FAIL) \
            result = next arguments; \
        end(deed); \
        return result; \
    }

WITH_LAST(open, (const char *name, int flags, ...), (name, flags, argument), flags, AT_FDCWD, name)
WITH_LAST(openat, (int fd, const char *name, int flags, ...), (fd, name, flags, argument), flags, fd, name)
int open64(const char *name, int flags, ...) __attribute__((alias("open")));
int openat64(int fd, const char *name, int flags, ...) __attribute__((alias("openat")));
WITH_LAST(fcntl, (int fd, int command, ...), (fd, command, argument), command, fd, NULL)

/* -- memory ------------------------------------------------------------------------ */

/* dlsym() may want memory while it looks for malloc(): it gets this, which is never given back. */
static char spare[8192];
static size_t spare_used;
static bool looking;

static struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
} memory;

static bool
is_spare(const void *at)
{
    return (const char *)at >= spare && (const char *)at < spare + sizeof spare;
}

static void *
take_spare(size_t size)
{
    void *at = spare + spare_used;

    spare_used += (size + 15) / 16 * 16;
    if (spare_used > sizeof spare)
        _exit(99);
    return at;
}

/* Is the real memory there to be asked? */
static bool
find_memory(void)
{
    if (memory.free != NULL || looking)
        return !looking;
    looking = true;
    look_up("malloc", &memory.malloc);
    look_up("calloc", &memory.calloc);
    look_up("realloc", &memory.realloc);
    look_up("free", &memory.free);
    looking = false;
    return true;
}

void *
malloc(size_t size)
{
    if (!find_memory())
        return take_spare(size);
    return meet("malloc", NO_FILE, NULL, 0) == FAIL ? NULL : memory.malloc(size);
}

void *
calloc(size_t many, size_t size)
{
    if (!find_memory())
        return take_spare(many * size);
    return meet("calloc", NO_FILE, NULL, 0) == FAIL ? NULL : memory.calloc(many, size);
}

void *
realloc(void *old, size_t size)
{
    void *new;

    if (!is_spare(old) && find_memory())
        return meet("realloc", NO_FILE, NULL, 0) == FAIL ? NULL : memory.realloc(old, size);
    new = malloc(size);
    if (new != NULL && old != NULL)
        memcpy(new, old, (size_t)(spare + sizeof spare - (char *)old) < size
               ? (size_t)(spare + sizeof spare - (char *)old) : size);
    return new;
}

void
free(void *old)
{
    if (old != NULL && !is_spare(old) && find_memory())
        memory.free(old);
}

/*
 * intrude.c -- what a process could still do with the file system after it has confined itself.
 *
 * Loaded before the C library.  Behind landlock_restrict_self(2), as part of the same thread, it
 * tries on every file and directory below $EV_INTRUDE_STORE and $EV_INTRUDE_ELSEWHERE to read,
 * write, cut, remove, rename, link and make, and writes to the file $EV_INTRUDE, opened before,
 * a line for each thing that it could do, "write store PATH", and at last "tried N".
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static FILE *report;
static const char *place;
static unsigned long tried;

static void
tell(int could, const char *what, const char *path)
{
    tried++;
    if (could)
        (void)fprintf(report, "%s %s %s\n", what, place, path);
}

static int
can_open(const char *path, int flags)
{
    int fd = open(path, flags | O_NONBLOCK, 0600);

    if (fd >= 0)
        (void)close(fd);
    return fd >= 0;
}

static void
try_directory(const char *path)
{
    char name[4096];

    (void)snprintf(name, sizeof name, "%s/intruder", path);
    tell(can_open(name, O_WRONLY | O_CREAT), "make", path);
    tell(can_open(path, O_TMPFILE | O_WRONLY), "tmpfile", path);
    tell(mkdir(name, 0700) == 0, "mkdir", path);
    tell(symlink("/etc/passwd", name) == 0, "symlink", path);
    tell(mkfifo(name, 0600) == 0, "mkfifo", path);
}

static void
try_file(const char *path)
{
    char name[4096];

    (void)snprintf(name, sizeof name, "%s.intruder", path);
    tell(can_open(path, O_RDONLY), "read", path);
    tell(can_open(path, O_WRONLY), "write", path);
    tell(can_open(path, O_RDWR | O_APPEND), "append", path);
    tell(can_open(path, O_WRONLY | O_TRUNC), "cut", path);
    tell(truncate(path, 0) == 0, "truncate", path);
    tell(link(path, name) == 0, "link", path);
    tell(rename(path, name) == 0, "rename", path);
    tell(unlink(path) == 0, "remove", path);
}

/* A walk that cannot open a directory says so with FTW_DNR. */
static int
visit(const char *path, const struct stat *status, int type, struct FTW *position)
{
    (void)status;
    (void)position;
    if (type == FTW_F)
        try_file(path);
    else
        try_directory(path);
    return 0;
}

static void
intrude(void)
{
    const char *store = getenv("EV_INTRUDE_STORE"), *elsewhere = getenv("EV_INTRUDE_ELSEWHERE");
    char file[4096];

    if (report == NULL || store == NULL || elsewhere == NULL)
        return;
    place = "store";
    (void)nftw(store, visit, 16, FTW_PHYS);
    place = "elsewhere";
    (void)snprintf(file, sizeof file, "%s/file", elsewhere);
    try_directory(elsewhere);
    try_file(file);
    (void)fprintf(report, "tried %lu\n", tried);
    (void)fflush(report);
}

__attribute__((constructor)) static void
begin(void)
{
    const char *path = getenv("EV_INTRUDE");

    if (path != NULL)
        report = fopen(path, "ae");
}

/* glibc has no wrapper for Landlock, so every call to it comes by here. */
long
syscall(long number, ...)
{
    long (*next)(long, ...) = NULL;
    void *symbol = dlsym(RTLD_NEXT, "syscall");
    long arguments[6], result;
    va_list list;

    memcpy(&next, &symbol, sizeof next);
    va_start(list, number);
    for (size_t i = 0; i < 6; i++)
        arguments[i] = va_arg(list, long);
    va_end(list);
    result = next(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
    if (number == SYS_landlock_restrict_self && result == 0)
        intrude();
    return result;
}

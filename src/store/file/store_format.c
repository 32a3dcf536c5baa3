/*
 * store_format.c -- the file that makes a directory a store.
 *
 * Every name in the store is on disk before it has its text.  Who is to write and finds
 * less than the whole text goes on making the store; every step may be repeated.  It may
 * hold journals by then, because a text that was read need not be on disk yet when the
 * power fails: so it is a store for all others.
 */
#include <errno.h>
#include <sys/stat.h>

#include "store/file/store_file.h"

static const char format_text[] = "eventdemo 1\n";

/* What a maker leaves who was cut off: a beginning of the text, then perhaps NUL bytes. */
static bool
is_unfinished(const char *text, size_t length)
{
    size_t same = 0;

    while (same < length && text[same] == format_text[same])
        same++;
    if (same == sizeof format_text - 1)
        return false;
    while (same < length && text[same] == '\0')
        same++;
    return same == length;
}

/* FORMAT_WHOLE if `format` is there and ours, or FORMAT_UNFINISHED, 0 if there is none. */
static int
read_format(struct store *store, struct fault *why)
{
    char text[sizeof format_text + 1];
    int fd = io_open(store->directory, "format", O_RDONLY | O_NONBLOCK, 0);
    struct stat status;
    ssize_t got;

    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0)
        return fault_system(why, errno == ELOOP ? STATUS_DATA : STATUS_IO, "%s", store_path(store, "format"));
    if (fstat(fd, &status) == 0 && !S_ISREG(status.st_mode)) {
        io_close(&fd);
        return fault_set(why, STATUS_DATA, "%s: not a regular file", store_path(store, "format"));
    }
    got = io_pread(fd, text, sizeof text, 0);
    io_close(&fd);
    if (got < 0)
        return fault_system(why, STATUS_IO, "%s", store_path(store, "format"));
    if ((size_t)got < sizeof format_text && is_unfinished(text, (size_t)got))
        return FORMAT_UNFINISHED;
    if ((size_t)got != sizeof format_text - 1 || memcmp(text, format_text, (size_t)got) != 0)
        return fault_set(why, STATUS_DATA, "%s: not a store of format `eventdemo 1'",
                         store_path(store, "format"));
    return FORMAT_WHOLE;
}

static int
is_entry(void *context, const char *name)
{
    (void)context;
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/* Is there anything in journal/? */
static bool
has_journals(const struct store *store)
{
    return io_names(store->directory, "journal", is_entry, NULL) > 0;
}

/* A second look, because both may just have been made. */
int
format_check(struct store *store, struct fault *why)
{
    int there = read_format(store, why);

    if (there == 0 && has_journals(store)) {
        there = read_format(store, why);
        if (there == 0)
            return fault_set(why, STATUS_DATA, "%s: missing, but there are journals", store_path(store, "format"));
    }
    return there;
}

/* Sync the directory that the store stands in, so that its name lasts. */
static int
sync_parent(const struct store *store, struct fault *why)
{
    int fd = io_open(store->directory, "..", O_RDONLY | O_DIRECTORY, 0);
    int result = fd < 0 || fsync(fd) != 0 ? -1 : 0;

    if (result != 0)
        (void)fault_system(why, STATUS_IO, "%s/..: cannot sync", store->setting.name);
    io_close(&fd);
    return result;
}

int
format_make(struct store *store, struct fault *why)
{
    int fd = io_open(store->directory, "format", O_WRONLY | O_CREAT, STORE_FILE_MODE);
    int result = -1;

    if (fd < 0)
        return fault_system(why, STATUS_CANNOT_CREATE, "%s: cannot create", store_path(store, "format"));
    if (io_lock(fd, LOCK_EX) == 0 && fsync(store->directory) == 0) {
        result = sync_parent(store, why);
        if (result != 0)
            goto done;
        result = io_pwrite(fd, format_text, sizeof format_text - 1, 0) != 0 || fsync(fd) != 0 ? -1 : 0;
    }
    if (result != 0)
        (void)fault_system(why, STATUS_IO, "%s", store_path(store, "format"));
done:
    io_close(&fd);
    store->unfinished = result != 0;
    return result;
}

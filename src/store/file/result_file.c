/*
 * result_file.c -- results as files: results/<request>.json.
 *
 * A result is written when the batch it belongs to is on disk: to a file without
 * a name, which then gets one, or where there are no such files under a hidden
 * name that is then renamed.  Only one process at a time makes results (it holds
 * the orders), so the hidden name of a request is its own; what a crash leaves
 * there is overwritten when the batch is run again.  Results are derived, so
 * nobody waits for them to be on disk before store_settle(): an empty or cut-off
 * file, which a power cut may leave, counts as none and is made again.
 *
 * Packed results are lines in results/<first two hex digits>.ndjson.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "base/text.h"
#include "store/file/store_file.h"
#include "store/result.h"


static const char *
name_of(const char *before, const char *request, const char *after)
{
    static _Thread_local char name[64];

    (void)snprintf(name, sizeof name, "results/%s%s%s", before, request, after);
    return name;
}

/* The whole file, if it can be a result: 1, 0 or -1. */
static int
read_file(struct store *store, const char *name, struct buffer *line, struct fault *why)
{
    size_t start = line->length;
    struct stat status;
    int fd = store_open_file(store, name, O_RDONLY);
    int result = 0;

    if (fd < 0)
        return errno == ENOENT ? 0 : store_open_fault(store, name, why);
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        io_close(&fd);
        return fault_set(why, STATUS_DATA, "%s: not a regular file", store_path(store, name));
    }
    if (status.st_size > 0) {
        size_t size = (size_t)status.st_size;
        ssize_t got = io_pread(fd, buffer_reserve(line, size), size, 0);

        if (got < 0)
            result = fault_system(why, STATUS_IO, "%s: cannot read", store_path(store, name));
        else
            line->length += (size_t)got;
    }
    io_close(&fd);
    if (result == 0 && line->length > start && line->at[line->length - 1] == '\n')
        return 1;
    line->length = start;
    return result;
}

/* The request's line in a pack that was read behind `start` of *line. */
static int
pick_line(struct buffer *line, size_t start, const char *request)
{
    char begin[64];
    int length = snprintf(begin, sizeof begin, "{\"request\":\"%s\"", request);
    char *at = line->at + start, *end = line->at + line->length;

    while (at < end) {
        char *newline = memchr(at, '\n', (size_t)(end - at));

        if (newline == NULL)
            break;
        if (newline - at > length && memcmp(at, begin, (size_t)length) == 0) {
            memmove(line->at + start, at, (size_t)(newline + 1 - at));
            line->length = start + (size_t)(newline + 1 - at);
            return 1;
        }
        at = newline + 1;
    }
    line->length = start;
    return 0;
}

/* Where the UUID stands in a result's line, behind {"request":" */
enum { REQUEST_AT = 12 };

/* Put in this batch, and not shown yet? */
static bool
get_staged(const struct store *store, struct slice request, struct buffer *line)
{
    struct index_hit hit;
    size_t step = 0;

    while (index_next(&store->staged, request, &step, &hit)) {
        const char *at = store->shown.at + hit.offset;

        if (memcmp(at + REQUEST_AT, request.at, UUID_LENGTH) != 0)
            continue;
        buffer_add(line, at, strcspn(at, "\n") + 1);
        return true;
    }
    return false;
}

/* Who holds the orders is the only one to make results, so a pack that is missing stays so. */
static int
get_packed(struct store *store, const char *request, struct buffer *line, struct fault *why)
{
    char pack[3] = { request[0], request[1], '\0' };
    size_t start = line->length;
    unsigned long byte = strtoul(pack, NULL, 16);
    int found;

    if (store->no_pack[byte])
        return 0;
    found = read_file(store, name_of("", pack, ".ndjson"), line, why);
    if (found > 0)
        return pick_line(line, start, request);
    store->no_pack[byte] = found == 0 && store->orders != NULL && store->orders->held;
    return found;
}

int
result_get(struct store *store, struct slice request, struct buffer *line, struct fault *why)
{
    char text[UUID_LENGTH + 1];
    int found;

    memcpy(text, request.at, UUID_LENGTH);
    text[UUID_LENGTH] = '\0';
    if (get_staged(store, request, line))
        return 1;
    found = read_file(store, name_of("", text, ".json"), line, why);
    return found != 0 ? found : get_packed(store, text, line, why);
}

int
result_put(struct store *store, const struct result *result, struct fault *why)
{
    if (store_make(store, why) != 0)
        return -1;
    index_add(&store->staged, result->request, ORDER_CREATED, store->shown.length);
    result_write(&store->shown, result);
    return 0;
}

/* Write a file and close it; -1 with errno. */
static int
fill(int fd, struct slice line, const char *to, int directory)
{
    char from[32];
    int result, error;

    (void)snprintf(from, sizeof from, "/proc/self/fd/%d", fd);
    result = io_write(fd, line.at, line.length);
    if (result == 0 && to != NULL)
        result = linkat(AT_FDCWD, from, directory, to, AT_SYMLINK_FOLLOW);
    error = errno;
    io_close(&fd);
    errno = error;
    return result;
}

/* Under a hidden name first: also where something that is no result has the name already. */
static int
make_renamed(struct store *store, const char *request, const char *name, struct slice line)
{
    char hidden[64];
    int fd;

    (void)snprintf(hidden, sizeof hidden, "results/.%s", request);
    fd = store_open_file(store, hidden, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd < 0 || fill(fd, line, NULL, -1) != 0)
        return -1;
    return renameat(store->directory, hidden, store->directory, name);
}

static int
make_result(struct store *store, struct slice line, struct fault *why)
{
    char request[UUID_LENGTH + 1];
    const char *name;
    int fd;

    memcpy(request, line.at + REQUEST_AT, UUID_LENGTH);
    request[UUID_LENGTH] = '\0';
    name = name_of("", request, ".json");
    fd = io_open(store->directory, "results", O_TMPFILE | O_WRONLY, STORE_FILE_MODE);
    if ((fd >= 0 && fill(fd, line, name, store->directory) == 0) || make_renamed(store, request, name, line) == 0)
        return 0;
    return fault_system(why, STATUS_IO, "%s: cannot write", store_path(store, name));
}

int
result_show(struct store *store, struct fault *why)
{
    const char *at = store->shown.at, *end = at + store->shown.length;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct slice line = { at, (size_t)(newline + 1 - at) };

        if (make_result(store, line, why) != 0)
            return -1;
        store->unsettled = true;
        at = newline + 1;
    }
    return 0;
}

/* -- waiting ---------------------------------------------------------------- */

struct result_watch {
    struct store *store;
    int fd;                     /* inotify(7), or -1: look every 10 ms */
};

enum { LOOK_AGAIN_MILLISECONDS = 10 };

/* results/ may be deleted and made again at any time, so both are watched. */
static void
add_watches(struct result_watch *watch)
{
    const uint32_t events = IN_MOVED_TO | IN_CREATE | IN_CLOSE_WRITE | IN_MODIFY;

    (void)inotify_add_watch(watch->fd, watch->store->setting.name, events);
    (void)inotify_add_watch(watch->fd, store_path(watch->store, "results"), events);
}

int
result_watch(struct store *store, struct result_watch **out, struct fault *why)
{
    struct result_watch *watch = memory_new(sizeof *watch);

    watch->store = store;
    watch->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch->fd >= 0)
        add_watches(watch);
    *out = watch;
    return watch->fd >= 0 ? 0
        : fault_system(why, STATUS_IO, "cannot be woken, so looking every %d ms", LOOK_AGAIN_MILLISECONDS);
}

int
result_wait(struct result_watch *watch, int milliseconds, struct fault *why)
{
    char events[4096];
    struct pollfd ready = { .fd = watch->fd, .events = POLLIN };
    bool woken = watch->fd >= 0;
    int count;

    if (!woken && (milliseconds < 0 || milliseconds > LOOK_AGAIN_MILLISECONDS))
        milliseconds = LOOK_AGAIN_MILLISECONDS;
    count = poll(&ready, 1, milliseconds);
    if (count < 0 && errno != EINTR)
        return fault_system(why, STATUS_IO, "cannot wait");
    if (!woken)
        return 1;
    while (read(watch->fd, events, sizeof events) > 0)
        continue;
    add_watches(watch);
    return count > 0 ? 1 : 0;
}

void
result_unwatch(struct result_watch *watch)
{
    if (watch == NULL)
        return;
    io_close(&watch->fd);
    free(watch);
}

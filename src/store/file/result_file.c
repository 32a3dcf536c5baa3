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
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/pool.h"
#include "base/text.h"
#include "store/file/packs.h"
#include "store/file/store_file.h"
#include "store/result.h"

const char *
result_file_name(struct slice request)
{
    static _Thread_local char name[64];

    (void)snprintf(name, sizeof name, "results/%.*s.json", (int)request.length, request.at);
    return name;
}

bool
result_file_named(const char *name, struct slice *request)
{
    *request = (struct slice){ name, UUID_LENGTH };
    return strlen(name) > UUID_LENGTH && strcmp(name + UUID_LENGTH, ".json") == 0 && text_uuid(*request);
}

/* The whole of a regular file, behind *line: 0, also if there is none, or -1. */
static int
read_file(struct store *store, const char *name, struct buffer *line, struct stat *status, struct fault *why)
{
    int fd = store_open_file(store, name, O_RDONLY);
    int result = 0;

    if (fd < 0)
        return errno == ENOENT ? 0 : store_open_fault(store, name, why);
    if (fstat(fd, status) != 0) {
        result = fault_system(why, STATUS_IO, "%s", store_path(store, name));
    } else if (!S_ISREG(status->st_mode)) {
        result = fault_set(why, STATUS_DATA, "%s: not a regular file", store_path(store, name));
    } else if (status->st_size > 0 && status->st_nlink > 0) {       /* not deleted meanwhile */
        size_t size = (size_t)status->st_size;
        ssize_t got = io_pread(fd, buffer_reserve(line, size), size, 0);

        if (got < 0)
            result = fault_system(why, STATUS_IO, "%s: cannot read", store_path(store, name));
        else
            line->length += (size_t)got;
    }
    io_close(&fd);
    return result;
}

int
result_read_file(struct store *store, struct slice request, struct buffer *line, struct fault *why)
{
    struct stat ignored;

    return read_file(store, result_file_name(request), line, &ignored, why);
}

int
result_get_file(struct store *store, struct slice request, struct buffer *line, struct arena *arena,
                struct result *result, struct timespec *changed, struct fault *why)
{
    size_t start = line->length;
    struct stat status = { .st_size = 0 };
    int found = read_file(store, result_file_name(request), line, &status, why);

    *changed = status.st_ctim;
    if (line->length > start
        && result_is((struct slice){ line->at + start, line->length - start }, request, arena, result))
        return 1;
    line->length = start;
    return found;
}

/* Put in this batch, and not shown yet? */
static bool
get_staged(const struct store *store, struct slice request, struct buffer *line, struct arena *arena,
           struct result *result)
{
    struct index_hit hit;
    size_t step = 0;

    while (index_next(&store->staged, request, &step, &hit)) {
        const char *at = store->shown.at + hit.offset;
        struct slice text = { at, strcspn(at, "\n") + 1 };

        if (!result_is(text, request, arena, result))
            continue;
        buffer_slice(line, text);
        return true;
    }
    return false;
}

int
result_get(struct store *store, struct slice request, struct buffer *line, struct arena *arena,
           struct result *result, struct fault *why)
{
    struct timespec ignored;
    int found;

    if (get_staged(store, request, line, arena, result))
        return 1;
    found = packs_only(store) ? 0 : result_get_file(store, request, line, arena, result, &ignored, why);
    if (found == 0)
        found = packs_get(store, request, line, arena, result, why);
    if (found > 0)                      /* who put it may have been killed before it was settled */
        store->unsettled = true;
    return found;
}

int
results_lock(struct store *store, struct fault *why)
{
    int fd = store_open_file(store, "orders.ndjson", O_RDWR | O_CREAT);

    if (fd < 0)
        return store_open_fault(store, "orders.ndjson", why);
    if (io_lock(fd, LOCK_EX) == 0)
        return fd;
    io_close(&fd);
    return fault_system(why, STATUS_IO, "%s: cannot lock", store_path(store, "orders.ndjson"));
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
make_renamed(struct store *store, struct slice request, const char *name, struct slice line)
{
    char hidden[64];
    int fd, error;

    (void)snprintf(hidden, sizeof hidden, "results/.%.*s", (int)request.length, request.at);
    fd = store_open_file(store, hidden, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd < 0)
        return -1;
    if (fill(fd, line, NULL, -1) == 0 && renameat(store->directory, hidden, store->directory, name) == 0)
        return 0;
    error = errno;
    (void)unlinkat(store->directory, hidden, 0);
    errno = error;
    return -1;
}

static int
make_file(struct store *store, struct slice request, struct slice line, struct fault *why)
{
    const char *name = result_file_name(request);
    int fd = io_open(store->directory, "results", O_TMPFILE | O_WRONLY, STORE_FILE_MODE);

    if ((fd >= 0 && fill(fd, line, name, store->directory) == 0) || make_renamed(store, request, name, line) == 0)
        return 0;
    return fault_system(why, STATUS_IO, "%s: cannot write", store_path(store, name));
}

/* A file would be believed before a line in a pack, so what has one stays a file. */
static bool
goes_into_pack(struct store *store, struct slice request)
{
    return packs_only(store) || (store->setting.packed
        && faccessat(store->directory, result_file_name(request), F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT);
}

/* The files of a batch, made by several threads: most of the work is the kernel's, on each file by itself. */
struct making {
    struct store *store;
    const struct slice *lines;
    size_t count;
    atomic_flag failing;        /* *why is taken */
    atomic_bool failed;
    struct fault *why;
};

enum { SHARE = 32, THREADS_MAX = 4 };

static void
make_share(void *context, size_t share)
{
    struct making *making = context;
    size_t end = (share + 1) * SHARE < making->count ? (share + 1) * SHARE : making->count;

    for (size_t i = share * SHARE; i < end && !atomic_load(&making->failed); i++) {
        struct slice request = { NULL, 0 };
        struct fault why;

        (void)result_request(making->lines[i], &request);
        if (make_file(making->store, request, making->lines[i], &why) == 0)
            continue;
        if (!atomic_flag_test_and_set(&making->failing))
            *making->why = why;
        atomic_store(&making->failed, true);
    }
}

static int
make_files(struct store *store, const struct slice *lines, size_t count, struct fault *why)
{
    struct making making = { store, lines, count, ATOMIC_FLAG_INIT, false, why };
    size_t threads = pool_processors();

    if (count == 0)
        return 0;
    store->unsettled = true;
    pool_run(threads < THREADS_MAX ? threads : THREADS_MAX, (count + SHARE - 1) / SHARE, make_share, &making);
    return atomic_load(&making.failed) ? -1 : 0;
}

int
result_show(struct store *store, struct fault *why)
{
    const char *at = store->shown.at, *end = at + store->shown.length;
    struct slice *files = NULL;
    size_t count = 0, room = 0;
    int result;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct slice line = { at, (size_t)(newline + 1 - at) }, request = { NULL, 0 };

        (void)result_request(line, &request);
        at = newline + 1;
        if (goes_into_pack(store, request)) {
            packs_put(store, request, line);
            continue;
        }
        files = memory_room(files, count, &room, sizeof *files);
        files[count++] = line;
    }
    result = make_files(store, files, count, why);
    free(files);
    return result == 0 ? packs_show(store, why) : -1;
}

/*
 * packs.c -- packed results: lines of results/<first two hex digits>.ndjson.
 *
 * Where a request's result is, an index in memory tells, one a pack, and behind that one of
 * all packs in files (pack_index.h).  Before it is asked it catches up by reading what was
 * appended since.  While the orders are held that is done once a batch, because nobody
 * else appends then.  Who appends keeps the packs open, if it may have enough files open.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "store/file/pack_index.h"
#include "store/file/packs.h"
#include "store/result.h"

enum {
    GLANCE = 512,               /* most results are shorter */
    OPEN_ENOUGH = 4 * PACK_COUNT,
};

struct packs {
    struct pack packs[PACK_COUNT];
    struct pack_index index;
    struct buffer gathered[PACK_COUNT];
};

static struct packs *
packs_of(struct store *store)
{
    if (store->packs != NULL)
        return store->packs;
    store->packs = memory_zeroed(1, sizeof *store->packs);
    for (size_t i = 0; i < PACK_COUNT; i++)
        store->packs->packs[i].index = &store->packs->index;
    if (store->setting.use == STORE_APPEND && store->setting.packed && store->open_max >= OPEN_ENOUGH) {
        journal_yield(store, PACK_COUNT);
        for (size_t i = 0; i < PACK_COUNT; i++)
            store->packs->packs[i].keeps = true;
    }
    return store->packs;
}

void
packs_begin(struct store *store)
{
    (void)packs_of(store);
}

void
packs_free(struct store *store)
{
    for (size_t i = 0; store->packs != NULL && i < PACK_COUNT; i++) {
        pack_forget(&store->packs->packs[i]);
        buffer_free(&store->packs->gathered[i]);
    }
    if (store->packs != NULL)
        pack_index_close(&store->packs->index);
    free(store->packs);
    store->packs = NULL;
}

/* -- are there others? -------------------------------------------------------- */

static int
is_file(void *context, const char *name)
{
    (void)context;
    return name[0] != '.' && pack_named(name) == PACK_COUNT;
}

/* A change that comes now has another time. */
static bool
is_past(const struct statx_timestamp *time)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now.tv_sec - time->tv_sec > 1;
}

bool
packs_only(struct store *store)
{
    struct statx status;

    if (!store->setting.packed || store->orders == NULL || !store->orders->held)
        return false;
    if (store->packs_batch == store->batches + 1)
        return store->only_packs;
    store->packs_batch = store->batches + 1;
    if (statx(store->directory, "results", AT_SYMLINK_NOFOLLOW, STATX_MTIME, &status) != 0)
        return store->only_packs = false;
    if (store->only_packs && store->packs_sure && status.stx_mtime.tv_sec == store->packs_time.tv_sec
        && status.stx_mtime.tv_nsec == store->packs_time.tv_nsec)
        return true;
    store->packs_sure = is_past(&status.stx_mtime);     /* else a later change may have the same time */
    store->packs_time = status.stx_mtime;
    store->only_packs = io_names(store->directory, "results", is_file, NULL) == 0;
    return store->only_packs;
}

/* -- finding ---------------------------------------------------------------- */

/* The line at an offset, behind *line: 1, 0 if there is no whole one, or -1. */
static int
read_line(int fd, uint64_t offset, struct buffer *line)
{
    for (size_t room = GLANCE;; room = PACK_CHUNK) {
        char *bytes = buffer_reserve(line, room);
        ssize_t got = io_pread(fd, bytes, room, (off_t)offset);
        const char *newline = got > 0 ? memchr(bytes, '\n', (size_t)got) : NULL;

        if (newline != NULL)
            line->length += (size_t)(newline + 1 - bytes);
        if (newline != NULL || got < (ssize_t)room || room == PACK_CHUNK)
            return got < 0 ? -1 : newline != NULL;
    }
}

/* The same of a pack, which may have been deleted: 0. */
static int
line_at(struct store *store, unsigned number, uint64_t offset, struct buffer *line, struct fault *why)
{
    struct pack *pack = &store->packs->packs[number];
    const char *name = pack_name(number);
    int fd = pack_take(store, number, pack, false), found;

    if (fd < 0)
        return errno == ENOENT ? 0 : store_open_fault(store, name, why);
    found = read_line(fd, offset, line);
    if (found < 0)
        (void)fault_system(why, STATUS_IO, "%s: cannot read", store_path(store, name));
    pack_give(pack, fd);
    return found;
}

/* The next line that may be the request's.  Where files that tell of them are damaged, the pack is read again. */
static int
next(struct store *store, struct slice request, struct walk *walk, struct index_hit *hit, struct fault *why)
{
    const unsigned number = pack_of(request);
    struct pack *pack = &store->packs->packs[number];
    int found = pack_index_next(pack, request, walk, hit);

    if (found >= 0)
        return found;
    pack_index_renounce(&store->packs->index, store->packs->packs);
    if (pack_read(store, number, pack, NULL, NULL, why) != 0)
        return -1;
    *walk = (struct walk){ .step = 0 };
    return pack_index_next(pack, request, walk, hit);
}

/* The last of the lines that are a result of the request, behind *line: 1, 0 or -1. */
static int
find_line(struct store *store, struct slice request, struct buffer *line, struct arena *arena, struct result *result,
          struct fault *why)
{
    struct walk walk = { .step = 0 };
    size_t start = line->length, length = 0;
    struct index_hit hit;
    int more;

    while ((more = next(store, request, &walk, &hit, why)) > 0) {
        struct result found;
        struct slice text;

        if ((more = line_at(store, pack_of(request), hit.offset, line, why)) < 0)
            break;
        text = (struct slice){ line->at + start + length, line->length - start - length };
        if (more > 0 && result_is(text, request, arena, &found)) {
            *result = found;
            length = text.length;
            memmove(line->at + start, text.at, length);
        }
        line->length = start + length;
    }
    return more < 0 ? -1 : length > 0;
}

static void
keep_index(struct store *store, size_t many)
{
    if (store->packs != NULL && store->setting.use == STORE_APPEND && store->orders != NULL && store->orders->held)
        pack_index_keep(store, &store->packs->index, store->packs->packs, many);
}

void
result_expect(const struct store *store, struct slice request)
{
    if (store->packs != NULL)
        pack_index_expect(&store->packs->packs[pack_of(request)], request);
}

static int
look(struct store *store, struct slice request, struct buffer *line, struct arena *arena, struct result *result,
     struct fault *why)
{
    struct pack *pack = &packs_of(store)->packs[pack_of(request)];

    if (pack->batch != store->batches + 1) {
        keep_index(store, PACK_INDEX_MANY);     /* packs that have to be read again do not all come into memory */
        if (pack_read(store, pack_of(request), pack, NULL, NULL, why) != 0)
            return -1;
    }
    pack->batch = store->orders != NULL && store->orders->held ? store->batches + 1 : 0;
    return find_line(store, request, line, arena, result, why);
}

/* Unless it is held by this batch a pack may be replaced before a line of it is read: then it is looked at again. */
int
packs_get(struct store *store, struct slice request, struct buffer *line, struct arena *arena, struct result *result,
          struct fault *why)
{
    const unsigned number = pack_of(request);
    const struct pack *pack = &packs_of(store)->packs[number];
    int found;

    do
        found = look(store, request, line, arena, result, why);
    while (found == 0 && pack->batch == 0 && pack->end > 0 && !pack_is(store, number, &pack->seen));
    return found;
}

/* -- writing ---------------------------------------------------------------- */

void
packs_put(struct store *store, struct slice request, struct slice line)
{
    buffer_slice(&packs_of(store)->gathered[pack_of(request)], line);
}

/* It was read in this batch, by its name, whole, with the orders held: nobody else appends. */
static bool
is_current(const struct store *store, const struct pack *pack)
{
    return pack->batch == store->batches + 1 && pack->end > 0 && pack->end == pack->seen.stx_size;
}

/* What is behind the last whole line is derived, so it is cut off and made again.  1 if the file was deleted. */
static int
append_to(struct store *store, unsigned number, int fd, struct slice lines, struct fault *why)
{
    struct pack *pack = &store->packs->packs[number];

    if (!is_current(store, pack) && pack_read_open(store, number, fd, pack, why) != 0)
        return -1;
    if (pack->seen.stx_size > pack->end && io_truncate(fd, (off_t)pack->end) != 0)
        return fault_system(why, STATUS_IO, "%s: cannot cut off", store_path(store, pack_name(number)));
    if (io_write(fd, lines.at, lines.length) != 0) {
        (void)fault_system(why, STATUS_IO, "%s: cannot write", store_path(store, pack_name(number)));
        (void)io_truncate(fd, (off_t)pack->end);
        return -1;
    }
    store->unsettled = true;
    return pack_grown(store, number, fd, pack, lines, why);
}

static int
append(struct store *store, unsigned number, struct slice lines, struct fault *why)
{
    struct pack *pack = &store->packs->packs[number];
    int fd, result;

    do {
        fd = pack_take(store, number, pack, true);
        if (fd < 0)
            return store_open_fault(store, pack_name(number), why);
        result = append_to(store, number, fd, lines, why);
        if (result == 0) {
            pack_give(pack, fd);
        } else {
            io_close(&fd);
            pack_forget(pack);
        }
    } while (result > 0);
    return result;
}

int
packs_show(struct store *store, struct fault *why)
{
    int result = 0;

    for (unsigned i = 0; store->packs != NULL && i < PACK_COUNT && result == 0; i++) {
        struct buffer *lines = &store->packs->gathered[i];

        if (lines->length == 0)
            continue;
        result = append(store, i, (struct slice){ lines->at, lines->length }, why);
        lines->length = 0;
    }
    if (result == 0)
        keep_index(store, PACK_INDEX_RESULTS);
    return result;
}

/*
 * pack_file.c -- read on in a pack, wherever that was left.
 *
 * One look at the name of a pack that did not change is enough, be its file open or not.
 * That it is still the one that was read is told by the file's identity, the time
 * of its birth included (numbers of inodes are used again), and by the last bytes
 * that were read: a writer that could not write all of a batch cuts the pack back,
 * and what is appended then may be longer than what was cut off.
 */
#include <errno.h>
#include <xxhash.h>

#include "store/file/pack_index.h"

/* What reading on works with. */
struct reading {
    struct store *store;
    unsigned number;
    struct pack *pack;
    pack_visit *visit;          /* or NULL: into the pack's index */
    void *context;
};

static void
close_file(struct pack *pack)
{
    if (pack->is_open)
        io_close(&pack->fd);
    pack->is_open = false;
}

void
pack_forget(struct pack *pack)
{
    index_clear(&pack->recent);
    close_file(pack);
    *pack = (struct pack){ .follows = pack->follows, .keeps = pack->keeps, .index = pack->index };
}

int
pack_look(int directory, const char *name, struct statx *status)
{
    return statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, status);
}

static bool
same_time(const struct statx_timestamp *a, const struct statx_timestamp *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool
same_file(const struct statx *a, const struct statx *b)
{
    return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor
        && same_time(&a->stx_btime, &b->stx_btime);
}

/* All of the pack was read, and nothing has changed since. */
static bool
is_known(const struct pack *pack, const struct statx *status)
{
    return same_file(&pack->seen, status) && pack->end == status->stx_size && pack->seen.stx_size == status->stx_size
        && same_time(&pack->seen.stx_ctime, &status->stx_ctime);
}

bool
pack_ends(int fd, uint64_t end, uint64_t length, uint64_t sum)
{
    char bytes[PACK_TAIL];

    return length <= sizeof bytes && length <= end
        && io_pread(fd, bytes, length, (off_t)(end - length)) == (ssize_t)length && XXH3_64bits(bytes, length) == sum;
}

/* What was read is still there. */
static bool
goes_on(const struct pack *pack, int fd, const struct statx *status)
{
    return same_file(&pack->seen, status) && pack->end <= status->stx_size
        && pack_ends(fd, pack->end, pack->tail_length, pack->tail_sum);
}

void
pack_go_to(struct pack *pack, const char *bytes, size_t length, uint64_t end)
{
    const char *newline = memrchr(bytes, '\n', length - 1);
    const char *last = newline == NULL ? bytes : newline + 1;

    pack->end = end;
    pack->last_sum = XXH3_64bits(last, (size_t)(bytes + length - last));
    pack->tail_length = length < PACK_TAIL ? length : PACK_TAIL;
    pack->tail_sum = XXH3_64bits(bytes + length - pack->tail_length, pack->tail_length);
}

static void
take_line(const struct reading *reading, struct slice line, uint64_t offset)
{
    struct slice request;

    if (reading->visit != NULL)
        reading->visit(reading->context, line);
    else if (result_request(line, &request))
        index_add(&reading->pack->recent, request, ORDER_CREATED, offset);
}

/* The whole lines of a chunk that begins at pack->end; how many bytes they are. */
static size_t
take_lines(const struct reading *reading, const char *bytes, size_t length)
{
    const char *newline;
    size_t at = 0;

    while (at < length && (newline = memchr(bytes + at, '\n', length - at)) != NULL) {
        size_t end = (size_t)(newline + 1 - bytes);

        take_line(reading, (struct slice){ bytes + at, end - at }, reading->pack->end + at);
        at = end;
    }
    return at;
}

static size_t
behind_newline(const char *bytes, size_t length)
{
    const char *newline = memchr(bytes, '\n', length);

    return newline == NULL ? 0 : (size_t)(newline + 1 - bytes);
}

/* Up to the last newline.  A line that is longer than a chunk is stepped over. */
static ssize_t
read_lines(const struct reading *reading, int fd)
{
    char *bytes = buffer_reserve(&reading->store->chunk, PACK_CHUNK);
    struct pack *pack = reading->pack;
    uint64_t at = pack->end;
    ssize_t got;

    while ((got = io_pread(fd, bytes, PACK_CHUNK, (off_t)at)) > 0) {
        size_t length = (size_t)got;
        size_t used = at == pack->end ? take_lines(reading, bytes, length) : behind_newline(bytes, length);

        if (used == 0 && length < PACK_CHUNK)
            break;
        at += used > 0 ? used : length;
        if (used > 0)
            pack_go_to(pack, bytes, used, at);
    }
    return got;
}

/* Where in a pack the line ends that was read last from the one before it. */
struct seeking {
    uint64_t sum, at, found;
};

static void
seek_line(void *context, struct slice line)
{
    struct seeking *seeking = context;

    seeking->at += line.length;
    if (XXH3_64bits(line.at, line.length) == seeking->sum)
        seeking->found = seeking->at;
}

/* Another file is the pack now.  If it was written from the one before, who follows goes on behind what was read. */
static int
follow(const struct reading *reading, int fd)
{
    struct pack *pack = reading->pack, all = { .end = 0 };
    struct seeking seeking = { .sum = pack->last_sum };
    const struct reading search = { reading->store, reading->number, &all, seek_line, &seeking };
    const bool was_read = pack->end > 0;
    uint64_t moved;

    pack_forget(pack);
    if (!pack_moved(fd, &moved))
        return 0;
    if (was_read && read_lines(&search, fd) < 0)
        return -1;
    pack->end = seeking.found > 0 ? seeking.found : moved;
    pack->last_sum = seeking.found > 0 ? seeking.sum : 0;
    pack->tail_sum = XXH3_64bits("", 0);
    return 0;
}

static const char *
path_of(const struct reading *reading)
{
    return store_path(reading->store, pack_name(reading->number));
}

static int
read_on(const struct reading *reading, int fd, struct fault *why)
{
    struct statx status;

    if (pack_look(fd, "", &status) != 0)
        return fault_system(why, STATUS_IO, "%s", path_of(reading));
    if (!S_ISREG(status.stx_mode))
        return fault_set(why, STATUS_DATA, "%s: not a regular file", path_of(reading));
    if (is_known(reading->pack, &status))
        return 0;
    if (!goes_on(reading->pack, fd, &status)) {
        if (reading->pack->follows && follow(reading, fd) != 0)
            return fault_system(why, STATUS_IO, "%s: cannot read", path_of(reading));
        if (!reading->pack->follows)
            pack_forget(reading->pack);
    }
    if (reading->pack->index != NULL && reading->pack->end == 0)
        pack_index_find(reading->store, reading->number, fd, reading->pack, &status);
    if (read_lines(reading, fd) < 0)
        return fault_system(why, STATUS_IO, "%s: cannot read", path_of(reading));
    reading->pack->seen = status;
    return 0;
}

int
pack_read_open(struct store *store, unsigned number, int fd, struct pack *pack, struct fault *why)
{
    const struct reading reading = { store, number, pack, NULL, NULL };

    return read_on(&reading, fd, why);
}

int
pack_take(struct store *store, unsigned number, struct pack *pack, bool append)
{
    int access = append || pack->keeps ? O_RDWR | O_APPEND : O_RDONLY;

    if (!pack->is_open)
        return store_open_file(store, pack_name(number), access | (append ? O_CREAT : 0));
    pack->is_open = false;
    return pack->fd;
}

void
pack_give(struct pack *pack, int fd)
{
    if (!pack->keeps) {
        io_close(&fd);
        return;
    }
    pack->fd = fd;
    pack->is_open = true;
}

bool
pack_is(const struct store *store, unsigned number, const struct statx *status)
{
    struct statx named;

    return pack_look(store->directory, pack_name(number), &named) == 0 && same_file(&named, status);
}

/* Somebody may have deleted or cut it meanwhile, as may be done with all that is derived. */
int
pack_grown(struct store *store, unsigned number, int fd, struct pack *pack, struct slice lines, struct fault *why)
{
    const struct reading reading = { store, number, pack, NULL, NULL };
    struct statx status;

    if (pack_look(fd, "", &status) != 0)
        return fault_system(why, STATUS_IO, "%s", path_of(&reading));
    if (status.stx_nlink == 0 && !pack_is(store, number, &status))     /* some file systems count no links */
        return 1;
    if (!same_file(&pack->seen, &status) || status.stx_size != pack->end + lines.length)
        return read_on(&reading, fd, why);
    (void)take_lines(&reading, lines.at, lines.length);
    pack_go_to(pack, lines.at, lines.length, status.stx_size);
    pack->seen = status;
    return 0;
}

int
pack_read(struct store *store, unsigned number, struct pack *pack, pack_visit *visit, void *context,
          struct fault *why)
{
    const struct reading reading = { store, number, pack, visit, context };
    const char *name = pack_name(number);
    struct statx status = { .stx_ino = 0 };
    int fd, result;

    if (store->directory >= 0 && pack_look(store->directory, name, &status) != 0) {
        if (errno != ENOENT)
            return fault_system(why, STATUS_IO, "%s", store_path(store, name));
        pack_forget(pack);
        return 0;
    }
    if (store->directory >= 0 && is_known(pack, &status))
        return 0;
    if (!same_file(&pack->seen, &status))
        close_file(pack);
    fd = pack_take(store, number, pack, false);
    if (fd < 0 && errno != ENOENT)
        return store_open_fault(store, name, why);
    if (fd < 0) {
        pack_forget(pack);
        return 0;
    }
    result = read_on(&reading, fd, why);
    if (result == 0)
        pack_give(pack, fd);
    else
        io_close(&fd);
    return result;
}

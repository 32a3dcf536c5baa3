/*
 * dead_file.c -- dead letters: dead/<command>.ndjson, synced before anybody goes on.
 *
 * A lane's lock is held by who puts its messages aside, so nobody else adds a
 * letter of the same origin between a look and the next append.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/append.h"
#include "store/dead.h"
#include "store/file/store_file.h"

enum { NAME_BYTES = 64, CHUNK = 256 * 1024 };

static void
name_of(const struct store *store, char *name)
{
    (void)snprintf(name, NAME_BYTES, "dead/%s.ndjson", store->setting.command);
}

int
dead_append(struct store *store, struct slice lines, int spill, struct fault *why)
{
    char name[NAME_BYTES];
    int fd, directory = -1, result = 0;

    if (store_make(store, why) != 0)
        return -1;
    name_of(store, name);
    fd = store_open_file(store, name, O_RDWR | O_APPEND | O_CREAT);
    if (fd < 0)
        return store_open_fault(store, name, why);
    directory = io_open(store->directory, "dead", O_RDONLY | O_DIRECTORY, 0);
    if (append_lines(fd, lines, spill) != 0 || io_sync(fd) != 0 || directory < 0 || fsync(directory) != 0)
        result = fault_system(why, STATUS_IO, "%s: cannot write", store_path(store, name));
    io_close(&directory);
    io_close(&fd);
    return result;
}

/* An origin as the key of an index. */
static void
write_key(struct buffer *key, const struct origin *origin)
{
    key->length = 0;
    buffer_slice(key, origin->topic);
    buffer_text(key, "/");
    buffer_slice(key, origin->group);
    buffer_text(key, "/");
    buffer_number(key, origin->lane);
    buffer_text(key, "/");
    buffer_number(key, origin->offset);
}

/* Of each line only the head is of interest, and lines may be long: `in_line` tells that one goes on. */
static void
remember(struct dead_letters *dead, struct slice chunk, struct buffer *key)
{
    const char *at = chunk.at, *end = chunk.at + chunk.length;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline != NULL ? newline : end;
        struct origin origin;

        if (!dead->in_line && letter_origin((struct slice){ at, (size_t)(stop - at) }, &origin)) {
            write_key(key, &origin);
            index_add(&dead->index, (struct slice){ key->at, key->length }, ORDER_CREATED,
                      dead->read + (uint64_t)(at - chunk.at));
        }
        dead->in_line = newline == NULL;
        at = newline != NULL ? newline + 1 : end;
    }
}

/* A chunk begins with a line, unless one is longer: then the rest of it is passed over. */
static int
catch_up(struct dead_letters *dead, int fd, struct buffer *key)
{
    struct buffer buffer = { 0 };
    struct stat status;
    int result = 0;
    ssize_t got;

    if (fstat(fd, &status) == 0 && (uint64_t)status.st_size < dead->read) {     /* another file */
        index_clear(&dead->index);
        *dead = (struct dead_letters){ 0 };
    }
    while ((got = io_pread(fd, buffer_reserve(&buffer, CHUNK), CHUNK, (off_t)dead->read)) > 0) {
        const char *last = memrchr(buffer.at, '\n', (size_t)got);
        size_t used = last != NULL ? (size_t)(last + 1 - buffer.at) : (size_t)got;

        if (last == NULL && got < CHUNK)
            break;
        remember(dead, (struct slice){ buffer.at, used }, key);
        dead->read += used;
    }
    if (got < 0)
        result = -1;
    buffer_free(&buffer);
    return result;
}

/*
 * Does the line that begins there end as a letter does?  One that was cut off had a
 * newline put behind it by who appended next; what it was about is to be put aside again.
 */
static bool
is_whole(int fd, uint64_t offset)
{
    bool in_string = false, escaped = false;
    char last = '\0', *bytes = memory_new(CHUNK);
    ssize_t got;

    while ((got = io_pread(fd, bytes, CHUNK, (off_t)offset)) > 0) {
        for (ssize_t i = 0; i < got && bytes[i] != '\n'; i++) {
            last = bytes[i];
            in_string ^= last == '"' && !escaped;
            escaped = last == '\\' && !escaped;
        }
        if (memchr(bytes, '\n', (size_t)got) != NULL)
            break;
        offset += (uint64_t)got;
    }
    free(bytes);
    return last == '}' && !in_string;
}

/* Two origins may share a key's hash: the letter itself decides. */
static int
is_letter_of(int fd, uint64_t offset, const struct origin *origin)
{
    char head[4096];
    struct origin found;
    ssize_t got = io_pread(fd, head, sizeof head, (off_t)offset);

    return got > 0 && letter_origin((struct slice){ head, (size_t)got }, &found)
        && slice_equal(found.topic, origin->topic) && slice_equal(found.group, origin->group)
        && found.lane == origin->lane && found.offset == origin->offset && is_whole(fd, offset);
}

int
dead_contains(struct store *store, const struct origin *origin, struct fault *why)
{
    struct dead_letters *dead = &store->dead;
    struct buffer key = { 0 };
    struct index_hit hit;
    char name[NAME_BYTES];
    size_t step = 0;
    int fd, result = 0;

    name_of(store, name);
    fd = store_open_file(store, name, O_RDONLY);
    if (fd < 0)
        return errno == ENOENT ? 0 : store_open_fault(store, name, why);
    if (catch_up(dead, fd, &key) != 0)
        result = fault_system(why, STATUS_IO, "%s: cannot read", store_path(store, name));
    write_key(&key, origin);
    while (result == 0 && index_next(&dead->index, (struct slice){ key.at, key.length }, &step, &hit))
        result = is_letter_of(fd, hit.offset, origin);
    buffer_free(&key);
    io_close(&fd);
    return result;
}

/*
 * dead_file.c -- dead letters: dead/<command>.ndjson, synced before anybody goes on.
 *
 * A lane's lock is held by who puts its messages aside, so nobody else adds a
 * letter of the same origin between a look and the next append.
 */

#include "base/append.h"
#include "store/dead.h"
#include "store/file/record.h"
#include "store/file/redriven.h"

int
dead_append(struct store *store, struct slice lines, int spill, struct fault *why)
{
    char name[DEAD_NAME_BYTES];
    int fd, directory = -1, result = 0;

    if (store->setting.dry)
        return 0;
    if (store_make(store, why) != 0)
        return -1;
    dead_name(store->setting.command, "ndjson", name);
    fd = store_open_file(store, name, O_RDWR | O_APPEND | O_CREAT);
    if (fd < 0)
        return store_open_fault(store, name, why);
    directory = io_open(store->directory, "dead", O_RDONLY | O_DIRECTORY, 0);
    if (append_lines(fd, fd, lines, spill) != 0 || io_sync(fd) != 0 || directory < 0 || fsync(directory) != 0)
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

/* Of each line behind those that are known: what it is about. */
static int
catch_up(struct store *store, struct buffer *key, struct fault *why)
{
    struct dead_letters *dead = &store->dead;
    struct dead_reader *reader;
    struct dead_line line;
    int got;

    if (dead_open(&reader, store, store->setting.command, dead->read, why) != 0)
        return -1;
    while ((got = dead_next(reader, &line, why)) > 0) {
        struct origin origin;

        if (letter_origin(line.text, &origin)) {
            write_key(key, &origin);
            index_add(&dead->index, (struct slice){ key->at, key->length }, ORDER_CREATED, line.offset);
        }
        dead->read = line.offset + line.length + 1;
    }
    dead_close(reader);
    return got;
}

/*
 * Two origins may share a key's hash: the letter itself decides.  One that was cut off
 * had a newline put behind it by who appended next; what it was about is to be put
 * aside again.
 */
static int
is_letter_of(struct store *store, uint64_t offset, const struct origin *origin, struct fault *why)
{
    struct dead_reader *reader;
    struct letter_view letter;
    struct dead_line line;
    struct origin found;
    int result;

    if (dead_open(&reader, store, store->setting.command, offset, why) != 0)
        return -1;
    result = dead_next(reader, &line, why);
    if (result > 0)
        result = dead_letter(reader, &line, &letter, why) != 0 ? -1 : letter.whole;
    if (result > 0)
        result = letter_origin(line.text, &found) && slice_equal(found.topic, origin->topic)
            && slice_equal(found.group, origin->group) && found.lane == origin->lane && found.offset == origin->offset;
    dead_close(reader);
    return result;
}

/* By what the letters that are known are told from others; false if there are none. */
static bool
sum_known(struct store *store, uint64_t *sum)
{
    char name[DEAD_NAME_BYTES];
    int fd, result;

    dead_name(store->setting.command, "ndjson", name);
    fd = store_open_file(store, name, O_RDONLY);
    result = fd < 0 ? -1 : record_sum(fd, store->dead.read, sum);
    io_close(&fd);
    return result == 0;
}

int
dead_contains(struct store *store, const struct origin *origin, struct fault *why)
{
    struct dead_letters *dead = &store->dead;
    struct buffer key = { 0 };
    struct index_hit hit;
    size_t step = 0;
    uint64_t before, known;
    int result;

    if (!sum_known(store, &before) || before != dead->before) {
        index_clear(&dead->index);
        dead->read = 0;
    }
    known = dead->read;
    result = catch_up(store, &key, why);
    if (dead->read != known)
        (void)sum_known(store, &dead->before);
    write_key(&key, origin);
    while (result == 0 && index_next(&dead->index, (struct slice){ key.at, key.length }, &step, &hit))
        result = is_letter_of(store, hit.offset, origin, why);
    buffer_free(&key);
    return result;
}

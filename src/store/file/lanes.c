/* lanes.c -- how many lanes a topic has, and had. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/io.h"
#include "base/json.h"
#include "store/file/segment.h"
#include "store/file/topic_file.h"

enum { FILE_MODE = 0640 };

static const char name[] = "lanes", draft[] = ".lanes", durable[] = "{\"durable\":true}\n";

static int
damaged(struct fault *why, const char *place)
{
    return fault_set(why, STATUS_DATA, "%s/lanes: damaged", place);
}

struct generation *
lanes_add(struct lanes *lanes, unsigned count, uint64_t segment)
{
    lanes->list = memory_room(lanes->list, lanes->count, &lanes->room, sizeof *lanes->list);
    lanes->list[lanes->count] = (struct generation){ .lanes = count, .segment = segment };
    if (count > lanes->directories)
        lanes->directories = count;
    return &lanes->list[lanes->count++];
}

static bool
take(const json_t *object, struct lanes *out)
{
    const json_t *from = json_object_get(object, "from");
    struct generation *generation;
    uint64_t lanes, segment;

    if (!json_number(object, "lanes", 1, &lanes) || lanes > TOPIC_LANES_MAX || !json_is_array(from)
        || json_array_size(from) > TOPIC_LANES_MAX || !json_number(object, "segment", 1, &segment))
        return false;
    generation = lanes_add(out, (unsigned)lanes, segment);
    for (size_t i = 0; i < json_array_size(from); i++) {
        const json_t *offset = json_array_get(from, i);

        if (!json_is_integer(offset) || json_integer_value(offset) < 0)
            return false;
        generation->from[i] = (uint64_t)json_integer_value(offset);
    }
    return true;
}

static bool
take_line(struct slice line, struct lanes *out, uint64_t *chain)
{
    struct fault ignored;
    json_t *object;
    bool good;

    if (!event_check_sum(line, chain) || json_read(line, &object, &ignored) != 0)
        return false;
    good = take(object, out);
    json_decref(object);
    return good;
}

/* See to it that the replacement is on disk, and say so. */
static int
make_durable(int topic, int fd, off_t size)
{
    if (fsync(fd) != 0 || fsync(topic) != 0)
        return -1;
    return io_pwrite(fd, durable, sizeof durable - 1, size);
}

/* Whole generations, then perhaps that they are on disk. */
static bool
understand(struct slice text, struct lanes *out, bool *on_disk)
{
    const char *at = text.at, *end = text.at + text.length, *newline;
    uint64_t chain = 0;

    *on_disk = false;
    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        struct slice line = { at, (size_t)(newline - at) };

        at = newline + 1;
        *on_disk = line.length == sizeof durable - 2 && memcmp(line.at, durable, line.length) == 0;
        if (!*on_disk && !take_line(line, out, &chain))
            return false;
    }
    return out->count > 0;
}

/* One lane from the start. */
static int
load_none(struct lanes *out)
{
    (void)lanes_add(out, 1, TOPIC_SEGMENT_BYTES);
    out->loaded = true;
    return 0;
}

/* The bytes of the file; what is no file is damage. */
static int
read_file(int fd, const char *place, struct buffer *text, struct stat *status, struct fault *why)
{
    if (fd < 0 || fstat(fd, status) != 0)
        return errno == ELOOP || errno == EISDIR ? damaged(why, place)
                                                 : fault_system(why, STATUS_IO, "%s/lanes", place);
    if (!S_ISREG(status->st_mode))
        return damaged(why, place);
    if (io_pread(fd, buffer_reserve(text, (size_t)status->st_size + 1), (size_t)status->st_size, 0) != status->st_size)
        return fault_system(why, STATUS_IO, "%s/lanes", place);
    text->length = (size_t)status->st_size;
    return 0;
}

static int
load(int topic, const char *place, bool look, struct lanes *out, struct fault *why)
{
    struct buffer text = { 0 };
    struct stat status = { .st_size = 0 };
    bool on_disk;
    int result = -1, fd = io_open(topic, name, (look ? O_RDONLY : O_RDWR) | O_NONBLOCK, 0);

    lanes_free(out);
    if (fd < 0 && errno == ENOENT)
        return load_none(out);
    if (read_file(fd, place, &text, &status, why) != 0)
        goto done;
    out->file = status.st_ino;
    out->changed = status.st_ctim;
    if (!understand((struct slice){ text.at, text.length }, out, &on_disk)) {
        (void)damaged(why, place);
        goto done;
    }
    if (!on_disk && !look && text.at != NULL) {
        /* Somebody may have been cut off in saying so: that is written over. */
        const char *newline = memrchr(text.at, '\n', text.length);

        (void)make_durable(topic, fd, newline + 1 - text.at);
    }
    out->loaded = true;
    result = 0;
done:
    buffer_free(&text);
    io_close(&fd);
    return result;
}

/* Is there a message in a lane that no generation has?  Lanes are numbered without a gap. */
static bool
has_more(int topic, const struct lanes *lanes)
{
    struct segments segments = { 0 };
    bool more = false;
    int lane;

    for (unsigned i = lanes->directories; !more && (lane = topic_open_lane(topic, i, false)) >= 0; i++) {
        for (size_t j = segments_list(lane, &segments) == 0 ? segments.count : 0; j > 0; j--)
            more |= segments.list[j - 1].bytes > 0;
        io_close(&lane);
    }
    segments_free(&segments);
    return more;
}

/*
 * Whoever publishes to a lane has read here that it is there.  So what is in lanes of
 * which nothing is said was published since we read, or else generations are missing.
 */
int
lanes_load(int topic, const char *place, bool look, struct lanes *out, struct fault *why)
{
    for (;;) {
        if (load(topic, place, look, out, why) != 0)
            return -1;
        if (!has_more(topic, out))
            return 0;
        if (!lanes_changed(topic, out))
            return damaged(why, place);
    }
}

bool
lanes_changed(int topic, const struct lanes *lanes)
{
    struct stat status;

    if (!lanes->loaded)
        return true;
    if (fstatat(topic, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return lanes->file != 0;
    return status.st_ino != lanes->file || status.st_ctim.tv_sec != lanes->changed.tv_sec
        || status.st_ctim.tv_nsec != lanes->changed.tv_nsec;
}

static void
put_generation(struct buffer *out, const struct generation *generation, unsigned directories, uint64_t *chain)
{
    size_t start = out->length;

    buffer_text(out, "{\"lanes\":");
    buffer_number(out, generation->lanes);
    buffer_text(out, ",\"segment\":");
    buffer_number(out, generation->segment);
    buffer_text(out, ",\"from\":[");
    for (unsigned i = 0; i < directories; i++) {
        buffer_text(out, i > 0 ? "," : "");
        buffer_number(out, generation->from[i]);
    }
    buffer_text(out, "]");
    event_write_sum(out, start, chain);
    buffer_text(out, "\n");
}

int
lanes_store(int topic, const char *place, const struct lanes *lanes, struct fault *why)
{
    struct buffer text = { 0 };
    uint64_t chain = 0;
    int result = 0, fd = io_open(topic, draft, O_RDWR | O_CREAT | O_TRUNC, FILE_MODE);

    for (size_t i = 0; i < lanes->count; i++)
        put_generation(&text, &lanes->list[i], lanes->directories, &chain);
    if (fd < 0 || io_write(fd, text.at, text.length) != 0 || fsync(fd) != 0
        || renameat(topic, draft, topic, name) != 0 || make_durable(topic, fd, (off_t)text.length) != 0)
        result = fault_system(why, STATUS_IO, "%s/lanes: cannot write", place);
    buffer_free(&text);
    io_close(&fd);
    return result;
}

unsigned
lanes_choose(const struct lanes *lanes, struct slice product)
{
    unsigned count = lanes_now(lanes)->lanes;

    if (count == 1 || product.length == 0)
        return 0;
    return (unsigned)(XXH3_64bits(product.at, product.length) % count);
}

size_t
lanes_generation(const struct lanes *lanes, unsigned lane, uint64_t offset)
{
    size_t i = lanes->count - 1;

    while (i > 0 && offset < lanes->list[i].from[lane])
        i--;
    return i;
}

void
lanes_free(struct lanes *lanes)
{
    free(lanes->list);
    *lanes = (struct lanes){ 0 };
}

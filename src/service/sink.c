/* sink.c -- lines to a descriptor or to topics. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/append.h"
#include "base/io.h"
#include "service/sink.h"
#include "store/topic.h"

/* Lines of one topic. */
struct heap {
    struct topic *topic;
    struct buffer lines;
};

struct sink {
    const char *name;
    int fd;                     /* or -1: a topic */
    int lock;                   /* append.h */
    bool regular;
    struct store *store;
    struct buffer buffer;
    struct heap *heaps;
    size_t heap_count, heap_room;
};

/* A file that is there or can be made is also read: its last line may want an end. */
static int
open_path(const char *name)
{
    struct stat status;

    if (stat(name, &status) == 0 && !S_ISREG(status.st_mode))
        return io_open(AT_FDCWD, name, O_WRONLY | IO_FOLLOW, 0);
    return io_open(AT_FDCWD, name, O_RDWR | O_APPEND | O_CREAT | IO_FOLLOW, 0666);
}

/* The name of a file is on disk before anything is in it: its own, whatever it was opened by. */
static int
sync_name(int file, const char *name)
{
    char path[40], own[PATH_MAX];
    ssize_t length;
    int fd, result;

    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    length = readlink(path, own, sizeof own - 1);
    own[length > 0 ? length : 0] = '\0';
    fd = io_open_parent(length > 0 ? own : name);
    result = fd < 0 ? -1 : fsync(fd);

    io_close(&fd);
    return result;
}

static int
open_file(struct sink *sink, const char *name, struct fault *why)
{
    bool standard = strcmp(name, "-") == 0;
    struct stat status;

    sink->fd = standard ? STDOUT_FILENO : open_path(name);
    if (sink->fd < 0 || fstat(sink->fd, &status) != 0)
        return fault_system(why, STATUS_CANNOT_CREATE, "%s", name);
    sink->lock = append_lock(sink->fd, standard);
    sink->name = standard ? "standard output" : name;
    sink->regular = S_ISREG(status.st_mode);
    if (sink->regular && !standard && status.st_size == 0 && sync_name(sink->fd, name) != 0 && errno != EACCES)
        return fault_system(why, STATUS_IO, "%s: cannot sync its name", name);
    return 0;
}

int
sink_open(struct sink **out, const char *name, struct store *store, struct fault *why)
{
    struct sink *sink = memory_zeroed(1, sizeof *sink);

    sink->name = name;
    sink->fd = sink->lock = -1;
    sink->store = store;
    if (name[0] != '@' && open_file(sink, name, why) != 0) {
        sink_close(sink);
        return -1;
    }
    *out = sink;
    return 0;
}

struct buffer *
sink_buffer(struct sink *sink)
{
    return &sink->buffer;
}

static struct buffer *
heap_of(struct sink *sink, struct slice type)
{
    struct topic *topic = topic_of(sink->store, type);

    for (size_t i = 0; i < sink->heap_count; i++)
        if (sink->heaps[i].topic == topic)
            return &sink->heaps[i].lines;
    sink->heaps = memory_room(sink->heaps, sink->heap_count, &sink->heap_room, sizeof *sink->heaps);
    sink->heaps[sink->heap_count++] = (struct heap){ .topic = topic };
    return &sink->heaps[sink->heap_count - 1].lines;
}

/* Each topic's lines keep their order. */
static int
publish_by_type(struct sink *sink, struct slice lines, struct fault *why)
{
    const char *at = lines.at, *end = lines.at + lines.length;
    struct arena arena = { 0 };
    int result = 0;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct slice line = { at, (size_t)(newline + 1 - at) };

        buffer_slice(heap_of(sink, topic_line_read((struct slice){ at, line.length - 1 }, &arena).type), line);
        arena_reset(&arena);
        at = newline + 1;
    }
    for (size_t i = 0; i < sink->heap_count; i++) {
        struct buffer *heap = &sink->heaps[i].lines;

        if (result == 0)
            result = topic_publish(sink->heaps[i].topic, (struct slice){ heap->at, heap->length }, why);
        heap->length = 0;
    }
    return result;
}

static int
publish(struct sink *sink, int spill, struct fault *why)
{
    struct slice name = { sink->name + 1, strlen(sink->name + 1) }, lines = { sink->buffer.at, sink->buffer.length };
    struct topic *topic;

    if (name.length == 0)
        return publish_by_type(sink, lines, why);
    topic = topic_of(sink->store, topic_name_resolve(name));
    if (topic_publish(topic, lines, why) != 0)
        return -1;
    return spill < 0 ? 0 : topic_publish_spill(topic, spill, why);
}

int
sink_write(struct sink *sink, int spill, struct fault *why)
{
    struct slice lines = { sink->buffer.at, sink->buffer.length };

    if (lines.length == 0 && spill < 0)
        return 0;
    if (sink->fd < 0) {
        if (publish(sink, spill, why) != 0)
            return -1;
    } else if (append_lines(sink->fd, sink->lock, lines, spill) != 0) {
        return fault_system(why, STATUS_IO, "%s", sink->name);
    }
    sink->buffer.length = 0;
    return 0;
}

int
sink_settle(struct sink *sink, struct fault *why)
{
    if (sink->fd < 0)
        return store_settle(sink->store, why);
    if (sink->regular && fsync(sink->fd) != 0)
        return fault_system(why, STATUS_IO, "%s: cannot sync", sink->name);
    return 0;
}

static bool
is_topic(const char *name, const char *other)
{
    struct slice one = { name + 1, strlen(name + 1) }, two = { other + 1, strlen(other + 1) };

    return slice_equal(topic_name_resolve(one), topic_name_resolve(two));
}

bool
sink_is(const struct sink *sink, const char *name, int fd)
{
    struct stat ours, other;

    if (sink != NULL && sink->fd < 0)
        return name[0] == '@' && is_topic(sink->name, name);
    return sink != NULL && sink->regular && fstat(sink->fd, &ours) == 0 && fstat(fd, &other) == 0
        && ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}

void
sink_close(struct sink *sink)
{
    if (sink == NULL)
        return;
    if (sink->lock != sink->fd)
        io_close(&sink->lock);
    if (sink->fd != STDOUT_FILENO)
        io_close(&sink->fd);
    for (size_t i = 0; i < sink->heap_count; i++)
        buffer_free(&sink->heaps[i].lines);
    free(sink->heaps);
    buffer_free(&sink->buffer);
    free(sink);
}

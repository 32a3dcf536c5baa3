/* sink.c -- lines to a descriptor. */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/append.h"
#include "base/io.h"
#include "service/sink.h"

struct sink {
    const char *name;
    int fd;
    bool regular;
    struct buffer buffer;
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

int
sink_open(struct sink **out, const char *name, struct fault *why)
{
    bool standard = strcmp(name, "-") == 0;
    int fd = standard ? STDOUT_FILENO : open_path(name);
    struct stat status;
    struct sink *sink;

    if (fd < 0 || fstat(fd, &status) != 0)
        return fault_system(why, STATUS_CANNOT_CREATE, "%s", name);
    sink = memory_zeroed(1, sizeof *sink);
    sink->name = standard ? "standard output" : name;
    sink->fd = fd;
    sink->regular = S_ISREG(status.st_mode);
    *out = sink;
    return 0;
}

struct buffer *
sink_buffer(struct sink *sink)
{
    return &sink->buffer;
}

int
sink_write(struct sink *sink, int spill, struct fault *why)
{
    struct slice lines = { sink->buffer.at, sink->buffer.length };

    if (lines.length == 0 && spill < 0)
        return 0;
    if (append_lines(sink->fd, lines, spill) != 0)
        return fault_system(why, STATUS_IO, "%s", sink->name);
    sink->buffer.length = 0;
    return 0;
}

int
sink_settle(struct sink *sink, struct fault *why)
{
    if (sink->regular && fsync(sink->fd) != 0)
        return fault_system(why, STATUS_IO, "%s: cannot sync", sink->name);
    return 0;
}

bool
sink_is(const struct sink *sink, int fd)
{
    struct stat ours, other;

    return sink != NULL && sink->regular && fstat(sink->fd, &ours) == 0 && fstat(fd, &other) == 0
        && ours.st_dev == other.st_dev && ours.st_ino == other.st_ino;
}

void
sink_close(struct sink *sink)
{
    if (sink == NULL)
        return;
    if (sink->fd != STDOUT_FILENO)
        io_close(&sink->fd);
    buffer_free(&sink->buffer);
    free(sink);
}

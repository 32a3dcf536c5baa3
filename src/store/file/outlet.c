/* outlet.c -- the end of a lane. */
#include <errno.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/spill.h"
#include "store/file/outlet.h"

int
outlet_sync(struct outlet *outlet)
{
    int result = outlet->dirty ? io_sync(outlet->fd) : 0;

    if (result == 0)
        outlet->dirty = false;
    return result;
}

int
outlet_leave(struct outlet *outlet)
{
    int result = outlet_sync(outlet);

    outlet->dirty = false;
    io_close(&outlet->fd);
    return result;
}

void
outlet_close(struct outlet *outlet)
{
    io_close(&outlet->directory);
    io_close(&outlet->end_file);
    io_close(&outlet->fd);
    buffer_free(&outlet->pending);
}

/* Another file was put in its place. */
static bool
is_gone(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && status.st_nlink == 0;
}

static int
find_end(struct outlet *outlet, bool *known)
{
    struct place end;
    struct stat status;

    if (lane_end(outlet->directory, outlet->end_file, &end, known) != 0)
        return -1;
    if (outlet->fd >= 0 && (outlet->end.segment != end.segment || is_gone(outlet->fd)) && outlet_leave(outlet) != 0)
        return -1;
    outlet->end = end;
    if (outlet->fd < 0)
        outlet->fd = segment_open(outlet->directory, end.segment, O_RDWR | O_APPEND | O_CREAT);
    if (outlet->fd < 0 || fstat(outlet->fd, &status) != 0)
        return -1;
    return segment_end_line(outlet->fd, &outlet->end, (uint64_t)status.st_size);
}

/* Only a segment that is full can have a successor. */
int
outlet_catch_up(struct outlet *outlet, uint64_t full, bool *known)
{
    struct stat status;

    *known = true;
    if (outlet->fd >= 0 && outlet->end.bytes < full && fstat(outlet->fd, &status) == 0
        && (uint64_t)status.st_size == outlet->end.bytes && status.st_nlink > 0)
        return 0;
    return find_end(outlet, known);
}

/* A full segment is on disk before it has a successor, whoever wrote it: a power cut must leave no gap. */
static int
roll(struct outlet *outlet, uint64_t full)
{
    if (outlet->end.bytes < full)
        return 0;
    outlet->dirty = true;
    if (outlet_leave(outlet) != 0)
        return -1;
    outlet->end = (struct place){ outlet->end.offset, outlet->end.offset, 0 };
    outlet->fd = segment_open(outlet->directory, outlet->end.segment, O_RDWR | O_APPEND | O_CREAT);
    return outlet->fd < 0 ? -1 : fsync(outlet->directory);
}

/* As many lines as fill the segment: how many bytes, and lines. */
static size_t
take_lines(struct slice lines, uint64_t room, uint64_t *count)
{
    const char *at = lines.at, *end = lines.at + lines.length;

    *count = 0;
    while (at < end && (uint64_t)(at - lines.at) < room) {
        at = (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;
        (*count)++;
    }
    return (size_t)(at - lines.at);
}

/* Somebody may have read the whole lines already: only what follows them is taken back. */
static int
cut_back(struct outlet *outlet)
{
    struct stat status;
    int error = errno;

    outlet->dirty = true;
    if (fstat(outlet->fd, &status) == 0 && segment_count(outlet->fd, &outlet->end, (uint64_t)status.st_size) == 0)
        (void)io_truncate(outlet->fd, (off_t)outlet->end.bytes);
    errno = error;
    return -1;
}

static void
move_end(struct outlet *outlet, uint64_t lines, uint64_t bytes)
{
    outlet->dirty = true;
    outlet->end.offset += lines;
    outlet->end.bytes += bytes;
}

int
outlet_append(struct outlet *outlet, uint64_t full, struct slice lines)
{
    while (lines.length > 0) {
        uint64_t count;
        size_t length;

        if (roll(outlet, full) != 0)
            return -1;
        length = take_lines(lines, full - outlet->end.bytes, &count);
        if (io_write(outlet->fd, lines.at, length) != 0)
            return cut_back(outlet);
        move_end(outlet, count, length);
        lines = (struct slice){ lines.at + length, lines.length - length };
    }
    return 0;
}

int
outlet_append_spill(struct outlet *outlet, uint64_t full, int spill)
{
    struct stat status;

    if (fstat(spill, &status) != 0 || roll(outlet, full) != 0)
        return -1;
    if (spill_copy(spill, outlet->fd) != 0)
        return cut_back(outlet);
    move_end(outlet, 1, (uint64_t)status.st_size);
    return 0;
}

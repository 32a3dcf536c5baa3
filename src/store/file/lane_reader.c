/* lane_reader.c -- read a lane on, over the ends of its segments. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "store/file/segment.h"

static int
open_segment(struct lane_reader *reader, uint64_t segment)
{
    if (reader->fd >= 0 && reader->segment == segment)
        return 0;
    io_close(&reader->fd);
    reader->fd = segment_open(reader->lane, segment, O_RDONLY);
    reader->segment = segment;
    reader->ended = 0;
    return reader->fd < 0 ? -1 : 0;
}

/* A lane that nobody published to has no segment yet. */
static int
nothing_yet(const struct lane_reader *reader, const struct place *place)
{
    struct place first;

    if (errno != ENOENT || place->offset != 0 || lane_first(reader->lane, &first) != 0)
        return -1;
    errno = ENOENT;
    return first.offset == 0 ? 0 : -1;
}

/* Another file was put in the place of the segment that is read: read that on.  1, 0 if none was, -1. */
static int
renew(struct lane_reader *reader, const struct stat *status)
{
    int fd = status->st_nlink == 0 ? segment_open(reader->lane, reader->segment, O_RDONLY) : -1;

    if (fd < 0)
        return status->st_nlink == 0 && errno != ENOENT ? -1 : 0;
    io_close(&reader->fd);
    reader->fd = fd;
    reader->renewed = true;
    return 1;
}

/*
 * No segment begins where this one ends: does a later one, so that what was between is gone, or all up to
 * there?  It is looked for when the lane has other files than when there was none.  0, or -1 with errno.
 */
static int
whole(struct lane_reader *reader, const struct place *end)
{
    struct segments segments = { 0 };
    bool here = false, begun = false, later = false;
    struct stat now;

    if (fstat(reader->lane, &now) != 0)
        return -1;
    if (now.st_mtim.tv_sec == reader->whole.tv_sec && now.st_mtim.tv_nsec == reader->whole.tv_nsec)
        return 0;
    if (segments_list(reader->lane, &segments) != 0)
        return -1;
    for (size_t i = 0; i < segments.count; i++) {
        here = here || segments.list[i].first == end->segment;
        begun = begun || segments.list[i].first == end->offset;
        later = later || segments.list[i].first > end->offset;
    }
    segments_free(&segments);
    if (later && !begun) {
        errno = here ? ENODATA : ENOENT;
        return -1;
    }
    if (!later)
        reader->whole = now.st_mtim;
    return 0;
}

int
lane_more(struct lane_reader *reader, struct place *place)
{
    struct stat status;
    int next, renewed;

    if (open_segment(reader, place->segment) != 0)
        return nothing_yet(reader, place);
    for (;;) {
        if (fstat(reader->fd, &status) != 0)
            return -1;
        if ((uint64_t)status.st_size > place->bytes)
            return 1;
        if ((renewed = renew(reader, &status)) != 0) {
            if (renewed < 0)
                return -1;
            continue;
        }
        if ((uint64_t)status.st_size < place->bytes) {
            errno = ERANGE;
            return -1;
        }
        if (place->offset == place->segment)
            return 0;
        next = segment_open(reader->lane, place->offset, O_RDONLY);
        if (next < 0)
            return errno == ENOENT ? whole(reader, place) : -1;
        io_close(&reader->fd);
        reader->fd = next;
        reader->segment = place->offset;
        reader->ended = 0;
        *place = (struct place){ place->offset, place->offset, 0 };
    }
}

/* Is the end of a long line there?  It is looked for once. */
static int
has_end(struct lane_reader *reader, const struct place *place)
{
    struct place end = *place;
    struct stat status;

    if (reader->ended > place->bytes)
        return 1;
    if (fstat(reader->fd, &status) != 0
        || segment_skip(reader->fd, &end, place->offset + 1, (uint64_t)status.st_size) != 0)
        return -1;
    reader->ended = end.offset > place->offset ? end.bytes : 0;
    return reader->ended > 0;
}

int
lane_read(struct lane_reader *reader, struct place *place, uint64_t limit, size_t most, struct buffer *out)
{
    int more = lane_more(reader, place), ends = 0;
    ssize_t got;
    size_t used;

    if (more <= 0 || place->offset >= limit)
        return more < 0 ? -1 : 0;
    got = io_pread(reader->fd, buffer_reserve(out, most), most, (off_t)place->bytes);
    if (got < 0)
        return -1;
    used = segment_step_over(out->at + out->length, (size_t)got, place, limit);
    if (used == 0 && (size_t)got == most)
        ends = has_end(reader, place);
    if (ends < 0)
        return -1;
    if (ends > 0)
        used = most;
    out->length += used;
    place->bytes += used;
    return used > 0;
}

void
lane_reader_close(struct lane_reader *reader)
{
    io_close(&reader->fd);
}

/* lane_tail.c -- where the last part of a lane begins. */
#include <errno.h>

#include "base/io.h"
#include "store/file/segment.h"

/* The lines within so many bytes before *end, all in its segment. */
static int
step_back(int lane, const struct place *end, uint64_t bytes, struct place *out)
{
    const bool whole = end->bytes <= bytes;
    struct place place = { 0, end->segment, whole ? 0 : end->bytes - bytes - 1 };   /* a line may end with this byte */
    int fd = segment_open(lane, end->segment, O_RDONLY);
    int result = fd < 0 ? -1 : 0;

    if (result == 0 && !whole)              /* the line that it begins in began before */
        result = segment_skip(fd, &place, 1, end->bytes);
    *out = *end;
    if (result == 0 && (whole || place.offset > 0)) {
        out->bytes = place.bytes;
        place.offset = 0;
        result = segment_count(fd, &place, end->bytes);
        out->offset -= place.offset;
    }
    if (result == 0 && place.offset > 0 && place.bytes != end->bytes) {
        errno = ERANGE;                     /* it ends before that */
        result = -1;
    }
    io_close(&fd);
    return result;
}

/* The segment before this one, if it is kept. */
static bool
segment_before(const struct segments *segments, uint64_t first, struct place *end)
{
    for (size_t i = segments->count; i > 0; i--) {
        if (segments->list[i - 1].first < first) {
            *end = (struct place){ first, segments->list[i - 1].first, segments->list[i - 1].bytes };
            return true;
        }
    }
    return false;
}

int
lane_tail(int lane, const struct place *end, uint64_t bytes, struct place *out)
{
    struct segments segments = { 0 };
    struct place before, earlier;
    int result = 0;

    *out = *end;
    if (end->bytes > 0 && step_back(lane, end, bytes, out) != 0)
        return -1;
    if (out->bytes > 0 || bytes <= end->bytes || end->segment == 0)
        return 0;
    result = segments_list(lane, &segments);
    if (result == 0 && segment_before(&segments, end->segment, &before)
        && step_back(lane, &before, bytes - end->bytes, &earlier) == 0 && earlier.offset < before.offset)
        *out = earlier;             /* or it was removed meanwhile */
    segments_free(&segments);
    return result;
}

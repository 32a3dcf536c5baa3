/*
 * segment.h -- the files of a lane: messages a line each, a new file when one is full.
 *
 *     topics/<topic>/<lane>/<offset of its first message, 20 digits>.ndjson
 *
 * The next segment is named by the offset at which the one before ended, so it
 * cannot be found before that one is complete, and nothing is counted from the
 * start.  Whole lines are never taken back; what follows the last newline is not
 * there yet.
 */
#ifndef SEGMENT_H
#define SEGMENT_H

#include <time.h>

#include "base/bytes.h"
#include "base/fault.h"
#include "store/file/record.h"

enum { SEGMENT_NAME_BYTES = 20 + 7 + 1 };

void segment_name(uint64_t first, char *name);

/*
 * Does this error of who opens or reads a file or directory of a topic tell that something else
 * stands in its place?  That is damage; others are not.
 */
bool segment_misplaced(int error);

/* Open one by the offset of its first message; -1 with errno.  `lane` is its directory. */
int segment_open(int lane, uint64_t first, int flags);

/* The segments of a lane, in order.  { 0 } at first; segments_free(). */
struct segments {
    struct segment {
        uint64_t first;
        uint64_t bytes;
        int64_t changed;        /* seconds since 1970 */
    } *list;
    size_t count, room;
};

/* 0, or -1 with errno. */
int segments_list(int lane, struct segments *out);
void segments_free(struct segments *segments);

/* Lines from *place on, up to `bytes` of its segment: move *place behind the last newline.  -1 with errno. */
int segment_count(int fd, struct place *place, uint64_t bytes);

/* Step over whole lines of what was read of it, at most up to the message `offset`: how many bytes they are. */
size_t segment_step_over(const char *bytes, size_t length, struct place *place, uint64_t offset);

/* The same up to where the message with this offset begins. */
int segment_skip(int fd, struct place *place, uint64_t offset, uint64_t bytes);

/*
 * End a line that was cut off, between *place and the size of the file, so that it
 * is one like any other.  -1 with errno.
 */
int segment_end_line(int fd, struct place *place, uint64_t size);

/*
 * Where a lane begins, where it ends, and where the message with this offset
 * begins (within the two).  `hint` is the file that lane_end_write() wrote, or
 * -1; it saves counting what it knows.  *known tells whether it named the last segment.
 * All begin as { 0 } in a lane without a segment.  0, or -1 with errno.
 */
int lane_first(int lane, struct place *out);
int lane_end(int lane, int hint, struct place *out, bool *known);
int lane_place(int lane, uint64_t offset, struct place *out);

/*
 * Where the first message begins of those within the last `bytes` before *end, which is the
 * end of the lane, and in one of its last two segments.  0, or -1 with errno.
 */
int lane_tail(int lane, const struct place *end, uint64_t bytes, struct place *out);

/* Reads a lane on; { .lane = its directory, .fd = -1 } at first, lane_reader_close(). */
struct lane_reader {
    int lane;
    int fd;                     /* of `segment`, or -1 */
    uint64_t segment;
    uint64_t ended;             /* a line of it that is being read in parts ends here, or 0 */
    struct timespec whole;      /* when the lane was changed that had no segment behind that */
    bool renewed;               /* another file was in its place; whoever heeds that sets it back */
};

/*
 * Is there more behind *place?  Moves it to the next segment when its own is at
 * an end.  1 or 0; -1 with errno, ENOENT when its segment is gone, ERANGE when
 * it lies behind the end of what is there, ENODATA when the next segment is gone
 * and a later one is there.
 */
int lane_more(struct lane_reader *reader, struct place *place);

/*
 * Append whole lines from *place on to *out, at most `most` bytes and at most
 * up to the message with the offset `limit`, and move *place behind them.  If a
 * line does not end within `most` bytes, a part of it, once its end is there:
 * it may be cut off yet.  1 or 0; -1 as above.
 */
int lane_read(struct lane_reader *reader, struct place *place, uint64_t limit, size_t most, struct buffer *out);

void lane_reader_close(struct lane_reader *reader);

#endif

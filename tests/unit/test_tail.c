/* test_tail.c -- the last part of a lane: where it begins, for every size. */
#include "scratch.h"
#include "store/file/segment.h"
#include "tap.h"

enum { LINES = 16 };

/* Lengths of the lines, each with its newline; 0 begins another segment. */
static const struct row {
    const char *name;
    size_t lengths[LINES];
    size_t count;
} rows[] = {
    { "nothing", { 0 }, 0 },
    { "one line", { 5 }, 1 },
    { "empty lines", { 1, 1, 1 }, 3 },
    { "one segment", { 5, 1, 7, 3 }, 4 },
    { "two segments", { 5, 1, 7, 0, 4, 9 }, 6 },
    { "three segments", { 6, 6, 0, 6, 6, 0, 6, 6 }, 8 },
    { "a long line", { 2, 90, 3 }, 3 },
    { "a long line before", { 2, 90, 0, 2, 3 }, 5 },
    { "a long line at the end", { 2, 3, 0, 90 }, 4 },
    { "an empty segment at the end", { 4, 4, 0, 4, 4, 0 }, 6 },
};

struct lane {
    struct place lines[LINES];  /* where each begins */
    uint64_t before[LINES];     /* bytes before it, in all segments */
    size_t count;
    struct place end;
    uint64_t bytes, last, last_but_one;     /* the two segments begin behind so many */
};

static void
append(int directory, uint64_t segment, size_t length)
{
    char name[SEGMENT_NAME_BYTES], line[128];
    int fd;

    segment_name(segment, name);
    fd = io_open(directory, name, O_WRONLY | O_CREAT | O_APPEND, 0600);
    memset(line, 'x', sizeof line);
    if (length > 0)
        line[length - 1] = '\n';
    if (fd < 0 || io_write(fd, line, length) != 0) {
        perror(name);
        exit(1);
    }
    io_close(&fd);
}

static void
fill(int directory, const struct row *row, struct lane *lane)
{
    *lane = (struct lane){ .count = 0 };
    for (size_t i = 0; i < row->count; i++) {
        if (row->lengths[i] == 0) {
            lane->end = (struct place){ lane->end.offset, lane->end.offset, 0 };
            lane->last_but_one = lane->last;
            lane->last = lane->bytes;
            append(directory, lane->end.segment, 0);
            continue;
        }
        append(directory, lane->end.segment, row->lengths[i]);
        lane->lines[lane->count] = lane->end;
        lane->before[lane->count++] = lane->bytes;
        lane->end.offset++;
        lane->end.bytes += row->lengths[i];
        lane->bytes += row->lengths[i];
    }
}

/* By looking at all lines. */
static struct place
expected(const struct lane *lane, uint64_t bytes)
{
    for (size_t i = 0; i < lane->count; i++)
        if (lane->before[i] >= lane->last_but_one && lane->bytes - lane->before[i] <= bytes)
            return lane->lines[i];
    return lane->end;
}

static void
remove_all(int directory, const char *path, const struct lane *lane)
{
    char name[SEGMENT_NAME_BYTES];

    segment_name(lane->end.segment, name);
    (void)unlinkat(directory, name, 0);
    for (size_t i = 0; i < lane->count; i++) {
        segment_name(lane->lines[i].segment, name);
        (void)unlinkat(directory, name, 0);
    }
    (void)rmdir(path);
}

static void
test_row(struct tap *tap, const struct row *row)
{
    char path[4096];
    int directory = scratch_directory(path, sizeof path);
    struct lane lane;
    bool good = true;

    fill(directory, row, &lane);
    for (uint64_t bytes = 0; bytes < lane.bytes + 3; bytes++) {
        const struct place wanted = expected(&lane, bytes);
        struct place found;

        good = good && lane_tail(directory, &lane.end, bytes, &found) == 0 && found.offset == wanted.offset
            && found.segment == wanted.segment && found.bytes == wanted.bytes;
    }
    tap_check(tap, good, "%s", row->name);
    remove_all(directory, path, &lane);
    io_close(&directory);
}

int
main(void)
{
    struct tap tap = { 0 };

    for (size_t i = 0; i < COUNT(rows); i++)
        test_row(&tap, &rows[i]);
    return tap_done(&tap);
}

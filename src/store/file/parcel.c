/*
 * parcel.c -- which dead letters were sent before.
 *
 * The letters are sorted by their topics and bytes.  A line of a topic takes the first
 * of those that are equal to it and not yet taken: as many are sent again as are missing.
 */
#include <errno.h>
#include <stdlib.h>

#include "store/file/parcel.h"
#include "store/file/segment.h"
#include "store/file/topic_file.h"

enum { READ_BYTES = 4 * 1024 * 1024 };

struct sorted {
    struct slice text;
    size_t target, line;        /* of the parcel */
    size_t taken;               /* if it is the first of equals: how many of them */
};

void
parcel_clear(struct parcel *parcel)
{
    parcel->count = parcel->longest = 0;
    buffer_shrink(&parcel->bytes);
}

void
parcel_free(struct parcel *parcel)
{
    free(parcel->lines);
    buffer_free(&parcel->bytes);
    *parcel = (struct parcel){ 0 };
}

void
parcel_add(struct parcel *parcel, size_t target, size_t start)
{
    size_t length = parcel->bytes.length - start;

    parcel->lines = memory_room(parcel->lines, parcel->count, &parcel->room, sizeof *parcel->lines);
    parcel->lines[parcel->count++] = (struct parcel_line){ target, start, length, false };
    if (length > parcel->longest)
        parcel->longest = length;
}

static int
compare(const struct sorted *one, const struct sorted *other)
{
    if (one->target != other->target)
        return one->target < other->target ? -1 : 1;
    return slice_compare(one->text, other->text);
}

static int
by_text(const void *a, const void *b)
{
    const struct sorted *one = a, *other = b;
    int order = compare(one, other);

    return order != 0 ? order : (one->line > other->line) - (one->line < other->line);
}

static struct sorted *
sort(const struct parcel *parcel)
{
    struct sorted *sorted = memory_zeroed(parcel->count + 1, sizeof *sorted);

    for (size_t i = 0; i < parcel->count; i++) {
        const struct parcel_line *line = &parcel->lines[i];

        sorted[i] = (struct sorted){ { parcel->bytes.at + line->start, line->length }, line->target, i, 0 };
    }
    if (parcel->count > 1)
        qsort(sorted, parcel->count, sizeof *sorted, by_text);
    return sorted;
}

/* A line of a topic: it is one of the parcel's. */
static void
take(struct parcel *parcel, struct sorted *sorted, size_t target, struct slice text)
{
    const struct sorted wanted = { .text = text, .target = target };
    size_t low = 0, high = parcel->count, found;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(&sorted[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    found = low + (low < parcel->count ? sorted[low].taken : 0);
    if (found >= parcel->count || compare(&sorted[found], &wanted) != 0)
        return;
    sorted[low].taken++;
    parcel->lines[sorted[found].line].sent = true;
}

/* Whole lines; `in_part` tells that a line which is too long to be one of ours goes on. */
static void
take_lines(struct parcel *parcel, struct sorted *sorted, size_t target, const struct buffer *bytes, bool *in_part)
{
    const char *at = bytes->at, *end = bytes->at + bytes->length, *newline;

    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if (!*in_part)
            take(parcel, sorted, target, (struct slice){ at, (size_t)(newline + 1 - at) });
        *in_part = false;
        at = newline + 1;
    }
    *in_part = *in_part || at < end;
}

static int
search_lane(struct parcel *parcel, struct sorted *sorted, size_t target, int lane, uint64_t *from)
{
    size_t most = parcel->longest > READ_BYTES ? parcel->longest : READ_BYTES;
    struct lane_reader reader = { .lane = lane, .fd = -1 };
    struct buffer bytes = { 0 };
    struct place place;
    bool in_part = false;
    int result = lane_place(lane, *from, &place);

    if (result == 0 && place.offset < *from)
        *from = place.offset;
    while (result == 0 && (result = lane_read(&reader, &place, UINT64_MAX, most, &bytes)) > 0) {
        take_lines(parcel, sorted, target, &bytes, &in_part);
        bytes.length = 0;
        result = 0;
    }
    buffer_free(&bytes);
    lane_reader_close(&reader);
    return result;
}

static int
search_lanes(struct store *store, struct parcel *parcel, struct sorted *sorted, size_t target,
             struct redriven_target *noted, int topic, struct fault *why)
{
    struct slice name = { noted->topic, strlen(noted->topic) };
    char path[TOPIC_PATH_BYTES];
    struct lanes lanes = { 0 };
    int result;

    topic_path(name, path);
    result = lanes_load(topic, store_path(store, path), true, &lanes, why);
    for (unsigned lane = 0; result == 0 && lane < lanes.directories; lane++) {
        uint64_t start = 0, *from = lane < noted->lanes ? &noted->ends[lane] : &start;
        int directory = topic_open_lane(topic, lane, false);

        if (directory < 0 && errno == ENOENT)
            *from = 0;
        else if (directory < 0 || search_lane(parcel, sorted, target, directory, from) != 0)
            result = fault_system(why, STATUS_IO, "%s/%u: cannot read", store_path(store, path), lane);
        io_close(&directory);
    }
    lanes_free(&lanes);
    return result;
}

int
parcel_find(struct store *store, struct parcel *parcel, struct redriven *redriven, struct fault *why)
{
    struct sorted *sorted = sort(parcel);
    int result = 0;

    for (size_t i = 0; result == 0 && i < redriven->count; i++) {
        struct redriven_target *target = &redriven->targets[i];
        int topic = topic_open_directory(store, (struct slice){ target->topic, strlen(target->topic) }, false, why);

        if (topic >= 0)
            result = search_lanes(store, parcel, sorted, i, target, topic, why);
        else if (why->status == STATUS_NO_INPUT)
            target->lanes = 0;
        else
            result = -1;
        io_close(&topic);
    }
    free(sorted);
    return result;
}

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
    parcel->count = 0;
    buffer_shrink(&parcel->bytes);
    io_close(&parcel->spill);
}

void
parcel_free(struct parcel *parcel)
{
    free(parcel->lines);
    buffer_free(&parcel->bytes);
    io_close(&parcel->spill);
    *parcel = (struct parcel){ .spill = -1 };
}

void
parcel_add(struct parcel *parcel, size_t target, size_t start)
{
    size_t length = parcel->bytes.length - start;

    parcel->lines = memory_room(parcel->lines, parcel->count, &parcel->room, sizeof *parcel->lines);
    parcel->lines[parcel->count++] = (struct parcel_line){ target, start, length, false };
}

void
parcel_set_spill(struct parcel *parcel, size_t target, int spill, uint64_t length)
{
    parcel_add(parcel, target, parcel->bytes.length);
    parcel->lines[0].length = (size_t)length;
    parcel->spill = spill;
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

/* -- the lines of a lane, as they are read ------------------------------------------ */

struct search {
    struct parcel *parcel;
    struct sorted *sorted;      /* unless there is a spill */
    size_t target;
    uint64_t at;                /* in a line whose beginning was read before */
    bool other;                 /* that is not what is spilled */
    struct buffer spilled;
};

/* A part of a line, or all: is it what the spill has there? */
static int
hold_against_spill(struct search *search, struct slice part, bool ends)
{
    struct parcel_line *line = &search->parcel->lines[0];
    struct buffer *spilled = &search->spilled;

    if (search->at + part.length > line->length || (ends && search->at + part.length < line->length))
        search->other = true;
    if (search->other)
        return 0;
    if (io_pread(search->parcel->spill, buffer_reserve(spilled, part.length), part.length, (off_t)search->at)
        != (ssize_t)part.length)
        return -1;
    search->other = memcmp(spilled->at, part.at, part.length) != 0;
    if (ends && !search->other)
        line->sent = true;
    return 0;
}

static int
take_lines(struct search *search, const struct buffer *bytes)
{
    const char *at = bytes->at, *end = bytes->at + bytes->length;
    const bool spills = search->parcel->spill >= 0;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct slice part = { at, (size_t)((newline == NULL ? end : newline + 1) - at) };

        if (spills && hold_against_spill(search, part, newline != NULL) != 0)
            return -1;
        if (!spills && search->at == 0 && newline != NULL)
            take(search->parcel, search->sorted, search->target, part);
        search->at = newline == NULL ? search->at + part.length : 0;
        search->other = search->other && newline == NULL;
        at += part.length;
    }
    return 0;
}

static int
search_lane(struct search *search, int lane, uint64_t *from)
{
    struct lane_reader reader = { .lane = lane, .fd = -1 };
    struct buffer bytes = { 0 };
    struct place place;
    int result = lane_place(lane, *from, &place);

    search->at = 0;
    if (result == 0 && place.offset < *from)
        *from = place.offset;
    while (result == 0 && (result = lane_read(&reader, &place, UINT64_MAX, READ_BYTES, &bytes)) > 0) {
        result = take_lines(search, &bytes);
        bytes.length = 0;
    }
    buffer_free(&bytes);
    lane_reader_close(&reader);
    return result;
}

static int
search_lanes(struct store *store, struct search *search, struct redriven_target *noted, int topic,
             struct fault *why)
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
        else if (directory < 0 || search_lane(search, directory, from) != 0)
            result = fault_system(why, STATUS_IO, "%s/%u: cannot read", store_path(store, path), lane);
        io_close(&directory);
    }
    lanes_free(&lanes);
    return result;
}

int
parcel_find(struct store *store, struct parcel *parcel, struct redriven *redriven, struct fault *why)
{
    struct search search = { .parcel = parcel, .sorted = sort(parcel) };
    int result = 0;

    for (size_t i = 0; result == 0 && i < redriven->count; i++) {
        struct redriven_target *target = &redriven->targets[i];
        int topic = topic_open_directory(store, (struct slice){ target->topic, strlen(target->topic) }, false, why);

        search.target = i;
        if (topic >= 0)
            result = search_lanes(store, &search, target, topic, why);
        else if (why->status == STATUS_NO_INPUT)
            target->lanes = 0;
        else
            result = -1;
        io_close(&topic);
    }
    free(search.sorted);
    buffer_free(&search.spilled);
    return result;
}

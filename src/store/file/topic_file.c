/*
 * topic_file.c -- publish to the lanes of a topic.
 *
 * A lane is appended to under flock(2) on its directory.  What may be on disk
 * after each step, and who sees to it:
 *
 *   1. a part of the lines is written     The next publisher ends a cut-off one
 *                                         with a newline; its readers judge it.
 *   2. all are written                    Nobody was told; they count.
 *   3. the hint <lane>.end is written     It is believed only in the same run of
 *                                         the system, and saves counting.
 *   4. store_settle() returns             The caller may speak.
 *
 * A new file or directory is no good before its name is on disk.  Who made it
 * may have been killed before that; so whoever finds the hint missing, or naming
 * another segment than the last, syncs all names before it writes the hint.
 */
#include "store/file/topic_open.h"

static int
open_outlet(struct topic *topic, unsigned lane, struct fault *why)
{
    struct outlet *outlet = &topic->outlets[lane];

    if (outlet->directory >= 0)
        return 0;
    journal_yield(topic->store, TOPIC_LANE_FILES);
    outlet->directory = topic_open_lane(topic->directory, lane, true);
    outlet->end_file = topic_open_end(topic->directory, lane, O_RDWR | O_CREAT);
    return outlet->directory < 0 || outlet->end_file < 0 ? topic_failed(topic, lane, "open", why) : 0;
}

/* Forget what is known of the lanes; what was written stays to be synced. */
static int
load(struct topic *topic, struct fault *why)
{
    if (topic->directory < 0 && topics_make_room(topic->store, why) != 0)
        return -1;
    if (topic->directory < 0)
        topic->directory = topic_open_directory(topic->store, (struct slice){ topic->name, topic->length }, true, why);
    if (topic->directory < 0 || lanes_load(topic->directory, topic_place(topic), false, &topic->lanes, why) != 0)
        return -1;
    for (unsigned lane = 0; lane < topic->count; lane++)
        if (outlet_leave(&topic->outlets[lane]) != 0)
            return topic_failed(topic, lane, "sync", why);
    if (topic->lanes.directories <= topic->count)
        return 0;
    topic->outlets = memory_resize(topic->outlets, topic->lanes.directories * sizeof *topic->outlets);
    while (topic->count < topic->lanes.directories)
        topic->outlets[topic->count++] = (struct outlet){ .directory = -1, .end_file = -1, .fd = -1 };
    return 0;
}

/* Sync every name from the store down to the lane's segments. */
static int
sync_names(struct topic *topic, int lane)
{
    int topics = io_open(topic->store->directory, "topics", O_RDONLY | O_DIRECTORY, 0);
    int result = topics < 0 || fsync(lane) != 0 || fsync(topic->directory) != 0 || fsync(topics) != 0
        || fsync(topic->store->directory) != 0 ? -1 : 0;

    io_close(&topics);
    return result;
}

static int
write_hint(const struct topic *topic, const struct outlet *outlet)
{
    struct record record = record_here(&outlet->end, store_now(topic->store));

    return record_write(outlet->end_file, &record);
}

/* What is pending, and then the line that the file `spill` is; -1: none. */
static int
write_lines(struct topic *topic, struct outlet *outlet, int spill)
{
    const uint64_t full = lanes_now(&topic->lanes)->segment;
    struct slice lines = { outlet->pending.at, outlet->pending.length };
    bool known;

    if (outlet_catch_up(outlet, full, &known) != 0 || (!known && sync_names(topic, outlet->directory) != 0)
        || outlet_append(outlet, full, lines) != 0 || (spill >= 0 && outlet_append_spill(outlet, full, spill) != 0))
        return -1;
    return write_hint(topic, outlet);
}

/* 0, or 1 if the lanes have changed: nothing is written then. */
static int
append(struct topic *topic, unsigned lane, int spill, struct fault *why)
{
    struct outlet *outlet = &topic->outlets[lane];
    int result = 0;

    if (open_outlet(topic, lane, why) != 0)
        return -1;
    if (io_lock(outlet->directory, LOCK_EX) != 0)
        return topic_failed(topic, lane, "lock", why);
    if (lanes_changed(topic->directory, &topic->lanes))
        result = 1;
    else if (write_lines(topic, outlet, spill) != 0)
        result = topic_failed(topic, lane, "write", why);
    (void)io_lock(outlet->directory, LOCK_UN);
    if (result != 1)
        buffer_shrink(&outlet->pending);
    return result;
}

/* Each line to its product's lane. */
static void
sort_lines(struct topic *topic, struct slice lines)
{
    const char *at = lines.at, *end = lines.at + lines.length;
    struct arena arena = { 0 };

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        unsigned lane = 0;

        if (lanes_now(&topic->lanes)->lanes > 1)
            lane = lanes_choose(&topic->lanes,
                                topic_line_read((struct slice){ at, (size_t)(newline - at) }, &arena).product);
        else
            newline = end - 1;
        buffer_add(&topic->outlets[lane].pending, at, (size_t)(newline + 1 - at));
        at = newline + 1;
        arena_reset(&arena);
    }
}

/* What is left goes by the new number of lanes. */
static int
publish_again(struct topic *topic, unsigned from, struct fault *why)
{
    struct buffer rest = { 0 };
    int result;

    for (unsigned lane = from; lane < topic->count; lane++) {
        struct buffer *pending = &topic->outlets[lane].pending;

        buffer_add(&rest, pending->at, pending->length);
        pending->length = 0;
    }
    result = load(topic, why);
    if (result == 0)
        result = topic_publish(topic, (struct slice){ rest.at, rest.length }, why);
    buffer_free(&rest);
    return result;
}

int
topic_publish(struct topic *topic, struct slice lines, struct fault *why)
{
    int result = 0;

    if (lines.length == 0 || topic->store->setting.dry)
        return 0;
    if (!topic->lanes.loaded && load(topic, why) != 0)
        return -1;
    sort_lines(topic, lines);
    for (unsigned lane = 0; result == 0 && lane < topic->count; lane++) {
        if (topic->outlets[lane].pending.length == 0)
            continue;
        result = append(topic, lane, -1, why);
        if (result == 1)
            return publish_again(topic, lane, why);
    }
    return result;
}

int
topic_publish_spill(struct topic *topic, int spill, struct fault *why)
{
    int result = 0;

    if (topic->store->setting.dry)
        return 0;
    if (!topic->lanes.loaded)
        result = load(topic, why);
    while (result == 0 && (result = append(topic, 0, spill, why)) == 1)
        result = load(topic, why);
    return result;
}

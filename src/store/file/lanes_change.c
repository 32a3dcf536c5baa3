/*
 * lanes_change.c -- another number of lanes for a topic.
 *
 * Under the locks of all lanes nobody publishes, so where each lane ends is where the
 * next generation begins in it.  The table that says so is replaced last; whoever
 * publishes looks whether it has been, under the lock of the lane it writes to.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/file/segment.h"
#include "store/file/topic_file.h"
#include "store/topic_change.h"

/* A topic whose lanes are all locked. */
struct sealing {
    const char *place;
    int topic;
    struct lanes lanes;
    int *locked;                /* directories of lanes */
    unsigned count;
};

static int
failed(const struct sealing *sealing, unsigned lane, const char *what, struct fault *why)
{
    return fault_system(why, STATUS_IO, "%s/%u: cannot %s", sealing->place, lane, what);
}

static int
lock_lanes(struct sealing *sealing, unsigned count, struct fault *why)
{
    sealing->locked = memory_resize(sealing->locked, count * sizeof *sealing->locked);
    while (sealing->count < count) {
        int lane = topic_open_lane(sealing->topic, sealing->count, true);

        if (lane < 0 || io_lock(lane, LOCK_EX) != 0) {
            io_close(&lane);
            return failed(sealing, sealing->count, "lock", why);
        }
        sealing->locked[sealing->count++] = lane;
    }
    return 0;
}

/* Lock the lanes there are; that there are more of them is only known when all are locked. */
static int
lock_all(struct sealing *sealing, struct fault *why)
{
    do {
        if (lanes_load(sealing->topic, sealing->place, false, &sealing->lanes, why) != 0
            || lock_lanes(sealing, sealing->lanes.directories, why) != 0)
            return -1;
    } while (lanes_changed(sealing->topic, &sealing->lanes));
    return 0;
}

/*
 * Where a lane ends, on disk: a group waits until it has read so far.  A line that
 * was cut off behind it is of the next generation, when it is ended.
 */
static int
seal(const struct sealing *sealing, unsigned lane, uint64_t *end, struct fault *why)
{
    int directory = sealing->locked[lane], hint = topic_open_end(sealing->topic, lane, O_RDONLY), fd = -1;
    struct place place;
    bool known;
    int result = lane_end(directory, hint, &place, &known);

    if (result == 0)
        fd = segment_open(directory, place.segment, O_RDONLY);
    if (result == 0 && fd < 0)
        result = errno == ENOENT && place.offset == 0 ? 0 : -1;
    else if (result == 0)
        result = io_sync(fd) != 0 || fsync(directory) != 0 ? -1 : 0;
    *end = place.offset;
    if (result != 0)
        (void)failed(sealing, lane, "seal", why);
    io_close(&fd);
    io_close(&hint);
    return result;
}

/* The next generation begins where every lane ends.  `topics` is the directory of all topics. */
static int
seal_all(struct sealing *sealing, const struct lanes_wish *wish, int topics, struct fault *why)
{
    unsigned before = sealing->count;
    struct generation *next = lanes_add(&sealing->lanes, wish->lanes, wish->segment);

    for (unsigned lane = 0; lane < before; lane++)
        if (seal(sealing, lane, &next->from[lane], why) != 0)
            return -1;
    if (lock_lanes(sealing, sealing->lanes.directories, why) != 0)
        return -1;
    if (fsync(topics) != 0)
        return failed(sealing, 0, "sync its name", why);
    return lanes_store(sealing->topic, sealing->place, &sealing->lanes, why);
}

int
topic_set_lanes(struct store *store, struct slice topic, const struct lanes_wish *wish, bool dry_run,
                struct lanes_wish *was, struct fault *why)
{
    struct sealing sealing = { .topic = -1 };
    struct lanes_wish next = *wish;
    char path[TOPIC_PATH_BYTES], place[FAULT_TEXT];
    const struct generation *now;
    int topics = -1, result = -1;

    topic_path(topic, path);
    (void)snprintf(place, sizeof place, "%s", store_path(store, path));
    sealing.place = place;
    *was = (struct lanes_wish){ 1, TOPIC_SEGMENT_BYTES };
    sealing.topic = topic_open_directory(store, topic, !dry_run, why);
    if (sealing.topic < 0)
        return dry_run && why->status == STATUS_NO_INPUT ? 0 : -1;
    if (dry_run) {
        result = lanes_load(sealing.topic, place, true, &sealing.lanes, why);
    } else {
        topics = topics_lock(store, why);
        result = topics < 0 ? -1 : lock_all(&sealing, why);
    }
    if (result != 0)
        goto done;
    now = lanes_now(&sealing.lanes);
    *was = (struct lanes_wish){ now->lanes, now->segment };
    next.segment = wish->segment > 0 ? wish->segment : now->segment;
    if (!dry_run && (next.lanes != was->lanes || next.segment != was->segment))
        result = seal_all(&sealing, &next, topics, why);
done:
    while (sealing.count > 0)
        io_close(&sealing.locked[--sealing.count]);
    free(sealing.locked);
    lanes_free(&sealing.lanes);
    io_close(&sealing.topic);
    io_close(&topics);
    return result;
}

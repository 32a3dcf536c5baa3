/*
 * topics.c -- the topics that this process publishes to: found by name, synced, closed.
 */
#include <errno.h>
#include <stdlib.h>

#include "store/file/topic_open.h"

enum { TOPICS_PART = 4 };       /* of the files that may be open */

struct topic *
topic_of(struct store *store, struct slice name)
{
    struct topic *topic = store->topics;

    while (topic != NULL && !slice_equal((struct slice){ topic->name, topic->length }, name))
        topic = topic->next;
    if (topic != NULL)
        return topic;
    topic = memory_zeroed(1, sizeof *topic);
    topic->store = store;
    topic->next = store->topics;
    topic->directory = -1;
    topic->length = name.length;
    memcpy(topic->name, name.at, name.length);
    store->topics = topic;
    return topic;
}

const char *
topic_place(const struct topic *topic)
{
    char path[TOPIC_PATH_BYTES];

    topic_path((struct slice){ topic->name, topic->length }, path);
    return store_path(topic->store, path);
}

int
topic_failed(const struct topic *topic, unsigned lane, const char *what, struct fault *why)
{
    return fault_system(why, segment_misplaced(errno) ? STATUS_DATA : STATUS_IO, "%s/%u: cannot %s", topic_place(topic),
                        lane, what);
}

static size_t
open_lanes(const struct topic *topic)
{
    size_t count = 0;

    for (unsigned lane = 0; lane < topic->count; lane++)
        count += topic->outlets[lane].directory >= 0;
    return count;
}

/* Sync a topic and close it; it is opened again when it is published to. */
static int
leave(struct topic *topic, struct fault *why)
{
    journal_regain(topic->store, TOPIC_LANE_FILES * open_lanes(topic));
    for (unsigned lane = 0; lane < topic->count; lane++) {
        if (outlet_leave(&topic->outlets[lane]) != 0)
            return topic_failed(topic, lane, "sync", why);
        io_close(&topic->outlets[lane].directory);
        io_close(&topic->outlets[lane].end_file);
    }
    io_close(&topic->directory);
    topic->lanes.loaded = false;
    return 0;
}

int
topics_make_room(struct store *store, struct fault *why)
{
    const size_t most = store->open_limit / TOPICS_PART;
    size_t count = 0;

    for (const struct topic *topic = store->topics; topic != NULL; topic = topic->next)
        count += (topic->directory >= 0) + TOPIC_LANE_FILES * open_lanes(topic);
    for (struct topic *topic = store->topics; count > most && topic != NULL; topic = topic->next)
        if (topic->directory >= 0 && leave(topic, why) != 0)
            return -1;
    return 0;
}

size_t
topics_dirty(const struct store *store)
{
    size_t dirty = 0;

    for (const struct topic *topic = store->topics; topic != NULL; topic = topic->next)
        for (size_t lane = 0; lane < topic->count; lane++)
            dirty += topic->outlets[lane].dirty;
    return dirty;
}

int
topics_sync(struct store *store, struct fault *why)
{
    for (struct topic *topic = store->topics; topic != NULL; topic = topic->next) {
        for (unsigned lane = 0; lane < topic->count; lane++) {
            if (outlet_sync(&topic->outlets[lane]) != 0)
                return topic_failed(topic, lane, "sync", why);
        }
    }
    return 0;
}

void
topics_synced(struct store *store)
{
    for (struct topic *topic = store->topics; topic != NULL; topic = topic->next)
        for (size_t lane = 0; lane < topic->count; lane++)
            topic->outlets[lane].dirty = false;
}

static void
topic_free(struct topic *topic)
{
    for (size_t lane = 0; lane < topic->count; lane++)
        outlet_close(&topic->outlets[lane]);
    free(topic->outlets);
    lanes_free(&topic->lanes);
    io_close(&topic->directory);
    free(topic);
}

void
topics_free(struct store *store)
{
    while (store->topics != NULL) {
        struct topic *next = store->topics->next;

        topic_free(store->topics);
        store->topics = next;
    }
}

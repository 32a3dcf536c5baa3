/* subscription_lanes.c -- which lanes a worker has, and how far its group may read them. */
#include <errno.h>
#include <sys/stat.h>

#include "store/file/subscription.h"

enum { STATION_FILES = 4 };     /* that a lane has open */

int
subscription_failed(const struct subscription *subscription, unsigned lane, const char *what, struct fault *why)
{
    char path[TOPIC_PATH_BYTES];

    if (errno == ENODATA)
        return fault_set(why, STATUS_DATA, "@%s: lane %u: message %llu is missing", subscription->topic_name, lane,
                         (unsigned long long)subscription->stations[lane].place.offset);
    topic_path(subscription->setting.topic, path);
    return fault_system(why, segment_misplaced(errno) ? STATUS_DATA : STATUS_IO, "%s/%u: cannot %s",
                        store_path(subscription->worker.store, path), lane, what);
}

void
subscription_watch(struct subscription *subscription, int directory, uint32_t events)
{
    struct fault unwoken;

    if (bell_watch(&subscription->bell, directory, events, &unwoken) != 0)
        subscription->setting.tell(subscription->setting.context, unwoken.text);
}

int
subscription_load_lanes(struct subscription *subscription, struct fault *why)
{
    struct worker *worker = &subscription->worker;
    struct lanes *lanes = &subscription->lanes;
    char path[TOPIC_PATH_BYTES];

    if (!lanes_changed(worker->topic, lanes))
        return 0;
    topic_path(subscription->setting.topic, path);
    if (lanes_load(worker->topic, store_path(worker->store, path), false, lanes, why) != 0)
        return -1;
    subscription->stations = memory_resize(subscription->stations,
                                           lanes->directories * sizeof *subscription->stations);
    subscription->ready = memory_resize(subscription->ready, (lanes->directories + 2) * sizeof *subscription->ready);
    while (subscription->count < lanes->directories) {
        struct station *station = &subscription->stations[subscription->count];

        journal_yield(worker->store, STATION_FILES);
        if (station_open(station, worker, subscription->count) != 0)
            return subscription_failed(subscription, subscription->count, "open", why);
        subscription_watch(subscription, station->reader.lane, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
        subscription->count++;
    }
    return 0;
}

int
subscription_open_group(struct subscription *subscription, struct fault *why)
{
    struct worker *worker = &subscription->worker;
    struct stat status;

    if (worker->group >= 0 && fstat(worker->group, &status) == 0 && status.st_nlink > 0)
        return 0;
    io_close(&worker->group);
    for (unsigned lane = 0; lane < subscription->count; lane++)
        seat_close(&subscription->stations[lane].seat);
    worker->group = group_open(worker->topic, subscription->setting.group, true);
    if (worker->group < 0)
        return fault_system(why, STATUS_CANNOT_CREATE, "@%s: cannot make the group", subscription->topic_name);
    subscription_watch(subscription, worker->group, IN_ATTRIB);
    return 0;
}

int
subscription_begun(struct subscription *subscription, size_t generation)
{
    for (unsigned lane = 0; lane < subscription->count; lane++) {
        struct record record;
        uint64_t from = subscription->lanes.list[generation].from[lane];

        if (from == 0)
            continue;
        if (seat_read(&subscription->stations[lane].seat, subscription->worker.group, lane, &record) < 0)
            return -1;
        if (record.place.offset < from)
            return 0;
    }
    return 1;
}

int
subscription_limit(struct subscription *subscription, const struct station *station, uint64_t *limit)
{
    const struct lanes *lanes = &subscription->lanes;

    if (lanes_generation(lanes, station->lane, station->place.offset) < subscription->generation)
        subscription->generation = 0;           /* the group was sent back */
    while (subscription->generation + 1 < lanes->count) {
        int begun = subscription_begun(subscription, subscription->generation + 1);

        if (begun <= 0) {
            *limit = lanes->list[subscription->generation + 1].from[station->lane];
            return begun;
        }
        subscription->generation++;
    }
    *limit = UINT64_MAX;
    return 0;
}

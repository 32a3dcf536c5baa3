/*
 * subscription.c -- a worker takes batches from the lanes of a topic.
 *
 * A lane is taken by its lock, for one batch, if there is more in it; then the
 * next lanes have their turn.  What is known of a lane without its lock (how far
 * the group is, where the lane ends) only tells whether to try.
 */
#include <errno.h>
#include <stdlib.h>

#include "domain/message.h"
#include "store/file/subscription.h"

enum { BATCH_BYTES = 4 * 1024 * 1024 };

/* Messages behind the place, up to the limit and as many as are wanted. */
static int
read_messages(struct subscription *subscription, struct station *station, uint64_t limit)
{
    const uint64_t wanted = subscription->setting.most, from = station->place.offset;
    size_t most = BATCH_BYTES;

    if (wanted > 0 && from < limit && wanted < limit - from)
        limit = from + wanted;
    if (wanted > 0 && wanted < BATCH_BYTES / LINE_MAX_BYTES)
        most = (size_t)wanted * LINE_MAX_BYTES;
    subscription->bytes.length = 0;
    subscription->reached = station->place;
    return lane_read(&station->reader, &subscription->reached, limit, most, &subscription->bytes);
}

static int
read_batch(struct subscription *subscription, struct station *station, struct batch *batch)
{
    const struct buffer *bytes = &subscription->bytes;
    uint64_t limit;
    int got;

    if (subscription_limit(subscription, station, &limit) != 0)
        return -1;
    got = read_messages(subscription, station, limit);
    if (got == 0 && subscription->reached.offset >= limit)
        subscription->limited = subscription->generation + 1;
    if (got <= 0)
        return got;
    *batch = (struct batch){
        .lane = station->lane,
        .offset = station->place.offset,
        .bytes = { bytes->at, bytes->length },
        .part = bytes->at[bytes->length - 1] != '\n',
    };
    subscription->held = station;
    subscription->in_part = batch->part;
    return 1;
}

/* We wait for a lane, or not any more; for whom, is told when that takes long. */
static void
be_patient(struct station *station, bool waiting)
{
    station_wait(station, waiting);
    if (!waiting || station->told || station->holder == 0
        || steady_milliseconds() - station->waiting < PATIENCE_MILLISECONDS)
        return;
    station_tell(station, "waiting for process %llu, which has it", (unsigned long long)station->holder);
    station->told = true;
}

/* Each lane in turn, from the one behind that of the last batch: 1, 0, STATION_BUSY if it is only that. */
static int
look_around(struct subscription *subscription, struct batch *batch, struct fault *why)
{
    int result = 0;

    subscription->limited = 0;
    for (unsigned i = 0; i < subscription->count; i++) {
        struct station *station = &subscription->stations[(subscription->next + i) % subscription->count];
        int look = station_take(station);

        be_patient(station, look == STATION_BUSY);
        if (station->unsettled && subscription->unsettled_since < 0)
            subscription->unsettled_since = steady_milliseconds();    /* its offset is to be put right */
        if (look == STATION_BUSY)
            result = look;
        if (look == 1) {
            look = read_batch(subscription, station, batch);
            if (look <= 0)
                station_leave(station);
        }
        if (look < 0)
            return subscription_failed(subscription, station->lane, "read", why);
        if (look == 1) {
            subscription->next = station->lane + 1;
            return 1;
        }
    }
    return result;
}

static bool
stopped(const struct subscription *subscription)
{
    struct pollfd ready = { .fd = subscription->setting.stop, .events = POLLIN };

    return ready.fd >= 0 && poll(&ready, 1, 0) > 0;
}

/* The rest of a long line, from the lane that is held: its end is there. */
static int
take_rest(struct subscription *subscription, struct batch *batch, struct fault *why)
{
    struct station *station = subscription->held;
    int got;

    station->place = subscription->reached;
    got = read_batch(subscription, station, batch);
    if (got == 0)
        errno = ERANGE;                 /* somebody cut it off */
    return got <= 0 ? subscription_failed(subscription, station->lane, "read", why) : TAKEN_BATCH;
}

/* Did others read the last of a generation while we looked around?  Then there is more for us. */
static int
next_begun(struct subscription *subscription)
{
    return subscription->limited > 0 ? subscription_begun(subscription, subscription->limited) : 0;
}

static bool
is_due(int64_t since)
{
    return steady_milliseconds() - since >= SETTLE_MILLISECONDS;
}

static bool
must_settle(const struct subscription *subscription)
{
    return subscription->unsettled_since >= 0 && is_due(subscription->unsettled_since);
}

int
subscription_take(struct subscription *subscription, struct batch *batch, struct fault *why)
{
    if (subscription->worker.topic < 0)
        return TAKEN_END;
    if (subscription->in_part)
        return take_rest(subscription, batch, why);
    while (!stopped(subscription)) {
        int look;

        if (must_settle(subscription))
            return TAKEN_PAUSE;
        if (subscription_open_group(subscription, why) != 0 || subscription_load_lanes(subscription, why) != 0)
            return -1;
        look = look_around(subscription, batch, why);
        if (look == 0 && next_begun(subscription) > 0)
            continue;
        if (look < 0)
            return -1;
        if (look == 1) {
            subscription->worker.store->unsettled = true;       /* the lane itself */
            return TAKEN_BATCH;
        }
        if (look == 0 && subscription->setting.drain)
            break;
        if (subscription_wait(subscription, look == STATION_BUSY, why) != 0)
            return -1;
    }
    return TAKEN_END;
}

/* -- moving on --------------------------------------------------------------- */

int
subscription_sync(struct subscription *subscription, struct fault *why)
{
    const struct station *station = subscription->held;

    return io_sync(station->reader.fd) != 0 ? subscription_failed(subscription, station->lane, "sync", why) : 0;
}

/*
 * Where others are always waiting for a lane, it would never be free when its offset is to be
 * moved: then it is kept until that is done, which is what must_settle() sees to.
 */
int
subscription_done(struct subscription *subscription, struct fault *why)
{
    struct station *station = subscription->held;
    const bool due = station->unsettled && is_due(station->since);

    subscription->held = NULL;
    if (due)
        subscription->unsettled_since = station->since;
    else if (subscription->unsettled_since < 0)
        subscription->unsettled_since = steady_milliseconds();
    if (station_move(station, &subscription->reached, due) != 0)
        return subscription_failed(subscription, station->lane, "write the offset", why);
    return 0;
}

int
subscription_settled(struct subscription *subscription, struct fault *why)
{
    subscription->unsettled_since = -1;
    for (unsigned lane = 0; lane < subscription->count; lane++) {
        struct station *station = &subscription->stations[lane];

        if (station->unsettled && station_settle(station) != 0)
            return subscription_failed(subscription, lane, "write the offset", why);
        if (station->unsettled)
            subscription->unsettled_since = steady_milliseconds();
    }
    return 0;
}

void
subscription_lost(struct subscription *subscription)
{
    for (unsigned lane = 0; lane < subscription->count; lane++)
        if (subscription->stations[lane].unsettled)
            station_go_back(&subscription->stations[lane]);
}

/* -- opening and closing ------------------------------------------------------ */

static int
open_directories(struct subscription *subscription, struct fault *why)
{
    const struct subscription_setting *setting = &subscription->setting;
    struct worker *worker = &subscription->worker;

    worker->topic = topic_open_directory(worker->store, setting->topic, !setting->drain, why);
    if (worker->topic < 0)
        return setting->drain && why->status == STATUS_NO_INPUT ? 0 : -1;
    subscription_watch(subscription, worker->topic, IN_MOVED_TO);
    return subscription_open_group(subscription, why) == 0 ? subscription_load_lanes(subscription, why) : -1;
}

int
subscription_open(struct subscription **out, struct store *store, const struct subscription_setting *setting,
                  struct fault *why)
{
    struct subscription *subscription = memory_zeroed(1, sizeof *subscription);
    struct fault unwoken;

    subscription->setting = *setting;
    memcpy(subscription->topic_name, setting->topic.at, setting->topic.length);
    subscription->worker = (struct worker){
        .store = store,
        .topic = -1,
        .group = -1,
        .topic_name = subscription->topic_name,
        .tell = setting->tell,
        .context = setting->context,
    };
    subscription->unsettled_since = -1;
    if (bell_open(&subscription->bell, &unwoken) != 0)
        setting->tell(setting->context, unwoken.text);
    if (open_directories(subscription, why) != 0) {
        subscription_close(subscription);
        return -1;
    }
    *out = subscription;
    return 0;
}

void
subscription_close(struct subscription *subscription)
{
    if (subscription == NULL)
        return;
    while (subscription->count > 0)
        station_close(&subscription->stations[--subscription->count]);
    free(subscription->stations);
    free(subscription->ready);
    lanes_free(&subscription->lanes);
    bell_close(&subscription->bell);
    buffer_free(&subscription->bytes);
    io_close(&subscription->worker.topic);
    io_close(&subscription->worker.group);
    free(subscription);
}

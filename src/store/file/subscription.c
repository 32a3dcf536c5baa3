/*
 * subscription.c -- a worker's way through the lanes of a topic.
 *
 * A lane is taken by its lock, for one batch, if there is more in it; then the
 * next lanes have their turn.  What is known of a lane without its lock (how far
 * the group is, where the lane ends) only tells whether to try.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "domain/message.h"
#include "store/file/bell.h"
#include "store/file/station.h"
#include "store/file/topic_file.h"

enum {
    BATCH_BYTES = 4 * 1024 * 1024,
    SETTLE_MILLISECONDS = 1000,
    STATION_FILES = 4,                  /* that a lane has open */
    PATIENCE_MILLISECONDS = 1000,       /* then it is said for whom we wait */
};

struct subscription {
    struct worker worker;
    struct subscription_setting setting;
    char topic_name[TOPIC_NAME_MAX + 1];
    struct lanes lanes;
    struct station *stations;
    unsigned count, next;
    size_t generation;          /* that the group has begun, as far as we know */
    struct station *held;       /* the lane we have, or NULL */
    bool in_part;               /* of a line whose end is still to come */
    size_t limited;             /* a lane has more, of this generation, which is not begun; or 0 */
    struct place reached;       /* the batch's end */
    struct bell bell;
    struct buffer bytes;
    int64_t unsettled_since;    /* or -1 */
    struct pollfd *ready;       /* room for the bell, the stop and all holders */
};

static int
failed(const struct subscription *subscription, unsigned lane, const char *what, struct fault *why)
{
    const bool data = errno == ELOOP || errno == EISDIR || errno == ESPIPE;     /* something else in a file's place */
    char path[TOPIC_PATH_BYTES];

    topic_path(subscription->setting.topic, path);
    return fault_system(why, data ? STATUS_DATA : STATUS_IO, "%s/%u: cannot %s",
                        store_path(subscription->worker.store, path), lane, what);
}

/* -- lanes and generations -------------------------------------------------- */

static void
watch(struct subscription *subscription, int directory, uint32_t events)
{
    struct fault unwoken;

    if (bell_watch(&subscription->bell, directory, events) == 0)
        return;
    (void)bell_unwoken(&unwoken);
    subscription->setting.tell(subscription->setting.context, unwoken.text);
}

/* The lanes there are now; watched before they are looked at. */
static int
load_lanes(struct subscription *subscription, struct fault *why)
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
            return failed(subscription, subscription->count, "open", why);
        watch(subscription, station->reader.lane, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
        subscription->count++;
    }
    return 0;
}

/* The group's directory, made again if somebody deleted it. */
static int
open_group(struct subscription *subscription, struct fault *why)
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
    watch(subscription, worker->group, IN_ATTRIB);
    return 0;
}

/* Has the group read every lane up to where this generation begins? */
static int
generation_begun(struct subscription *subscription, size_t generation)
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

/*
 * The offset before which messages of this lane may be read now: a lane is not read
 * beyond a generation's end before the group has read that generation in all lanes.
 */
static int
read_limit(struct subscription *subscription, const struct station *station, uint64_t *limit)
{
    const struct lanes *lanes = &subscription->lanes;

    if (lanes_generation(lanes, station->lane, station->place.offset) < subscription->generation)
        subscription->generation = 0;           /* the group was sent back */
    while (subscription->generation + 1 < lanes->count) {
        int begun = generation_begun(subscription, subscription->generation + 1);

        if (begun <= 0) {
            *limit = lanes->list[subscription->generation + 1].from[station->lane];
            return begun;
        }
        subscription->generation++;
    }
    *limit = UINT64_MAX;
    return 0;
}

/* -- taking ------------------------------------------------------------------ */

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

    if (read_limit(subscription, station, &limit) != 0)
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
            return failed(subscription, station->lane, "read", why);
        if (look == 1) {
            subscription->next = station->lane + 1;
            return 1;
        }
    }
    return result;
}

/* -- waiting ----------------------------------------------------------------- */

/*
 * Who waits for a lane is woken when its holder ends; by then the lock is free.
 * *gone: one has ended already, or whoever has the lock has not signed yet.
 */
static size_t
watch_holders(struct subscription *subscription, size_t count, bool *gone)
{
    for (unsigned lane = 0; lane < subscription->count; lane++) {
        const struct station *station = &subscription->stations[lane];
        int fd;

        if (station->waiting == 0)
            continue;
        fd = station->holder > 0 ? (int)syscall(SYS_pidfd_open, (pid_t)station->holder, 0) : -1;
        if (fd >= 0)
            subscription->ready[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
        else if (station->holder == 0 || errno == ESRCH)
            *gone = true;
    }
    return count;
}

static int
time_to_wait(const struct subscription *subscription, bool busy, bool gone)
{
    int64_t wait = gone ? BELL_LOOK_MILLISECONDS : busy ? PATIENCE_MILLISECONDS : -1;

    if (subscription->unsettled_since >= 0) {
        int64_t left = subscription->unsettled_since + SETTLE_MILLISECONDS - steady_milliseconds();

        left = left > 0 ? left : 0;
        wait = wait < 0 || left < wait ? left : wait;
    }
    return (int)wait;
}

static int
wait_for_more(struct subscription *subscription, bool busy, struct fault *why)
{
    size_t count = 2;
    bool gone = false;
    int result;

    subscription->ready[1] = (struct pollfd){ .fd = subscription->setting.stop, .events = POLLIN };
    if (busy)
        count = watch_holders(subscription, count, &gone);
    result = bell_wait(&subscription->bell, subscription->ready, count, time_to_wait(subscription, busy, gone));
    while (count > 2)
        (void)close(subscription->ready[--count].fd);
    return result < 0 ? fault_system(why, STATUS_IO, "cannot wait") : 0;
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
    return got <= 0 ? failed(subscription, station->lane, "read", why) : TAKEN_BATCH;
}

/* Did others read the last of a generation while we looked around?  Then there is more for us. */
static int
next_begun(struct subscription *subscription)
{
    return subscription->limited > 0 ? generation_begun(subscription, subscription->limited) : 0;
}

static bool
must_settle(const struct subscription *subscription)
{
    return subscription->unsettled_since >= 0
        && steady_milliseconds() - subscription->unsettled_since >= SETTLE_MILLISECONDS;
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
        if (open_group(subscription, why) != 0 || load_lanes(subscription, why) != 0)
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
        if (wait_for_more(subscription, look == STATION_BUSY, why) != 0)
            return -1;
    }
    return TAKEN_END;
}

/* -- moving on --------------------------------------------------------------- */

int
subscription_sync(struct subscription *subscription, struct fault *why)
{
    const struct station *station = subscription->held;

    return io_sync(station->reader.fd) != 0 ? failed(subscription, station->lane, "sync", why) : 0;
}

int
subscription_done(struct subscription *subscription, struct fault *why)
{
    struct station *station = subscription->held;

    subscription->held = NULL;
    if (subscription->unsettled_since < 0)
        subscription->unsettled_since = steady_milliseconds();
    if (station_move(station, &subscription->reached) != 0)
        return failed(subscription, station->lane, "write the offset", why);
    return 0;
}

int
subscription_settled(struct subscription *subscription, struct fault *why)
{
    subscription->unsettled_since = -1;
    for (unsigned lane = 0; lane < subscription->count; lane++) {
        struct station *station = &subscription->stations[lane];

        if (station->unsettled && station_settle(station) != 0)
            return failed(subscription, lane, "write the offset", why);
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
    watch(subscription, worker->topic, IN_MOVED_TO);
    return open_group(subscription, why) == 0 ? load_lanes(subscription, why) : -1;
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

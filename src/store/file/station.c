/* station.c -- a lane of a topic, as a worker of a group sees it. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/file/station.h"
#include "store/file/topic_file.h"

int
station_open(struct station *station, const struct worker *worker, unsigned lane)
{
    *station = (struct station){
        .worker = worker, .lane = lane, .seat = { -1, -1 }, .reader = { .lane = -1, .fd = -1 }, .fresh = true,
    };
    station->reader.lane = topic_open_lane(worker->topic, lane, true);
    return station->reader.lane < 0 ? -1 : 0;
}

void
station_tell(const struct station *station, const char *format, ...)
{
    char text[FAULT_TEXT];
    va_list arguments;
    int length = snprintf(text, sizeof text, "@%s: lane %u: ", station->worker->topic_name, station->lane);

    va_start(arguments, format);
    (void)vsnprintf(text + length, sizeof text - (size_t)length, format, arguments);
    va_end(arguments);
    station->worker->tell(station->worker->context, text);
}

/* Its segment is gone, or ends before it. */
static bool
is_lost(int error)
{
    return error == ENOENT || error == ERANGE;
}

/*
 * Nothing is skipped in silence.  A lane that ends before the place has lost its end, and may
 * have grown since by messages that nobody read: all of it is read again.
 */
static int
correct_place(struct station *station, bool others)
{
    struct place *place = &station->place, first, end;
    int lane = station->reader.lane;
    bool known;

    if (lane_first(lane, &first) != 0 || lane_end(lane, -1, &end, &known) != 0)
        return -1;
    if (others) {
        station_tell(station, "at %llu, but the messages before that are others by now; going on at %llu",
                     (unsigned long long)place->offset, (unsigned long long)first.offset);
        *place = first;
    } else if (place->offset < first.offset) {
        station_tell(station, "messages from %llu on are not kept any more; going on at %llu",
                     (unsigned long long)place->offset, (unsigned long long)first.offset);
        *place = first;
    } else if (place->offset > end.offset) {
        station_tell(station, "at %llu, but the lane ends at %llu; going on at %llu", (unsigned long long)place->offset,
                     (unsigned long long)end.offset, (unsigned long long)first.offset);
        *place = first;
    } else {
        return lane_place(lane, place->offset, place);
    }
    return 0;
}

/* The sum of what is before a place of the segment that is open, or 0. */
static uint64_t
sum_before(const struct station *station, const struct place *place)
{
    const struct lane_reader *reader = &station->reader;
    uint64_t sum = 0;

    if (place->bytes > 0 && reader->fd >= 0 && reader->segment == place->segment
        && record_sum(reader->fd, place->bytes, &sum) != 0)
        return 0;
    return sum;
}

/* The offset file has to say `place`, even if nothing more is done. */
static void
put_right(struct station *station, const struct place *place)
{
    station->done = *place;
    station->done_before = sum_before(station, place);
    station->unsettled = true;
    station->since = steady_milliseconds();
    station->from = place->offset;
    station->worker->store->unsettled = true;   /* others may have come so far */
}

/* Once, the offset file is held against the lock's record: it may be damaged, or left behind by who was killed. */
static int
check_offset(struct station *station, const struct record *now)
{
    struct record durable;
    int found = seat_read_offset(&station->seat, station->worker->group, station->lane, &durable);

    if (found == RECORD_DAMAGED)
        station_tell(station, "the offset file of the group is damaged; its lock file says %llu",
                     (unsigned long long)now->place.offset);
    if (found == RECORD_DAMAGED || durable.place.offset != now->place.offset)
        put_right(station, &now->place);
    return found < 0 ? -1 : 0;
}

/* What the group has read is there, in the segment that is open; in one before that nobody looks again. */
static bool
stands(const struct station *station, const struct record *record)
{
    return station->place.segment != record->place.segment || record_stands(record, station->reader.fd) > 0;
}

/* With the lock: find where to go on, and whether there is more. */
static int
find_place(struct station *station, struct record *record)
{
    const struct worker *worker = station->worker;
    const bool fresh = station->fresh;
    bool others;
    int found = seat_read(&station->seat, worker->group, station->lane, record);

    if (found < 0)
        return -1;
    if (found == RECORD_DAMAGED) {
        station_tell(station, "the offset of the group is damaged; going on at 0");
        *record = (struct record){ .pid = record->pid };
    } else if (fresh && check_offset(station, record) != 0) {
        return -1;
    }
    station->place = record->place;
    station->fresh = false;
    found = lane_more(&station->reader, &station->place);
    if (found < 0 && !is_lost(errno))
        return -1;
    others = found >= 0 && (fresh || station->reader.renewed) ? !stands(station, record) : 0;
    station->reader.renewed = false;
    if (found >= 0 && !others)
        return found;
    if (correct_place(station, others) != 0)
        return -1;
    put_right(station, &station->place);
    return lane_more(&station->reader, &station->place);
}

static struct record
record_of(const struct station *station, const struct place *place)
{
    struct record record = record_here(place, store_now(station->worker->store));

    record.before = sum_before(station, place);
    return record;
}

/* Say who has the lane, and where the group really is. */
static int
sign(struct station *station, const struct record *found)
{
    struct record record = record_of(station, &station->place);

    if (found->pid == record.pid && strcmp(found->boot, record.boot) == 0
        && found->place.offset == record.place.offset)
        return 0;
    return seat_write(&station->seat, &record);
}

int
station_peek(struct station *station)
{
    struct record record;
    int found;

    if (station->fresh)
        return 1;
    found = seat_read(&station->seat, station->worker->group, station->lane, &record);
    if (found < 0)
        return -1;
    if (found == RECORD_FOUND)
        station->place = record.place;
    found = lane_more(&station->reader, &station->place);
    return found < 0 && is_lost(errno) ? 1 : found;
}

/* Who has it, if the group is not through: then it is waited for. */
static int
look_at_holder(struct station *station)
{
    struct record record;

    if (seat_read(&station->seat, station->worker->group, station->lane, &record) < 0)
        return -1;
    if (station->holder != record.pid || station->holder_at != record.place.offset)
        station_wait(station, false);           /* it goes on */
    station->holder = record.pid;
    station->holder_at = record.place.offset;
    station->fresh = false;
    station->place = record.place;
    return station_peek(station) > 0 ? STATION_BUSY : 0;
}

int
station_take(struct station *station)
{
    struct record record;
    int result = station_peek(station);

    if (result <= 0)
        return result;
    result = seat_take(&station->seat, station->worker->group, station->lane, false);
    if (result <= 0)
        return result < 0 ? -1 : look_at_holder(station);
    result = find_place(station, &record);
    if (result >= 0 && sign(station, &record) != 0)
        result = -1;
    if (result <= 0)
        station_leave(station);
    return result;
}

void
station_leave(struct station *station)
{
    (void)io_lock(station->seat.lock, LOCK_UN);
}

int
station_move(struct station *station, const struct place *reached, bool keep)
{
    struct record record = record_of(station, reached);
    int result = seat_write(&station->seat, &record);

    if (!keep)
        seat_leave(&station->seat);
    if (!station->unsettled) {
        station->since = steady_milliseconds();
        station->from = station->place.offset;
    }
    station->place = station->done = *reached;
    station->done_before = record.before;
    station->unsettled = true;
    return result;
}

int
station_settle(struct station *station)
{
    const struct worker *worker = station->worker;
    int64_t took = steady_milliseconds() - station->since;
    struct record now, durable, record = record_here(&station->done, store_now(worker->store));
    int result = seat_take(&station->seat, worker->group, station->lane, false);

    if (result <= 0)                    /* who has it will settle more than this */
        return result;
    result = -1;
    record.before = station->done_before;
    if (seat_read(&station->seat, worker->group, station->lane, &now) >= 0
        && seat_read_offset(&station->seat, worker->group, station->lane, &durable) >= 0)
        result = 0;
    if (result == 0 && now.place.offset >= record.place.offset
        && (durable.place.offset < record.place.offset || durable.place.offset > now.place.offset
            || (durable.place.offset == record.place.offset && durable.before != record.before))) {
        record.rate = now.place.offset > station->from
            ? (now.place.offset - station->from) * 1000 / (uint64_t)(took > 0 ? took : 1) : 0;
        result = seat_write_offset(&station->seat, worker->group, station->lane, &record);
    }
    station->unsettled = false;
    seat_leave(&station->seat);
    return result;
}

void
station_go_back(struct station *station)
{
    const struct worker *worker = station->worker;
    struct record now, durable, record;

    if (seat_take(&station->seat, worker->group, station->lane, false) <= 0)
        return;
    if (seat_read(&station->seat, worker->group, station->lane, &now) >= 0
        && seat_read_offset(&station->seat, worker->group, station->lane, &durable) >= 0
        && durable.place.offset < now.place.offset) {
        record = record_here(&durable.place, store_now(worker->store));
        record.before = durable.before;
        (void)seat_write(&station->seat, &record);
    }
    station->unsettled = false;
    seat_leave(&station->seat);
}

void
station_wait(struct station *station, bool waiting)
{
    if (waiting && station->waiting > 0)
        return;
    station->waiting = waiting ? steady_milliseconds() : 0;
    station->told = false;
}

void
station_close(struct station *station)
{
    seat_close(&station->seat);
    io_close(&station->reader.lane);
    lane_reader_close(&station->reader);
}

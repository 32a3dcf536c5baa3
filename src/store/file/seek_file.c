/* seek_file.c -- put a group elsewhere in a lane. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "store/file/bell.h"
#include "store/file/group_file.h"
#include "store/file/segment.h"
#include "store/file/station.h"
#include "store/file/topic_file.h"
#include "store/topic_change.h"

enum { PATIENCE_MILLISECONDS = 1000 };

/*
 * The lane's lock, between two batches; who has it is named when that takes long.  A
 * bell is only for who waits: letting it go takes the system a while.
 */
static int
wait_for_seat(struct seat *seat, int group, const struct group_move *move)
{
    char text[FAULT_TEXT];
    struct record record;
    struct bell bell;
    struct fault ignored;
    struct pollfd ready[1];
    int64_t until = steady_milliseconds() + PATIENCE_MILLISECONDS, left = PATIENCE_MILLISECONDS;
    int taken = seat_take(seat, group, move->lane, false);

    if (taken != 0)
        return taken;
    (void)bell_open(&bell, &ignored);
    (void)bell_watch(&bell, group, IN_ATTRIB, &ignored);
    taken = seat_take(seat, group, move->lane, false);
    while (taken == 0 && left > 0 && bell_wait(&bell, ready, 1, (int)left) >= 0) {
        taken = seat_take(seat, group, move->lane, false);
        left = until - steady_milliseconds();
    }
    bell_close(&bell);
    if (taken != 0)
        return taken;
    if (seat_read(seat, group, move->lane, &record) >= 0 && record.pid > 0) {
        (void)snprintf(text, sizeof text, "@%.*s: lane %u: waiting for process %llu, which has it",
                       (int)move->topic.length, move->topic.at, move->lane, (unsigned long long)record.pid);
        move->tell(move->context, text);
    }
    return seat_take(seat, group, move->lane, true);
}

/* Where the message is, or the first behind it if its segment is gone. */
static int
find_within(int lane, uint64_t offset, struct place *place)
{
    struct lane_reader reader = { .lane = lane, .fd = -1 };
    struct segments segments = { 0 };
    int result = lane_place(lane, offset, place);
    size_t i = 0;

    if (result == 0 && lane_more(&reader, place) < 0 && errno == ENODATA) {
        result = segments_list(lane, &segments);
        while (i < segments.count && segments.list[i].first <= place->offset)
            i++;
        if (i < segments.count)
            *place = (struct place){ .segment = segments.list[i].first, .offset = segments.list[i].first };
    }
    segments_free(&segments);
    lane_reader_close(&reader);
    return result;
}

/* A place that is there. */
static int
find_place(int topic, unsigned lane, uint64_t offset, struct place *place)
{
    int directory = topic_open_lane(topic, lane, false), hint = topic_open_end(topic, lane, O_RDONLY);
    struct place first, end;
    bool known;
    int result = -1;

    *place = (struct place){ 0 };
    if (directory < 0 && errno == ENOENT)
        result = 0;
    else if (directory >= 0 && lane_first(directory, &first) == 0 && lane_end(directory, hint, &end, &known) == 0) {
        if (offset <= first.offset)
            *place = first;
        else if (offset >= end.offset)
            *place = end;
        result = offset > first.offset && offset < end.offset ? find_within(directory, offset, place) : 0;
    }
    io_close(&directory);
    io_close(&hint);
    return result;
}

/* Both records, on disk with every name on their way; the lane up to there is before them. */
static int
write_records(struct store *store, struct seat *seat, int topic, int group, unsigned lane, const struct place *place)
{
    struct record record = record_here(place, store_now(store));

    if (io_sync_all(topic) != 0 || seat_write(seat, &record) != 0 || seat_write_offset(seat, group, lane, &record) != 0)
        return -1;
    return io_sync_all(topic);
}

static int
go(struct store *store, const struct group_move *move, int topic, int group, struct record *was, struct place *place)
{
    struct seat seat = { -1, -1 };
    int result = -1;

    if (!move->dry_run && wait_for_seat(&seat, group, move) < 0)
        goto done;
    if (group >= 0 && seat_read(&seat, group, move->lane, was) < 0)
        goto done;
    if (find_place(topic, move->lane, move->to, place) != 0)
        goto done;
    result = move->dry_run ? 0 : write_records(store, &seat, topic, group, move->lane, place);
    if (!move->dry_run)
        seat_leave(&seat);
done:
    seat_close(&seat);
    return result;
}

int
group_go(struct store *store, const struct group_move *move, uint64_t *from, uint64_t *to, struct fault *why)
{
    int topic = topic_open_directory(store, move->topic, false, why), group, result = 0;
    struct record was = { 0 };
    struct place place = { 0 };

    if (topic < 0)
        return -1;
    group = group_open(topic, move->group, !move->dry_run);
    if (group < 0 && !(move->dry_run && errno == ENOENT))
        result = fault_system(why, STATUS_CANNOT_CREATE, "@%.*s: cannot make the group", (int)move->topic.length,
                              move->topic.at);
    else if (go(store, move, topic, group, &was, &place) != 0)
        result = fault_system(why, STATUS_IO, "@%.*s: lane %u: cannot move the group", (int)move->topic.length,
                              move->topic.at, move->lane);
    *from = was.place.offset;
    *to = place.offset;
    io_close(&group);
    io_close(&topic);
    return result;
}

/*
 * audit_groups.c -- where the groups of a topic are in a lane.
 *
 * What others append meanwhile is no violation: an offset that lies behind the end that
 * was counted is looked at once more with an end that is counted after it.
 */
#include <errno.h>
#include <stdio.h>

#include "store/file/audit_lane.h"
#include "store/file/group_file.h"
#include "store/file/topic_file.h"

enum standing {
    STANDING_GOOD,
    STANDING_OUTSIDE,           /* of the lane */
    STANDING_BEHIND_OTHERS,     /* the lane lost its end and has grown since */
};

/* Are the messages before it others than were read?  What was trimmed cannot be looked at.  -1 with errno. */
static int
are_others(int directory, const struct record *record)
{
    int fd = segment_open(directory, record->place.segment, O_RDONLY), stands;

    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    stands = record_stands(record, fd);
    io_close(&fd);
    return stands < 0 ? -1 : !stands;
}

/* Where does its place lie?  The lane may have grown since it was counted.  Or -1 with errno. */
static int
look_at_place(struct lane_audit *lane, const struct record *record)
{
    const struct place *place = &record->place;
    int directory = topic_open_lane(lane->topic->directory, lane->lane, false), result = 0;
    struct place end;
    bool known;

    if (directory < 0 && errno != ENOENT)
        return -1;
    if (directory >= 0 && place->offset > lane->end) {
        result = lane_end(directory, -1, &end, &known);
        if (result == 0)
            lane->end = end.offset;
    }
    if (result == 0 && (place->offset < lane->first || place->offset > lane->end))
        result = STANDING_OUTSIDE;
    else if (result == 0 && directory >= 0)
        result = are_others(directory, record) * STANDING_BEHIND_OTHERS;
    io_close(&directory);
    return result < 0 ? -1 : result;
}

static void
tell_seat(struct lane_audit *lane, const char *group, const char *suffix, uint64_t offset, int standing)
{
    const struct slice topic = lane->topic->topic;
    struct audit *audit = lane->topic->audit;
    char what[120] = "damaged";

    if (standing == STANDING_OUTSIDE)
        (void)snprintf(what, sizeof what, "at message %llu, but the lane has %llu to before %llu",
                       (unsigned long long)offset, (unsigned long long)lane->first, (unsigned long long)lane->end);
    else if (standing == STANDING_BEHIND_OTHERS)
        (void)snprintf(what, sizeof what, "at message %llu, but the messages before it are others",
                       (unsigned long long)offset);
    audit_tell(&audit->told, PROMISE_NOT_SILENT, "%s/topics/%.*s/groups/%s/%u.%s:1: %s", audit->store->setting.name,
               (int)topic.length, topic.at, group, lane->lane, suffix, what);
}

/* `kept` and `lost` as in struct bad_offset. */
static void
keep_offset(struct lane_audit *lane, const char *group, bool kept, bool lost)
{
    const struct slice topic = lane->topic->topic;
    struct audit *audit = lane->topic->audit;
    struct bad_offset *bad;

    audit->counts.repairable++;
    audit->offsets = memory_room(audit->offsets, audit->offset_count, &audit->offset_room, sizeof *audit->offsets);
    bad = &audit->offsets[audit->offset_count++];
    *bad = (struct bad_offset){ .lane = lane->lane, .kept = kept, .lost = lost };
    memcpy(bad->topic, topic.at, topic.length);
    memcpy(bad->group, group, strlen(group));
}

/* To be read, not to be changed: that others do. */
static struct seat
open_seat(int directory, unsigned lane)
{
    char lock[24], offset[24];

    (void)snprintf(lock, sizeof lock, "%u.lock", lane);
    (void)snprintf(offset, sizeof offset, "%u.offset", lane);
    return (struct seat){ io_open(directory, lock, O_RDONLY | O_NONBLOCK, 0),
                          io_open(directory, offset, O_RDONLY | O_NONBLOCK, 0) };
}

/* What is kept for the time after a crash, and where the group goes on now, which is the same after one. */
static int
audit_seat(struct lane_audit *lane, int directory, const char *group)
{
    struct seat seat = open_seat(directory, lane->lane);
    struct record durable, now;
    int kept = seat_read_offset(&seat, directory, lane->lane, &durable);
    int found = kept < 0 ? -1 : seat_read(&seat, directory, lane->lane, &now);
    int kept_standing = kept == RECORD_FOUND ? look_at_place(lane, &durable) : 0;
    int standing = found == RECORD_FOUND ? look_at_place(lane, &now) : 0;
    const bool lost = found != RECORD_FOUND || standing > 0;

    seat_close(&seat);
    if (found < 0 || kept_standing < 0 || standing < 0)
        return -1;
    lane->topic->audit->counts.offsets += kept != RECORD_NONE || found != RECORD_NONE;
    if (kept == RECORD_DAMAGED || kept_standing > 0)
        tell_seat(lane, group, "offset", durable.place.offset, kept_standing);
    else if (standing > 0)
        tell_seat(lane, group, "lock", now.place.offset, standing);
    else
        return 0;
    keep_offset(lane, group, kept == RECORD_FOUND && kept_standing == 0, lost);
    return 0;
}

/* What stands in the place of one of the files of the group. */
static int
group_failed(const struct lane_audit *lane, const char *group, struct fault *why)
{
    const struct slice topic = lane->topic->topic;

    if (!segment_misplaced(errno))
        return lane_failed(lane, why);
    return fault_set(why, STATUS_DATA, "%s/topics/%.*s/groups/%s/%u: something else is in its place",
                     lane->topic->audit->store->setting.name, (int)topic.length, topic.at, group, lane->lane);
}

int
audit_groups(struct lane_audit *lane, const struct look_names *groups, struct fault *why)
{
    for (size_t i = 0; i < groups->count; i++) {
        const char *group = groups->list[i].text;
        int directory = group_open(lane->topic->directory, (struct slice){ group, strlen(group) }, false);
        int result = directory < 0 ? (errno == ENOENT ? 0 : -1) : audit_seat(lane, directory, group);

        if (result != 0)
            (void)group_failed(lane, group, why);
        io_close(&directory);
        if (result != 0 && topic_told(lane->topic->audit, why) != 0)
            return -1;
    }
    return 0;
}

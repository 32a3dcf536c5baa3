/*
 * audit_topics.c -- topics, what their groups keep of where they are, dead letters.
 *
 * What others append meanwhile is no violation: an offset that lies behind the end that
 * was counted is looked at once more with an end that is counted after it.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "store/dead.h"
#include "store/file/audit_file.h"
#include "store/file/group_file.h"
#include "store/file/segment.h"
#include "store/file/topic_file.h"
#include "store/topic_look.h"

struct topic_audit {
    struct audit *audit;
    struct slice topic;
    int directory;
};

/* What is gone meanwhile is none of ours; what cannot be read ends the audit. */
static int
told(struct audit *audit, const struct fault *why)
{
    if (why->status == STATUS_NO_INPUT)
        return 0;
    if (why->status != STATUS_DATA)
        return -1;
    audit_tell(&audit->told, PROMISE_NOT_SILENT, "%s", why->text);
    return 0;
}

/* -- lanes --------------------------------------------------------------------- */

struct lane_audit {
    const struct topic_audit *topic;
    unsigned lane;
    int directory;
    uint64_t first, end;        /* messages that are kept */
};

static int
lane_failed(const struct lane_audit *lane, struct fault *why)
{
    const struct slice topic = lane->topic->topic;
    const bool data = errno == ELOOP || errno == ENOTDIR || errno == EINVAL;

    return fault_system(why, data ? STATUS_DATA : STATUS_IO, "%s/topics/%.*s/%u",
                        lane->topic->audit->store->setting.name, (int)topic.length, topic.at, lane->lane);
}

/* Its lines are counted: the next segment begins where they end.  1, or 0 if it was trimmed meanwhile. */
static int
count_segment(const struct lane_audit *lane, uint64_t first, struct place *place)
{
    int fd = segment_open(lane->directory, first, O_RDONLY);
    struct stat status;
    int result;

    *place = (struct place){ first, first, 0 };
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    result = fstat(fd, &status) != 0 || segment_count(fd, place, (uint64_t)status.st_size) != 0 ? -1 : 1;
    io_close(&fd);
    return result;
}

/* Segments that an earlier audit has seen the end of are not read again. */
static int
count_segments(struct lane_audit *lane, const struct segments *segments, uint64_t seen)
{
    const struct slice topic = lane->topic->topic;
    struct audit *audit = lane->topic->audit;

    for (size_t i = 0; i < segments->count; i++) {
        const bool last = i + 1 == segments->count;
        const uint64_t first = segments->list[i].first;
        struct place place;
        int there = last || first >= seen ? count_segment(lane, first, &place) : 0;

        if (there < 0)
            return -1;
        if (there > 0 && last)
            lane->end = place.offset;
        else if (there > 0 && place.offset != segments->list[i + 1].first)
            audit_tell(&audit->told, PROMISE_NOT_SILENT,
                       "%s/topics/%.*s/%u/%020llu.ndjson:%llu: the last line is message %llu, but the next segment "
                       "begins at %llu", audit->store->setting.name, (int)topic.length, topic.at, lane->lane,
                       (unsigned long long)first, (unsigned long long)(place.offset - first),
                       (unsigned long long)place.offset - 1, (unsigned long long)segments->list[i + 1].first);
    }
    return 0;
}

/* A lane whose directory is not there yet is empty. */
static int
audit_lane(struct lane_audit *lane, struct fault *why)
{
    struct audit *audit = lane->topic->audit;
    struct segments segments = { 0 };
    int result = 0;

    lane->directory = topic_open_lane(lane->topic->directory, lane->lane, false);
    if (lane->directory < 0 && errno == ENOENT)
        return 0;
    if (lane->directory < 0 || segments_list(lane->directory, &segments) != 0
        || count_segments(lane, &segments, mark_lane(audit->mark, lane->topic->topic, lane->lane)) != 0)
        result = lane_failed(lane, why);
    if (result == 0 && segments.count > 0) {
        lane->first = segments.list[0].first;
        audit->counts.messages += lane->end - lane->first;
        mark_lane_seen(audit, lane->topic->topic, lane->lane, segments.list[segments.count - 1].first);
    }
    audit->counts.lanes++;
    segments_free(&segments);
    io_close(&lane->directory);
    return result;
}

/* -- groups -------------------------------------------------------------------- */

/* Does the place lie outside the lane?  That may have grown since it was counted.  1, 0, or -1 with errno. */
static int
is_outside(struct lane_audit *lane, uint64_t offset)
{
    int directory, result = 0;
    struct place end;
    bool known;

    if (offset > lane->end) {
        directory = topic_open_lane(lane->topic->directory, lane->lane, false);
        result = directory < 0 ? (errno == ENOENT ? 0 : -1) : lane_end(directory, -1, &end, &known);
        if (directory >= 0 && result == 0)
            lane->end = end.offset;
        io_close(&directory);
    }
    return result != 0 ? -1 : offset < lane->first || offset > lane->end;
}

static void
tell_seat(struct lane_audit *lane, const char *group, const char *suffix, const struct record *outside)
{
    const struct slice topic = lane->topic->topic;
    struct audit *audit = lane->topic->audit;
    char what[120] = "damaged";

    if (outside != NULL)
        (void)snprintf(what, sizeof what, "at message %llu, but the lane has %llu to before %llu",
                       (unsigned long long)outside->place.offset, (unsigned long long)lane->first,
                       (unsigned long long)lane->end);
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
    int kept_outside = kept == RECORD_FOUND ? is_outside(lane, durable.place.offset) : 0;
    int outside = found == RECORD_FOUND ? is_outside(lane, now.place.offset) : 0;
    const bool lost = found != RECORD_FOUND || outside > 0;

    seat_close(&seat);
    if (found < 0 || kept_outside < 0 || outside < 0)
        return -1;
    lane->topic->audit->counts.offsets += kept != RECORD_NONE || found != RECORD_NONE;
    if (kept == RECORD_DAMAGED || kept_outside > 0)
        tell_seat(lane, group, "offset", kept_outside > 0 ? &durable : NULL);
    else if (found == RECORD_DAMAGED || outside > 0)
        tell_seat(lane, group, "lock", outside > 0 ? &now : NULL);
    else
        return 0;
    keep_offset(lane, group, kept == RECORD_FOUND && kept_outside == 0, lost);
    return 0;
}

/* -- topics -------------------------------------------------------------------- */

static int
audit_groups(struct lane_audit *lane, const struct look_names *groups, struct fault *why)
{
    for (size_t i = 0; i < groups->count; i++) {
        const char *group = groups->list[i].text;
        int directory = group_open(lane->topic->directory, (struct slice){ group, strlen(group) }, false);
        int result = directory < 0 ? (errno == ENOENT ? 0 : -1) : audit_seat(lane, directory, group);

        if (result != 0)
            (void)lane_failed(lane, why);
        io_close(&directory);
        if (result != 0 && told(lane->topic->audit, why) != 0)
            return -1;
    }
    return 0;
}

static int
audit_topic(struct audit *audit, struct slice name, struct fault *why)
{
    struct topic_audit topic = { audit, name, topic_open_directory(audit->store, name, false, why) };
    struct topic_look look = { 0 };
    int result = -1;

    if (topic.directory < 0)
        return told(audit, why);
    audit->counts.topics++;
    if (topic_look(audit->store, name, &look, why) != 0) {
        result = told(audit, why);
        goto done;
    }
    for (unsigned i = 0; i < look.count; i++) {
        struct lane_audit lane = { &topic, i, -1, 0, 0 };

        if ((audit_lane(&lane, why) != 0 && told(audit, why) != 0) || audit_groups(&lane, &look.groups, why) != 0)
            goto done;
    }
    result = 0;
done:
    topic_look_free(&look);
    io_close(&topic.directory);
    return result;
}

int
audit_topics(struct audit *audit, struct fault *why)
{
    struct look_names names = { 0 };
    int result = topic_names(audit->store, &names, why);

    if (result != 0)
        result = told(audit, why);
    for (size_t i = 0; i < names.count && result == 0; i++) {
        result = audit_topic(audit, (struct slice){ names.list[i].text, strlen(names.list[i].text) }, why);
        audit->setting.progress(audit->setting.context, "topics", i + 1, names.count);
    }
    look_names_free(&names);
    if (result == 0 && dead_count(audit->store, NULL, &audit->counts.dead, why) != 0)
        result = told(audit, why);
    return result;
}

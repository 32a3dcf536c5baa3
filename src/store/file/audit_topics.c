/* audit_topics.c -- topics and their lanes, dead letters. */
#include <errno.h>
#include <sys/stat.h>

#include "store/dead.h"
#include "store/file/audit_lane.h"
#include "store/file/topic_file.h"

enum { TRIES = 10 };            /* while others change what is looked at */

int
topic_told(struct audit *audit, const struct fault *why)
{
    if (why->status == STATUS_NO_INPUT)
        return 0;
    if (why->status != STATUS_DATA)
        return -1;
    audit_tell(&audit->told, PROMISE_NOT_SILENT, "%s", why->text);
    return 0;
}

/* -- lanes --------------------------------------------------------------------- */

int
lane_failed(const struct lane_audit *lane, struct fault *why)
{
    const struct slice topic = lane->topic->topic;

    if (segment_misplaced(errno))
        return fault_set(why, STATUS_DATA, "%s/topics/%.*s/%u: something else is in its place",
                         lane->topic->audit->store->setting.name, (int)topic.length, topic.at, lane->lane);
    return fault_system(why, STATUS_IO, "%s/topics/%.*s/%u", lane->topic->audit->store->setting.name, (int)topic.length,
                        topic.at, lane->lane);
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

/*
 * Segments that an earlier audit has seen the end of are not read again.  1 if the last one
 * is gone, which then has a successor: the lane has to be looked at once more.
 */
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

        if (there < 0 || (there == 0 && last))
            return there < 0 ? -1 : 1;
        if (last)
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

/* 0, or -1 with errno. */
static int
read_lane(struct lane_audit *lane, struct segments *segments)
{
    struct audit *audit = lane->topic->audit;
    const uint64_t seen = mark_lane(audit->mark, lane->topic->topic, lane->lane);
    const size_t told = audit->told.length;
    int result = 1;

    for (int i = 0; i < TRIES && result > 0; i++) {
        audit->told.length = told;
        result = segments_list(lane->directory, segments) != 0 ? -1 : count_segments(lane, segments, seen);
    }
    if (result > 0)
        errno = ENOENT;
    return result == 0 ? 0 : -1;
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
    if (lane->directory < 0 || read_lane(lane, &segments) != 0)
        result = lane_failed(lane, why);
    if (result == 0 && segments.count > 0) {
        lane->first = segments.list[0].first;
        audit->counts.messages += lane->end - lane->first;
        mark_lane_seen(audit, lane->topic->topic, lane->lane, &segments, lane->end);
    }
    audit->counts.lanes++;
    segments_free(&segments);
    io_close(&lane->directory);
    return result;
}

/* -- topics -------------------------------------------------------------------- */

/* A last segment that got a successor, and was trimmed, between two steps is no fault. */
static int
look_at_topic(struct audit *audit, struct slice name, struct topic_look *look, struct fault *why)
{
    int result = topic_look(audit->store, name, look, why);

    for (int i = 0; i < TRIES && result != 0 && why->status == STATUS_IO; i++) {
        topic_look_free(look);
        result = topic_look(audit->store, name, look, why);
    }
    return result;
}

static int
audit_topic(struct audit *audit, struct slice name, struct fault *why)
{
    struct topic_audit topic = { audit, name, topic_open_directory(audit->store, name, false, why) };
    struct topic_look look = { 0 };
    int result = -1;

    if (topic.directory < 0)
        return topic_told(audit, why);
    audit->counts.topics++;
    if (look_at_topic(audit, name, &look, why) != 0) {
        result = topic_told(audit, why);
        goto done;
    }
    for (unsigned i = 0; i < look.count; i++) {
        struct lane_audit lane = { &topic, i, -1, 0, 0 };

        if ((audit_lane(&lane, why) != 0 && topic_told(audit, why) != 0) || audit_groups(&lane, &look.groups, why) != 0)
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
        result = topic_told(audit, why);
    for (size_t i = 0; i < names.count && result == 0; i++) {
        result = audit_topic(audit, (struct slice){ names.list[i].text, strlen(names.list[i].text) }, why);
        audit->setting.progress(audit->setting.context, "topics", i + 1, names.count);
    }
    look_names_free(&names);
    if (result == 0)
        mark_lanes(audit);
    if (result == 0 && dead_count(audit->store, NULL, &audit->counts.dead, why) != 0)
        result = topic_told(audit, why);
    return result;
}

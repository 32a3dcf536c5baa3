/*
 * trim_file.c -- remove the oldest segments of a topic.
 *
 * A segment may go when the durable offset of every group is at its end or beyond: what
 * a group has in hand, or would read again after a crash, is never removed; nor is what
 * a redrive that was cut off has yet to look through.  The last one stays, so that the
 * numbers go on.
 */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "store/file/group_file.h"
#include "store/file/redriven.h"
#include "store/file/segment.h"
#include "store/file/topic_file.h"
#include "store/topic_change.h"
#include "store/topic_look.h"

struct trim {
    const struct trim_setting *setting;
    const char *place;
    int topic;
    struct topic_look look;
    bool damaged;
    uint64_t noted[TOPIC_LANES_MAX];    /* redriven_noted() */
    int64_t before;             /* seconds since 1970: the last change has to be at or before it */
};

static void tell(const struct trim *trim, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void
tell(const struct trim *trim, const char *format, ...)
{
    char text[FAULT_TEXT];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    trim->setting->tell(trim->setting->context, text);
}

/* Up to where a group has durably read a lane: 1, 0 if that cannot be told, -1 with errno. */
static int
group_read(struct trim *trim, const char *name, unsigned lane, uint64_t *offset)
{
    int group = group_open(trim->topic, (struct slice){ name, strlen(name) }, false);
    struct seat seat = { -1, -1 };
    struct record record = { 0 }, now = { 0 };
    int found = group < 0 ? -1 : seat_read_offset(&seat, group, lane, &record);
    int found_now = found < 0 ? -1 : seat_read(&seat, group, lane, &now);

    *offset = record.place.offset;
    if (found_now == RECORD_FOUND && now.place.offset < *offset)    /* it was sent back */
        *offset = now.place.offset;
    if (found == RECORD_DAMAGED)
        tell(trim, "@%.*s: lane %u: the offset of %s is damaged, so nothing is removed",
             (int)trim->setting->topic.length, trim->setting->topic.at, lane, name);
    seat_close(&seat);
    io_close(&group);
    return found_now < 0 ? -1 : found != RECORD_DAMAGED;
}

/* The offset up to which every group has read; all if there is no group, and an age is given. */
static int
read_by_all(struct trim *trim, unsigned lane, uint64_t *all)
{
    *all = trim->look.groups.count > 0 || trim->setting->older >= 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < trim->look.groups.count; i++) {
        uint64_t offset = 0;
        int told = group_read(trim, trim->look.groups.list[i].text, lane, &offset);

        if (told < 0)
            return -1;
        if (told == 0) {
            trim->damaged = true;
            offset = 0;
        }
        *all = offset < *all ? offset : *all;
    }
    *all = trim->noted[lane] < *all ? trim->noted[lane] : *all;
    return 0;
}

/* The segments at the beginning, each ending where the next begins. */
static int
trim_segments(const struct trim *trim, unsigned lane, int directory, const struct segments *segments, uint64_t all)
{
    char name[SEGMENT_NAME_BYTES];

    for (size_t i = 0; i + 1 < segments->count; i++) {
        const struct segment *segment = &segments->list[i];
        const struct trimmed trimmed = { lane, segment->first, segment[1].first - segment->first, segment->bytes };

        if (segment[1].first > all || segment->changed > trim->before)
            return 0;
        segment_name(segment->first, name);
        if (!trim->setting->dry_run && unlinkat(directory, name, 0) != 0 && errno != ENOENT)
            return -1;
        trim->setting->removed(trim->setting->context, &trimmed);
    }
    return 0;
}

static int
trim_lane(struct trim *trim, unsigned lane, struct fault *why)
{
    int directory = topic_open_lane(trim->topic, lane, false);
    struct segments segments = { 0 };
    uint64_t all;
    int result = -1;

    if (directory < 0 && errno == ENOENT)
        return 0;
    if (directory >= 0 && segments_list(directory, &segments) == 0 && read_by_all(trim, lane, &all) == 0
        && (trim->setting->dry_run || io_sync_all(directory) == 0)      /* the offsets that let segments go */
        && trim_segments(trim, lane, directory, &segments, all) == 0
        && (trim->setting->dry_run || fsync(directory) == 0))
        result = 0;
    if (result != 0)
        (void)fault_system(why, STATUS_IO, "%s/%u: cannot trim", trim->place, lane);
    segments_free(&segments);
    io_close(&directory);
    return result;
}

static int
trim_all(struct trim *trim, struct fault *why)
{
    for (unsigned lane = 0; lane < trim->look.count; lane++)
        if (trim_lane(trim, lane, why) != 0)
            return -1;
    if (!trim->damaged)
        return 0;
    return fault_set(why, STATUS_DATA, "%s: the offset of a group is damaged", trim->place);
}

int
topic_trim_old(struct store *store, const struct trim_setting *setting, struct fault *why)
{
    struct trim trim = { .setting = setting, .topic = -1, .before = INT64_MAX };
    char path[TOPIC_PATH_BYTES], place[FAULT_TEXT];
    int topics = -1, result = -1;

    topic_path(setting->topic, path);
    (void)snprintf(place, sizeof place, "%s", store_path(store, path));
    trim.place = place;
    if (setting->older >= 0)
        trim.before = (int64_t)time(NULL) - (setting->older + 999) / 1000;
    trim.topic = topic_open_directory(store, setting->topic, false, why);
    if (trim.topic < 0)
        return -1;
    if (!setting->dry_run)
        topics = topics_lock(store, why);
    if ((setting->dry_run || topics >= 0) && redriven_noted(store, setting->topic, trim.noted, why) == 0
        && topic_look(store, setting->topic, &trim.look, why) == 0)
        result = trim_all(&trim, why);
    topic_look_free(&trim.look);
    io_close(&trim.topic);
    io_close(&topics);
    return result;
}

/*
 * look_file.c -- what topics there are, and how far groups are in them.
 *
 * Where a lane begins is the name of its first segment; where it ends is counted from
 * its hint on.  A file that a worker or `evtopic trim' takes away between two steps
 * is looked for once more by its name.
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/file/group_file.h"
#include "store/file/segment.h"
#include "store/file/topic_file.h"
#include "store/topic_look.h"

enum { RATE_MICROSECONDS = 10 * 1000 * 1000 };      /* a rate is good for so long */

static int
failed(const struct store *store, const char *path, struct fault *why)
{
    if (segment_misplaced(errno))
        return fault_set(why, STATUS_DATA, "%s: something else is in its place", store_path(store, path));
    return fault_system(why, STATUS_IO, "%s", store_path(store, path));
}

static int
lane_failed(const struct store *store, struct slice topic, unsigned lane, struct fault *why)
{
    char path[TOPIC_PATH_BYTES];

    (void)snprintf(path, sizeof path, "topics/%.*s/%u", (int)topic.length, topic.at, lane);
    return failed(store, path, why);
}

/* -- names -------------------------------------------------------------------- */

static int
by_bytes(const void *a, const void *b)
{
    return strcmp(((const struct look_name *)a)->text, ((const struct look_name *)b)->text);
}

void
look_names_free(struct look_names *names)
{
    free(names->list);
    *names = (struct look_names){ 0 };
}

/* The directories in one that have the name of a topic or group; none if it is missing.  Closes fd. */
static int
list_names(int fd, struct look_names *out)
{
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int error;

    out->count = 0;
    if (directory == NULL) {
        io_close(&fd);
        return errno == ENOENT ? 0 : -1;
    }
    while ((errno = 0, entry = readdir(directory)) != NULL) {
        struct slice name = { entry->d_name, strlen(entry->d_name) };

        if (!topic_name_valid(name) || (entry->d_type != DT_DIR && entry->d_type != DT_UNKNOWN))
            continue;
        out->list = memory_room(out->list, out->count, &out->room, sizeof *out->list);
        memcpy(out->list[out->count++].text, name.at, name.length + 1);
    }
    error = errno;
    (void)closedir(directory);
    if (out->count > 1)
        qsort(out->list, out->count, sizeof *out->list, by_bytes);
    errno = error;
    return error == 0 ? 0 : -1;
}

int
topic_names(struct store *store, struct look_names *out, struct fault *why)
{
    int fd = store_open_file(store, "topics", O_RDONLY | O_DIRECTORY);

    return list_names(fd, out) != 0 ? failed(store, "topics", why) : 0;
}

/* -- topics ------------------------------------------------------------------- */

/* A lane whose directory is not there yet is empty. */
static int
look_at_lane(int topic, unsigned lane, struct lane_look *out)
{
    int directory = topic_open_lane(topic, lane, false), hint = -1, result = -1;
    struct segments segments = { 0 };
    struct place end;
    bool known;

    *out = (struct lane_look){ 0 };
    if (directory < 0)
        return errno == ENOENT ? 0 : -1;
    hint = topic_open_end(topic, lane, O_RDONLY);
    if (segments_list(directory, &segments) == 0 && lane_end(directory, hint, &end, &known) == 0)
        result = 0;
    if (result == 0 && segments.count > 0)
        *out = (struct lane_look){ .first = segments.list[0].first, .end = end.offset };
    for (size_t i = 0; i < segments.count; i++)
        out->bytes += segments.list[i].bytes;
    segments_free(&segments);
    io_close(&hint);
    io_close(&directory);
    return result;
}

int
topic_look(struct store *store, struct slice topic, struct topic_look *out, struct fault *why)
{
    char path[TOPIC_PATH_BYTES];
    struct lanes lanes = { 0 };
    int result = -1, directory = topic_open_directory(store, topic, false, why);

    *out = (struct topic_look){ 0 };
    if (directory < 0)
        return -1;
    topic_path(topic, path);
    if (lanes_load(directory, store_path(store, path), true, &lanes, why) != 0)
        goto done;
    out->lanes = lanes_now(&lanes)->lanes;
    out->count = lanes.directories;
    out->lane = memory_zeroed(out->count, sizeof *out->lane);
    for (unsigned lane = 0; lane < out->count; lane++) {
        if (look_at_lane(directory, lane, &out->lane[lane]) != 0) {
            (void)lane_failed(store, topic, lane, why);
            goto done;
        }
    }
    result = list_names(io_open(directory, "groups", O_RDONLY | O_DIRECTORY, 0), &out->groups);
    if (result != 0)
        (void)failed(store, path, why);
done:
    lanes_free(&lanes);
    io_close(&directory);
    return result;
}

void
topic_look_free(struct topic_look *look)
{
    free(look->lane);
    look_names_free(&look->groups);
}

/* -- groups ------------------------------------------------------------------- */

/* Open the segment that the place is in, or is to be in by its offset: 1, or 0 if it is not there. */
static int
find_message(struct lane_reader *reader, struct place *place)
{
    int more = lane_more(reader, place);

    if (more < 0 && errno == ENODATA)
        return 0;
    if (more >= 0 || (errno != ENOENT && errno != ERANGE))
        return more;
    lane_reader_close(reader);
    return lane_place(reader->lane, place->offset, place) != 0 ? -1 : lane_more(reader, place);
}

/* The time of the message there.  What does not end within LINE_MAX_BYTES is none. */
static int
read_time(int lane, struct place place, struct group_look *out)
{
    struct lane_reader reader = { .lane = lane, .fd = -1 };
    struct buffer line = { 0 };
    struct arena arena = { 0 };
    const char *newline;
    struct slice time;
    ssize_t got = -1;
    int more = find_message(&reader, &place);

    if (more > 0)
        got = io_pread(reader.fd, buffer_reserve(&line, LINE_MAX_BYTES), LINE_MAX_BYTES, (off_t)place.bytes);
    newline = got > 0 ? memchr(line.at, '\n', (size_t)got) : NULL;
    if (newline != NULL) {
        time = topic_line_read((struct slice){ line.at, (size_t)(newline - line.at) }, &arena).time;
        out->dated = time.length == MOMENT_LENGTH;
        if (out->dated)
            memcpy(out->time.text, time.at, MOMENT_LENGTH);
    }
    arena_reset(&arena);
    buffer_free(&line);
    lane_reader_close(&reader);
    return more < 0 || (more > 0 && got < 0) ? -1 : 0;
}

/* Where the group is.  *place is only good for reading if it is of this lane. */
static int
read_place(int group, unsigned lane, const struct lane_look *kept, struct moment now, struct place *place,
           struct group_look *out)
{
    struct seat seat = { -1, -1 };
    struct record record, durable;
    int found = seat_read(&seat, group, lane, &record);
    int found_durable = found < 0 ? -1 : seat_read_offset(&seat, group, lane, &durable);

    seat_close(&seat);
    if (found_durable < 0)
        return -1;
    out->known = found != RECORD_DAMAGED;
    out->damaged = found_durable == RECORD_DAMAGED;
    out->holder = found == RECORD_FOUND && strcmp(record.boot, record_boot()) == 0 ? record.pid : 0;
    *place = record.place;
    if (found == RECORD_NONE || place->offset < kept->first)
        *place = (struct place){ kept->first, kept->first, 0 };
    out->offset = place->offset;
    out->behind = kept->end > place->offset ? kept->end - place->offset : 0;
    if (found_durable == RECORD_FOUND) {
        int64_t ago = moment_microseconds(now.text) - moment_microseconds(durable.time.text);

        out->rate = ago <= RATE_MICROSECONDS && ago >= -RATE_MICROSECONDS ? durable.rate : 0;
    }
    return 0;
}

int
group_look(struct store *store, struct slice topic, const struct topic_look *look, struct slice group,
           unsigned lane, struct group_look *out, struct fault *why)
{
    int directory = topic_open_directory(store, topic, false, why), group_directory = -1, lane_directory = -1;
    struct place place;
    int result = -1;

    *out = (struct group_look){ 0 };
    if (directory < 0)
        return -1;
    group_directory = group_open(directory, group, false);
    if (group_directory < 0 && errno == ENOENT) {
        (void)fault_set(why, STATUS_NO_INPUT, "@%.*s: %.*s: no such group", (int)topic.length, topic.at,
                        (int)group.length, group.at);
        goto done;
    }
    if (group_directory < 0 || read_place(group_directory, lane, &look->lane[lane], store_now(store), &place, out) != 0) {
        (void)lane_failed(store, topic, lane, why);
        goto done;
    }
    result = 0;
    if (!out->known || out->behind == 0)
        goto done;
    lane_directory = topic_open_lane(directory, lane, false);
    if (lane_directory < 0 || read_time(lane_directory, place, out) != 0)
        result = lane_failed(store, topic, lane, why);
done:
    io_close(&lane_directory);
    io_close(&group_directory);
    io_close(&directory);
    return result;
}

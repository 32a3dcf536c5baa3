/*
 * view_file.c -- read the messages of a topic without being one of its groups.
 *
 * A view reads a lane up to an end that it has counted itself, so never past the last
 * whole line, and of a line that is written while it looks only what is finished.
 * Nobody waits for a view: segments may be taken away before it has read them.
 * The one it is in stays readable, as its file is open; that the next is missing is
 * seen when it is opened, and that the end is in one that is gone by its link count.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/file/bell.h"
#include "store/file/segment.h"
#include "store/file/topic_file.h"
#include "store/topic_look.h"

enum { CHUNK = 256 * 1024 };    /* of each lane in memory; longer than any message */

struct stretch {
    int directory;              /* of the lane, or -1: not there yet */
    struct lane_reader reader, tip;
    struct place place, end;    /* read up to here; known up to here */
    struct buffer bytes;
};

struct view {
    struct store *store;
    struct view_setting setting;
    int topic;                  /* directory */
    struct lanes lanes;
    struct stretch *stretches;
    unsigned count;
    struct bell bell;
};

static int
failed(const struct view *view, unsigned lane, struct fault *why)
{
    const struct slice topic = view->setting.topic;

    if (errno == ENOENT || errno == ERANGE || errno == ENODATA)
        return fault_set(why, STATUS_DATA, "@%.*s: lane %u: message %llu is missing", (int)topic.length, topic.at, lane,
                         (unsigned long long)view->stretches[lane].place.offset);
    return fault_system(why, segment_misplaced(errno) ? STATUS_DATA : STATUS_IO, "@%.*s: lane %u: cannot read",
                        (int)topic.length, topic.at, lane);
}

static void
tell_of_trim(const struct view *view, unsigned lane, uint64_t first)
{
    const struct slice topic = view->setting.topic;
    char text[FAULT_TEXT];

    (void)snprintf(text, sizeof text, "@%.*s: lane %u: messages before %llu are not kept any more",
                   (int)topic.length, topic.at, lane, (unsigned long long)first);
    view->setting.tell(view->setting.context, text);
}

/* -- lanes and their ends ------------------------------------------------------- */

static int
find_end(const struct view *view, unsigned lane)
{
    struct stretch *stretch = &view->stretches[lane];
    int result, hint = topic_open_end(view->topic, lane, O_RDONLY);
    bool known;

    lane_reader_close(&stretch->tip);
    result = lane_end(stretch->directory, hint, &stretch->end, &known);
    io_close(&hint);
    return result;
}

/* Count on from the end that is known: 1, or 0 if its segment is gone. */
static int
count_on(struct stretch *stretch)
{
    struct stat status;
    int more;

    while ((more = lane_more(&stretch->tip, &stretch->end)) > 0) {
        uint64_t before = stretch->end.offset;

        if (fstat(stretch->tip.fd, &status) != 0
            || segment_count(stretch->tip.fd, &stretch->end, (uint64_t)status.st_size) != 0)
            return -1;
        if (stretch->end.offset == before)
            break;                      /* a line that is not finished */
    }
    if (more < 0)
        return errno == ENOENT || errno == ERANGE ? 0 : -1;
    return stretch->tip.fd < 0 || (fstat(stretch->tip.fd, &status) == 0 && status.st_nlink > 0);
}

static void
watch(struct view *view, int directory, uint32_t events)
{
    struct fault unwoken;

    if (bell_watch(&view->bell, directory, events, &unwoken) != 0)
        view->setting.tell(view->setting.context, unwoken.text);
}

/* A directory is made before the lane is; watched before it is looked at. */
static int
open_lane(struct view *view, unsigned lane)
{
    struct stretch *stretch = &view->stretches[lane];

    if (stretch->directory >= 0)
        return 0;
    stretch->directory = topic_open_lane(view->topic, lane, false);
    if (stretch->directory < 0)
        return errno == ENOENT ? 0 : -1;
    stretch->reader.lane = stretch->tip.lane = stretch->directory;
    watch(view, stretch->directory, IN_MODIFY | IN_CREATE | IN_MOVED_TO);
    return lane_first(stretch->directory, &stretch->place) != 0 || find_end(view, lane) != 0 ? -1 : 0;
}

/* See what lanes there are, and how far they go now. */
static int
look(struct view *view, struct fault *why)
{
    char path[TOPIC_PATH_BYTES];

    topic_path(view->setting.topic, path);
    if (lanes_changed(view->topic, &view->lanes)
        && lanes_load(view->topic, store_path(view->store, path), true, &view->lanes, why) != 0)
        return -1;
    if (view->count < view->lanes.directories)
        view->stretches = memory_resize(view->stretches, view->lanes.directories * sizeof *view->stretches);
    while (view->count < view->lanes.directories)
        view->stretches[view->count++] = (struct stretch){
            .directory = -1, .reader = { .lane = -1, .fd = -1 }, .tip = { .lane = -1, .fd = -1 },
        };
    for (unsigned lane = 0; lane < view->count; lane++) {
        struct stretch *stretch = &view->stretches[lane];
        int result;

        if (stretch->directory < 0) {
            result = open_lane(view, lane);
        } else {
            result = count_on(stretch);
            if (result == 0)
                result = find_end(view, lane);
        }
        if (result < 0)
            return failed(view, lane, why);
    }
    return 0;
}

/* -- opening and closing ---------------------------------------------------------- */

int
view_open(struct view **out, struct store *store, const struct view_setting *setting, struct fault *why)
{
    struct view *view = memory_zeroed(1, sizeof *view);
    struct fault unwoken;

    view->store = store;
    view->setting = *setting;
    view->bell.fd = -1;
    view->topic = topic_open_directory(store, setting->topic, false, why);
    if (view->topic >= 0 && setting->follow) {
        if (bell_open(&view->bell, &unwoken) != 0)
            setting->tell(setting->context, unwoken.text);
        watch(view, view->topic, IN_MOVED_TO | IN_CREATE);
    }
    if (view->topic < 0 || look(view, why) != 0) {
        view_close(view);
        return -1;
    }
    *out = view;
    return 0;
}

void
view_close(struct view *view)
{
    if (view == NULL)
        return;
    for (unsigned lane = 0; lane < view->count; lane++) {
        struct stretch *stretch = &view->stretches[lane];

        lane_reader_close(&stretch->reader);
        lane_reader_close(&stretch->tip);
        buffer_free(&stretch->bytes);
        io_close(&stretch->directory);
    }
    free(view->stretches);
    lanes_free(&view->lanes);
    bell_close(&view->bell);
    io_close(&view->topic);
    free(view);
}

/* -- reading ------------------------------------------------------------------------ */

unsigned
view_lanes(const struct view *view)
{
    return view->count;
}

struct lane_look
view_lane(const struct view *view, unsigned lane)
{
    const struct stretch *stretch = &view->stretches[lane];

    return (struct lane_look){ .first = stretch->place.offset, .end = stretch->end.offset };
}

int
view_seek(struct view *view, unsigned lane, uint64_t offset, struct fault *why)
{
    struct stretch *stretch = &view->stretches[lane];

    if (stretch->directory < 0)
        return 0;
    if (offset < stretch->place.offset)
        tell_of_trim(view, lane, stretch->place.offset);
    if (offset > stretch->end.offset)
        offset = stretch->end.offset;
    if (offset > stretch->place.offset && lane_place(stretch->directory, offset, &stretch->place) != 0)
        return failed(view, lane, why);
    return 0;
}

int
view_seek_last(struct view *view, unsigned lane, uint64_t bytes, struct fault *why)
{
    struct stretch *stretch = &view->stretches[lane];
    struct place tail;

    if (stretch->directory < 0)
        return 0;
    if (lane_tail(stretch->directory, &stretch->end, bytes, &tail) != 0)
        return failed(view, lane, why);
    if (tail.offset > stretch->place.offset)
        stretch->place = tail;
    return 0;
}

/* The next message's segment is not there: go on where the lane begins now, if it was removed.  -1 with errno. */
static int
skip_removed(const struct view *view, unsigned lane)
{
    struct stretch *stretch = &view->stretches[lane];
    struct place first;

    if (lane_first(stretch->directory, &first) != 0)
        return -1;
    if (first.offset <= stretch->place.offset) {
        errno = ENOENT;
        return -1;
    }
    tell_of_trim(view, lane, first.offset);
    lane_reader_close(&stretch->reader);
    stretch->place = first;
    return 0;
}

int
view_read(struct view *view, unsigned lane, struct batch *batch, struct fault *why)
{
    struct stretch *stretch = &view->stretches[lane];

    while (stretch->place.offset < stretch->end.offset) {
        struct buffer *bytes = &stretch->bytes;
        int got;

        bytes->length = 0;
        *batch = (struct batch){ .lane = lane, .offset = stretch->place.offset };
        got = lane_read(&stretch->reader, &stretch->place, stretch->end.offset, CHUNK, bytes);
        if (got > 0) {
            batch->bytes = (struct slice){ bytes->at, bytes->length };
            batch->part = bytes->at[bytes->length - 1] != '\n';
            return 1;
        }
        if ((got < 0 && errno != ENOENT) || skip_removed(view, lane) != 0)
            return failed(view, lane, why);
    }
    return 0;
}

int
view_wait(struct view *view, int output, struct fault *why)
{
    struct pollfd ready[2];
    int result;

    ready[1] = (struct pollfd){ .fd = output };
    result = bell_wait(&view->bell, ready, 2, -1);
    if (result < 0)
        return fault_system(why, STATUS_IO, "cannot wait");
    if ((ready[1].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0)
        return 0;
    return look(view, why) == 0 ? 1 : -1;
}

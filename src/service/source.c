/*
 * source.c -- lines from a descriptor or a topic.
 *
 * A line longer than LINE_MAX_BYTES is handed out in pieces as they come, so that
 * memory stays bounded whatever the input is; and so that many short lines cost no
 * more than few long ones, only so many are handed out at once.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "base/io.h"
#include "domain/message.h"
#include "service/ahead.h"
#include "service/source.h"
#include "store/topic.h"

enum { NAME_BYTES = TOPIC_NAME_MAX + 16, LINES_AT_ONCE = 65536 };

struct source {
    const char *name;
    int fd;                     /* or -1 */
    struct ahead *ahead;        /* one of the two */
    struct subscription *subscription;
    struct source_setting setting;
    int stop;                   /* signalfd(2) of what ends a topic */
    struct origin origin;
    char lane_name[NAME_BYTES];
    struct line *lines;
    size_t line_count, line_room;
    uint64_t number;            /* of the line that comes next */
    bool in_long_line;
    struct slice rest;          /* of what was taken, not handed out yet */
    bool rest_ended;            /* behind it is the end */
};

bool
source_is_topic(const char *name)
{
    return name[0] == '@';
}

static struct slice
topic_of_name(const char *name)
{
    return topic_name_resolve((struct slice){ name + 1, strlen(name + 1) });
}

int
source_check(const char *name, struct store *store, struct fault *why)
{
    struct stat status;

    if (strcmp(name, "-") == 0)
        return 0;
    if (source_is_topic(name))
        return topic_check(store, topic_of_name(name), why);
    if (stat(name, &status) != 0)
        return fault_system(why, STATUS_NO_INPUT, "%s", name);
    if (S_ISDIR(status.st_mode))
        return fault_set(why, STATUS_NO_INPUT, "%s: a directory", name);
    return 0;
}

static int
open_file(struct source *source, const char *name, struct fault *why)
{
    bool standard = strcmp(name, "-") == 0;

    source->name = standard ? "stdin" : name;
    source->number = 1;
    source->fd = standard ? STDIN_FILENO : io_open(AT_FDCWD, name, O_RDONLY | IO_FOLLOW, 0);
    if (source->fd < 0)
        return fault_system(why, STATUS_NO_INPUT, "%s", name);
    return ahead_open(&source->ahead, source->fd, why);
}

static void
tell(void *context, const char *text)
{
    const struct source *source = context;

    (void)fprintf(stderr, "%s: %s\n", source->setting.command, text);
}

static int
open_topic(struct source *source, const char *name, struct store *store, struct fault *why)
{
    const struct source_setting *setting = &source->setting;
    struct subscription_setting subscription = {
        .topic = topic_of_name(name),
        .group = { setting->group, strlen(setting->group) },
        .drain = !setting->wait,
        .most = setting->most,
        .tell = tell,
        .context = source,
    };
    sigset_t signals;

    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigprocmask(SIG_BLOCK, &signals, NULL);
    source->stop = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    if (source->stop < 0)
        return fault_system(why, STATUS_IO, "cannot wait for signals");
    subscription.stop = source->stop;
    source->name = name;
    source->origin = (struct origin){ .topic = subscription.topic, .group = subscription.group };
    return subscription_open(&source->subscription, store, &subscription, why);
}

int
source_open(struct source **out, const char *name, struct store *store, const struct source_setting *setting,
            struct fault *why)
{
    struct source *source = memory_zeroed(1, sizeof *source);
    int result;

    source->fd = source->stop = -1;
    source->setting = *setting;
    result = source_is_topic(name) ? open_topic(source, name, store, why) : open_file(source, name, why);
    if (result != 0) {
        source_close(source);
        return -1;
    }
    *out = source;
    return 0;
}

static void
add_line(struct source *source, const char *at, size_t length, enum line_part part)
{
    source->lines = memory_room(source->lines, source->line_count, &source->line_room, sizeof *source->lines);
    source->lines[source->line_count++] = (struct line){ { at, length }, source->number, part };
}

/* A line with its end in sight, which may be the end of one that came in pieces. */
static void
add_end(struct source *source, const char *at, size_t length)
{
    if (source->in_long_line) {
        add_line(source, at, length, LINE_END);
    } else if (length < LINE_MAX_BYTES) {
        add_line(source, at, length, LINE_WHOLE);
    } else {
        add_line(source, at, 0, LINE_BEGINNING);
        add_line(source, at, length, LINE_END);
    }
    source->in_long_line = false;
    source->number++;
}

/* The beginning of a line whose end is not in sight. */
static void
add_piece(struct source *source, const char *at, size_t length)
{
    add_line(source, at, length, source->in_long_line ? LINE_MIDDLE : LINE_BEGINNING);
    source->in_long_line = true;
}

static void
split(struct source *source, struct slice bytes, bool ended)
{
    const char *at = bytes.at, *end = at + bytes.length, *newline;

    source->line_count = 0;
    source->rest.length = 0;
    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if (source->line_count == LINES_AT_ONCE) {
            source->rest = (struct slice){ at, (size_t)(end - at) };
            source->rest_ended = ended;
            return;
        }
        add_end(source, at, (size_t)(newline - at));
        at = newline + 1;
    }
    if (at < end && !ended)
        add_piece(source, at, (size_t)(end - at));
    else if (at < end || (ended && source->in_long_line))
        add_end(source, at, (size_t)(end - at));
}

static int
take_file(struct source *source, struct fault *why)
{
    struct slice bytes;
    bool ended;

    if (ahead_take(source->ahead, source->in_long_line, &bytes, &ended) != 0)
        return fault_system(why, STATUS_IO, "%s", source->name);
    split(source, bytes, ended);
    return source->line_count > 0 ? SOURCE_LINES : SOURCE_END;
}

static int
take_topic(struct source *source, struct fault *why)
{
    struct batch batch;
    int taken = subscription_take(source->subscription, &batch, why);

    if (taken != TAKEN_BATCH)
        return taken == TAKEN_END ? SOURCE_END : taken == TAKEN_PAUSE ? SOURCE_PAUSE : -1;
    source->number = batch.offset;
    source->origin.lane = batch.lane;
    (void)snprintf(source->lane_name, sizeof source->lane_name, "@%.*s/%u", (int)source->origin.topic.length,
                   source->origin.topic.at, batch.lane);
    split(source, batch.bytes, false);
    return SOURCE_LINES;
}

int
source_take(struct source *source, const struct line **lines, size_t *count, struct fault *why)
{
    int taken = SOURCE_LINES;

    if (source->rest.length > 0)
        split(source, source->rest, source->rest_ended);
    else
        taken = source->ahead != NULL ? take_file(source, why) : take_topic(source, why);
    *lines = source->lines;
    *count = source->line_count;
    return taken;
}

void
source_gather(struct source *source, bool much)
{
    if (source->ahead != NULL)
        ahead_gather(source->ahead, much);
}

int
source_sync(struct source *source, struct fault *why)
{
    return source->subscription != NULL ? subscription_sync(source->subscription, why) : 0;
}

int
source_done(struct source *source, struct fault *why)
{
    if (source->subscription == NULL || source->in_long_line || source->rest.length > 0)
        return 0;
    return subscription_done(source->subscription, why);
}

int
source_settled(struct source *source, struct fault *why)
{
    return source->subscription != NULL ? subscription_settled(source->subscription, why) : 0;
}

void
source_lost(struct source *source)
{
    if (source->subscription != NULL)
        subscription_lost(source->subscription);
}

const char *
source_name(const struct source *source)
{
    return source->subscription != NULL ? source->lane_name : source->name;
}

const struct origin *
source_origin(const struct source *source)
{
    return source->subscription != NULL ? &source->origin : NULL;
}

int
source_file(const struct source *source)
{
    return source->fd;
}

int
source_stop(const struct source *source)
{
    return source->stop;
}

void
source_close(struct source *source)
{
    if (source == NULL)
        return;
    ahead_close(source->ahead);
    subscription_close(source->subscription);
    if (source->fd != STDIN_FILENO)
        io_close(&source->fd);
    io_close(&source->stop);
    free(source->lines);
    free(source);
}

/*
 * watch_messages.c -- the last messages of all topics.
 *
 * Of each lane with something new its last part is read; what was read before is passed over.
 * Messages of one look are in the order of their times, those of later looks before those of
 * earlier ones: a time that is not true does not stay at the top.
 */
#include <stdlib.h>

#include "service/trace.h"
#include "service/watch.h"

enum {
    TAIL = 64 * 1024,           /* bytes of a lane that are read at most */
    TAIL_CHOSEN = 1024 * 1024,  /* if only some messages are wanted */
};

/* -- one message ------------------------------------------------------------------ */

/* As people may see it, and no more than there is room for, in whole characters. */
static void
put_plain(char *out, size_t room, struct slice text)
{
    struct buffer plain = { 0 };
    const char *at = text.at, *end = at + text.length;
    size_t used = 0;

    while (at < end && plain.length <= room) {
        used = plain.length;
        at += buffer_plain_character(&plain, at, end, false);
    }
    if (plain.length <= room)
        used = plain.length;
    if (used > 0)
        memcpy(out, plain.at, used);
    out[used] = '\0';
    buffer_free(&plain);
}

/* As it is: of a form that was checked. */
static void
put_exact(char *out, struct slice text)
{
    memcpy(out, text.at, text.length);
    out[text.length] = '\0';
}

static enum watch_kind
kind_of(enum message_type type)
{
    switch (type) {
    case PURCHASE_REQUESTED:
    case STOCKCHECK_REQUESTED:
    case ORDER_REQUESTED: return WATCH_COMMAND;
    case STOCK_UNAVAILABLE:
    case ORDER_FAILED: return WATCH_REFUSAL;
    default: return WATCH_EVENT;
    }
}

static void
fill_message(struct watch_message *out, const struct message *message)
{
    out->kind = kind_of(message->type);
    put_exact(out->product, message->product);
    put_exact(out->request, message->request);
    out->quantity = message->quantity;
}

static void
add_sight(struct watch *watch, const struct message *message)
{
    struct watch_sight sight = { .point = { message->sequence, message->available } };

    if (message->type != STOCK_AVAILABLE && message->type != STOCK_UNAVAILABLE)
        return;
    put_exact(sight.product, message->product);
    watch->sights = memory_room(watch->sights, watch->sight_count, &watch->sight_room, sizeof sight);
    watch->sights[watch->sight_count++] = sight;
}

/* Read a line, whatever it is. */
static void
read_line(struct watch *watch, struct watch_message *out, struct slice line)
{
    struct arena arena = { 0 };
    struct step step;
    struct fault why;

    if (!trace_read_line(line, FORM_MESSAGE, &arena, &step, &why)) {
        step.kind = STEP_OTHER;
        step.type = SLICE("no message");
    }
    if (step.kind == STEP_MESSAGE) {
        fill_message(out, &step.message);
        add_sight(watch, &step.message);
    } else {
        put_plain(out->text, WATCH_TEXT, line);
    }
    if (moment_valid(step.time))
        put_exact(out->time, step.time);
    put_plain(out->type, WATCH_TEXT, step.type);
    put_plain(out->source, WATCH_TEXT, step.source);
    arena_reset(&arena);
}

static bool
is_wanted(const struct watch_filter *filter, const struct watch_message *message)
{
    return (filter->product[0] == '\0' || strcmp(filter->product, message->product) == 0)
        && (filter->request[0] == '\0' || strcmp(filter->request, message->request) == 0);
}

/* -- a lane ------------------------------------------------------------------------- */

struct lane {
    struct watch *watch;
    struct watch_topic *topic;
    unsigned number;
    bool in_line;               /* of more than one batch, so it is no message */
    bool dated;                 /* a message tells its time: */
    int64_t first;              /* the first of them, microseconds since 1970 */
    uint64_t recent;            /* messages of the last WATCH_SECONDS */
};

static void
count(struct lane *lane, const struct watch_message *message)
{
    const int64_t now = moment_microseconds(lane->watch->now.text);
    int64_t time;

    if (message->time[0] == '\0')
        return;
    time = moment_microseconds(message->time);
    if (!lane->dated)
        lane->first = time;
    lane->dated = true;
    lane->recent += time <= now && time >= now - WATCH_SECONDS * INT64_C(1000000);
}

static void
add_line(struct lane *lane, uint64_t offset, struct slice line)
{
    struct watch *watch = lane->watch;
    struct watch_message message = { .look = watch->looks, .lane = lane->number, .offset = offset };

    memcpy(message.topic, lane->topic->name, sizeof message.topic);
    read_line(watch, &message, line);
    count(lane, &message);
    if (!is_wanted(&watch->filter, &message))
        return;
    watch->messages = memory_room(watch->messages, watch->message_count, &watch->message_room, sizeof message);
    watch->messages[watch->message_count++] = message;
}

static void
read_batch(struct lane *lane, const struct batch *batch)
{
    const char *at = batch->bytes.at, *end = at + batch->bytes.length, *newline;
    uint64_t offset = batch->offset;

    for (; at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL; at = newline + 1, offset++) {
        if (!lane->in_line && offset >= lane->topic->read[lane->number])
            add_line(lane, offset, (struct slice){ at, (size_t)(newline - at) });
        lane->in_line = false;
    }
    lane->in_line = lane->in_line || at < end;
}

/* Before there are two looks a rate is by the times of the messages. */
static void
add_rate(const struct lane *lane, bool cut)
{
    const int64_t now = moment_microseconds(lane->watch->now.text), all = WATCH_SECONDS * INT64_C(1000000);
    int64_t took = cut && lane->first > now - all ? now - lane->first : all;

    if (took < 1000)
        took = 1000;
    if (lane->topic->mark_count == 0)
        lane->topic->first_rate += lane->recent * 10 * UINT64_C(1000000) / (uint64_t)took;
}

static int
read_lane(struct lane *lane, struct view *view, struct fault *why)
{
    const struct watch *watch = lane->watch;
    const bool chosen = watch->filter.product[0] != '\0' || watch->filter.request[0] != '\0';
    const uint64_t first = view_lane(view, lane->number).first, end = view_lane(view, lane->number).end;
    struct batch batch;
    int got = view_seek_last(view, lane->number, chosen ? TAIL_CHOSEN : TAIL, why);
    bool cut = view_lane(view, lane->number).first > first;

    while (got == 0 && (got = view_read(view, lane->number, &batch, why)) > 0) {
        read_batch(lane, &batch);
        got = 0;
    }
    if (got < 0)
        return -1;
    add_rate(lane, cut);
    lane->topic->read[lane->number] = end;
    return 0;
}

/* Messages that were removed before they were read are none of the last ones. */
static void
ignore(void *context, const char *text)
{
    (void)context;
    (void)text;
}

void
watch_messages(struct watch *watch, struct watch_topic *topic, const struct topic_look *look)
{
    const struct view_setting setting = { .topic = { topic->name, strlen(topic->name) }, .tell = ignore };
    struct view *view = NULL;
    struct fault why;
    bool more = false;

    for (unsigned lane = 0; lane < look->count; lane++) {
        if (look->lane[lane].end < topic->read[lane])
            topic->read[lane] = 0;      /* it is another topic now */
        more = more || look->lane[lane].end > topic->read[lane];
    }
    if (!more)
        return;
    if (view_open(&view, watch->store, &setting, &why) != 0) {
        watch_tell(watch, &why);
        return;
    }
    for (unsigned number = 0; number < view_lanes(view) && number < topic->lanes; number++) {
        struct lane lane = { .watch = watch, .topic = topic, .number = number };

        if (view_lane(view, number).end > topic->read[number] && read_lane(&lane, view, &why) != 0)
            watch_tell(watch, &why);
        if (watch->message_count > 2 * WATCH_MESSAGES)
            watch_sort(watch);
    }
    view_close(view);
}

/* -- the order of all ----------------------------------------------------------------- */

/* The newest first; of one time, which comes later in the flow. */
static int
by_age(const void *a, const void *b)
{
    const struct watch_message *one = a, *other = b;
    unsigned type, other_type;
    int order;

    if (one->look != other->look)
        return one->look < other->look ? 1 : -1;
    order = strcmp(other->time, one->time);
    if (order != 0)
        return order;
    type = message_type_named((struct slice){ one->topic, strlen(one->topic) });
    other_type = message_type_named((struct slice){ other->topic, strlen(other->topic) });
    if (type != other_type)
        return type < other_type ? 1 : -1;
    order = strcmp(one->topic, other->topic);
    if (order != 0)
        return order;
    if (one->lane != other->lane)
        return one->lane < other->lane ? -1 : 1;
    return (one->offset < other->offset) - (one->offset > other->offset);
}

void
watch_sort(struct watch *watch)
{
    if (watch->message_count > 1)
        qsort(watch->messages, watch->message_count, sizeof *watch->messages, by_age);
    if (watch->message_count > WATCH_MESSAGES)
        watch->message_count = WATCH_MESSAGES;
}

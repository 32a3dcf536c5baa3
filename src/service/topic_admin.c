/* topic_admin.c -- evtopic seek, lanes, trim: change how a topic is kept. */
#include <stdlib.h>

#include "base/text.h"
#include "service/cli_time.h"
#include "service/topic_command.h"
#include "store/topic_change.h"
#include "store/topic_look.h"

/* Report what could not be done, unless all was; then see that what was printed is written. */
static int
finish(struct store *store, int result, const struct fault *why)
{
    int status = result == 0 ? STATUS_DONE : cli_report("evtopic", why);

    store_close(store);
    return cli_finish("evtopic", status);
}

/* -- lanes ------------------------------------------------------------------- */

static void
print_lanes(const struct lanes_wish *lanes, const char *end)
{
    (void)printf("%u %s of %llu bytes%s", lanes->lanes, lanes->lanes == 1 ? "lane, segments" : "lanes, segments",
                 (unsigned long long)lanes->segment, end);
}

int
topic_lanes(const struct topic_wish *wish)
{
    struct slice topic = cli_topic(wish->cli, wish->operands[0]);
    struct lanes_wish was, lanes = {
        .lanes = (unsigned)cli_number(wish->cli, "N", wish->operands[1], 1, TOPIC_LANES_MAX),
        .segment = wish->segment > 0 ? (uint64_t)wish->segment : 0,
    };
    struct store *store = cli_store(wish->cli, STORE_FOLLOW);
    struct fault why;
    int result = topic_set_lanes(store, topic, &lanes, wish->dry_run, &was, &why);

    if (result == 0) {
        print_lanes(&was, " -> ");
        if (lanes.segment == 0)
            lanes.segment = was.segment;
        print_lanes(&lanes, wish->dry_run ? " (not done)\n" : "\n");
    }
    return finish(store, result, &why);
}

/* -- trim -------------------------------------------------------------------- */

struct removal {
    const struct topic_wish *wish;
    uint64_t segments, messages, bytes;
};

static void
print_removed(void *context, const struct trimmed *trimmed)
{
    struct removal *removal = context;
    unsigned long long first = trimmed->first, messages = trimmed->messages, bytes = trimmed->bytes;

    removal->segments++;
    removal->messages += trimmed->messages;
    removal->bytes += trimmed->bytes;
    if (removal->wish->json)
        (void)printf("{\"lane\":%u,\"first\":%llu,\"messages\":%llu,\"bytes\":%llu}\n", trimmed->lane, first, messages,
                     bytes);
    else
        (void)printf("lane %u: messages %llu to %llu, %llu bytes\n", trimmed->lane, first, first + messages - 1, bytes);
}

int
topic_trim(const struct topic_wish *wish)
{
    struct removal removal = { .wish = wish };
    const struct trim_setting setting = {
        .topic = cli_topic(wish->cli, wish->operands[0]),
        .older = wish->older,
        .dry_run = wish->dry_run,
        .removed = print_removed,
        .tell = topic_tell,
        .context = &removal,
    };
    struct store *store = cli_store(wish->cli, STORE_FOLLOW);
    struct fault why;
    int result = topic_trim_old(store, &setting, &why);

    if (!wish->json && (result == 0 || why.status == STATUS_DATA))
        (void)printf("%s %llu segments, %llu messages, %llu bytes\n", wish->dry_run ? "would remove" : "removed",
                     (unsigned long long)removal.segments, (unsigned long long)removal.messages,
                     (unsigned long long)removal.bytes);
    return finish(store, result, &why);
}

/* -- seek -------------------------------------------------------------------- */

/* Where in each lane to go; of a view on the topic. */
struct target {
    const char *text;
    struct moment time;         /* or empty */
    uint64_t offset;
    bool exact;                 /* the offset is one that was named */
};

static struct target
read_target(const struct topic_wish *wish)
{
    struct target target = { .text = wish->operands[2] };
    struct slice text = { target.text, strlen(target.text) };

    if (strcmp(target.text, "first") == 0)
        return target;
    if (strcmp(target.text, "last") == 0)
        target.offset = NUMBER_MAX;
    else if (text_number(text, 0, NUMBER_MAX, &target.offset))
        target.exact = true;
    else if (!cli_time_read(wish->cli, target.text, &target.time))
        cli_misuse(wish->cli, "%s: not first, last, an offset, or a time like 2026-01-31T09:30:00Z", target.text);
    return target;
}

/* Is a line, if it is whole, of this time or later? */
static bool
is_late(struct slice line, const struct moment *time)
{
    struct arena arena = { 0 };
    struct slice own = topic_line_read(line, &arena).time;
    bool late = own.length == MOMENT_LENGTH && memcmp(own.at, time->text, MOMENT_LENGTH) >= 0;

    arena_reset(&arena);
    return late;
}

/* The lines of a batch up to the first that is late: 1 if there is one; *offset is behind those before it. */
static int
look_through(const struct batch *batch, const struct moment *time, bool *in_line, uint64_t *offset)
{
    const char *at = batch->bytes.at, *end = at + batch->bytes.length;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        if (newline == NULL) {
            *in_line = true;
            return 0;
        }
        if (!*in_line && is_late((struct slice){ at, (size_t)(newline - at) }, time))
            return 1;
        *in_line = false;
        (*offset)++;
        at = newline + 1;
    }
    return 0;
}

static int
find_time(struct view *view, unsigned lane, const struct moment *time, uint64_t *offset, struct fault *why)
{
    struct batch batch;
    bool in_line = false;
    int got;

    *offset = view_lane(view, lane).first;
    while ((got = view_read(view, lane, &batch, why)) > 0)
        if (look_through(&batch, time, &in_line, offset) > 0)
            return 0;
    return got;
}

static int
seek_lane(struct store *store, struct view *view, const struct target *target, struct group_move *move,
          struct fault *why)
{
    uint64_t from, to;

    move->to = target->offset;
    if (target->time.text[0] != '\0' && find_time(view, move->lane, &target->time, &move->to, why) != 0)
        return -1;
    if (group_go(store, move, &from, &to, why) != 0)
        return -1;
    (void)printf("lane %u: %llu -> %llu%s\n", move->lane, (unsigned long long)from, (unsigned long long)to,
                 move->dry_run ? " (not done)" : "");
    if (target->exact && to != target->offset)
        (void)fprintf(stderr, "evtopic: lane %u: there is no message %llu\n", move->lane,
                      (unsigned long long)target->offset);
    return 0;
}

int
topic_seek(const struct topic_wish *wish)
{
    const char *group = cli_group(wish->cli, wish->operands[0]);
    struct target target = read_target(wish);
    struct group_move move = {
        .topic = cli_topic(wish->cli, wish->operands[1]),
        .group = { group, strlen(group) },
        .dry_run = wish->dry_run,
        .tell = topic_tell,
    };
    const struct view_setting setting = { .topic = move.topic, .tell = topic_tell };
    struct store *store = cli_store(wish->cli, STORE_FOLLOW);
    struct view *view = NULL;
    struct fault why;
    int result = view_open(&view, store, &setting, &why);

    for (move.lane = 0; result == 0 && move.lane < view_lanes(view); move.lane++)
        result = seek_lane(store, view, &target, &move, &why);
    view_close(view);
    return finish(store, result, &why);
}

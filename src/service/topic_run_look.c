/* topic_run_look.c -- evtopic run --dry-run: what would be fed, and nothing changed. */
#include "domain/message.h"
#include "service/topic_run.h"
#include "store/topic_look.h"

/* Where the group goes on in a lane; one that is not there yet begins with what is kept. */
static int
go_on(struct view *view, struct store *store, const struct topic_wish *wish, const struct topic_look *look,
      unsigned lane, struct fault *why)
{
    const struct slice topic = cli_topic(wish->cli, wish->operands[0]);
    const struct slice group = { wish->group, strlen(wish->group) };
    struct group_look at;

    if (lane >= look->count)
        return 0;
    if (group_look(store, topic, look, group, lane, &at, why) != 0)
        return why->status == STATUS_NO_INPUT ? 0 : -1;
    return at.known && at.offset > view_lane(view, lane).first ? view_seek(view, lane, at.offset, why) : 0;
}

/* A line that is too long is no message. */
struct printing {
    const char *topic;
    unsigned lane;
    uint64_t offset;
    bool in_long_line;
};

/* Whole lines, or a part of a long one. */
static void
print_batch(struct printing *printing, struct slice bytes)
{
    const char *at = bytes.at, *end = bytes.at + bytes.length, *newline;

    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        if (printing->in_long_line || newline - at >= LINE_MAX_BYTES)
            (void)fprintf(stderr, "evtopic: @%s/%u:%llu: longer than 65,536 bytes\n", printing->topic, printing->lane,
                          (unsigned long long)printing->offset);
        else
            (void)fwrite(at, 1, (size_t)(newline + 1 - at), stdout);
        printing->in_long_line = false;
        printing->offset++;
        at = newline + 1;
    }
    printing->in_long_line |= at < end;
}

static int
print_lane(struct view *view, const struct topic_wish *wish, unsigned lane, struct fault *why)
{
    struct printing printing = { .topic = wish->operands[0], .lane = lane, .offset = view_lane(view, lane).first };
    struct batch batch;
    int got = 0;

    while (ferror(stdout) == 0 && (got = view_read(view, lane, &batch, why)) > 0)
        print_batch(&printing, batch.bytes);
    return got < 0 ? -1 : 0;
}

int
run_look(const struct topic_wish *wish)
{
    const struct view_setting setting = { .topic = cli_topic(wish->cli, wish->operands[0]), .tell = topic_tell };
    struct store *store = cli_store(wish->cli, STORE_LOOK);
    struct topic_look look = { 0 };
    struct view *view = NULL;
    struct fault why;
    int result = topic_look(store, setting.topic, &look, &why);

    if (result == 0)
        result = view_open(&view, store, &setting, &why);
    for (unsigned lane = 0; result == 0 && lane < view_lanes(view); lane++) {
        result = go_on(view, store, wish, &look, lane, &why);
        if (result == 0)
            result = print_lane(view, wish, lane, &why);
    }
    view_close(view);
    topic_look_free(&look);
    store_close(store);
    return cli_finish("evtopic", result == 0 ? STATUS_DONE : cli_report("evtopic", &why));
}

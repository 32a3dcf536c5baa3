/* topic_cat.c -- evtopic cat: the messages of a topic, byte for byte. */
#include <signal.h>

#include "base/text.h"
#include "service/cli_time.h"
#include "service/topic_command.h"
#include "service/topic_merge.h"

/* Where to begin. */
struct from {
    bool by_offset, by_time;
    uint64_t offset;
    struct moment time;
};

/* All digits are an offset. */
static struct from
read_from(const struct topic_wish *wish)
{
    const struct slice text = { wish->from, wish->from != NULL ? strlen(wish->from) : 0 };
    struct from from = { 0 };

    if (wish->from == NULL)
        return from;
    if (wish->last >= 0)
        cli_misuse(wish->cli, "--from: not with --last");
    if (text.length > 0 && strspn(text.at, "0123456789") == text.length) {
        from.offset = cli_number(wish->cli, "--from", text.at, 0, NUMBER_MAX);
        from.by_offset = true;
    } else if (cli_time_read(wish->cli, text.at, &from.time)) {
        from.by_time = true;
    } else {
        cli_misuse(wish->cli, "--from: %s: neither an offset nor a time like 2026-01-31T09:30:00Z", text.at);
    }
    return from;
}

static int
begin(struct merge *merge, const struct topic_wish *wish, const struct from *from, struct fault *why)
{
    if (from->by_time)
        merge_from_time(merge, &from->time);
    if (from->by_offset)
        return merge_from_offset(merge, from->offset, why);
    return wish->last >= 0 ? merge_last(merge, (uint64_t)wish->last, why) : 0;
}

/* All that is known to be there. */
static int
print_all(struct merge *merge, struct fault *why)
{
    struct slice bytes;
    int got = 1;

    while (ferror(stdout) == 0 && (got = merge_next(merge, &bytes, why)) > 0)
        (void)fwrite(bytes.at, 1, bytes.length, stdout);
    return got < 0 ? -1 : 0;
}

/* What is published from now on, until a signal comes or nobody reads what is printed. */
static int
follow(struct view *view, struct merge *merge, struct fault *why)
{
    while (ferror(stdout) == 0 && fflush(stdout) == 0) {
        int more = view_wait(view, STDOUT_FILENO, why);

        if (more < 0)
            return -1;
        if (more == 0)
            (void)raise(SIGPIPE);
        merge_lanes(merge);
        if (print_all(merge, why) != 0)
            return -1;
    }
    return 0;
}

static int
print(struct view *view, const struct topic_wish *wish, const struct from *from, struct fault *why)
{
    struct merge *merge = NULL;
    int result;

    if (wish->lane >= (int64_t)view_lanes(view))
        return fault_set(why, STATUS_NO_INPUT, "@%s: lane %lld: no such lane", wish->operands[0],
                         (long long)wish->lane);
    merge = merge_new(view, wish->lane);
    result = begin(merge, wish, from, why) == 0 ? print_all(merge, why) : -1;
    if (result == 0 && wish->follow)
        result = follow(view, merge, why);
    merge_free(merge);
    return result;
}

int
topic_cat(const struct topic_wish *wish)
{
    struct view_setting setting = {
        .topic = cli_topic(wish->cli, wish->operands[0]), .follow = wish->follow, .tell = topic_tell,
    };
    struct from from = read_from(wish);
    struct store *store = cli_store(wish->cli, STORE_LOOK);
    struct view *view = NULL;
    struct fault why;
    int status = STATUS_DONE;

    if (view_open(&view, store, &setting, &why) != 0 || print(view, wish, &from, &why) != 0)
        status = cli_report("evtopic", &why);
    view_close(view);
    store_close(store);
    return cli_finish("evtopic", status);
}

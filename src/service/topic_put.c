/* topic_put.c -- evtopic publish: lines from standard input to a topic, whatever they are. */
#include "service/sink.h"
#include "service/source.h"
#include "service/topic_command.h"

/* A line's bytes as they are; its newline is given back behind its last piece. */
static void
add_lines(struct buffer *out, const struct line *lines, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buffer_slice(out, lines[i].text);
        if (lines[i].part == LINE_WHOLE || lines[i].part == LINE_END)
            buffer_add(out, "\n", 1);
    }
}

static uint64_t
count_lines(const struct line *lines, size_t count)
{
    uint64_t ends = 0;

    for (size_t i = 0; i < count; i++)
        ends += lines[i].part == LINE_WHOLE || lines[i].part == LINE_END;
    return ends;
}

/* With a dry run: only how many lines there are. */
static int
count_all(struct source *source, struct fault *why)
{
    const struct line *lines;
    unsigned long long total = 0;
    size_t count;
    int taken;

    while ((taken = source_take(source, &lines, &count, why)) > 0)
        total += count_lines(lines, count);
    if (taken == SOURCE_END)
        (void)printf("would publish %llu lines\n", total);
    return taken == SOURCE_END ? 0 : -1;
}

/* A line that is longer than a batch is gathered before it is published. */
static int
publish_all(struct source *source, struct topic *topic, struct fault *why)
{
    struct buffer out = { 0 };
    const struct line *lines;
    size_t count;
    int taken, result = 0;

    while (result == 0 && (taken = source_take(source, &lines, &count, why)) != SOURCE_END) {
        if (taken < 0) {
            result = -1;
            break;
        }
        add_lines(&out, lines, count);
        if (out.length == 0 || out.at[out.length - 1] != '\n')
            continue;
        result = topic_publish(topic, (struct slice){ out.at, out.length }, why);
        out.length = 0;
    }
    buffer_free(&out);
    return result;
}

int
topic_put(const struct topic_wish *wish)
{
    const struct source_setting setting = { .command = "evtopic" };
    struct slice name = cli_topic(wish->cli, wish->operands[0]);
    struct store *store = cli_store(wish->cli, STORE_FOLLOW);
    struct source *source = NULL;
    struct fault why;
    int result = source_open(&source, "-", NULL, &setting, &why);

    if (result == 0)
        result = wish->dry_run ? count_all(source, &why) : publish_all(source, topic_of(store, name), &why);
    if (result == 0)
        result = store_settle(store, &why);
    source_close(source);
    store_close(store);
    return cli_finish("evtopic", result == 0 ? STATUS_DONE : cli_report("evtopic", &why));
}

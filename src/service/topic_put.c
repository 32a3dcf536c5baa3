/* topic_put.c -- evtopic publish: lines from standard input to a topic, whatever they are. */
#include "base/io.h"
#include "base/spill.h"
#include "service/sink.h"
#include "service/source.h"
#include "service/topic_command.h"

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

/* Lines on their way to a topic: whole ones, then a long one whose end is yet to come. */
struct parting {
    struct topic *topic;
    struct buffer whole;
    int spill;                  /* or -1 */
};

static int
publish_whole(struct parting *parting, struct fault *why)
{
    struct slice lines = { parting->whole.at, parting->whole.length };
    int result = topic_publish(parting->topic, lines, why);

    buffer_shrink(&parting->whole);
    return result;
}

/* A piece of a long line goes to a file, which is published at its end, behind the lines before it. */
static int
add_piece(struct parting *parting, const struct line *line, struct fault *why)
{
    if (parting->spill < 0)
        parting->spill = spill_open(why);
    if (parting->spill < 0 || spill_write(parting->spill, line->text, why) != 0)
        return -1;
    if (line->part != LINE_END)
        return 0;
    if (spill_write(parting->spill, SLICE("\n"), why) != 0 || publish_whole(parting, why) != 0
        || topic_publish_spill(parting->topic, parting->spill, why) != 0)
        return -1;
    io_close(&parting->spill);
    return 0;
}

static int
add_lines(struct parting *parting, const struct line *lines, size_t count, struct fault *why)
{
    for (size_t i = 0; i < count; i++) {
        if (lines[i].part == LINE_WHOLE) {
            buffer_slice(&parting->whole, lines[i].text);
            buffer_add(&parting->whole, "\n", 1);
        } else if (add_piece(parting, &lines[i], why) != 0) {
            return -1;
        }
    }
    return publish_whole(parting, why);
}

static int
publish_all(struct source *source, struct topic *topic, struct fault *why)
{
    struct parting parting = { .topic = topic, .spill = -1 };
    const struct line *lines;
    size_t count;
    int taken;

    while ((taken = source_take(source, &lines, &count, why)) > 0)
        if (add_lines(&parting, lines, count, why) != 0) {
            taken = -1;
            break;
        }
    buffer_free(&parting.whole);
    io_close(&parting.spill);
    return taken == SOURCE_END ? 0 : -1;
}

int
topic_put(const struct topic_wish *wish)
{
    const struct source_setting setting = { .command = "evtopic" };
    struct slice name = cli_topic(wish->cli, wish->operands[0]);
    struct store *store = cli_store_first(wish->cli, STORE_FOLLOW);
    struct source *source = NULL;
    struct fault why;
    int result;

    store_confine(store, spill_directory());
    result = source_open(&source, "-", NULL, &setting, &why);
    if (result == 0)
        result = wish->dry_run ? count_all(source, &why) : publish_all(source, topic_of(store, name), &why);
    if (result == 0)
        result = store_settle(store, &why);
    source_close(source);
    store_close(store);
    return cli_finish("evtopic", result == 0 ? STATUS_DONE : cli_report("evtopic", &why));
}

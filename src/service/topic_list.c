/* topic_list.c -- evtopic list: the topics of a store. */
#include "service/table.h"
#include "service/topic_command.h"
#include "store/topic_look.h"

/* What a topic holds, over its lanes. */
struct sums {
    uint64_t messages, bytes;
};

static struct sums
sum_up(const struct topic_look *look)
{
    struct sums sums = { 0 };

    for (unsigned lane = 0; lane < look->count; lane++) {
        sums.messages += look->lane[lane].end - look->lane[lane].first;
        sums.bytes += look->lane[lane].bytes;
    }
    return sums;
}

static void
add_row(struct table *table, const char *topic, const struct topic_look *look)
{
    struct sums sums = sum_up(look);
    struct buffer groups = { 0 };

    for (size_t i = 0; i < look->groups.count; i++) {
        buffer_text(&groups, i > 0 ? "," : "");
        buffer_text(&groups, look->groups.list[i].text);
    }
    buffer_add(&groups, "", 1);
    table_text(table, topic);
    table_number(table, look->lanes);
    table_number(table, sums.messages);
    table_number(table, sums.bytes);
    table_text(table, look->groups.count > 0 ? groups.at : "-");
    buffer_free(&groups);
}

/* Names need no escapes. */
static void
add_object(struct buffer *out, const char *topic, const struct topic_look *look)
{
    struct sums sums = sum_up(look);

    buffer_text(out, "{\"topic\":\"");
    buffer_text(out, topic);
    buffer_text(out, "\",\"lanes\":");
    buffer_number(out, look->lanes);
    buffer_text(out, ",\"messages\":");
    buffer_number(out, sums.messages);
    buffer_text(out, ",\"bytes\":");
    buffer_number(out, sums.bytes);
    buffer_text(out, ",\"groups\":[");
    for (size_t i = 0; i < look->groups.count; i++) {
        buffer_text(out, i > 0 ? ",\"" : "\"");
        buffer_text(out, look->groups.list[i].text);
        buffer_text(out, "\"");
    }
    buffer_text(out, "]}\n");
}

int
topic_list(const struct topic_wish *wish)
{
    struct store *store = cli_store(wish->cli, STORE_LOOK);
    static const char *const headings[] = { "topic", "lanes", "messages", "bytes", "groups" };
    struct table table = { .columns = "lrrrl" };
    struct look_names topics = { 0 };
    struct buffer out = { 0 };
    struct fault why;
    int status = STATUS_DONE;

    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
        table_text(&table, headings[i]);
    if (topic_names(store, &topics, &why) != 0)
        status = cli_report("evtopic", &why);
    for (size_t i = 0; i < topics.count; i++) {
        const char *topic = topics.list[i].text;
        struct topic_look look;

        if (topic_look(store, (struct slice){ topic, strlen(topic) }, &look, &why) != 0)
            status = why.status == STATUS_NO_INPUT ? status : cli_report("evtopic", &why);     /* gone meanwhile */
        else if (wish->json)
            add_object(&out, topic, &look);
        else
            add_row(&table, topic, &look);
        topic_look_free(&look);
    }
    if (!wish->json)
        table_write(&table, &out);
    cli_print(&out);
    buffer_free(&out);
    table_free(&table);
    look_names_free(&topics);
    store_close(store);
    return cli_finish("evtopic", status);
}

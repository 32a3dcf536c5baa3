/* topic_lag.c -- evtopic lag: how far groups are behind. */
#include "service/table.h"
#include "service/topic_command.h"
#include "service/topic_walk.h"

struct listing {
    bool json;
    struct table table;
    struct buffer out;
};

/* Seconds until everything is read; none at a rate of 0. */
static bool
time_to_empty(const struct group_look *at, uint64_t *seconds)
{
    if (at->rate == 0)
        return false;
    *seconds = at->behind / at->rate + (at->behind % at->rate != 0);
    return true;
}

static void
add_cell(struct table *table, bool known, bool given, uint64_t number)
{
    if (known && given)
        table_number(table, number);
    else
        table_text(table, known ? "-" : "?");
}

static void
add_row(struct table *table, const struct lag *lag)
{
    const struct group_look *at = &lag->at;
    const bool rated = at->known && !at->damaged;
    uint64_t empty = 0;
    bool given = time_to_empty(at, &empty);

    table_text(table, lag->topic);
    table_text(table, lag->group);
    table_number(table, lag->lane);
    add_cell(table, at->known, true, at->behind);
    add_cell(table, at->known, lag->age >= 0, (uint64_t)lag_seconds(lag->age));
    add_cell(table, rated, true, at->rate);
    add_cell(table, rated, given, empty);
}

static void
add_member(struct buffer *out, const char *name, bool known, uint64_t number)
{
    buffer_text(out, ",\"");
    buffer_text(out, name);
    buffer_text(out, "\":");
    if (known)
        buffer_number(out, number);
    else
        buffer_text(out, "null");
}

/* Names need no escapes. */
static void
add_object(struct buffer *out, const struct lag *lag)
{
    const struct group_look *at = &lag->at;
    const bool rated = at->known && !at->damaged;
    uint64_t empty = 0;
    bool given = time_to_empty(at, &empty);

    buffer_text(out, "{\"topic\":\"");
    buffer_text(out, lag->topic);
    buffer_text(out, "\",\"group\":\"");
    buffer_text(out, lag->group);
    buffer_text(out, "\"");
    add_member(out, "lane", true, lag->lane);
    add_member(out, "offset", at->known, at->offset);
    add_member(out, "end", true, lag->end);
    add_member(out, "behind", at->known, at->behind);
    add_member(out, "seconds_behind", at->known && lag->age >= 0, (uint64_t)lag_seconds(lag->age));
    add_member(out, "rate", rated, at->rate);
    add_member(out, "seconds_to_empty", rated && given, empty);
    buffer_text(out, "}\n");
}

static void
list_lag(void *context, const struct lag *lag)
{
    struct listing *listing = context;

    if (listing->json)
        add_object(&listing->out, lag);
    else
        add_row(&listing->table, lag);
}

int
topic_lag(const struct topic_wish *wish)
{
    static const char *const headings[] = {
        "topic", "group", "lane", "messages", "seconds", "messages", "seconds",
        "", "", "", "behind", "behind", "a second", "to empty",
    };
    struct listing listing = { .json = wish->json, .table = { .columns = "llrrrrr" } };
    struct store *store = cli_store(wish->cli, STORE_LOOK);
    int status;

    for (size_t i = 0; i < sizeof headings / sizeof headings[0]; i++)
        table_text(&listing.table, headings[i]);
    status = topic_walk(store, list_lag, &listing);
    if (!wish->json)
        table_write(&listing.table, &listing.out);
    cli_print(&listing.out);
    buffer_free(&listing.out);
    table_free(&listing.table);
    store_close(store);
    return cli_finish("evtopic", status);
}

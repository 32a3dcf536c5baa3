/* watch_sheet.c -- what a look saw, laid out in lines. */
#include <stdio.h>

#include "service/watch_sheet.h"

enum {
    AIRY = 20,                  /* rows from which on there is room for empty lines */
    ONCE_MESSAGES = 16,         /* where there is no end of rows */
};

/* How many lines each part gets. */
struct shares {
    bool airy;
    size_t topics, products, messages;
};

static size_t
least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* -- the head ---------------------------------------------------------------------- */

static void
put_title(const struct watch *watch, const struct watch_layout *layout, struct sheet *out)
{
    const size_t right = sizeof "2026-01-31 09:30:00Z" - 1 + (layout->paused ? sizeof "  paused" - 1 : 0);
    struct moment now = watch->now;

    now.text[10] = ' ';
    now.text[19] = 'Z';
    now.text[20] = '\0';
    sheet_text(out, SHEET_TITLE, "evwatch  ");
    if (sheet_room(out) > right + SHEET_GAP)
        sheet_left(out, SHEET_TITLE, layout->store, sheet_room(out) - right - SHEET_GAP);
    sheet_gap(out);
    sheet_text(out, SHEET_TITLE, now.text);
    sheet_text(out, SHEET_TROUBLE, layout->paused ? "  paused" : "");
    sheet_end_line(out);
}

static uint64_t
rate_of(const struct watch *watch, enum message_type type)
{
    for (size_t i = 0; i < watch->topic_count; i++) {
        const char *name = watch->topics[i].name;

        if (message_type_named((struct slice){ name, strlen(name) }) == type)
            return watch->topics[i].rate;
    }
    return 0;
}

static void
put_results(const struct watch *watch, struct sheet *out)
{
    const uint64_t created = rate_of(watch, ORDER_CREATED), failed = rate_of(watch, ORDER_FAILED);

    sheet_text(out, SHEET_HEADING, "results  ");
    watch_put_rate(out, created + failed, 0);
    sheet_text(out, SHEET_PLAIN, " a second: ");
    watch_put_rate(out, created, 0);
    sheet_text(out, SHEET_EVENT, " created");
    sheet_text(out, SHEET_PLAIN, ", ");
    watch_put_rate(out, failed, 0);
    sheet_text(out, SHEET_REFUSAL, " failed");
    sheet_end_line(out);
}

static bool
is_filtered(const struct watch *watch)
{
    return watch->filter.product[0] != '\0' || watch->filter.request[0] != '\0';
}

static void
put_filter(const struct watch *watch, struct sheet *out)
{
    const bool both = watch->filter.product[0] != '\0' && watch->filter.request[0] != '\0';

    sheet_text(out, SHEET_HEADING, "messages only of  ");
    sheet_text(out, SHEET_TITLE, watch->filter.request);
    sheet_text(out, SHEET_PLAIN, both ? ", " : "");
    sheet_text(out, SHEET_TITLE, watch->filter.product);
    sheet_end_line(out);
}

/* -- all of it ------------------------------------------------------------------------------ */

/* What there is, so that messages have a third of the rows at least, and stock has not more than topics. */
static struct shares
share(const struct watch *watch, size_t rows)
{
    const size_t topics = watch_topic_lines(watch) > 0 ? watch_topic_lines(watch) : 1;
    struct shares shares = { true, topics, watch->product_count, ONCE_MESSAGES };
    size_t body;

    if (rows == 0)
        return shares;
    shares.airy = rows >= AIRY;
    body = 5 + (shares.airy ? 3 : is_filtered(watch));
    body = rows > body ? rows - body : 0;
    shares.products = least(shares.products, body / 5);
    shares.topics = least(shares.topics, body / 2);
    shares.messages = body - shares.products - shares.topics;
    return shares;
}

void
watch_sheet(const struct watch *watch, struct watch_layout *layout, struct sheet *out)
{
    const struct shares shares = share(watch, layout->rows);

    put_title(watch, layout, out);
    put_results(watch, out);
    if (is_filtered(watch))
        put_filter(watch, out);
    else if (shares.airy)
        sheet_end_line(out);
    watch_put_topic_heading(out);
    watch_put_topics(watch, shares.topics, out);
    if (shares.airy)
        sheet_end_line(out);
    watch_put_stock_heading(out);
    watch_put_stock(watch, shares.products, out);
    if (shares.airy)
        sheet_end_line(out);
    watch_put_message_heading(out);
    watch_put_messages(watch, layout, shares.messages, out);
    while (out->lines < layout->rows)
        sheet_end_line(out);
}

void
watch_help(struct sheet *out)
{
    static const char *const lines[] = {
        "up, down         choose a message; Home: the newest; Esc: none",
        "Enter            what happened to its request, as evtrace tells it",
        "/                only messages of a product or a request; nothing: all",
        "p, space         pause, and go on",
        "r                look now",
        "q                quit, or go back",
        "?                this help",
        "",
        "a second         messages that came, by the last ten looks; at first by",
        "                 the times of the messages of the last ten seconds",
        "behind           messages that the group has not read",
        "seconds          how old the oldest of them is",
        "lane:worker      the process that had the lane last and is alive",
        "as it changed    the stock that checks saw, and what there is now; from",
        "                 the least to the most of what is shown",
    };

    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        sheet_text(out, SHEET_PLAIN, lines[i]);
        sheet_end_line(out);
    }
}

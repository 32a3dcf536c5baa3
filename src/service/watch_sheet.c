/* watch_sheet.c -- what a look saw, laid out in lines. */
#include <stdio.h>

#include "domain/samples.h"
#include "service/columns.h"
#include "service/watch_sheet.h"

enum {
    TOPIC = 20, RATE = 8, GROUP = 10, BEHIND = 8, SECONDS = 7,
    NAME = 20, STOCK = 9,
    TIME = 12, TYPE = 20, QUANTITY = 8, PRODUCT = 14, GAP = 2,
    AIRY = 20,                  /* rows from which on there is room for empty lines */
    ONCE_MESSAGES = 16,         /* where there is no end of rows */
};

/* How many lines each part gets. */
struct shares {
    bool airy;
    size_t topics, products, messages;
};

static void
gap(struct sheet *out)
{
    sheet_text(out, SHEET_PLAIN, "  ");
}

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
    if (out->columns > out->taken + right + GAP)
        sheet_left(out, SHEET_TITLE, layout->store, out->columns - out->taken - right - GAP);
    gap(out);
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
put_rate(struct sheet *out, uint64_t rate, size_t width)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%llu.%llu", (unsigned long long)(rate / 10), (unsigned long long)(rate % 10));
    if (width > 0)
        sheet_right(out, SHEET_PLAIN, text, width);
    else
        sheet_text(out, SHEET_PLAIN, text);
}

static void
put_results(const struct watch *watch, struct sheet *out)
{
    const uint64_t created = rate_of(watch, ORDER_CREATED), failed = rate_of(watch, ORDER_FAILED);

    sheet_text(out, SHEET_HEADING, "results  ");
    put_rate(out, created + failed, 0);
    sheet_text(out, SHEET_PLAIN, " a second: ");
    put_rate(out, created, 0);
    sheet_text(out, SHEET_EVENT, " created");
    sheet_text(out, SHEET_PLAIN, ", ");
    put_rate(out, failed, 0);
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

/* -- topics ------------------------------------------------------------------------- */

static void
put_topic_heading(struct sheet *out)
{
    sheet_left(out, SHEET_HEADING, "topic", TOPIC);
    gap(out);
    sheet_right(out, SHEET_HEADING, "a second", RATE);
    gap(out);
    sheet_left(out, SHEET_HEADING, "group", GROUP);
    gap(out);
    sheet_right(out, SHEET_HEADING, "behind", BEHIND);
    gap(out);
    sheet_right(out, SHEET_HEADING, "seconds", SECONDS);
    gap(out);
    sheet_text(out, SHEET_HEADING, "lane:worker");
    sheet_end_line(out);
}

static void
put_group(const struct watch_topic *topic, const struct watch_group *group, struct sheet *out)
{
    char worker[48];

    sheet_left(out, SHEET_PLAIN, group->name, GROUP);
    gap(out);
    if (group->known)
        sheet_number(out, group->behind > 0 ? SHEET_TITLE : SHEET_PLAIN, group->behind, BEHIND);
    else
        sheet_right(out, SHEET_TROUBLE, "?", BEHIND);
    gap(out);
    if (group->known && group->seconds >= 0)
        sheet_number(out, SHEET_PLAIN, (uint64_t)group->seconds, SECONDS);
    else
        sheet_right(out, SHEET_PLAIN, group->known ? "-" : "?", SECONDS);
    gap(out);
    for (unsigned lane = 0; lane < topic->looked; lane++) {
        if (group->workers[lane] > 0)
            (void)snprintf(worker, sizeof worker, "%u:%llu ", lane, (unsigned long long)group->workers[lane]);
        else
            (void)snprintf(worker, sizeof worker, "%u:- ", lane);
        sheet_text(out, group->workers[lane] > 0 ? SHEET_PLAIN : SHEET_FAINT, worker);
    }
}

static size_t
topic_lines(const struct watch *watch)
{
    size_t lines = 0;

    for (size_t i = 0; i < watch->topic_count; i++)
        lines += watch->topics[i].group_count > 0 ? watch->topics[i].group_count : 1;
    return lines;
}

/* At most so many lines; where they are not enough, the last says so. */
static void
put_topics(const struct watch *watch, size_t most, struct sheet *out)
{
    size_t all = topic_lines(watch), line = 0;
    char more[48];

    for (size_t i = 0; i < watch->topic_count; i++) {
        const struct watch_topic *topic = &watch->topics[i];
        size_t group = 0;

        do {
            if (line + 1 == most && all > most) {
                (void)snprintf(more, sizeof more, "and %zu more", all - line);
                sheet_text(out, SHEET_FAINT, more);
                sheet_end_line(out);
            }
            if (++line > most || (line == most && all > most))
                return;
            sheet_left(out, SHEET_PLAIN, group == 0 ? topic->name : "", TOPIC);
            gap(out);
            if (group == 0)
                put_rate(out, topic->rate, RATE);
            else
                sheet_left(out, SHEET_PLAIN, "", RATE);
            gap(out);
            if (group < topic->group_count)
                put_group(topic, &topic->groups[group], out);
            else
                sheet_text(out, SHEET_FAINT, "-");
            sheet_end_line(out);
        } while (++group < topic->group_count);
    }
    if (all == 0 && most > 0) {
        sheet_text(out, SHEET_FAINT, "no topic");
        sheet_end_line(out);
    }
}

/* -- stock --------------------------------------------------------------------------- */

/* The last of the points that fit, each a step between the least and the most of them. */
static void
put_spark(const struct watch_product *product, struct sheet *out)
{
    const size_t room = out->columns > out->taken ? out->columns - out->taken : 0;
    const size_t first = product->point_count > room ? product->point_count - room : 0;
    uint64_t low = UINT64_MAX, high = 0;

    for (size_t i = first; i < product->point_count; i++) {
        low = product->points[i].available < low ? product->points[i].available : low;
        high = product->points[i].available > high ? product->points[i].available : high;
    }
    for (size_t i = first; i < product->point_count; i++)
        sheet_text(out, SHEET_EVENT, columns_level(samples_level((int64_t)product->points[i].available, (int64_t)low,
                                                                 (int64_t)high, COLUMNS_LEVELS)));
}

static void
put_stock(const struct watch *watch, size_t most, struct sheet *out)
{
    for (size_t i = 0; i < watch->product_count && i < most; i++) {
        const struct watch_product *product = &watch->products[i];

        sheet_left(out, SHEET_PLAIN, product->name, NAME);
        gap(out);
        if (product->stock == WATCH_STOCK_KNOWN)
            sheet_number(out, SHEET_PLAIN, product->available, STOCK);
        else if (product->stock == WATCH_STOCK_NONE)
            sheet_right(out, SHEET_FAINT, "unknown", STOCK);
        else
            sheet_right(out, SHEET_TROUBLE, "damaged", STOCK);
        gap(out);
        put_spark(product, out);
        sheet_end_line(out);
    }
}

static void
put_stock_heading(struct sheet *out)
{
    sheet_left(out, SHEET_HEADING, "product", NAME);
    gap(out);
    sheet_right(out, SHEET_HEADING, "stock", STOCK);
    gap(out);
    sheet_text(out, SHEET_HEADING, "as it changed");
    sheet_end_line(out);
}

/* -- messages --------------------------------------------------------------------------- */

/* The product has what a UUID leaves. */
static size_t
product_width(const struct sheet *out)
{
    const size_t others = TIME + GAP + TYPE + GAP + QUANTITY + GAP + GAP + UUID_LENGTH;

    return out->columns > others + PRODUCT ? least(out->columns - others, PRODUCT_MAX) : PRODUCT;
}

static void
put_message_heading(struct sheet *out)
{
    sheet_left(out, SHEET_HEADING, "time", TIME);
    gap(out);
    sheet_left(out, SHEET_HEADING, "type", TYPE);
    gap(out);
    sheet_right(out, SHEET_HEADING, "quantity", QUANTITY);
    gap(out);
    sheet_left(out, SHEET_HEADING, "product", product_width(out));
    gap(out);
    sheet_text(out, SHEET_HEADING, "request");
    sheet_end_line(out);
}

static void
put_message(const struct watch_message *message, struct sheet *out)
{
    static const enum sheet_look looks[] = {
        [WATCH_NONE] = SHEET_FAINT, [WATCH_COMMAND] = SHEET_COMMAND, [WATCH_EVENT] = SHEET_EVENT,
        [WATCH_REFUSAL] = SHEET_REFUSAL,
    };
    char time[TIME + 1] = "-";

    if (message->time[0] != '\0')
        memcpy(time, message->time + sizeof "2026-01-31T" - 1, TIME);
    sheet_left(out, SHEET_PLAIN, time, TIME);
    gap(out);
    sheet_left(out, looks[message->kind], message->type, TYPE);
    gap(out);
    if (message->kind == WATCH_NONE) {
        sheet_text(out, SHEET_FAINT, message->text);
    } else {
        sheet_number(out, SHEET_PLAIN, message->quantity, QUANTITY);
        gap(out);
        sheet_left(out, SHEET_PLAIN, message->product, product_width(out));
        gap(out);
        if (out->columns > out->taken)
            sheet_left(out, SHEET_PLAIN, message->request, least(out->columns - out->taken, UUID_LENGTH));
    }
    sheet_end_line(out);
}

static void
put_messages(const struct watch *watch, struct watch_layout *layout, size_t most, struct sheet *out)
{
    if (layout->chosen == WATCH_NO_MESSAGE || layout->chosen < layout->top)
        layout->top = layout->chosen == WATCH_NO_MESSAGE ? 0 : layout->chosen;
    else if (layout->chosen >= layout->top + most)
        layout->top = layout->chosen - most + 1;
    for (size_t i = layout->top; i < watch->message_count && i < layout->top + most; i++) {
        if (i == layout->chosen)
            out->chosen = out->lines;
        put_message(&watch->messages[i], out);
    }
    if (watch->message_count == 0 && most > 0) {
        sheet_text(out, SHEET_FAINT, "no message");
        sheet_end_line(out);
    }
}

void
watch_describe(const struct watch_message *message, struct buffer *out)
{
    if (message->request[0] != '\0') {
        buffer_text(out, message->request);
        buffer_text(out, "  ");
    }
    buffer_text(out, "@");
    buffer_text(out, message->topic);
    buffer_text(out, "/");
    buffer_number(out, message->lane);
    buffer_text(out, ":");
    buffer_number(out, message->offset);
    buffer_text(out, "  ");
    buffer_text(out, message->source);
}

/* -- all of it ------------------------------------------------------------------------------ */

/* What there is, so that messages have a third of the rows at least, and stock has not more than topics. */
static struct shares
share(const struct watch *watch, size_t rows)
{
    const size_t topics = topic_lines(watch) > 0 ? topic_lines(watch) : 1;
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
    put_topic_heading(out);
    put_topics(watch, shares.topics, out);
    if (shares.airy)
        sheet_end_line(out);
    put_stock_heading(out);
    put_stock(watch, shares.products, out);
    if (shares.airy)
        sheet_end_line(out);
    put_message_heading(out);
    put_messages(watch, layout, shares.messages, out);
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

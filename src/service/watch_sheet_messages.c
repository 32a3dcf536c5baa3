/* watch_sheet_messages.c -- the stock of products, and messages, a line each. */
#include "domain/samples.h"
#include "service/columns.h"
#include "service/watch_sheet.h"

enum { NAME = 20, STOCK = 9, TIME = 12, TYPE = 20, QUANTITY = 8, PRODUCT = 14 };

/* -- stock --------------------------------------------------------------------------- */

/* The last of the points that fit, each a step between the least and the most of them. */
static void
put_spark(const struct watch_product *product, struct sheet *out)
{
    const size_t first = product->point_count > sheet_room(out) ? product->point_count - sheet_room(out) : 0;
    uint64_t low = UINT64_MAX, high = 0;

    for (size_t i = first; i < product->point_count; i++) {
        low = product->points[i].available < low ? product->points[i].available : low;
        high = product->points[i].available > high ? product->points[i].available : high;
    }
    for (size_t i = first; i < product->point_count; i++)
        sheet_text(out, SHEET_EVENT, columns_level(samples_level((int64_t)product->points[i].available, (int64_t)low,
                                                                 (int64_t)high, COLUMNS_LEVELS)));
}

void
watch_put_stock(const struct watch *watch, size_t most, struct sheet *out)
{
    for (size_t i = 0; i < watch->product_count && i < most; i++) {
        const struct watch_product *product = &watch->products[i];

        sheet_left(out, SHEET_PLAIN, product->name, NAME);
        sheet_gap(out);
        if (product->stock == WATCH_STOCK_KNOWN)
            sheet_number(out, SHEET_PLAIN, product->available, STOCK);
        else if (product->stock == WATCH_STOCK_NONE)
            sheet_right(out, SHEET_FAINT, "unknown", STOCK);
        else
            sheet_right(out, SHEET_TROUBLE, "damaged", STOCK);
        sheet_gap(out);
        put_spark(product, out);
        sheet_end_line(out);
    }
}

void
watch_put_stock_heading(struct sheet *out)
{
    sheet_left(out, SHEET_HEADING, "product", NAME);
    sheet_gap(out);
    sheet_right(out, SHEET_HEADING, "stock", STOCK);
    sheet_gap(out);
    sheet_text(out, SHEET_HEADING, "as it changed");
    sheet_end_line(out);
}

/* -- messages --------------------------------------------------------------------------- */

/* The product has what a UUID leaves. */
static size_t
product_width(const struct sheet *out)
{
    const size_t others = TIME + TYPE + QUANTITY + UUID_LENGTH + 4 * SHEET_GAP;

    if (out->columns <= others + PRODUCT)
        return PRODUCT;
    return out->columns - others < PRODUCT_MAX ? out->columns - others : PRODUCT_MAX;
}

void
watch_put_message_heading(struct sheet *out)
{
    sheet_left(out, SHEET_HEADING, "time", TIME);
    sheet_gap(out);
    sheet_left(out, SHEET_HEADING, "type", TYPE);
    sheet_gap(out);
    sheet_right(out, SHEET_HEADING, "quantity", QUANTITY);
    sheet_gap(out);
    sheet_left(out, SHEET_HEADING, "product", product_width(out));
    sheet_gap(out);
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
    sheet_gap(out);
    sheet_left(out, looks[message->kind], message->type, TYPE);
    sheet_gap(out);
    if (message->kind == WATCH_NONE) {
        sheet_text(out, SHEET_FAINT, message->text);
    } else {
        sheet_number(out, SHEET_PLAIN, message->quantity, QUANTITY);
        sheet_gap(out);
        sheet_left(out, SHEET_PLAIN, message->product, product_width(out));
        sheet_gap(out);
        sheet_left(out, SHEET_PLAIN, message->request, sheet_room(out) < UUID_LENGTH ? sheet_room(out) : UUID_LENGTH);
    }
    sheet_end_line(out);
}

void
watch_put_messages(const struct watch *watch, struct watch_layout *layout, size_t most, struct sheet *out)
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

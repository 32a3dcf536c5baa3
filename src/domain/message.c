/* message.c -- names of types, reading in the faster of two ways, and sums. */
#define XXH_INLINE_ALL             /* a call for each line costs as much as the sum of a short one */
#include <xxhash.h>

#include "domain/kind.h"
#include "domain/message.h"
#include "base/text.h"

const struct kind kinds[TYPE_COUNT] = {
    [PURCHASE_REQUESTED] = { SLICE_INIT("purchase.requested"), FIELD_QUANTITY },
    [STOCKCHECK_REQUESTED] = { SLICE_INIT("stockcheck.requested"), FIELD_QUANTITY },
    [STOCK_AVAILABLE] = { SLICE_INIT("stock.available"), FIELD_QUANTITY | FIELD_SEEN },
    [STOCK_UNAVAILABLE] = { SLICE_INIT("stock.unavailable"), FIELD_QUANTITY | FIELD_SEEN | FIELD_WHY },
    [ORDER_REQUESTED] = { SLICE_INIT("order.requested"), FIELD_QUANTITY | FIELD_SEQUENCE },
    [ORDER_CREATED] = { SLICE_INIT("order.created"), FIELD_QUANTITY | FIELD_ORDER },
    [ORDER_FAILED] = { SLICE_INIT("order.failed"), FIELD_QUANTITY | FIELD_WHY },
    [STOCK_ADDED] = { SLICE_INIT("stock.added"), FIELD_QUANTITY },
    [STOCK_REMOVED] = { SLICE_INIT("stock.removed"), FIELD_QUANTITY },
    [STOCK_SOLD] = { SLICE_INIT("stock.sold"), FIELD_QUANTITY },
    [STOCK_RETURNED] = { SLICE_INIT("stock.returned"), FIELD_QUANTITY },
    [PURCHASE_REFUSED] = { SLICE_INIT("purchase.refused"), FIELD_QUANTITY | FIELD_SEEN | FIELD_WHY },
};

struct slice
message_type_name(enum message_type type)
{
    return kinds[type].name;
}

enum message_type
message_type_named(struct slice name)
{
    for (unsigned type = TYPE_OTHER + 1; type < TYPE_COUNT; type++)
        if (slice_equal(kinds[type].name, name))
            return (enum message_type)type;
    return TYPE_OTHER;
}

enum event
message_event(enum message_type type)
{
    switch (type) {
    case STOCK_ADDED: return EVENT_ADDED;
    case STOCK_REMOVED: return EVENT_REMOVED;
    case STOCK_SOLD: return EVENT_SOLD;
    case STOCK_RETURNED: return EVENT_RETURNED;
    default: return EVENT_REFUSED;
    }
}

struct slice
message_code_name(enum refusal code)
{
    switch (code) {
    case REFUSAL_UNKNOWN_PRODUCT: return SLICE("unknown-product");
    case REFUSAL_OUT_OF_STOCK: return SLICE("out-of-stock");
    case REFUSAL_INSUFFICIENT_STOCK: return SLICE("insufficient-stock");
    case REFUSAL_NONE:
    case REFUSAL_TOO_MUCH: break;
    }
    return SLICE("");
}

enum refusal
message_code_named(struct slice name)
{
    for (unsigned code = REFUSAL_UNKNOWN_PRODUCT; code <= REFUSAL_INSUFFICIENT_STOCK; code++)
        if (slice_equal(message_code_name((enum refusal)code), name))
            return (enum refusal)code;
    return REFUSAL_NONE;
}

bool
product_id_valid(struct slice id)
{
    const char *end = id.at + id.length;

    if (id.length < 1 || id.length > PRODUCT_MAX)
        return false;
    for (const char *at = id.at; at < end;) {
        size_t length = text_character(at, end);

        if (length == 0 || text_control(at))
            return false;
        at += length;
    }
    return true;
}

int
message_read(struct slice line, enum message_form form, unsigned wanted, struct arena *arena,
             struct message *out, struct fault *why)
{
    if (message_scan(line, form, wanted, out))
        return 0;
    return message_parse(line, form, wanted, arena, out, why);
}

bool
event_sum(struct slice line, size_t *summed, uint64_t *sum)
{
    static const char before[] = ",\"sum\":\"";
    enum { BEFORE = sizeof before - 1, TAIL = BEFORE + 16 + 2 };
    const char *tail;

    if (line.length < TAIL)
        return false;
    tail = line.at + line.length - TAIL;
    if (memcmp(tail, before, BEFORE) != 0 || memcmp(tail + TAIL - 2, "\"}", 2) != 0)
        return false;
    *summed = line.length - TAIL;
    return text_hex(tail + BEFORE, sum);
}

uint64_t
event_sum_of(const char *bytes, size_t length, uint64_t before)
{
    return XXH3_64bits_withSeed(bytes, length, before);
}

bool
event_check_sum(struct slice line, uint64_t *chain)
{
    size_t summed;
    uint64_t sum;

    if (!event_sum(line, &summed, &sum) || event_sum_of(line.at, summed, *chain) != sum)
        return false;
    *chain = sum;
    return true;
}

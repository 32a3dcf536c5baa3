/* wish.c -- what a caller asks for: a line of evbuy's or evstock's input. */
#include <sys/random.h>
#include <uuid/uuid.h>

#include "domain/wish.h"
#include "base/cursor.h"
#include "base/json.h"
#include "base/text.h"

enum message_type
wish_action_named(struct slice name)
{
    if (slice_equal(name, SLICE("add")))
        return STOCK_ADDED;
    if (slice_equal(name, SLICE("remove")))
        return STOCK_REMOVED;
    if (slice_equal(name, SLICE("return")))
        return STOCK_RETURNED;
    return TYPE_OTHER;
}

/* The form of the page's example, walked without building anything. */
static bool
scan(struct slice line, bool with_action, struct wish *out)
{
    struct cursor cursor = { line.at, line.at + line.length };
    struct slice action;

    *out = (struct wish){ .type = PURCHASE_REQUESTED };
    if (!CURSOR_LITERAL(&cursor, "{"))
        return false;
    if (with_action) {
        if (!CURSOR_LITERAL(&cursor, "\"action\":\"") || !cursor_string(&cursor, &action)
            || !CURSOR_LITERAL(&cursor, ","))
            return false;
        out->type = wish_action_named(action);
    }
    if (!CURSOR_LITERAL(&cursor, "\"product\":\"") || !cursor_string(&cursor, &out->product)
        || !CURSOR_LITERAL(&cursor, ",\"quantity\":") || !cursor_number(&cursor, &out->quantity))
        return false;
    if (CURSOR_LITERAL(&cursor, ",\"request\":\"")
        && (!cursor_string(&cursor, &out->request) || !text_uuid(out->request)))
        return false;
    return CURSOR_LITERAL(&cursor, "}") && cursor.at == cursor.end && out->type != TYPE_OTHER
        && product_id_valid(out->product) && out->quantity > 0;
}

static int
take(const json_t *object, bool with_action, struct wish *out, struct fault *why)
{
    struct slice action;

    *out = (struct wish){ .type = PURCHASE_REQUESTED };
    if (with_action) {
        if (!json_text(object, "action", &action) || (out->type = wish_action_named(action)) == TYPE_OTHER)
            return fault_set(why, STATUS_DATA, "action: not add, remove or return");
    }
    if (!json_text(object, "product", &out->product) || !product_id_valid(out->product))
        return fault_set(why, STATUS_DATA, "product: not a product ID of 1 to 80 bytes without control characters");
    if (!json_number(object, "quantity", 1, &out->quantity))
        return fault_set(why, STATUS_DATA, "quantity: not a positive integer");
    if (json_object_get(object, "request") != NULL
        && (!json_text(object, "request", &out->request) || !text_uuid(out->request)))
        return fault_set(why, STATUS_DATA, "request: not a UUID in lower case");
    return 0;
}

/* Read by jansson; `either`: what has an action is evstock's. */
static int
parse(struct slice line, bool with_action, bool either, struct arena *arena, struct wish *out, struct fault *why)
{
    json_t *object;
    int result;

    if (json_read(line, &object, why) != 0)
        return -1;
    result = take(object, either ? json_object_get(object, "action") != NULL : with_action, out, why);
    if (result == 0) {
        out->product.at = arena_copy(arena, out->product.at, out->product.length);
        out->request.at = arena_copy(arena, out->request.at, out->request.length);
    }
    json_decref(object);
    return result;
}

int
wish_read(struct slice line, bool with_action, struct arena *arena, struct wish *out, struct fault *why)
{
    return scan(line, with_action, out) ? 0 : parse(line, with_action, false, arena, out, why);
}

int
wish_read_either(struct slice line, struct arena *arena, struct wish *out, struct fault *why)
{
    return scan(line, false, out) || scan(line, true, out) ? 0 : parse(line, false, true, arena, out, why);
}

/*
 * RFC 9562, section 5.4: all random but for the version and the variant.  libuuid asks the
 * kernel six times for each; here once for many is enough.
 */
static void
generate(uuid_t uuid)
{
    static unsigned char pool[256 * sizeof(uuid_t)];
    static size_t used = sizeof pool;

    if (used == sizeof pool) {
        if (getrandom(pool, sizeof pool, 0) != (ssize_t)sizeof pool) {
            uuid_generate_random(uuid);
            return;
        }
        used = 0;
    }
    memcpy(uuid, pool + used, sizeof(uuid_t));
    used += sizeof(uuid_t);
    uuid[6] = (unsigned char)((uuid[6] & 0x0f) | 0x40);
    uuid[8] = (unsigned char)((uuid[8] & 0x3f) | 0x80);
}

struct slice
wish_request(struct slice given, char *text)
{
    uuid_t uuid = { 0 };

    if (given.length > 0)
        return given;
    generate(uuid);
    text_uuid_write(uuid, text);
    return (struct slice){ text, UUID_LENGTH };
}

/* topic_name.c -- the names of topics, and what a topic reads of a line. */
#include "domain/topic_name.h"
#include "base/json.h"
#include "base/moment.h"

bool
topic_name_valid(struct slice name)
{
    if (name.length == 0 || name.length > TOPIC_NAME_MAX || name.at[0] == '.' || name.at[0] == '-')
        return false;
    for (size_t i = 0; i < name.length; i++) {
        char c = name.at[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-'))
            return false;
    }
    return true;
}

struct slice
topic_name_resolve(struct slice name)
{
    static const char prefix[] = "TOPIC-";
    static const enum message_type types[] = {
        PURCHASE_REQUESTED, STOCKCHECK_REQUESTED, STOCK_AVAILABLE, STOCK_UNAVAILABLE, ORDER_REQUESTED,
    };
    const size_t length = sizeof prefix - 1;

    if (name.length == length + 1 && memcmp(name.at, prefix, length) == 0 && name.at[length] >= '1'
        && name.at[length] <= '5')
        return message_type_name(types[name.at[length] - '1']);
    return name;
}

/* Any valid JSON: what is there of the three, each by itself. */
static struct topic_line
parse(struct slice line, struct arena *arena)
{
    struct topic_line out = { 0 };
    struct slice text;
    struct fault ignored;
    json_t *object;

    if (json_read(line, &object, &ignored) != 0)
        return out;
    if (json_text(object, "subject", &text) && product_id_valid(text))
        out.product = (struct slice){ arena_copy(arena, text.at, text.length), text.length };
    if (json_text(object, "type", &text))
        out.type = (struct slice){ arena_copy(arena, text.at, text.length), text.length };
    if (json_text(object, "time", &text) && moment_valid(text))
        out.time = (struct slice){ arena_copy(arena, text.at, text.length), text.length };
    json_decref(object);
    return out;
}

struct topic_line
topic_line_read(struct slice line, struct arena *arena)
{
    struct message message;

    if (line.length >= LINE_MAX_BYTES)
        return (struct topic_line){ 0 };
    if (message_scan(line, FORM_MESSAGE, ~0u, &message))
        return (struct topic_line){ message.product, message_type_name(message.type), message.time };
    return parse(line, arena);
}

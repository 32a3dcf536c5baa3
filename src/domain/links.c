/* links.c -- what joins a line with others. */
#include "base/cursor.h"
#include "base/json.h"
#include "base/text.h"
#include "domain/links.h"

static bool
scan(struct slice line, struct links *out)
{
    struct cursor cursor = { line.at, line.at + line.length };
    struct slice id, product;

    *out = (struct links){ .cause = SLICE("") };
    if (!CURSOR_LITERAL(&cursor, "{\"specversion\":\"1.0\",\"id\":\"") || !cursor_string(&cursor, &id)
        || !CURSOR_LITERAL(&cursor, ",\"source\":\"") || !cursor_string(&cursor, &out->source)
        || !CURSOR_LITERAL(&cursor, ",\"type\":\"") || !cursor_string(&cursor, &out->type)
        || !CURSOR_LITERAL(&cursor, ",\"subject\":\"") || !cursor_string(&cursor, &product)
        || !CURSOR_LITERAL(&cursor, ",\"time\":\"") || !cursor_string(&cursor, &out->time)
        || !CURSOR_LITERAL(&cursor, ",\"correlationid\":\"") || !cursor_string(&cursor, &out->request))
        return false;
    if (CURSOR_LITERAL(&cursor, ",\"causationid\":\""))
        return cursor_string(&cursor, &out->cause);
    return CURSOR_LITERAL(&cursor, ",\"sequence\":") || CURSOR_LITERAL(&cursor, ",\"data\":");
}

bool
links_read(struct slice line, struct arena *arena, struct links *out)
{
    static const char *const names[] = { "source", "type", "time", "correlationid", "causationid" };
    struct slice *members[] = { &out->source, &out->type, &out->time, &out->request, &out->cause };
    struct fault ignored;
    json_t *object;

    if (scan(line, out))
        return true;
    *out = (struct links){ .cause = SLICE("") };
    if (json_read(line, &object, &ignored) != 0)
        return false;
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (json_text(object, names[i], members[i]))
            members[i]->at = arena_copy(arena, members[i]->at, members[i]->length);
    json_decref(object);
    return true;
}

enum message_type
links_cause(const struct links *links)
{
    const struct slice request = links->request, cause = links->cause;

    if (request.length == 0 || cause.length <= request.length || cause.at[request.length] != '/'
        || memcmp(cause.at, request.at, request.length) != 0)
        return TYPE_OTHER;
    return message_type_named((struct slice){ cause.at + request.length + 1, cause.length - request.length - 1 });
}

/* result.c -- the outcome of a request, as a front end reads it. */
#include <uuid/uuid.h>

#include "domain/kind.h"
#include "domain/result.h"
#include "base/cursor.h"
#include "base/json.h"
#include "base/text.h"

#define PUT(out, literal) buffer_add((out), (literal), sizeof(literal) - 1)

struct result
result_of(const struct message *event, char *order)
{
    const bool created = event->type == STOCK_SOLD;

    if (created)
        result_order(event->request, order);
    return (struct result){
        .request = event->request,
        .created = created,
        .product = event->product,
        .quantity = event->quantity,
        .order = { order, created ? UUID_LENGTH : 0 },
        .code = event->code,
        .reason = event->reason,
        .time = event->time,
    };
}

void
result_write(struct buffer *out, const struct result *result)
{
    PUT(out, "{\"request\":\"");
    buffer_slice(out, result->request);
    PUT(out, "\",\"status\":\"");
    buffer_text(out, result->created ? "created" : "failed");
    PUT(out, "\",\"product\":\"");
    buffer_escaped(out, result->product);
    PUT(out, "\",\"quantity\":");
    buffer_number(out, result->quantity);
    if (result->created) {
        PUT(out, ",\"order\":\"");
        buffer_slice(out, result->order);
    } else {
        PUT(out, ",\"code\":\"");
        buffer_slice(out, message_code_name(result->code));
        PUT(out, "\",\"reason\":\"");
        buffer_slice(out, result->reason);
    }
    PUT(out, "\",\"time\":\"");
    buffer_slice(out, result->time);
    PUT(out, "\"}\n");
}

static bool
take(const json_t *object, struct result *out)
{
    struct slice status, code;

    if (!json_text(object, "request", &out->request) || !text_uuid(out->request)
        || !json_text(object, "status", &status) || !json_text(object, "product", &out->product)
        || !product_id_valid(out->product) || !json_number(object, "quantity", 1, &out->quantity)
        || !json_text(object, "time", &out->time) || !moment_valid(out->time))
        return false;
    out->created = slice_equal(status, SLICE("created"));
    if (out->created)
        return json_text(object, "order", &out->order) && text_uuid(out->order);
    if (!slice_equal(status, SLICE("failed")) || !json_text(object, "code", &code)
        || !json_text(object, "reason", &out->reason))
        return false;
    out->code = message_code_named(code);
    return out->code != REFUSAL_NONE;
}

int
result_read(struct slice line, struct arena *arena, struct result *out, struct fault *why)
{
    struct slice *slices[] = { &out->request, &out->product, &out->time, &out->order, &out->reason };
    struct buffer reason = { 0 };
    json_t *object;

    *out = (struct result){ .reason = SLICE("") };
    if (json_read(line, &object, why) != 0)
        return -1;
    if (!take(object, out)) {
        json_decref(object);
        return fault_set(why, STATUS_DATA, "not a result");
    }
    buffer_escaped(&reason, out->reason);
    out->reason = (struct slice){ reason.at, reason.length };
    for (size_t i = 0; i < sizeof slices / sizeof slices[0]; i++)
        slices[i]->at = arena_copy(arena, slices[i]->at, slices[i]->length);
    buffer_free(&reason);
    json_decref(object);
    return 0;
}

bool
result_is(struct slice line, struct slice request, struct arena *arena, struct result *out)
{
    struct fault ignored;

    return line.length > 0 && line.at[line.length - 1] == '\n'
        && result_read((struct slice){ line.at, line.length - 1 }, arena, out, &ignored) == 0
        && slice_equal(out->request, request);
}

bool
result_request(struct slice line, struct slice *request)
{
    struct cursor cursor = { line.at, line.at + line.length };

    return CURSOR_LITERAL(&cursor, "{\"request\":\"") && cursor_take(&cursor, UUID_LENGTH, request)
        && text_uuid(*request);
}

void
result_order(struct slice request, char *order)
{
    uuid_t namespace = { 0 }, uuid;

    text_uuid_bytes(request.at, namespace);
    uuid_generate_sha1(uuid, namespace, "order", 5);
    text_uuid_write(uuid, order);
}

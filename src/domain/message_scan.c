/*
 * message_scan.c -- a line in canonical form, walked once, nothing built.
 *
 * Every step either matches what message_write() writes or gives up; what is
 * accepted here message_parse() accepts with the same meaning.
 */
#include "domain/kind.h"
#include "base/json.h"
#include "base/text.h"

/* A type's name and its closing quote. */
static bool
scan_type(struct cursor *cursor, enum message_type *type)
{
    const char *quote = memchr(cursor->at, '"', (size_t)(cursor->end - cursor->at));

    if (quote == NULL)
        return false;
    *type = message_type_named((struct slice){ cursor->at, (size_t)(quote - cursor->at) });
    cursor->at = quote + 1;
    return *type != TYPE_OTHER;
}

/* "<request>/<type>" and its closing quote. */
static bool
scan_id(struct cursor *cursor, struct slice *request, enum message_type *type)
{
    return cursor_take(cursor, UUID_LENGTH, request) && text_uuid(*request) && CURSOR_LITERAL(cursor, "/")
        && scan_type(cursor, type);
}

static bool
scan_product(struct cursor *cursor, struct slice *product)
{
    return cursor_string(cursor, product) && product->length >= 1 && product->length <= PRODUCT_MAX;
}

static bool
scan_time(struct cursor *cursor, struct slice *time)
{
    return cursor_take(cursor, MOMENT_LENGTH, time) && moment_valid(*time) && CURSOR_LITERAL(cursor, "\"");
}

/* From ,"source" to the causation. */
static bool
scan_envelope(struct cursor *cursor, struct message *out)
{
    struct slice name = message_type_name(out->type);
    enum message_type cause;
    struct slice source;

    if (!CURSOR_LITERAL(cursor, ",\"source\":\"") || !cursor_string(cursor, &source) || source.length == 0
        || !CURSOR_LITERAL(cursor, ",\"type\":\"") || !cursor_literal(cursor, name.at, name.length)
        || !CURSOR_LITERAL(cursor, "\",\"subject\":\"") || !scan_product(cursor, &out->product)
        || !CURSOR_LITERAL(cursor, ",\"time\":\"") || !scan_time(cursor, &out->time)
        || !CURSOR_LITERAL(cursor, ",\"correlationid\":\"")
        || !cursor_literal(cursor, out->request.at, out->request.length) || !CURSOR_LITERAL(cursor, "\""))
        return false;
    if (!CURSOR_LITERAL(cursor, ",\"causationid\":\""))
        return !kind_is_caused(out->type);
    return cursor_literal(cursor, out->request.at, out->request.length) && CURSOR_LITERAL(cursor, "/")
        && scan_type(cursor, &cause);
}

static bool
scan_sequence(struct cursor *cursor, uint64_t *number)
{
    struct slice digits;

    return CURSOR_LITERAL(cursor, ",\"sequence\":\"") && cursor_take(cursor, SEQUENCE_DIGITS, &digits)
        && text_digits(digits.at, digits.length, number) && *number > 0 && CURSOR_LITERAL(cursor, "\"");
}

static bool
scan_why(struct cursor *cursor, struct message *out)
{
    struct slice code;

    if (!CURSOR_LITERAL(cursor, ",\"code\":\"") || !cursor_string(cursor, &code))
        return false;
    out->code = message_code_named(code);
    return out->code != REFUSAL_NONE && CURSOR_LITERAL(cursor, ",\"reason\":\"")
        && cursor_string(cursor, &out->reason) && out->reason.length > 0;
}

static bool
scan_data(struct cursor *cursor, struct message *out)
{
    unsigned fields = kinds[out->type].fields;

    if (!CURSOR_LITERAL(cursor, ",\"data\":{\"quantity\":") || !cursor_number(cursor, &out->quantity)
        || out->quantity == 0)
        return false;
    if ((fields & FIELD_AVAILABLE) != 0
        && (!CURSOR_LITERAL(cursor, ",\"available\":") || !cursor_number(cursor, &out->available)))
        return false;
    if ((fields & FIELD_SEQUENCE) != 0
        && (!CURSOR_LITERAL(cursor, ",\"sequence\":") || !cursor_number(cursor, &out->sequence)
            || out->sequence > SEQUENCE_MAX))
        return false;
    if ((fields & FIELD_CODE) != 0 && !scan_why(cursor, out))
        return false;
    if ((fields & FIELD_ORDER) != 0
        && (!CURSOR_LITERAL(cursor, ",\"order\":\"") || !cursor_take(cursor, UUID_LENGTH, &out->order)
            || !text_uuid(out->order) || !CURSOR_LITERAL(cursor, "\"")))
        return false;
    return CURSOR_LITERAL(cursor, "}");
}

/* The rest of the line is a sum; what it says is checked by event_sum(). */
static bool
scan_sum(struct cursor *cursor)
{
    uint64_t sum;
    size_t summed;

    return event_sum((struct slice){ cursor->at, (size_t)(cursor->end - cursor->at) }, &summed, &sum)
        && summed == 0;
}

bool
message_scan(struct slice line, enum message_form form, unsigned wanted, struct message *out)
{
    struct cursor cursor = { line.at, line.at + line.length };

    if (!CURSOR_LITERAL(&cursor, "{\"specversion\":\"1.0\",\"id\":\"")
        || !scan_id(&cursor, &out->request, &out->type) || !scan_envelope(&cursor, out))
        return false;
    if (form == FORM_EVENT && !scan_sequence(&cursor, &out->number))
        return false;
    if (!scan_data(&cursor, out))
        return false;
    if (form == FORM_EVENT) {
        if (!scan_sum(&cursor))
            return false;
    } else if (!CURSOR_LITERAL(&cursor, "}") || cursor.at != cursor.end) {
        return false;
    }
    if ((TYPE_BIT(out->type) & wanted) == 0)
        out->type = TYPE_OTHER;
    return true;
}

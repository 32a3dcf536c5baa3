/*
 * message_scan.c -- a line in canonical form, walked once, nothing built.
 *
 * Every step either matches what message_write() writes or gives up; what is
 * accepted here message_parse() accepts with the same meaning.
 */
#include "domain/kind.h"
#include "base/cursor.h"
#include "base/text.h"
#include "domain/message_scan.h"

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

/* From the type in the id up to the time. */
static bool
scan_names(struct cursor *cursor, struct message *out)
{
    struct slice source, name;

    if (!CURSOR_LITERAL(cursor, "/") || !scan_type(cursor, &out->type))
        return false;
    name = message_type_name(out->type);
    return CURSOR_LITERAL(cursor, ",\"source\":\"") && cursor_string(cursor, &source) && source.length > 0
        && CURSOR_LITERAL(cursor, ",\"type\":\"") && cursor_literal(cursor, name.at, name.length)
        && CURSOR_LITERAL(cursor, "\",\"subject\":\"") && scan_product(cursor, &out->product)
        && CURSOR_LITERAL(cursor, ",\"time\":\"");
}

/* The same; what was scanned is remembered. */
static bool
scan_known_names(struct cursor *cursor, struct event_names *names, struct message *out)
{
    const char *start = cursor->at;
    size_t length;

    if (names->length > 0 && cursor_literal(cursor, names->bytes, names->length)) {
        out->type = names->type;
        out->product = (struct slice){ start + names->product_at, names->product_length };
        return true;
    }
    if (!scan_names(cursor, out))
        return false;
    length = (size_t)(cursor->at - start);
    if (length <= sizeof names->bytes) {
        memcpy(names->bytes, start, length);
        names->length = length;
        names->type = out->type;
        names->product_at = (size_t)(out->product.at - start);
        names->product_length = out->product.length;
    }
    return true;
}

/* From the time to the causation. */
static bool
scan_cause(struct cursor *cursor, struct message *out)
{
    enum message_type cause;

    if (!scan_time(cursor, &out->time) || !CURSOR_LITERAL(cursor, ",\"correlationid\":\"")
        || !cursor_literal(cursor, out->request.at, UUID_LENGTH) || !CURSOR_LITERAL(cursor, "\""))
        return false;
    if (!CURSOR_LITERAL(cursor, ",\"causationid\":\""))
        return !kind_is_caused(out->type);
    return cursor_literal(cursor, out->request.at, UUID_LENGTH) && CURSOR_LITERAL(cursor, "/")
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

/* The sum, whose value is the caller's to check, and the end of the object. */
static bool
scan_sum(struct cursor *cursor, uint64_t *sum)
{
    struct slice digits;

    return CURSOR_LITERAL(cursor, ",\"sum\":\"") && cursor_take(cursor, 16, &digits) && text_hex(digits.at, sum)
        && CURSOR_LITERAL(cursor, "\"}");
}

static bool
scan_request(struct cursor *cursor, struct slice *request)
{
    return CURSOR_LITERAL(cursor, "{\"specversion\":\"1.0\",\"id\":\"") && cursor_take(cursor, UUID_LENGTH, request)
        && text_uuid(*request);
}

bool
message_scan(struct slice line, enum message_form form, unsigned wanted, struct message *out)
{
    struct cursor cursor = { line.at, line.at + line.length };
    uint64_t sum;

    if (!scan_request(&cursor, &out->request) || !scan_names(&cursor, out) || !scan_cause(&cursor, out)
        || (form != FORM_MESSAGE && !scan_sequence(&cursor, &out->number)) || !scan_data(&cursor, out))
        return false;
    if (form == FORM_MESSAGE ? !CURSOR_LITERAL(&cursor, "}") : !scan_sum(&cursor, &sum))
        return false;
    if ((TYPE_BIT(out->type) & wanted) == 0)
        out->type = TYPE_OTHER;
    return cursor.at == cursor.end;
}

bool
event_scan(struct slice text, unsigned wanted, struct event_names *names, struct message *out,
           struct event_end *end)
{
    struct cursor cursor = { text.at, text.at + text.length };

    if (!scan_request(&cursor, &out->request) || !scan_known_names(&cursor, names, out) || !scan_cause(&cursor, out)
        || !scan_sequence(&cursor, &out->number) || !scan_data(&cursor, out))
        return false;
    end->summed = (size_t)(cursor.at - text.at);
    if (!scan_sum(&cursor, &end->sum))
        return false;
    end->length = (size_t)(cursor.at - text.at);
    if ((TYPE_BIT(out->type) & wanted) == 0)
        out->type = TYPE_OTHER;
    return cursor.at < cursor.end && *cursor.at == '\n';
}

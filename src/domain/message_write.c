/* message_write.c -- messages and events in canonical form. */
#include "domain/kind.h"
#include "base/text.h"

#define PUT(out, literal) buffer_add((out), (literal), sizeof(literal) - 1)

static void
put_id(struct buffer *out, const struct message *message, enum message_type type)
{
    buffer_slice(out, message->request);
    PUT(out, "/");
    buffer_slice(out, message_type_name(type));
    PUT(out, "\"");
}

static void
put_envelope(struct buffer *out, const struct message *message, const char *source)
{
    PUT(out, "{\"specversion\":\"1.0\",\"id\":\"");
    put_id(out, message, message->type);
    PUT(out, ",\"source\":\"/eventdemo/");
    buffer_text(out, source);
    PUT(out, "\",\"type\":\"");
    buffer_slice(out, message_type_name(message->type));
    PUT(out, "\",\"subject\":\"");
    buffer_escaped(out, message->product);
    PUT(out, "\",\"time\":\"");
    buffer_slice(out, message->time);
    PUT(out, "\",\"correlationid\":\"");
    buffer_slice(out, message->request);
    PUT(out, "\"");
    if (message->cause == TYPE_OTHER)
        return;
    PUT(out, ",\"causationid\":\"");
    put_id(out, message, message->cause);
}

static void
put_data(struct buffer *out, const struct message *message)
{
    unsigned fields = kinds[message->type].fields;

    PUT(out, ",\"data\":{\"quantity\":");
    buffer_number(out, message->quantity);
    if ((fields & FIELD_AVAILABLE) != 0) {
        PUT(out, ",\"available\":");
        buffer_number(out, message->available);
    }
    if ((fields & FIELD_SEQUENCE) != 0) {
        PUT(out, ",\"sequence\":");
        buffer_number(out, message->sequence);
    }
    if ((fields & FIELD_CODE) != 0) {
        PUT(out, ",\"code\":\"");
        buffer_slice(out, message_code_name(message->code));
        PUT(out, "\",\"reason\":\"");
        buffer_slice(out, message->reason);
        PUT(out, "\"");
    }
    if ((fields & FIELD_ORDER) != 0) {
        PUT(out, ",\"order\":\"");
        buffer_slice(out, message->order);
        PUT(out, "\"");
    }
    PUT(out, "}");
}

void
message_write(struct buffer *out, const struct message *message, const char *source)
{
    put_envelope(out, message, source);
    put_data(out, message);
    PUT(out, "}\n");
}

static void
put_sequence(struct buffer *out, uint64_t number)
{
    char digits[SEQUENCE_DIGITS];

    for (size_t i = sizeof digits; i > 0; i--, number /= 10)
        digits[i - 1] = (char)('0' + number % 10);
    PUT(out, ",\"sequence\":\"");
    buffer_add(out, digits, sizeof digits);
    PUT(out, "\"");
}

void
event_write_sum(struct buffer *out, size_t start, uint64_t *chain)
{
    *chain = event_sum_of(out->at + start, out->length - start, *chain);
    PUT(out, ",\"sum\":\"");
    buffer_hex(out, *chain);
    PUT(out, "\"}");
}

void
event_write(struct buffer *out, const struct message *event, const char *source, uint64_t *chain)
{
    size_t start = out->length;

    put_envelope(out, event, source);
    put_sequence(out, event->number);
    put_data(out, event);
    event_write_sum(out, start, chain);
    PUT(out, "\n");
}

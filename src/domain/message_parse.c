/* message_parse.c -- a line in any valid form, through jansson. */
#include "domain/kind.h"
#include "base/json.h"
#include "base/text.h"

static int
bad(struct fault *why, const char *name, const char *what)
{
    return fault_set(why, STATUS_DATA, "%s: %s", name, what);
}

/* A string member that is there and not empty. */
static int
take_text(const json_t *object, const char *name, struct slice *out, struct fault *why)
{
    if (json_object_get(object, name) == NULL)
        return bad(why, name, "missing");
    if (!json_text(object, name, out))
        return bad(why, name, "not a string");
    if (out->length == 0)
        return bad(why, name, "empty");
    return 0;
}

static int
take_number(const json_t *object, const char *name, uint64_t minimum, uint64_t maximum, uint64_t *out,
            struct fault *why)
{
    if (json_object_get(object, name) == NULL)
        return bad(why, name, "missing");
    if (!json_number(object, name, minimum, out) || *out > maximum)
        return bad(why, name, minimum > 0 ? "not a positive integer" : "not an integer in range");
    return 0;
}

/* What every CloudEvent has. */
static int
take_common(const json_t *object, struct slice *id, enum message_type *type, struct fault *why)
{
    struct slice version = SLICE(""), source, name = SLICE("");

    if (take_text(object, "specversion", &version, why) != 0)
        return -1;
    if (!slice_equal(version, SLICE("1.0")))
        return bad(why, "specversion", "not \"1.0\"");
    if (take_text(object, "id", id, why) != 0 || take_text(object, "source", &source, why) != 0
        || take_text(object, "type", &name, why) != 0)
        return -1;
    *type = message_type_named(name);
    return 0;
}

static int
check_id(struct slice id, const struct message *message, struct fault *why)
{
    struct slice name = message_type_name(message->type);

    if (!text_uuid(message->request))
        return bad(why, "correlationid", "not a UUID in lower case");
    if (id.length != UUID_LENGTH + 1 + name.length || memcmp(id.at, message->request.at, UUID_LENGTH) != 0
        || id.at[UUID_LENGTH] != '/' || memcmp(id.at + UUID_LENGTH + 1, name.at, name.length) != 0)
        return bad(why, "id", "not the correlationid, a slash and the type");
    return 0;
}

static int
take_envelope(const json_t *object, struct slice id, struct message *out, struct fault *why)
{
    struct slice cause;

    if (take_text(object, "subject", &out->product, why) != 0 || take_text(object, "time", &out->time, why) != 0
        || take_text(object, "correlationid", &out->request, why) != 0 || check_id(id, out, why) != 0)
        return -1;
    if (!product_id_valid(out->product))
        return bad(why, "subject", "not a product ID of 1 to 80 bytes without control characters");
    if (!moment_valid(out->time))
        return bad(why, "time", "not a time in UTC with six decimals");
    if (!kind_is_caused(out->type) && json_object_get(object, "causationid") == NULL)
        return 0;
    return take_text(object, "causationid", &cause, why);
}

static int
take_sequence(const json_t *object, uint64_t *number, struct fault *why)
{
    struct slice digits = SLICE("");

    if (take_text(object, "sequence", &digits, why) != 0)
        return -1;
    if (digits.length != SEQUENCE_DIGITS || !text_digits(digits.at, digits.length, number) || *number == 0)
        return bad(why, "sequence", "not 12 digits from 000000000001");
    return 0;
}

static int
take_why(const json_t *data, struct message *out, struct fault *why)
{
    struct slice code = SLICE("");

    if (take_text(data, "code", &code, why) != 0)
        return -1;
    out->code = message_code_named(code);
    if (out->code == REFUSAL_NONE)
        return bad(why, "code", "not a failure code");
    return take_text(data, "reason", &out->reason, why);
}

static int
take_data(const json_t *object, struct message *out, struct fault *why)
{
    const json_t *data = json_object_get(object, "data");
    unsigned fields = kinds[out->type].fields;

    if (data == NULL)
        return bad(why, "data", "missing");
    if (!json_is_object(data))
        return bad(why, "data", "not an object");
    if (take_number(data, "quantity", 1, NUMBER_MAX, &out->quantity, why) != 0)
        return -1;
    if ((fields & FIELD_AVAILABLE) != 0
        && take_number(data, "available", 0, NUMBER_MAX, &out->available, why) != 0)
        return -1;
    if ((fields & FIELD_SEQUENCE) != 0
        && take_number(data, "sequence", 0, SEQUENCE_MAX, &out->sequence, why) != 0)
        return -1;
    if ((fields & FIELD_CODE) != 0 && take_why(data, out, why) != 0)
        return -1;
    if ((fields & FIELD_ORDER) != 0) {
        if (take_text(data, "order", &out->order, why) != 0)
            return -1;
        if (!text_uuid(out->order))
            return bad(why, "order", "not a UUID in lower case");
    }
    return 0;
}

static void
keep(struct arena *arena, struct slice *slice)
{
    slice->at = arena_copy(arena, slice->at, slice->length);
}

/* Move what points into the tree to the arena, the reason in canonical form. */
static void
keep_all(struct arena *arena, struct message *out)
{
    struct buffer reason = { 0 };
    unsigned fields = kinds[out->type].fields;

    keep(arena, &out->request);
    keep(arena, &out->product);
    keep(arena, &out->time);
    if ((fields & FIELD_ORDER) != 0)
        keep(arena, &out->order);
    if ((fields & FIELD_REASON) == 0)
        return;
    buffer_escaped(&reason, out->reason);
    out->reason = (struct slice){ reason.at, reason.length };
    keep(arena, &out->reason);
    buffer_free(&reason);
}

static int
take_message(const json_t *object, enum message_form form, unsigned wanted, struct message *out,
             struct fault *why)
{
    struct slice id = SLICE("");

    *out = (struct message){ .request = SLICE(""), .product = SLICE(""), .time = SLICE("") };
    if (take_common(object, &id, &out->type, why) != 0)
        return -1;
    if ((TYPE_BIT(out->type) & wanted) == 0) {
        out->type = TYPE_OTHER;
        return 0;
    }
    if (take_envelope(object, id, out, why) != 0)
        return -1;
    if (form != FORM_MESSAGE && take_sequence(object, &out->number, why) != 0)
        return -1;
    return take_data(object, out, why);
}

int
message_parse(struct slice line, enum message_form form, unsigned wanted, struct arena *arena,
              struct message *out, struct fault *why)
{
    json_t *object;
    uint64_t sum;
    size_t summed;
    int result;

    if (form == FORM_EVENT && !event_sum(line, &summed, &sum))
        return bad(why, "sum", "missing or not at the end of the line");
    if (json_read(line, &object, why) != 0)
        return -1;
    result = take_message(object, form, wanted, out, why);
    if (result == 0 && out->type != TYPE_OTHER)
        keep_all(arena, out);
    json_decref(object);
    return result;
}

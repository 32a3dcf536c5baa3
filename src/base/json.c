/* json.c -- the JSON of one line, read in two ways that mean the same. */
#include "base/json.h"
#include "base/text.h"

/* Eight bytes at once: all of them from 0x20 to 0x7e, no quote and no backslash. */
static bool
plain_eight(const char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t word, quote, backslash, delete;

    memcpy(&word, at, sizeof word);
    quote = word ^ ones * '"';
    backslash = word ^ ones * '\\';
    delete = word ^ ones * 0x7f;
    return ((word | (word - ones * 0x20) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)
             | ((delete - ones) & ~delete)) & tops) == 0;
}

bool
cursor_string(struct cursor *cursor, struct slice *out)
{
    const char *start = cursor->at;
    const char *at = start;
    const char *end = cursor->end;

    while (end - at >= 8 && plain_eight(at))
        at += 8;
    while (at < end && *at != '"') {
        unsigned char c = (unsigned char)*at;
        size_t length;

        if (c >= 0x20 && c < 0x7f && c != '\\') {
            at++;
            continue;
        }
        length = text_character(at, end);
        if (length < 2 || text_control(at))
            return false;
        at += length;
    }
    if (at == end)
        return false;
    *out = (struct slice){ start, (size_t)(at - start) };
    cursor->at = at + 1;
    return true;
}

bool
cursor_number(struct cursor *cursor, uint64_t *out)
{
    const char *at = cursor->at;
    uint64_t value = 0;
    size_t length;

    while (at < cursor->end && *at >= '0' && *at <= '9' && at - cursor->at < 17)
        value = value * 10 + (uint64_t)(*at++ - '0');
    length = (size_t)(at - cursor->at);
    if (length == 0 || value > NUMBER_MAX || (*cursor->at == '0' && length > 1))
        return false;
    cursor->at = at;
    *out = value;
    return true;
}

/*
 * jansson refuses numbers that overflow, which JSON allows and which may stand
 * in a member that nobody reads.  So runs of digits are copied cut short: to 18
 * digits, still more than NUMBER_MAX, and to one digit in an exponent.  What the
 * grammar says of the line stays the same.
 */
static void
copy_tamed(struct slice line, struct buffer *out)
{
    char *to = buffer_reserve(out, line.length + 1);
    bool in_string = false, exponent = false;
    size_t digits = 0;

    for (size_t i = 0; i < line.length; i++) {
        char c = line.at[i];

        if (!in_string && c >= '0' && c <= '9') {
            if (digits++ >= (exponent ? 1 : 18))
                continue;
        } else {
            if (digits > 0 || (c != '+' && c != '-'))
                exponent = !in_string && digits > 0 && (c == 'e' || c == 'E');
            digits = 0;
            if (in_string && c == '\\' && i + 1 < line.length) {
                *to++ = c;
                c = line.at[++i];
            } else if (c == '"') {
                in_string = !in_string;
            }
        }
        *to++ = c;
    }
    out->length = (size_t)(to - out->at);
}

static int
refuse(const json_error_t *error, struct fault *why)
{
    switch (json_error_code(error)) {
    case json_error_stack_overflow:
        return fault_set(why, STATUS_DATA, "nested deeper than 2,048");
    case json_error_duplicate_key:
        return fault_set(why, STATUS_DATA, "not JSON that can be trusted: %s", error->text);
    case json_error_invalid_utf8:
        return fault_set(why, STATUS_DATA, "not UTF-8");
    default:
        return fault_set(why, STATUS_DATA, "not JSON: %s", error->text);
    }
}

int
json_read(struct slice line, json_t **out, struct fault *why)
{
    const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY;
    struct buffer tamed = { 0 };
    json_error_t error;
    json_t *value;

    if (line.length == 0)
        return fault_set(why, STATUS_DATA, "an empty line");
    if (memchr(line.at, '\0', line.length) != NULL)
        return fault_set(why, STATUS_DATA, "a NUL byte");
    if (!text_utf8(line))
        return fault_set(why, STATUS_DATA, "not UTF-8");
    copy_tamed(line, &tamed);
    value = json_loadb(tamed.at, tamed.length, flags, &error);
    buffer_free(&tamed);
    if (value == NULL)
        return refuse(&error, why);
    if (!json_is_object(value)) {
        json_decref(value);
        return fault_set(why, STATUS_DATA, "not a JSON object");
    }
    *out = value;
    return 0;
}

bool
json_text(const json_t *object, const char *name, struct slice *out)
{
    const json_t *member = json_object_get(object, name);

    if (!json_is_string(member))
        return false;
    *out = (struct slice){ json_string_value(member), json_string_length(member) };
    return true;
}

bool
json_number(const json_t *object, const char *name, uint64_t minimum, uint64_t *out)
{
    const json_t *member = json_object_get(object, name);
    json_int_t value = json_integer_value(member);

    if (!json_is_integer(member) || value < 0 || (uint64_t)value > NUMBER_MAX || (uint64_t)value < minimum)
        return false;
    *out = (uint64_t)value;
    return true;
}

/* json.c -- the JSON of one line in any valid form. */
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"

enum { DEPTH_MAX = 2048 };

static const size_t reading = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY;

/*
 * jansson refuses two things that JSON allows and that may stand in a member
 * which nobody reads: numbers that overflow, and a scalar inside the 2,048th
 * level, which it counts as a level.  So the line is copied for it:
 *
 *   - runs of digits are cut short: to 18 digits, still more than NUMBER_MAX,
 *     and to one digit in an exponent;
 *   - what stands on the 2,048th level is read by itself, and stands as 0.
 *
 * What the grammar says of the line stays the same.
 */
struct copy {
    const char *at, *end;       /* of the line, what is not copied yet */
    char *to;
    bool in_string, exponent;
    size_t digits, depth;
};

static void
copy_byte(struct copy *copy)
{
    char c = *copy->at++;

    if (!copy->in_string && c >= '0' && c <= '9') {
        if (copy->digits++ < (copy->exponent ? 1 : 18))
            *copy->to++ = c;
        return;
    }
    if (copy->digits > 0 || (c != '+' && c != '-'))
        copy->exponent = !copy->in_string && copy->digits > 0 && (c == 'e' || c == 'E');
    copy->digits = 0;
    *copy->to++ = c;
    if (c == '"')
        copy->in_string = !copy->in_string;
    else if (copy->in_string && c == '\\' && copy->at < copy->end)
        *copy->to++ = *copy->at++;
    else if (!copy->in_string && (c == '[' || c == '{'))
        copy->depth++;
    else if (!copy->in_string && (c == ']' || c == '}'))
        copy->depth -= copy->depth > 0;
}

/* The 2,048th level has just been opened: copy it, read the copy, put 0 in its place. */
static int
copy_last_level(struct copy *copy, json_error_t *error)
{
    char *start = copy->to - 1;
    json_t *value;

    while (copy->at < copy->end && copy->depth == DEPTH_MAX)
        copy_byte(copy);
    if (copy->depth > DEPTH_MAX)
        return -1;
    value = json_loadb(start, (size_t)(copy->to - start), reading, error);
    if (value == NULL || copy->to - start < 3)
        goto done;              /* to be refused with the whole; or empty, which jansson reads */
    start[0] = start[2] = ' ';  /* apart from what stands beside it */
    start[1] = '0';
    copy->to = start + 3;
done:
    json_decref(value);
    return 0;
}

/* Read the line; NULL and *error, which is left alone if *deep is set. */
static json_t *
read_copy(struct slice line, json_error_t *error, bool *deep)
{
    char *text = memory_new(line.length);
    struct copy copy = { .at = line.at, .end = line.at + line.length, .to = text };
    json_t *value = NULL;

    while (copy.at < copy.end && !*deep) {
        copy_byte(&copy);
        if (copy.depth == DEPTH_MAX && !copy.in_string && (copy.to[-1] == '[' || copy.to[-1] == '{'))
            *deep = copy_last_level(&copy, error) != 0;
    }
    if (!*deep)
        value = json_loadb(text, (size_t)(copy.to - text), reading, error);
    free(text);
    return value;
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

void
json_begin(void)
{
    json_set_alloc_funcs(memory_new, free);
}

int
json_read(struct slice line, json_t **out, struct fault *why)
{
    json_error_t error;
    bool deep = false;
    json_t *value;

    if (line.length == 0)
        return fault_set(why, STATUS_DATA, "an empty line");
    if (memchr(line.at, '\0', line.length) != NULL)
        return fault_set(why, STATUS_DATA, "a NUL byte");
    if (!text_utf8(line))
        return fault_set(why, STATUS_DATA, "not UTF-8");
    value = read_copy(line, &error, &deep);
    if (deep)
        return fault_set(why, STATUS_DATA, "nested deeper than 2,048");
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

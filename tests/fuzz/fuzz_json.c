/*
 * fuzz_json.c -- JSON of one line.
 *
 * json_read() takes what the grammar of the RFC allows and nothing else, and what
 * jansson makes of the line itself it makes of it as well; the cursors take only what
 * jansson reads as the same.
 */
#include "base/cursor.h"
#include "base/json.h"
#include "base/text.h"
#include "fuzz.h"
#include "grammar.h"

enum { DEEPEST = 2048 };

static const size_t flags = JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY;

/* Numbers of more than 18 digits are only known to be out of every range. */
static bool
same_integer(json_int_t read, json_int_t expected)
{
    const json_int_t known = INT64_C(1000000000000000000);

    if (expected > -known && expected < known)
        return read == expected;
    return read > (json_int_t)NUMBER_MAX || read < -(json_int_t)NUMBER_MAX;
}

/* What json_read() made, and what jansson makes; scalars on the last level stand as 0. */
static bool
same_value(const json_t *read, const json_t *expected, size_t depth)
{
    const char *name;
    json_t *member;
    size_t i;

    if (depth + 1 >= DEEPEST)
        return true;
    if (json_is_integer(expected))
        return json_is_integer(read) && same_integer(json_integer_value(read), json_integer_value(expected));
    if (json_is_real(expected))
        return json_is_real(read);
    if (json_is_object(expected)) {
        if (!json_is_object(read) || json_object_size(read) != json_object_size(expected))
            return false;
        json_object_foreach((json_t *)expected, name, member)
            if (!same_value(json_object_get(read, name), member, depth + 1))
                return false;
        return true;
    }
    if (json_is_array(expected)) {
        if (!json_is_array(read) || json_array_size(read) != json_array_size(expected))
            return false;
        json_array_foreach(expected, i, member)
            if (!same_value(json_array_get(read, i), member, depth + 1))
                return false;
        return true;
    }
    return json_equal(read, expected) != 0;
}

/* What the two getters say of a member is what it is. */
static void
try_members(const json_t *object)
{
    const char *name;
    json_t *member;

    json_object_foreach((json_t *)object, name, member) {
        struct slice text = { NULL, 0 };
        uint64_t number = 0;

        FUZZ_REQUIRE(json_text(object, name, &text) == json_is_string(member));
        FUZZ_REQUIRE(!json_is_string(member) || text_utf8(text));
        FUZZ_REQUIRE(json_number(object, name, 1, &number)
                     == (json_is_integer(member) && json_integer_value(member) >= 1
                         && json_integer_value(member) <= (json_int_t)NUMBER_MAX));
        FUZZ_REQUIRE(number <= NUMBER_MAX);
    }
}

static void
try_read(struct slice line)
{
    bool form = memchr(line.at, '\0', line.length) == NULL && text_utf8(line) && grammar_object(line, DEEPEST);
    struct fault why = { .text = "" };
    json_error_t error;
    json_t *object, *expected;

    if (json_read(line, &object, &why) != 0) {
        fuzz_refused(&why);
        FUZZ_REQUIRE(!form || strstr(why.text, "duplicate") != NULL);
        return;
    }
    FUZZ_REQUIRE(form);
    expected = json_loadb(line.at, line.length, flags, &error);
    if (expected != NULL)
        FUZZ_REQUIRE(same_value(object, expected, 1));
    else
        FUZZ_REQUIRE(json_error_code(&error) == json_error_numeric_overflow
                     || json_error_code(&error) == json_error_stack_overflow);
    try_members(object);
    json_decref(expected);
    json_decref(object);
}

/* The text behind a quote. */
static void
try_string(struct slice line)
{
    struct cursor cursor = { line.at, line.at + line.length };
    struct slice text;
    struct buffer quoted = { 0 };
    json_t *expected;

    if (!cursor_string(&cursor, &text))
        return;
    FUZZ_REQUIRE(cursor.at == text.at + text.length + 1 && cursor.at <= cursor.end && cursor.at[-1] == '"');
    buffer_text(&quoted, "\"");
    buffer_add(&quoted, text.at, text.length + 1);
    expected = json_loadb(quoted.at, quoted.length, flags, NULL);
    FUZZ_REQUIRE(expected != NULL && json_string_length(expected) == text.length
                 && memcmp(json_string_value(expected), text.at, text.length) == 0);
    quoted.length = 0;
    buffer_escaped(&quoted, text);
    FUZZ_REQUIRE(slice_equal((struct slice){ quoted.at, quoted.length }, text));
    json_decref(expected);
    buffer_free(&quoted);
}

static void
try_number(struct slice line)
{
    struct cursor cursor = { line.at, line.at + line.length };
    struct buffer again = { 0 };
    uint64_t number;

    if (!cursor_number(&cursor, &number))
        return;
    FUZZ_REQUIRE(number <= NUMBER_MAX);
    buffer_number(&again, number);
    FUZZ_REQUIRE(slice_equal((struct slice){ again.at, again.length },
                             (struct slice){ line.at, (size_t)(cursor.at - line.at) }));
    buffer_free(&again);
}

/* Any text becomes a string that is read as the same, if it is UTF-8. */
static void
try_escaped(struct slice text)
{
    struct buffer quoted = { 0 };
    json_t *read;

    buffer_text(&quoted, "\"");
    buffer_escaped(&quoted, text);
    buffer_text(&quoted, "\"");
    read = json_loadb(quoted.at, quoted.length, flags, NULL);
    FUZZ_REQUIRE(json_is_string(read));
    FUZZ_REQUIRE(!text_utf8(text) || slice_equal((struct slice){ json_string_value(read), json_string_length(read) },
                                                 text));
    json_decref(read);
    buffer_free(&quoted);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct slice line = fuzz_slice(bytes, length);

    try_read(line);
    try_string(line);
    try_number(line);
    try_escaped(line);
    return 0;
}

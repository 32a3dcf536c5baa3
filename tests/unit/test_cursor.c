/* test_cursor.c -- the cursor over a line in canonical form, beside json_read(). */
#include "base/cursor.h"
#include "base/json.h"
#include "base/text.h"
#include "dice.h"
#include "tap.h"

struct number {
    const char *text;
    uint64_t value;
    bool from_zero, from_one;   /* an integer in range, from 0 and from 1 */
    bool canonical;
};

static const struct number numbers[] = {
    { "0", 0, true, false, true },
    { "1", 1, true, true, true },
    { "9", 9, true, true, true },
    { "10", 10, true, true, true },
    { "9007199254740990", NUMBER_MAX - 1, true, true, true },
    { "9007199254740991", NUMBER_MAX, true, true, true },
    { "-0", 0, true, false, false },
    { "9007199254740992", 0, false, false, false },
    { "10000000000000000", 0, false, false, false },
    { "90071992547409910", 0, false, false, false },
    { "100000000000000000", 0, false, false, false },
    { "999999999999999999", 0, false, false, false },
    { "1000000000000000000", 0, false, false, false },
    { "9223372036854775807", 0, false, false, false },
    { "9223372036854775808", 0, false, false, false },
    { "18446744073709551616", 0, false, false, false },
    { "18446744073709551617", 0, false, false, false },
    { "100000000000000000000000000000000000000006", 0, false, false, false },
    { "-1", 0, false, false, false },
    { "-9007199254740991", 0, false, false, false },
    { "-18446744073709551615", 0, false, false, false },
    { "6.0", 0, false, false, false },
    { "6e0", 0, false, false, false },
    { "6E+0", 0, false, false, false },
    { "1e3", 0, false, false, false },
    { "0.5", 0, false, false, false },
    { "1e999", 0, false, false, false },
    { "1e-999", 0, false, false, false },
    { "\"6\"", 0, false, false, false },
    { "true", 0, false, false, false },
    { "null", 0, false, false, false },
    { "[6]", 0, false, false, false },
    { "{}", 0, false, false, false },
};

static void
test_numbers_read(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(numbers); i++) {
        const struct number *row = &numbers[i];
        struct cursor cursor = { row->text, row->text + strlen(row->text) };
        uint64_t zero = 42, one = 42, walked = 42;
        char line[128];
        struct fault why;
        json_t *object;
        int length = snprintf(line, sizeof line, "{\"n\":%s}", row->text);
        bool whole;

        if (!tap_check(tap, json_read((struct slice){ line, (size_t)length }, &object, &why) == 0, "%s: read",
                       row->text))
            continue;
        tap_check(tap, json_number(object, "n", 0, &zero) == row->from_zero
                  && zero == (row->from_zero ? row->value : 42),
                  "%s: from 0", row->text);
        tap_check(tap, json_number(object, "n", 1, &one) == row->from_one && one == (row->from_one ? row->value : 42),
                  "%s: from 1", row->text);
        whole = cursor_number(&cursor, &walked) && cursor.at == cursor.end;
        tap_check(tap, whole == row->canonical && (!whole || walked == row->value), "%s: by the cursor", row->text);
        json_decref(object);
    }
}

/* A number is never read behind the cursor's end, and what follows it is left. */
static void
test_cursor_number(struct tap *tap)
{
    struct arena arena = { 0 };
    struct dice dice = { 3 };
    size_t wrong = 0;

    for (int i = 0; i < 20000; i++) {
        uint64_t number = dice_number(&dice, NUMBER_MAX * 2), value = 0;
        char text[32];
        int length = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
        const char *at = arena_copy(&arena, text, (size_t)length);
        struct cursor cursor = { at, at + length };
        bool good = cursor_number(&cursor, &value);

        wrong += good != (number <= NUMBER_MAX) || (good && (value != number || cursor.at != cursor.end))
            || (!good && cursor.at != at);
    }
    tap_check(tap, wrong == 0, "cursor: 20,000 numbers");
    arena_reset(&arena);
}

/* Where the cursor must stop, by the slow way: -1 if it must refuse. */
static ptrdiff_t
string_end(struct slice text)
{
    const char *end = text.at + text.length;

    for (const char *at = text.at; at < end;) {
        size_t length = text_character(at, end);

        if (*at == '"')
            return at - text.at;
        if (length == 0 || *at == '\\' || text_control(at))
            return -1;
        at += length;
    }
    return -1;
}

static bool
string_agrees(struct slice text, const char *next)
{
    struct cursor cursor = { text.at, text.at + text.length };
    struct slice got = SLICE("");
    ptrdiff_t length = string_end(text);
    struct fault why;
    json_t *object;
    struct buffer line = { 0 };
    bool same;

    if (!cursor_string(&cursor, &got))
        return length < 0 && cursor.at == text.at;
    if (length < 0 || got.at != text.at || got.length != (size_t)length || cursor.at != got.at + length + 1)
        return false;
    buffer_text(&line, next);
    buffer_slice(&line, got);
    buffer_text(&line, "\"}");
    if (json_read((struct slice){ line.at, line.length }, &object, &why) != 0) {
        buffer_free(&line);
        return false;
    }
    same = json_text(object, "s", &got) && slice_equal(got, (struct slice){ text.at, (size_t)length });
    json_decref(object);
    buffer_free(&line);
    return same;
}

/* Random text of every length up to a few words of eight bytes, with something odd anywhere. */
static void
test_cursor_string(struct tap *tap)
{
    static const char *const odd[] = { "\"", "\\", "\x7f", "\x1f", "\x01", "~", "!", "#", "[", "]", " ", "\xc3\xa9",
                                       "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xc2\x85", "\xc2\xa0", "\xff", "\x80",
                                       "\xa2", "\xdc", "\xed\xa0\x80", "\xc0\xa2" };
    struct dice dice = { 4 };
    struct buffer text = { 0 };
    struct arena arena = { 0 };
    size_t wrong = 0;

    for (int i = 0; i < 40000; i++) {
        size_t before = dice_roll(&dice, 20), after = dice_roll(&dice, 20);

        text.length = 0;
        for (size_t j = 0; j < before; j++)
            buffer_add(&text, &"abcXYZ019 !#[]~}"[dice_roll(&dice, 16)], 1);
        buffer_text(&text, odd[dice_roll(&dice, COUNT(odd))]);
        for (size_t j = 0; j < after; j++)
            buffer_text(&text, dice_roll(&dice, 8) == 0 ? odd[dice_roll(&dice, COUNT(odd))] : "x");
        if (dice_roll(&dice, 4) > 0)
            buffer_text(&text, "\"");
        wrong += !string_agrees((struct slice){ arena_copy(&arena, text.at, text.length), text.length }, "{\"s\":\"");
        arena_reset(&arena);
    }
    tap_check(tap, wrong == 0, "cursor: 40,000 strings, the same as by the slow way and by json_read()");
    wrong = 0;
    for (unsigned byte = 0; byte < 256; byte++) {
        for (size_t place = 0; place < 24; place++) {
            char plain[] = "abcdefghijklmnopqrstuvwx\"";

            plain[place] = (char)byte;
            wrong += !string_agrees((struct slice){ plain, sizeof plain - 1 }, "{\"s\":\"");
        }
    }
    tap_check(tap, wrong == 0, "cursor: every byte in every place of a string");
    buffer_free(&text);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_numbers_read(&tap);
    test_cursor_number(&tap);
    test_cursor_string(&tap);
    return tap_done(&tap);
}

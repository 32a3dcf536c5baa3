/* test_json.c -- JSON of one line: what is refused and what is not. */
#include "base/json.h"
#include "dice.h"
#include "tap.h"

struct refused {
    const char *name;
    struct slice line;
    const char *reason;         /* how it begins */
};

static const struct refused refusals[] = {
    { "nothing", SLICE_INIT(""), "an empty line" },
    { "white space", SLICE_INIT(" \t\r"), "not JSON" },
    { "text", SLICE_INIT("text"), "not JSON" },
    { "cut off", SLICE_INIT("{\"a\":1"), "not JSON" },
    { "something behind", SLICE_INIT("{\"a\":1}x"), "not JSON" },
    { "two objects", SLICE_INIT("{}{}"), "not JSON" },
    { "a comma too many", SLICE_INIT("{\"a\":1,}"), "not JSON" },
    { "a name without quotes", SLICE_INIT("{a:1}"), "not JSON" },
    { "quotes of another kind", SLICE_INIT("{'a':1}"), "not JSON" },
    { "a comment", SLICE_INIT("{\"a\":1}//"), "not JSON" },
    { "a byte order mark", SLICE_INIT("\xef\xbb\xbf{}"), "not JSON" },
    { "a raw tab in a string", SLICE_INIT("{\"a\":\"\t\"}"), "not JSON" },
    { "a raw tab in a name", SLICE_INIT("{\"\t\":1}"), "not JSON" },
    { "an unknown escape", SLICE_INIT("{\"a\":\"\\x\"}"), "not JSON" },
    { "a short escape", SLICE_INIT("{\"a\":\"\\u12\"}"), "not JSON" },
    { "half a surrogate pair", SLICE_INIT("{\"a\":\"\\ud800\"}"), "not" },
    { "the other half", SLICE_INIT("{\"a\":\"\\udc00\"}"), "not" },
    { "NaN", SLICE_INIT("{\"a\":NaN}"), "not JSON" },
    { "TRUE", SLICE_INIT("{\"a\":TRUE}"), "not JSON" },
    { "an array", SLICE_INIT("[{}]"), "not a JSON object" },
    { "a string", SLICE_INIT("\"{}\""), "not a JSON object" },
    { "a number", SLICE_INIT("1"), "not a JSON object" },
    { "a number of 1e999", SLICE_INIT("1e999"), "not a JSON object" },
    { "null", SLICE_INIT("null"), "not a JSON object" },
    { "true", SLICE_INIT(" true "), "not a JSON object" },
    { "a NUL byte at the end", SLICE_INIT("{\"a\":1}\0"), "a NUL byte" },
    { "a NUL byte in a string", SLICE_INIT("{\"a\":\"\0\"}"), "a NUL byte" },
    { "a NUL byte alone", SLICE_INIT("\0"), "a NUL byte" },
    { "UTF-8 cut off", SLICE_INIT("{\"a\":\"\xc3\"}"), "not UTF-8" },
    { "an overlong quote", SLICE_INIT("{\"a\":\"\xc0\xa2\"}"), "not UTF-8" },
    { "a surrogate", SLICE_INIT("{\"a\":\"\xed\xa0\x80\"}"), "not UTF-8" },
    { "above U+10FFFF", SLICE_INIT("{\"a\":\"\xf4\x90\x80\x80\"}"), "not UTF-8" },
    { "Latin-1", SLICE_INIT("{\"caf\xe9\":1}"), "not UTF-8" },
    { "not UTF-8 outside of strings", SLICE_INIT("{}\xff"), "not UTF-8" },
    { "a member twice", SLICE_INIT("{\"a\":1,\"a\":1}"), "not JSON that can be trusted" },
    { "a member twice, apart", SLICE_INIT("{\"a\":1,\"b\":2,\"a\":3}"), "not JSON that can be trusted" },
    { "a member twice, one escaped", SLICE_INIT("{\"a\":1,\"\\u0061\":1}"), "not JSON that can be trusted" },
    { "a member twice, \\/ and /", SLICE_INIT("{\"/\":1,\"\\/\":1}"), "not JSON that can be trusted" },
    { "a member twice, in a pair", SLICE_INIT("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":1}"),
      "not JSON that can be trusted" },
    { "a member twice, within", SLICE_INIT("{\"x\":[{\"a\":1,\"a\":1}]}"), "not JSON that can be trusted" },
    { "an empty name twice", SLICE_INIT("{\"\":1,\"\":1}"), "not JSON that can be trusted" },
};

static const char *const accepted[] = {
    "{}",
    " { } ",
    "\t{\t\"a\"\r:\r1 , \"b\" : [ ] }\r",
    "{\"a\":1,\"A\":1,\" a\":1,\"\":1}",
    "{\"a\":{\"a\":{\"a\":1}}}",
    "{\"x\":[{\"a\":1},{\"a\":1}],\"a\":1}",
    "{\"s\":\"\\u0000 \\\" \\\\ \\/ \\b\\f\\n\\r\\t \\ud83d\\ude00\"}",
    "{\"s\":\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\x7f\xc2\x85\"}",
    "{\"n\":1e999}",
    "{\"n\":-1E+999}",
    "{\"n\":[1e-999,0e99999,1.5e308,1.8e308,123456789012345678901234567890.5e400]}",
    "{\"n\":9223372036854775808}",
    "{\"n\":-9223372036854775809}",
    "{\"l\":[null,true,false,-0,0.0,-0.0e-0]}",
};

static bool
reads(struct slice line)
{
    struct arena arena = { 0 };
    struct fault why;
    json_t *object;
    bool good;

    line.at = arena_copy(&arena, line.at, line.length);
    good = json_read(line, &object, &why) == 0;
    if (good)
        json_decref(object);
    arena_reset(&arena);
    return good;
}

static void
test_verdicts(struct tap *tap)
{
    struct fault why;
    json_t *object;

    for (size_t i = 0; i < COUNT(refusals); i++) {
        const struct refused *row = &refusals[i];

        why = (struct fault){ .status = STATUS_DONE };
        if (!tap_check(tap, !reads(row->line) && json_read(row->line, &object, &why) != 0
                       && why.status == STATUS_DATA && strncmp(why.text, row->reason, strlen(row->reason)) == 0,
                       "refused: %s", row->name))
            tap_show("reason", (struct slice){ why.text, strlen(why.text) });
    }
    for (size_t i = 0; i < COUNT(accepted); i++)
        if (!tap_check(tap, reads((struct slice){ accepted[i], strlen(accepted[i]) }), "accepted: line %zu", i))
            tap_show("line", (struct slice){ accepted[i], strlen(accepted[i]) });
}

static void
add_many(struct buffer *out, const char *text, size_t count)
{
    while (count-- > 0)
        buffer_text(out, text);
}

/* An object that is `depth` deep, its outermost braces counted, with `inner` in the middle. */
static bool
reads_nested(size_t depth, bool objects, const char *inner)
{
    struct buffer line = { 0 };
    bool good;

    buffer_text(&line, "{\"x\":");
    add_many(&line, objects ? "{\"x\":" : "[", depth - 1);
    buffer_text(&line, inner);
    add_many(&line, objects ? "}" : "]", depth - 1);
    buffer_text(&line, "}");
    good = reads((struct slice){ line.at, line.length });
    buffer_free(&line);
    return good;
}

static void
test_depth(struct tap *tap)
{
    struct buffer line = { 0 };
    struct fault why;
    json_t *object;

    tap_check(tap, reads_nested(2048, false, ""), "depth: 2,048 arrays, the inmost empty");
    tap_check(tap, reads_nested(2048, false, "1"), "depth: 2,048 arrays with a number in the inmost");
    tap_check(tap, reads_nested(2048, true, "\"x\""), "depth: 2,048 objects with a string in the inmost");
    tap_check(tap, reads_nested(2047, true, "[]"), "depth: 2,047 objects and an array");
    tap_check(tap, reads_nested(2047, false, "\"[\",[1],\"{\",{\"]\":\"[\"}"), "depth: brackets in strings are none");
    tap_check(tap, !reads_nested(2047, false, "[1],[[[1]]],{}"), "depth: 2,050 arrays behind 2,048");
    tap_check(tap, !reads_nested(2050, false, ""), "depth: 2,050 arrays");
    tap_check(tap, !reads_nested(2050, true, "1"), "depth: 2,050 objects");
    tap_check(tap, !reads_nested(10000, false, "1"), "depth: 10,000 arrays");
    add_many(&line, "{\"x\":[", 30000);
    tap_check(tap, json_read((struct slice){ line.at, line.length }, &object, &why) != 0
              && strncmp(why.text, "nested deeper", 13) == 0, "depth: never ended, and the reason");
    line.length = 0;
    buffer_text(&line, "{\"x\":[");
    add_many(&line, "[[[]]],", 8000);
    buffer_text(&line, "\"");
    add_many(&line, "[{", 8000);
    buffer_text(&line, "\"]}");
    tap_check(tap, reads((struct slice){ line.at, line.length }), "depth: many side by side, and in a string");
    buffer_free(&line);
}

/* Some tokens in any order, of which none opens more than one level at a time. */
static void
roll_tokens(struct dice *dice, struct buffer *out)
{
    static const char *const tokens[] = { "[", "]", "{", "}", ",", ":", "1", "0", "-", ".5", "e1", "\"a\"", "\"\"",
                                          "\"[\"", "true", "null", " ", "[]", "{}", "[2]", "{\"a\":1}",
                                          "[\"]\",\"\\\"\"]", "{\"a\":1,\"a\":1}", "1e999", "9999999999999999999999" };
    size_t count = 1 + dice_roll(dice, 4);

    out->length = 0;
    for (size_t i = 0; i < count; i++)
        buffer_text(out, tokens[dice_roll(dice, COUNT(tokens))]);
    buffer_add(out, "", 1);             /* a NUL */
}

/* Brackets within brackets, outside of strings. */
static size_t
depth_of(const char *text)
{
    size_t depth = 0, most = 0;
    bool inside = false;

    for (; *text != '\0'; text++) {
        if (*text == '"')
            inside = !inside;
        else if (*text == '\\')
            text++;
        else if (!inside && (*text == '[' || *text == '{'))
            most = ++depth > most ? depth : most;
        else if (!inside && (*text == ']' || *text == '}'))
            depth -= depth > 0;
    }
    return most;
}

/* What is read, and what not, is the same on the last levels as on the first. */
static void
test_last_levels(struct tap *tap)
{
    struct buffer inner = { 0 };
    struct dice dice = { 14 };
    size_t wrong = 0, good = 0;

    for (int i = 0; i < 1000; i++) {
        bool objects = i % 2 == 0, shallow;

        roll_tokens(&dice, &inner);
        shallow = reads_nested(3, objects, inner.at);
        good += shallow;
        if (reads_nested(2048 - depth_of(inner.at) - (size_t)(i % 8 == 0), objects, inner.at) == shallow)
            continue;
        if (++wrong < 5)
            tap_show(shallow ? "only so deep not read" : "only so deep read",
                     (struct slice){ inner.at, inner.length - 1 });
    }
    tap_check(tap, wrong == 0, "depth: the last levels are read as the first");
    tap_check(tap, good > 100, "depth: %zu of 1,000 read", good);
    buffer_free(&inner);
}

/* What a number is (RFC 8259, section 6). */
static bool
is_number(const char *at)
{
    at += *at == '-';
    if (*at == '0')
        at++;
    else if (strspn(at, "0123456789") == 0)
        return false;
    else
        at += strspn(at, "0123456789");
    if (*at == '.') {
        if (strspn(at + 1, "0123456789") == 0)
            return false;
        at += 1 + strspn(at + 1, "0123456789");
    }
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        if (strspn(at, "0123456789") == 0)
            return false;
        at += strspn(at, "0123456789");
    }
    return *at == '\0';
}

/* A run of number characters: mostly digits, now and then very many. */
static void
roll_number(struct dice *dice, struct buffer *out)
{
    static const char odd[] = "-+.eE00";
    size_t parts = 1 + dice_roll(dice, 6);

    out->length = 0;
    if (dice_roll(dice, 4) == 0)
        buffer_text(out, "-");
    for (size_t i = 0; i < parts; i++) {
        size_t digits = dice_roll(dice, 50) == 0 ? 400 : dice_roll(dice, dice_roll(dice, 3) == 0 ? 30 : 4);

        for (size_t j = 0; j < digits; j++)
            buffer_add(out, &"0123456789"[dice_roll(dice, 10)], 1);
        if (i + 1 < parts)
            buffer_add(out, odd + dice_roll(dice, sizeof odd - 1), 1);
    }
    buffer_add(out, "", 1);             /* a NUL */
}

/* Numbers of any size are read where no one looks; what is none is refused. */
static void
test_numbers_unread(struct tap *tap)
{
    struct dice dice = { 2 };
    struct buffer number = { 0 }, line = { 0 };
    size_t good = 0, wrong = 0;

    for (int i = 0; i < 40000; i++) {
        bool expected;

        roll_number(&dice, &number);
        expected = is_number(number.at);
        line.length = 0;
        buffer_text(&line, "{\"x\":[");
        buffer_text(&line, number.at);
        buffer_text(&line, ",1],\"y\":1}");
        good += expected;
        if (reads((struct slice){ line.at, line.length }) != expected && ++wrong < 5)
            tap_show("wrong about", (struct slice){ line.at, line.length });
    }
    tap_check(tap, wrong == 0, "40,000 numbers and what looks like one");
    tap_check(tap, good > 5000 && good < 35000, "of both kinds");
    buffer_free(&number);
    buffer_free(&line);
}

/* Digits are shortened in numbers, and nowhere else. */
static void
test_strings_kept(struct tap *tap)
{
    static const char line[] = "{\"1234567890123456789012345\":\"0.1234567890123456789012345e123456\",\"\\\"12\\\\\":"
                               "\"\\\\1234567890123456789012345\\\"1e+9999999999999999999999\",\"n\":1e99999,"
                               "\"e\":\"1e99\"}";
    struct slice text = SLICE("");
    struct fault why;
    json_t *object = NULL;

    if (!tap_check(tap, json_read(SLICE(line), &object, &why) == 0, "digits in strings: read"))
        return;
    tap_check(tap, json_text(object, "1234567890123456789012345", &text), "digits in strings: a name");
    tap_same(tap, text, SLICE("0.1234567890123456789012345e123456"), "digits in strings: a number");
    tap_check(tap, json_text(object, "\"12\\", &text), "digits in strings: an escaped name");
    tap_same(tap, text, SLICE("\\1234567890123456789012345\"1e+9999999999999999999999"),
             "digits in strings: escapes");
    tap_check(tap, json_text(object, "e", &text) && slice_equal(text, SLICE("1e99")),
              "digits in strings: behind a number");
    json_decref(object);
}

static void
test_text_read(struct tap *tap)
{
    struct slice text = SLICE("kept");
    struct fault why;
    json_t *object = NULL;

    if (json_read(SLICE("{\"s\":\"a\\u0000b\",\"e\":\"\",\"n\":1,\"z\":null}"), &object, &why) != 0) {
        tap_check(tap, false, "text: read");
        return;
    }
    tap_check(tap, !json_text(object, "n", &text) && !json_text(object, "z", &text) && !json_text(object, "S", &text)
              && slice_equal(text, SLICE("kept")), "text: a number, null, nothing");
    tap_check(tap, json_text(object, "e", &text) && text.length == 0, "text: empty");
    tap_check(tap, json_text(object, "s", &text) && slice_equal(text, SLICE("a\0b")), "text: with an escaped NUL");
    json_decref(object);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_verdicts(&tap);
    test_depth(&tap);
    test_last_levels(&tap);
    test_numbers_unread(&tap);
    test_strings_kept(&tap);
    test_text_read(&tap);
    return tap_done(&tap);
}

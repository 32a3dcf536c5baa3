/*
 * test_forms.c -- other forms of the same JSON, through both readers.
 *
 * Members in another order, white space, escapes, unknown members: the same
 * message.  Members missing, twice, of another type: not a message, or another
 * one; test_readers.c has the lines with their bytes changed.
 */
#include "members.h"
#include "readers.h"

/* A line as its members and those of its data. */
struct parts {
    enum message_form form;
    struct slice line;
    struct message message;     /* what it says */
    struct members top, data;
    size_t data_at;             /* which of the top members is data */
};

/* Where the rows below try their lines; the buffers are theirs. */
struct bench {
    struct readers readers;
    struct dice dice;
    struct buffer data, line;
};

static enum verdict
try_line(struct bench *bench, const struct parts *parts, struct slice line)
{
    static const unsigned sets[] = { WANT_ALL, 0, TYPES_PRODUCT };

    if (dice_roll(&bench->dice, 8) == 0)
        (void)readers_try(&bench->readers, line, parts->form, sets[1 + dice_roll(&bench->dice, 2)]);
    return readers_try(&bench->readers, line, parts->form, sets[0]);
}

static enum verdict
try_parts(struct bench *bench, const struct parts *parts)
{
    struct members top = parts->top;

    bench->data.length = bench->line.length = 0;
    members_join(&bench->data, &parts->data);
    if (parts->data_at < top.count)
        top.at[parts->data_at].value = (struct slice){ bench->data.at, bench->data.length };
    members_join(&bench->line, &top);
    return try_line(bench, parts, (struct slice){ bench->line.at, bench->line.length });
}

static struct slice
last_line(const struct bench *bench)
{
    return (struct slice){ bench->line.at, bench->line.length };
}

static void
expect_same(struct bench *bench, const struct parts *parts, enum verdict verdict, struct slice line)
{
    if (verdict != READ || !sample_same(&bench->readers.parsed, &parts->message, parts->form))
        readers_fail(&bench->readers, "not read as the same", line);
}

static void
expect_refused(struct bench *bench, enum verdict verdict)
{
    if (verdict != REFUSED)
        readers_fail(&bench->readers, "not refused", last_line(bench));
}

/* The members of one of the two objects; of an event's line all but the sum, which stays last. */
static struct members *
level_of(struct parts *parts, bool data, size_t *movable)
{
    struct members *members = data ? &parts->data : &parts->top;

    *movable = members->count - (!data && parts->form == FORM_EVENT);
    return members;
}

static void
try_orders(struct bench *bench, const struct parts *parts)
{
    for (int data = 0; data < 2; data++) {
        size_t movable = 0;
        struct parts changed = *parts;

        (void)level_of(&changed, data, &movable);
        for (size_t i = 0; i < movable; i++) {
            for (size_t j = i + 1; j < movable; j++) {
                struct members *members = level_of(&changed, data, &movable);
                struct member kept = members->at[i];

                members->at[i] = members->at[j];
                members->at[j] = kept;
                if (!data && (i == parts->data_at || j == parts->data_at))
                    changed.data_at = i + j - parts->data_at;
                expect_same(bench, parts, try_parts(bench, &changed), last_line(bench));
                changed = *parts;
            }
        }
    }
}

/* Which members may be missing: the cause where there need be none; in a message what only events have. */
static bool
may_miss(const struct parts *parts, struct slice name)
{
    return slice_equal(name, SLICE("\"causationid\"")) && !sample_is_caused(parts->message.type);
}

static void
try_missing(struct bench *bench, const struct parts *parts)
{
    for (int data = 0; data < 2; data++) {
        size_t movable = 0, count = data ? parts->data.count : parts->top.count;

        for (size_t i = 0; i < count; i++) {
            struct parts changed = *parts;
            struct members *members = level_of(&changed, data, &movable);
            bool optional = may_miss(parts, members->at[i].name);

            members->count--;
            memmove(&members->at[i], &members->at[i + 1], (members->count - i) * sizeof members->at[0]);
            if (!data && i <= parts->data_at)
                changed.data_at = i < parts->data_at ? parts->data_at - 1 : MEMBERS_ROOM;
            if (optional)
                expect_same(bench, parts, try_parts(bench, &changed), last_line(bench));
            else
                expect_refused(bench, try_parts(bench, &changed));
        }
    }
}

/* The same name with one of its characters escaped. */
static struct slice
escape_one(struct bench *bench, struct slice string, char *room, size_t size)
{
    size_t at = 1 + dice_roll(&bench->dice, string.length - 2);
    int length = snprintf(room, size, "%.*s\\u%04x%.*s", (int)at, string.at, (unsigned)(unsigned char)string.at[at],
                          (int)(string.length - at - 1), string.at + at + 1);

    return (struct slice){ room, (size_t)length };
}

/* A member twice, with the same value or another, under the same name or an escaped one, anywhere. */
static void
try_twice(struct bench *bench, const struct parts *parts)
{
    for (int data = 0; data < 2; data++) {
        size_t count = data ? parts->data.count : parts->top.count, movable = 0;

        for (size_t i = 0; i < 4 * count; i++) {
            struct parts changed = *parts;
            struct members *members = level_of(&changed, data, &movable);
            struct member again = members->at[i % count];
            size_t at = dice_roll(&bench->dice, movable + 1);
            char room[64];

            if (i >= 2 * count)
                again.name = escape_one(bench, again.name, room, sizeof room);
            if (i / count % 2 == 1)
                again.value = SLICE("null");
            members_insert(members, at, again);
            if (!data && at <= parts->data_at)
                changed.data_at++;
            expect_refused(bench, try_parts(bench, &changed));
        }
    }
}

static const char *const values[] = {
    "0", "-0", "1", "1.0", "1e0", "1e3", "6.0", "01", "00", "-1", "+1", ".5", "0x1", "1e", "1.", "--1",
    "9007199254740991", "9007199254740992", "9223372036854775808", "18446744073709551616", "18446744073709551617",
    "999999999999", "1000000000000", "1e999", "-1e999", "1E-999", "0.1e+1",
    "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    "null", "true", "false", "nul", "Null", "[]", "{}", "[1]", "{\"quantity\":1}", "[[[[]]]]", "", "'1'",
    "\"", "\"\\\"",
    "\"\"", "\"1\"", "\"x\"", "\" \"", "\"1.0\"", "\"1.00\"", "\"\\u0031.0\"", "\"\\u0000\"", "\"a\\u0000\"",
    "\"\\u007f\"",
    "\"\\n\"", "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"\t\"", "\"\xc2\x85\"", "\"\xff\"", "\"\xc2\xa0\"", "\"\\/\"",
    "\"000000000001\"", "\"000000000000\"", "\"999999999999\"", "\"0000000000001\"", "\"00000000001\"",
    "\"00000000000a\"",
    "\"2026-02-28T23:59:59.999999Z\"", "\"2026-02-29T00:00:00.000000Z\"", "\"2026-02-28T23:59:59Z\"",
    "\"2026-02-28t23:59:59.999999z\"", "\"2026-02-28T23:59:60.000000Z\"", "\"2026-02-28T24:00:00.000000Z\"",
    "\"6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c11\"", "\"6F1C0A52-3D0E-4B6A-9B57-2F0D8A4F7C11\"",
    "\"6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c1\"", "\"6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c11/stock.sold\"",
    "\"stock.sold\"", "\"order.created\"", "\"stock.solder\"", "\"Stock.sold\"", "\"out-of-stock\"",
    "\"unknown-product\"",
    "\"too-much\"", "\"Out-of-stock\"",
    "\"01234567890123456789012345678901234567890123456789012345678901234567890123456789\"",
    "\"012345678901234567890123456789012345678901234567890123456789012345678901234567890\"",
    "\"\\u0030123456789012345678901234567890123456789012345678901234567890123456789012345678\xc3\xa9\"",
};

/* Every member with every value above: whatever both make of it, they agree. */
static void
try_values(struct bench *bench, const struct parts *parts)
{
    for (int data = 0; data < 2; data++) {
        size_t movable = 0, count = data ? parts->data.count : parts->top.count;

        for (size_t i = 0; i < count; i++) {
            for (size_t j = 0; j < COUNT(values); j++) {
                struct parts changed = *parts;
                struct members *members = level_of(&changed, data, &movable);

                members->at[i].value = (struct slice){ values[j], strlen(values[j]) };
                if (!data && i == parts->data_at)
                    changed.data_at = MEMBERS_ROOM;
                (void)try_parts(bench, &changed);
            }
        }
    }
}

static const char *const unknown[] = {
    "1e999", "-0.0E-99999", "\"\\u0000\\ud83d\\ude00\"", "[[],{},[[null]]]", "{\"quantity\":0,\"data\":{\"sum\":[]}}",
    "\"\"",
    "123456789012345678901234567890123456789012345678901234567890.123456789012345678901234567890e-1234567890",
};

/* A member that no one knows, anywhere in the line and in its data. */
static void
try_unknown(struct bench *bench, const struct parts *parts)
{
    for (int data = 0; data < 2; data++) {
        size_t movable = 0;
        struct parts changed = *parts;

        (void)level_of(&changed, data, &movable);
        for (size_t at = 0; at <= movable; at++) {
            const char *value = unknown[dice_roll(&bench->dice, COUNT(unknown))];
            struct member member = { SLICE_INIT("\"Data\""), { value, strlen(value) } };

            changed = *parts;
            members_insert(level_of(&changed, data, &movable), at, member);
            if (!data && at <= parts->data_at)
                changed.data_at++;
            expect_same(bench, parts, try_parts(bench, &changed), last_line(bench));
        }
    }
}

/* How much of a line may be written otherwise: an event's sum is always as it is. */
static size_t
loose_length(const struct parts *parts)
{
    return parts->line.length - (parts->form == FORM_EVENT ? strlen(",\"sum\":\"0123456789abcdef\"}") : 0);
}

static void
try_edit(struct bench *bench, const struct parts *parts, size_t at, size_t count, const char *more)
{
    struct slice line = parts->line;

    bench->line.length = 0;
    buffer_add(&bench->line, line.at, at);
    buffer_text(&bench->line, more);
    buffer_add(&bench->line, line.at + at + count, line.length - at - count);
    expect_same(bench, parts, try_line(bench, parts, last_line(bench)), last_line(bench));
}

/* White space between any two tokens. */
static void
try_spaces(struct bench *bench, const struct parts *parts)
{
    static const char *const spaces[] = { " ", "\t", "\r", " \t\r  " };

    struct slice line = parts->line;

    for (const char *at = line.at; at < line.at + loose_length(parts);) {
        size_t place = (size_t)(at - line.at);
        const char *space = spaces[dice_roll(&bench->dice, COUNT(spaces))];

        if (*at == '"' || strchr("{}[]:,", *at) != NULL)
            try_edit(bench, parts, place, 0, space);
        if (*at != '"' && strchr("{}[]:,", *at) != NULL)
            try_edit(bench, parts, place + 1, 0, space);
        at = *at == '"' ? members_behind_string(at) : at + 1;
    }
}

/* Any character of any string as an escape. */
static void
try_escapes(struct bench *bench, const struct parts *parts)
{
    struct slice line = parts->line;
    bool inside = false;
    char escape[8];

    for (size_t i = 0; i < loose_length(parts); i++) {
        unsigned char byte = (unsigned char)line.at[i];

        if (byte == '"') {
            inside = !inside;
        } else if (inside && byte == '\\') {
            i += line.at[i + 1] == 'u' ? 5 : 1;
        } else if (inside && byte < 0x80) {
            (void)snprintf(escape, sizeof escape, dice_roll(&bench->dice, 2) == 0 ? "\\u%04x" : "\\u%04X", byte);
            try_edit(bench, parts, i, 1, byte == '/' && dice_roll(&bench->dice, 2) == 0 ? "\\/" : escape);
        }
    }
}

static void
take_apart(struct slice line, const struct message *message, enum message_form form, struct parts *out)
{
    *out = (struct parts){ .form = form, .line = line, .message = *message, .top = members_split(line) };
    while (!slice_equal(out->top.at[out->data_at].name, SLICE("\"data\"")))
        out->data_at++;
    out->data = members_split(out->top.at[out->data_at].value);
}

struct trial {
    const char *name;
    void (*try)(struct bench *bench, const struct parts *parts);
};

static const struct trial trials[] = {
    { "members in another order are the same", try_orders },
    { "members missing are refused, but for a cause where none need be", try_missing },
    { "members twice are refused", try_twice },
    { "members of another value", try_values },
    { "unknown members change nothing", try_unknown },
    { "white space changes nothing", try_spaces },
    { "escapes change nothing", try_escapes },
};

/* One trial with a line of every type in both forms, with and without escapes. */
static void
test_trial(struct tap *tap, struct bench *bench, const struct trial *trial)
{
    struct sample sample = { .plain = true };
    struct buffer line = { 0 };

    for (unsigned type = TYPE_OTHER + 1; type < TYPE_COUNT; type++) {
        for (unsigned i = 0; i < 4; i++) {
            enum message_form form = i % 2 == 0 ? FORM_MESSAGE : FORM_EVENT;
            struct parts parts;

            do
                sample_make(&bench->dice, (enum message_type)type, i < 2, &sample);
            while (sample.message.reason.length > 100);
            take_apart(sample_write(&sample.message, sample.source, form, &line), &sample.message, form, &parts);
            trial->try(bench, &parts);
        }
    }
    readers_check(tap, &bench->readers, trial->name);
    sample_free(&sample);
    buffer_free(&line);
}

int
main(void)
{
    struct bench bench = { .dice = { 12 } };
    struct tap tap = { 0 };

    for (size_t i = 0; i < COUNT(trials); i++)
        test_trial(&tap, &bench, &trials[i]);
    readers_done(&tap, &bench.readers);
    buffer_free(&bench.data);
    buffer_free(&bench.line);
    return tap_done(&tap);
}

/* letter.c -- a dead letter: a line that could not be processed, and why. */
#include "domain/letter.h"
#include "domain/message.h"
#include "base/cursor.h"
#include "base/text.h"

/* A string member; the first has a brace before it. */
static void
put_member(struct buffer *out, const char *before, struct slice text)
{
    buffer_text(out, before);
    buffer_escaped(out, text);
    buffer_text(out, "\"");
}

static void
put_text(struct buffer *out, const char *before, const char *text)
{
    put_member(out, before, (struct slice){ text, strlen(text) });
}

static void
put_origin(struct buffer *out, const struct origin *origin)
{
    put_member(out, ",\"topic\":\"", origin->topic);
    put_member(out, ",\"group\":\"", origin->group);
    buffer_text(out, ",\"lane\":");
    buffer_number(out, origin->lane);
    buffer_text(out, ",\"offset\":");
    buffer_number(out, origin->offset);
}

void
letter_write_head(struct buffer *out, const struct moment *now, const struct letter *letter)
{
    put_text(out, "{\"time\":\"", now->text);
    put_text(out, ",\"command\":\"", letter->command);
    put_text(out, ",\"kind\":\"", letter->kind);
    put_text(out, ",\"place\":\"", letter->place);
    if (letter->origin != NULL)
        put_origin(out, letter->origin);
    put_text(out, ",\"reason\":\"", letter->reason);
}

void
letter_write(struct buffer *out, const struct moment *now, const struct letter *letter, struct slice bytes)
{
    letter_write_head(out, now, letter);
    if (text_utf8(bytes) && bytes.length < LINE_MAX_BYTES) {
        buffer_text(out, ",\"line\":\"");
        buffer_escaped(out, bytes);
    } else {
        buffer_text(out, ",\"base64\":\"");
        buffer_base64(out, bytes.at, bytes.length);
    }
    buffer_text(out, "\"}\n");
}

bool
letter_origin(struct slice line, struct origin *out)
{
    struct cursor cursor = { line.at, line.at + line.length };
    struct slice skipped;
    uint64_t lane;

    if (!CURSOR_LITERAL(&cursor, "{\"time\":\"") || !cursor_string(&cursor, &skipped)
        || !CURSOR_LITERAL(&cursor, ",\"command\":\"") || !cursor_string(&cursor, &skipped)
        || !CURSOR_LITERAL(&cursor, ",\"kind\":\"") || !cursor_string(&cursor, &skipped)
        || !CURSOR_LITERAL(&cursor, ",\"place\":\"") || !cursor_string(&cursor, &skipped)
        || !CURSOR_LITERAL(&cursor, ",\"topic\":\"") || !cursor_string(&cursor, &out->topic)
        || !CURSOR_LITERAL(&cursor, ",\"group\":\"") || !cursor_string(&cursor, &out->group)
        || !CURSOR_LITERAL(&cursor, ",\"lane\":") || !cursor_number(&cursor, &lane)
        || !CURSOR_LITERAL(&cursor, ",\"offset\":") || !cursor_number(&cursor, &out->offset))
        return false;
    out->lane = (unsigned)lane;
    return true;
}

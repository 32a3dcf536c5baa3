/* letter.c -- a dead letter: a line that could not be processed, and why. */
#include "domain/letter.h"
#include "domain/message.h"
#include "base/text.h"

static void
put_member(struct buffer *out, const char *before, const char *text)
{
    buffer_text(out, before);
    buffer_escaped(out, (struct slice){ text, strlen(text) });
}

void
letter_write_head(struct buffer *out, const struct moment *now, const struct letter *letter)
{
    put_member(out, "{\"time\":\"", now->text);
    put_member(out, "\",\"command\":\"", letter->command);
    put_member(out, "\",\"kind\":\"", letter->kind);
    put_member(out, "\",\"place\":\"", letter->place);
    put_member(out, "\",\"reason\":\"", letter->reason);
    buffer_text(out, "\"");
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

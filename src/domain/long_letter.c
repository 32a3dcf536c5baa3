/* long_letter.c -- a dead letter that is too long for memory. */
#include "base/spill.h"
#include "domain/long_letter.h"

int
long_letter_begin(struct long_letter *letter, const struct moment *now, const struct letter *head, struct fault *why)
{
    struct buffer out = { 0 };
    int result = -1;

    *letter = (struct long_letter){ .spill = spill_open(why) };
    if (letter->spill >= 0) {
        letter_write_head(&out, now, head);
        buffer_text(&out, ",\"base64\":\"");
        result = spill_write(letter->spill, (struct slice){ out.at, out.length }, why);
    }
    buffer_free(&out);
    return result;
}

/* Base64 takes three bytes at a time; what is left over waits for the next piece. */
int
long_letter_add(struct long_letter *letter, struct slice bytes, bool last, struct fault *why)
{
    struct buffer in = { 0 }, out = { 0 };
    size_t length;
    int result;

    buffer_add(&in, letter->rest, letter->rest_length);
    buffer_slice(&in, bytes);
    length = last ? in.length : in.length - in.length % 3;
    buffer_base64(&out, in.at, length);
    letter->rest_length = in.length - length;
    if (letter->rest_length > 0)
        memcpy(letter->rest, in.at + length, letter->rest_length);
    if (last)
        buffer_text(&out, "\"}\n");
    result = spill_write(letter->spill, (struct slice){ out.at, out.length }, why);
    buffer_free(&in);
    buffer_free(&out);
    return result;
}

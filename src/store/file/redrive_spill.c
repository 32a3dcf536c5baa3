/* redrive_spill.c -- a dead letter that is too long for memory, piece by piece. */
#include "base/spill.h"
#include "store/file/redrive_file.h"

enum { DIGITS = 256 * 1024 };   /* of base64 at once: whole groups of four */

/* Append what a run of digits stands for; only the last one may have padding.  1, 0 if it is not in its form, -1. */
static int
decode(int spill, const struct buffer *digits, bool last, struct buffer *bytes, struct fault *why)
{
    bytes->length = 0;
    if (!letter_base64((struct slice){ digits->at, digits->length }, bytes)
        || (!last && bytes->length < digits->length / 4 * 3)
        || (bytes->length > 0 && memchr(bytes->at, '\n', bytes->length) != NULL))
        return 0;
    return spill_write(spill, (struct slice){ bytes->at, bytes->length }, why) == 0 ? 1 : -1;
}

int
redrive_spill(struct dead_reader *reader, const struct dead_line *line, const struct letter_view *letter,
              uint64_t *length, struct fault *why)
{
    uint64_t at = (uint64_t)(letter->text.at - line->text.at);
    const uint64_t end = line->length - 2;              /* before "} */
    struct buffer digits = { 0 }, bytes = { 0 };
    int spill = spill_open(why), result = spill < 0 ? -1 : 1;

    for (*length = 1; result > 0 && at < end; at += digits.length, *length += bytes.length) {
        digits.length = 0;
        result = dead_part(reader, line, at, end - at < DIGITS ? (size_t)(end - at) : DIGITS, &digits, why);
        if (result == 0)
            result = decode(spill, &digits, at + digits.length == end, &bytes, why);
    }
    if (result > 0 && spill_write(spill, SLICE("\n"), why) != 0)
        result = -1;
    buffer_free(&digits);
    buffer_free(&bytes);
    if (result > 0)
        return spill;
    io_close(&spill);
    return result == 0 ? -1 : -2;
}

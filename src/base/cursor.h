/*
 * cursor.h -- a line of JSON in canonical form (no white space, members in a known order,
 * strings without escapes), walked by a cursor that builds nothing.
 *
 * A cursor never says that a line is bad, only that it is not in that form; then json_read()
 * decides (json.h).  All of it is in place where it is used, as what digits.h has.
 */
#ifndef CURSOR_H
#define CURSOR_H

#include "base/text.h"

struct cursor {
    const char *at;
    const char *end;
};

/* Step over exactly these bytes.  Put in place, so that a known length is compared word by word without a call. */
__attribute__((always_inline)) static inline bool
cursor_literal(struct cursor *cursor, const char *text, size_t length)
{
    if ((size_t)(cursor->end - cursor->at) < length || memcmp(cursor->at, text, length) != 0)
        return false;
    cursor->at += length;
    return true;
}

#define CURSOR_LITERAL(cursor, literal) cursor_literal((cursor), (literal), sizeof(literal) - 1)

/* Take a fixed number of bytes, whatever they are. */
static inline bool
cursor_take(struct cursor *cursor, size_t length, struct slice *out)
{
    if ((size_t)(cursor->end - cursor->at) < length)
        return false;
    *out = (struct slice){ cursor->at, length };
    cursor->at += length;
    return true;
}

/* Eight bytes at once: all of them from 0x20 to 0x7e, no quote and no backslash. */
static inline bool
cursor_plain_eight(const char *at)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return ((word | (word - ones * 0x20) | ((word ^ ones * '"') - ones) | ((word ^ ones * '\\') - ones)
             | ((word & ~tops) + ones)) & tops) == 0;
}

/*
 * Take a string's text up to its closing quote and step over the quote.  False
 * if it has an escape, a control character or a byte that is not UTF-8.
 */
static inline bool
cursor_string(struct cursor *cursor, struct slice *out)
{
    const char *start = cursor->at;
    const char *at = start;
    const char *end = cursor->end;

    while (end - at >= 8 && cursor_plain_eight(at))
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

/* Take a number from 0 to NUMBER_MAX without a superfluous zero. */
static inline bool
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

#endif

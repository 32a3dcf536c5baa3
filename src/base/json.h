/*
 * json.h -- the JSON of one line, read in two ways that mean the same.
 *
 * A line in canonical form (no white space, members in a known order, strings
 * without escapes) is walked by a cursor that builds nothing.  A cursor never
 * says that a line is bad, only that it is not in that form; then json_read()
 * decides, by jansson.
 */
#ifndef JSON_H
#define JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/fault.h"

/* -- canonical form ------------------------------------------------------- */

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

/*
 * Take a string's text up to its closing quote and step over the quote.  False
 * if it has an escape, a control character or a byte that is not UTF-8.
 */
bool cursor_string(struct cursor *cursor, struct slice *out);

/* Take a number from 0 to NUMBER_MAX without a superfluous zero. */
bool cursor_number(struct cursor *cursor, uint64_t *out);

/* -- any valid form ------------------------------------------------------- */

/*
 * Once, before anything is read: jansson takes its memory from bytes.h, so that being
 * out of memory ends the process, as everywhere, and is never taken for a bad line.
 */
void json_begin(void);

/*
 * Read a line (without its newline) as one JSON object (RFC 8259).  Refused
 * with STATUS_DATA and a reason: an empty line, what is not JSON, not an
 * object, not UTF-8, a NUL byte, an object with a member twice, nesting deeper
 * than 2,048.  Numbers may be of any size; of those with more than 18 digits
 * it is only known that they are out of every range here.  The caller owns *out: json_decref().
 */
int json_read(struct slice line, json_t **out, struct fault *why);

/* The member's text, pointing into `object`; false if it is not a string. */
bool json_text(const json_t *object, const char *name, struct slice *out);

/* The member's value; false if it is not an integer from minimum to NUMBER_MAX. */
bool json_number(const json_t *object, const char *name, uint64_t minimum, uint64_t *out);

#endif

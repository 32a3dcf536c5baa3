/* json.h -- the JSON of one line in any valid form, by jansson.  A line in canonical form is read faster: cursor.h. */
#ifndef JSON_H
#define JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/fault.h"

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

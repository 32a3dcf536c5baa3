/*
 * text.h -- UTF-8, UUIDs and numbers as they stand in a line.
 *
 * Pure functions over bytes that need not end in a NUL.
 */
#ifndef TEXT_H
#define TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/digits.h"

#define NUMBER_MAX UINT64_C(9007199254740991)   /* 2^53 - 1 (RFC 8259, section 6) */

/*
 * Length in bytes of the character at `at`, 1 to 4, or 0 if it is not valid
 * UTF-8 (RFC 3629): overlong forms, surrogates and what lies above U+10FFFF
 * are not.  `end` is behind the last byte; at < end.
 */
size_t text_character(const char *at, const char *end);

bool text_utf8(struct slice text);

/* U+0000-001F and U+007F-009F; `at` points to a whole valid character. */
bool text_control(const char *at);

/* The 16 bytes that a UUID in lower case stands for (RFC 9562, section 4), and back: a NUL at the end. */
void text_uuid_bytes(const char *text, unsigned char *bytes);
void text_uuid_write(const unsigned char *bytes, char *text);

/* The whole text is a decimal number from minimum to maximum, without a sign. */
bool text_number(struct slice text, uint64_t minimum, uint64_t maximum, uint64_t *number);

/* The text as a JSON string in canonical form, without the quotes; a byte that is not UTF-8 stands as U+FFFD. */
void buffer_escaped(struct buffer *buffer, struct slice text);

/*
 * Append the character at `at` as people may see it: `?` for a control character or a byte that
 * is not UTF-8.  In the text of a JSON string, `escaped`, \" and \\ lose their escape, others
 * keep it.  Returns how many bytes it has; `end` is behind the last, at < end.
 */
size_t buffer_plain_character(struct buffer *buffer, const char *at, const char *end, bool escaped);

/* The same of all characters. */
void buffer_plain(struct buffer *buffer, struct slice text, bool escaped);

#endif

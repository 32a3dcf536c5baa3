/*
 * letter.h -- a dead letter: a line that could not be processed, and why.
 */
#ifndef LETTER_H
#define LETTER_H

#include "base/bytes.h"
#include "base/moment.h"

struct letter {
    const char *command;
    const char *kind;           /* "message" or "torn" */
    const char *place;          /* "stdin:17" */
    const char *reason;
};

/*
 * Append the letter as a line with its newline.  Bytes that are not UTF-8 or
 * do not fit a line stand as base64.
 */
void letter_write(struct buffer *out, const struct moment *now, const struct letter *letter,
                  struct slice bytes);

/* The same without the bytes and what follows them: a caller streams them as base64. */
void letter_write_head(struct buffer *out, const struct moment *now, const struct letter *letter);

#endif

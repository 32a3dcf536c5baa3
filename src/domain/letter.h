/*
 * letter.h -- a dead letter: a line that could not be processed, and why.
 */
#ifndef LETTER_H
#define LETTER_H

#include "base/bytes.h"
#include "base/moment.h"

/* Where in a topic a message was read. */
struct origin {
    struct slice topic, group;
    unsigned lane;
    uint64_t offset;
};

struct letter {
    const char *command;
    const char *kind;           /* "message" or "torn" */
    const char *place;          /* "stdin:17" */
    const char *reason;
    const struct origin *origin;        /* or NULL */
};

/*
 * Append the letter as a line with its newline.  Bytes that are not UTF-8 or
 * do not fit a line stand as base64.
 */
void letter_write(struct buffer *out, const struct moment *now, const struct letter *letter,
                  struct slice bytes);

/* The origin that a letter tells, pointing into its line (or as much of it as has that); false if none. */
bool letter_origin(struct slice line, struct origin *out);

/*
 * A letter as it stands in its line.  The slices point into that and are escaped as
 * there.
 */
struct letter_view {
    struct slice time, command, kind, place, reason;
    struct slice topic;         /* of its origin, or empty */
    bool base64;                /* what is put aside */
    struct slice text;          /* the same, as much of it as there is */
    bool whole;                 /* it ends as a letter does: nobody was cut off */
};

/* Read the line of a letter, or its beginning up to somewhere in the text; false if it is none. */
bool letter_read(struct slice line, struct letter_view *out);

/* Append the bytes that a whole letter keeps; false if they are not in the form of letter_write(), or no line. */
bool letter_bytes(const struct letter_view *letter, struct buffer *out);

/* Append what base64 without line breaks stands for; false if it is none.  Padding ends it. */
bool letter_base64(struct slice text, struct buffer *out);

/* The same as letter_write() without the bytes and what follows them: a caller streams them as base64. */
void letter_write_head(struct buffer *out, const struct moment *now, const struct letter *letter);

#endif

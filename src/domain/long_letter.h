/*
 * long_letter.h -- a dead letter that is too long for memory, put together piece by piece.
 *
 * It stands in a file without a name (spill.h), whole once its last piece is there, as a line
 * with its newline; what is put aside stands in it as base64.
 */
#ifndef LONG_LETTER_H
#define LONG_LETTER_H

#include "base/fault.h"
#include "domain/letter.h"

struct long_letter {
    int spill;                  /* where it stands, or -1; io_close() when it is done with */
    char rest[2];               /* bytes that do not yet make three */
    size_t rest_length;
};

/* Make the file, and begin the letter in it.  STATUS_IO. */
int long_letter_begin(struct long_letter *letter, const struct moment *now, const struct letter *head,
                      struct fault *why);

/* Put more bytes aside; the last ones, which may be none, end it.  STATUS_IO. */
int long_letter_add(struct long_letter *letter, struct slice bytes, bool last, struct fault *why);

#endif

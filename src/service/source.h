/*
 * source.h -- where a command's lines come from.
 *
 * What is waiting is taken as one batch.  While a batch is worked on, the next
 * is read into memory, so that it is not bounded by a pipe.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "base/bytes.h"
#include "base/fault.h"

enum line_part {
    LINE_WHOLE,
    LINE_BEGINNING,             /* of a line that is too long, in pieces: */
    LINE_MIDDLE,
    LINE_END,                   /* may be the only piece, and may be empty */
};

struct line {
    struct slice text;          /* without its newline */
    uint64_t number;            /* from 1 */
    enum line_part part;
};

struct source;

/* Is the source there at all?  "-" is.  STATUS_NO_INPUT. */
int source_check(const char *name, struct fault *why);

/*
 * Open it: "-" or a path; opening a FIFO waits for its writer.  The caller owns
 * *out: source_close().  STATUS_NO_INPUT, STATUS_IO.
 */
int source_open(struct source **out, const char *name, struct fault *why);

/*
 * Wait for lines and take what is there: 1 with *lines and *count, which last
 * until the next call; 0 at the end.  STATUS_IO.
 */
int source_take(struct source *source, const struct line **lines, size_t *count, struct fault *why);

/* "stdin", or the path. */
const char *source_name(const struct source *source);

/* The descriptor it is read from. */
int source_file(const struct source *source);

/* NULL is allowed. */
void source_close(struct source *source);

#endif

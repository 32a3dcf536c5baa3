/*
 * sink.h -- where a command's lines go.
 *
 * Lines are gathered and written as one batch, under flock(2) on the file or
 * FIFO, so that several processes may write to it and no line is torn.
 */
#ifndef SINK_H
#define SINK_H

#include "base/bytes.h"
#include "base/fault.h"

struct sink;

/*
 * Open it: "-" or a path; a missing file is created, opening a FIFO waits for
 * its reader.  The caller owns *out: sink_close().  STATUS_CANNOT_CREATE.
 */
int sink_open(struct sink **out, const char *name, struct fault *why);

/* Where to add lines, each with its newline, for the next sink_write(). */
struct buffer *sink_buffer(struct sink *sink);

/*
 * Write what was gathered, and the bytes of the file `spill` (-1: none) behind
 * it.  STATUS_IO; then a regular file is as it was.
 */
int sink_write(struct sink *sink, int spill, struct fault *why);

/* If it is a regular file, wait until it is on disk.  STATUS_IO. */
int sink_settle(struct sink *sink, struct fault *why);

/* Do they share one regular file?  A NULL sink shares none. */
bool sink_is(const struct sink *sink, int fd);

/* NULL is allowed. */
void sink_close(struct sink *sink);

#endif

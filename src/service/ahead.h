/*
 * ahead.h -- a descriptor read into memory by a thread of its own.
 *
 * While a batch is worked on, the next is read, so that it is not bounded by a
 * pipe.
 */
#ifndef AHEAD_H
#define AHEAD_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/fault.h"

struct ahead;

/* Begin to read; fd is borrowed.  The caller owns *out: ahead_close().  STATUS_IO. */
int ahead_open(struct ahead **out, int fd, struct fault *why);

/*
 * Wait for lines and take what is there: all whole lines; or, of a line that is
 * longer than LINE_MAX_BYTES or whose beginning was taken so (`in_line`), a part; or
 * the rest, when *ended.  *bytes lasts until the next call.  -1 with errno.
 */
int ahead_take(struct ahead *ahead, bool in_line, struct slice *bytes, bool *ended);

/* How much is read meanwhile: some MiB, or, from now on, four times as much. */
void ahead_gather(struct ahead *ahead, bool much);

/* NULL is allowed.  A thread that waits for input is left behind, and ends with the process. */
void ahead_close(struct ahead *ahead);

#endif

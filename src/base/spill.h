/*
 * spill.h -- a file without a name, for a line that is too long for memory.
 */
#ifndef SPILL_H
#define SPILL_H

#include <sys/types.h>

#include "base/bytes.h"
#include "base/fault.h"

/* Where it is made: $TMPDIR, or /var/tmp. */
const char *spill_directory(void);

/* An empty one: a descriptor that the caller closes, and all is gone; or -1 with STATUS_IO. */
int spill_open(struct fault *why);

/* Write behind what is there.  STATUS_IO. */
int spill_write(int spill, struct slice bytes, struct fault *why);

/* Write all of it to another file, behind what was written there.  -1 with errno after an unknown part. */
int spill_copy(int spill, int fd);

#endif

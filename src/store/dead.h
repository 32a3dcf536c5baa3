/*
 * dead.h -- where a store keeps what could not be processed.
 */
#ifndef DEAD_H
#define DEAD_H

#include "base/bytes.h"
#include "domain/letter.h"
#include "store/store.h"

/*
 * Append a line of dead letters, and be back when it is on disk.  `spill` is a
 * file whose bytes are appended behind it, or -1.  A crash may leave a part of
 * it, which the next call ends with a newline.  STATUS_IO, STATUS_CANNOT_CREATE.
 */
int dead_append(struct store *store, struct slice lines, int spill, struct fault *why);

/*
 * Has the message that was read there been put aside by this command already?
 * 1, 0, or -1 with STATUS_IO.  Reads what was appended since the last call.
 */
int dead_contains(struct store *store, const struct origin *origin, struct fault *why);

#endif

/*
 * replay_parts.h -- the right lines of a long journal, read by several threads.
 *
 * A line carries what its check needs: its sum is seeded with the one that ends the
 * line before, and its sequence and time say where it stands.  So a part from the
 * middle is checked by itself and comes to what its events add; where two parts meet,
 * sum, sequence, time and pieces must fit together.  Nothing here judges damage: what
 * is not right in every way is left to replay_file().
 *
 * Memory: threads * (part_bytes + 64 KiB), however long the journal is.
 */
#ifndef REPLAY_PARTS_H
#define REPLAY_PARTS_H

#include "store/file/replay.h"

enum { REPLAY_PART_BYTES = 512 * 1024 };

/*
 * Move *replay on over whole lines before `end` that are right, as replay_file()
 * would, so many threads at once.  Up to the last of them, or to a line from which
 * replay_file() is to read on: soon it meets damage, or bytes that cannot be read.
 */
void replay_parts(struct replay *replay, int fd, uint64_t end, size_t threads, size_t part_bytes);

#endif

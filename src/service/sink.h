/*
 * sink.h -- where a command's lines go: a descriptor, or topics.
 *
 * Lines are gathered and written as one batch: to a file or FIFO under flock(2),
 * so that several processes may write to it and no line is torn; to a topic as
 * topic.h says.
 */
#ifndef SINK_H
#define SINK_H

#include "base/bytes.h"
#include "base/fault.h"
#include "store/store.h"

struct sink;

/* Each message to the topic of its type; every line is a message then, and every type a topic's name. */
#define SINK_BY_TYPE "@"

/*
 * Open it: "-", a path, "@TOPIC" or SINK_BY_TYPE; a missing file or topic is created, opening
 * a FIFO waits for its reader.  `store` is borrowed; NULL will do where there is
 * no topic.  The caller owns *out: sink_close().  STATUS_CANNOT_CREATE.
 */
int sink_open(struct sink **out, const char *name, struct store *store, struct fault *why);

/* Where to add lines, each with its newline, for the next sink_write(). */
struct buffer *sink_buffer(struct sink *sink);

/*
 * Write what was gathered, and the bytes of the file `spill` (-1: none) behind
 * it.  STATUS_IO; then a regular file is as it was.
 */
int sink_write(struct sink *sink, int spill, struct fault *why);

/* If it is a regular file or a topic, wait until it is on disk.  STATUS_IO. */
int sink_settle(struct sink *sink, struct fault *why);

/* Do they share one regular file, or one topic?  A NULL sink shares none. */
bool sink_is(const struct sink *sink, const char *name, int fd);

/* NULL is allowed. */
void sink_close(struct sink *sink);

#endif

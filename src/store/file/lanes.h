/*
 * lanes.h -- how many lanes a topic has, and had: one line for each generation.
 *
 *     {"lanes":1,"segment":67108864,"from":[],"sum":"0d63c0cf8a1e5a6b"}
 *     {"lanes":4,"segment":67108864,"from":[1200],"sum":"27aa3e4e2bd3c5a1"}
 *     {"durable":true}
 *
 * `from` is the offset at which each lane that there was goes over to the
 * generation; lanes beyond begin it at 0.  Sums are chained as in a journal.  A
 * topic without this file has had one lane from the start.
 *
 * It is replaced whole, by who holds the locks of all lanes, so a publisher that
 * holds one of them and finds it unchanged may go on.  The last line is added
 * when the replacement is on disk; who does not find it sees to that first.
 */
#ifndef LANES_H
#define LANES_H

#include <sys/types.h>
#include <time.h>

#include "base/bytes.h"
#include "base/fault.h"
#include "store/topic.h"

struct generation {
    unsigned lanes;
    uint64_t segment;           /* bytes from which on a segment is full */
    uint64_t from[TOPIC_LANES_MAX];
};

struct lanes {
    struct generation *list;    /* at least one */
    size_t count, room;
    unsigned directories;       /* lanes there are, of any generation */
    bool loaded;
    ino_t file;                 /* which replacement this was read from, 0 for none */
    struct timespec changed;
};

/*
 * Read it; `topic` is the topic's directory, `place` its name for messages; with
 * `look` nothing is written.  { 0 } at first, lanes_free().  STATUS_DATA, STATUS_IO.
 */
int lanes_load(int topic, const char *place, bool look, struct lanes *out, struct fault *why);

/* Add a generation, which begins each lane at 0 so far. */
struct generation *lanes_add(struct lanes *lanes, unsigned count, uint64_t segment);

/* Has it been replaced since? */
bool lanes_changed(int topic, const struct lanes *lanes);

/* Replace it, durably.  A crash leaves the old or the new.  STATUS_IO. */
int lanes_store(int topic, const char *place, const struct lanes *lanes, struct fault *why);

/* Where a product's messages go now; an empty one to lane 0. */
unsigned lanes_choose(const struct lanes *lanes, struct slice product);

static inline const struct generation *
lanes_now(const struct lanes *lanes)
{
    return &lanes->list[lanes->count - 1];
}

/* The generation that a message with this offset in this lane is of. */
size_t lanes_generation(const struct lanes *lanes, unsigned lane, uint64_t offset);

void lanes_free(struct lanes *lanes);

#endif

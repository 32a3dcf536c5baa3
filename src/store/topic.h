/*
 * topic.h -- queues of messages that a store keeps: publish, subscribe, acknowledge.
 *
 * Topic        has one lane or more.  A message's lane is chosen by its product,
 *              so that the order within a product holds; a line that names no
 *              product is in lane 0.
 * Offset       a message's number in its lane, from 0; it never changes and is
 *              never used again.
 * Group        reads every message; its processes share the lanes.  A lane is
 *              held for one batch, and freed by the kernel when its holder dies.
 * Generation   between two changes of the number of lanes.  A group begins the
 *              next when it has read all lanes of the one before.
 * Crash        A publisher that is killed may leave whole lines that it never
 *              told of, and a cut-off one that is ended by the next publisher
 *              and judged by its readers.  A worker that is killed has its
 *              batch handled again by whoever takes the lane next.
 *
 * Names are valid (domain/topic_name.h).  All of this belongs to a store and is used by
 * one thread at a time.
 */
#ifndef TOPIC_H
#define TOPIC_H

#include "domain/topic_name.h"
#include "store/store.h"

enum {
    TOPIC_LANES_MAX = 256,
    TOPIC_SEGMENT_MIN = 4096,
};

#define TOPIC_SEGMENT_BYTES (UINT64_C(64) << 20)    /* by default a segment is full with this */

/* Is there such a topic?  STATUS_NO_INPUT if not, STATUS_DATA if something else has its name. */
int topic_check(struct store *store, struct slice name, struct fault *why);

/* -- publishing ------------------------------------------------------------- */

struct topic;                   /* to publish to; opaque */

/* A topic by its name, made at the first write.  The store owns it.  Reads nothing. */
struct topic *topic_of(struct store *store, struct slice name);

/*
 * Append lines, each with its newline, whatever they are; no byte is changed.
 * Readers have them at once, the disk after store_settle().  STATUS_CANNOT_CREATE,
 * STATUS_IO, STATUS_DATA (what should be a lane is none): then a part of the
 * lines, all of them whole, may have been published.
 */
int topic_publish(struct topic *topic, struct slice lines, struct fault *why);

/*
 * The same of one line that is too long for memory: the whole of a file, a newline at its
 * end.  It names no product.  The descriptor stays the caller's.  Errors as above.
 */
int topic_publish_spill(struct topic *topic, int spill, struct fault *why);

/* -- subscribing ------------------------------------------------------------ */

struct subscription;            /* of one process of a group to a topic; opaque */

struct subscription_setting {
    struct slice topic, group;  /* borrowed, outlive the subscription */
    bool drain;                 /* come to an end when nothing is left, instead of waiting */
    uint64_t most;              /* messages in a batch; 0: as many as memory should hold */
    int stop;                   /* a descriptor: readable when to come to an end; or -1 */
    /* Called with what people should know; a line without a newline. */
    void (*tell)(void *context, const char *text);
    void *context;
};

/*
 * The caller owns *out: subscription_close().  The topic and the group are made
 * unless draining, where a topic that is missing is empty.
 * STATUS_CANNOT_CREATE, STATUS_IO, STATUS_DATA.
 */
int subscription_open(struct subscription **out, struct store *store, const struct subscription_setting *setting,
                      struct fault *why);

/* Messages in the order of their lane. */
struct batch {
    unsigned lane;
    uint64_t offset;            /* of the first */
    struct slice bytes;         /* whole lines, or a part of one that is long */
    bool part;                  /* it does not end with a line's end: subscription_take() goes on with it */
};

enum taken { TAKEN_END, TAKEN_BATCH, TAKEN_PAUSE };

/*
 * Wait for messages and take some from one lane, which is held from now on to
 * subscription_done().  *batch lasts until the next call.  TAKEN_PAUSE when what
 * was done should be made durable now: settle, and call again.  -1 with
 * STATUS_IO, STATUS_DATA.
 */
int subscription_take(struct subscription *subscription, struct batch *batch, struct fault *why);

/* Wait until the lane that is held is on disk up to the batch's end.  STATUS_IO. */
int subscription_sync(struct subscription *subscription, struct fault *why);

/* What the batch caused is written: go on behind it, and let others have the lane.  STATUS_IO. */
int subscription_done(struct subscription *subscription, struct fault *why);

/* All that done batches caused, and the lanes, are on disk: move the group's offsets.  STATUS_IO. */
int subscription_settled(struct subscription *subscription, struct fault *why);

/* A sync failed, so what was done since the offsets moved may be lost: it is to be handled again. */
void subscription_lost(struct subscription *subscription);

/* A batch that is not done is left to others.  NULL is allowed. */
void subscription_close(struct subscription *subscription);

#endif

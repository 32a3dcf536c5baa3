/*
 * topic_change.h -- change how a topic is kept: its lanes, its oldest messages, where a group is.
 *
 * Whoever changes lanes or removes messages holds a lock on all topics; who copies a
 * store holds it too, and is waited for.  Names are valid (domain/topic_name.h).
 */
#ifndef TOPIC_CHANGE_H
#define TOPIC_CHANGE_H

#include "store/topic.h"

/* How many lanes messages go to, and from which size on a segment is full. */
struct lanes_wish {
    unsigned lanes;
    uint64_t segment;           /* bytes; 0: as it was */
};

/*
 * Let a topic, made if it is missing, have these lanes: publishers use them at once;
 * a group begins them when it has read all that was there before.  *was is filled in
 * with what it had.  With dry_run nothing is changed.  Durable when it returns; a crash
 * leaves the old lanes or the new.  STATUS_CANNOT_CREATE, STATUS_IO, STATUS_DATA.
 */
int topic_set_lanes(struct store *store, struct slice topic, const struct lanes_wish *wish, bool dry_run,
                    struct lanes_wish *was, struct fault *why);

/* A run of messages that is removed as a whole, the oldest of a lane. */
struct trimmed {
    unsigned lane;
    uint64_t first, messages, bytes;
};

struct trim_setting {
    struct slice topic;
    int64_t older;              /* milliseconds since its last message was written; -1: of any age */
    bool dry_run;
    /* Called for each that is removed, or would be. */
    void (*removed)(void *context, const struct trimmed *trimmed);
    /* Called with what keeps a lane from being trimmed; a line without a newline. */
    void (*tell)(void *context, const char *text);
    void *context;
};

/*
 * Remove what every group has read, by its durable offset.  What a lane ends with
 * stays; so does all of a topic that no group reads, unless an age is given.
 * STATUS_DATA: a lane was left alone because the offset of a group is damaged;
 * STATUS_NO_INPUT, STATUS_IO.  A crash leaves some removed and some not.
 */
int topic_trim_old(struct store *store, const struct trim_setting *setting, struct fault *why);

/* Where a group is in a lane, and where it is to be. */
struct group_move {
    struct slice topic, group;  /* the group is made if it is missing */
    unsigned lane;
    uint64_t to;                /* offset; one that is not there is put right */
    bool dry_run;
    void (*tell)(void *context, const char *text);      /* for whom is waited, after a second */
    void *context;
};

/*
 * Put a group elsewhere, between two batches of its workers: waits for who has the
 * lane.  *from is where it was, *to where it is now.  Durable when it returns.
 * STATUS_NO_INPUT, STATUS_CANNOT_CREATE, STATUS_IO.
 */
int group_go(struct store *store, const struct group_move *move, uint64_t *from, uint64_t *to, struct fault *why);

#endif

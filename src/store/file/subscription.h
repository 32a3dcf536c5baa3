/*
 * subscription.h -- a worker's way through the lanes of a topic, for its own modules.
 *
 *     subscription.c         takes batches, and moves on
 *     subscription_lanes.c   which lanes there are, and how far they may be read
 *     subscription_wait.c    waits for messages, lanes, or the end
 */
#ifndef SUBSCRIPTION_H
#define SUBSCRIPTION_H

#include <poll.h>

#include "store/file/bell.h"
#include "store/file/station.h"
#include "store/file/topic_file.h"

enum {
    SETTLE_MILLISECONDS = 1000,         /* so long offsets may be late */
    PATIENCE_MILLISECONDS = 1000,       /* then it is said for whom we wait */
};

struct subscription {
    struct worker worker;
    struct subscription_setting setting;
    char topic_name[TOPIC_NAME_MAX + 1];
    struct lanes lanes;
    struct station *stations;
    unsigned count, next;
    size_t generation;          /* that the group has begun, as far as we know */
    struct station *held;       /* the lane we have, or NULL */
    bool in_part;               /* of a line whose end is still to come */
    size_t limited;             /* a lane has more, of this generation, which is not begun; or 0 */
    struct place reached;       /* the batch's end */
    struct bell bell;
    struct buffer bytes;
    int64_t unsettled_since;    /* or -1 */
    struct pollfd *ready;       /* room for the bell, the stop and all holders */
};

/* STATUS_DATA if something else is in a file's place, or STATUS_IO: "...: cannot ...", from errno.  -1. */
int subscription_failed(const struct subscription *subscription, unsigned lane, const char *what, struct fault *why);

/* Be woken by these events of inotify(7) in a directory; if that cannot be, it is told. */
void subscription_watch(struct subscription *subscription, int directory, uint32_t events);

/* The group's directory, made again if somebody deleted it.  STATUS_CANNOT_CREATE. */
int subscription_open_group(struct subscription *subscription, struct fault *why);

/* The lanes there are now; watched before they are looked at.  STATUS_IO, STATUS_DATA. */
int subscription_load_lanes(struct subscription *subscription, struct fault *why);

/* Has the group read every lane up to where this generation begins?  1, 0, or -1 with errno. */
int subscription_begun(struct subscription *subscription, size_t generation);

/*
 * The offset before which messages of this lane may be read now: a lane is not read
 * beyond a generation's end before the group has read that generation in all lanes.
 * -1 with errno.
 */
int subscription_limit(struct subscription *subscription, const struct station *station, uint64_t *limit);

/* Wait for something to do; `busy`: for a lane that somebody has, too.  STATUS_IO. */
int subscription_wait(struct subscription *subscription, bool busy, struct fault *why);

#endif

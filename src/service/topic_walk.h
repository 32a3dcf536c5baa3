/*
 * topic_walk.h -- every group in every lane of every topic: how far it is behind.
 */
#ifndef TOPIC_WALK_H
#define TOPIC_WALK_H

#include "store/topic_look.h"

struct lag {
    const char *topic, *group;  /* until the visit is over */
    unsigned lane;
    bool first;                 /* this lane is the first of the group that is visited */
    uint64_t end;               /* of the lane */
    struct group_look at;
    int64_t age;                /* of the first message that the group has not read, as lag_age() */
};

/* The age of the first message that a group has not read, in microseconds; 0: there is none; -1: it tells no time. */
int64_t lag_age(const struct group_look *at, const struct moment *now);

/* An age in whole seconds, or -1. */
int64_t lag_seconds(int64_t age);

/*
 * Visit each, by topic, group, lane.  A lane that messages do not go to any more is left out when
 * the group has read it.  What cannot be told is reported on standard error.  The exit status.
 */
int topic_walk(struct store *store, void (*visit)(void *context, const struct lag *lag), void *context);

#endif

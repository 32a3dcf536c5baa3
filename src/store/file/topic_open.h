/*
 * topic_open.h -- the topics that this process publishes to, as their own modules see them.
 */
#ifndef TOPIC_OPEN_H
#define TOPIC_OPEN_H

#include "store/file/outlet.h"
#include "store/file/topic_file.h"

enum { TOPIC_LANE_FILES = 3 };  /* that a lane has open */

struct topic {
    struct store *store;
    struct topic *next;
    int directory;              /* or -1 */
    struct lanes lanes;
    struct outlet *outlets;
    unsigned count;
    size_t length;              /* of its name */
    char name[TOPIC_NAME_MAX + 1];
};

/* Where it is, for messages; lasts until the thread's next call. */
const char *topic_place(const struct topic *topic);

/* Of errno: STATUS_DATA where something else is in the place of what was opened, or STATUS_IO. */
int topic_failed(const struct topic *topic, unsigned lane, const char *what, struct fault *why);

/*
 * Before another is opened: of many topics, as of messages whose types are all others, not all
 * stay open.  They are synced, closed, and opened again when they are published to.  STATUS_IO.
 */
int topics_make_room(struct store *store, struct fault *why);

#endif

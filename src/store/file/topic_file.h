/*
 * topic_file.h -- a topic as a directory, as the store's own modules see it.
 *
 *     topics/<topic>/lanes            lanes.h
 *     topics/<topic>/<lane>/          segment.h
 *     topics/<topic>/<lane>.end       where the lane ends, a record.h: a hint
 *     topics/<topic>/groups/<group>/  group_file.h
 */
#ifndef TOPIC_FILE_H
#define TOPIC_FILE_H

#include "store/file/lanes.h"
#include "store/file/store_file.h"

/* "topics/" + name + "/groups/" + name + "/255.offset" + NUL */
enum { TOPIC_PATH_BYTES = 7 + TOPIC_NAME_MAX + 8 + TOPIC_NAME_MAX + 12 };

/* "topics/<topic>" within the store. */
void topic_path(struct slice topic, char *path);

/*
 * Open a topic's directory: its descriptor, or -1.  With `create` it is made with
 * its first lane, and the store; without, STATUS_NO_INPUT if it is missing.
 */
int topic_open_directory(struct store *store, struct slice topic, bool create, struct fault *why);

/* Open a lane's directory below it; made with `create`.  -1 with errno. */
int topic_open_lane(int topic, unsigned lane, bool create);

/* Lock all topics against being changed in what is kept of them: a descriptor, or -1. */
int topics_lock(struct store *store, struct fault *why);

/* Open <lane>.end; -1 with errno. */
int topic_open_end(int topic, unsigned lane, int flags);

/* How many lanes were published to and are not on disk yet; sync each; say that all of them are. */
size_t topics_dirty(const struct store *store);
int topics_sync(struct store *store, struct fault *why);
void topics_synced(struct store *store);

/* Free the topics of a store. */
void topics_free(struct store *store);

#endif

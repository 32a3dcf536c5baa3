/*
 * follow_watch.h -- sees which results come, by inotify(7).
 */
#ifndef FOLLOW_WATCH_H
#define FOLLOW_WATCH_H

#include "store/file/bell.h"
#include "store/file/store_file.h"
#include "store/result.h"

struct follow_watch {
    struct store *store;
    int fd;                     /* inotify(7), or -1: look again and again */
    int results;                /* which of its watches is results/; another each time that is made; or -1 */
};

/* STATUS_IO says that it has to be looked again and again; it is to be closed all the same. */
int follow_watch_open(struct follow_watch *watch, struct store *store, struct fault *why);

/* Watch what can be watched by now.  STATUS_IO: something there cannot be. */
int follow_watch_renew(struct follow_watch *watch, struct fault *why);

#endif

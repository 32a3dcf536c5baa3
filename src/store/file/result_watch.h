/*
 * result_watch.h -- the watch behind result_watch(), for who looks at what it saw.
 */
#ifndef RESULT_WATCH_H
#define RESULT_WATCH_H

#include "store/file/store_file.h"
#include "store/result.h"

enum { LOOK_AGAIN_MILLISECONDS = 10 };

struct result_watch {
    struct store *store;
    int fd;                     /* inotify(7), or -1: look again and again */
    int results;                /* which of its watches is results/; another each time that is made; or -1 */
};

/* Watch what can be watched by now.  STATUS_IO: something there cannot be. */
int result_watch_renew(struct result_watch *watch, struct fault *why);

#endif

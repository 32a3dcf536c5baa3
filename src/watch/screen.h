/*
 * screen.h -- a store on a terminal, looked at again and again until somebody has seen enough.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include "service/watch.h"

struct screen_setting {
    struct store *store;        /* not confined yet: that is done here, once the terminal is known */
    const char *name;           /* of the store */
    struct watch_filter filter;
    int64_t interval;           /* milliseconds between looks */
    bool colours;
};

/*
 * 0 when the user quits or the terminal is gone; the number of the signal that ended it, which is
 * blocked: SIGTERM, SIGINT, SIGHUP or SIGQUIT.  The terminal is as it was.  STATUS_UNAVAILABLE, STATUS_IO.
 */
int screen_run(const struct screen_setting *setting, struct fault *why);

#endif

/*
 * child.h -- a command that is run on bytes, and how it ended.
 *
 * Input        A file in memory, not a pipe: whatever happens to us, the command never
 *              takes half of it for the whole; and it need not read it.
 * Rights       Those of this process.  What confines itself (confine.h) can run
 *              nothing any more.
 * Group        It leads a process group of its own: signals of a terminal do not
 *              reach it, and what it has started ends with it when its time is over.
 */
#ifndef CHILD_H
#define CHILD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/fault.h"

struct child_setting {
    char *const *arguments;     /* ended by NULL; the first is looked for in PATH */
    int64_t timeout;            /* milliseconds, or -1: it has all the time */
    int stop;                   /* a signalfd(2) of signals that are blocked */
};

struct child_end {
    bool done;                  /* it ended with 0, in time */
    char how[48];               /* or else: "exit 3", "killed by signal 9", "no end within 30 s" */
};

/*
 * Run it and wait for its end.  A signal sets *stopping; one that comes when that is
 * set is passed on to the command's process group.  When the time is over the group
 * gets SIGTERM, and five seconds later SIGKILL.
 * STATUS_UNAVAILABLE: it cannot be started, or could not start what it needs, which
 * shells and their like tell by 126 and 127.  STATUS_IO.
 */
int child_run(const struct child_setting *setting, struct slice input, bool *stopping, struct child_end *end,
              struct fault *why);

/* Wait so many milliseconds, or until a signal comes, which sets *stopping. */
void child_pause(const struct child_setting *setting, int64_t milliseconds, bool *stopping);

#endif

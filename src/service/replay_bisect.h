/*
 * replay_bisect.h -- evreplay --bisect: the event that made something true.
 */
#ifndef REPLAY_BISECT_H
#define REPLAY_BISECT_H

#include "service/replay_view.h"

/*
 * Print for each product the first event after which the wish's condition is true, with the
 * states before and after it; nothing if it never was.  Returns the exit status.
 */
int replay_bisect(const struct replay_job *job);

#endif

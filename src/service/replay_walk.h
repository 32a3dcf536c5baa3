/*
 * replay_walk.h -- one product's events up to the point that is asked for, in this world or another.
 */
#ifndef REPLAY_WALK_H
#define REPLAY_WALK_H

#include "service/progress.h"
#include "service/replay_view.h"

/* Called with each event's line, which is empty in another world, and the state after it. */
typedef void replay_step(void *context, struct slice line, const struct history_state *state);

/* Watch the job's journals being read so many times; not where states are printed to a terminal meanwhile. */
struct progress *replay_watch(const struct replay_job *job, uint64_t times, bool prints);

enum replay_shown {
    REPLAY_SHOWN_AT_ONCE,       /* steps may be printed as they come */
    REPLAY_SHOWN_LATER,         /* nothing is shown unless all is well: the journal need not be checked first */
    REPLAY_AGAIN,               /* the same, of what was walked before: there is nothing to warn of */
};

/*
 * So that nothing of a damaged journal is shown, it is read twice: checked, then step by step
 * up to the same end.  Returns the exit status, after a report.
 */
int replay_walk(const struct replay_job *job, struct slice product, enum replay_shown shown, replay_step *step,
                void *context);

#endif

/*
 * replay_diff.h -- evreplay --diff: what changed since.
 */
#ifndef REPLAY_DIFF_H
#define REPLAY_DIFF_H

#include "service/replay_view.h"

/* The store that --diff names; or a report, and the process ends. */
struct store *replay_diff_open(const struct cli *cli, const char *name);

/*
 * Print for each product that differs by how much, from --diff's point, or the other
 * store's end, to the state that is asked for.  A product that is only on one side counts
 * as zeros on the other.  Returns the exit status.
 */
int replay_diff(const struct replay_job *job);

#endif

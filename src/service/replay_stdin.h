/*
 * replay_stdin.h -- evreplay -: events from standard input, of any products.
 */
#ifndef REPLAY_STDIN_H
#define REPLAY_STDIN_H

#include "service/replay_view.h"

/*
 * Replay a selection of events: sequences must rise within each product; sums
 * are checked only with --verify, and then the events must be whole journals,
 * whose lines may be mixed.  Prints the states in the order of the bytes of the
 * product IDs; nothing of a product with damage.  Returns the exit status.
 */
int replay_stdin(const struct replay_wish *wish);

#endif

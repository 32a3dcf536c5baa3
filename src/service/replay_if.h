/*
 * replay_if.h -- evreplay --without and --with: what if.
 *
 * Another world: certain requests were never made, so that every purchase behind them in a
 * journal is decided anew, in the journal's order; and certain others follow.  What is held
 * in memory is the requests that are named, the lines of the file, and the sales that were
 * taken back; not the journal.
 */
#ifndef REPLAY_IF_H
#define REPLAY_IF_H

#include "service/replay_view.h"

/* Look at the options and open the file; misuse, or a report, ends the process.  NULL if neither is given. */
struct replay_if *replay_if_open(struct cli *cli, const struct replay_wish *wish);

/* Read the file.  Lines that cannot be used are told.  Returns the exit status.  NULL is allowed here and below. */
int replay_if_read(struct replay_if *what_if);

/* The products that only the file has are added to the list, in their places. */
void replay_if_add_products(const struct replay_if *what_if, struct history_products *products);

/* All will be gone through once more: what was counted is forgotten. */
void replay_if_again(struct replay_if *what_if);

/* Forget all; if it was replayed, say on standard error what differs.  STATUS_NO_INPUT if a request was not met. */
int replay_if_close(struct replay_if *what_if, bool replayed);

/* One product of that world. */
struct replay_world;

struct replay_world *replay_world_new(struct replay_if *what_if, struct slice product);
void replay_world_free(struct replay_world *world);

/* Does the file say anything of it? */
bool replay_world_wished(const struct replay_world *world);

/* First, each event is shown to it. */
void replay_world_look(struct replay_world *world, struct slice line, const struct message *event);

/* Then each once more: the state after what became of it, or NULL if it is not there. */
const struct history_state *replay_world_event(struct replay_world *world, const struct message *event);

/* Then what the file says, one line a call: the state after it; NULL when there are no more. */
const struct history_state *replay_world_wish(struct replay_world *world);

#endif

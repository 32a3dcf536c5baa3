/*
 * replay_view.h -- what evreplay may be asked for, and how each event is looked at.
 */
#ifndef REPLAY_VIEW_H
#define REPLAY_VIEW_H

#include "service/cli.h"
#include "store/history.h"

struct replay_wish {
    uint64_t at;                /* --at, or 0 */
    struct moment until;        /* --until, or empty */
    bool events, history, verify, table;
    size_t jobs;
};

extern const struct cli_program replay_program;

/* Read the command line; what does not go together is misuse. */
struct replay_wish replay_options(struct cli *cli);

/* The state is asked for at a point before the end. */
bool replay_point_needed(const struct replay_wish *wish);

/* Is this event at or before that point? */
bool replay_includes(const struct replay_wish *wish, const struct message *event);

/* Looks at the events of one product, up to the point. */
struct replay_point {
    const struct replay_wish *wish;
    struct slice product;
    struct history_state state; /* after the last event included */
};

/* For history_read(): keep the state; print each event or the state after it. */
int replay_point_visit(void *context, struct slice line, const struct message *event,
                       const struct history_state *state, struct fault *why);
int replay_line_visit(void *context, struct slice line, const struct message *event,
                      const struct history_state *state, struct fault *why);

/* Print an event's line, or the state after it, as the wish says. */
void replay_print(const struct replay_wish *wish, struct slice product, struct slice line,
                  const struct history_state *state);

/* On standard error: that the end of a journal is not part of it, if that is so. */
void replay_warn_torn(const struct store *store, struct slice product, const struct history_end *end);

/* On standard error: files in the place of journals, a line each.  How many they are. */
uint64_t replay_tell_strangers(const struct buffer *strangers);

/* How wide a table's column of these products has to be. */
size_t replay_widest(const struct slice *products, size_t count);

#endif

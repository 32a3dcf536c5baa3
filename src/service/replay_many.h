/*
 * replay_many.h -- the journals of many products, read by several threads.
 */
#ifndef REPLAY_MANY_H
#define REPLAY_MANY_H

#include "service/replay_view.h"

/* One product of many: its state, or why there is none. */
struct replayed {
    struct history_end end;
    struct history_state at;    /* the state that is asked for */
    bool ok, any;
    bool unread;                /* with --verify: reading failed, so nothing is known of the rest */
    struct fault *why;
    struct buffer damages;      /* with --verify, a line each */
    uint64_t damage_count;
};

struct replay_many {
    const struct replay_job *job;
    struct replayed *replayed;  /* as many as the job's products */
    struct history_reader reader;       /* how a journal is read */
};

/*
 * Read each, side by side; those that are worth all threads for themselves one after the
 * other, when the rest is done.  Counted on the job's progress.
 */
void replay_many_read(struct replay_many *many, void (*read_one)(void *context, size_t i));

/* Check each journal to its end, and the orders unless products are named; the exit status. */
int replay_verify(struct replay_job *job, const struct buffer *strangers);

#endif

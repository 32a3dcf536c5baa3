/*
 * redrive.h -- send dead letters again, once what was wrong is mended.
 *
 * The very bytes that were put aside are published: to the topic that they were
 * read from, or else to the command's own.  What was put aside by a command whose
 * lines are not from any topic stays; so does the cut-off end of a journal.
 *
 * Crash        Before lines are published it is noted, on disk, where the lanes end
 *              and how far this goes.  Who finds such a note looks which of the lines
 *              are there behind those ends, and sends the rest.  So a letter is sent
 *              once, at whatever instant a redrive is killed.
 * Concurrency  One at a time in a store; nor is anything trimmed, nor the number of
 *              lanes changed meanwhile.
 */
#ifndef REDRIVE_H
#define REDRIVE_H

#include "domain/topic_name.h"
#include "store/store.h"

struct redrive;                 /* opaque */

struct redrive_setting {
    const char *command;        /* whose letters; borrowed */
    struct slice topic;         /* where those without a topic go; empty: nowhere */
    bool look;                  /* only make the plan, and keep nobody out */
};

/* What there is to do. */
struct redrive_plan {
    struct redrive_target {
        char topic[TOPIC_NAME_MAX + 1];
        uint64_t letters;
    } *targets;
    size_t count, room;
    uint64_t homeless;          /* letters that go nowhere: while there are any, nothing is sent */
    uint64_t torn;              /* ends of journals: never sent */
    uint64_t broken;            /* lines that are no letter, as of a writer that was cut off: never sent */
    bool resumed;               /* a redrive was cut off: some of these are there already */
};

/*
 * Look what there is.  The caller owns *out: redrive_close().
 * STATUS_IO; STATUS_DATA if what tells how far it came is damaged, or about other letters.
 */
int redrive_open(struct redrive **out, struct store *store, const struct redrive_setting *setting,
                 struct fault *why);

const struct redrive_plan *redrive_plan(const struct redrive *redrive);

/*
 * Send them, and be back when they are on disk.  *sent counts those that were published
 * now, *found those that were there already.  STATUS_IO, STATUS_DATA, STATUS_CANNOT_CREATE:
 * then some may have been sent; the next redrive knows which.
 */
int redrive_send(struct redrive *redrive, uint64_t *sent, uint64_t *found, struct fault *why);

/* NULL is allowed. */
void redrive_close(struct redrive *redrive);

#endif

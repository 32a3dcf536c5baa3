/*
 * replay.h -- read a journal's lines, check each, fold them into a state.
 *
 * Nothing is held but the position: a file of any length is read through one
 * buffer.  Only whole lines count; they are read by offset, each from its
 * start, so an end that is healed meanwhile is never mixed with what follows.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include <stdatomic.h>

#include "domain/message.h"
#include "domain/message_scan.h"

/* How far a journal was read and what it says up to there.  { 0 } is its start. */
struct replay {
    struct slice product;       /* whose events these must be; empty: orders, of any product */
    uint64_t offset;            /* bytes: where the next line starts */
    uint64_t line;              /* lines read */
    uint64_t chain;             /* sum of the last event */
    struct moment time;         /* of the last event */
    struct product state;
    atomic_ullong *read;        /* counts the bytes for whoever watches, or NULL */
    bool uncertain;             /* behind damage: what is left is not known any more */
};

/* Called with each event that is right, in order; *event's slices last for the call. */
typedef int replay_visit(void *context, const struct replay *replay, struct slice line,
                         const struct message *event, struct fault *why);

/* Called with each line that is wrong; 0 to go on behind it. */
typedef int replay_damage(void *context, const struct replay *replay, struct fault *why);

struct replay_reader {
    replay_visit *visit;        /* or NULL */
    replay_damage *damage;      /* or NULL: the first damage ends the replay */
    void *context;
    struct buffer buffer;       /* the reader's own; buffer_free() when done */
};

/*
 * Read on from where *replay is, to the last newline before `end` (bytes).
 * STATUS_DATA and "what: why" for the first damage, in line replay->line;
 * STATUS_IO; or what a visit returned.
 */
int replay_file(struct replay *replay, struct replay_reader *reader, int fd, uint64_t end, struct fault *why);

/*
 * For who reads lines in another way.  The line at the start of `text`, and what it says
 * of itself and by the sum before it, replay->chain, which is moved on: STATUS_DATA if that
 * is wrong; REPLAY_UNFINISHED if there is no newline.  Then whether its event comes next in
 * sequence and time: STATUS_DATA.
 */
enum { REPLAY_UNFINISHED = 1 };

/* What is kept from line to line; starts as { 0 }. */
struct replay_room {
    struct event_names names;
    struct arena arena;         /* what *event points into but the line; the caller's to reset */
};

int replay_read(struct replay *replay, struct slice text, struct replay_room *room, struct slice *line,
                struct message *event, struct fault *why);
int replay_follows(const struct replay *replay, const struct message *event, struct fault *why);

/*
 * The sum that ends the line before an offset, 0 at the start: 1, 0 if there is none,
 * -1 with errno.  And the same of the last bytes of that line, its newline included.
 */
enum { REPLAY_SUM_TAIL = 16 + sizeof "\"}\n" - 1 };

int replay_sum_before(int fd, uint64_t offset, uint64_t *sum);
bool replay_sum_in(const char *tail, uint64_t *sum);

/* May this event come next? */
enum refusal replay_allows(const struct replay *replay, const struct message *event);

/* Add an event that is known to be right: right after it was made, or read. */
enum refusal replay_fold(struct replay *replay, const struct message *event);

#endif

/*
 * source.h -- where a command's lines come from: a descriptor, or a topic.
 *
 * What is waiting is taken as one batch.  A batch of a topic is of one lane, which
 * is held until source_done(); then the group goes on behind it.
 */
#ifndef SOURCE_H
#define SOURCE_H

#include "base/bytes.h"
#include "base/fault.h"
#include "domain/letter.h"
#include "store/store.h"

enum line_part {
    LINE_WHOLE,
    LINE_BEGINNING,             /* of a line that is too long, in pieces: */
    LINE_MIDDLE,
    LINE_END,                   /* may be the only piece, and may be empty */
};

struct line {
    struct slice text;          /* without its newline */
    uint64_t number;            /* from 1; of a topic its offset, from 0 */
    enum line_part part;
};

struct source;

/* How a topic is read. */
struct source_setting {
    const char *command;        /* who says what people should know */
    const char *group;          /* borrowed, as the others */
    bool wait;                  /* for more, when nothing is left */
    uint64_t most;              /* lines of a topic in a batch; 0: many */
};

/* "@stock.available": names a topic, not a file. */
bool source_is_topic(const char *name);

/* Is the source there at all?  "-" is.  STATUS_NO_INPUT. */
int source_check(const char *name, struct store *store, struct fault *why);

/*
 * Open it: "-", a path or a topic; opening a FIFO waits for its writer.  From a topic on SIGTERM
 * and SIGINT are blocked: they end it.  The caller owns *out: source_close().
 * STATUS_NO_INPUT, STATUS_IO, STATUS_CANNOT_CREATE, STATUS_DATA.
 */
int source_open(struct source **out, const char *name, struct store *store, const struct source_setting *setting,
                struct fault *why);

enum source_taken { SOURCE_END, SOURCE_LINES, SOURCE_PAUSE };

/*
 * Wait for lines and take what is there: SOURCE_LINES with *lines and *count,
 * which last until the next call.  SOURCE_PAUSE when what was done should be
 * made durable now: source_settled().  STATUS_IO.
 */
int source_take(struct source *source, const struct line **lines, size_t *count, struct fault *why);

/*
 * Is a long batch worth more than one that comes soon?  Of a descriptor as much is then read
 * while one is worked on; not at first.
 */
void source_gather(struct source *source, bool much);

/* Wait until what was taken is on disk, if it is a topic's.  STATUS_IO. */
int source_sync(struct source *source, struct fault *why);

/* What was taken is done, and what it caused is written.  STATUS_IO. */
int source_done(struct source *source, struct fault *why);

/* What is done is on disk with all that it caused.  STATUS_IO. */
int source_settled(struct source *source, struct fault *why);

/* A disk failed, so what is done since all was on it may be lost: it is to be read again. */
void source_lost(struct source *source);

/* "stdin", the path, or "@stock.available/0" for the lane of this batch. */
const char *source_name(const struct source *source);

/* Where the messages of this batch are from; NULL if not from a topic.  Its offset is not set. */
const struct origin *source_origin(const struct source *source);

/* The descriptor it is read from, or -1. */
int source_file(const struct source *source);

/* Of a topic: the signalfd(2) that tells of what ends it.  A signal that is read from it does not. */
int source_stop(const struct source *source);

/* NULL is allowed. */
void source_close(struct source *source);

#endif

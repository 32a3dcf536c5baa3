/*
 * replay_view.h -- what evreplay may be asked for, and how each event is looked at.
 */
#ifndef REPLAY_VIEW_H
#define REPLAY_VIEW_H

#include "domain/condition.h"
#include "service/cli.h"
#include "store/history.h"

/* What is printed, and how; the first of each by default. */
enum replay_view {
    REPLAY_STATES,
    REPLAY_EVENTS,
    REPLAY_HISTORY,
    REPLAY_VERIFY,
    REPLAY_PLOT,
    REPLAY_SVG,
    REPLAY_DIFF,
    REPLAY_BISECT,
};

enum replay_form {
    REPLAY_JSON,
    REPLAY_TABLE,
    REPLAY_CSV,
};

struct progress;
struct replay_if;

struct replay_wish {
    uint64_t at;                /* --at, or 0 */
    struct moment until;        /* --until, or empty */
    enum replay_view view;
    enum replay_form form;
    const char *diff;           /* --diff: a store, or NULL: then what follows */
    uint64_t diff_at;           /* a sequence; with neither this nor a time, before everything */
    struct moment diff_until;
    struct condition condition; /* --bisect */
    const char *without, *with; /* as they were given, or NULL */
    size_t jobs;
};

/* The work: products of a store, sorted unless they are named, and what is wished. */
struct replay_job {
    const struct store *store, *other;  /* other: --diff's, or NULL */
    const struct replay_wish *wish;
    struct progress *progress;  /* of who reads, or NULL */
    struct replay_if *what_if;  /* --without and --with, or NULL */
    const struct slice *products;
    size_t count;
    bool named;
};

extern const struct cli_program replay_program;

/* Read the command line; what does not go together is misuse. */
struct replay_wish replay_options(struct cli *cli);

/* The state is asked for at a point before the end. */
bool replay_point_needed(const struct replay_wish *wish);

/* Is this event at or before that point? */
bool replay_includes(const struct replay_wish *wish, const struct message *event);

/* For history_read(): keeps the state after the last event up to the point. */
struct replay_point {
    const struct replay_wish *wish;
    struct history_state state;
};

int replay_point_visit(void *context, struct slice line, const struct message *event,
                       const struct history_state *state, struct fault *why);

/* Prints states, or events' lines, as the wish says.  The products are those that may come. */
struct replay_printer {
    const struct replay_wish *wish;
    size_t width;               /* of a table's first column */
    struct buffer text;
};

struct replay_printer replay_print_begin(const struct replay_wish *wish, const struct slice *products, size_t count);
void replay_print(struct replay_printer *printer, struct slice product, struct slice line,
                  const struct history_state *state);
void replay_print_end(struct replay_printer *printer);

/* On standard error: that the end of a journal is not part of it, if that is so. */
void replay_warn_torn(const struct store *store, struct slice product, const struct history_end *end);

/* On standard error: files in the place of journals, a line each.  How many they are. */
uint64_t replay_tell_strangers(const struct buffer *strangers);

#endif

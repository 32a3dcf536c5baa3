/*
 * result.h -- outcomes stored under their requests, for whoever asks.
 *
 * A result appears whole or not at all, and never changes.  Results are
 * derived: a missing one is made again when its flow is run again.
 */
#ifndef STORE_RESULT_H
#define STORE_RESULT_H

#include "domain/result.h"
#include "store/store.h"

/*
 * The result of a request: 1, its line with the newline is appended to *line,
 * and *result points into the arena.  0 if there is none that is whole.  What is
 * found, store_settle() syncs as what is put.
 * STATUS_DATA if something else stands in its place, STATUS_IO.
 */
int result_get(struct store *store, struct slice request, struct buffer *line, struct arena *arena,
               struct result *result, struct fault *why);

/* The result of a request will soon be asked for: begin to load from memory what tells where it is, packed. */
void result_expect(const struct store *store, struct slice request);

/*
 * Put a result; store_commit() shows it, once what it rests on is on disk.  The
 * caller has seen that no other result is there, or overrules it.  Its form is
 * that of the store's setting.  STATUS_DATA, STATUS_IO, STATUS_CANNOT_CREATE.
 */
int result_put(struct store *store, const struct result *result, struct fault *why);

/* -- looking ------------------------------------------------------------------- */

/* What stands where a result of a request would. */
struct result_line {
    struct slice request;
    const char *file;           /* within the store, for people; until the visit is over */
    uint64_t line;              /* in it, from 1; 0 if it is there alone */
    struct slice text;          /* with its newline, if it has one; result_is() tells whether it is a result */
};

struct result_look {
    const struct slice *requests;       /* sorted by their bytes; borrowed, as all of it */
    size_t count;
    void (*visit)(void *context, const struct result_line *line);
    /* Called with why something could not be looked at. */
    void (*tell)(void *context, const struct fault *why);
    void *context;
};

/* Visit what there is, in files and in packs.  Of several results of a request the last counts. */
void result_look(struct store *store, const struct result_look *look);

/* -- tidying up ---------------------------------------------------------------- */

struct tidy_setting {
    const struct moment *before;        /* the results of outcomes before it are forgotten, or taken to be: or NULL */
    bool dry_run;                       /* change nothing, and keep nobody out */
    /* Called for each file that has the name of a result and is none: it is left alone. */
    void (*tell)(void *context, const struct fault *why);
    void *context;
};

/*
 * Put results that are files of their own into packs; *count is how many.  A result can
 * be had at any time, and nobody who follows results sees it again.  A crash leaves some
 * packed, some both ways, the others as they were.  STATUS_IO, STATUS_CANNOT_CREATE,
 * STATUS_DATA (what should be a pack is none).
 */
int result_pack(struct store *store, const struct tidy_setting *setting, uint64_t *count, struct fault *why);

/* Forget old results, in files and in packs; *count is how many.  A crash leaves some of them.  Faults as above. */
int result_expire(struct store *store, const struct tidy_setting *setting, uint64_t *count, struct fault *why);

/* -- waiting --------------------------------------------------------------------- */

/*
 * Waiting for results, woken by the store.  The caller owns *out, also after
 * STATUS_IO, which says that it has to look again and again, every 10 ms:
 * result_unwatch().
 */
struct result_watch;
int result_watch(struct store *store, struct result_watch **out, struct fault *why);

/* Wait until a result may have come, at most `milliseconds` (-1: for ever): 1, or 0 when time is up. */
int result_wait(struct result_watch *watch, int milliseconds, struct fault *why);
void result_unwatch(struct result_watch *watch);

/*
 * Every result that appears from now on, wherever; one that was deleted and is
 * made again appears again.  The end comes when nobody reads `output` any more, a
 * descriptor (-1: never).  The caller owns *out, also after STATUS_IO, as above:
 * result_unfollow().
 */
struct result_follow;
int result_follow(struct store *store, int output, struct result_follow **out, struct fault *why);

/* Wait for results and append their lines to *lines: 1; 0 at the end; STATUS_IO, STATUS_CANNOT_CREATE. */
int result_follow_next(struct result_follow *follow, struct buffer *lines, struct fault *why);
void result_unfollow(struct result_follow *follow);

#endif

/*
 * store.h -- opens a store by name and commits what was appended to it.
 *
 * journal.h, result.h and dead.h beside this file say what a store holds; a
 * store that is a directory lives in file/.  One thread uses a store at a time.
 */
#ifndef STORE_H
#define STORE_H

#include <stddef.h>

#include "base/fault.h"
#include "base/moment.h"

struct store;                   /* opaque */

enum store_use {
    STORE_LOOK,                 /* a missing store is STATUS_NO_INPUT; nothing is changed */
    STORE_CHANGE,               /* the same, but results may be tidied up and made again */
    STORE_FOLLOW,               /* a missing store is empty; journals are only read */
    STORE_APPEND,               /* a missing store is empty, made at the first write */
};

struct store_setting {
    const char *name;           /* borrowed, outlives the store */
    const char *command;        /* the source of its events; borrowed */
    struct clock clock;
    enum store_use use;
    bool packed;                /* results are put into packs, many to a file */
    bool dry;                   /* nothing is written */
};

/*
 * A dry store is read, and what is appended, put or published changes no byte on disk and
 * locks nobody out: its events and results are kept in memory and found again, as if they were
 * on disk, until it is closed; its letters and messages are not kept.  From its first
 * such event on a stream is as it was then: what others append is not seen.  A missing store
 * stays missing.  What only writing finds out, such as a full disk, is not known.  No
 * topic is subscribed to.
 */

/*
 * Open a store.  The caller owns *out: store_close().
 * STATUS_NO_INPUT  it is missing, and setting->use is STORE_LOOK or STORE_CHANGE
 * STATUS_DATA      it is of another format
 * STATUS_IO        the system failed
 */
int store_open(struct store **out, const struct store_setting *setting, struct fault *why);

/*
 * Give up what is not needed to use the store as it was opened: with STORE_LOOK, and if it is dry,
 * nothing in it can be written any more; else nothing but what is below it, or below the directory
 * where one that is missing will be made.  Nothing else can be written but below `also`, which may
 * be NULL, or below one of the places, which are files or directories; if it is dry, these are only
 * read.  What is open already can still be used.
 * Holds for this thread and those it starts, where the kernel can do that (confine.h).
 */
void store_confine(const struct store *store, const char *also);
void store_confine_beside(const struct store *store, const char *const *places, size_t count);

/* The same for two stores that are looked at; `other` may be NULL. */
void store_confine_both(const struct store *store, const struct store *other);

/*
 * Many streams will be open at once: before another thread is started, as from then on the
 * kernel lets a process wait some milliseconds each time that it doubles its table of open files.
 */
void store_expect_many(const struct store *store);

/* Does what would be written leave no trace? */
bool store_is_dry(const struct store *store);

/* The time now by the store's clock. */
struct moment store_now(const struct store *store);

/* When a commit returns. */
enum store_wait {
    STORE_WAIT,                 /* when everything is on disk */
    STORE_WAIT_FOR_TRUTH,       /* when the journals of products are; store_settle() has the rest */
};

/*
 * End a batch: write what was appended to the journals that are held, sync
 * those and the ones that journal_rest_on() named, show the results that were
 * put (store_settle() syncs them), release the journals.
 *
 * On failure the journals are cut back to where the batch began, and this
 * process must end: STATUS_IO.  A crash leaves any prefix of each journal's
 * lines, the last of them perhaps torn, and none, some or all of the results;
 * whoever runs the batch again completes it.
 */
int store_commit(struct store *store, enum store_wait wait, struct fault *why);

/*
 * In the midst of a batch, before its first answers are handed on, while no stream is held: sync
 * what journal_rest_on() named so far.  STATUS_IO.
 */
int store_rest(struct store *store, struct fault *why);

/* Give the journals back without writing what was appended; nothing is shown. */
void store_abandon(struct store *store);

/* Wait until everything committed so far is on disk.  STATUS_IO: end the process. */
int store_settle(struct store *store, struct fault *why);

/* NULL is allowed. */
void store_close(struct store *store);

#endif

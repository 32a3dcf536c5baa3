/*
 * index_file.h -- what is known of a long stream, kept in index/ so that nobody reads it all again.
 *
 *     index/<16 hex digits>.head      how the stream stands after some event, the runs, and
 *                                     what its owner notes beside that
 *     index/<16 hex digits>.<first>-<count>       run.h: where its events are, by request
 *
 * The digits are XXH3 of the stream's name, which the head tells in full.  The runs follow
 * one another from event 1; each is more than INDEX_RATIO times as long as the next, which
 * those that are not are merged to.  Both are derived: written by who appends, under the
 * stream's lock, never synced, and made again when they are missing or wrong.
 *
 * Crash    leaves the old head or the new, under its name by rename(2), and runs that no
 *          head tells of.  A power cut may leave anything: sums tell.
 */
#ifndef INDEX_FILE_H
#define INDEX_FILE_H

#include "store/file/replay.h"
#include "store/file/run.h"
#include "store/walk.h"

enum {
    INDEX_EVENTS = 1024,        /* so many are kept in memory alone */
    INDEX_RATIO = 4,
    INDEX_RUNS = 24,
};

struct store;

/* { 0 } knows nothing. */
struct index_file {
    struct run runs[INDEX_RUNS];
    unsigned count;
    uint64_t events, bytes;     /* of the stream that they are of; of several files the longest */
};

/* Bytes that a head has beside it, always as many for a stream.  { 0 } are none. */
struct index_note {
    void *at;
    size_t length;
};

/*
 * Read the head of the stream `name`, "journal/x.ndjson", and map its runs; *replay is how
 * the stream stands there (its product is the caller's, and is kept), and the note what its
 * owner wrote.  False if it tells of no more than `events`, or not all is there and right:
 * the note may be anything then.  Whether the stream has these events is for the caller to see.
 */
bool index_file_load(struct store *store, const char *name, uint64_t events, struct index_file *out,
                     struct replay *replay, struct index_note note);

enum index_extended {
    INDEX_EXTENDED,
    INDEX_NOT_WRITTEN,          /* *file is as it was, and so it is for */
    INDEX_DAMAGED,              /* a run, which is deleted: what it told of is to be read from the stream */
};

/*
 * Write a run of the events in `memory`, those behind file->events, and a head of *replay, which
 * stands behind them all, and the note.  Runs that are gone from the disk are written anew from
 * what is mapped.
 */
enum index_extended index_file_extend(struct store *store, const char *name, struct index_file *file,
                                      const struct index *memory, const struct replay *replay,
                                      struct index_note note);

/*
 * Walk the events that may be of a request, from { 0 } on, as they were appended: those that
 * files tell of, which may be NULL, then those behind them in memory.  1, 0, or -1 if a run is damaged.
 */
int index_file_next(const struct index_file *file, const struct index *memory, struct slice request, struct walk *walk,
                    struct index_hit *hit);

/* The same will be walked soon: begin to load what tells of them. */
void index_file_expect(const struct index_file *file, const struct index *memory, struct slice request);

/* Forget it. */
void index_file_close(struct index_file *file);

#endif

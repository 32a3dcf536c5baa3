/*
 * tidy.h -- what packing results and forgetting them have in common.
 *
 * Both are done while the orders are locked, as results are made, but only for some
 * hundreds of results at a time, or some thousands where they go into a long pack, so that
 * services wait for moments.
 */
#ifndef TIDY_H
#define TIDY_H

#include "store/file/pack_file.h"
#include "store/file/requests.h"
#include "store/result.h"

enum { TIDY_PORTION = 512 };    /* files that are deleted under one lock */

/* Starts with the store, the setting and .lock = -1; tidy_end(). */
struct tidy {
    struct store *store;
    const struct tidy_setting *setting;
    struct request *files;      /* results that are files, sorted */
    size_t count, room;
    uint64_t done;
    int lock;                   /* of the orders, or -1 */
    struct buffer line;
    struct arena arena;
};

/* A pack while it is written anew; { .tidy, .from, .to } at first. */
struct renewal {
    struct tidy *tidy;
    const struct request *from, *to;    /* these go into it, sorted */
    struct buffer lines;
    uint64_t read, old_moved;   /* bytes of the old one */
    uint64_t moved;             /* pack_replace() */
    uint64_t forgotten;
};

/* The results that are files now, into the list.  STATUS_IO. */
int tidy_list(struct tidy *tidy, struct fault *why);

/* The result in a file: 1, its line in tidy->line; 0 if it is gone, or is none, which is told; or -1. */
int tidy_read(struct tidy *tidy, const struct request *request, struct result *result, struct fault *why);

/* Delete the file.  STATUS_IO. */
int tidy_remove(struct tidy *tidy, const struct request *request, struct fault *why);

/* Take the lock, unless nothing is to be changed; give it back. */
int tidy_lock(struct tidy *tidy, struct fault *why);
void tidy_unlock(struct tidy *tidy);

/* Is it to be forgotten? */
bool tidy_is_old(const struct tidy *tidy, const struct result *result);

/* Behind renewal->lines what stays of a pack: not what goes into it anew, nor what is forgotten.  STATUS_IO, STATUS_DATA. */
int renewal_keep(struct renewal *renewal, unsigned number, struct fault *why);

/* Let the pack have these lines; delete it if there are none.  STATUS_IO, STATUS_CANNOT_CREATE. */
int renewal_write(const struct renewal *renewal, unsigned number, struct fault *why);

/* How many were done, and `result`. */
int tidy_end(struct tidy *tidy, uint64_t *count, int result);

#endif

/*
 * place.h -- where the read models' file is: one process at a time, and a new file in its place.
 *
 * The lock is flock(2) on the file itself, which SQLite's locks do not touch.  Who waited for
 * it while the file was replaced takes that of the file which is there now.
 */
#ifndef PLACE_H
#define PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "base/fault.h"

#define PLACE_JOURNAL "-journal"
#define PLACE_NEW ".new-evproject"

struct place {
    const char *name;           /* as the command line has it; borrowed */
    char path[PATH_MAX];        /* without symbolic links */
    char journal[PATH_MAX];     /* SQLite's, beside it */
    char fresh[PATH_MAX];       /* what is made anew, until it takes its place */
    int lock;                   /* a descriptor, or -1 */
    bool locked;                /* what follows holds, and the fresh file is ours */
    struct stat status;         /* of the file that is locked */
};

/* Find it.  The file may be missing, its directory may not: STATUS_CANNOT_CREATE. */
int place_find(struct place *out, const char *name, struct fault *why);

/*
 * Lock it for this process; with `make` one that is missing is made, empty.  place_close() also
 * after a failure.  STATUS_NO_INPUT it is missing; STATUS_NOT_YET another process has it;
 * STATUS_CANNOT_CREATE, STATUS_IO.
 */
int place_lock(struct place *place, bool make, struct fault *why);

/* See that the journal's name is there, and on disk with that of the file.  STATUS_CANNOT_CREATE, STATUS_IO. */
int place_make_journal(const struct place *place, struct fault *why);

/* Make the fresh file, empty, with the mode and the owner of the old one.  Errors as above. */
int place_make_fresh(const struct place *place, struct fault *why);

/* Sync it and put it in the place of the old one; or throw it away.  STATUS_IO. */
int place_swap(struct place *place, struct fault *why);
void place_discard(const struct place *place);

/* After the database was closed: closing any other descriptor of its file takes SQLite's locks away. */
void place_close(struct place *place);

#endif

/*
 * confine.h -- give up what a process does not need of the file system (Landlock, landlock(7)).
 *
 * What is open stays open.  From here on only these places can be opened, changed or even
 * be read, by this thread and those it starts; it cannot be undone, and nothing can be executed.
 * A kernel without Landlock, or one that was started without it, leaves everything as it was:
 * this is a second wall, not the first.
 */
#ifndef CONFINE_H
#define CONFINE_H

#include <stdbool.h>
#include <stddef.h>

struct confine_place {
    const char *path;           /* a file, or a directory with all below it; one that is missing is left out */
    bool write;                 /* files below it may be changed, made, removed and renamed, not only read */
};

/* True if the process is confined now. */
bool confine_to(const struct confine_place *places, size_t count);

#endif

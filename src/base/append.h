/*
 * append.h -- whole lines behind a file that others append to as well.
 */
#ifndef APPEND_H
#define APPEND_H

#include "base/bytes.h"

/*
 * Append lines, each with its newline, and then the bytes of the file `spill`
 * (-1: none) under flock(2).  A regular file whose last line was cut off
 * gets a newline first, and is cut back to what it was if writing fails.
 * `own` is what append_own() gave for fd, or fd itself if no other process has what it is open on.
 * -1 with errno; then anything but a regular file may hold a part.
 */
int append_lines(int fd, int own, struct slice lines, int spill);

/*
 * Open the pipe or regular file that fd is open on once more: flock(2) keeps no process from what
 * it inherited with others, and the end of a file may have to be read.  The caller closes it.
 * -1: it is neither, or cannot be opened (a file of another user, a FIFO that nobody reads now, no
 * /proc), or who left it to us holds its lock: then fd alone has to do.
 */
int append_own(int fd);

#endif

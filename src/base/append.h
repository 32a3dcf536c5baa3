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
 * Open what fd is open on once more, where appending to it needs that: flock(2) keeps no process
 * from what it inherited with others, and the end of a file may have to be read.  A pipe is opened
 * for its lock; a regular file that is appended to, for its last line.  The lock of a regular
 * file stays that of fd, which a caller may hold: it has no need of another, as each write(2)
 * is whole.  The caller closes it.
 * -1: it is neither, or cannot be opened, and fd alone has to do.
 */
int append_own(int fd);

#endif

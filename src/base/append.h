/*
 * append.h -- whole lines behind a file that others append to as well.
 */
#ifndef APPEND_H
#define APPEND_H

#include "base/bytes.h"

/*
 * Append lines, each with its newline, and then the bytes of the file `spill`
 * (-1: none) under flock(2) on fd.  A regular file whose last line was cut off
 * gets a newline first, and is cut back to what it was if writing fails.
 * -1 with errno; then anything but a regular file may hold a part.
 */
int append_lines(int fd, struct slice lines, int spill);

#endif

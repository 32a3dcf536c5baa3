/*
 * append.h -- whole lines behind a file that others append to as well.
 */
#ifndef APPEND_H
#define APPEND_H

#include <stdbool.h>

#include "base/bytes.h"

/*
 * Append lines, each with its newline, and then the bytes of the file `spill`
 * (-1: none) under flock(2) of `lock`: what append_lock() gave for fd.  A regular file whose
 * last line was cut off gets a newline first, and is cut back to what it was if writing fails.
 * -1 with errno; then anything but a regular file may hold a part.
 */
int append_lines(int fd, int lock, struct slice lines, int spill);

/*
 * By which descriptor others are kept out.  What is inherited is opened once more, as flock(2)
 * keeps no process from what it inherited with others, and the end of a file may have to be read;
 * the caller closes that.  fd itself, if no other process has what it is open on, or where that
 * cannot be opened (a file of another user, a FIFO that nobody reads now, no /proc).  -1: nobody
 * is kept out of what is neither a pipe nor a regular file, as a terminal or /dev/null; and who
 * left it to us with its lock keeps that.
 */
int append_lock(int fd, bool inherited);

#endif

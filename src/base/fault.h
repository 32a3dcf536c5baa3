/*
 * fault.h -- why something could not be done.
 *
 * The library returns 0, or -1 with a caller-owned struct fault filled in;
 * only the commands and the service loop print it and turn it into an exit
 * status.
 */
#ifndef FAULT_H
#define FAULT_H

#include "base/status.h"

enum { FAULT_TEXT = 640 };

struct fault {
    enum status status;         /* what the command should exit with */
    char text[FAULT_TEXT];      /* a line without a newline, cut off if too long */
};

/* Fill in *why as printf would, control characters as `?`.  Always returns -1, so that it can be returned. */
int fault_set(struct fault *why, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with ": " and strerror(errno) behind it. */
int fault_system(struct fault *why, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Put "PREFIX: " before the text that is there.  Always returns -1. */
int fault_at(struct fault *why, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Of two exit statuses the one that says more: a failed disk hides nothing, then damage, then what is missing. */
int fault_worse(int a, int b);

/*
 * Put `?` for each control character: what comes from input or a file's name does not
 * reach a terminal as a command.
 */
void fault_plain(char *text);

#endif

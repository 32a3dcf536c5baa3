/*
 * display.h -- how far it is, for who watches a terminal: one line on standard error that is
 * written over, and gone at the end.
 */
#ifndef DISPLAY_H
#define DISPLAY_H

#include <stdbool.h>
#include <stdint.h>

struct display {
    bool wanted, shown;
    int64_t last;               /* milliseconds, when that was shown */
};

/* Wanted if standard error is a terminal that can write over a line. */
struct display display_begin(void);

/* Show this text, which is ASCII, as far as it fits a line, if it is wanted, but no more than ten times a second. */
void display_show(struct display *display, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Before anything else is written to the terminal, and at the end. */
void display_erase(struct display *display);

#endif

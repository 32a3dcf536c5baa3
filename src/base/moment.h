/*
 * moment.h -- times as text: UTC with six decimals (a form of RFC 3339).
 *
 *     2026-01-31T09:30:00.123456Z
 *
 * All have the same length and a year of four digits, so the order of the
 * bytes is the order of time.
 */
#ifndef MOMENT_H
#define MOMENT_H

#include "base/bytes.h"
#include "base/fault.h"

enum { MOMENT_LENGTH = 27 };

struct moment {
    char text[MOMENT_LENGTH + 1];
};

/* Where a process has its time from.  { 0 } is the clock of the machine. */
struct clock {
    bool fixed;                 /* always `now` */
    struct moment now;
};

struct moment clock_now(const struct clock *clock);

/* Milliseconds of a clock that only goes forwards, from no certain point on. */
int64_t steady_milliseconds(void);

/* The text is a time in exactly this form, and that day exists. */
bool moment_valid(struct slice text);

/* The same, also with fewer decimals or none; *out is in full form. */
bool moment_read(struct slice text, struct moment *out);

/* Microseconds since 1970 and back.  `text` is valid. */
int64_t moment_microseconds(const char *text);
struct moment moment_from(int64_t microseconds);

#endif

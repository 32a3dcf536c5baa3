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
#include "base/digits.h"
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

static inline bool
moment_day_exists(const char *text)
{
    static const unsigned char days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    unsigned year = text_two_digits(text) * 100 + text_two_digits(text + 2);
    unsigned month = text_two_digits(text + 5), day = text_two_digits(text + 8);
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    if (month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    return month != 2 || day < 29 || leap;
}

static inline unsigned char
moment_outside(const char *at, const char *least, const char *most)
{
    unsigned char bad = 0;

    for (size_t i = 0; i < TEXT_WIDE; i++)
        bad |= (unsigned char)((unsigned char)(at[i] < least[i]) | (unsigned char)(at[i] > most[i]));
    return bad;
}

/* The text is a time in exactly this form, and that day exists. */
static inline bool
moment_valid(struct slice text)
{
    static const char least[] = "0000-00-00T00:00:00.000000Z", most[] = "9999-99-99T99:59:59.999999Z";
    const size_t last = MOMENT_LENGTH - TEXT_WIDE;

    return text.length == MOMENT_LENGTH
        && (moment_outside(text.at, least, most) | moment_outside(text.at + last, least + last, most + last)) == 0
        && text_two_digits(text.at + 11) < 24 && moment_day_exists(text.at);
}

/* The same, also with fewer decimals or none; *out is in full form. */
bool moment_read(struct slice text, struct moment *out);

/* Microseconds since 1970 and back.  `text` is valid. */
int64_t moment_microseconds(const char *text);
struct moment moment_from(int64_t microseconds);

#endif

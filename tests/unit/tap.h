/*
 * tap.h -- what a table test prints: the Test Anything Protocol.
 *
 * The plan comes last: a program that dies on the way has none.
 */
#ifndef TAP_H
#define TAP_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/bytes.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* { 0 } at the start. */
struct tap {
    unsigned checks;
    unsigned failures;
};

/* One check; the name is a printf format. */
__attribute__((format(printf, 3, 4))) static inline bool
tap_check(struct tap *tap, bool good, const char *format, ...)
{
    va_list arguments;

    printf("%s %u - ", good ? "ok" : "not ok", ++tap->checks);
    va_start(arguments, format);
    (void)vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    if (!good)
        tap->failures++;
    return good;
}

/* A line of explanation: the bytes, with those that are not plain as \xXX. */
static inline void
tap_show(const char *what, struct slice bytes)
{
    printf("# %s: ", what);
    for (size_t i = 0; i < bytes.length; i++) {
        unsigned char byte = (unsigned char)bytes.at[i];

        if (byte >= 0x20 && byte < 0x7f)
            putchar(byte);
        else
            printf("\\x%02x", byte);
    }
    putchar('\n');
}

/* A check that two runs of bytes are the same; shows both if they are not. */
static inline bool
tap_same(struct tap *tap, struct slice got, struct slice expected, const char *name)
{
    if (tap_check(tap, slice_equal(got, expected), "%s", name))
        return true;
    tap_show("got", got);
    tap_show("expected", expected);
    return false;
}

/* The plan; what main() returns. */
static inline int
tap_done(const struct tap *tap)
{
    printf("1..%u\n", tap->checks);
    return fflush(stdout) != 0 || ferror(stdout) || tap->failures > 0;
}

#endif

/*
 * caught.h -- what would end the process comes back.
 *
 * Misuse of a command line ends the process, in cli.c alone: that is compiled here
 * with another exit(), and so stands in the place of the library's.
 */
#ifndef CAUGHT_H
#define CAUGHT_H

#include <setjmp.h>

#include "fuzz.h"

static jmp_buf caught_at;
static int caught_status;

static _Noreturn void
caught_exit(int status)
{
    caught_status = status;
    longjmp(caught_at, 1);
}

#ifdef __clang_analyzer__        /* looks at cli.c by itself */
#include "service/cli.h"
#else
#define exit caught_exit
#include "service/cli.c"
#undef exit
#endif

/* Nothing that is said reaches a terminal. */
static inline void
caught_begin(void)
{
    static bool begun;

    if (begun)
        return;
    begun = true;
    stdout = fopen("/dev/null", "w");
    stderr = fopen("/dev/null", "w");
    FUZZ_REQUIRE(stdout != NULL && stderr != NULL);
}

/*
 * Do the statement; then caught_status is -1, or what it wanted to end the process
 * with.  What it changes is static or volatile.
 */
#define CAUGHT(statement) \
    do { \
        caught_status = -1; \
        if (setjmp(caught_at) == 0) \
            statement; \
    } while (0)

#endif

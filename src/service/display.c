/* display.c -- how far it is, for who watches a terminal. */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/moment.h"
#include "service/display.h"

enum { MILLISECONDS = 100 };

struct display
display_begin(void)
{
    return (struct display){ .wanted = isatty(STDERR_FILENO) };
}

void
display_erase(struct display *display)
{
    if (display->shown)
        (void)fputs("\r\033[K", stderr);
    display->shown = false;
}

void
display_show(struct display *display, const char *format, ...)
{
    va_list arguments;

    if (!display->wanted || steady_milliseconds() - display->last < MILLISECONDS)
        return;
    display_erase(display);
    va_start(arguments, format);
    (void)vfprintf(stderr, format, arguments);
    va_end(arguments);
    display->shown = true;
    display->last = steady_milliseconds();
}

/* display.c -- how far it is, for who watches a terminal. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/moment.h"
#include "service/display.h"

enum { MILLISECONDS = 100 };

struct display
display_begin(void)
{
    const char *kind = getenv("TERM");

    return (struct display){ .wanted = isatty(STDERR_FILENO) && (kind == NULL || strcmp(kind, "dumb") != 0) };
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
    char text[256];
    struct winsize size;
    va_list arguments;

    if (!display->wanted || steady_milliseconds() - display->last < MILLISECONDS)
        return;
    display_erase(display);
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* What the last column is written in may begin another line, which is not written over. */
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_col <= strlen(text))
        text[size.ws_col - 1] = '\0';
    (void)fputs(text, stderr);
    display->shown = true;
    display->last = steady_milliseconds();
}

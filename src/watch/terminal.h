/*
 * terminal.h -- a terminal that shows sheets and has keys (ncurses).
 *
 * There is one.  It is left as it was by terminal_end(), and by exit(3) wherever that is called.
 */
#ifndef TERMINAL_H
#define TERMINAL_H

#include <stdbool.h>

#include "base/fault.h"
#include "service/sheet.h"

/* Take the terminal.  STATUS_UNAVAILABLE: it cannot show a screen.  Opens what tells how it works: before confining. */
int terminal_begin(bool colours, struct fault *why);
void terminal_end(void);

size_t terminal_rows(void);
size_t terminal_columns(void);

/*
 * Show the lines from `top` on, in all rows but the last, and below them `foot`.  With `typing` the
 * cursor stands behind that.
 */
void terminal_show(const struct sheet *sheet, size_t top, const struct sheet *foot, bool typing);

enum terminal_key {
    TERMINAL_NONE,              /* no key waits */
    TERMINAL_CHARACTER,         /* UTF-8 in `text`, not a control character */
    TERMINAL_UP,
    TERMINAL_DOWN,
    TERMINAL_LEFT,
    TERMINAL_RIGHT,
    TERMINAL_PAGE_UP,
    TERMINAL_PAGE_DOWN,
    TERMINAL_HOME,
    TERMINAL_END,
    TERMINAL_ENTER,
    TERMINAL_ESCAPE,
    TERMINAL_ERASE,
    TERMINAL_OTHER,             /* also: its size is another one; Ctrl-L, which draws all of it anew */
    TERMINAL_GONE,
};

enum { TERMINAL_TEXT = 16 };

/* The next key that waits. */
enum terminal_key terminal_key(char text[TERMINAL_TEXT]);

#endif

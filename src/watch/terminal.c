/* terminal.c -- a terminal that shows sheets and has keys. */
#include <errno.h>
#include <curses.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "base/text.h"
#include "service/columns.h"
#include "watch/terminal.h"

enum { ESCAPE_MILLISECONDS = 25, CONTROL_L = 'L' & 31, ESCAPE = 27, BACKSPACE = 8, DELETE = 127 };

/* Also called by exit(3). */
void
terminal_end(void)
{
    if (stdscr != NULL && !isendwin())
        (void)endwin();
}

/* Of the looks that have one; their pairs are numbered as they are. */
static const short colours_of[SHEET_LOOKS] = {
    [SHEET_COMMAND] = COLOR_CYAN, [SHEET_EVENT] = COLOR_GREEN, [SHEET_REFUSAL] = COLOR_YELLOW,
    [SHEET_TROUBLE] = COLOR_RED,
};

static void
begin_colours(void)
{
    if (!has_colors() || start_color() != OK)
        return;
    (void)use_default_colors();
    for (int look = 0; look < SHEET_LOOKS; look++)
        if (colours_of[look] != 0)
            (void)init_pair((short)look, colours_of[look], -1);
}

/* Ctrl-S is a key as any other: what is written while it stops a terminal waits for ever, whatever signal comes. */
static void
never_stop(void)
{
    struct termios mode;

    if (tcgetattr(STDIN_FILENO, &mode) != 0)
        return;
    mode.c_iflag &= ~(tcflag_t)IXON;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &mode);
    (void)def_prog_mode();
}

int
terminal_begin(bool colours, struct fault *why)
{
    const char *cannot = "the terminal is unknown, or cannot show a screen";

    /* The terminal's own size counts, and that changes. */
    (void)unsetenv("LINES");
    (void)unsetenv("COLUMNS");
    (void)set_escdelay(ESCAPE_MILLISECONDS);
    if (atexit(terminal_end) != 0 || newterm(NULL, stdout, stdin) == NULL)
        return fault_set(why, STATUS_UNAVAILABLE, "%s", cannot);
    (void)cbreak();
    (void)noecho();
    (void)keypad(stdscr, TRUE);
    (void)nodelay(stdscr, TRUE);
    never_stop();
    if (colours)
        begin_colours();
    if (tigetstr("cup") == NULL || tigetstr("cup") == (char *)-1) {
        terminal_end();
        return fault_set(why, STATUS_UNAVAILABLE, "%s", cannot);
    }
    return 0;
}

size_t
terminal_rows(void)
{
    return LINES > 0 ? (size_t)LINES : 1;
}

size_t
terminal_columns(void)
{
    return COLS > 0 ? (size_t)COLS : 1;
}

/* -- showing ---------------------------------------------------------------------- */

static attr_t
attributes_of(enum sheet_look look)
{
    attr_t attributes = A_NORMAL;

    if (look == SHEET_TITLE || look == SHEET_TROUBLE || look == SHEET_REFUSAL)
        attributes |= A_BOLD;
    if (look == SHEET_HEADING)
        attributes |= A_UNDERLINE;
    if (look == SHEET_FAINT)
        attributes |= A_DIM;
    return attributes;
}

/* What takes no column is left out if it could change how what is beside it looks; marks belong to a letter. */
static void
add_character(const char *at, size_t length)
{
    if (columns_of(at, length) == 0 && !columns_mark(at, length))
        return;
    if (columns_known(at, length))
        (void)addnstr(at, (int)length);
    else
        (void)addch('?');
}

static void
add_run(const struct sheet *sheet, const struct sheet_run *run, size_t row, bool chosen)
{
    const char *at = sheet->text.at + run->at, *end = at + run->length;
    const short pair = COLORS > 0 && colours_of[run->look] != 0 ? (short)run->look : 0;

    (void)attr_set(attributes_of(run->look) | (chosen ? A_REVERSE : 0), pair, NULL);
    (void)move((int)row, (int)run->column);
    while (at < end) {
        size_t length = text_character(at, end);

        length = length > 0 ? length : 1;
        add_character(at, length);
        at += length;
    }
}

static void
add_lines(const struct sheet *sheet, size_t top, size_t rows, size_t row)
{
    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_run *run = &sheet->runs[i];

        if (run->line >= top && run->line - top < rows)
            add_run(sheet, run, row + run->line - top, run->line == sheet->chosen);
    }
}

void
terminal_show(const struct sheet *sheet, size_t top, const struct sheet *foot, bool typing)
{
    const size_t last = terminal_rows() - 1;

    (void)erase();
    if (last > 0)
        add_lines(sheet, top, last, 0);
    add_lines(foot, 0, 1, last);
    (void)attr_set(A_NORMAL, 0, NULL);
    (void)curs_set(typing);
    (void)move((int)last, typing && foot->taken < terminal_columns() ? (int)foot->taken : 0);
    (void)refresh();
}

/* -- keys ------------------------------------------------------------------------- */

static enum terminal_key
function_key(wint_t key)
{
    switch (key) {
    case KEY_UP: return TERMINAL_UP;
    case KEY_DOWN: return TERMINAL_DOWN;
    case KEY_LEFT: return TERMINAL_LEFT;
    case KEY_RIGHT: return TERMINAL_RIGHT;
    case KEY_PPAGE: return TERMINAL_PAGE_UP;
    case KEY_NPAGE: return TERMINAL_PAGE_DOWN;
    case KEY_HOME: return TERMINAL_HOME;
    case KEY_END: return TERMINAL_END;
    case KEY_ENTER: return TERMINAL_ENTER;
    case KEY_BACKSPACE: return TERMINAL_ERASE;
    default: return TERMINAL_OTHER;
    }
}

static enum terminal_key
character(wint_t key, char text[TERMINAL_TEXT])
{
    mbstate_t state = { 0 };
    char bytes[MB_LEN_MAX];
    size_t length;

    switch (key) {
    case '\n':
    case '\r': return TERMINAL_ENTER;
    case ESCAPE: return TERMINAL_ESCAPE;
    case BACKSPACE:
    case DELETE: return TERMINAL_ERASE;
    case CONTROL_L:
        (void)clearok(stdscr, TRUE);
        return TERMINAL_OTHER;
    default: break;
    }
    length = wcrtomb(bytes, (wchar_t)key, &state);
    if (length == 0 || length >= TERMINAL_TEXT || text_character(bytes, bytes + length) != length || text_control(bytes))
        return TERMINAL_OTHER;
    memcpy(text, bytes, length);
    text[length] = '\0';
    return TERMINAL_CHARACTER;
}

/* Nothing will ever come any more. */
static bool
is_gone(void)
{
    struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };

    return poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

enum terminal_key
terminal_key(char text[TERMINAL_TEXT])
{
    wint_t key;

    switch (get_wch(&key)) {
    case KEY_CODE_YES: return function_key(key);
    case OK: return character(key, text);
    default: return is_gone() ? TERMINAL_GONE : TERMINAL_NONE;
    }
}

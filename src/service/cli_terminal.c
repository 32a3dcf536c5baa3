/* cli_terminal.c -- what the environment and the terminal say of how to print for people. */
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"
#include "service/cli.h"

enum { WIDTH = 80, WIDTH_MAX = 2000 };

size_t
cli_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    uint64_t width;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
    if (columns != NULL && text_number((struct slice){ columns, strlen(columns) }, 1, WIDTH_MAX, &width))
        return (size_t)width;
    return WIDTH;
}

bool
cli_colours(void)
{
    const char *none = getenv("NO_COLOR");

    return none == NULL || none[0] == '\0';
}

/* columns.c -- text in columns of a terminal. */
#include <langinfo.h>
#include <wchar.h>

#include "base/text.h"
#include "service/columns.h"

static const char *const blocks[COLUMNS_LEVELS] = { "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█" };
static const char *const plain[COLUMNS_LEVELS] = { "_", ".", "-", ":", "=", "+", "*", "#" };

bool
columns_wide(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

/* Columns of the character, which is read to *character, or -1. */
static int
width_of(const char *at, size_t length, wchar_t *character)
{
    mbstate_t state = { 0 };

    return mbrtowc(character, at, length, &state) > length ? -1 : wcwidth(*character);
}

size_t
columns_of(const char *at, size_t length)
{
    wchar_t character;
    const int width = columns_wide() ? width_of(at, length, &character) : 1;

    return width >= 0 ? (size_t)width : 1;
}

bool
columns_mark(const char *at, size_t length)
{
    /* Unicode's format characters (category Cf) of no width, its separators of lines, and the plane of tags. */
    static const struct {
        wchar_t first, last;
    } orders[] = {
        { 0xAD, 0xAD }, { 0x600, 0x605 }, { 0x61C, 0x61C }, { 0x6DD, 0x6DD }, { 0x70F, 0x70F }, { 0x180E, 0x180E },
        { 0x200B, 0x200F }, { 0x2028, 0x202E }, { 0x2060, 0x206F }, { 0xFEFF, 0xFEFF }, { 0xFFF9, 0xFFFB },
        { 0x1BCA0, 0x1BCA3 }, { 0x1D173, 0x1D17A }, { 0xE0000, 0xE0FFF },
    };
    wchar_t character;

    if (width_of(at, length, &character) != 0)
        return false;
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++)
        if (character >= orders[i].first && character <= orders[i].last)
            return false;
    return true;
}

bool
columns_known(const char *at, size_t length)
{
    wchar_t character;

    return width_of(at, length, &character) >= 0;
}

size_t
columns_fit(struct slice text, size_t columns, size_t *taken)
{
    const char *at = text.at, *end = at + text.length;

    *taken = 0;
    while (at < end) {
        size_t length = text_character(at, end), width;

        length = length > 0 ? length : 1;
        width = columns_of(at, length);
        if (*taken + width > columns)
            break;
        *taken += width;
        at += length;
    }
    return (size_t)(at - text.at);
}

size_t
columns_width(struct slice text)
{
    size_t taken;

    (void)columns_fit(text, SIZE_MAX, &taken);
    return taken;
}

void
columns_spaces(struct buffer *out, size_t count)
{
    while (count-- > 0)
        buffer_add(out, " ", 1);
}

void
columns_put(struct buffer *out, struct slice text, size_t columns)
{
    size_t taken, length = columns_fit(text, columns, &taken);

    if (length < text.length) {
        length = columns_fit(text, columns - 1, &taken);
        buffer_add(out, text.at, length);
        buffer_text(out, columns_wide() ? "…" : "~");
        taken++;
    } else {
        buffer_slice(out, text);
    }
    columns_spaces(out, columns - taken);
}

const char *
columns_level(unsigned level)
{
    return columns_wide() ? blocks[level] : plain[level];
}

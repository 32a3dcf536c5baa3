/*
 * sheet.h -- lines of text with looks, as they are to be shown: as plain text, or on a screen.
 *
 * Whatever is put is made harmless for a terminal, and cut off where the line ends.
 */
#ifndef SHEET_H
#define SHEET_H

#include "base/bytes.h"

enum { SHEET_GAP = 2 };         /* columns between two cells */

enum sheet_look {
    SHEET_PLAIN,
    SHEET_TITLE,
    SHEET_HEADING,
    SHEET_COMMAND,
    SHEET_EVENT,
    SHEET_REFUSAL,
    SHEET_FAINT,
    SHEET_TROUBLE,
    SHEET_LOOKS,
};

/* Text of one look, within a line. */
struct sheet_run {
    enum sheet_look look;
    size_t line;                /* from 0 */
    size_t at, length;          /* bytes of the sheet's text */
    size_t column;              /* where it begins */
};

#define SHEET_NO_LINE SIZE_MAX

/* { .columns = width } at first, a line may have so many; sheet_free(). */
struct sheet {
    size_t columns;
    size_t lines;               /* that were ended */
    size_t chosen;              /* of the line that is marked; or SHEET_NO_LINE */
    struct buffer text;
    struct sheet_run *runs;
    size_t count, room;
    size_t taken;               /* columns of the line that is being filled */
};

/* Empty it, for lines of this width. */
void sheet_clear(struct sheet *sheet, size_t columns);

/* Text as it is, but so many columns at its beginning: for who looks at lines that are too wide. */
void sheet_put_from(struct sheet *sheet, enum sheet_look look, struct slice text, size_t columns);

/* Text as it is; in exactly `width` columns, on the left or on the right of them; a number on the right. */
void sheet_put(struct sheet *sheet, enum sheet_look look, struct slice text);
void sheet_text(struct sheet *sheet, enum sheet_look look, const char *text);
void sheet_left(struct sheet *sheet, enum sheet_look look, const char *text, size_t width);
void sheet_right(struct sheet *sheet, enum sheet_look look, const char *text, size_t width);
void sheet_number(struct sheet *sheet, enum sheet_look look, uint64_t number, size_t width);

void sheet_gap(struct sheet *sheet);

/* Columns that are left in the line. */
size_t sheet_room(const struct sheet *sheet);

void sheet_end_line(struct sheet *sheet);

/* All lines, without spaces at their ends. */
void sheet_print(const struct sheet *sheet, struct buffer *out);

void sheet_free(struct sheet *sheet);

#endif

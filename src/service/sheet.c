/* sheet.c -- lines of text with looks. */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "service/columns.h"
#include "service/sheet.h"

void
sheet_clear(struct sheet *sheet, size_t columns)
{
    sheet->columns = columns;
    sheet->lines = sheet->count = sheet->taken = 0;
    sheet->chosen = SHEET_NO_LINE;
    sheet->text.length = 0;
}

static void
add_run(struct sheet *sheet, enum sheet_look look, struct slice text)
{
    size_t taken, length = columns_fit(text, sheet_room(sheet), &taken);

    if (length == 0)
        return;
    sheet->runs = memory_room(sheet->runs, sheet->count, &sheet->room, sizeof *sheet->runs);
    sheet->runs[sheet->count++] = (struct sheet_run){
        .look = look, .line = sheet->lines, .at = sheet->text.length, .length = length, .column = sheet->taken,
    };
    buffer_add(&sheet->text, text.at, length);
    sheet->taken += taken;
}

void
sheet_put(struct sheet *sheet, enum sheet_look look, struct slice text)
{
    struct buffer plain = { 0 };

    buffer_plain(&plain, text, false);
    add_run(sheet, look, (struct slice){ plain.at, plain.length });
    buffer_free(&plain);
}

void
sheet_put_from(struct sheet *sheet, enum sheet_look look, struct slice text, size_t columns)
{
    struct buffer plain = { 0 };
    size_t taken, left_out;

    buffer_plain(&plain, text, false);
    left_out = columns_fit((struct slice){ plain.at, plain.length }, columns, &taken);
    if (left_out < plain.length)
        add_run(sheet, look, (struct slice){ plain.at + left_out, plain.length - left_out });
    buffer_free(&plain);
}

void
sheet_text(struct sheet *sheet, enum sheet_look look, const char *text)
{
    sheet_put(sheet, look, (struct slice){ text, strlen(text) });
}

void
sheet_left(struct sheet *sheet, enum sheet_look look, const char *text, size_t width)
{
    struct buffer plain = { 0 }, cell = { 0 };

    if (width > 0) {
        buffer_plain(&plain, (struct slice){ text, strlen(text) }, false);
        columns_put(&cell, (struct slice){ plain.at, plain.length }, width);
        add_run(sheet, look, (struct slice){ cell.at, cell.length });
    }
    buffer_free(&plain);
    buffer_free(&cell);
}

void
sheet_right(struct sheet *sheet, enum sheet_look look, const char *text, size_t width)
{
    const size_t length = strlen(text);
    struct buffer spaces = { 0 };

    if (length >= width) {
        sheet_left(sheet, look, text, width);
        return;
    }
    columns_spaces(&spaces, width - length);
    add_run(sheet, SHEET_PLAIN, (struct slice){ spaces.at, spaces.length });
    sheet_text(sheet, look, text);
    buffer_free(&spaces);
}

void
sheet_number(struct sheet *sheet, enum sheet_look look, uint64_t number, size_t width)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    sheet_right(sheet, look, text, width);
}

void
sheet_gap(struct sheet *sheet)
{
    sheet_left(sheet, SHEET_PLAIN, "", SHEET_GAP);
}

size_t
sheet_room(const struct sheet *sheet)
{
    return sheet->columns - sheet->taken;
}

void
sheet_end_line(struct sheet *sheet)
{
    sheet->lines++;
    sheet->taken = 0;
}

static void
end_line(struct buffer *out, size_t start)
{
    while (out->length > start && out->at[out->length - 1] == ' ')
        out->length--;
    buffer_text(out, "\n");
}

void
sheet_print(const struct sheet *sheet, struct buffer *out)
{
    size_t start = out->length, run = 0;

    for (size_t line = 0; line < sheet->lines; line++) {
        for (; run < sheet->count && sheet->runs[run].line == line; run++)
            buffer_add(out, sheet->text.at + sheet->runs[run].at, sheet->runs[run].length);
        end_line(out, start);
        start = out->length;
    }
}

void
sheet_free(struct sheet *sheet)
{
    buffer_free(&sheet->text);
    free(sheet->runs);
    *sheet = (struct sheet){ 0 };
}

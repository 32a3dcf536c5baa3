/* table.c -- rows of cells, for people. */
#include "service/columns.h"
#include "service/table.h"

void
table_text(struct table *table, const char *text)
{
    buffer_add(&table->cells, text, strlen(text) + 1);
}

void
table_number(struct table *table, uint64_t number)
{
    buffer_number(&table->cells, number);
    buffer_add(&table->cells, "", 1);
}

static void
measure(const struct table *table, size_t *widths)
{
    const char *cell = table->cells.at, *end = cell + table->cells.length;
    const size_t columns = strlen(table->columns);

    for (size_t column = 0; cell < end; column = (column + 1) % columns) {
        const struct slice text = { cell, strlen(cell) };
        const size_t width = columns_width(text);

        if (width > widths[column])
            widths[column] = width;
        cell += text.length + 1;
    }
}

void
table_write(const struct table *table, struct buffer *out)
{
    size_t widths[TABLE_COLUMNS_MAX] = { 0 };
    const char *cell = table->cells.at, *end = cell + table->cells.length;
    const size_t columns = strlen(table->columns);

    measure(table, widths);
    while (cell < end) {
        for (size_t column = 0; column < columns; column++) {
            const struct slice text = { cell, strlen(cell) };
            const size_t spaces = widths[column] - columns_width(text);

            if (column > 0)
                columns_spaces(out, 2);
            if (table->columns[column] == 'r')
                columns_spaces(out, spaces);
            buffer_slice(out, text);
            if (table->columns[column] == 'l')
                columns_spaces(out, spaces);
            cell += text.length + 1;
        }
        while (out->at[out->length - 1] == ' ')
            out->length--;
        buffer_add(out, "\n", 1);
    }
}

void
table_free(struct table *table)
{
    buffer_free(&table->cells);
}

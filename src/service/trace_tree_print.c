/* trace_tree_print.c -- a request as a tree of causes, a line each. */
#include <stdlib.h>

#include "service/table.h"
#include "service/trace_print.h"

enum { PLACES_SHOWN = 3 };

/* A cell's text is made in a buffer, which is emptied. */
static void
add_cell(struct table *table, struct buffer *cell)
{
    buffer_add(cell, "", 1);
    table_text(table, cell->at);
    cell->length = 0;
}

static void
add_plain(struct table *table, struct buffer *cell, struct slice text)
{
    buffer_plain(cell, text, false);
    add_cell(table, cell);
}

/* For each cause above whether more of it is to come, and what hangs on it. */
static void
add_name(struct buffer *cell, const struct tree_line *line, const bool *more, struct slice type)
{
    for (unsigned i = 1; i < line->depth; i++)
        buffer_text(cell, more[i] ? "|  " : "   ");
    if (line->depth > 0)
        buffer_text(cell, line->last ? "`- " : "|- ");
    buffer_plain(cell, type, false);
}

static void
add_places(struct buffer *cell, const struct step *step)
{
    if (step->missing)
        buffer_text(cell, "(gone through a pipe)");
    for (size_t i = 0; i < step->place_count && i < PLACES_SHOWN; i++) {
        buffer_text(cell, i > 0 ? " " : "");
        buffer_slice(cell, step->places[i].text);
    }
    if (step->place_count > PLACES_SHOWN) {
        buffer_text(cell, " and ");
        buffer_number(cell, step->place_count - PLACES_SHOWN);
        buffer_text(cell, " more");
    }
    if (step->reason.length > 0) {
        buffer_text(cell, step->redriven ? " (redriven): " : ": ");
        buffer_plain(cell, step->reason, true);
    }
}

static void
add_row(struct table *table, const struct trace *trace, const struct tree_line *line, const bool *more)
{
    const struct step *step = &trace->steps[line->step];
    struct buffer cell = { 0 };
    int64_t delay;

    add_plain(table, &cell, step->time);
    if (trace_delay(trace, step, &delay)) {
        buffer_text(&cell, delay < 0 ? "" : "+");
        trace_add_delay(&cell, delay);
    }
    add_cell(table, &cell);
    add_name(&cell, line, more, step->type);
    add_cell(table, &cell);
    add_plain(table, &cell, trace_source(step));
    add_places(&cell, step);
    add_cell(table, &cell);
    buffer_free(&cell);
}

void
trace_print_tree(struct buffer *out, const struct trace *trace)
{
    struct table table = { .columns = "lrlll" };
    bool *more = memory_zeroed(trace->count + 1, sizeof *more);

    buffer_slice(out, trace->request);
    buffer_text(out, "\n");
    for (size_t i = 0; i < trace->count; i++) {
        const struct tree_line *line = &trace->tree[i];

        more[line->depth] = !line->last;
        add_row(&table, trace, line, more);
    }
    table_write(&table, out);
    trace_add_outcomes(out, trace);
    table_free(&table);
    free(more);
}

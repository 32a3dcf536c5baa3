/*
 * trace_sequence.c -- a request as a sequence diagram: a column a service, an arrow a message.
 *
 * What is appended or stored is a * in its service's column, what was put aside an x; a message
 * that went through a pipe is an arrow of dots.
 */
#include "service/columns.h"
#include "service/trace_print.h"

enum { WIDTH = 80, FIRST = 3, APART = 13, COLUMNS = 6 };

static const char *const services[COLUMNS] = { "evbuy", "evtask", "evcheck", "evorder", "evfail", "evcreate" };

/* A line of the diagram; every character of it is one byte. */
struct row {
    char text[WIDTH];
};

static size_t
place_of(size_t column)
{
    return FIRST + column * APART;
}

static struct row
new_row(void)
{
    struct row row;

    memset(row.text, ' ', WIDTH);
    for (size_t i = 0; i < COLUMNS; i++)
        row.text[place_of(i)] = '|';
    return row;
}

static void
add_row(struct buffer *out, const struct row *row)
{
    size_t length = WIDTH;

    while (length > 0 && row->text[length - 1] == ' ')
        length--;
    buffer_add(out, row->text, length);
    buffer_text(out, "\n");
}

static void
put(struct row *row, size_t at, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        row->text[at + i] = (unsigned char)text[i] < 0x80 ? text[i] : '?';
}

/* Text on the right of a place, or where there is no room on the left of it; what is too long is cut off. */
static void
put_beside(struct row *row, size_t place, const struct buffer *text)
{
    const size_t right = WIDTH - place - 2, left = place - 1;
    const bool fits = text->length <= right || right >= left;
    const size_t room = fits ? right : left, length = text->length < room ? text->length : room;

    put(row, fits ? place + 2 : place - 1 - length, text->at, length);
}

/* -- who sends what to whom -------------------------------------------------------------- */

/* The column of a service; COLUMNS if it has none. */
static size_t
column_named(struct slice name)
{
    size_t i = 0;

    while (i < COLUMNS && !slice_equal(name, (struct slice){ services[i], strlen(services[i]) }))
        i++;
    return i;
}

static const char *
maker_of(enum message_type type)
{
    switch (type) {
    case STOCKCHECK_REQUESTED: return "evtask";
    case STOCK_AVAILABLE: case STOCK_UNAVAILABLE: return "evcheck";
    case ORDER_REQUESTED: case STOCK_SOLD: return "evorder";
    case ORDER_FAILED: case PURCHASE_REFUSED: return "evfail";
    case ORDER_CREATED: return "evcreate";
    default: return "evbuy";
    }
}

/* The column of who reads it: the caller that of the last. */
static size_t
reader_of(enum message_type type)
{
    switch (type) {
    case PURCHASE_REQUESTED: return 1;
    case STOCKCHECK_REQUESTED: return 2;
    case STOCK_AVAILABLE: return 3;
    case STOCK_UNAVAILABLE: return 4;
    case ORDER_REQUESTED: return 5;
    default: return 0;
    }
}

static size_t
column_of(const struct step *step)
{
    const char *maker = maker_of(step->message.type);
    size_t column = column_named(trace_source(step));

    return column < COLUMNS ? column : column_named((struct slice){ maker, strlen(maker) });
}

/* -- drawing -------------------------------------------------------------------------------- */

static void
add_label(struct buffer *label, const struct trace *trace, const struct step *step)
{
    const struct slice source = trace_source(step);
    int64_t delay;

    if (step->source.length > 0 && column_named(source) == COLUMNS) {
        buffer_plain(label, source, false);
        buffer_text(label, " ");
    }
    buffer_plain(label, step->type, false);
    if (!trace_delay(trace, step, &delay))
        return;
    buffer_text(label, delay < 0 ? " " : " +");
    trace_add_delay(label, delay);
}

static void
draw_mark(struct buffer *out, const struct trace *trace, const struct step *step, char mark)
{
    struct row row = new_row();
    struct buffer label = { 0 };

    add_label(&label, trace, step);
    for (size_t i = 0; i < step->place_count && step->kind != STEP_RESULT; i++) {
        if (step->places[i].topic.length > 0 && step->recorded)
            continue;
        buffer_text(&label, " ");
        buffer_slice(&label, step->places[i].text);
        break;
    }
    row.text[place_of(column_of(step))] = mark;
    put_beside(&row, place_of(column_of(step)), &label);
    add_row(out, &row);
    buffer_free(&label);
}

static void
draw_arrow(struct buffer *out, const struct trace *trace, const struct step *step)
{
    const size_t from = place_of(column_of(step)), to = place_of(reader_of(step->message.type));
    struct row label = new_row(), arrow = new_row();
    struct buffer text = { 0 };

    add_label(&text, trace, step);
    put_beside(&label, from < to ? from : to, &text);
    add_row(out, &label);
    for (size_t i = (from < to ? from : to) + 1; i < (from < to ? to : from); i++)
        arrow.text[i] = step->missing ? '.' : '-';
    if (from != to)
        arrow.text[from < to ? to - 1 : to + 1] = from < to ? '>' : '<';
    add_row(out, &arrow);
    buffer_free(&text);
}

static void
draw(struct buffer *out, const struct trace *trace, const struct step *step)
{
    bool sent = step->kind == STEP_MESSAGE && (step->missing || !step->recorded);

    if (step->kind == STEP_LETTER || step->kind == STEP_OTHER)
        draw_mark(out, trace, step, step->kind == STEP_LETTER ? 'x' : '?');
    else if (step->kind == STEP_RESULT || step->recorded)
        draw_mark(out, trace, step, '*');
    for (size_t i = 0; i < step->place_count; i++)
        sent = sent || (step->kind == STEP_MESSAGE && step->places[i].topic.length > 0);
    if (sent)
        draw_arrow(out, trace, step);
}

static void
draw_heading(struct buffer *out)
{
    struct row row;

    memset(row.text, ' ', WIDTH);
    for (size_t i = 0; i < COLUMNS; i++) {
        size_t length = strlen(services[i]);

        memcpy(row.text + place_of(i) - length / 2, services[i], length);
    }
    add_row(out, &row);
}

/* Break lines at spaces where they are too wide, or anywhere if they have none. */
static void
add_wrapped(struct buffer *out, const struct buffer *text)
{
    const char *end = text->at + text->length;
    size_t columns = 0, space = 0, behind = 0;

    for (const char *at = text->at; at < end;) {
        const size_t whole = text_character(at, end), length = whole > 0 ? whole : 1;
        const size_t wide = columns_of(at, length);

        if (columns + wide > WIDTH && *at != '\n') {
            if (space > 0) {
                out->at[space] = '\n';
                columns -= behind;
            } else {
                buffer_text(out, "\n");
                columns = 0;
            }
            space = 0;
        }
        buffer_add(out, at, length);
        columns = *at == '\n' ? 0 : columns + wide;
        if (*at == ' ') {
            space = out->length - 1;
            behind = columns;
        } else if (*at == '\n') {
            space = 0;
        }
        at += length;
    }
}

void
trace_print_sequence(struct buffer *out, const struct trace *trace)
{
    struct buffer outcomes = { 0 };

    buffer_slice(out, trace->request);
    buffer_text(out, "\n");
    draw_heading(out);
    for (size_t i = 0; i < trace->count; i++)
        draw(out, trace, &trace->steps[trace->tree[i].step]);
    trace_add_outcomes(&outcomes, trace);
    add_wrapped(out, &outcomes);
    buffer_free(&outcomes);
}

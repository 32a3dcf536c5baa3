/* trace_dot.c -- a request as a directed graph in the language of graphviz. */
#include "service/trace_print.h"

/* What may stand in a label's quotes, where a backslash escapes. */
static void
add_label(struct buffer *out, struct slice text, bool escaped)
{
    struct buffer plain = { 0 };

    buffer_plain(&plain, text, escaped);
    for (size_t i = 0; i < plain.length; i++) {
        if (plain.at[i] == '"' || plain.at[i] == '\\')
            buffer_text(out, "\\");
        buffer_add(out, plain.at + i, 1);
    }
    buffer_free(&plain);
}

static void
add_node_name(struct buffer *out, size_t number, size_t step)
{
    buffer_text(out, "n");
    buffer_number(out, number);
    buffer_text(out, "_");
    buffer_number(out, step);
}

static void
add_line(struct buffer *out, struct slice text, bool escaped)
{
    if (text.length == 0)
        return;
    buffer_text(out, "\\n");
    add_label(out, text, escaped);
}

static void
add_node(struct buffer *out, const struct step *step, size_t number, size_t at)
{
    buffer_text(out, "        ");
    add_node_name(out, number, at);
    buffer_text(out, " [label=\"");
    add_label(out, step->type, false);
    add_line(out, trace_source(step), false);
    add_line(out, step->time, false);
    for (size_t i = 0; i < step->place_count; i++)
        add_line(out, step->places[i].text, false);
    if (step->missing)
        buffer_text(out, "\\ngone through a pipe");
    add_line(out, step->reason, true);
    buffer_text(out, "\"");
    if (step->missing)
        buffer_text(out, ", style=dashed");
    else if (step->kind == STEP_LETTER || step->kind == STEP_OTHER)
        buffer_text(out, ", shape=note");
    else if (step->recorded || step->kind == STEP_RESULT)
        buffer_text(out, ", style=bold");
    buffer_text(out, "];\n");
}

static void
add_edge(struct buffer *out, const struct trace *trace, size_t number, size_t at)
{
    int64_t delay;

    buffer_text(out, "        ");
    add_node_name(out, number, trace->steps[at].parent);
    buffer_text(out, " -> ");
    add_node_name(out, number, at);
    if (trace_delay(trace, &trace->steps[at], &delay)) {
        buffer_text(out, " [label=\"");
        trace_add_delay(out, delay);
        buffer_text(out, "\"]");
    }
    buffer_text(out, ";\n");
}

void
trace_print_dot(struct buffer *out, const struct trace *trace, size_t number)
{
    struct buffer outcomes = { 0 };

    buffer_text(out, "    subgraph cluster_");
    buffer_number(out, number);
    buffer_text(out, " {\n        label=\"");
    buffer_slice(out, trace->request);
    trace_add_outcomes(&outcomes, trace);
    for (size_t at = 0, end; at < outcomes.length; at = end + 1) {
        end = (size_t)((char *)memchr(outcomes.at + at, '\n', outcomes.length - at) - outcomes.at);
        add_line(out, (struct slice){ outcomes.at + at, end - at }, false);
    }
    buffer_text(out, "\";\n");
    for (size_t i = 0; i < trace->count; i++)
        add_node(out, &trace->steps[trace->tree[i].step], number, trace->tree[i].step);
    for (size_t i = 0; i < trace->count; i++)
        if (trace->steps[trace->tree[i].step].parent != NO_STEP)
            add_edge(out, trace, number, trace->tree[i].step);
    buffer_text(out, "    }\n");
    buffer_free(&outcomes);
}

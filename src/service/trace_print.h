/*
 * trace_print.h -- what a store knows of a request, for people and for programs.
 *
 * Each appends to *out.  What is not ours is made harmless: for people by buffer_plain(), in
 * JSON and DOT by their escapes.
 */
#ifndef TRACE_PRINT_H
#define TRACE_PRINT_H

#include "service/trace.h"

/* A line a step, as a tree; then how it stands. */
void trace_print_tree(struct buffer *out, const struct trace *trace);

/* Columns for services, arrows for messages, at most 80 wide; then how it stands. */
void trace_print_sequence(struct buffer *out, const struct trace *trace);

/* In words why each purchase was decided so.  trace_explain() was called. */
void trace_print_why(struct buffer *out, const struct trace *trace);

/* An object on a line.  trace_explain() was called. */
void trace_print_json(struct buffer *out, const struct trace *trace);

/* The nodes and edges of a digraph, in a cluster of their own; `number` tells it from others. */
void trace_print_dot(struct buffer *out, const struct trace *trace, size_t number);

/* -- shared ------------------------------------------------------------------------ */

/* "6 of 85123A" */
void trace_add_wish(struct buffer *out, const struct purchase *purchase);

/* "created: 6 of 85123A, order ...", without a newline. */
void trace_add_outcome(struct buffer *out, const struct trace *trace, const struct purchase *purchase);

/* A line for each purchase; or one that tells of none. */
void trace_add_outcomes(struct buffer *out, const struct trace *trace);

/* "2.000 ms", with a minus if it is negative. */
void trace_add_delay(struct buffer *out, int64_t microseconds);

/* The command of a source that is ours, or all of another. */
struct slice trace_source(const struct step *step);

#endif

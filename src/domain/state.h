/*
 * state.h -- a product's state as evreplay prints it.
 */
#ifndef STATE_H
#define STATE_H

#include "base/bytes.h"
#include "domain/product.h"

/* Append the line with its newline; time is that of the last event, as text. */
void state_write(struct buffer *out, struct slice product, const struct product *state, const char *time);

/* The same as CSV (RFC 4180), with CR and LF. */
void state_write_csv_heading(struct buffer *out);
void state_write_csv(struct buffer *out, struct slice product, const struct product *state, const char *time);

/* The heading of the table, and a row of it; the product is filled up with spaces to so many bytes. */
void state_write_heading(struct buffer *out, size_t width);
void state_write_row(struct buffer *out, struct slice product, const struct product *state, const char *time,
                     size_t width);

#endif

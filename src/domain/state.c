/* state.c -- a product's state as evreplay prints it. */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "domain/state.h"

static void
put_number(struct buffer *out, const char *before, uint64_t number)
{
    buffer_text(out, before);
    buffer_number(out, number);
}

void
state_write(struct buffer *out, struct slice product, const struct product *state, const char *time)
{
    buffer_text(out, "{\"product\":\"");
    buffer_escaped(out, product);
    put_number(out, "\",\"sequence\":", state->sequence);
    buffer_text(out, ",\"available\":");
    buffer_signed(out, product_balance(state));
    put_number(out, ",\"added\":", state->added);
    put_number(out, ",\"removed\":", state->removed);
    put_number(out, ",\"sold\":", state->sold);
    put_number(out, ",\"returned\":", state->returned);
    put_number(out, ",\"refused\":", state->refused);
    buffer_text(out, ",\"time\":\"");
    buffer_text(out, time);
    buffer_text(out, "\"}\n");
}

void
state_write_csv_heading(struct buffer *out)
{
    buffer_text(out, "product,sequence,available,added,removed,sold,returned,refused,time\r\n");
}

/* RFC 4180: quoted if it has a comma or a quote, which is doubled.  A product has no line break. */
static void
put_field(struct buffer *out, struct slice text)
{
    const bool quoted = memchr(text.at, ',', text.length) != NULL || memchr(text.at, '"', text.length) != NULL;

    if (quoted)
        buffer_add(out, "\"", 1);
    for (size_t i = 0; i < text.length; i++)
        buffer_add(out, text.at[i] == '"' ? "\"\"" : text.at + i, text.at[i] == '"' ? 2 : 1);
    if (quoted)
        buffer_add(out, "\"", 1);
}

void
state_write_csv(struct buffer *out, struct slice product, const struct product *state, const char *time)
{
    put_field(out, product);
    put_number(out, ",", state->sequence);
    buffer_text(out, ",");
    buffer_signed(out, product_balance(state));
    put_number(out, ",", state->added);
    put_number(out, ",", state->removed);
    put_number(out, ",", state->sold);
    put_number(out, ",", state->returned);
    put_number(out, ",", state->refused);
    buffer_text(out, ",");
    buffer_text(out, time);
    buffer_text(out, "\r\n");
}

static void
pad(struct buffer *out, struct slice product, size_t width)
{
    buffer_slice(out, product);
    for (size_t i = product.length; i < width; i++)
        buffer_add(out, " ", 1);
}

void
state_write_heading(struct buffer *out, size_t width)
{
    char text[128];
    int length = snprintf(text, sizeof text, " %9s %10s %10s %9s %10s %9s %8s  %s\n", "sequence", "available",
                          "added", "removed", "sold", "returned", "refused", "time");

    pad(out, SLICE("product"), width);
    buffer_add(out, text, (size_t)length);
}

void
state_write_row(struct buffer *out, struct slice product, const struct product *state, const char *time,
                size_t width)
{
    char text[256];
    int length = snprintf(text, sizeof text,
                          " %9" PRIu64 " %10" PRId64 " %10" PRIu64 " %9" PRIu64 " %10" PRIu64 " %9" PRIu64
                          " %8" PRIu64 "  %s\n",
                          state->sequence, product_balance(state), state->added, state->removed, state->sold,
                          state->returned, state->refused, time);

    pad(out, product, width);
    buffer_add(out, text, (size_t)length);
}

/*
 * heads.h -- small journals to be read, and what a reader of them reports.
 */
#ifndef HEADS_H
#define HEADS_H

#include <inttypes.h>

#include "base/text.h"
#include "scratch.h"
#include "store/file/replay.h"
#include "tap.h"

enum { EVENTS = 8, REPORTS = 32 };

#define REQUEST "6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c11"

/* A journal as its lines without newlines and sums; sealed when it is written. */
struct heads {
    struct buffer line[EVENTS + 2];
    size_t count;
};

static const struct message events[EVENTS] = {
    { .type = STOCK_ADDED, .quantity = 40 },
    { .type = STOCK_SOLD, .cause = STOCK_AVAILABLE, .quantity = 6 },
    { .type = STOCK_REMOVED, .quantity = 4 },
    { .type = PURCHASE_REFUSED, .cause = STOCK_UNAVAILABLE, .quantity = 31, .available = 30, .sequence = 3,
      .code = REFUSAL_INSUFFICIENT_STOCK, .reason = SLICE_INIT("only 30 left, 31 asked") },
    { .type = STOCK_RETURNED, .quantity = 2 },
    { .type = STOCK_ADDED, .quantity = 3 },
    { .type = STOCK_SOLD, .cause = STOCK_AVAILABLE, .quantity = 5 },
    { .type = STOCK_SOLD, .cause = STOCK_AVAILABLE, .quantity = 30 },
};

/* The line of an event without its sum and newline. */
static inline void
write_head(struct buffer *out, struct message event, size_t number)
{
    static const char tail[] = ",\"sum\":\"0123456789abcdef\"}\n";
    uint64_t chain = 0;
    char time[64];

    (void)snprintf(time, sizeof time, "2026-01-31T09:30:%02zu.000000Z", number < 100 ? number / 2 : 59);
    event.number = number;
    event.request = SLICE(REQUEST);
    event.time = (struct slice){ time, MOMENT_LENGTH };
    if (event.product.length == 0)
        event.product = SLICE("85123A");
    out->length = 0;
    event_write(out, &event, "test", &chain);
    out->length -= sizeof tail - 1;
}

static inline void
heads_reset(struct heads *heads)
{
    heads->count = EVENTS;
    for (size_t i = 0; i < EVENTS; i++)
        write_head(&heads->line[i], events[i], i + 1);
}

static inline void
heads_free(struct heads *heads)
{
    for (size_t i = 0; i < COUNT(heads->line); i++)
        buffer_free(&heads->line[i]);
}

/* Put the sum behind a line, and its newline; returns the sum. */
static inline uint64_t
seal_line(struct buffer *line, uint64_t chain)
{
    chain = event_sum_of(line->at, line->length, chain);
    buffer_text(line, ",\"sum\":\"");
    buffer_hex(line, chain);
    buffer_text(line, "\"}\n");
    return chain;
}

static inline void
seal(struct heads *heads)
{
    uint64_t chain = 0;

    for (size_t i = 0; i < heads->count; i++)
        chain = seal_line(&heads->line[i], chain);
}

static inline void
write_heads(const struct heads *heads, int fd)
{
    scratch_fill(fd, SLICE(""));
    for (size_t i = 0; i < heads->count; i++)
        (void)io_write(fd, heads->line[i].at, heads->line[i].length);
}

/* The first `from` becomes `to`; they may differ in length. */
static inline bool
change(struct buffer *line, struct slice from, struct slice to)
{
    struct buffer changed = { 0 };
    const char *at = memmem(line->at, line->length, from.at, from.length);

    if (at == NULL)
        return false;
    buffer_add(&changed, line->at, (size_t)(at - line->at));
    buffer_slice(&changed, to);
    buffer_add(&changed, at + from.length, line->length - (size_t)(at - line->at) - from.length);
    buffer_free(line);
    *line = changed;
    return true;
}

/* What was reported by a replay that goes on behind damage. */
struct reports {
    uint64_t line[REPORTS];
    size_t count;
    size_t visits;
    struct fault first;
};

static inline int
note_damage(void *context, const struct replay *replay, struct fault *why)
{
    struct reports *reports = context;

    if (reports->count == 0)
        reports->first = *why;
    if (reports->count < REPORTS)
        reports->line[reports->count++] = replay->line;
    return 0;
}

static inline int
note_visit(void *context, const struct replay *replay, struct slice line, const struct message *event,
           struct fault *why)
{
    struct reports *reports = context;

    if (line.length < 1 || line.at[line.length - 1] != '}' || event->number != replay->state.sequence)
        return fault_set(why, STATUS_NO, "visited wrongly");
    reports->visits++;
    return 0;
}

static inline uint64_t
size_of(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

static inline void
show_reports(const struct reports *reports)
{
    printf("# reported in lines");
    for (size_t i = 0; i < reports->count; i++)
        printf(" %" PRIu64, reports->line[i]);
    printf(": %s\n", reports->first.text);
}

#endif

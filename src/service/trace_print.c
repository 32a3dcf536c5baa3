/* trace_print.c -- how requests stand, in words. */
#include <stdio.h>

#include "service/trace_print.h"

void
trace_add_wish(struct buffer *out, const struct purchase *purchase)
{
    buffer_number(out, purchase->quantity);
    buffer_text(out, " of ");
    buffer_plain(out, purchase->product, false);
}

void
trace_add_delay(struct buffer *out, int64_t microseconds)
{
    const uint64_t size = microseconds < 0 ? -(uint64_t)microseconds : (uint64_t)microseconds;
    char text[48];

    (void)snprintf(text, sizeof text, "%s%llu.%03u ms", microseconds < 0 ? "-" : "", (unsigned long long)(size / 1000),
                   (unsigned)(size % 1000));
    buffer_text(out, text);
}

struct slice
trace_source(const struct step *step)
{
    static const char ours[] = "/eventdemo/";
    const size_t length = sizeof ours - 1;

    if (step->source.length > length && memcmp(step->source.at, ours, length) == 0)
        return (struct slice){ step->source.at + length, step->source.length - length };
    return step->source;
}

/* -- where it is ---------------------------------------------------------------------- */

static void
add_wait(struct buffer *out, const struct waiting *waiting)
{
    buffer_text(out, waiting->wait == WAIT_PASSED ? "read from " : "waiting in ");
    buffer_slice(out, waiting->place->text);
    switch (waiting->wait) {
    case WAIT_UNREAD: buffer_text(out, ", which no group reads yet"); return;
    case WAIT_UNKNOWN: buffer_text(out, ", how far its groups are cannot be told"); return;
    case WAIT_PASSED:
        buffer_text(out, " by group ");
        buffer_slice(out, waiting->group);
        return;
    case WAIT_BEHIND: break;
    }
    buffer_text(out, ", ");
    buffer_number(out, waiting->before);
    buffer_text(out, waiting->before == 1 ? " message before it in group " : " messages before it in group ");
    buffer_slice(out, waiting->group);
}

/* Where others still have to read it; if nowhere, where it was read last. */
static void
add_waits(struct buffer *out, const struct purchase *purchase)
{
    const char *between = "";

    for (size_t i = 0; i < purchase->waiting_count; i++) {
        if (purchase->waiting[i].wait == WAIT_PASSED)
            continue;
        buffer_text(out, between);
        add_wait(out, &purchase->waiting[i]);
        between = "; ";
    }
    if (between[0] != '\0' || purchase->waiting_count == 0)
        return;
    add_wait(out, &purchase->waiting[purchase->waiting_count - 1]);
    buffer_text(out, ", and nothing is here of what came of it");
}

static void
add_unfinished(struct buffer *out, const struct trace *trace, const struct purchase *purchase)
{
    buffer_text(out, "not finished: ");
    trace_add_wish(out, purchase);
    buffer_text(out, purchase->decision != NO_STEP ? ", sold but no order yet" : "");
    if (purchase->stand == STAND_ASIDE) {
        const struct step *front = &trace->steps[purchase->front];

        buffer_text(out, ", put aside in ");
        buffer_slice(out, front->places[0].text);
        buffer_text(out, ": ");
        buffer_plain(out, front->reason, true);
    } else if (purchase->waiting_count > 0) {
        buffer_text(out, ", ");
        add_waits(out, purchase);
    } else if (purchase->decision == NO_STEP) {
        buffer_text(out, ", gone on into a pipe");
    }
}

/* -- outcomes ----------------------------------------------------------------------------- */

static void
add_created(struct buffer *out, const struct trace *trace, const struct purchase *purchase)
{
    const size_t told = purchase->order != NO_STEP ? purchase->order : purchase->result;

    buffer_text(out, "created: ");
    trace_add_wish(out, purchase);
    buffer_text(out, ", order ");
    buffer_slice(out, trace->steps[told].message.order);
}

static void
add_failed(struct buffer *out, const struct trace *trace, const struct purchase *purchase)
{
    const struct message *message = &trace->steps[purchase->refusal].message;

    buffer_text(out, "failed: ");
    trace_add_wish(out, purchase);
    buffer_text(out, ", ");
    buffer_slice(out, message_code_name(message->code));
    buffer_text(out, ": ");
    buffer_plain(out, message->reason, true);
}

static void
add_changed(struct buffer *out, const struct trace *trace, const struct purchase *purchase)
{
    buffer_slice(out, trace->steps[purchase->back].type);
    buffer_text(out, ": ");
    trace_add_wish(out, purchase);
}

void
trace_add_outcome(struct buffer *out, const struct trace *trace, const struct purchase *purchase)
{
    switch (purchase->stand) {
    case STAND_CREATED: add_created(out, trace, purchase); break;
    case STAND_FAILED: add_failed(out, trace, purchase); break;
    case STAND_CHANGED: add_changed(out, trace, purchase); return;
    case STAND_TAKEN_BACK:
        buffer_text(out, "taken back: ");
        trace_add_wish(out, purchase);
        buffer_text(out, ", because the UUID means another purchase");
        return;
    default: add_unfinished(out, trace, purchase); return;
    }
    if (purchase->result == NO_STEP)
        buffer_text(out, " (no result is stored)");
}

void
trace_add_outcomes(struct buffer *out, const struct trace *trace)
{
    for (size_t i = 0; i < trace->purchase_count; i++) {
        trace_add_outcome(out, trace, &trace->purchases[i]);
        buffer_text(out, "\n");
    }
    if (trace->purchase_count == 0)
        buffer_text(out, "not a purchase: nothing that could be read as one\n");
}

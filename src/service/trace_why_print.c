/* trace_why_print.c -- in words, why a purchase was decided as it was. */
#include "service/trace_print.h"

static void
add_pieces(struct buffer *out, uint64_t pieces)
{
    buffer_number(out, pieces);
    buffer_text(out, pieces == 1 ? " piece" : " pieces");
}

static void
add_at(struct buffer *out, uint64_t sequence)
{
    buffer_text(out, " at sequence ");
    buffer_number(out, sequence);
}

/* "4 were left" */
static void
add_count(struct buffer *out, uint64_t count, const char *what)
{
    if (count > 0)
        buffer_number(out, count);
    else
        buffer_text(out, "nothing");
    buffer_text(out, count > 1 ? " were " : " was ");
    buffer_text(out, what);
}

static void
add_taking(struct buffer *out, const struct taking *taking)
{
    buffer_text(out, "    ");
    buffer_number(out, taking->number);
    buffer_text(out, "  ");
    buffer_text(out, taking->time.text);
    buffer_text(out, "  ");
    buffer_number(out, taking->quantity);
    buffer_text(out, taking->type == STOCK_SOLD ? " sold to " : " removed by ");
    buffer_text(out, taking->request);
    buffer_text(out, "\n");
}

/* The latest, oldest first, and how many there are besides. */
static void
add_takings(struct buffer *out, const char *heading, const struct takings *taken)
{
    uint64_t shown = 0;

    if (taken->events == 0)
        return;
    buffer_text(out, "  ");
    buffer_text(out, heading);
    buffer_text(out, "\n");
    for (size_t i = 0; i < taken->count; i++)
        shown += taken->last[i].quantity;
    if (taken->events > taken->count) {
        buffer_text(out, "    ... ");
        buffer_number(out, taken->events - taken->count);
        buffer_text(out, " more, ");
        add_pieces(out, taken->pieces - shown);
        buffer_text(out, "\n");
    }
    for (size_t i = 0; i < taken->count; i++)
        add_taking(out, &taken->last[i]);
}

/* -- refused ---------------------------------------------------------------------------- */

/* What a check saw that found enough; what who refused saw; what there was when that was recorded. */
static void
add_what_was_seen(struct buffer *out, const struct trace *trace, const struct purchase *purchase)
{
    const struct grounds *grounds = purchase->grounds;
    const struct message *refusal = &trace->steps[purchase->decision].message;
    const bool later = purchase->check != NO_STEP && grounds->checked;
    const uint64_t left = product_available(&grounds->before);

    if (later) {
        buffer_text(out, "  The check saw ");
        buffer_number(out, grounds->check_available);
        add_at(out, grounds->check_sequence);
        buffer_text(out, ": enough then.\n  When it was to be sold, ");
        add_count(out, refusal->available, "left");
    } else {
        buffer_text(out, "  Who refused saw ");
        buffer_number(out, refusal->available);
    }
    add_at(out, refusal->sequence);
    buffer_text(out, ".\n  When the refusal was recorded");
    add_at(out, refusal->number);
    buffer_text(out, ", ");
    add_count(out, left, "left");
    buffer_text(out, left >= purchase->quantity ? ": too late, a refusal stays one.\n" : ".\n");
}

static void
add_refused(struct buffer *out, const struct trace *trace, const struct purchase *purchase)
{
    const struct grounds *grounds = purchase->grounds;

    if (grounds == NULL || !grounds->known) {
        buffer_text(out, "  The journal does not have the refusal, so nothing more can be told.\n");
        return;
    }
    add_what_was_seen(out, trace, purchase);
    add_takings(out, "Between the check and the refusal went:", &grounds->between);
    add_takings(out, grounds->between.events > 0 ? "Before that went:" : "The last that went before it:",
                &grounds->earlier);
}

/* -- sold --------------------------------------------------------------------------------- */

static void
add_sold(struct buffer *out, const struct trace *trace, const struct purchase *purchase)
{
    const struct grounds *grounds = purchase->grounds;
    const struct step *sale = &trace->steps[purchase->decision];
    uint64_t there;

    if (grounds == NULL || !grounds->known)
        return;
    there = product_available(&grounds->before);
    if (grounds->checked) {
        buffer_text(out, "  The check saw ");
        buffer_number(out, grounds->check_available);
        add_at(out, grounds->check_sequence);
        buffer_text(out, ".\n");
    }
    buffer_text(out, "  It was sold");
    add_at(out, sale->message.number);
    buffer_text(out, ", ");
    buffer_slice(out, sale->time);
    buffer_text(out, ": ");
    add_count(out, there, "there, ");
    add_count(out, there - purchase->quantity, "left.\n");
    add_takings(out, "Between the check and the sale went:", &grounds->between);
}

static void
add_back(struct buffer *out, const struct trace *trace, const struct purchase *purchase)
{
    const struct step *back = &trace->steps[purchase->back];

    buffer_text(out, "  It was given back");
    add_at(out, back->message.number);
    buffer_text(out, ", ");
    buffer_slice(out, back->time);
    buffer_text(out, ".\n");
    for (size_t i = 0; i < trace->purchase_count; i++) {
        const struct purchase *other = &trace->purchases[i];

        if (other->stand != STAND_CREATED && other->stand != STAND_FAILED)
            continue;
        buffer_text(out, "  The UUID means ");
        trace_add_wish(out, other);
        buffer_text(out, other->stand == STAND_CREATED ? ", which was ordered.\n" : ", which was refused.\n");
    }
}

void
trace_print_why(struct buffer *out, const struct trace *trace)
{
    buffer_slice(out, trace->request);
    buffer_text(out, "\n");
    for (size_t i = 0; i < trace->purchase_count; i++) {
        const struct purchase *purchase = &trace->purchases[i];
        const bool sold = purchase->decision != NO_STEP
            && trace->steps[purchase->decision].message.type == STOCK_SOLD;

        trace_add_outcome(out, trace, purchase);
        buffer_text(out, "\n");
        if (sold)
            add_sold(out, trace, purchase);
        else if (purchase->stand == STAND_FAILED)
            add_refused(out, trace, purchase);
        if (purchase->stand == STAND_TAKEN_BACK)
            add_back(out, trace, purchase);
    }
    if (trace->purchase_count == 0)
        trace_add_outcomes(out, trace);
}

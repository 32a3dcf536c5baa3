/*
 * trace_tree.c -- who caused whom.
 *
 * A message that only others tell of, as their cause, is a step without a place: it went
 * through a pipe.  Which message caused that one nobody tells, but the flow allows only one.
 */
#include <stdlib.h>

#include "service/trace.h"

/* The message of a type, best of this very purchase; with an empty product of any. */
static size_t
find(const struct trace *trace, enum message_type type, const struct message *like)
{
    size_t found = NO_STEP;

    for (size_t i = 0; i < trace->count; i++) {
        const struct step *step = &trace->steps[i];

        if (step->kind != STEP_MESSAGE || step->message.type != type
            || (like->product.length > 0 && !slice_equal(step->message.product, like->product)))
            continue;
        if (step->message.quantity == like->quantity)
            return i;
        found = found == NO_STEP ? i : found;
    }
    return found;
}

/* The step of the message that caused this one, added if nobody has it. */
static size_t
find_cause(struct trace_book *book, struct trace *trace, enum message_type type, const struct message *like)
{
    size_t found = find(trace, type, like);
    struct step step = { .kind = STEP_MESSAGE, .missing = true, .type = message_type_name(type) };

    if (found != NO_STEP)
        return found;
    step.message = (struct message){ .type = type, .product = like->product, .quantity = like->quantity };
    (void)trace_add(book, (size_t)(trace - book->traces), &step);
    return trace->count - 1;
}

/* What in the flow comes before a message that nobody has. */
static enum message_type
type_before(const struct trace *trace, const struct message *message)
{
    switch (message->type) {
    case STOCKCHECK_REQUESTED: return PURCHASE_REQUESTED;
    case STOCK_AVAILABLE: return STOCKCHECK_REQUESTED;
    case STOCK_UNAVAILABLE:
        return find(trace, STOCK_AVAILABLE, message) != NO_STEP ? STOCK_AVAILABLE : STOCKCHECK_REQUESTED;
    case ORDER_REQUESTED: return STOCK_AVAILABLE;
    default: return TYPE_OTHER;
    }
}

/* Join it to the nearest that is there, over all between; if none is, it is a beginning. */
static void
link_missing(struct trace_book *book, struct trace *trace, size_t at)
{
    struct message message = trace->steps[at].message;
    enum message_type before = type_before(trace, &message);
    size_t found = NO_STEP;

    while (before != TYPE_OTHER && (found = find(trace, before, &message)) == NO_STEP) {
        message.type = before;
        before = type_before(trace, &message);
    }
    if (found == NO_STEP)
        return;
    message = trace->steps[at].message;
    before = type_before(trace, &message);
    found = find_cause(book, trace, before, &message);
    trace->steps[at].parent = found;
}

/* A result rests on what decided, or else on what tells of that. */
static size_t
ground(const struct trace *trace, const struct step *result)
{
    static const enum message_type created[] = { STOCK_SOLD, ORDER_CREATED, ORDER_REQUESTED };
    static const enum message_type failed[] = { PURCHASE_REFUSED, ORDER_FAILED, STOCK_UNAVAILABLE };
    size_t found = NO_STEP;

    for (size_t i = 0; i < 3 && found == NO_STEP; i++)
        found = find(trace, (result->created ? created : failed)[i], &result->message);
    return found;
}

/* Whatever is in this place of a topic. */
static size_t
find_place(const struct trace *trace, struct slice place)
{
    for (size_t i = 0; i < trace->count && place.length > 0; i++)
        for (size_t k = 0; k < trace->steps[i].place_count; k++)
            if (slice_equal(trace->steps[i].places[k].text, place))
                return i;
    return NO_STEP;
}

/* Steps that are added on the way are linked in their turn. */
static void
link_all(struct trace_book *book, struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        const struct step step = trace->steps[i];
        size_t parent = NO_STEP;

        if (step.missing)
            continue;
        if (step.kind == STEP_RESULT)
            parent = ground(trace, &step);
        else if (step.kind == STEP_OTHER)
            parent = step.cause != TYPE_OTHER ? find(trace, step.cause, &step.message) : NO_STEP;
        else if (step.kind == STEP_LETTER && step.cause == TYPE_OTHER)
            parent = find_place(trace, step.origin);
        else if (step.cause != TYPE_OTHER)
            parent = find_cause(book, trace, step.cause, &step.message);
        trace->steps[i].parent = parent;
    }
    for (size_t i = 0; i < trace->count; i++)
        if (trace->steps[i].missing)
            link_missing(book, trace, i);
}

/* Whoever forges causes may put them in a ring: that is broken where it is met. */
static void
break_rings(struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        size_t at = trace->steps[i].parent, steps = 0;

        while (at != NO_STEP && at != i && steps++ < trace->count)
            at = trace->steps[at].parent;
        if (at == i)
            trace->steps[i].parent = NO_STEP;
    }
}

/* A message that nobody has was there before what it caused. */
static void
note_moments(struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++)
        trace->steps[i].moment = trace->steps[i].time;
    for (size_t i = 0; i < trace->count; i++) {
        const struct slice time = trace->steps[i].time;

        for (size_t at = trace->steps[i].parent; at != NO_STEP && trace->steps[at].missing; at = trace->steps[at].parent)
            if (time.length > 0
                && (trace->steps[at].moment.length == 0 || slice_compare(time, trace->steps[at].moment) < 0))
                trace->steps[at].moment = time;
    }
}

/* -- the order of the tree ---------------------------------------------------------- */

/* Does a come before b, of the same cause?  By time, what happened before what was stored of it. */
static bool
is_before(const struct trace *trace, size_t a, size_t b)
{
    const struct step *left = &trace->steps[a], *right = &trace->steps[b];
    int order = slice_compare(left->moment, right->moment);

    if (order == 0)
        order = (int)left->missing - (int)right->missing;
    if (order == 0)
        order = (int)left->kind - (int)right->kind;
    if (order == 0)
        order = (int)right->recorded - (int)left->recorded;
    return order != 0 ? order < 0 : a < b;
}

/* The next of a parent's, behind `after` in their order; NO_STEP if there is none. */
static size_t
next_child(const struct trace *trace, size_t parent, size_t after)
{
    size_t best = NO_STEP;

    for (size_t i = 0; i < trace->count; i++)
        if (trace->steps[i].parent == parent && (after == NO_STEP || is_before(trace, after, i)) && i != after
            && (best == NO_STEP || is_before(trace, i, best)))
            best = i;
    return best;
}

static void
order(struct trace *trace)
{
    size_t count = 0, parent = NO_STEP, at = next_child(trace, NO_STEP, NO_STEP);
    unsigned depth = 0;

    trace->tree = memory_zeroed(trace->count, sizeof *trace->tree);
    while (count < trace->count && at != NO_STEP) {
        size_t next;

        trace->tree[count++] = (struct tree_line){ at, depth, next_child(trace, parent, at) == NO_STEP };
        next = next_child(trace, at, NO_STEP);
        if (next != NO_STEP) {
            parent = at;
            depth++;
        }
        while (next == NO_STEP && at != NO_STEP) {
            next = next_child(trace, parent, at);
            if (next == NO_STEP) {
                at = parent;
                parent = at != NO_STEP ? trace->steps[at].parent : NO_STEP;
                depth -= at != NO_STEP;
            }
        }
        at = next;
    }
}

void
trace_link(struct trace_book *book, struct trace *trace)
{
    link_all(book, trace);
    break_rings(trace);
    note_moments(trace);
    order(trace);
}

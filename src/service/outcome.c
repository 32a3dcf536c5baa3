/* outcome.c -- what is recorded of a request in its product's journal. */
#include <stdio.h>

#include "service/outcome.h"

static enum outcome
bad(struct fault *why, const struct message *event, const char *what)
{
    struct slice name = message_type_name(event->type);

    (void)fault_set(why, STATUS_DATA, "correlationid: %s (%.*s of %llu, sequence %llu)", what, (int)name.length,
                    name.at, (unsigned long long)event->quantity, (unsigned long long)event->number);
    return OUTCOME_BAD;
}

/*
 * An order.requested is published once its sale is on disk, so it vouches for
 * that very event.  What else is found may be a line whose writer was killed
 * before its sync: also that this sale was taken back.
 */
static bool
vouched_for(const struct message *in, const struct message *event)
{
    return in->type == ORDER_REQUESTED && event->type == STOCK_SOLD && in->sequence == event->number;
}

enum outcome
outcome_find(struct desk *desk, const struct message *in, struct message *event, struct fault *why)
{
    unsigned types = TYPES_STOCK | TYPES_OUTCOME;
    bool found = false, changed = false;
    struct walk walk = { .step = 0 };
    struct message next;
    int more = 0;

    while (!changed && (more = journal_next(desk->journal, in->request, types, &walk, &next, why)) > 0) {
        changed = (TYPE_BIT(next.type) & TYPES_STOCK) != 0;
        if (changed)
            continue;
        *event = next;
        found = true;
        types = TYPES_STOCK;            /* of outcomes the first counts */
    }
    if (more == 0 && found && walk.lines > 1)   /* one was read after it */
        more = journal_find(desk->journal, in->request, TYPES_OUTCOME, event, why);
    if (more < 0)
        return why->status == STATUS_DATA ? OUTCOME_BAD : OUTCOME_STOP;
    if (changed || (found && !vouched_for(in, event)))
        journal_rest_on(desk->journal);
    if (found && event->quantity != in->quantity)
        return bad(why, event, "means another purchase");
    if (changed)
        return bad(why, &next, found ? "means another purchase, so this sale was taken back"
                                     : "means a change of stock");
    if (!found)
        return OUTCOME_NONE;
    return event->type == STOCK_SOLD ? OUTCOME_SOLD : OUTCOME_REFUSED;
}

enum handled
outcome_handled(enum outcome outcome)
{
    return outcome == OUTCOME_BAD ? HANDLED_BAD : HANDLED_STOP;
}

void
outcome_answer_sold(struct desk *desk, const struct message *in, const struct message *sale)
{
    struct message out = desk_reply(desk, in, ORDER_REQUESTED);

    out.time = sale->time;
    out.sequence = sale->number;
    desk_answer(desk, &out);
}

void
outcome_answer_refused(struct desk *desk, const struct message *in, const struct message *refusal)
{
    struct message out = desk_reply(desk, in, STOCK_UNAVAILABLE);

    out.time = refusal->time;
    out.available = refusal->available;
    out.sequence = refusal->sequence;
    out.code = refusal->code;
    out.reason = refusal->reason;
    desk_refuse(desk, &out);
}

void
outcome_refuse(struct desk *desk, const struct message *in, enum refusal code)
{
    const struct product *product = journal_state(desk->journal);
    struct message out = desk_reply(desk, in, STOCK_UNAVAILABLE);
    const char *reason = code == REFUSAL_UNKNOWN_PRODUCT ? "nothing was ever added to this product"
                                                         : "nothing is left";
    char text[80];

    journal_lean_on(desk->journal);
    out.available = product_available(product);
    out.sequence = product->sequence;
    out.code = code;
    if (code == REFUSAL_INSUFFICIENT_STOCK) {
        (void)snprintf(text, sizeof text, "only %llu left, %llu asked", (unsigned long long)out.available,
                       (unsigned long long)in->quantity);
        reason = text;
    }
    out.reason = (struct slice){ reason, strlen(reason) };
    desk_refuse(desk, &out);
}

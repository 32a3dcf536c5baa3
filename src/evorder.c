/* evorder.c -- stock.available -> stock.sold in the journal, and order.requested. */
#include "service/outcome.h"

static int
read_line(struct slice line, struct arena *arena, struct message *out, struct fault *why)
{
    return message_read(line, FORM_MESSAGE, TYPE_BIT(STOCK_AVAILABLE), arena, out, why);
}

/* The check may be stale, so decide again from the events that are there now. */
static enum handled
sell(struct desk *desk, const struct message *in, struct fault *why)
{
    enum refusal refusal = product_decide(journal_state(desk->journal), EVENT_SOLD, in->quantity);
    struct message sale = desk_reply(desk, in, STOCK_SOLD);

    if (refusal != REFUSAL_NONE) {
        outcome_refuse(desk, in, refusal);
        return HANDLED;
    }
    if (journal_append(desk->journal, &sale, why) != 0)
        return HANDLED_STOP;
    outcome_answer_sold(desk, in, &sale);
    return HANDLED;
}

static enum handled
order(struct desk *desk, const struct message *in, struct fault *why)
{
    struct message event;
    enum outcome outcome = outcome_find(desk, in, &event, why);

    switch (outcome) {
    case OUTCOME_NONE:
        return sell(desk, in, why);
    case OUTCOME_SOLD:
        outcome_answer_sold(desk, in, &event);
        return HANDLED;
    case OUTCOME_REFUSED:
        outcome_answer_refused(desk, in, &event);
        return HANDLED;
    case OUTCOME_BAD:
    case OUTCOME_STOP:
        break;
    }
    return outcome_handled(outcome);
}

static const struct service service = {
    .name = "evorder",
    .needs = NEEDS_TO_HOLD,
    .reads = STOCK_AVAILABLE,
    .read = read_line,
    .handle = order,
};

int
main(int argc, char *argv[])
{
    return service_main(&service, "Append the sale to the product's journal, if the stock is still there.",
                        STORE_APPEND, true, argc, argv);
}

/* evcheck.c -- stockcheck.requested -> stock.available or stock.unavailable. */
#include "service/outcome.h"

static int
read_line(struct slice line, struct arena *arena, struct message *out, struct fault *why)
{
    return message_read(line, FORM_MESSAGE, TYPE_BIT(STOCKCHECK_REQUESTED), arena, out, why);
}

static void
answer_available(struct desk *desk, const struct message *in)
{
    const struct product *product = journal_state(desk->journal);
    struct message out = desk_reply(desk, in, STOCK_AVAILABLE);

    out.available = product_available(product);
    out.sequence = product->sequence;
    desk_answer(desk, &out);
}

/* Answer from the events so far; who sells decides again. */
static enum handled
check(struct desk *desk, const struct message *in, struct fault *why)
{
    struct message event;
    enum outcome outcome = outcome_find(desk, in, &event, why);
    enum refusal refusal;

    switch (outcome) {
    case OUTCOME_NONE:
        refusal = product_decide(journal_state(desk->journal), EVENT_SOLD, in->quantity);
        if (refusal == REFUSAL_NONE)
            answer_available(desk, in);
        else
            outcome_refuse(desk, in, refusal);
        return HANDLED;
    case OUTCOME_SOLD:
        answer_available(desk, in);
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
    .name = "evcheck",
    .needs = NEEDS_TO_KNOW,
    .reads = STOCKCHECK_REQUESTED,
    .read = read_line,
    .handle = check,
};

int
main(int argc, char *argv[])
{
    return service_main(&service, "Replay a product's events and say whether the stock is there.", STORE_FOLLOW,
                        true, argc, argv);
}

/* evfail.c -- stock.unavailable -> purchase.refused in the journal, the result, order.failed. */
#include "service/claim.h"
#include "service/outcome.h"
#include "store/result.h"

static int
read_line(struct slice line, struct arena *arena, struct message *out, struct fault *why)
{
    return message_read(line, FORM_MESSAGE, TYPE_BIT(STOCK_UNAVAILABLE), arena, out, why);
}

static void
say_why(struct message *to, const struct message *from)
{
    to->available = from->available;
    to->sequence = from->sequence;
    to->code = from->code;
    to->reason = from->reason;
}

/* Store the failure under the UUID and publish it, as the event tells it. */
static enum handled
answer_failed(struct desk *desk, const struct message *in, const struct message *refusal,
              const struct claimed *claimed, struct fault *why)
{
    struct message out = desk_reply(desk, in, ORDER_FAILED);
    const struct result result = result_of(refusal, NULL);

    if (!claimed->stored && result_put(desk->store, &result, why) != 0)
        return why->status == STATUS_DATA ? HANDLED_BAD : HANDLED_STOP;
    out.time = refusal->time;
    say_why(&out, refusal);
    desk_answer(desk, &out);
    return HANDLED;
}

/* Only an outcome is looked for, never the stock: a refusal stays one. */
static enum handled
fail(struct desk *desk, const struct message *in, struct fault *why)
{
    struct message event;
    enum outcome outcome = outcome_find(desk, in, &event, why);
    struct claimed claimed;
    enum claim claim;

    if (outcome == OUTCOME_SOLD) {
        outcome_answer_sold(desk, in, &event);
        return HANDLED;
    }
    if (outcome == OUTCOME_BAD || outcome == OUTCOME_STOP)
        return outcome_handled(outcome);
    claim = claim_find(desk, in, false, &claimed, why);
    if (claim != CLAIM_FREE && claim != CLAIM_OURS)
        return claim_handled(claim);
    if (outcome == OUTCOME_NONE) {
        event = desk_reply(desk, in, PURCHASE_REFUSED);
        say_why(&event, in);
        if (journal_append(desk->journal, &event, why) != 0)
            return why->status == STATUS_DATA ? HANDLED_BAD : HANDLED_STOP;
    } else if (journal_find(desk->journal, in->request, TYPE_BIT(PURCHASE_REFUSED), &event, why) < 0) {
        return HANDLED_STOP;
    }
    return answer_failed(desk, in, &event, &claimed, why);
}

static const struct service service = {
    .name = "evfail",
    .needs = NEEDS_TO_BEGIN,
    .keeps_results = true,
    .reads = STOCK_UNAVAILABLE,
    .read = read_line,
    .handle = fail,
};

int
main(int argc, char *argv[])
{
    return service_main(&service, "Record the refusal of a purchase and store its failure.", STORE_APPEND, false,
                        argc, argv);
}

/* evcreate.c -- order.requested -> order.created in the orders, the result. */
#include "service/claim.h"
#include "service/outcome.h"
#include "base/text.h"
#include "store/result.h"

static int
read_line(struct slice line, struct arena *arena, struct message *out, struct fault *why)
{
    return message_read(line, FORM_MESSAGE, TYPE_BIT(ORDER_REQUESTED), arena, out, why);
}

/*
 * The UUID is another purchase's, so this sale must not stand: give the pieces
 * back, once, with the journal held.
 */
static enum handled
take_back(struct desk *desk, const struct message *in, struct fault *why)
{
    struct message event, back = desk_reply(desk, in, STOCK_RETURNED);
    struct fault lost = *why;
    enum outcome outcome;

    if (!desk->held)
        return HANDLED_ALONE;
    outcome = outcome_find(desk, in, &event, why);
    if (outcome == OUTCOME_STOP || (outcome == OUTCOME_SOLD && journal_append(desk->journal, &back, why) != 0))
        return HANDLED_STOP;
    *why = lost;
    return HANDLED_BAD;
}

/* Only a forger asks for the order of a refused purchase: the first outcome stays. */
static enum handled
refused(const struct message *refusal, struct fault *why)
{
    (void)fault_set(why, STATUS_DATA, "correlationid: this purchase was refused (sequence %llu)",
                    (unsigned long long)refusal->number);
    return HANDLED_BAD;
}

/* Make the order, and its result if that is missing, and publish it. */
static enum handled
answer_created(struct desk *desk, const struct message *in, struct slice sold_at, const struct claimed *claimed,
               struct fault *why)
{
    struct message out = desk_reply(desk, in, ORDER_CREATED);
    char order[UUID_LENGTH + 1];
    struct result result = {
        .created = true,
        .request = in->request,
        .product = in->product,
        .quantity = in->quantity,
        .order = { order, UUID_LENGTH },
        .time = sold_at,
    };

    result_order(in->request, order);
    out.order = result.order;
    if (!claimed->stored && result_put(desk->store, &result, why) != 0)
        return why->status == STATUS_DATA ? HANDLED_BAD : HANDLED_STOP;
    if (claimed->ordered)
        out.time = (struct slice){ claimed->order_time.text, MOMENT_LENGTH };
    else if (journal_append(desk->orders, &out, why) != 0)
        return HANDLED_STOP;
    desk_answer(desk, &out);
    return HANDLED;
}

static enum handled
create(struct desk *desk, const struct message *in, struct fault *why)
{
    struct slice sold_at = in->time;
    struct message event;
    struct claimed claimed;
    enum outcome outcome;
    enum claim claim = claim_find(desk, in, true, &claimed, why);

    if (claim == CLAIM_LOST)
        return take_back(desk, in, why);
    if (claim == CLAIM_BAD || claim == CLAIM_STOP)
        return claim_handled(claim);
    outcome = outcome_find(desk, in, &event, why);
    if (outcome == OUTCOME_SOLD)
        sold_at = event.time;
    else if (outcome != OUTCOME_NONE)
        return outcome == OUTCOME_REFUSED ? refused(&event, why) : outcome_handled(outcome);
    return answer_created(desk, in, sold_at, &claimed, why);
}

static const struct service service = {
    .name = "evcreate",
    .needs = NEEDS_TO_KNOW,
    .keeps_results = true,
    .reads = ORDER_REQUESTED,
    .read = read_line,
    .handle = create,
};

int
main(int argc, char *argv[])
{
    return service_main(&service, "Make the order of a sale and store its ID under the request.", STORE_APPEND,
                        false, argc, argv);
}

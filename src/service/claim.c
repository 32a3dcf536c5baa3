/* claim.c -- a UUID means one purchase: the one that first gets a result. */
#include "service/claim.h"
#include "store/result.h"

static enum claim
lost(struct fault *why, const char *what, struct slice product, uint64_t quantity)
{
    (void)fault_set(why, STATUS_DATA, "correlationid: means another purchase (%s: %llu of %.*s)", what,
                    (unsigned long long)quantity, (int)product.length, product.at);
    return CLAIM_LOST;
}

static enum claim
find_order(struct desk *desk, const struct message *in, bool created, struct claimed *claimed, struct fault *why)
{
    struct message order;
    int found = journal_find(desk->orders, in->request, TYPE_BIT(ORDER_CREATED), &order, why);

    if (found < 0)
        return CLAIM_STOP;
    if (found == 0)
        return CLAIM_FREE;
    if (!created || !slice_equal(order.product, in->product) || order.quantity != in->quantity)
        return lost(why, "ordered", order.product, order.quantity);
    claimed->ordered = true;
    memcpy(claimed->order_time.text, order.time.at, MOMENT_LENGTH);
    claimed->order_time.text[MOMENT_LENGTH] = '\0';
    journal_rest_on(desk->orders);
    return CLAIM_OURS;
}

/* A stored result; one that is not whole counts as none. */
static enum claim
find_result(struct desk *desk, const struct message *in, bool created, struct claimed *claimed, struct fault *why)
{
    struct buffer line = { 0 };
    struct arena arena = { 0 };
    struct result result;
    enum claim claim = CLAIM_FREE;
    int found = result_get(desk->store, in->request, &line, &arena, &result, why);

    if (found < 0)
        claim = why->status == STATUS_DATA ? CLAIM_BAD : CLAIM_STOP;
    else if (found == 0)
        claim = CLAIM_FREE;
    else if (result.created != created || !slice_equal(result.product, in->product)
             || result.quantity != in->quantity)
        claim = lost(why, result.created ? "ordered" : "refused", result.product, result.quantity);
    else
        claim = CLAIM_OURS;
    claimed->stored = claim == CLAIM_OURS;
    buffer_free(&line);
    arena_reset(&arena);
    return claim;
}

enum claim
claim_find(struct desk *desk, const struct message *in, bool created, struct claimed *claimed, struct fault *why)
{
    enum claim order, result;

    *claimed = (struct claimed){ .ordered = false };
    order = find_order(desk, in, created, claimed, why);
    if (order != CLAIM_FREE && order != CLAIM_OURS)
        return order;
    result = find_result(desk, in, created, claimed, why);
    if (order == CLAIM_OURS && result == CLAIM_LOST)    /* an order beats a refusal */
        return CLAIM_OURS;
    return result == CLAIM_FREE ? order : result;
}

enum handled
claim_handled(enum claim claim)
{
    return claim == CLAIM_STOP ? HANDLED_STOP : HANDLED_BAD;
}

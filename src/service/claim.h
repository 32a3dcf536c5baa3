/*
 * claim.h -- a UUID means one purchase: the one that first gets a result.
 *
 * Asked while the orders are held, before an order or a result is stored.
 */
#ifndef CLAIM_H
#define CLAIM_H

#include "domain/result.h"
#include "service/service.h"

enum claim {
    CLAIM_FREE,                 /* no order and no result yet */
    CLAIM_OURS,                 /* what is there is of this purchase */
    CLAIM_LOST,                 /* the UUID is another purchase's: *why, STATUS_DATA */
    CLAIM_BAD,                  /* it cannot be seen: *why, STATUS_DATA */
    CLAIM_STOP,                 /* STATUS_IO */
};

struct claimed {
    bool ordered;               /* there is an order; order_time is its event's */
    struct moment order_time;
    bool stored;                /* there is a result */
};

/*
 * Who has the UUID of `in`?  `created` tells whether its outcome here is an
 * order or a refusal: a result that says otherwise is another purchase's.
 */
enum claim claim_find(struct desk *desk, const struct message *in, bool created, struct claimed *claimed,
                      struct fault *why);

/* CLAIM_LOST, CLAIM_BAD or CLAIM_STOP as what a handler returns. */
enum handled claim_handled(enum claim claim);

#endif

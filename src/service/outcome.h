/*
 * outcome.h -- what is recorded of a request in its product's journal.
 *
 * Whoever meets an outcome that is recorded goes on with that outcome, not
 * with a new decision; a UUID means one purchase.
 */
#ifndef OUTCOME_H
#define OUTCOME_H

#include "service/service.h"

enum outcome {
    OUTCOME_NONE,               /* not decided yet */
    OUTCOME_SOLD,               /* *event is the stock.sold */
    OUTCOME_REFUSED,            /* *event is the purchase.refused */
    OUTCOME_BAD,                /* the UUID means something else: *why, STATUS_DATA */
    OUTCOME_STOP,               /* STATUS_IO */
};

/*
 * Look for the outcome of in->request in desk->journal.  What is found is
 * included in the sync of this batch, unless the message itself says that it is
 * on disk.  *event lasts until the next look.
 */
enum outcome outcome_find(struct desk *desk, const struct message *in, struct message *event, struct fault *why);

/* OUTCOME_BAD or OUTCOME_STOP as what a handler returns. */
enum handled outcome_handled(enum outcome outcome);

/* Answer with a recorded sale: order.requested; or a recorded refusal: stock.unavailable. */
void outcome_answer_sold(struct desk *desk, const struct message *in, const struct message *sale);
void outcome_answer_refused(struct desk *desk, const struct message *in, const struct message *refusal);

/* Refuse now: stock.unavailable with the state as seen; `code` says why. */
void outcome_refuse(struct desk *desk, const struct message *in, enum refusal code);

#endif

/*
 * product.h -- the one rule in the middle: what a product's events add up to,
 * and what may be done next.
 *
 * Pure functions: no clock, no I/O, no allocation.
 */
#ifndef PRODUCT_H
#define PRODUCT_H

#include <stdint.h>

#include "base/moment.h"

/* What a stream of events is about, and what a caller may want of a product. */
enum event {
    EVENT_ADDED,                /* goods came in */
    EVENT_REMOVED,              /* goods went out, unsold */
    EVENT_SOLD,
    EVENT_RETURNED,
    EVENT_REFUSED,              /* somebody asked and was told no */
};

/* Why not.  The first three are the failure codes of the messages. */
enum refusal {
    REFUSAL_NONE,               /* it may be done */
    REFUSAL_UNKNOWN_PRODUCT,    /* nothing was ever added or returned */
    REFUSAL_OUT_OF_STOCK,       /* nothing left */
    REFUSAL_INSUFFICIENT_STOCK, /* some left, less than asked */
    REFUSAL_TOO_MUCH,           /* added + returned would exceed NUMBER_MAX */
};

/* State of a product.  { 0 } is a product without events. */
struct product {
    uint64_t sequence;          /* number of the last event, 0 before the first */
    uint64_t added, removed, sold, returned;    /* pieces */
    uint64_t refused;           /* requests */
};

/* added + returned - removed - sold; never negative in a folded state. */
static inline uint64_t
product_available(const struct product *product)
{
    return product->added + product->returned - product->removed - product->sold;
}

/*
 * May `quantity` pieces (1 to NUMBER_MAX) go in or out now?  EVENT_REFUSED is
 * always allowed.
 */
enum refusal product_decide(const struct product *product, enum event event, uint64_t quantity);

/*
 * Add one event to the state, as the next in sequence; the state stays as it
 * was unless REFUSAL_NONE is returned.  product_allows() is what any event must
 * keep to: what goes out is there, and no more than NUMBER_MAX is left.  (A
 * sale that is taken back was counted in once already, so it may lift added +
 * returned above that.)
 */
enum refusal product_allows(const struct product *product, enum event event, uint64_t quantity);
enum refusal product_fold(struct product *product, enum event event, uint64_t quantity);

/*
 * Add one event without asking whether it was allowed: for a selection of
 * events, where product_balance() may be negative.
 */
void product_apply(struct product *product, enum event event, uint64_t quantity);

static inline int64_t
product_balance(const struct product *product)
{
    return (int64_t)product_available(product);
}

#endif

/* product.c -- the one rule in the middle. */
#include "domain/product.h"
#include "base/text.h"

enum refusal
product_decide(const struct product *product, enum event event, uint64_t quantity)
{
    uint64_t in = product->added + product->returned;
    uint64_t available = product_available(product);

    switch (event) {
    case EVENT_ADDED:
    case EVENT_RETURNED:
        return in > NUMBER_MAX || quantity > NUMBER_MAX - in ? REFUSAL_TOO_MUCH : REFUSAL_NONE;
    case EVENT_REMOVED:
    case EVENT_SOLD:
        if (quantity <= available)
            return REFUSAL_NONE;
        if (in == 0)
            return REFUSAL_UNKNOWN_PRODUCT;
        return available == 0 ? REFUSAL_OUT_OF_STOCK : REFUSAL_INSUFFICIENT_STOCK;
    case EVENT_REFUSED:
        break;
    }
    return REFUSAL_NONE;
}

enum refusal
product_allows(const struct product *product, enum event event, uint64_t quantity)
{
    if (event == EVENT_ADDED || event == EVENT_RETURNED)
        return quantity > NUMBER_MAX - product_available(product) ? REFUSAL_TOO_MUCH : REFUSAL_NONE;
    return product_decide(product, event, quantity);
}

enum refusal
product_fold(struct product *product, enum event event, uint64_t quantity)
{
    enum refusal refusal = product_allows(product, event, quantity);

    if (refusal == REFUSAL_NONE)
        product_apply(product, event, quantity);
    return refusal;
}

void
product_apply(struct product *product, enum event event, uint64_t quantity)
{
    switch (event) {
    case EVENT_ADDED: product->added += quantity; break;
    case EVENT_REMOVED: product->removed += quantity; break;
    case EVENT_SOLD: product->sold += quantity; break;
    case EVENT_RETURNED: product->returned += quantity; break;
    case EVENT_REFUSED: product->refused++; break;
    }
    product->sequence++;
}

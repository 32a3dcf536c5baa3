/* kind.h -- which fields a message of each type has; for message*.c alone. */
#ifndef KIND_H
#define KIND_H

#include "domain/message.h"

/* In the order in which they stand in `data`. */
enum field {
    FIELD_QUANTITY = 1,
    FIELD_AVAILABLE = 2,
    FIELD_SEQUENCE = 4,
    FIELD_CODE = 8,
    FIELD_REASON = 16,
    FIELD_ORDER = 32,
    FIELD_SEEN = FIELD_AVAILABLE | FIELD_SEQUENCE,
    FIELD_WHY = FIELD_CODE | FIELD_REASON,
};

struct kind {
    struct slice name;
    unsigned fields;
};

extern const struct kind kinds[TYPE_COUNT];

/* REFUSAL_NONE if the name is no failure code. */
enum refusal message_code_named(struct slice name);

/* The type must name its cause: every message but the first, no event of evstock's. */
static inline bool
kind_is_caused(enum message_type type)
{
    return type != PURCHASE_REQUESTED && (TYPE_BIT(type) & TYPES_STOCK) == 0;
}

#endif

/*
 * condition.h -- what may be asked of a product's state: "available < 10".
 */
#ifndef CONDITION_H
#define CONDITION_H

#include "base/bytes.h"
#include "domain/product.h"

enum condition_member {
    MEMBER_SEQUENCE,
    MEMBER_AVAILABLE,
    MEMBER_ADDED,
    MEMBER_REMOVED,
    MEMBER_SOLD,
    MEMBER_RETURNED,
    MEMBER_REFUSED,
    MEMBER_COUNT,
};

/* In the order in which a state is printed. */
extern const char *const condition_members[MEMBER_COUNT];

int64_t condition_value(enum condition_member member, const struct product *product);

struct condition {
    enum condition_member member;
    bool less, equal, greater;  /* true if the member is this to the number */
    int64_t number;
};

/*
 * A member, one of < <= = == != >= >, and an integer of at most 2^53 - 1, with a sign or without.
 * Blanks may stand between them and at the ends.  False if the text is anything else.
 */
bool condition_read(struct slice text, struct condition *out);

bool condition_holds(const struct condition *condition, const struct product *product);

#endif

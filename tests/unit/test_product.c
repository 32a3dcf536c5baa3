/* test_product.c -- what events add up to, and what may come next. */
#include <inttypes.h>

#include "base/text.h"
#include "dice.h"
#include "domain/product.h"
#include "tap.h"

#define MAX NUMBER_MAX

struct decision {
    const char *name;
    struct product state;
    uint64_t quantity;
    enum event event;
    enum refusal refusal;
};

#define NOTHING { 0 }
#define TEN { .sequence = 1, .added = 10 }
#define EMPTIED { .sequence = 2, .added = 10, .sold = 10 }
#define MIXED { .sequence = 9, .added = 10, .removed = 4, .sold = 7, .returned = 3, .refused = 2 }
#define ONLY_REFUSED { .sequence = 3, .refused = 3 }
#define FULL { .sequence = 1, .added = MAX }
#define THREE_SOLD { .sequence = 2, .added = MAX, .sold = 3 }
#define TAKEN_BACK { .sequence = 3, .added = MAX, .sold = 3, .returned = 3 }
#define SOLD_AGAIN { .sequence = 4, .added = MAX, .sold = 6, .returned = 3 }
#define FULL_AND_EMPTY { .sequence = 2, .added = MAX - 1, .returned = 1, .removed = 1, .sold = MAX - 1 }

static const struct decision decisions[] = {
    { "nothing sold of an unknown product", NOTHING, 1, EVENT_SOLD, REFUSAL_UNKNOWN_PRODUCT },
    { "nothing removed from an unknown product", NOTHING, 1, EVENT_REMOVED, REFUSAL_UNKNOWN_PRODUCT },
    { "the most sold of an unknown product", NOTHING, MAX, EVENT_SOLD, REFUSAL_UNKNOWN_PRODUCT },
    { "a product that was only refused is unknown", ONLY_REFUSED, 1, EVENT_SOLD, REFUSAL_UNKNOWN_PRODUCT },
    { "a product that was only refused, removed", ONLY_REFUSED, 1, EVENT_REMOVED, REFUSAL_UNKNOWN_PRODUCT },
    { "the first goods", NOTHING, 1, EVENT_ADDED, REFUSAL_NONE },
    { "the most first goods", NOTHING, MAX, EVENT_ADDED, REFUSAL_NONE },
    { "one more than the most", NOTHING, MAX + 1, EVENT_ADDED, REFUSAL_TOO_MUCH },
    { "a return makes a product known", NOTHING, 1, EVENT_RETURNED, REFUSAL_NONE },
    { "the most returned", NOTHING, MAX, EVENT_RETURNED, REFUSAL_NONE },
    { "a refusal of an unknown product", NOTHING, 1, EVENT_REFUSED, REFUSAL_NONE },
    { "one sold", TEN, 1, EVENT_SOLD, REFUSAL_NONE },
    { "all sold", TEN, 10, EVENT_SOLD, REFUSAL_NONE },
    { "one more than all sold", TEN, 11, EVENT_SOLD, REFUSAL_INSUFFICIENT_STOCK },
    { "the most sold of ten", TEN, MAX, EVENT_SOLD, REFUSAL_INSUFFICIENT_STOCK },
    { "all removed", TEN, 10, EVENT_REMOVED, REFUSAL_NONE },
    { "one more than all removed", TEN, 11, EVENT_REMOVED, REFUSAL_INSUFFICIENT_STOCK },
    { "a refusal of what could be had", TEN, 1, EVENT_REFUSED, REFUSAL_NONE },
    { "nothing is left to sell", EMPTIED, 1, EVENT_SOLD, REFUSAL_OUT_OF_STOCK },
    { "nothing is left to remove", EMPTIED, 1, EVENT_REMOVED, REFUSAL_OUT_OF_STOCK },
    { "nothing is left, many asked", EMPTIED, MAX, EVENT_SOLD, REFUSAL_OUT_OF_STOCK },
    { "more than was sold comes back", EMPTIED, 11, EVENT_RETURNED, REFUSAL_NONE },
    { "goods for an empty shelf", EMPTIED, 5, EVENT_ADDED, REFUSAL_NONE },
    { "what is left counts all four kinds", MIXED, 2, EVENT_SOLD, REFUSAL_NONE },
    { "one more than what is left", MIXED, 3, EVENT_SOLD, REFUSAL_INSUFFICIENT_STOCK },
    { "one is left, two asked", { .sequence = 1, .added = 1 }, 2, EVENT_SOLD, REFUSAL_INSUFFICIENT_STOCK },
    { "what is left may be removed", MIXED, 2, EVENT_REMOVED, REFUSAL_NONE },
    { "one more than what is left to remove", MIXED, 3, EVENT_REMOVED, REFUSAL_INSUFFICIENT_STOCK },
    { "up to the bound", MIXED, MAX - 13, EVENT_ADDED, REFUSAL_NONE },
    { "returned up to the bound", MIXED, MAX - 13, EVENT_RETURNED, REFUSAL_NONE },
    { "one added to the most", FULL, 1, EVENT_ADDED, REFUSAL_TOO_MUCH },
    { "one returned to the most", FULL, 1, EVENT_RETURNED, REFUSAL_TOO_MUCH },
    { "the most added to the most", FULL, MAX, EVENT_ADDED, REFUSAL_TOO_MUCH },
    { "the most sold", FULL, MAX, EVENT_SOLD, REFUSAL_NONE },
    { "the most removed", FULL, MAX, EVENT_REMOVED, REFUSAL_NONE },
    { "more back than can be counted", FULL_AND_EMPTY, MAX + 1, EVENT_RETURNED, REFUSAL_TOO_MUCH },
    { "nothing is left of the most", FULL_AND_EMPTY, 1, EVENT_SOLD, REFUSAL_OUT_OF_STOCK },
};

/* What may not be done any more, and yet may have been done: a sale that is taken back. */
struct allowance {
    struct decision decision;
    bool allowed;
};

static const struct allowance allowances[] = {
    { { "one above the bound", MIXED, MAX - 12, EVENT_ADDED, REFUSAL_TOO_MUCH }, true },
    { { "returned above the bound", MIXED, MAX - 12, EVENT_RETURNED, REFUSAL_TOO_MUCH }, true },
    { { "what went out makes no room", FULL_AND_EMPTY, 1, EVENT_ADDED, REFUSAL_TOO_MUCH }, true },
    { { "as much back as went out", FULL_AND_EMPTY, MAX, EVENT_RETURNED, REFUSAL_TOO_MUCH }, true },
    { { "a sale of the most taken back", THREE_SOLD, 3, EVENT_RETURNED, REFUSAL_TOO_MUCH }, true },
    { { "one more than was sold of the most", THREE_SOLD, 4, EVENT_RETURNED, REFUSAL_TOO_MUCH }, false },
    { { "one added behind a sale taken back", TAKEN_BACK, 1, EVENT_ADDED, REFUSAL_TOO_MUCH }, false },
    { { "one added where there is room again", SOLD_AGAIN, 1, EVENT_ADDED, REFUSAL_TOO_MUCH }, true },
    { { "the most added where there is room", SOLD_AGAIN, MAX, EVENT_ADDED, REFUSAL_TOO_MUCH }, false },
    { { "all sold behind a sale taken back", TAKEN_BACK, MAX, EVENT_SOLD, REFUSAL_NONE }, true },
};

/* What one event makes of a state, said once more. */
static struct product
after(struct product state, enum event event, uint64_t quantity)
{
    state.sequence += 1;
    state.added += event == EVENT_ADDED ? quantity : 0;
    state.removed += event == EVENT_REMOVED ? quantity : 0;
    state.sold += event == EVENT_SOLD ? quantity : 0;
    state.returned += event == EVENT_RETURNED ? quantity : 0;
    state.refused += event == EVENT_REFUSED ? 1 : 0;
    return state;
}

static bool
same(const struct product *a, const struct product *b)
{
    return a->sequence == b->sequence && a->added == b->added && a->removed == b->removed && a->sold == b->sold
        && a->returned == b->returned && a->refused == b->refused;
}

static void
check(struct tap *tap, const struct decision *row, enum refusal kept)
{
    struct product state = row->state, expected = row->state;
    enum refusal folded = product_fold(&state, row->event, row->quantity);

    if (kept == REFUSAL_NONE)
        expected = after(row->state, row->event, row->quantity);
    tap_check(tap, product_decide(&row->state, row->event, row->quantity) == row->refusal, "decide: %s", row->name);
    tap_check(tap, product_allows(&row->state, row->event, row->quantity) == kept, "allows: %s", row->name);
    tap_check(tap, folded == kept && same(&state, &expected), "fold: %s", row->name);
}

static void
test_decisions(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(decisions); i++)
        check(tap, &decisions[i], decisions[i].refusal);
    for (size_t i = 0; i < COUNT(allowances); i++)
        check(tap, &allowances[i].decision, allowances[i].allowed ? REFUSAL_NONE : allowances[i].decision.refusal);
}

/* The rules in signed numbers; counts stay far below 2^63 here. */
static bool
may_be_done(const struct product *state, enum event event, int64_t quantity)
{
    int64_t in = (int64_t)state->added + (int64_t)state->returned;
    int64_t left = in - (int64_t)state->removed - (int64_t)state->sold;

    if (event == EVENT_ADDED || event == EVENT_RETURNED)
        return in + quantity <= (int64_t)MAX;
    return event == EVENT_REFUSED || left >= quantity;
}

static bool
may_have_been(const struct product *state, enum event event, int64_t quantity)
{
    if (event == EVENT_ADDED || event == EVENT_RETURNED)
        return product_balance(state) + quantity <= (int64_t)MAX;
    return may_be_done(state, event, quantity);
}

struct steps {
    struct product state, expected;
    size_t refused, wrong;
};

/* Decide each event; fold in what is decided so, and now and then what is only allowed. */
static void
take_step(struct steps *steps, struct dice *dice, uint64_t most)
{
    enum event event = (enum event)dice_roll(dice, EVENT_REFUSED + 1);
    uint64_t quantity = 1 + dice_number(dice, most - 1);
    bool good = may_be_done(&steps->state, event, (int64_t)quantity);
    bool kept = may_have_been(&steps->state, event, (int64_t)quantity);

    steps->refused += !good;
    steps->wrong += (product_decide(&steps->state, event, quantity) == REFUSAL_NONE) != good;
    steps->wrong += (product_allows(&steps->state, event, quantity) == REFUSAL_NONE) != kept;
    if (!good && kept && dice_roll(dice, 100) > 0)
        return;
    if (kept)
        steps->expected = after(steps->expected, event, quantity);
    steps->wrong += (product_fold(&steps->state, event, quantity) == REFUSAL_NONE) != kept
        || !same(&steps->state, &steps->expected) || product_available(&steps->state) > MAX
        || product_balance(&steps->state) < 0;
}

/* Many random events, from few pieces to as many as can be counted. */
static void
test_sequences(struct tap *tap)
{
    static const uint64_t most[] = { 1, 3, 100, 1000000, MAX / 50, MAX };
    struct dice dice = { 1 };

    for (size_t i = 0; i < COUNT(most); i++) {
        struct steps steps = { .refused = 0 };

        for (int step = 0; step < 20000; step++)
            take_step(&steps, &dice, most[i]);
        tap_check(tap, steps.wrong == 0, "20,000 events of up to %" PRIu64 " pieces", most[i]);
        tap_check(tap, steps.refused > 0 && steps.state.sequence > 1000, "some refused, some not");
    }
}

/* A selection of events may take out what came in before it. */
static void
test_apply(struct tap *tap)
{
    struct product state = { 0 };

    product_apply(&state, EVENT_SOLD, 6);
    tap_check(tap, state.sequence == 1 && state.sold == 6 && product_balance(&state) == -6, "apply: a sale alone");
    product_apply(&state, EVENT_REMOVED, MAX);
    tap_check(tap, product_balance(&state) == -6 - (int64_t)MAX, "apply: far below nothing");
    product_apply(&state, EVENT_ADDED, MAX);
    product_apply(&state, EVENT_RETURNED, 7);
    product_apply(&state, EVENT_REFUSED, 99);
    tap_check(tap, product_balance(&state) == 1 && state.sequence == 5 && state.refused == 1, "apply: and up again");
}

int
main(void)
{
    struct tap tap = { 0 };

    test_decisions(&tap);
    test_sequences(&tap);
    test_apply(&tap);
    return tap_done(&tap);
}

/* test_condition.c -- what may be asked of a product's state. */
#include "domain/condition.h"
#include "tap.h"

struct row {
    const char *text;
    bool good, holds;
};

/* Of a product with sequence 12, available 7, added 40, removed 1, sold 36, returned 4, refused 2. */
static const struct product product = { 12, 40, 1, 36, 4, 2 };

static const struct row rows[] = {
    { "available < 8", true, true },
    { "available < 7", true, false },
    { "available<8", true, true },
    { " \tavailable\t<  8 \t", true, true },
    { "available <= 7", true, true },
    { "available <= 6", true, false },
    { "available = 7", true, true },
    { "available == 7", true, true },
    { "available = 8", true, false },
    { "available != 7", true, false },
    { "available != 8", true, true },
    { "available != 6", true, true },
    { "available >= 7", true, true },
    { "available >= 8", true, false },
    { "available > 6", true, true },
    { "available > 7", true, false },
    { "available > -1", true, true },
    { "available < -1", true, false },
    { "available > +6", true, true },
    { "available < 9007199254740991", true, true },
    { "available > -9007199254740991", true, true },
    { "sequence = 12", true, true },
    { "added = 40", true, true },
    { "removed = 1", true, true },
    { "sold = 36", true, true },
    { "returned = 4", true, true },
    { "refused = 2", true, true },
    { "available = 007", true, true },
    { "available < 9007199254740992", false, false },
    { "available < 99999999999999999999999", false, false },
    { "", false, false },
    { " ", false, false },
    { "available", false, false },
    { "available <", false, false },
    { "< 8", false, false },
    { "8 > available", false, false },
    { "available < 8 8", false, false },
    { "available < 8x", false, false },
    { "available < x", false, false },
    { "available < -", false, false },
    { "available < +-8", false, false },
    { "available < - 8", false, false },
    { "available < 8.0", false, false },
    { "available << 8", false, false },
    { "available =< 8", false, false },
    { "available => 8", false, false },
    { "available ! 8", false, false },
    { "available < = 8", false, false },
    { "availabl < 8", false, false },
    { "availables < 8", false, false },
    { "Available < 8", false, false },
    { "product = 8", false, false },
    { "available < 8\n", false, false },
    { "available and 8", false, false },
};

int
main(void)
{
    struct tap tap = { 0 };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct condition condition;
        bool good = condition_read((struct slice){ rows[i].text, strlen(rows[i].text) }, &condition);

        tap_check(&tap, good == rows[i].good && (!good || condition_holds(&condition, &product) == rows[i].holds),
                  "\"%.*s\"", (int)strcspn(rows[i].text, "\n"), rows[i].text);
    }
    return tap_done(&tap);
}

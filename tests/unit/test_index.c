/* test_index.c -- the table of where a request's events are. */
#include "base/text.h"
#include "dice.h"
#include "store/file/index.h"
#include "tap.h"

static struct slice
request_of(char *text, uint64_t number)
{
    (void)snprintf(text, UUID_LENGTH + 1, "%08x-3d0e-4b6a-9b57-%012llx", (unsigned)(number * 2654435761U),
                   (unsigned long long)number);
    return (struct slice){ text, UUID_LENGTH };
}

/* The events of request `number` are those of the model that carry it, in their order. */
struct entry {
    uint64_t number;
    enum message_type type;
    uint64_t offset;
};

static bool
agrees(const struct index *index, const struct entry *entries, size_t count, uint64_t number)
{
    char text[UUID_LENGTH + 1];
    struct slice request = request_of(text, number);
    struct index_hit hit;
    size_t step = 0;

    for (size_t i = 0; i < count; i++) {
        if (entries[i].number != number)
            continue;
        if (!index_next(index, request, &step, &hit) || hit.type != entries[i].type || hit.offset != entries[i].offset)
            return false;
    }
    return !index_next(index, request, &step, &hit);
}

static void
test_empty(struct tap *tap)
{
    struct index index = { 0 };
    char text[UUID_LENGTH + 1];
    struct index_hit hit;
    size_t step = 0;

    tap_check(tap, !index_next(&index, request_of(text, 1), &step, &hit), "nothing is found in an empty index");
    index_clear(&index);
    index_add(&index, request_of(text, 1), STOCK_SOLD, 0);
    step = 0;
    tap_check(tap, index_next(&index, request_of(text, 1), &step, &hit) && hit.type == STOCK_SOLD && hit.offset == 0
              && !index_next(&index, request_of(text, 1), &step, &hit), "the first event, at offset 0");
    step = 0;
    tap_check(tap, !index_next(&index, request_of(text, 2), &step, &hit), "no other request");
    index_clear(&index);
    step = 0;
    tap_check(tap, index.count == 0 && !index_next(&index, request_of(text, 1), &step, &hit), "nothing once cleared");
    index_clear(&index);
}

/* Every type, and offsets as large as a file can have. */
static void
test_extremes(struct tap *tap)
{
    static const uint64_t offsets[] = { 0, 1, 15, 16, UINT64_C(1) << 32, (UINT64_C(1) << 60) - 1 };
    struct entry entries[COUNT(offsets) * (TYPE_COUNT - 1)];
    struct index index = { 0 };
    char text[UUID_LENGTH + 1];
    size_t count = 0;

    for (unsigned type = TYPE_OTHER + 1; type < TYPE_COUNT; type++) {
        for (size_t i = 0; i < COUNT(offsets); i++) {
            index_add(&index, request_of(text, 7), (enum message_type)type, offsets[i]);
            entries[count++] = (struct entry){ 7, (enum message_type)type, offsets[i] };
        }
    }
    tap_check(tap, agrees(&index, entries, count, 7), "every type with offsets up to 2^60 - 1, in order");
    tap_check(tap, index.count == count, "they are counted");
    index_clear(&index);
}

/* Small tables by the thousand, all of each looked up after every step. */
static void
test_small(struct tap *tap)
{
    struct dice dice = { 7 };
    size_t wrong = 0;

    for (int round = 0; round < 1000; round++) {
        struct entry entries[50];
        struct index index = { 0 };
        uint64_t requests = 1 + dice_roll(&dice, 12), first = dice_roll(&dice, 1000000);
        char text[UUID_LENGTH + 1];

        for (size_t i = 0; i < COUNT(entries); i++) {
            enum message_type type = (enum message_type)(1 + dice_roll(&dice, TYPE_COUNT - 1));

            entries[i] = (struct entry){ first + dice_roll(&dice, requests), type, dice_number(&dice,
                                                                                               UINT64_MAX >> 4) };
            index_add(&index, request_of(text, entries[i].number), type, entries[i].offset);
            wrong += !agrees(&index, entries, i + 1, entries[i].number) || index.count != i + 1
                || index.room <= index.count || (index.room & (index.room - 1)) != 0;
        }
        for (uint64_t number = first; number <= first + requests; number++)
            wrong += !agrees(&index, entries, COUNT(entries), number);
        index_clear(&index);
    }
    tap_check(tap, wrong == 0, "1,000 small tables: each request's events, and no others, in the order they came");
}

static void
test_many(struct tap *tap)
{
    enum { REQUESTS = 60000 };
    struct index index = { 0 };
    char text[UUID_LENGTH + 1];
    size_t wrong = 0, strangers = 0;

    for (uint64_t round = 0; round < 3; round++)
        for (uint64_t i = 0; i < REQUESTS; i++)
            index_add(&index, request_of(text, i), (enum message_type)(STOCK_SOLD + round), round * REQUESTS + i);
    for (uint64_t i = 0; i < REQUESTS; i++) {
        const struct entry entries[] = { { i, STOCK_SOLD, i }, { i, STOCK_RETURNED, REQUESTS + i },
                                         { i, PURCHASE_REFUSED, UINT64_C(2) * REQUESTS + i } };

        wrong += !agrees(&index, entries, COUNT(entries), i);
        strangers += !agrees(&index, NULL, 0, REQUESTS + i);
    }
    tap_check(tap, wrong == 0 && index.count == 3 * REQUESTS, "60,000 requests with three events each");
    tap_check(tap, strangers == 0, "60,000 others without");
    index_clear(&index);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_empty(&tap);
    test_extremes(&tap);
    test_small(&tap);
    test_many(&tap);
    return tap_done(&tap);
}

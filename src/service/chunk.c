/* chunk.c -- the streams of a chunk. */
#include "service/chunk.h"

static void
find_streams(struct chunk *chunk, struct item *items, struct store *store)
{
    const size_t most = chunk->held ? journal_hold_max(store) : SIZE_MAX;

    for (size_t i = chunk->first; i < chunk->end; i++) {
        if (items[i].verdict != WORK_ON)
            continue;
        items[i].journal = journal_of(store, items[i].message.product);
        if (journals_in_use(store) >= most)
            chunk->end = i + 1;
    }
    journals_foresee(store);
}

static void
each_stream(const struct chunk *chunk, const struct item *items, void (*visit)(struct journal *journal))
{
    for (size_t i = chunk->first; i < chunk->end; i++)
        if (items[i].journal != NULL)
            visit(items[i].journal);
}

static void
read_stream(struct journal *journal)
{
    struct fault said_later;

    (void)journal_catch_up(journal, &said_later);
}

int
chunk_hold(struct chunk *chunk, struct item *items, const struct service *service, struct store *store,
           struct fault *why)
{
    if (service->needs != NEEDS_NOTHING)
        find_streams(chunk, items, store);
    if (service->keeps_results) {
        struct journal *orders = journal_of_orders(store);

        if (!chunk->held && journals_in_use(store) <= journal_hold_max(store))
            each_stream(chunk, items, read_stream);
        journal_want(orders);
        if (journal_hold(store, true, why) != 0 || journal_catch_up(orders, why) != 0)
            return -1;
    }
    if (!chunk->held)
        return 0;
    each_stream(chunk, items, journal_want);
    return journal_hold(store, service->needs == NEEDS_TO_BEGIN, why);
}

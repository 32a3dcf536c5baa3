/* journals.c -- which streams a process knows of, and forgets. */
#include <stdlib.h>
#include <xxhash.h>

#include "store/file/store_file.h"

enum { JOURNALS_MAX = 65536, EVENTS_MAX = 2 * 1024 * 1024 };

#define NEVER UINT64_MAX

static struct journal *
new_journal(struct store *store, const char *name, struct slice product)
{
    struct journal *journal = memory_zeroed(1, sizeof *journal + product.length);
    char *copy = (char *)(journal + 1);

    journal->store = store;
    journal->fd = -1;
    journal->used = NEVER;
    journal->name = memory_new(strlen(name) + 1);
    memcpy(journal->name, name, strlen(name) + 1);
    if (product.length > 0)
        memcpy(copy, product.at, product.length);
    journal->replay.product = (struct slice){ copy, product.length };
    return journal;
}

static void
grow_buckets(struct store *store)
{
    size_t count = store->bucket_count * 2;
    struct journal **buckets = memory_zeroed(count, sizeof(struct journal *));

    for (size_t i = 0; i < store->bucket_count; i++) {
        while (store->buckets[i] != NULL) {
            struct journal *journal = store->buckets[i];
            struct slice product = journal->replay.product;
            size_t at = XXH3_64bits(product.at, product.length) & (count - 1);

            store->buckets[i] = journal->next;
            journal->next = buckets[at];
            buckets[at] = journal;
        }
    }
    free(store->buckets);
    store->buckets = buckets;
    store->bucket_count = count;
}

static struct journal *
use(struct store *store, struct journal *journal)
{
    if (journal->used != store->batches) {
        journal->used = store->batches;
        store->in_use++;
    }
    return journal;
}

size_t
journals_in_use(const struct store *store)
{
    return store->in_use;
}

struct journal *
journal_of(struct store *store, struct slice product)
{
    uint64_t hash = XXH3_64bits(product.at, product.length);
    struct journal *journal = store->buckets[hash & (store->bucket_count - 1)];
    char name[NAME_MAX_BYTES];

    while (journal != NULL && !slice_equal(journal->replay.product, product))
        journal = journal->next;
    if (journal != NULL)
        return use(store, journal);
    if (++store->journal_count > store->bucket_count)
        grow_buckets(store);
    name_of_product(product, name);
    journal = new_journal(store, name, product);
    journal->next = store->buckets[hash & (store->bucket_count - 1)];
    store->buckets[hash & (store->bucket_count - 1)] = journal;
    journals_add(&store->unread, journal);
    return use(store, journal);
}

struct journal *
journal_of_orders(struct store *store)
{
    if (store->orders == NULL)
        store->orders = new_journal(store, "orders.ndjson", (struct slice){ "", 0 });
    return store->orders;
}

void
journals_add(struct list *list, struct journal *journal)
{
    list->journals = memory_room(list->journals, list->count, &list->room, sizeof(struct journal *));
    list->journals[list->count++] = journal;
}

void
journal_set_damage(struct journal *journal, const struct fault *why)
{
    if (why == NULL) {
        free(journal->damage);
        journal->damage = NULL;
        return;
    }
    if (journal->damage == NULL)
        journal->damage = memory_new(sizeof *why);
    *journal->damage = *why;
}

void
journal_count(struct journal *journal)
{
    journal->store->known += journal->places.recent.count - journal->counted;
    journal->counted = journal->places.recent.count;
}

/* Forget the streams that no batch since this one has used, and nothing is pending of. */
static void
forget_unused(struct store *store, uint64_t since)
{
    for (size_t i = 0; i < store->bucket_count; i++) {
        struct journal **link = &store->buckets[i];

        while (*link != NULL) {
            struct journal *journal = *link;

            if (journal->used >= since || journal->pending.length > 0) {
                link = &journal->next;
                continue;
            }
            *link = journal->next;
            journal_free(journal);
            store->journal_count--;
        }
    }
}

static bool
knows_much(const struct store *store)
{
    return store->journal_count > JOURNALS_MAX || store->known > EVENTS_MAX;
}

/* First what was not used since others were forgotten; if that is little, all but what this batch used. */
void
journals_forget(struct store *store)
{
    if (!knows_much(store))
        return;
    forget_unused(store, store->spared);
    if (knows_much(store))
        forget_unused(store, store->batches);
    store->spared = store->batches;
}

/* index.c -- where in a stream the events of a request are. */
#include <stdlib.h>
#include <xxhash.h>

#include "store/file/index.h"

/* The type stands in the low four bits of `what`; 0 is a free entry. */
struct index_entry {
    uint64_t key;
    uint64_t what;
};

static uint64_t
key_of(struct slice request)
{
    return XXH3_64bits(request.at, request.length);
}

static void
put(struct index *index, struct index_entry entry)
{
    size_t mask = index->room - 1;
    size_t at = entry.key & mask;

    while (index->entries[at].what != 0)
        at = (at + 1) & mask;
    index->entries[at] = entry;
}

/* Entries of one key must keep their order, so the walk starts at a free place. */
static void
grow(struct index *index)
{
    struct index old = *index;
    size_t start = 0;

    index->room = old.room > 0 ? old.room * 2 : 8;
    index->entries = memory_zeroed(index->room, sizeof *index->entries);
    while (start < old.room && old.entries[start].what != 0)
        start++;
    for (size_t i = 0; i < old.room; i++) {
        struct index_entry entry = old.entries[(start + i) & (old.room - 1)];

        if (entry.what != 0)
            put(index, entry);
    }
    free(old.entries);
}

void
index_add(struct index *index, struct slice request, enum message_type type, uint64_t offset)
{
    if ((index->count + 1) * 5 > index->room * 4)
        grow(index);
    put(index, (struct index_entry){ key_of(request), offset << 4 | (uint64_t)type });
    index->count++;
}

bool
index_next(const struct index *index, struct slice request, size_t *step, struct index_hit *hit)
{
    uint64_t key = key_of(request);
    size_t mask = index->room - 1;

    while (index->room > 0) {
        const struct index_entry *entry = &index->entries[(key + (*step)++) & mask];

        if (entry->what == 0)
            return false;
        if (entry->key == key) {
            *hit = (struct index_hit){ (enum message_type)(entry->what & 15), entry->what >> 4 };
            return true;
        }
    }
    return false;
}

void
index_clear(struct index *index)
{
    free(index->entries);
    *index = (struct index){ 0 };
}

/* index.c -- where in a stream the events of a request are. */
#include <stdlib.h>
#include <xxhash.h>

#include "store/file/index.h"

uint64_t
index_key(struct slice request)
{
    return XXH3_64bits(request.at, request.length);
}

/* Where a key belongs: tables are in the order of their keys, but for what had to give way. */
static size_t
home_of(const struct index *index, uint64_t key)
{
    const uint64_t room = index->room;

    return (size_t)((__extension__ (unsigned __int128)key * room) >> 64);
}

static void
put(struct index *index, struct index_entry entry)
{
    size_t mask = index->room - 1;
    size_t at = home_of(index, entry.key);

    while (index->entries[at].what != 0)
        at = (at + 1) & mask;
    index->entries[at] = entry;
}

/* A free place: a walk that starts there keeps the order of the entries of one key. */
static size_t
start_of(const struct index *index)
{
    size_t start = 0;

    while (start < index->room && index->entries[start].what != 0)
        start++;
    return start;
}

/* Into a table of so much room, but for those before an offset. */
static void
move(struct index *index, size_t room, uint64_t offset)
{
    struct index old = *index;
    size_t start = start_of(&old);

    *index = (struct index){ room > 0 ? memory_zeroed(room, sizeof *index->entries) : NULL, 0, room };
    for (size_t i = 0; i < old.room; i++) {
        const struct index_entry *entry = &old.entries[(start + i) & (old.room - 1)];

        if (entry->what != 0 && entry->what >> 4 >= offset)
            index_put(index, entry);
    }
    free(old.entries);
}

/*
 * Make room for so many more entries.  What comes in the order of its keys needs that at once:
 * it would crowd at the beginning of a table that grows with it.
 */
static void
make_room(struct index *index, size_t more)
{
    size_t room = index->room > 0 ? index->room : 8;

    while ((index->count + more) * 5 > room * 4)
        room *= 2;
    if (room > index->room)
        move(index, room, 0);
}

void
index_put(struct index *index, const struct index_entry *entry)
{
    make_room(index, 1);
    put(index, *entry);
    index->count++;
}

void
index_put_all(struct index *index, const struct index *other)
{
    make_room(index, other->count);
    for (size_t i = 0; i < other->room; i++)
        if (other->entries[i].what != 0)
            index_put(index, &other->entries[i]);
}

void
index_add(struct index *index, struct slice request, enum message_type type, uint64_t offset)
{
    index_put(index, &(struct index_entry){ index_key(request), offset << 4 | (uint64_t)type });
}

bool
index_next(const struct index *index, struct slice request, size_t *step, struct index_hit *hit)
{
    uint64_t key = index_key(request);
    size_t mask = index->room - 1;

    while (index->room > 0) {
        const struct index_entry *entry = &index->entries[(home_of(index, key) + (*step)++) & mask];

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
index_expect(const struct index *index, uint64_t key)
{
    if (index->room > 0)
        __builtin_prefetch(&index->entries[home_of(index, key)]);
}

int
index_order(const void *a, const void *b)
{
    const struct index_entry *one = a, *other = b;

    return (one->what > other->what) - (one->what < other->what);
}

struct index_entry *
index_list(const struct index *index)
{
    struct index_entry *list = memory_new((index->count + 1) * sizeof *list);
    size_t count = 0;

    for (size_t i = 0; i < index->room; i++)
        if (index->entries[i].what != 0)
            list[count++] = index->entries[i];
    return list;
}

void
index_trim(struct index *index, uint64_t offset)
{
    move(index, 0, offset);
}

void
index_clear(struct index *index)
{
    free(index->entries);
    *index = (struct index){ 0 };
}

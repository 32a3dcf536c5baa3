/*
 * index.h -- where in a stream the events of a request are.
 *
 * A hash table in memory, open addressing with linear probing, keyed by 64
 * bits of XXH3 of the request's UUID.  Two requests may share a key: the caller
 * reads the event to be sure.  { 0 } is an empty index.
 */
#ifndef INDEX_H
#define INDEX_H

#include "domain/message.h"

/* The type stands in the low four bits of `what`, the offset above; 0 is a free entry. */
struct index_entry {
    uint64_t key;               /* XXH3 of the request */
    uint64_t what;
};

struct index {
    struct index_entry *entries;
    size_t count;
    size_t room;                /* a power of two, or 0 */
};

/* What an event is and where its line begins, in bytes from the stream's start. */
struct index_hit {
    enum message_type type;
    uint64_t offset;
};

void index_add(struct index *index, struct slice request, enum message_type type, uint64_t offset);

/*
 * Walk the events that may be of this request, in the order they were added:
 * start with *step = 0, false when there are no more.
 */
bool index_next(const struct index *index, struct slice request, size_t *step, struct index_hit *hit);

/* The key of a request. */
uint64_t index_key(struct slice request);

/* A request of this key is looked for soon: begin to load its place from memory. */
void index_expect(const struct index *index, uint64_t key);

/* Forget the events whose lines begin before an offset. */
void index_trim(struct index *index, uint64_t offset);

/* Add an entry of another index.  Their order: by where the lines begin. */
void index_put(struct index *index, const struct index_entry *entry);

/* All of them, in no order among those of one key. */
void index_put_all(struct index *index, const struct index *other);
int index_order(const void *a, const void *b);

/* A copy of all entries, index->count of them, nearly in the order of their keys; the caller frees it. */
struct index_entry *index_list(const struct index *index);

void index_clear(struct index *index);

#endif

/*
 * run_format.h -- where in the bytes of a run its parts are, for who reads it and who writes it.
 */
#ifndef RUN_FORMAT_H
#define RUN_FORMAT_H

#include <endian.h>
#include <xxhash.h>

#include "store/file/run.h"

enum {
    RUN_SUM_BYTES = 8,
    RUN_HEAD_BYTES = RUN_SUM_BYTES + 2,
    RUN_ENTRY_BYTES = 11,
    RUN_ENTRIES = (RUN_BLOCK - RUN_HEAD_BYTES) / RUN_ENTRY_BYTES,
    RUN_USUAL = RUN_ENTRIES * 3 / 4,    /* in a block, on average: one in 37 is full */
    RUN_HASH_BITS = 44,
    RUN_KEY_SHIFT = 64 - RUN_HASH_BITS,
    RUN_LINE_BITS = (RUN_LINE - RUN_SUM_BYTES) * 8,
    RUN_BITS_EACH = 6,                  /* that an entry sets */
    RUN_LINE_ENTRIES = RUN_LINE_BITS / 12,      /* on average */
};

/* Lines are counted from the largest number down, so that none has the seed of a block. */
static inline uint64_t
run_seed(const struct run_key *key, uint64_t number)
{
    const uint64_t parts[] = { key->stream, key->first, key->count, key->chain, number };

    return XXH3_64bits(parts, sizeof parts);
}

static inline uint64_t
run_sum(const unsigned char *bytes, size_t length, const struct run_key *key, uint64_t number)
{
    return XXH3_64bits_withSeed(bytes + RUN_SUM_BYTES, length - RUN_SUM_BYTES, run_seed(key, number));
}

static inline size_t
run_home_blocks(uint64_t count)
{
    return (size_t)((count + RUN_USUAL - 1) / RUN_USUAL);
}

/* As many bytes as a number of blocks has. */
static inline size_t
run_filter_lines(uint64_t count)
{
    enum { EACH = RUN_BLOCK / RUN_LINE };

    return (size_t)(count / (RUN_LINE_ENTRIES * EACH) + 1) * EACH;
}

/* Which one of so many blocks or lines a hash leads to. */
static inline uint64_t
run_home(uint64_t hash, uint64_t count)
{
    return (uint64_t)((__extension__ (unsigned __int128)hash * count) >> RUN_HASH_BITS);
}

/*
 * Which bits of its line a hash sets, each a step behind the one before (A. Kirsch, M. Mitzenmacher,
 * "Less hashing, same performance", 2006).
 */
static inline void
run_bits(uint64_t hash, uint16_t *bits)
{
    const uint64_t mixed = XXH3_64bits(&hash, sizeof hash);
    uint32_t at = (uint32_t)mixed;

    for (int i = 0; i < RUN_BITS_EACH; i++, at += (uint32_t)(mixed >> 32))
        bits[i] = (uint16_t)((uint64_t)at * RUN_LINE_BITS >> 32);
}

/* The hash and the type in six bytes, the offset in five; the lowest first. */
static inline void
run_pack(const struct index_entry *entry, unsigned char *out)
{
    uint64_t head = htole64(entry->key >> RUN_KEY_SHIFT << 4 | (entry->what & 15)), offset = htole64(entry->what >> 4);

    memcpy(out, &head, 6);
    memcpy(out + 6, &offset, 5);
}

static inline struct index_entry
run_unpack(const unsigned char *in)
{
    uint64_t head = 0, offset = 0;

    memcpy(&head, in, 6);
    memcpy(&offset, in + 6, 5);
    head = le64toh(head);
    return (struct index_entry){ head >> 4 << RUN_KEY_SHIFT, le64toh(offset) << 4 | (head & 15) };
}

#endif

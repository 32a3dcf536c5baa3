/*
 * run.h -- where the events of a stretch of a stream are, on disk: written once, mapped.
 *
 *     index/<16 hex digits>.<first event>-<how many>
 *
 * A run is a hash table in blocks of 512 bytes: XXH3 of the rest (8 bytes, seeded by
 * the run and the block's number), how many entries there are (2), and the entries, of
 * 11 bytes: 44 bits of the request's XXH3, the type of the event (4 bits), where its line
 * begins (40 bits).  All entries are in the order of their hashes, then of their offsets;
 * each is in the block its hash leads to, or where that is full in a later one, all of
 * those between being full, and the last block of a run never is: a file that was cut off
 * ends in one that is, or too early.  So two runs are merged by walking them.
 *
 * Before the blocks stands a Bloom filter of the same hashes, in lines of 64 bytes: XXH3 of
 * the rest (8 bytes, seeded likewise), and 448 bits, of which each entry sets up to six, all
 * in the line its hash leads to (F. Putze, P. Sanders, J. Singler, "Cache-, hash- and
 * space-efficient Bloom filters", 2007).  Most requests are new, and of those that are not
 * there five in a thousand find theirs set: for the others one line is read, of a tenth of
 * the memory.
 *
 * A line or block is checked before it is believed, each time: a flipped bit is never taken
 * for "not there".  Sums and counts are in the byte order of the machine: on one of another
 * order they are wrong, and the run is made again.
 */
#ifndef RUN_H
#define RUN_H

#include "store/file/index.h"

enum { RUN_NAME_BYTES = 80, RUN_LINE = 64, RUN_BLOCK = 512 };

/* Beyond this no entry can tell where a line begins. */
#define RUN_OFFSET_MAX ((UINT64_C(1) << 40) - 1)

/* Which stretch it is of; `stream` is XXH3 of its name, `chain` the sum of the last event. */
struct run_key {
    uint64_t stream, first, count, chain;
};

struct run {
    struct run_key key;
    const unsigned char *bytes; /* mapped: the lines, then the blocks */
    size_t lines;
    size_t blocks, home;        /* in all; those that hashes lead to */
};

/* "index/..." within the store; name has room for RUN_NAME_BYTES. */
void run_name(const struct run_key *key, char *name);

/*
 * Map the file: 0, or -1 if it cannot be a whole run.  Nothing is read.  run_close().  From the
 * first on SIGBUS is handled: what a file loses while it is mapped is damage, as any other.
 */
int run_open(int fd, const struct run_key *key, struct run *out);
void run_close(struct run *run);

/*
 * Walk the events that may be of this hash, in their order: start with *step = 0.
 * 1, 0 if there are no more, -1 if what tells it is damaged.
 */
int run_next(const struct run *run, uint64_t hash, size_t *step, struct index_hit *hit);

/* This hash is looked for soon: begin to load its line from memory. */
void run_expect(const struct run *run, uint64_t hash);

/* All entries from *step on in their order: 1, 0 at the end, -1. */
int run_walk(const struct run *run, size_t *step, struct index_entry *out);

/* Lines or blocks on their way to the file. */
struct run_part {
    uint64_t number;            /* of the one that is being filled */
    uint64_t at;                /* where those before it go that are not in the file yet */
    struct buffer bytes;
};

struct run_writer {
    int fd;
    struct run_key key;
    struct run_part lines, blocks;
    unsigned char line[RUN_LINE], block[RUN_BLOCK];     /* those that are being filled */
    uint64_t count;             /* entries in that block */
    uint64_t added;             /* entries in all */
    bool full;                  /* the block before is */
};

/* Begin to write a run into an empty file.  Entries come in run_order(), as many as the key says. */
struct run_writer run_begin(int fd, const struct run_key *key);

int run_order(const void *a, const void *b);    /* of struct index_entry, for qsort(3) */

/* 0, or -1, also if there were not as many as the key says.  run_end() frees what it holds, also after a failure. */
int run_add(struct run_writer *writer, const struct index_entry *entry);
int run_end(struct run_writer *writer);

/* Add all entries of these runs, and those of a list, which is sorted by this: 0, -1, or 1 if a run is damaged. */
int run_merge(struct run_writer *writer, const struct run *runs, size_t count, struct index_entry *list, size_t length);

#endif

/* run.c -- where the events of a stretch of a stream are, on disk. */
#include <endian.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/io.h"
#include "store/file/run.h"

enum {
    SUM_BYTES = 8,
    HEAD_BYTES = SUM_BYTES + 2,
    ENTRY_BYTES = 11,
    ENTRIES = (RUN_BLOCK - HEAD_BYTES) / ENTRY_BYTES,
    USUAL = ENTRIES * 3 / 4,            /* in a block, on average: one in 37 is full */
    HASH_BITS = 44,
    KEY_SHIFT = 64 - HASH_BITS,
    WRITE_BYTES = 1024 * 1024,
    CACHE_LINE = 64,
};

void
run_name(const struct run_key *key, char *name)
{
    (void)snprintf(name, RUN_NAME_BYTES, "index/%016llx.%llu-%llu", (unsigned long long)key->stream,
                   (unsigned long long)key->first, (unsigned long long)key->count);
}

static uint64_t
seed_of(const struct run_key *key, uint64_t block)
{
    const uint64_t parts[] = { key->stream, key->first, key->count, key->chain, block };

    return XXH3_64bits(parts, sizeof parts);
}

static size_t
home_blocks(uint64_t count)
{
    return (size_t)((count + USUAL - 1) / USUAL);
}

/* Which block a hash leads to. */
static uint64_t
home_of(uint64_t hash, uint64_t blocks)
{
    return (uint64_t)((__extension__ (unsigned __int128)hash * blocks) >> HASH_BITS);
}

/* The hash and the type in six bytes, the offset in five; the lowest first. */
static void
pack(const struct index_entry *entry, unsigned char *out)
{
    uint64_t head = htole64(entry->key >> KEY_SHIFT << 4 | (entry->what & 15)), offset = htole64(entry->what >> 4);

    memcpy(out, &head, 6);
    memcpy(out + 6, &offset, 5);
}

static struct index_entry
unpack(const unsigned char *in)
{
    uint64_t head = 0, offset = 0;

    memcpy(&head, in, 6);
    memcpy(&offset, in + 6, 5);
    head = le64toh(head);
    return (struct index_entry){ head >> 4 << KEY_SHIFT, le64toh(offset) << 4 | (head & 15) };
}

int
run_open(int fd, const struct run_key *key, struct run *out)
{
    struct stat status;
    void *bytes;

    *out = (struct run){ .key = *key, .home = home_blocks(key->count) };
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size == 0
        || status.st_size % RUN_BLOCK != 0 || (uint64_t)status.st_size / RUN_BLOCK < out->home)
        return -1;
    bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return -1;
    (void)madvise(bytes, (size_t)status.st_size, MADV_RANDOM);
    out->bytes = bytes;
    out->blocks = (size_t)status.st_size / RUN_BLOCK;
    return 0;
}

void
run_close(struct run *run)
{
    if (run->bytes != NULL)
        (void)munmap((void *)(uintptr_t)run->bytes, run->blocks * RUN_BLOCK);
    run->bytes = NULL;
}

/* A block that is right, and how many entries it has; or NULL. */
static const unsigned char *
check(const struct run *run, size_t block, size_t *count)
{
    const unsigned char *bytes = run->bytes + block * RUN_BLOCK;
    uint64_t sum;
    uint16_t entries;

    memcpy(&sum, bytes, sizeof sum);
    memcpy(&entries, bytes + SUM_BYTES, sizeof entries);
    *count = entries;
    if (XXH3_64bits_withSeed(bytes + SUM_BYTES, RUN_BLOCK - SUM_BYTES, seed_of(&run->key, block)) != sum
        || entries > ENTRIES)
        return NULL;
    return bytes + HEAD_BYTES;
}

/* The first entry of a block, from `from` on, that is of this hash or a later one. */
static size_t
search(const unsigned char *entries, size_t from, size_t count, uint64_t wanted)
{
    while (from < count) {
        size_t middle = from + (count - from) / 2;

        if (unpack(entries + middle * ENTRY_BYTES).key < wanted)
            from = middle + 1;
        else
            count = middle;
    }
    return from;
}

/* A step is the number of an entry's place in the whole run, and one more. */
int
run_next(const struct run *run, uint64_t hash, size_t *step, struct index_hit *hit)
{
    const uint64_t wanted = hash >> KEY_SHIFT << KEY_SHIFT;
    size_t place = *step > 0 ? *step : (size_t)home_of(hash >> KEY_SHIFT, run->home) * ENTRIES;
    size_t count = ENTRIES;

    for (size_t block = place / ENTRIES; block < run->blocks && count == ENTRIES; block++) {
        const unsigned char *entries = check(run, block, &count);
        struct index_entry entry;
        size_t at;

        if (entries == NULL)
            return -1;
        at = search(entries, place % ENTRIES, count, wanted);
        place = 0;
        if (at == count)
            continue;
        entry = unpack(entries + at * ENTRY_BYTES);
        if (entry.key != wanted)
            return 0;
        *step = block * ENTRIES + at + 1;
        *hit = (struct index_hit){ (enum message_type)(entry.what & 15), entry.what >> 4 };
        return 1;
    }
    return count == ENTRIES ? -1 : 0;
}

void
run_expect(const struct run *run, uint64_t hash)
{
    const unsigned char *block = run->bytes + (size_t)home_of(hash >> KEY_SHIFT, run->home) * RUN_BLOCK;

    for (size_t line = 0; line < RUN_BLOCK; line += CACHE_LINE)
        __builtin_prefetch(block + line);
}

int
run_walk(const struct run *run, size_t *step, struct index_entry *out)
{
    for (size_t block = *step / ENTRIES; block < run->blocks; block++) {
        size_t count, i = *step % ENTRIES;
        const unsigned char *entries = check(run, block, &count);

        if (entries == NULL)
            return -1;
        if (i < count) {
            *out = unpack(entries + i * ENTRY_BYTES);
            *step = i + 1 < count ? *step + 1 : (block + 1) * ENTRIES;
            return 1;
        }
        *step = (block + 1) * ENTRIES;
    }
    return 0;
}

int
run_order(const void *a, const void *b)
{
    const struct index_entry *one = a, *other = b;
    uint64_t first = one->key >> KEY_SHIFT, second = other->key >> KEY_SHIFT;

    if (first != second)
        return first < second ? -1 : 1;
    return (one->what > other->what) - (one->what < other->what);
}

static int
flush(struct run_writer *writer)
{
    int result = writer->fd < 0 ? -1 : io_write(writer->fd, writer->bytes.at, writer->bytes.length);

    writer->bytes.length = 0;
    return result;
}

static int
end_block(struct run_writer *writer)
{
    const uint16_t count = (uint16_t)writer->count;
    unsigned char *bytes = writer->entries;
    uint64_t sum;

    memcpy(bytes + SUM_BYTES, &count, sizeof count);
    sum = XXH3_64bits_withSeed(bytes + SUM_BYTES, RUN_BLOCK - SUM_BYTES, seed_of(&writer->key, writer->block));
    memcpy(bytes, &sum, sizeof sum);
    buffer_add(&writer->bytes, bytes, RUN_BLOCK);
    memset(bytes, 0, RUN_BLOCK);
    writer->full = writer->count == ENTRIES;
    writer->block++;
    writer->count = 0;
    return writer->bytes.length < WRITE_BYTES ? 0 : flush(writer);
}

/* It goes into the block that its hash leads to, or the next that is not full. */
int
run_add(struct run_writer *writer, const struct index_entry *entry)
{
    const uint64_t home = home_of(entry->key >> KEY_SHIFT, home_blocks(writer->key.count));

    while (writer->block < home || writer->count == ENTRIES)
        if (end_block(writer) != 0)
            return -1;
    pack(entry, writer->entries + HEAD_BYTES + writer->count++ * ENTRY_BYTES);
    writer->added++;
    return 0;
}

int
run_end(struct run_writer *writer)
{
    const size_t blocks = home_blocks(writer->key.count);
    int result = writer->added == writer->key.count ? 0 : -1;

    while (result == 0 && (writer->count > 0 || writer->block < blocks || writer->full))
        result = end_block(writer);
    if (result == 0)
        result = flush(writer);
    buffer_free(&writer->bytes);
    return result;
}

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
    LINE_BITS = (RUN_LINE - SUM_BYTES) * 8,
    BITS_EACH = 6,
    LINE_ENTRIES = LINE_BITS / 12,      /* on average */
    WRITE_BYTES = 1024 * 1024,
};

void
run_name(const struct run_key *key, char *name)
{
    (void)snprintf(name, RUN_NAME_BYTES, "index/%016llx.%llu-%llu", (unsigned long long)key->stream,
                   (unsigned long long)key->first, (unsigned long long)key->count);
}

/* Lines are counted from the largest number down, so that none has the seed of a block. */
static uint64_t
seed_of(const struct run_key *key, uint64_t number)
{
    const uint64_t parts[] = { key->stream, key->first, key->count, key->chain, number };

    return XXH3_64bits(parts, sizeof parts);
}

static uint64_t
sum_of(const unsigned char *bytes, size_t length, const struct run_key *key, uint64_t number)
{
    return XXH3_64bits_withSeed(bytes + SUM_BYTES, length - SUM_BYTES, seed_of(key, number));
}

static bool
is_whole(const unsigned char *bytes, size_t length, const struct run_key *key, uint64_t number)
{
    uint64_t sum;

    memcpy(&sum, bytes, sizeof sum);
    return sum_of(bytes, length, key, number) == sum;
}

static size_t
home_blocks(uint64_t count)
{
    return (size_t)((count + USUAL - 1) / USUAL);
}

/* As many bytes as a number of blocks has. */
static size_t
filter_lines(uint64_t count)
{
    enum { EACH = RUN_BLOCK / RUN_LINE };

    return (size_t)(count / (LINE_ENTRIES * EACH) + 1) * EACH;
}

/* Which one of so many blocks or lines a hash leads to. */
static uint64_t
home_of(uint64_t hash, uint64_t count)
{
    return (uint64_t)((__extension__ (unsigned __int128)hash * count) >> HASH_BITS);
}

/*
 * Which bits of its line a hash sets, each a step behind the one before (A. Kirsch, M. Mitzenmacher,
 * "Less hashing, same performance", 2006).
 */
static void
bits_of(uint64_t hash, uint16_t *bits)
{
    const uint64_t mixed = XXH3_64bits(&hash, sizeof hash);
    uint32_t at = (uint32_t)mixed;

    for (int i = 0; i < BITS_EACH; i++, at += (uint32_t)(mixed >> 32))
        bits[i] = (uint16_t)((uint64_t)at * LINE_BITS >> 32);
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

    *out = (struct run){ .key = *key, .lines = filter_lines(key->count), .home = home_blocks(key->count) };
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size % RUN_BLOCK != 0
        || (uint64_t)status.st_size < out->lines * RUN_LINE + out->home * RUN_BLOCK)
        return -1;
    bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED)
        return -1;
    (void)madvise(bytes, (size_t)status.st_size, MADV_RANDOM);
    out->bytes = bytes;
    out->blocks = ((size_t)status.st_size - out->lines * RUN_LINE) / RUN_BLOCK;
    return 0;
}

void
run_close(struct run *run)
{
    if (run->bytes != NULL)
        (void)munmap((void *)(uintptr_t)run->bytes, run->lines * RUN_LINE + run->blocks * RUN_BLOCK);
    run->bytes = NULL;
}

/* The line that a hash leads to. */
static uint64_t
line_of(const struct run *run, uint64_t hash)
{
    return home_of(hash, run->lines);
}

/* 1 if an entry may be of this hash, 0 if none is, -1. */
static int
look(const struct run *run, uint64_t hash)
{
    const uint64_t number = line_of(run, hash);
    const unsigned char *line = run->bytes + number * RUN_LINE;
    uint16_t bits[BITS_EACH];
    unsigned set = 1;

    if (!is_whole(line, RUN_LINE, &run->key, ~number))
        return -1;
    bits_of(hash, bits);
    for (int i = 0; i < BITS_EACH; i++)
        set &= (unsigned)line[SUM_BYTES + bits[i] / 8] >> bits[i] % 8;
    return (int)set;
}

/* A block that is right, and how many entries it has; or NULL. */
static const unsigned char *
check(const struct run *run, size_t block, size_t *count)
{
    const unsigned char *bytes = run->bytes + run->lines * RUN_LINE + block * RUN_BLOCK;
    uint16_t entries;

    memcpy(&entries, bytes + SUM_BYTES, sizeof entries);
    *count = entries;
    return is_whole(bytes, RUN_BLOCK, &run->key, block) && entries <= ENTRIES ? bytes + HEAD_BYTES : NULL;
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
    int may_be = *step > 0 ? 1 : look(run, hash >> KEY_SHIFT);

    if (may_be <= 0)
        return may_be;
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
    __builtin_prefetch(run->bytes + line_of(run, hash >> KEY_SHIFT) * RUN_LINE);
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

struct run_writer
run_begin(int fd, const struct run_key *key)
{
    return (struct run_writer){
        .fd = fd, .key = *key, .blocks = { .at = filter_lines(key->count) * RUN_LINE },
    };
}

static int
flush(struct run_writer *writer, struct run_part *part)
{
    int result = writer->fd < 0 ? -1 : io_pwrite(writer->fd, part->bytes.at, part->bytes.length, (off_t)part->at);

    part->at += part->bytes.length;
    part->bytes.length = 0;
    return result;
}

/* Give what is filled its sum, and begin the next one. */
static int
end(struct run_writer *writer, struct run_part *part, unsigned char *filled, size_t length, uint64_t number)
{
    const uint64_t sum = sum_of(filled, length, &writer->key, number);

    memcpy(filled, &sum, sizeof sum);
    buffer_add(&part->bytes, filled, length);
    memset(filled, 0, length);
    part->number++;
    return part->bytes.length < WRITE_BYTES ? 0 : flush(writer, part);
}

static int
end_line(struct run_writer *writer)
{
    return end(writer, &writer->lines, writer->line, sizeof writer->line, ~writer->lines.number);
}

static int
end_block(struct run_writer *writer)
{
    const uint16_t count = (uint16_t)writer->count;

    memcpy(writer->block + SUM_BYTES, &count, sizeof count);
    writer->full = count == ENTRIES;
    writer->count = 0;
    return end(writer, &writer->blocks, writer->block, sizeof writer->block, writer->blocks.number);
}

/* It goes into the block that its hash leads to, or the next that is not full. */
int
run_add(struct run_writer *writer, const struct index_entry *entry)
{
    const uint64_t hash = entry->key >> KEY_SHIFT;
    const uint64_t line = home_of(hash, filter_lines(writer->key.count));
    const uint64_t home = home_of(hash, home_blocks(writer->key.count));
    uint16_t bits[BITS_EACH];

    while (writer->lines.number < line)
        if (end_line(writer) != 0)
            return -1;
    while (writer->blocks.number < home || writer->count == ENTRIES)
        if (end_block(writer) != 0)
            return -1;
    bits_of(hash, bits);
    for (int i = 0; i < BITS_EACH; i++)
        writer->line[SUM_BYTES + bits[i] / 8] |= (unsigned char)(1U << bits[i] % 8);
    pack(entry, writer->block + HEAD_BYTES + writer->count++ * ENTRY_BYTES);
    writer->added++;
    return 0;
}

int
run_end(struct run_writer *writer)
{
    const size_t lines = filter_lines(writer->key.count), blocks = home_blocks(writer->key.count);
    int result = writer->added == writer->key.count ? 0 : -1;

    while (result == 0 && writer->lines.number < lines)
        result = end_line(writer);
    while (result == 0 && (writer->count > 0 || writer->blocks.number < blocks || writer->full))
        result = end_block(writer);
    if (result == 0 && (flush(writer, &writer->lines) != 0 || flush(writer, &writer->blocks) != 0))
        result = -1;
    buffer_free(&writer->lines.bytes);
    buffer_free(&writer->blocks.bytes);
    return result;
}

/* run.c -- find in a run where the events of a request are. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/file/run_format.h"

static _Thread_local const struct run *volatile looked_at;      /* by this thread now */

static size_t
length_of(const struct run *run)
{
    return run->lines * RUN_LINE + run->blocks * RUN_BLOCK;
}

/*
 * The file was cut off, or a disk cannot read it: a page of zeros takes the place of the one that
 * is not there, and their sums are wrong.  Whatever else ends a process by this signal still does.
 */
static void
put_zeros(int number, siginfo_t *info, void *context)
{
    const struct run *run = looked_at;
    const uintptr_t at = (uintptr_t)info->si_addr, page = (uintptr_t)sysconf(_SC_PAGESIZE);

    (void)context;
    if (run == NULL || at < (uintptr_t)run->bytes || at - (uintptr_t)run->bytes >= length_of(run)
        || mmap((void *)(at - at % page), page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
        (void)signal(number, SIG_DFL);
}

static void
expect_holes(void)
{
    struct sigaction action = { .sa_sigaction = put_zeros, .sa_flags = SA_SIGINFO };

    (void)sigemptyset(&action.sa_mask);
    (void)sigaction(SIGBUS, &action, NULL);
}

void
run_name(const struct run_key *key, char *name)
{
    (void)snprintf(name, RUN_NAME_BYTES, "index/%016llx.%llu-%llu", (unsigned long long)key->stream,
                   (unsigned long long)key->first, (unsigned long long)key->count);
}

int
run_open(int fd, const struct run_key *key, struct run *out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct stat status;
    void *bytes;

    (void)pthread_once(&once, expect_holes);
    *out = (struct run){ .bytes = NULL };
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size % RUN_BLOCK != 0
        || key->count > (uint64_t)status.st_size / RUN_ENTRY_BYTES)     /* so what follows stays small */
        return -1;
    *out = (struct run){ .key = *key, .lines = run_filter_lines(key->count), .home = run_home_blocks(key->count) };
    if ((uint64_t)status.st_size < out->lines * RUN_LINE + out->home * RUN_BLOCK)
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
        (void)munmap((void *)(uintptr_t)run->bytes, length_of(run));
    run->bytes = NULL;
}

static bool
is_whole(const unsigned char *bytes, size_t length, const struct run_key *key, uint64_t number)
{
    uint64_t sum;

    memcpy(&sum, bytes, sizeof sum);
    return run_sum(bytes, length, key, number) == sum;
}

/* The line that a hash leads to. */
static uint64_t
line_of(const struct run *run, uint64_t hash)
{
    return run_home(hash, run->lines);
}

/* 1 if an entry may be of this hash, 0 if none is, -1. */
static int
look(const struct run *run, uint64_t hash)
{
    const uint64_t number = line_of(run, hash);
    const unsigned char *line = run->bytes + number * RUN_LINE;
    uint16_t bits[RUN_BITS_EACH];
    unsigned set = 1;

    if (!is_whole(line, RUN_LINE, &run->key, ~number))
        return -1;
    run_bits(hash, bits);
    for (int i = 0; i < RUN_BITS_EACH; i++)
        set &= (unsigned)line[RUN_SUM_BYTES + bits[i] / 8] >> bits[i] % 8;
    return (int)set;
}

/* A block that is right, and how many entries it has; or NULL. */
static const unsigned char *
check(const struct run *run, size_t block, size_t *count)
{
    const unsigned char *bytes = run->bytes + run->lines * RUN_LINE + block * RUN_BLOCK;
    uint16_t entries;

    memcpy(&entries, bytes + RUN_SUM_BYTES, sizeof entries);
    *count = entries;
    return is_whole(bytes, RUN_BLOCK, &run->key, block) && entries <= RUN_ENTRIES ? bytes + RUN_HEAD_BYTES : NULL;
}

/* The first entry of a block, from `from` on, that is of this hash or a later one. */
static size_t
search(const unsigned char *entries, size_t from, size_t count, uint64_t wanted)
{
    while (from < count) {
        size_t middle = from + (count - from) / 2;

        if (run_unpack(entries + middle * RUN_ENTRY_BYTES).key < wanted)
            from = middle + 1;
        else
            count = middle;
    }
    return from;
}

/* A step is the number of an entry's place in the whole run, and one more. */
static int
next(const struct run *run, uint64_t hash, size_t *step, struct index_hit *hit)
{
    const uint64_t wanted = hash >> RUN_KEY_SHIFT << RUN_KEY_SHIFT;
    size_t place = *step > 0 ? *step : (size_t)run_home(hash >> RUN_KEY_SHIFT, run->home) * RUN_ENTRIES;
    size_t count = RUN_ENTRIES;
    int may_be = *step > 0 ? 1 : look(run, hash >> RUN_KEY_SHIFT);

    if (may_be <= 0)
        return may_be;
    for (size_t block = place / RUN_ENTRIES; block < run->blocks && count == RUN_ENTRIES; block++) {
        const unsigned char *entries = check(run, block, &count);
        struct index_entry entry;
        size_t at;

        if (entries == NULL)
            return -1;
        at = search(entries, place % RUN_ENTRIES, count, wanted);
        place = 0;
        if (at == count)
            continue;
        entry = run_unpack(entries + at * RUN_ENTRY_BYTES);
        if (entry.key != wanted)
            return 0;
        *step = block * RUN_ENTRIES + at + 1;
        *hit = (struct index_hit){ (enum message_type)(entry.what & 15), entry.what >> 4 };
        return 1;
    }
    return count == RUN_ENTRIES ? -1 : 0;
}

int
run_next(const struct run *run, uint64_t hash, size_t *step, struct index_hit *hit)
{
    int result;

    looked_at = run;
    result = next(run, hash, step, hit);
    looked_at = NULL;
    return result;
}

void
run_expect(const struct run *run, uint64_t hash)
{
    __builtin_prefetch(run->bytes + line_of(run, hash >> RUN_KEY_SHIFT) * RUN_LINE);
}

static int
walk(const struct run *run, size_t *step, struct index_entry *out)
{
    for (size_t block = *step / RUN_ENTRIES; block < run->blocks; block++) {
        size_t count, i = *step % RUN_ENTRIES;
        const unsigned char *entries = check(run, block, &count);

        if (entries == NULL)
            return -1;
        if (i < count) {
            *out = run_unpack(entries + i * RUN_ENTRY_BYTES);
            *step = i + 1 < count ? *step + 1 : (block + 1) * RUN_ENTRIES;
            return 1;
        }
        *step = (block + 1) * RUN_ENTRIES;
    }
    return 0;
}

int
run_walk(const struct run *run, size_t *step, struct index_entry *out)
{
    int result;

    looked_at = run;
    result = walk(run, step, out);
    looked_at = NULL;
    return result;
}

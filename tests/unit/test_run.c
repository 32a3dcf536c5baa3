/* test_run.c -- the files that tell where a request's events are: what is in them is found, whatever is damaged. */
#include "dice.h"
#include "scratch.h"
#include "store/file/run.h"
#include "tap.h"

enum { MOST = 3000 };

static struct index_entry entries[MOST];
static struct dice dice = { 1 };

/* Some requests have two events, and some hashes begin alike. */
static void
fill(size_t count, uint64_t spread)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = i % 7 == 3 ? entries[i - 1].key : dice_next(&dice) % spread << 20;

        entries[i] = (struct index_entry){ hash, (uint64_t)i * 300 << 4 | (i % 3 + 1) };
    }
    qsort(entries, count, sizeof *entries, run_order);
}

static int
write_run(const struct run_key *key)
{
    struct run_writer writer = run_begin(scratch_file(), key);
    int result = 0;

    for (size_t i = 0; result == 0 && i < key->count; i++)
        result = run_add(&writer, &entries[i]);
    if (run_end(&writer) != 0 || result != 0)
        io_close(&writer.fd);
    return writer.fd;
}

/* How many of the entries are not found in their order where they belong; -1 if damage was. */
static int
misses(const struct run *run)
{
    int missed = 0;

    for (size_t i = 0; i < run->key.count;) {
        size_t step = 0;
        struct index_hit hit;
        uint64_t hash = entries[i].key;
        int more = 1;

        for (; i < run->key.count && entries[i].key == hash; i++) {
            more = run_next(run, hash | 0xfffff, &step, &hit);
            if (more < 0)
                return -1;
            missed += more == 0 || (hit.offset << 4 | (uint64_t)hit.type) != entries[i].what;
        }
        more = run_next(run, hash, &step, &hit);
        if (more < 0)
            return -1;
        missed += more;
    }
    return missed;
}

static void
test_found(struct tap *tap, size_t count, uint64_t spread)
{
    const struct run_key key = { 0x1234, 1, count, 7 };
    struct run run = { .home = 0 };
    struct index_entry entry;
    size_t step = 0, walked = 0, others = 0, bytes;
    int fd;

    fill(count, spread);
    fd = write_run(&key);
    tap_check(tap, fd >= 0 && run_open(fd, &key, &run) == 0 && misses(&run) == 0, "%zu events are found", count);
    while (run_walk(&run, &step, &entry) > 0 && walked < count && entry.what == entries[walked].what)
        walked++;
    tap_check(tap, walked == count && run_walk(&run, &step, &entry) == 0, "and walked in their order");
    for (size_t i = 0; i < 1000; i++) {
        struct index_hit hit;

        step = 0;
        others += run_next(&run, dice_next(&dice), &step, &hit) != 0;
    }
    tap_check(tap, others == 0, "and no others");
    bytes = run.lines * RUN_LINE + run.blocks * RUN_BLOCK;
    tap_check(tap, bytes <= 20 * count + 3 * RUN_BLOCK, "in %zu bytes an event", bytes / count);
    run_close(&run);
    io_close(&fd);
}

/* Of requests that are not there few are looked for in the blocks, which are gone here. */
static void
test_filter(struct tap *tap, size_t count)
{
    enum { ASKED = 10000 };
    const struct run_key key = { 0x1234, 1, count, 7 };
    struct run run;
    struct stat status;
    size_t step, asked = 0, missed = 0;
    int fd;

    fill(count, UINT64_MAX >> 20);
    fd = write_run(&key);
    (void)fstat(fd, &status);
    if (!tap_check(tap, run_open(fd, &key, &run) == 0, "a run of %zu", count))
        return;
    (void)ftruncate(fd, (off_t)(run.lines * RUN_LINE));
    (void)ftruncate(fd, status.st_size);
    for (size_t i = 0; i < ASKED; i++) {
        struct index_hit hit;

        step = 0;
        asked += run_next(&run, dice_next(&dice), &step, &hit) != 0;
    }
    for (size_t i = 0; i < count; i++) {
        struct index_hit hit;

        step = 0;
        missed += run_next(&run, entries[i].key, &step, &hit) == 0;
    }
    tap_check(tap, asked <= ASKED / 100 && missed == 0, "%zu of %d others get past the filter of %zu", asked, ASKED, count);
    run_close(&run);
    io_close(&fd);
}

/* Of a file with each bit flipped in turn, of the filter and a block: nothing reads as if it were not there. */
static void
test_bits(struct tap *tap)
{
    const struct run_key key = { 0x99, 5, 400, 7 };
    size_t tried = 0, wrong = 0, found = 0;
    int file, fd;

    fill(key.count, UINT64_MAX >> 20);
    file = write_run(&key);
    fd = scratch_again(file, O_RDWR);
    for (off_t at = 0; at < 3 * RUN_BLOCK; at++) {
        for (int bit = 0; bit < 8; bit += 1 + (int)dice_roll(&dice, 7)) {
            unsigned char byte = 0, other;
            struct run run;
            int missed;

            (void)io_pread(fd, &byte, 1, at);
            other = (unsigned char)(byte ^ 1 << bit);
            (void)io_pwrite(fd, &other, 1, at);
            missed = run_open(fd, &key, &run) == 0 ? misses(&run) : -1;
            run_close(&run);
            (void)io_pwrite(fd, &byte, 1, at);
            tried++;
            found += missed < 0;
            wrong += missed > 0;
        }
    }
    tap_check(tap, wrong == 0 && found == tried, "of %zu flipped bits each is found", tried);
    io_close(&fd);
    io_close(&file);
}

static void
test_others(struct tap *tap)
{
    const struct run_key key = { 0x99, 5, 400, 7 };
    const struct run_key strangers[] = {
        { 0x98, 5, 400, 7 }, { 0x99, 6, 400, 7 }, { 0x99, 5, 401, 7 }, { 0x99, 5, 400, 8 },
        /* So many that the bytes they take are few, as they do not fit a number. */
        { 0x99, 5, UINT64_MAX, 7 }, { 0x99, 5, UINT64_MAX - 31, 7 }, { 0x99, 5, UINT64_C(1069693888392826819), 7 },
    };
    struct run run;
    int fd = write_run(&key);

    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        tap_check(tap, run_open(fd, &strangers[i], &run) != 0 || misses(&run) < 0, "the file of another run: %zu", i);
        run_close(&run);
    }
    (void)ftruncate(fd, RUN_BLOCK);
    tap_check(tap, run_open(fd, &key, &run) != 0, "cut off between blocks");
    (void)ftruncate(fd, RUN_BLOCK + 17);
    tap_check(tap, run_open(fd, &key, &run) != 0, "cut off within a block");
    (void)ftruncate(fd, 0);
    tap_check(tap, run_open(fd, &key, &run) != 0, "empty");
    io_close(&fd);
}

/* Cut off between blocks: nothing reads as if it were not there. */
static void
test_cut(struct tap *tap, size_t count, uint64_t spread)
{
    const struct run_key key = { 0x1234, 1, count, 7 };
    struct run run;
    struct stat status;
    int fd;

    fill(count, spread);
    fd = write_run(&key);
    (void)fstat(fd, &status);
    for (off_t size = status.st_size - RUN_BLOCK; size > 0; size -= RUN_BLOCK) {
        (void)ftruncate(fd, size);
        tap_check(tap, run_open(fd, &key, &run) != 0 || misses(&run) < 0, "cut off to %lld bytes", (long long)size);
        run_close(&run);
    }
    io_close(&fd);
}

/* Fewer than the key says is no run. */
static void
test_few(struct tap *tap)
{
    const struct run_key key = { 0x99, 5, 400, 7 };
    struct run_writer writer = run_begin(scratch_file(), &key);
    int result = 0;

    for (size_t i = 0; i < 399 && result == 0; i++)
        result = run_add(&writer, &entries[i]);
    tap_check(tap, result == 0 && run_end(&writer) != 0, "one entry is missing");
    io_close(&writer.fd);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_found(&tap, 1, UINT64_MAX >> 20);
    test_found(&tap, MOST, UINT64_MAX >> 20);
    test_found(&tap, MOST, 400);                /* many a hash, many a full block */
    test_found(&tap, 900, 1);                   /* all of one hash: more than its block takes */
    test_filter(&tap, MOST);
    test_filter(&tap, 295);                     /* as many as eight lines take */
    test_bits(&tap);
    test_others(&tap);
    test_cut(&tap, 900, 1);
    test_cut(&tap, 371, 1);                     /* just a full block */
    test_cut(&tap, MOST, UINT64_MAX >> 20);
    test_few(&tap);
    return tap_done(&tap);
}

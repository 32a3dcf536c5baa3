/*
 * test_bits.c -- a journal with any bit flipped, cut off anywhere, its lines in any other order.
 */
#include "heads.h"

/* The journal as it was, and where its lines begin; the last of those is its end. */
struct whole {
    struct heads heads;
    struct buffer bytes;
    size_t start[EVENTS + 1];
};

static void
make_whole(struct whole *whole)
{
    heads_reset(&whole->heads);
    seal(&whole->heads);
    for (size_t i = 0; i < EVENTS; i++) {
        whole->start[i] = whole->bytes.length;
        buffer_add(&whole->bytes, whole->heads.line[i].at, whole->heads.line[i].length);
    }
    whole->start[EVENTS] = whole->bytes.length;
}

static void
free_whole(struct whole *whole)
{
    heads_free(&whole->heads);
    buffer_free(&whole->bytes);
}

/* Which line, from 1, has this byte; its newline is of the line that it ends. */
static size_t
line_of(const struct whole *whole, size_t byte)
{
    size_t line = 1;

    while (whole->start[line] <= byte)
        line++;
    return line;
}

/*
 * A replay of the first `end` bytes takes `good` lines, then ends: because of the next
 * one if it is damaged, or because no line is left.
 */
static bool
takes(const struct whole *whole, int fd, size_t end, size_t good, bool damaged)
{
    struct replay replay = { .product = SLICE_INIT("85123A") };
    struct replay_reader reader = { .buffer = { 0 } };
    struct fault why = { .status = STATUS_DONE };
    int result = replay_file(&replay, &reader, fd, end, &why);

    buffer_free(&reader.buffer);
    if (result != (damaged ? -1 : 0) || (damaged && why.status != STATUS_DATA)) {
        printf("# %d after line %" PRIu64 ": %s\n", result, replay.line, why.text);
        return false;
    }
    return replay.state.sequence == good && replay.offset == whole->start[good] && replay.line == good + damaged;
}

/* Each bit is found in its line; without its newline the last line is only not finished. */
static void
test_bits(struct tap *tap, const struct whole *whole, int fd)
{
    size_t wrong = 0, tried = 0;
    int again = scratch_again(fd, O_RDWR);          /* the file itself is only appended to */

    scratch_fill(fd, (struct slice){ whole->bytes.at, whole->bytes.length });
    for (size_t byte = 0; byte < whole->bytes.length; byte++) {
        const bool finished = byte + 1 < whole->bytes.length;

        for (unsigned bit = 0; bit < 8; bit++, tried++) {
            char changed = (char)(whole->bytes.at[byte] ^ (1 << bit));
            size_t line = line_of(whole, byte);

            if (pwrite(again, &changed, 1, (off_t)byte) == 1
                && takes(whole, fd, whole->bytes.length, line - 1, finished))
                continue;
            printf("# bit %u of byte %zu, in line %zu\n", bit, byte, line);
            wrong++;
        }
        (void)pwrite(again, &whole->bytes.at[byte], 1, (off_t)byte);
    }
    tap_check(tap, wrong == 0 && tried > 8 * 300 * EVENTS, "each of %zu bits", tried);
    io_close(&again);
}

/* What is left of a journal are its whole lines. */
static void
test_cuts(struct tap *tap, const struct whole *whole, int fd)
{
    size_t wrong = 0;

    for (size_t end = 0; end < whole->bytes.length; end++)
        wrong += !takes(whole, fd, end, line_of(whole, end) - 1, false);
    wrong += !takes(whole, fd, whole->bytes.length, EVENTS, false);
    tap_check(tap, wrong == 0, "cut off at each of %zu bytes", whole->bytes.length);
}

/* Write lines by their numbers, from 0: the first that is not in its place is damage. */
static bool
finds_order(const struct whole *whole, int fd, const size_t *order, size_t count)
{
    struct buffer text = { 0 };
    size_t good = 0;
    bool found;

    for (size_t i = 0; i < count; i++)
        buffer_add(&text, whole->heads.line[order[i]].at, whole->heads.line[order[i]].length);
    scratch_fill(fd, (struct slice){ text.at, text.length });
    while (good < count && order[good] == good)
        good++;
    found = takes(whole, fd, text.length, good, good < count);
    if (!found)
        printf("# line %zu of %zu\n", good + 1, count);
    buffer_free(&text);
    return found;
}

static void
test_lines(struct tap *tap, const struct whole *whole, int fd)
{
    size_t order[EVENTS + 1], wrong = 0;

    for (size_t i = 0; i < EVENTS; i++) {
        for (size_t k = 0; k < EVENTS; k++)
            order[k] = k < i ? k : k + 1;
        wrong += !finds_order(whole, fd, order, EVENTS - 1);
        for (size_t k = 0; k < EVENTS + 1; k++)
            order[k] = k <= i ? k : k - 1;
        wrong += !finds_order(whole, fd, order, EVENTS + 1);
        for (size_t j = i + 1; j < EVENTS; j++) {
            for (size_t k = 0; k < EVENTS; k++)
                order[k] = k == i ? j : k == j ? i : k;
            wrong += !finds_order(whole, fd, order, EVENTS);
        }
    }
    tap_check(tap, wrong == 0, "each line missing, twice, and in the place of each other");
}

int
main(void)
{
    struct tap tap = { 0 };
    struct whole whole = { .bytes = { 0 } };
    int fd = scratch_file();

    make_whole(&whole);
    test_bits(&tap, &whole, fd);
    test_cuts(&tap, &whole, fd);
    test_lines(&tap, &whole, fd);
    free_whole(&whole);
    io_close(&fd);
    return tap_done(&tap);
}

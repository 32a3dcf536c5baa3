/* test_replay_parts.c -- a journal read in parts, cut anywhere, and with anything done to its bytes. */
#include "parts.h"

/* All of a journal that is right is read by the parts, wherever they are cut. */
static void
test_right(struct tap *tap)
{
    struct journal_text text = { .all = { 0 } };
    struct dice dice = { 5 };
    int fd = scratch_file();
    size_t wrong = 0, left = 0;

    for (int mix = 0; mix < 3; mix++) {
        make_text(&text, &dice);
        put(&text, fd);
        for (size_t part = 1; part < 1200; part += part < 300 ? 23 : 5) {
            struct replay replay = { .product = PRODUCT };

            replay_parts(&replay, fd, size_of(fd), 1 + part % 3, part);
            left += replay.offset != size_of(fd) || replay.line != LINES;
            wrong += differ(fd, PRODUCT, 1 + part % 3, part);
        }
    }
    tap_check(tap, wrong == 0, "cut anywhere: the same as in one go");
    tap_check(tap, left == 0, "and nothing is left over");
    text_free(&text);
    io_close(&fd);
}

/* Parts go on from where somebody stopped reading, and read what was appended. */
static void
test_steps(struct tap *tap)
{
    struct journal_text text = { .all = { 0 } };
    struct dice dice = { 6 };
    int fd = scratch_file();
    size_t wrong = 0;

    make_text(&text, &dice);
    put(&text, fd);
    for (size_t i = 0; i <= LINES; i++) {
        struct replay replay = { .product = PRODUCT };
        struct replay_reader reader = { .buffer = { 0 } };
        struct fault why;

        wrong += replay_file(&replay, &reader, fd, text.start[i], &why) != 0;
        replay_parts(&replay, fd, text.start[i] + (size_of(fd) - text.start[i]) / 2, 2, 700);
        replay_parts(&replay, fd, size_of(fd), 2, 700);
        wrong += replay.offset != size_of(fd) || replay.line != LINES || replay.state.sequence != LINES;
        buffer_free(&reader.buffer);
    }
    tap_check(tap, wrong == 0, "from any line on, in two steps");
    text_free(&text);
    io_close(&fd);
}

/* Of every third byte each bit flipped, it a newline, and the file cut off there. */
static void
test_bytes(struct tap *tap)
{
    struct journal_text text = { .all = { 0 } };
    struct dice dice = { 7 };
    int fd = scratch_file(), writing = scratch_again(fd, O_RDWR);
    size_t wrong = 0;

    make_text(&text, &dice);
    put(&text, fd);
    for (size_t at = 0; at < text.all.length; at += 7) {
        for (unsigned bit = 0; bit <= 8; bit++) {
            char changed = (char)(bit < 8 ? text.all.at[at] ^ 1 << bit : '\n');

            (void)io_pwrite(writing, &changed, 1, (off_t)at);
            wrong += !agree(fd, PRODUCT, (struct way){ 1, 1024 + at % 7, bit % 2 == 0 });
        }
        (void)io_pwrite(writing, &text.all.at[at], 1, (off_t)at);
    }
    tap_check(tap, wrong == 0, "a byte that changed, wherever it is");
    for (size_t size = text.all.length; size > 0; size--) {
        (void)io_truncate(writing, (off_t)size);
        wrong += differ(fd, PRODUCT, 1, 1024);
    }
    tap_check(tap, wrong == 0, "an end that was cut off, wherever it was");
    text_free(&text);
    io_close(&fd);
    io_close(&writing);
}

/* Lines swapped, doubled, missing: their sums are not in order then. */
static void
test_lines(struct tap *tap)
{
    struct journal_text text = { .all = { 0 } };
    struct dice dice = { 8 };
    int fd = scratch_file();
    size_t wrong = 0;

    make_text(&text, &dice);
    put(&text, fd);
    for (size_t i = 0; i + 1 < LINES; i++) {
        const char *all = text.all.at;
        size_t one = text.start[i], two = text.start[i + 1], three = text.start[i + 2], end = text.all.length;
        const struct slice harms[][4] = {
            { { all, one }, { all + two, three - two }, { all + one, two - one }, { all + three, end - three } },
            { { all, two }, { all + one, two - one }, { all + two, end - two }, SLICE("") },
            { { all, one }, { all + two, end - two }, SLICE(""), SLICE("") },
            { { all, two }, SLICE("\n"), { all + two, end - two }, SLICE("") },
            { { all, two - 1 }, { all + two, end - two }, SLICE(""), SLICE("") },
        };

        for (size_t harm = 0; harm < COUNT(harms); harm++) {
            scratch_fill(fd, SLICE(""));
            for (size_t j = 0; j < 4; j++)
                (void)io_write(fd, harms[harm][j].at, harms[harm][j].length);
            for (size_t part = 500; part < 1400; part += 90)
                wrong += differ(fd, PRODUCT, 2, part);
        }
    }
    tap_check(tap, wrong == 0, "lines swapped, doubled, missing, split and joined");
    text_free(&text);
    io_close(&fd);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_right(&tap);
    test_steps(&tap);
    test_bytes(&tap);
    test_lines(&tap);
    return tap_done(&tap);
}

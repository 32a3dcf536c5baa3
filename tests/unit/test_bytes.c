/* test_bytes.c -- runs of bytes: compared, grown, written as numbers and as base64. */
#include <stdlib.h>

#include "dice.h"
#include "tap.h"

struct compared {
    struct slice a, b;
    int order;                  /* its sign */
};

static const struct compared compareds[] = {
    { SLICE_INIT(""), SLICE_INIT(""), 0 },
    { SLICE_INIT("a"), SLICE_INIT("a"), 0 },
    { SLICE_INIT(""), SLICE_INIT("\0"), -1 },
    { SLICE_INIT("a"), SLICE_INIT("b"), -1 },
    { SLICE_INIT("a"), SLICE_INIT("aa"), -1 },
    { SLICE_INIT("ab"), SLICE_INIT("b"), -1 },
    { SLICE_INIT("A"), SLICE_INIT("a"), -1 },
    { SLICE_INIT("z"), SLICE_INIT("\xc3\xa9"), -1 },
    { SLICE_INIT("a\0b"), SLICE_INIT("a\0c"), -1 },
    { SLICE_INIT("10"), SLICE_INIT("9"), -1 },
};

static int
sign(int number)
{
    return (number > 0) - (number < 0);
}

static void
test_compared(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(compareds); i++) {
        const struct compared *row = &compareds[i];

        tap_check(tap, sign(slice_compare(row->a, row->b)) == row->order
                  && sign(slice_compare(row->b, row->a)) == -row->order
                  && slice_equal(row->a, row->b) == (row->order == 0), "slices %zu, both ways", i);
    }
}

static void
test_numbers(struct tap *tap)
{
    struct buffer out = { 0 };

    buffer_number(&out, 0);
    buffer_text(&out, " ");
    buffer_number(&out, 9007199254740991);
    buffer_text(&out, " ");
    buffer_number(&out, UINT64_MAX);
    buffer_text(&out, " ");
    buffer_hex(&out, 0);
    buffer_text(&out, " ");
    buffer_hex(&out, UINT64_C(0x0123456789abcdef));
    tap_same(tap, (struct slice){ out.at, out.length },
             SLICE("0 9007199254740991 18446744073709551615 0000000000000000 0123456789abcdef"), "numbers");
    buffer_free(&out);
    tap_check(tap, out.at == NULL && out.length == 0 && out.room == 0, "nothing is left of a buffer that was freed");
}

/* The test vectors of RFC 4648, section 10, and the two last digits. */
static const struct {
    struct slice bytes;
    struct slice text;
} encoded[] = {
    { SLICE_INIT(""), SLICE_INIT("") },
    { SLICE_INIT("f"), SLICE_INIT("Zg==") },
    { SLICE_INIT("fo"), SLICE_INIT("Zm8=") },
    { SLICE_INIT("foo"), SLICE_INIT("Zm9v") },
    { SLICE_INIT("foob"), SLICE_INIT("Zm9vYg==") },
    { SLICE_INIT("fooba"), SLICE_INIT("Zm9vYmE=") },
    { SLICE_INIT("foobar"), SLICE_INIT("Zm9vYmFy") },
    { SLICE_INIT("\xfb\xff\xbf\0"), SLICE_INIT("+/+/AA==") },
};

static void
test_base64(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(encoded); i++) {
        struct buffer out = { 0 };

        buffer_base64(&out, encoded[i].bytes.at, encoded[i].bytes.length);
        tap_same(tap, (struct slice){ out.length > 0 ? out.at : "", out.length }, encoded[i].text, "base64");
        buffer_free(&out);
    }
}

/* What was added stays, however the buffer grows; what an arena copied stays in its place. */
static void
test_growth(struct tap *tap)
{
    enum { PIECES = 3000 };
    struct buffer out = { 0 };
    struct arena arena = { 0 };
    struct dice dice = { 15 };
    static const char *copies[PIECES];
    size_t wrong = 0, at = 0;

    for (size_t i = 0; i < PIECES; i++) {
        char piece[40];
        size_t length = dice_roll(&dice, sizeof piece + 1);

        memset(piece, 'a' + (int)(i % 26), sizeof piece);
        buffer_add(&out, piece, length);
        wrong += out.length > out.room;
        copies[i] = arena_copy(&arena, piece, length);
    }
    dice = (struct dice){ 15 };
    for (size_t i = 0; i < PIECES; i++) {
        size_t length = dice_roll(&dice, 41);

        wrong += memcmp(out.at + at, copies[i], length) != 0 || (length > 0 && copies[i][0] != (char)('a' + i % 26));
        at += length;
    }
    tap_check(tap, wrong == 0 && at == out.length, "3,000 pieces");
    buffer_shrink(&out);
    tap_check(tap, out.length == 0 && out.room == 0, "a large buffer gives its memory back");
    buffer_text(&out, "x");
    buffer_shrink(&out);
    tap_check(tap, out.length == 0 && out.room > 0, "a small one does not");
    buffer_free(&out);
    arena_reset(&arena);
    tap_check(tap, arena.block == NULL, "an arena is empty once it was reset");
}

static void
test_room(struct tap *tap)
{
    size_t *list = NULL, room = 0, wrong = 0;

    for (size_t i = 0; i < 1000; i++) {
        list = memory_room(list, i, &room, sizeof *list);
        wrong += room <= i;
        list[i] = i;
    }
    for (size_t i = 0; i < 1000; i++)
        wrong += list[i] != i;
    tap_check(tap, wrong == 0, "a list of 1,000");
    free(list);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_compared(&tap);
    test_numbers(&tap);
    test_base64(&tap);
    test_growth(&tap);
    test_room(&tap);
    return tap_done(&tap);
}

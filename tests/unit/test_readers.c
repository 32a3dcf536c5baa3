/*
 * test_readers.c -- the two ways to read a line, held together.
 *
 * Lines that were written, and those lines with anything done to their bytes.
 * test_forms.c does the same with other forms of the same JSON.
 */
#include "readers.h"

static const enum message_form forms[] = { FORM_MESSAGE, FORM_EVENT };

/* Lines as they were written: both accept them, and what is read writes the same bytes again. */
static void
try_written(struct readers *readers, const struct sample *sample, enum message_form form, struct slice line)
{
    enum message_form other = form == FORM_EVENT ? FORM_MESSAGE : FORM_EVENT;
    const unsigned type = TYPE_BIT(sample->message.type);
    const unsigned sets[] = { WANT_ALL, type, 0, WANT_ALL & ~type, TYPES_PRODUCT, TYPES_STOCK };
    struct buffer again = { 0 };

    for (size_t i = 0; i < COUNT(sets); i++) {
        enum verdict expected = (sets[i] & type) != 0 ? READ : PASSED_ON;

        if (readers_try(readers, line, form, sets[i]) != expected)
            readers_fail(readers, "not accepted as it was written", line);
        else if (expected == READ && !sample_same(&readers->parsed, &sample->message, form))
            readers_fail(readers, "not read as it was written", line);
        if (sample->plain && !readers->scanned)
            readers_fail(readers, "not scanned as it was written", line);
    }
    if (readers_try(readers, line, form, WANT_ALL) == READ) {
        struct message message = readers->parsed;
        struct slice got;

        message.cause = sample->message.cause;
        got = sample_write(&message, sample->source, form, &again);
        if (!slice_equal(got, line))
            readers_fail(readers, "not written again as it was", line);
    }
    if (readers_try(readers, line, other, WANT_ALL) != (form == FORM_EVENT ? READ : REFUSED))
        readers_fail(readers, "a message is no event, an event can be read as a message", line);
    buffer_free(&again);
}

static void
test_written(struct tap *tap, struct readers *readers)
{
    struct sample sample = { .plain = true };
    struct buffer line = { 0 };
    struct dice dice = { 9 };

    for (int i = 0; i < 100; i++) {
        for (unsigned type = TYPE_OTHER + 1; type < TYPE_COUNT; type++) {
            for (size_t form = 0; form < COUNT(forms); form++) {
                sample_make(&dice, (enum message_type)type, i % 2 == 0, &sample);
                try_written(readers, &sample, forms[form],
                            sample_write(&sample.message, sample.source, forms[form], &line));
            }
        }
    }
    readers_check(tap, readers, "lines as they were written");
    sample_free(&sample);
    buffer_free(&line);
}

/* Put `more` in the place of `count` bytes at `at`. */
static struct slice
edit(struct slice line, size_t at, size_t count, struct slice more, struct buffer *out)
{
    out->length = 0;
    buffer_add(out, line.at, at);
    buffer_slice(out, more);
    buffer_add(out, line.at + at + count, line.length - at - count);
    return (struct slice){ out->at, out->length };
}

/* What is put over a byte or before it. */
static const struct slice pieces[] = {
    SLICE_INIT("\""), SLICE_INIT("\\"), SLICE_INIT("\0"), SLICE_INIT(" "), SLICE_INIT("0"), SLICE_INIT("9"),
    SLICE_INIT("-"), SLICE_INIT("."), SLICE_INIT("e"), SLICE_INIT(","), SLICE_INIT(":"), SLICE_INIT("{"),
    SLICE_INIT("}"), SLICE_INIT("["), SLICE_INIT("/"), SLICE_INIT("\t"), SLICE_INIT("\r"), SLICE_INIT("\x1f"),
    SLICE_INIT("\x7f"), SLICE_INIT("\x80"), SLICE_INIT("\xff"), SLICE_INIT("\xc3\xa9"), SLICE_INIT("\xc2\x85"),
    SLICE_INIT("\xc0\xaf"), SLICE_INIT("\xed\xa0\x80"), SLICE_INIT("\xf4\x90\x80\x80"), SLICE_INIT("\xc2"),
    SLICE_INIT("\\u0000"), SLICE_INIT("\\u0022"), SLICE_INIT("\\n"), SLICE_INIT("\\ud800"), SLICE_INIT("\",\""),
};

/* Each byte flipped in a bit, deleted, doubled, swapped with the next, overwritten; and the line cut off there. */
static void
try_bytes(struct readers *readers, struct slice line, enum message_form form, struct dice *dice, struct buffer *out)
{
    for (size_t i = 0; i < line.length; i++) {
        static const char bits[] = { 0x01, 0x02, 0x10, 0x20, (char)0x80 };
        const struct slice here = { line.at + i, 1 };
        char swapped[2];

        for (size_t bit = 0; bit < sizeof bits; bit++) {
            char flipped = (char)(line.at[i] ^ bits[bit]);

            (void)readers_try(readers, edit(line, i, 1, (struct slice){ &flipped, 1 }, out), form, WANT_ALL);
        }
        (void)readers_try(readers, edit(line, i, 1, SLICE(""), out), form, WANT_ALL);
        (void)readers_try(readers, edit(line, i, 0, here, out), form, WANT_ALL);
        if (readers_try(readers, (struct slice){ line.at, i }, form, WANT_ALL) != REFUSED)
            readers_fail(readers, "cut off and accepted", (struct slice){ line.at, i });
        if (i + 1 < line.length) {
            swapped[0] = line.at[i + 1];
            swapped[1] = line.at[i];
            (void)readers_try(readers, edit(line, i, 2, (struct slice){ swapped, 2 }, out), form, WANT_ALL);
        }
        for (int j = 0; j < 3; j++) {
            struct slice piece = pieces[dice_roll(dice, COUNT(pieces))];
            unsigned wanted = dice_roll(dice, 3) > 0 ? WANT_ALL : (unsigned)dice_next(dice) & WANT_ALL;

            (void)readers_try(readers, edit(line, i, dice_roll(dice, 2), piece, out), form, wanted);
        }
    }
}

static void
test_bytes(struct tap *tap, struct readers *readers)
{
    struct sample sample = { .plain = true };
    struct buffer line = { 0 }, out = { 0 };
    struct dice dice = { 10 };

    for (unsigned type = TYPE_OTHER + 1; type < TYPE_COUNT; type++) {
        for (size_t form = 0; form < COUNT(forms); form++) {
            struct slice text;

            do
                sample_make(&dice, (enum message_type)type, type % 2 == form, &sample);
            while (sample.message.reason.length > 100);
            text = sample_write(&sample.message, sample.source, forms[form], &line);
            try_bytes(readers, text, forms[form], &dice, &out);
            if (forms[form] == FORM_EVENT)
                try_bytes(readers, text, FORM_SELECTED, &dice, &out);
        }
    }
    readers_check(tap, readers, "each byte of a line changed");
    sample_free(&sample);
    buffer_free(&line);
    buffer_free(&out);
}

/* A few things done to a line at once, and pieces of one line in another. */
static void
test_heaps(struct tap *tap, struct readers *readers)
{
    struct sample sample = { .plain = true };
    struct buffer line = { 0 }, other = { 0 }, out[2] = { { 0 }, { 0 } };
    struct dice dice = { 11 };

    for (int i = 0; i < 15000; i++) {
        enum message_form form = forms[dice_roll(&dice, COUNT(forms))];
        struct slice text, from;

        sample_make(&dice, (enum message_type)(1 + dice_roll(&dice, TYPE_COUNT - 1)), i % 2 == 0, &sample);
        from = sample_write(&sample.message, sample.source, form, &other);
        sample_make(&dice, (enum message_type)(1 + dice_roll(&dice, TYPE_COUNT - 1)), i % 4 == 0, &sample);
        text = sample_write(&sample.message, sample.source, form, &line);
        for (size_t j = 1 + dice_roll(&dice, 3); j > 0 && text.length > 0; j--) {
            size_t at = dice_roll(&dice, text.length), start = dice_roll(&dice, from.length);
            size_t count = dice_roll(&dice, 40), room = from.length - start;
            struct slice piece = { from.at + start, count < room ? count : room };

            if (dice_roll(&dice, 2) == 0)
                piece = pieces[dice_roll(&dice, COUNT(pieces))];
            count = dice_roll(&dice, 2) == 0 ? piece.length : dice_roll(&dice, 30);
            text = edit(text, at, count < text.length - at ? count : text.length - at, piece, &out[j % 2]);
        }
        (void)readers_try(readers, text, form, dice_roll(&dice,
                                                         2) == 0 ? WANT_ALL : (unsigned)dice_next(&dice) & WANT_ALL);
    }
    readers_check(tap, readers, "several changes at once");
    sample_free(&sample);
    buffer_free(&line);
    buffer_free(&other);
    buffer_free(&out[0]);
    buffer_free(&out[1]);
}

/* Wherever `from` stands, `to`. */
static struct slice
replace_all(struct slice line, struct slice from, struct slice to, struct buffer *out)
{
    const char *at = line.at, *end = line.at + line.length, *next;

    out->length = 0;
    while ((next = memmem(at, (size_t)(end - at), from.at, from.length)) != NULL) {
        buffer_add(out, at, (size_t)(next - at));
        buffer_slice(out, to);
        at = next + from.length;
    }
    buffer_add(out, at, (size_t)(end - at));
    return (struct slice){ out->at, out->length };
}

/* The request and the type, which stand in a line several times, changed in all places alike. */
static void
try_alike(struct readers *readers, const struct sample *sample, enum message_form form, struct slice line)
{
    static const struct slice types[] = { SLICE_INIT(""), SLICE_INIT("stock.sol"), SLICE_INIT("stock.solder"),
                                          SLICE_INIT("Stock.Sold"), SLICE_INIT("stock\\u002esold"),
                                          SLICE_INIT("stock.s\xff"), SLICE_INIT("order.created\0") };
    struct slice request = sample->message.request, type = message_type_name(sample->message.type);
    struct buffer out = { 0 };
    char other[UUID_LENGTH];

    for (size_t i = 0; i < UUID_LENGTH; i++) {
        for (unsigned byte = 0; byte < 256; byte += byte < 0x20 || byte >= 0x80 ? 8 : 1) {
            memcpy(other, request.at, UUID_LENGTH);
            other[i] = (char)byte;
            (void)readers_try(readers, replace_all(line, request, (struct slice){ other, UUID_LENGTH }, &out), form,
                              WANT_ALL);
        }
        (void)readers_try(readers, replace_all(line, request, (struct slice){ request.at, i }, &out), form, WANT_ALL);
    }
    for (size_t i = 0; i < COUNT(types); i++)
        (void)readers_try(readers, replace_all(line, type, types[i], &out), form, WANT_ALL);
    for (unsigned i = TYPE_OTHER + 1; i < TYPE_COUNT; i++)
        (void)readers_try(readers, replace_all(line, type, message_type_name((enum message_type)i), &out), form,
                          WANT_ALL);
    buffer_free(&out);
}

static void
test_alike(struct tap *tap, struct readers *readers)
{
    static const enum message_type types[] = { PURCHASE_REQUESTED, STOCK_SOLD, PURCHASE_REFUSED, ORDER_CREATED };
    struct sample sample = { .plain = true };
    struct buffer line = { 0 };
    struct dice dice = { 13 };

    for (size_t i = 0; i < COUNT(types); i++) {
        enum message_form form = forms[i % 2];

        sample_make(&dice, types[i], true, &sample);
        try_alike(readers, &sample, form, sample_write(&sample.message, sample.source, form, &line));
    }
    readers_check(tap, readers, "request and type changed alike wherever they stand");
    sample_free(&sample);
    buffer_free(&line);
}

int
main(void)
{
    struct readers readers = { .lines = 0 };
    struct tap tap = { 0 };

    test_written(&tap, &readers);
    test_bytes(&tap, &readers);
    test_heaps(&tap, &readers);
    test_alike(&tap, &readers);
    readers_done(&tap, &readers);
    return tap_done(&tap);
}

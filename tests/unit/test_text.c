/* test_text.c -- UTF-8, UUIDs and numbers as they stand in a line. */
#include <uuid/uuid.h>

#include "base/text.h"
#include "dice.h"
#include "domain/message.h"
#include "tap.h"

/* A slice whose end is the end of its memory, so that a byte read behind it is found. */
static struct slice
exactly(struct arena *arena, struct slice slice)
{
    return (struct slice){ arena_copy(arena, slice.at, slice.length), slice.length };
}

static size_t
encode(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 63));
        out[2] = (char)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 63));
    out[2] = (char)(0x80 | (code >> 6 & 63));
    out[3] = (char)(0x80 | (code & 63));
    return 4;
}

struct character {
    const char *name;
    struct slice bytes;
    size_t length;
};

static const struct character characters[] = {
    { "a letter", SLICE_INIT("a"), 1 },
    { "NUL", SLICE_INIT("\0"), 1 },
    { "DEL", SLICE_INIT("\x7f"), 1 },
    { "a letter with what is not UTF-8 behind it", SLICE_INIT("a\xff"), 1 },
    { "U+0080", SLICE_INIT("\xc2\x80"), 2 },
    { "U+07FF", SLICE_INIT("\xdf\xbf"), 2 },
    { "U+0800", SLICE_INIT("\xe0\xa0\x80"), 3 },
    { "U+D7FF", SLICE_INIT("\xed\x9f\xbf"), 3 },
    { "U+E000", SLICE_INIT("\xee\x80\x80"), 3 },
    { "U+FFFF", SLICE_INIT("\xef\xbf\xbf"), 3 },
    { "U+10000", SLICE_INIT("\xf0\x90\x80\x80"), 4 },
    { "U+10FFFF", SLICE_INIT("\xf4\x8f\xbf\xbf"), 4 },
    { "a byte that goes on from nothing", SLICE_INIT("\x80"), 0 },
    { "another", SLICE_INIT("\xbf\x80"), 0 },
    { "overlong: / in two bytes", SLICE_INIT("\xc0\xaf"), 0 },
    { "overlong: U+007F in two bytes", SLICE_INIT("\xc1\xbf"), 0 },
    { "overlong: NUL in two bytes", SLICE_INIT("\xc0\x80"), 0 },
    { "overlong: U+07FF in three bytes", SLICE_INIT("\xe0\x9f\xbf"), 0 },
    { "overlong: U+FFFF in four bytes", SLICE_INIT("\xf0\x8f\xbf\xbf"), 0 },
    { "the first surrogate", SLICE_INIT("\xed\xa0\x80"), 0 },
    { "the last surrogate", SLICE_INIT("\xed\xbf\xbf"), 0 },
    { "U+110000", SLICE_INIT("\xf4\x90\x80\x80"), 0 },
    { "a first byte of F5", SLICE_INIT("\xf5\x80\x80\x80"), 0 },
    { "a first byte of FF", SLICE_INIT("\xff\xbf\xbf\xbf"), 0 },
    { "a first byte of F8, five bytes", SLICE_INIT("\xf8\x88\x80\x80\x80"), 0 },
    { "two bytes, one there", SLICE_INIT("\xc3"), 0 },
    { "three bytes, two there", SLICE_INIT("\xe2\x82"), 0 },
    { "four bytes, three there", SLICE_INIT("\xf0\x9f\x98"), 0 },
    { "two bytes, the second a letter", SLICE_INIT("\xc3z"), 0 },
    { "three bytes, the third a letter", SLICE_INIT("\xe2\x82z"), 0 },
    { "four bytes, the third a first byte", SLICE_INIT("\xf0\x9f\xc3\x80"), 0 },
    { "four bytes, the fourth a quote", SLICE_INIT("\xf0\x9f\x98\""), 0 },
};

static void
test_characters(struct tap *tap)
{
    struct arena arena = { 0 };

    for (size_t i = 0; i < COUNT(characters); i++) {
        const struct character *row = &characters[i];
        struct slice bytes = exactly(&arena, row->bytes);
        bool whole = row->length == bytes.length;

        tap_check(tap, text_character(bytes.at, bytes.at + bytes.length) == row->length, "character: %s", row->name);
        tap_check(tap, text_utf8(bytes) == whole, "text: %s", row->name);
    }
    tap_check(tap, text_utf8(SLICE("")), "text: nothing");
    tap_check(tap, !text_utf8(SLICE("good\xc3\xa9 and \xc3")), "text: cut off in its last character");
    tap_check(tap, !text_utf8(SLICE("\xed\xa0\xbd\xed\xb8\x80")), "text: a pair of surrogates");
    arena_reset(&arena);
}

/* Every code point there and back, and that nothing else is accepted of two first bytes. */
static void
test_all_characters(struct tap *tap)
{
    static char seen[65536];
    size_t wrong = 0, strange = 0, controls = 0;
    char bytes[4];

    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        size_t length = encode(code, bytes);
        bool surrogate = code >= 0xd800 && code <= 0xdfff;

        wrong += text_character(bytes, bytes + length) != (surrogate ? 0 : length);
        wrong += length > 1 && text_character(bytes, bytes + length - 1) != 0;
        if (surrogate)
            continue;
        controls += text_control(bytes) != (code < 0x20 || (code >= 0x7f && code < 0xa0));
        if (length > 1)
            seen[(unsigned char)bytes[0] << 8 | (unsigned char)bytes[1]] = (char)length;
    }
    tap_check(tap, wrong == 0, "every code point has its length, surrogates none");
    tap_check(tap, controls == 0, "of every code point it is known whether it is a control character");
    for (unsigned pair = 0x8000; pair < 65536; pair++) {
        const char four[] = { (char)(pair >> 8), (char)pair, '\x80', '\xbf' };

        strange += text_character(four, four + 4) != (size_t)seen[pair];
    }
    tap_check(tap, strange == 0, "every two first bytes begin a character that there is, or none");
}

/* Held against libuuid. */
static void
test_uuid_bytes(struct tap *tap)
{
    struct dice dice = { 1 };
    size_t wrong = 0;

    for (size_t i = 0; i < 1000; i++) {
        char text[UUID_LENGTH + 1], written[UUID_LENGTH + 1] = "";
        uuid_t uuid, read = { 0 };

        for (size_t j = 0; j < sizeof uuid; j++)
            uuid[j] = (unsigned char)dice_next(&dice);
        uuid_unparse_lower(uuid, text);
        text_uuid_write(uuid, written);
        text_uuid_bytes(text, read);
        wrong += strcmp(written, text) != 0 || memcmp(read, uuid, sizeof uuid) != 0;
    }
    tap_check(tap, wrong == 0, "uuid: a thousand as bytes and back");
}

static void
test_uuids(struct tap *tap)
{
    static const char good[] = "6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c11";
    struct arena arena = { 0 };
    char text[sizeof good + 1];
    size_t wrong = 0;

    tap_check(tap, text_uuid(exactly(&arena, SLICE("6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c11"))), "uuid: version 4");
    tap_check(tap, text_uuid(SLICE("00000000-0000-0000-0000-000000000000")), "uuid: all zeros");
    tap_check(tap, text_uuid(SLICE("ffffffff-ffff-ffff-ffff-ffffffffffff")), "uuid: all ones");
    tap_check(tap, !text_uuid(SLICE("")), "uuid: nothing");
    tap_check(tap, !text_uuid(exactly(&arena, SLICE("6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c1"))), "uuid: a digit short");
    tap_check(tap, !text_uuid(SLICE("6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c110")), "uuid: a digit too many");
    tap_check(tap, !text_uuid(SLICE("6f1c0a523d0e4b6a9b572f0d8a4f7c11")), "uuid: without dashes");
    tap_check(tap, !text_uuid(SLICE("6f1c0a523-d0e-4b6a-9b57-2f0d8a4f7c11")), "uuid: a dash one place off");
    tap_check(tap, !text_uuid(SLICE("6F1C0A52-3D0E-4B6A-9B57-2F0D8A4F7C11")), "uuid: upper case");
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            bool dash = i == 8 || i == 13 || i == 18 || i == 23;
            bool digit = (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');

            memcpy(text, good, sizeof good);
            text[i] = (char)byte;
            wrong += text_uuid((struct slice){ text, UUID_LENGTH }) != (dash ? byte == '-' : digit);
        }
    }
    tap_check(tap, wrong == 0, "uuid: every byte in every place");
    arena_reset(&arena);
}

struct number {
    const char *text;
    uint64_t minimum, maximum;
    bool good;
    uint64_t value;
};

static const struct number numbers[] = {
    { "0", 0, 9, true, 0 },
    { "0", 1, 9, false, 0 },
    { "1", 1, 9, true, 1 },
    { "9", 1, 9, true, 9 },
    { "10", 1, 9, false, 0 },
    { "9007199254740991", 1, NUMBER_MAX, true, NUMBER_MAX },
    { "9007199254740992", 1, NUMBER_MAX, false, 0 },
    { "9999999999999999999", 0, UINT64_MAX, true, UINT64_C(9999999999999999999) },
    { "18446744073709551617", 0, UINT64_MAX, false, 0 },
    { "99999999999999999999999999999999", 0, UINT64_MAX, false, 0 },
    { "", 0, 9, false, 0 },
    { "+1", 0, 9, false, 0 },
    { "-1", 0, 9, false, 0 },
    { "-0", 0, 9, false, 0 },
    { " 1", 0, 9, false, 0 },
    { "1 ", 0, 9, false, 0 },
    { "1.0", 0, 9, false, 0 },
    { "1e0", 0, 9, false, 0 },
    { "0x1", 0, 9, false, 0 },
    { "1a", 0, 99, false, 0 },
    { "a", 0, 99, false, 0 },
    { "1/", 0, 99, false, 0 },
    { "1:", 0, 99, false, 0 },
    { "\xd9\xa1", 0, 9, false, 0 },
};

static void
test_numbers(struct tap *tap)
{
    struct arena arena = { 0 };

    for (size_t i = 0; i < COUNT(numbers); i++) {
        const struct number *row = &numbers[i];
        struct slice text = exactly(&arena, (struct slice){ row->text, strlen(row->text) });
        uint64_t value = 42;
        bool good = text_number(text, row->minimum, row->maximum, &value);

        tap_check(tap, good == row->good && value == (good ? row->value : 42), "number %zu of the table", i);
    }
    arena_reset(&arena);
}

static void
test_digits(struct tap *tap)
{
    size_t decimal = 0, hex = 0;
    uint64_t value;

    for (size_t i = 0; i < 16; i++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            char text[16] = "0000000000000000";
            bool digit = byte >= '0' && byte <= '9', letter = byte >= 'a' && byte <= 'f';
            uint64_t worth = digit ? byte - '0' : byte - 'a' + 10, ten = 1;

            for (size_t place = 15; place > i; place--)
                ten *= 10;
            text[i] = (char)byte;
            decimal += text_digits(text, sizeof text, &value) != digit || (digit && value != worth * ten);
            hex += text_hex(text, &value) != (digit || letter)
                || ((digit || letter) && value != worth << (4 * (15 - i)));
        }
    }
    tap_check(tap, decimal == 0, "digits: every byte in every place");
    tap_check(tap, hex == 0, "hex: every byte in every place");
    tap_check(tap, text_hex("fedcba9876543210", &value) && value == UINT64_C(0xfedcba9876543210),
              "hex: a whole number");
    tap_check(tap, text_digits("000000000017", 12, &value) && value == 17, "digits: zeros before");
}

static void
test_escaping(struct tap *tap)
{
    struct buffer got = { 0 };
    size_t wrong = 0;

    buffer_escaped(&got, SLICE("say \"\\\" / \t\n\r\b\f\x1f\x7f\xc2\x80\xc2\x9f\xc2\xa0\xc3\xa9\xf0\x9f\x98\x80\0"));
    tap_same(tap, (struct slice){ got.at, got.length },
             SLICE("say \\\"\\\\\\\" / \\u0009\\u000a\\u000d\\u0008\\u000c\\u001f\\u007f\\u0080\\u009f\xc2\xa0\xc3\xa9"
                   "\xf0\x9f\x98\x80\\u0000"), "escaped: what must be, and nothing else");
    got.length = 0;
    buffer_escaped(&got, SLICE("a\xff\"\xc3\x80\xc3"));
    tap_same(tap, (struct slice){ got.at, got.length }, SLICE("a\xef\xbf\xbd\\\"\xc3\x80\xef\xbf\xbd"),
             "escaped: each byte that is not UTF-8 as U+FFFD");
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4], expected[8];
        size_t length = encode(code, bytes);
        bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);

        if (code >= 0xd800 && code <= 0xdfff)
            continue;
        got.length = 0;
        buffer_escaped(&got, (struct slice){ bytes, length });
        if (control)
            (void)snprintf(expected, sizeof expected, "\\u%04x", code);
        wrong += control ? got.length != 6 || memcmp(got.at, expected, 6) != 0
            : code == '"' || code == '\\' ? got.length != 2 || got.at[0] != '\\' || got.at[1] != bytes[0]
                                          : got.length != length || memcmp(got.at, bytes, length) != 0;
    }
    tap_check(tap, wrong == 0, "escaped: every code point");
    buffer_free(&got);
}

static void
test_products(struct tap *tap)
{
    struct buffer text = { 0 };

    for (size_t i = 0; i < 27; i++)
        buffer_text(&text, "\xe2\x82\xac");
    tap_check(tap, product_id_valid((struct slice){ text.at, 78 }), "product: 26 characters in 78 bytes");
    tap_check(tap, !product_id_valid((struct slice){ text.at, 81 }), "product: 27 characters in 81 bytes");
    memset(text.at, 'x', text.length);
    tap_check(tap, product_id_valid((struct slice){ text.at, 80 }), "product: 80 bytes");
    tap_check(tap, !product_id_valid((struct slice){ text.at, 81 }), "product: 81 bytes");
    buffer_free(&text);
    tap_check(tap, product_id_valid(SLICE("x")), "product: one byte");
    tap_check(tap, !product_id_valid(SLICE("")), "product: nothing");
    tap_check(tap, product_id_valid(SLICE("../../etc/passwd \"\\%2F")), "product: what is a path, and quotes");
    tap_check(tap, !product_id_valid(SLICE("a\nb")), "product: a newline");
    tap_check(tap, !product_id_valid(SLICE("a\0b")), "product: a NUL");
    tap_check(tap, !product_id_valid(SLICE("ab\x7f")), "product: DEL");
    tap_check(tap, !product_id_valid(SLICE("\xc2\x85""ab")), "product: U+0085");
    tap_check(tap, product_id_valid(SLICE("\xc2\xa0")), "product: U+00A0");
    tap_check(tap, !product_id_valid(SLICE("ab\xc3")), "product: not UTF-8");
}

int
main(void)
{
    struct tap tap = { 0 };

    test_characters(&tap);
    test_all_characters(&tap);
    test_uuids(&tap);
    test_uuid_bytes(&tap);
    test_numbers(&tap);
    test_digits(&tap);
    test_escaping(&tap);
    test_products(&tap);
    return tap_done(&tap);
}

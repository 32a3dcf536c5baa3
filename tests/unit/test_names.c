/* test_names.c -- a product's file name and back. */
#include <stdlib.h>

#include "dice.h"
#include "store/file/names.h"
#include "tap.h"

struct named {
    struct slice product;
    const char *file;
};

static const struct named named[] = {
    { SLICE_INIT("85123A"), "85123A.ndjson" },
    { SLICE_INIT("85123a"), "85123a.ndjson" },
    { SLICE_INIT("a_b-c.d"), "a_b-c.d.ndjson" },
    { SLICE_INIT("BANK CHARGES"), "BANK%20CHARGES.ndjson" },
    { SLICE_INIT("."), "%2E.ndjson" },
    { SLICE_INIT(".."), "%2E..ndjson" },
    { SLICE_INIT("..."), "%2E...ndjson" },
    { SLICE_INIT(".hidden"), "%2Ehidden.ndjson" },
    { SLICE_INIT("a."), "a..ndjson" },
    { SLICE_INIT("../../etc/passwd"), "%2E.%2F..%2Fetc%2Fpasswd.ndjson" },
    { SLICE_INIT("/"), "%2F.ndjson" },
    { SLICE_INIT("a/b"), "a%2Fb.ndjson" },
    { SLICE_INIT("%2F"), "%252F.ndjson" },
    { SLICE_INIT("%"), "%25.ndjson" },
    { SLICE_INIT("%%"), "%25%25.ndjson" },
    { SLICE_INIT("-rf"), "-rf.ndjson" },
    { SLICE_INIT("--"), "--.ndjson" },
    { SLICE_INIT(" "), "%20.ndjson" },
    { SLICE_INIT("~"), "%7E.ndjson" },
    { SLICE_INIT("*?[a]"), "%2A%3F%5Ba%5D.ndjson" },
    { SLICE_INIT("\"quoted\""), "%22quoted%22.ndjson" },
    { SLICE_INIT("'$(x)`;&|"), "%27%24%28x%29%60%3B%26%7C.ndjson" },
    { SLICE_INIT("back\\slash"), "back%5Cslash.ndjson" },
    { SLICE_INIT(".ndjson"), "%2Endjson.ndjson" },
    { SLICE_INIT("a.ndjson"), "a.ndjson.ndjson" },
    { SLICE_INIT("caf\xc3\xa9"), "caf%C3%A9.ndjson" },
    { SLICE_INIT("cafe\xcc\x81"), "cafe%CC%81.ndjson" },
    { SLICE_INIT("\xf0\x9f\x98\x80"), "%F0%9F%98%80.ndjson" },
    { SLICE_INIT("\xc2\xa0"), "%C2%A0.ndjson" },
};

static const char *const strangers[] = {
    "", ".", "..", ".ndjson", "ndjson", "85123A", "85123A.json", "85123A.ndjso", "85123A.ndjson~", "85123A.ndjson.tmp",
    "85123A.NDJSON", ".85123A.ndjson", "..ndjson", "...ndjson", "a b.ndjson", "a/b.ndjson", "caf\xc3\xa9.ndjson",
    "%.ndjson", "%2.ndjson", "a%2.ndjson", "a%.ndjson", "%2f.ndjson", "%c3%a9.ndjson", "%2G.ndjson", "%G2.ndjson",
    "%41.ndjson", "a%5F.ndjson", "a%2E.ndjson", "%2D.ndjson", "%30.ndjson",         /* what needs no escape */
    "%00.ndjson", "a%0A.ndjson", "%1F.ndjson", "%7F.ndjson", "%C2%85.ndjson",       /* control characters */
    "%C3.ndjson", "%C0%AF.ndjson", "%ED%A0%80.ndjson", "%F4%90%80%80.ndjson", "%FF.ndjson",
    "%-1.ndjson", "%+1.ndjson", "% 1.ndjson", "%0x.ndjson",
};

/* There, and back to the same. */
static bool
returns(struct slice product, char *name)
{
    char *back = memory_new(PRODUCT_MAX);
    char *exact = memory_new(NAME_MAX_BYTES);
    size_t length = 0;
    bool good;

    name_of_product(product, exact);
    memcpy(name, exact, strlen(exact) + 1);
    good = strncmp(exact, "journal/", 8) == 0 && strchr(exact + 8, '/') == NULL && exact[8] != '.'
        && strlen(exact + 8) <= 255 && name_to_product(exact + 8, back, &length)
        && slice_equal(product, (struct slice){ back, length });
    free(exact);
    free(back);
    return good;
}

static void
test_named(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(named); i++) {
        char name[NAME_MAX_BYTES];
        bool good = returns(named[i].product, name);

        tap_check(tap, good && strcmp(name + 8, named[i].file) == 0, "%s", named[i].file);
    }
}

/* `count` times the text and then the end, with its NUL. */
static const char *
repeated(struct buffer *out, const char *text, size_t count, const char *end)
{
    out->length = 0;
    while (count-- > 0)
        buffer_text(out, text);
    buffer_add(out, end, strlen(end) + 1);
    return out->at;
}

static void
test_longest(struct tap *tap)
{
    char product[PRODUCT_MAX], name[NAME_MAX_BYTES];
    struct buffer text = { 0 };
    size_t length = 0;

    tap_check(tap, returns((struct slice){ repeated(&text, " ", 80, ""), 80 }, name) && strlen(name) == 8 + 240 + 7,
              "80 bytes, each escaped");
    tap_check(tap, returns((struct slice){ repeated(&text, "\xe2\x82\xac", 26, ""), 78 }, name)
              && strlen(name) == 8 + 234 + 7, "26 characters of three bytes");
    tap_check(tap, name_to_product(repeated(&text, "x", 80, ".ndjson"), product, &length) && length == 80,
              "a name of 80 letters");
    tap_check(tap, !name_to_product(repeated(&text, "x", 81, ".ndjson"), product, &length), "none of 81");
    tap_check(tap, name_to_product(repeated(&text, "%20", 80, ".ndjson"), product, &length) && length == 80,
              "a name of 80 bytes, each escaped");
    tap_check(tap, !name_to_product(repeated(&text, "%20", 81, ".ndjson"), product, &length), "none of 81");
    tap_check(tap, !name_to_product(repeated(&text, "x", 100000, ".ndjson"), product, &length), "none of 100,000");
    buffer_free(&text);
}

static void
test_strangers(struct tap *tap)
{
    char *product = memory_new(PRODUCT_MAX);

    for (size_t i = 0; i < COUNT(strangers); i++) {
        size_t length = 0;

        if (!tap_check(tap, !name_to_product(strangers[i], product, &length), "no product's name: %zu", i))
            tap_show("file", (struct slice){ strangers[i], strlen(strangers[i]) });
    }
    free(product);
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* All products of one and two characters of an alphabet that asks for trouble, and random ones. */
static void
test_distinct(struct tap *tap)
{
    enum { MANY = 20000 };
    static const char *const letters[] = { "a", "A", ".", "%", "2", "5", "F", "E", "/", "-", "_", " ", "\xc3\xa9" };
    static char names[COUNT(letters) * (COUNT(letters) + 1)][NAME_MAX_BYTES];
    struct dice dice = { 6 };
    struct buffer text = { 0 };
    size_t count = 0, wrong = 0, twice = 0;
    char product[PRODUCT_MAX], name[NAME_MAX_BYTES];

    for (size_t i = 0; i < COUNT(letters); i++) {
        for (size_t j = 0; j <= COUNT(letters); j++) {
            int length = snprintf(product, sizeof product, "%s%s", letters[i], j < COUNT(letters) ? letters[j] : "");

            wrong += !returns((struct slice){ product, (size_t)length }, names[count++]);
        }
    }
    qsort(names, count, sizeof names[0], compare_names);
    for (size_t i = 1; i < count; i++)
        twice += strcmp(names[i - 1], names[i]) == 0;
    tap_check(tap, wrong == 0, "%zu short products there and back", count);
    tap_check(tap, twice == 0, "no two of them share a name");
    for (int i = 0; i < MANY; i++) {
        size_t characters = 1 + dice_roll(&dice, 60);

        text.length = 0;
        for (size_t j = 0; j < characters && text.length + 4 <= PRODUCT_MAX; j++) {
            char plain = (char)(0x20 + dice_roll(&dice, 0x5f));

            if (dice_roll(&dice, 4) > 0)
                buffer_add(&text, &plain, 1);
            else
                buffer_text(&text, "\xf0\x9f\x98\x80");
        }
        wrong += !returns((struct slice){ text.at, text.length }, name);
    }
    tap_check(tap, wrong == 0, "20,000 random products there and back");
    buffer_free(&text);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_named(&tap);
    test_longest(&tap);
    test_strangers(&tap);
    test_distinct(&tap);
    return tap_done(&tap);
}

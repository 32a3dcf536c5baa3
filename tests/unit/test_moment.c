/* test_moment.c -- times as text. */
#include "base/moment.h"
#include "dice.h"
#include "tap.h"

struct validity {
    const char *text;
    bool valid;
};

static const struct validity validities[] = {
    { "2026-01-31T09:30:00.123456Z", true },
    { "0000-01-01T00:00:00.000000Z", true },
    { "9999-12-31T23:59:59.999999Z", true },
    { "2024-02-29T00:00:00.000000Z", true },
    { "2023-02-29T00:00:00.000000Z", false },
    { "2000-02-29T00:00:00.000000Z", true },
    { "1900-02-29T00:00:00.000000Z", false },
    { "2100-02-29T00:00:00.000000Z", false },
    { "2400-02-29T00:00:00.000000Z", true },
    { "2024-02-30T00:00:00.000000Z", false },
    { "2026-02-28T00:00:00.000000Z", true },
    { "2026-00-10T00:00:00.000000Z", false },
    { "2026-13-10T00:00:00.000000Z", false },
    { "2026-01-00T00:00:00.000000Z", false },
    { "2026-01-32T00:00:00.000000Z", false },
    { "2026-01-31T24:00:00.000000Z", false },
    { "2026-01-31T29:00:00.000000Z", false },
    { "2026-01-31T23:60:00.000000Z", false },
    { "2026-01-31T23:59:60.000000Z", false },
    { "2026-01-31T09:30:00.12345Z", false },
    { "2026-01-31T09:30:00.1234567Z", false },
    { "2026-01-31T09:30:00Z", false },
    { "2026-01-31T09:30:00.123456z", false },
    { "2026-01-31t09:30:00.123456Z", false },
    { "2026-01-31 09:30:00.123456Z", false },
    { "2026-01-31T09:30:00,123456Z", false },
    { "2026-01-31T09:30:00.123456+", false },
    { "2026/01/31T09:30:00.123456Z", false },
    { "+026-01-31T09:30:00.123456Z", false },
    { "-026-01-31T09:30:00.123456Z", false },
    { "2026-01-31T09:30:00.12345 Z", false },
    { "2026-01-31T 9:30:00.123456Z", false },
    { "2026-01-31T09:30:00.123456Z ", false },
    { "", false },
};

/* Every month's last day is there and the day behind it is not. */
static void
test_months(struct tap *tap)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    for (int month = 1; month <= 12; month++) {
        char last[64], behind[64];

        (void)snprintf(last, sizeof last, "2026-%02d-%02dT00:00:00.000000Z", month, days[month - 1]);
        (void)snprintf(behind, sizeof behind, "2026-%02d-%02dT00:00:00.000000Z", month, days[month - 1] + 1);
        tap_check(tap, moment_valid((struct slice){ last, MOMENT_LENGTH })
                  && !moment_valid((struct slice){ behind, MOMENT_LENGTH }), "month %d ends", month);
    }
}

static void
test_validity(struct tap *tap)
{
    static const char form[] = "2026-01-11T11:11:11.111111Z";
    struct arena arena = { 0 };
    size_t wrong = 0;

    for (size_t i = 0; i < COUNT(validities); i++) {
        const struct validity *row = &validities[i];
        size_t length = strlen(row->text);

        tap_check(tap, moment_valid((struct slice){ arena_copy(&arena, row->text, length), length }) == row->valid,
                  "'%s' is %s", row->text, row->valid ? "valid" : "not valid");
    }
    for (size_t i = 0; i < MOMENT_LENGTH; i++) {
        for (unsigned byte = 0; byte < 256; byte++) {
            bool digit = form[i] >= '0' && form[i] <= '9';
            char text[sizeof form];

            memcpy(text, form, sizeof form);
            text[i] = (char)byte;
            if (digit ? byte < '0' || byte > '9' : byte != (unsigned char)form[i])
                wrong += moment_valid((struct slice){ text, MOMENT_LENGTH });
        }
    }
    tap_check(tap, wrong == 0, "no other byte in any place");
    arena_reset(&arena);
}

struct reading {
    const char *text;
    const char *full;           /* NULL: refused */
};

static const struct reading readings[] = {
    { "2026-01-31T09:30:00.123456Z", "2026-01-31T09:30:00.123456Z" },
    { "2026-01-31T09:30:00.12345Z", "2026-01-31T09:30:00.123450Z" },
    { "2026-01-31T09:30:00.1234Z", "2026-01-31T09:30:00.123400Z" },
    { "2026-01-31T09:30:00.123Z", "2026-01-31T09:30:00.123000Z" },
    { "2026-01-31T09:30:00.12Z", "2026-01-31T09:30:00.120000Z" },
    { "2026-01-31T09:30:00.1Z", "2026-01-31T09:30:00.100000Z" },
    { "2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000000Z" },
    { "2026-01-31T09:30:00.Z", NULL },
    { "2026-01-31T09:30:00.1234567Z", NULL },
    { "2026-01-31T09:30:00", NULL },
    { "2026-01-31T09:30:00.123456", NULL },
    { "2026-01-31T09:30:000Z", NULL },
    { "2026-01-31T09:30:0001Z", NULL },
    { "2026-01-31T09:30:00,1Z", NULL },
    { "2026-01-31T09:30:00.1z", NULL },
    { "2026-01-31T09:30:00.1 Z", NULL },
    { "2026-01-31T09:30:00.ZZ", NULL },
    { "2026-01-31T09:30:00+00:00", NULL },
    { "2026-01-31T09:30:0Z", NULL },
    { "2026-01-31T09:30Z", NULL },
    { "2026-01-31Z", NULL },
    { "2026-02-29T09:30:00Z", NULL },
    { "Z", NULL },
    { "", NULL },
};

static void
test_reading(struct tap *tap)
{
    struct arena arena = { 0 };

    for (size_t i = 0; i < COUNT(readings); i++) {
        const struct reading *row = &readings[i];
        size_t length = strlen(row->text);
        struct moment moment = { "kept" };
        bool read = moment_read((struct slice){ arena_copy(&arena, row->text, length), length }, &moment);

        tap_check(tap, read == (row->full != NULL) && strcmp(moment.text, read ? row->full : "kept") == 0,
                  "'%s' is read%s", row->text, row->full != NULL ? "" : " not at all");
    }
    arena_reset(&arena);
}

struct instant {
    const char *text;
    int64_t microseconds;
};

static const struct instant instants[] = {
    { "1970-01-01T00:00:00.000000Z", 0 },
    { "1970-01-01T00:00:00.000001Z", 1 },
    { "1969-12-31T23:59:59.999999Z", -1 },
    { "1969-12-31T23:59:59.000000Z", -1000000 },
    { "2000-02-29T12:34:56.789000Z", INT64_C(951827696789000) },
    { "2026-01-31T09:30:00.123456Z", INT64_C(1769851800123456) },
    { "2038-01-19T03:14:08.000000Z", INT64_C(2147483648000000) },
    { "9999-12-31T23:59:59.999999Z", INT64_C(253402300799999999) },
    { "0000-01-01T00:00:00.000000Z", INT64_C(-62167219200000000) },
};

static void
test_conversion(struct tap *tap)
{
    const int64_t first = instants[COUNT(instants) - 1].microseconds;
    const uint64_t span = (uint64_t)(instants[COUNT(instants) - 2].microseconds - first);
    struct dice dice = { 5 };
    size_t wrong = 0;

    for (size_t i = 0; i < COUNT(instants); i++) {
        const struct instant *row = &instants[i];
        struct moment moment = moment_from(row->microseconds);

        tap_check(tap, moment_microseconds(row->text) == row->microseconds && strcmp(moment.text, row->text) == 0,
                  "%s there and back", row->text);
    }
    for (int i = 0; i < 50000; i++) {
        int64_t a = first + (int64_t)(dice_next(&dice) % (span + 1));
        int64_t b = i % 2 == 0 ? first + (int64_t)(dice_next(&dice) % (span + 1)) : a + (a < 0 ? 1 : -1);
        struct moment one = moment_from(a), other = moment_from(b);

        wrong += !moment_valid((struct slice){ one.text, strlen(one.text) }) || moment_microseconds(one.text) != a
            || (a < b) != (memcmp(one.text, other.text, MOMENT_LENGTH) < 0);
    }
    tap_check(tap, wrong == 0, "50,000 times there and back, in the order of their bytes");
}

static void
test_clock(struct tap *tap)
{
    struct clock fixed = { .fixed = true, .now = { "2026-01-31T09:30:00.123456Z" } };
    struct clock real = { 0 };
    struct moment now = clock_now(&fixed), first = clock_now(&real), second = clock_now(&real);

    tap_check(tap, strcmp(now.text, fixed.now.text) == 0, "a fixed clock stands");
    tap_check(tap, moment_valid((struct slice){ first.text, MOMENT_LENGTH }) && strcmp(first.text, "2024") > 0
              && strcmp(first.text, second.text) <= 0, "the machine's goes");
}

int
main(void)
{
    struct tap tap = { 0 };

    test_validity(&tap);
    test_months(&tap);
    test_reading(&tap);
    test_conversion(&tap);
    test_clock(&tap);
    return tap_done(&tap);
}

/* test_samples.c -- a value over time, as so many buckets. */
#include "domain/samples.h"
#include "tap.h"

struct point {
    int64_t time, value;
};

struct row {
    const char *name;
    int64_t from, to;
    size_t buckets;
    struct point points[8];     /* up to one at INT64_MIN */
    int64_t expected[8];        /* -1: nothing is known */
};

#define END { INT64_MIN, 0 }

static const struct row rows[] = {
    { "one in each", 0, 4, 4, { { 0, 5 }, { 1, 6 }, { 2, 7 }, { 3, 8 }, END }, { 5, 6, 7, 8 } },
    { "the end is in the last", 0, 4, 4, { { 0, 5 }, { 4, 9 }, END }, { 5, 5, 5, 9 } },
    { "the last of a bucket counts", 0, 8, 4, { { 0, 5 }, { 1, 6 }, { 2, 1 }, { 3, 2 }, END }, { 6, 2, 2, 2 } },
    { "what lies between is kept", 0, 100, 4, { { 0, 1 }, { 80, 2 }, END }, { 1, 1, 1, 2 } },
    { "nothing before the first", 0, 100, 4, { { 60, 3 }, END }, { -1, -1, 3, 3 } },
    { "a moment", 7, 7, 4, { { 7, 1 }, { 7, 2 }, END }, { 2, 2, 2, 2 } },
    { "outside", 10, 20, 2, { { 1, 1 }, { 30, 2 }, END }, { 1, 2 } },
    { "more buckets than time", 0, 2, 6, { { 0, 1 }, { 1, 2 }, { 2, 3 }, END }, { 1, 1, 1, 2, 2, 3 } },
    { "one bucket", 0, 9, 1, { { 0, 1 }, { 9, 2 }, END }, { 2 } },
    { "times before 1970", -100, -50, 2, { { -100, 1 }, { -60, 2 }, END }, { 1, 2 } },
    { "nothing at all", 0, 9, 2, { END }, { -1, -1 } },
};

static void
test_row(struct tap *tap, const struct row *row)
{
    struct samples samples = { .from = row->from, .to = row->to, .count = row->buckets };
    bool good = true;

    for (const struct point *point = row->points; point->time != INT64_MIN; point++)
        samples_add(&samples, point->time, point->value);
    samples_fill(&samples);
    for (size_t i = 0; i < row->buckets; i++) {
        bool known = samples.values != NULL && samples.known[i];

        good = good && (known ? samples.values[i] == row->expected[i] : row->expected[i] == -1);
    }
    tap_check(tap, good, "%s", row->name);
    samples_free(&samples);
}

static void
test_levels(struct tap *tap)
{
    bool rises = true;

    for (int64_t i = 1; i <= 100; i++)
        rises = rises && samples_level(i, 0, 100, 8) >= samples_level(i - 1, 0, 100, 8);
    tap_check(tap, rises, "levels rise");
    tap_check(tap, samples_level(10, 10, 20, 8) == 0 && samples_level(20, 10, 20, 8) == 7, "from the first to the last");
    tap_check(tap, samples_level(15, 10, 20, 9) == 4, "the middle");
    tap_check(tap, samples_level(0, 0, 0, 8) == 0 && samples_level(5, 5, 5, 8) == 4, "what never changes");
    tap_check(tap, samples_level(INT64_C(9007199254740991), 0, INT64_C(9007199254740991), 8) == 7, "the greatest number");
}

static void
test_steps(struct tap *tap)
{
    static const int64_t steps[][3] = {     /* most, marks, step */
        { 0, 5, 1 }, { 1, 5, 1 }, { 4, 5, 1 }, { 5, 5, 1 }, { 6, 5, 2 }, { 10, 5, 2 }, { 11, 5, 5 }, { 33, 5, 10 },
        { 50, 5, 10 }, { 51, 5, 20 }, { 999, 5, 200 }, { 1001, 5, 500 },
        { INT64_C(9007199254740991), 5, INT64_C(2000000000000000) },
    };

    for (size_t i = 0; i < COUNT(steps); i++)
        tap_check(tap, samples_step(steps[i][0], steps[i][1]) == steps[i][2], "steps up to %lld", (long long)steps[i][0]);
}

int
main(void)
{
    struct tap tap = { 0 };

    for (size_t i = 0; i < COUNT(rows); i++)
        test_row(&tap, &rows[i]);
    test_levels(&tap);
    test_steps(&tap);
    return tap_done(&tap);
}

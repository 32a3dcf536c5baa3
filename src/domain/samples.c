/* samples.c -- a value over time, as so many buckets of the same length. */
#include <stdlib.h>

#include "domain/samples.h"

static size_t
bucket_of(const struct samples *samples, int64_t time)
{
    double part;

    if (time <= samples->from)
        return 0;
    if (time >= samples->to)
        return samples->count - 1;
    part = (double)(time - samples->from) / (double)(samples->to - samples->from) * (double)samples->count;
    return part < (double)samples->count ? (size_t)part : samples->count - 1;
}

void
samples_add(struct samples *samples, int64_t time, int64_t value)
{
    size_t bucket = bucket_of(samples, time);

    if (samples->values == NULL) {
        samples->values = memory_zeroed(samples->count, sizeof *samples->values);
        samples->known = memory_zeroed(samples->count, sizeof *samples->known);
    }
    samples->values[bucket] = value;
    samples->known[bucket] = true;
}

void
samples_fill(struct samples *samples)
{
    for (size_t i = 1; samples->values != NULL && i < samples->count; i++) {
        if (samples->known[i] || !samples->known[i - 1])
            continue;
        samples->values[i] = samples->values[i - 1];
        samples->known[i] = true;
    }
}

void
samples_free(struct samples *samples)
{
    free(samples->values);
    free(samples->known);
}

unsigned
samples_level(int64_t value, int64_t least, int64_t most, unsigned levels)
{
    if (least == most)
        return value == 0 ? 0 : levels / 2;
    return (unsigned)((double)(value - least) / (double)(most - least) * (double)(levels - 1) + 0.5);
}

int64_t
samples_step(int64_t most, int64_t marks)
{
    static const int64_t factors[] = { 1, 2, 5 };

    for (int64_t power = 1; power <= INT64_MAX / 50; power *= 10)
        for (size_t i = 0; i < sizeof factors / sizeof factors[0]; i++)
            if (most / (factors[i] * power) < marks || most == factors[i] * power * marks)
                return factors[i] * power;
    return most > 0 ? most : 1;
}

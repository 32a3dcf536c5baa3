/*
 * samples.h -- a value over time, as so many buckets of the same length.
 *
 * A bucket shows the last value in it; one without a value that of the bucket before; those
 * before the first value nothing.
 */
#ifndef SAMPLES_H
#define SAMPLES_H

#include "base/bytes.h"

/* From { from, to, count }: times of any unit, `to` included, and how many buckets; samples_free(). */
struct samples {
    int64_t from, to;
    size_t count;
    int64_t *values;
    bool *known;
};

/* Values in the order of time; what lies outside goes into the first or the last bucket. */
void samples_add(struct samples *samples, int64_t time, int64_t value);

/* When all were added: fill the buckets that have none. */
void samples_fill(struct samples *samples);

void samples_free(struct samples *samples);

/* Which of `levels` steps from least to most a value is on.  If these are the same: 0 of 0, else the middle. */
unsigned samples_level(int64_t value, int64_t least, int64_t most, unsigned levels);

/* 1, 2 or 5 times a power of ten: the least such that at most `marks` of them make up `most`. */
int64_t samples_step(int64_t most, int64_t marks);

#endif

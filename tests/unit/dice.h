/*
 * dice.h -- numbers that look random and are the same in every run.
 *
 * SplitMix64: any seed is good.
 */
#ifndef DICE_H
#define DICE_H

#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint64_t
dice_next(struct dice *dice)
{
    uint64_t mixed = dice->state += UINT64_C(0x9e3779b97f4a7c15);

    mixed = (mixed ^ mixed >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ mixed >> 31;
}

/* From 0 to sides - 1. */
static inline size_t
dice_roll(struct dice *dice, size_t sides)
{
    return (size_t)(dice_next(dice) % sides);
}

/* From 0 to most, small numbers as likely as large ones. */
static inline uint64_t
dice_number(struct dice *dice, uint64_t most)
{
    uint64_t number = dice_next(dice) >> dice_roll(dice, 64);

    return most == UINT64_MAX ? number : number % (most + 1);
}

#endif

/*
 * parts.h -- a journal read in parts, held together with the same read in one go.
 *
 * Whatever was done to it, state, place, damage and text must be the same; and of a
 * journal that is right nothing may be left over, or the parts would have read nothing.
 */
#ifndef PARTS_H
#define PARTS_H

#include "dice.h"
#include "heads.h"
#include "store/file/replay_parts.h"

enum { LINES = 24 };

struct outcome {
    int result;
    struct fault why;
    struct replay replay;
    struct reports reports;
};

struct way {
    size_t threads, part_bytes;
    bool goes_on;               /* behind damage */
};

static inline struct outcome
read_journal(int fd, struct slice product, struct way way)
{
    struct outcome out = { .replay = { .product = product }, .why = { .text = "" } };
    struct replay_reader reader = { .damage = way.goes_on ? note_damage : NULL, .context = &out.reports };

    if (way.part_bytes > 0)
        replay_parts(&out.replay, fd, size_of(fd), way.threads, way.part_bytes);
    out.result = replay_file(&out.replay, &reader, fd, size_of(fd), &out.why);
    buffer_free(&reader.buffer);
    return out;
}

static inline bool
same_product(const struct product *a, const struct product *b)
{
    return a->sequence == b->sequence && a->added == b->added && a->removed == b->removed && a->sold == b->sold
        && a->returned == b->returned && a->refused == b->refused;
}

static inline bool
same(const struct outcome *a, const struct outcome *b)
{
    return a->result == b->result && a->why.status == b->why.status && strcmp(a->why.text, b->why.text) == 0
        && a->replay.offset == b->replay.offset && a->replay.line == b->replay.line
        && a->replay.chain == b->replay.chain && a->replay.uncertain == b->replay.uncertain
        && strcmp(a->replay.time.text, b->replay.time.text) == 0
        && same_product(&a->replay.state, &b->replay.state) && a->reports.count == b->reports.count
        && memcmp(a->reports.line, b->reports.line, sizeof a->reports.line) == 0
        && strcmp(a->reports.first.text, b->reports.first.text) == 0;
}

/* Reading in parts comes to the same as reading in one go. */
static inline bool
agree(int fd, struct slice product, struct way way)
{
    struct outcome whole = read_journal(fd, product, (struct way){ .goes_on = way.goes_on });
    struct outcome parts = read_journal(fd, product, way);

    return same(&whole, &parts);
}

/* 0 if that is so up to the first damage, and also behind it. */
static inline size_t
differ(int fd, struct slice product, size_t threads, size_t part_bytes)
{
    return 2U - agree(fd, product, (struct way){ threads, part_bytes, false })
        - agree(fd, product, (struct way){ threads, part_bytes, true });
}

#define PRODUCT SLICE("85123A")

/* Lines without sums; sealed when they are put in a file. */
struct journal_text {
    struct buffer head[LINES];
    struct buffer all;
    size_t start[LINES + 1];    /* where each line begins in it */
};

static inline void
put(struct journal_text *text, int fd)
{
    uint64_t chain = 0;

    text->all.length = 0;
    for (size_t i = 0; i < LINES; i++) {
        size_t length = text->head[i].length;

        text->start[i] = text->all.length;
        chain = seal_line(&text->head[i], chain);
        buffer_add(&text->all, text->head[i].at, text->head[i].length);
        text->head[i].length = length;
    }
    text->start[LINES] = text->all.length;
    scratch_fill(fd, (struct slice){ text->all.at, text->all.length });
}

static inline void
text_free(struct journal_text *text)
{
    for (size_t i = 0; i < LINES; i++)
        buffer_free(&text->head[i]);
    buffer_free(&text->all);
}

/* Events of all kinds, allowed where they stand. */
static inline void
make_text(struct journal_text *text, struct dice *dice)
{
    static const enum message_type types[] = { STOCK_ADDED, STOCK_SOLD, STOCK_SOLD, STOCK_REMOVED, STOCK_RETURNED,
                                               PURCHASE_REFUSED };
    struct product state = { 0 };

    for (size_t i = 0; i < LINES; i++) {
        struct message event = { .type = types[dice_roll(dice, COUNT(types))], .quantity = 1 + dice_number(dice, 9) };

        if (product_fold(&state, message_event(event.type), event.quantity) != REFUSAL_NONE) {
            event.type = STOCK_ADDED;
            (void)product_fold(&state, EVENT_ADDED, event.quantity);
        }
        if (event.type == STOCK_SOLD)
            event.cause = STOCK_AVAILABLE;
        if (event.type == PURCHASE_REFUSED) {
            event.cause = STOCK_UNAVAILABLE;
            event.code = REFUSAL_OUT_OF_STOCK;
            event.reason = SLICE("nothing left");
        }
        write_head(&text->head[i], event, i + 1);
    }
}

#endif

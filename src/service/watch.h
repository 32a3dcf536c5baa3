/*
 * watch.h -- what is going on in a store: topics, the last messages, the stock of what is busy.
 *
 * watch_look() takes one look.  It reads offsets, what came to the topics since the last look,
 * at most the last part of each lane, and the journals of a few products; so it costs the same
 * however much the store holds.  Nothing is changed, no lock is taken, no file stays open.
 *
 * Text of messages is harmless for a terminal; names of topics and groups are by their form.
 */
#ifndef WATCH_H
#define WATCH_H

#include "base/text.h"
#include "store/topic_look.h"

enum {
    WATCH_MESSAGES = 256,       /* kept, the newest */
    WATCH_PRODUCTS = 8,         /* the busiest among these */
    WATCH_POINTS = 64,          /* of the stock of each */
    WATCH_MARKS = 10,           /* looks that a rate is over */
    WATCH_SECONDS = 10,         /* before the first look, that a rate is over then */
};

/* Which messages are kept; an empty string: all. */
struct watch_filter {
    char product[PRODUCT_MAX + 1];
    char request[UUID_LENGTH + 1];
};

/* -- topics ------------------------------------------------------------------- */

/* A group, over all lanes that it has to read. */
struct watch_group {
    char name[TOPIC_NAME_MAX + 1];
    bool known;                 /* in each lane, where it is */
    uint64_t behind;
    int64_t seconds;            /* age of the first message that it has not read; 0: none; -1: not told */
    uint64_t *workers;          /* a lane each: PID of the process that had it last and is alive, or 0 */
};

struct watch_topic {
    char name[TOPIC_NAME_MAX + 1];
    bool there;                 /* this look found it */
    unsigned looked;            /* lanes that this look found */
    uint64_t rate;              /* messages in ten seconds */
    struct watch_group *groups;
    size_t group_count;
    /* Between looks: */
    uint64_t *read;             /* of each lane up to here, */
    unsigned lanes;             /* of so many */
    struct watch_mark {
        int64_t time;           /* steady_milliseconds() */
        uint64_t messages;      /* in all lanes, ever */
    } marks[WATCH_MARKS];
    size_t mark_count;
    uint64_t first_rate;        /* by the times of the messages, until there are two looks */
};

/* -- messages ----------------------------------------------------------------- */

enum watch_kind {
    WATCH_NONE,                 /* no message, or none of ours */
    WATCH_COMMAND,              /* something is to be done */
    WATCH_EVENT,                /* something happened */
    WATCH_REFUSAL,
};

enum { WATCH_TEXT = 80 };

struct watch_message {
    uint64_t look;              /* the number of the look that found it */
    uint64_t offset;
    uint64_t quantity;
    unsigned lane;
    enum watch_kind kind;
    char topic[TOPIC_NAME_MAX + 1];
    char time[MOMENT_LENGTH + 1];       /* or empty */
    char type[WATCH_TEXT + 1], source[WATCH_TEXT + 1];
    char product[PRODUCT_MAX + 1];      /* WATCH_NONE: empty, */
    char request[UUID_LENGTH + 1];      /* as well */
    char text[WATCH_TEXT + 1];          /* WATCH_NONE: how the line begins */
};

/* -- stock --------------------------------------------------------------------- */

struct watch_point {
    uint64_t sequence, available;
};

/* What a check saw in a journal, as a message says. */
struct watch_sight {
    char product[PRODUCT_MAX + 1];
    struct watch_point point;
};

enum watch_stock {
    WATCH_STOCK_KNOWN,
    WATCH_STOCK_NONE,           /* it has no event */
    WATCH_STOCK_DAMAGED,        /* or cannot be read */
};

struct watch_product {
    size_t messages;            /* of those that are kept */
    uint64_t available;
    struct watch_point points[WATCH_POINTS];    /* what was seen, by its sequence: each the first of its amount */
    size_t point_count;
    enum watch_stock stock;
    char name[PRODUCT_MAX + 1]; /* as it is */
};

/* -- all of it ------------------------------------------------------------------- */

/* { .store, .filter, .tell, .context } at first; watch_free(). */
struct watch {
    struct store *store;        /* STORE_LOOK */
    struct watch_filter filter;
    void (*tell)(void *context, const struct fault *why);       /* what cannot be read */
    void *context;
    uint64_t looks;             /* that were taken */
    struct moment now;          /* of the last one */
    struct watch_topic *topics; /* in the order of the flow */
    size_t topic_count, topic_room;
    struct watch_message *messages;     /* the newest first */
    size_t message_count, message_room;
    struct watch_sight *sights; /* of this look */
    size_t sight_count, sight_room;
    struct watch_product products[WATCH_PRODUCTS];      /* the busiest first */
    size_t product_count;
};

void watch_look(struct watch *watch);

/* From the next look on: what was kept is forgotten and looked for again. */
void watch_choose(struct watch *watch, const struct watch_filter *filter);

/* All but the store. */
void watch_free(struct watch *watch);

/* -- between its files ------------------------------------------------------------- */

/* Tell of it, unless something is only gone meanwhile. */
void watch_tell(const struct watch *watch, const struct fault *why);

/* watch_topics.c: topics, groups, rates.  watch_messages.c: what is new in a topic.  watch_stock.c: products. */
void watch_topics(struct watch *watch);
void watch_rate(struct watch_topic *topic, int64_t steady, uint64_t messages);
void watch_messages(struct watch *watch, struct watch_topic *topic, const struct topic_look *look);
void watch_sort(struct watch *watch);
void watch_stock(struct watch *watch);

/* Put a point into its place, unless it is there.  The oldest makes room. */
void watch_point_add(struct watch_product *product, struct watch_point point);

#endif

/*
 * sample.h -- valid messages of every type with values from everywhere they may come.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdio.h>

#include "base/text.h"
#include "dice.h"
#include "domain/message.h"

enum { REASON_ROOM = 2000 };

struct sample {
    struct message message;
    const char *source;
    bool plain;                         /* nothing in it is written with an escape */
    char request[UUID_LENGTH + 1], order[UUID_LENGTH + 1];
    struct moment time;
    struct buffer product;
    struct buffer reason;               /* JSON text */
};

/* Which fields a type has besides quantity, by the table of evmessage(5). */
enum { HAS_AVAILABLE = 1, HAS_SEQUENCE = 2, HAS_WHY = 4, HAS_ORDER = 8 };

static inline unsigned
sample_fields(enum message_type type)
{
    switch (type) {
    case STOCK_AVAILABLE: return HAS_AVAILABLE | HAS_SEQUENCE;
    case STOCK_UNAVAILABLE:
    case PURCHASE_REFUSED: return HAS_AVAILABLE | HAS_SEQUENCE | HAS_WHY;
    case ORDER_REQUESTED: return HAS_SEQUENCE;
    case ORDER_CREATED: return HAS_ORDER;
    case ORDER_FAILED: return HAS_WHY;
    default: return 0;
    }
}

/* Every message but the first has a cause; what evstock does has none. */
static inline bool
sample_is_caused(enum message_type type)
{
    return type != PURCHASE_REQUESTED && type != STOCK_ADDED && type != STOCK_REMOVED && type != STOCK_RETURNED;
}

/* Up to `room` bytes of UTF-8, not none; only of what stands as it is if `plain`. */
static inline struct slice
sample_text(struct dice *dice, struct buffer *out, size_t room, bool plain)
{
    static const char *const characters[] = {
        "a", "Z", "0", "9", " ", "~", "!", "#", "[", "]", "{", "}", ":", ",", "/", "%", ".", "-", "_", "'", "&",
        "\xc3\xa9", "\xc2\xa0", "\xdf\xbf", "\xe2\x82\xac", "\xef\xbf\xbf", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf",
        "sum", "data", "\"", "\\", "\"", "\\\\", "\",\"", "\\u0041",
    };
    enum { PLAIN = 30 };
    size_t wanted = 1 + dice_roll(dice, dice_roll(dice, 3) == 0 ? room : 12);

    out->length = 0;
    while (out->length < wanted) {
        const char *next = characters[dice_roll(dice, plain ? PLAIN : sizeof characters / sizeof characters[0])];

        if (out->length + strlen(next) > room)
            break;
        buffer_text(out, next);
    }
    return (struct slice){ out->at, out->length };
}

static inline void
sample_uuid(struct dice *dice, char *out)
{
    uint64_t high = dice_next(dice), low = dice_next(dice);

    (void)snprintf(out, UUID_LENGTH + 1, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(high >> 32),
                   (unsigned)(high >> 16 & 0xffff), (unsigned)(high & 0xffff), (unsigned)(low >> 48),
                   (unsigned long long)(low & UINT64_C(0xffffffffffff)));
}

/* A number from `least` to `most`, each of both now and then. */
static inline uint64_t
sample_number(struct dice *dice, uint64_t least, uint64_t most)
{
    switch (dice_roll(dice, 8)) {
    case 0: return least;
    case 1: return most;
    default: return least + dice_number(dice, most - least);
    }
}

static inline void
sample_reason(struct dice *dice, struct sample *out)
{
    static const char *const odd[] = { "\t", "\n", "\x01", "\x7f", "\xc2\x85", "\"", "\\" };
    struct buffer text = { 0 };

    out->reason.length = 0;
    buffer_escaped(&out->reason, sample_text(dice, &text, dice_roll(dice, 10) == 0 ? REASON_ROOM : 60, out->plain));
    buffer_free(&text);
    if (!out->plain) {
        const char *more = odd[dice_roll(dice, sizeof odd / sizeof odd[0])];

        buffer_escaped(&out->reason, (struct slice){ more, strlen(more) });
    }
    out->message.reason = (struct slice){ out->reason.at, out->reason.length };
}

/* A valid message of this type.  `out` is zeroed before its first use, and freed with sample_free(). */
static inline void
sample_make(struct dice *dice, enum message_type type, bool plain, struct sample *out)
{
    static const char *const sources[] = { "evbuy", "evtask", "evcheck", "x", "e\xc3\xa9",
                                           "a long name / with spaces" };
    const int64_t year_0 = INT64_C(-62167219200000000), years = INT64_C(315569520000000000);
    struct message *message = &out->message;
    unsigned fields = sample_fields(type);

    *message = (struct message){ .type = type };
    out->plain = plain;
    out->source = sources[dice_roll(dice, sizeof sources / sizeof sources[0])];
    out->time = moment_from(year_0 + (int64_t)dice_roll(dice, (size_t)years));
    sample_uuid(dice, out->request);
    sample_uuid(dice, out->order);
    message->request = (struct slice){ out->request, UUID_LENGTH };
    message->time = (struct slice){ out->time.text, MOMENT_LENGTH };
    message->product = sample_text(dice, &out->product, PRODUCT_MAX, plain);
    message->quantity = sample_number(dice, 1, NUMBER_MAX);
    message->number = sample_number(dice, 1, SEQUENCE_MAX);
    if (sample_is_caused(type) || dice_roll(dice, 4) == 0)
        message->cause = (enum message_type)(1 + dice_roll(dice, TYPE_COUNT - 1));
    if ((fields & HAS_AVAILABLE) != 0)
        message->available = sample_number(dice, 0, NUMBER_MAX);
    if ((fields & HAS_SEQUENCE) != 0)
        message->sequence = sample_number(dice, 0, SEQUENCE_MAX);
    if ((fields & HAS_ORDER) != 0)
        message->order = (struct slice){ out->order, UUID_LENGTH };
    if ((fields & HAS_WHY) != 0) {
        message->code = (enum refusal)(REFUSAL_UNKNOWN_PRODUCT + dice_roll(dice, 3));
        sample_reason(dice, out);
    }
}

/* Its line in *out, without the newline. */
static inline struct slice
sample_write(const struct message *message, const char *source, enum message_form form, struct buffer *out)
{
    uint64_t chain = message->quantity;

    out->length = 0;
    if (form != FORM_MESSAGE)
        event_write(out, message, source, &chain);
    else
        message_write(out, message, source);
    return (struct slice){ out->at, out->length - 1 };
}

static inline void
sample_free(struct sample *sample)
{
    buffer_free(&sample->product);
    buffer_free(&sample->reason);
}

/* The same in all that its type gives a meaning to. */
static inline bool
sample_same(const struct message *a, const struct message *b, enum message_form form)
{
    unsigned fields = sample_fields(a->type);

    if (a->type != b->type || !slice_equal(a->request, b->request) || !slice_equal(a->product, b->product)
        || !slice_equal(a->time, b->time) || a->quantity != b->quantity)
        return false;
    if (form != FORM_MESSAGE && a->number != b->number)
        return false;
    if ((fields & HAS_AVAILABLE) != 0 && a->available != b->available)
        return false;
    if ((fields & HAS_SEQUENCE) != 0 && a->sequence != b->sequence)
        return false;
    if ((fields & HAS_WHY) != 0 && (a->code != b->code || !slice_equal(a->reason, b->reason)))
        return false;
    return (fields & HAS_ORDER) == 0 || slice_equal(a->order, b->order);
}

/* All its fields are in their bounds. */
static inline bool
sample_sound(const struct message *message, enum message_form form)
{
    unsigned fields = sample_fields(message->type);

    if (message->type <= TYPE_OTHER || message->type >= TYPE_COUNT || !text_uuid(message->request)
        || !product_id_valid(message->product) || !moment_valid(message->time) || message->quantity < 1
        || message->quantity > NUMBER_MAX)
        return false;
    if (form != FORM_MESSAGE && (message->number < 1 || message->number > SEQUENCE_MAX))
        return false;
    if ((fields & HAS_AVAILABLE) != 0 && message->available > NUMBER_MAX)
        return false;
    if ((fields & HAS_SEQUENCE) != 0 && message->sequence > SEQUENCE_MAX)
        return false;
    if ((fields & HAS_WHY) != 0 && (message->code < REFUSAL_UNKNOWN_PRODUCT
                                    || message->code > REFUSAL_INSUFFICIENT_STOCK
                                    || message->reason.length == 0 || !text_utf8(message->reason)))
        return false;
    return (fields & HAS_ORDER) == 0 || text_uuid(message->order);
}

#endif

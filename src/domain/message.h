/*
 * message.h -- what travels and what is kept: one CloudEvents 1.0 object a line.
 *
 * evmessage(5) and evjournal(5) describe the form.  A message and a journal
 * line (an event) differ in two attributes: an event has `sequence` and `sum`.
 *
 * Reading   Slices in a struct message point into the line or the arena.  A
 *           line in canonical form is scanned, any other goes through jansson;
 *           tests/unit/test_readers.c holds the two together.
 * Writing   Always in canonical form.
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include "base/bytes.h"
#include "base/fault.h"
#include "domain/product.h"

enum {
    LINE_MAX_BYTES = 65536,     /* with its newline */
    PRODUCT_MAX = 80,           /* bytes of a product ID */
    SEQUENCE_DIGITS = 12,
};

#define SEQUENCE_MAX UINT64_C(999999999999)

enum message_type {
    TYPE_OTHER,                 /* not read here: passed on; as a cause: none */
    PURCHASE_REQUESTED,
    STOCKCHECK_REQUESTED,
    STOCK_AVAILABLE,
    STOCK_UNAVAILABLE,
    ORDER_REQUESTED,
    ORDER_CREATED,              /* a message, and the event in orders */
    ORDER_FAILED,
    STOCK_ADDED,                /* from here on events of a product's journal */
    STOCK_REMOVED,
    STOCK_SOLD,
    STOCK_RETURNED,
    PURCHASE_REFUSED,
    TYPE_COUNT,
};

/* Sets of types. */
#define TYPE_BIT(type) (1u << (type))
#define TYPES_STOCK (TYPE_BIT(STOCK_ADDED) | TYPE_BIT(STOCK_REMOVED) | TYPE_BIT(STOCK_RETURNED))
#define TYPES_OUTCOME (TYPE_BIT(STOCK_SOLD) | TYPE_BIT(PURCHASE_REFUSED))
#define TYPES_PRODUCT (TYPES_STOCK | TYPES_OUTCOME)

enum message_form {
    FORM_MESSAGE,
    FORM_EVENT,
    FORM_SELECTED,              /* an event, perhaps written anew by another program: with a sum or without */
};

/* Which of the fields from quantity on have a meaning depends on the type. */
struct message {
    enum message_type type;
    enum message_type cause;    /* for writing: the type of the message that was read */
    struct slice request;       /* a UUID in lower case */
    struct slice product;       /* 1 to PRODUCT_MAX bytes, as they are */
    struct slice time;          /* MOMENT_LENGTH bytes */
    uint64_t quantity;          /* pieces, 1 to NUMBER_MAX */
    uint64_t available;         /* pieces, as whoever looked saw them */
    uint64_t sequence;          /* of the product's events, as above; or of the sale */
    enum refusal code;          /* one of the first three */
    struct slice reason;        /* JSON text, escaped as it stands in the line */
    struct slice order;         /* a UUID */
    uint64_t number;            /* of an event: place in its journal, from 1 */
};

/* "stock.sold" and back; TYPE_OTHER if the name is none of ours. */
struct slice message_type_name(enum message_type type);
enum message_type message_type_named(struct slice name);

/* What the event does to a product; an order is only counted, as a refusal is. */
enum event message_event(enum message_type type);

/* "unknown-product" and so on. */
struct slice message_code_name(enum refusal code);

/* 1 to PRODUCT_MAX bytes of UTF-8 without control characters. */
bool product_id_valid(struct slice id);

/*
 * Read a line without its newline.  Types outside the set `wanted` come back
 * as TYPE_OTHER, with nothing else filled in, if they have what every
 * CloudEvent has.  STATUS_DATA and "WHAT: WHY" if the line is not valid.
 * A FORM_EVENT line ends in its sum, which is the caller's to check.
 */
int message_read(struct slice line, enum message_form form, unsigned wanted, struct arena *arena,
                 struct message *out, struct fault *why);

/*
 * The two halves of message_read(), for the test that compares them.
 * message_scan() is false when the line is not in canonical form; it never
 * accepts what message_parse() refuses.
 */
bool message_scan(struct slice line, enum message_form form, unsigned wanted, struct message *out);
int message_parse(struct slice line, enum message_form form, unsigned wanted, struct arena *arena,
                  struct message *out, struct fault *why);

/*
 * Append the message as a line with its newline; `source` is the command's
 * name.  A line may come out longer than LINE_MAX_BYTES when its reason is
 * that long: the caller looks.
 */
void message_write(struct buffer *out, const struct message *message, const char *source);

/* The same for an event, whose sum continues from *chain, which is moved on. */
void event_write(struct buffer *out, const struct message *event, const char *source, uint64_t *chain);

/*
 * End a line that begins at `start` with its sum, as an event ends; the sum continues
 * from *chain, which is moved on.
 */
void event_write_sum(struct buffer *out, size_t start, uint64_t *chain);

/* Does the line end in a sum that continues from *chain?  Then that is moved on. */
bool event_check_sum(struct slice line, uint64_t *chain);

/*
 * Length of what an event's sum is over, and the sum that the line tells, if
 * it ends as an event ends: ,"sum":"<16 hex digits>"}
 */
bool event_sum(struct slice line, size_t *summed, uint64_t *sum);

/* XXH3-64 (xxHash specification 0.8) over the bytes, seeded with the sum before. */
uint64_t event_sum_of(const char *bytes, size_t length, uint64_t before);

#endif

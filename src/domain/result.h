/*
 * result.h -- the outcome of a request, as a front end reads it.
 *
 * Made from events alone, so that it can be made again byte for byte.
 */
#ifndef RESULT_H
#define RESULT_H

#include "domain/message.h"

struct result {
    struct slice request;       /* a UUID */
    bool created;               /* else failed */
    struct slice product;
    uint64_t quantity;
    struct slice order;         /* created: the order's UUID */
    enum refusal code;          /* failed */
    struct slice reason;        /* failed: JSON text, escaped */
    struct slice time;          /* of the sale or refusal it rests on */
};

/*
 * The result that a stock.sold or purchase.refused event makes; slices are the event's.
 * `order` has room for UUID_LENGTH + 1, lasts as long, and is filled for a sale.
 */
struct result result_of(const struct message *event, char *order);

/* Append the line with its newline. */
void result_write(struct buffer *out, const struct result *result);

/*
 * Read a line without its newline; slices point into the arena.  STATUS_DATA
 * if it is not a whole result.
 */
int result_read(struct slice line, struct arena *arena, struct result *out, struct fault *why);

/*
 * A line with its newline that is a whole result of this request.  Slices of
 * *out point into the arena.
 */
bool result_is(struct slice line, struct slice request, struct arena *arena, struct result *out);

/* Which request a line that result_write() made is of; the rest of it is not looked at. */
bool result_request(struct slice line, struct slice *request);

/*
 * The order's UUID: version 5 (RFC 9562, section 5.5) of the name "order" in
 * the namespace of the request's UUID.  order has room for UUID_LENGTH + 1.
 */
void result_order(struct slice request, char *order);

#endif

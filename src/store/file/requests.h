/*
 * requests.h -- a set of requests, numbered from 0 in the order they came.
 *
 * A hash table in memory, open addressing with linear probing.  The whole UUID is
 * compared, so that two requests are never taken for one.  { 0 } is an empty set.
 * What is known of a request its user keeps in a list beside, by number.
 */
#ifndef REQUESTS_H
#define REQUESTS_H

#include "base/bytes.h"

enum { REQUEST_BYTES = 16 };

struct request {
    unsigned char bytes[REQUEST_BYTES];
};

struct requests {
    struct request *list;
    size_t count, room;
    uint32_t *slots;            /* number + 1, or 0 */
    size_t slot_count;          /* a power of two, or 0 */
};

/* From the text of a valid UUID in lower case, and back; text has room for UUID_LENGTH + 1. */
struct request request_of(struct slice uuid);
void request_text(const struct request *request, char *text);

/* 64 bits of XXH3. */
uint64_t request_key(const struct request *request);

/* The number of a request; count - 1 is new if count has grown. */
size_t requests_number(struct requests *requests, const struct request *request);

/* The same for one that may not be there. */
bool requests_find(const struct requests *requests, const struct request *request, size_t *number);

void requests_free(struct requests *requests);

#endif

/*
 * request_set.h -- certain requests, and where among many bytes they stand.
 */
#ifndef REQUEST_SET_H
#define REQUEST_SET_H

#include "base/text.h"

/* Requests by their numbers, from 0 in the order they came.  { 0 } at first; request_set_free(). */
struct request_set {
    struct slice *list;         /* UUIDs in lower case, in the set's own memory */
    size_t count, room;
    size_t *slots;              /* a number and 1, or 0 */
    size_t slot_count;
    struct arena names;
};

/* Add one: true, or false if it is there already. */
bool request_set_add(struct request_set *set, struct slice request);

/* Its number; false if it is not there. */
bool request_set_find(const struct request_set *set, struct slice request, size_t *number);

/*
 * The next request of the set whose UUID, in letters of either case, stands in the text behind
 * *at (0 at first), which is moved behind it; false if there is none.
 */
bool request_set_next(const struct request_set *set, struct slice text, size_t *at, size_t *number);

void request_set_free(struct request_set *set);

/*
 * Whole lines that are to be searched.  Start with request_lines(); the bytes and the set stay
 * the caller's.
 */
enum { REQUEST_NEEDLES = 4 };

struct request_lines {
    const struct request_set *set;
    const char *at, *end;
    const char *hits[REQUEST_NEEDLES + 1];      /* of each needle the next, or `end` */
};

struct request_lines request_lines(const struct request_set *set, struct slice lines);

/*
 * The next line, without its newline, that may be a message of one of the requests: it has the
 * UUID, or an escape that may stand for a part of it.  False if there is none.
 */
bool request_lines_next(struct request_lines *lines, struct slice *line);

#endif

/*
 * wish.h -- what a caller asks for: a line of evbuy's or evstock's input.
 *
 *     {"product":"85123A","quantity":6,"request":"<uuid>"}
 *     {"action":"add","product":"85123A","quantity":6,"request":"<uuid>"}
 *
 * Members may stand in any order, `request` may be missing, others are ignored.
 */
#ifndef WISH_H
#define WISH_H

#include "domain/message.h"

struct wish {
    enum message_type type;     /* STOCK_ADDED, _REMOVED, _RETURNED; or PURCHASE_REQUESTED */
    struct slice product;
    uint64_t quantity;
    struct slice request;       /* a UUID in lower case, or empty */
};

/* "add", "remove", "return"; TYPE_OTHER for anything else. */
enum message_type wish_action_named(struct slice name);

/*
 * Read a line without its newline; with_action tells evstock's from evbuy's.
 * Slices point into the line or the arena.  STATUS_DATA if it is not valid.
 */
int wish_read(struct slice line, bool with_action, struct arena *arena, struct wish *out, struct fault *why);

/* The same for lines of both: without an action it is a purchase. */
int wish_read_either(struct slice line, struct arena *arena, struct wish *out, struct fault *why);

/*
 * The request's UUID: the one that is given, or a new random one, if that is empty, in
 * `text`, which has room for UUID_LENGTH + 1.
 */
struct slice wish_request(struct slice given, char *text);

#endif

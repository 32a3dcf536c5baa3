/*
 * links.h -- what joins a line with others: who made it, what of, and why.
 */
#ifndef LINKS_H
#define LINKS_H

#include "domain/message.h"

/* Empty where the line has none, or not as a string. */
struct links {
    struct slice source, type, time, request, cause;
};

/*
 * Of any line that is an object; false of one that is none.  One in canonical form is
 * scanned.  Slices point into the line or the arena.
 */
bool links_read(struct slice line, struct arena *arena, struct links *out);

/* The type of the message that is the cause, if that is of the same request; TYPE_OTHER if not. */
enum message_type links_cause(const struct links *links);

#endif

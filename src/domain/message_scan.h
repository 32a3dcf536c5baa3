/*
 * message_scan.h -- an event in canonical form, read before its line's end is known.
 */
#ifndef MESSAGE_SCAN_H
#define MESSAGE_SCAN_H

#include "domain/message.h"

/* Where a line that was scanned ends, and what it says of its sum. */
struct event_end {
    size_t length;              /* without its newline */
    size_t summed;              /* bytes that the sum is over */
    uint64_t sum;
};

/*
 * What a line said between its UUID and its time: type, source and product.  The next
 * line mostly says the same, and then that is compared, not scanned.  { 0 } is nothing.
 */
struct event_names {
    size_t length;
    size_t product_at;
    size_t product_length;
    enum message_type type;
    char bytes[256];
};

/*
 * Scan the event's line at the start of `text`, which goes on behind it.  True only if
 * message_scan() is of that line, up to the first newline; that there is one is part of it.
 */
bool event_scan(struct slice text, unsigned wanted, struct event_names *names, struct message *out,
                struct event_end *end);

#endif

/* replay_world.h -- what replay_if.c and replay_world.c share, and nobody else. */
#ifndef REPLAY_WORLD_H
#define REPLAY_WORLD_H

#include "domain/request_set.h"
#include "domain/wish.h"
#include "service/replay_if.h"

/* A line of --with's file. */
struct if_wish {
    uint64_t number;
    enum message_type type;
    uint64_t quantity;
    struct slice product, request;      /* request: or empty */
    bool there;                 /* this request is in the journal already, or was decided before */
};

struct if_counts {
    uint64_t sold, refused;     /* purchases that were decided the other way */
    uint64_t left_out;          /* changes of stock that cannot be any more */
    uint64_t added_sold, added_refused, added_changes, added_left_out, there_already;
};

struct replay_if {
    struct request_set without;
    bool *met;                  /* an event of it was seen */
    struct source *source;      /* or NULL */
    struct if_wish *wishes;     /* by product, then as they stand in the file */
    size_t wish_count, wish_room;
    struct arena lines;
    struct moment behind, now;  /* when the wishes happen, at the earliest, or empty; without an event before */
    struct if_counts counts;
};

#endif

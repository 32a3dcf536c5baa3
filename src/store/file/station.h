/*
 * station.h -- a lane of a topic, as a worker of a group sees it.
 *
 * How far the group is moves in two steps.  station_move() writes it into the lock
 * file, which is good while the system runs; the next holder goes on from there.
 * station_settle() writes the offset file, once everything up to there is known
 * to be on disk; by then somebody else may have moved on, or back, so it writes
 * only what lies between the two.
 */
#ifndef STATION_H
#define STATION_H

#include "store/file/group_file.h"
#include "store/file/segment.h"

/* Whose lanes they are. */
struct worker {
    struct store *store;
    int topic, group;           /* directories, or -1 */
    const char *topic_name;
    void (*tell)(void *context, const char *text);
    void *context;
};

struct station {
    const struct worker *worker;
    unsigned lane;
    struct seat seat;
    struct lane_reader reader;
    struct place place;         /* where the group was when we last looked */
    struct place done;          /* how far we came, */
    uint64_t done_before;       /* struct record's, of that */
    bool unsettled;             /* that is not in the offset file yet */
    uint64_t from;              /* where the group was `since` then, for the rate */
    int64_t since;              /* milliseconds, steady_milliseconds() */
    bool fresh;                 /* nothing is known of it yet */
    uint64_t holder;            /* PID of who has it while we wait, */
    uint64_t holder_at;         /* and where it is */
    int64_t waiting;            /* since when, or 0 */
    bool told;                  /* that we wait */
};

/* Open the lane.  `worker` is borrowed.  -1 with errno; station_close(). */
int station_open(struct station *station, const struct worker *worker, unsigned lane);

/* "@stock.available: lane 0: ..." for people. */
void station_tell(const struct station *station, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Without the lock: is there more than what the group has read?  1, 0, -1 with errno. */
int station_peek(struct station *station);

/*
 * Take the lock, if there may be more: 1, and station->place is where to go on; 0 if
 * there is not; STATION_BUSY if another process has it.  -1 with errno.
 * What is missing or damaged on the way is told, not skipped in silence.
 */
enum { STATION_BUSY = 2 };
int station_take(struct station *station);

/* Give the lock back without having done anything. */
void station_leave(struct station *station);

/* The group is behind *reached now; give the lock back, unless it is kept for station_settle().  -1 with errno. */
int station_move(struct station *station, const struct place *reached, bool keep);

/* What was done up to here is on disk.  Left for later if another process has the lane.  -1 with errno. */
int station_settle(struct station *station);

/* What was done may not be on disk: the group is where the offset file says, unless another process has the lane. */
void station_go_back(struct station *station);

/* We wait for its holder, or not any more. */
void station_wait(struct station *station, bool waiting);

void station_close(struct station *station);

#endif

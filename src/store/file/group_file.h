/*
 * group_file.h -- where a group is in each lane of a topic.
 *
 *     topics/<topic>/groups/<group>/<lane>.offset    durable: up to here all is done
 *     topics/<topic>/groups/<group>/<lane>.lock      held by a worker, who it is, and how far it is
 *
 * Both hold a record (record.h).  The lock's is not waited for to be on disk; it is
 * believed in the same run of the system only, so it never runs ahead of a disk.
 * Either may be deleted at any time: without them a group is where its lane begins.
 */
#ifndef GROUP_FILE_H
#define GROUP_FILE_H

#include "store/file/record.h"
#include "store/file/store_file.h"

/* A lane as a group sees it; { -1, -1 } at first. */
struct seat {
    int lock, offset;           /* files, or -1 */
};

/* Open the group's directory in that of its topic; made with `create`.  -1 with errno. */
int group_open(int topic, struct slice group, bool create);

/* Take the lock of a lane: 1, or 0 if another process has it, or -1 with errno; seat_leave(). */
int seat_take(struct seat *seat, int group, unsigned lane, bool wait);

/* Give it back, and wake who waits for it. */
void seat_leave(struct seat *seat);

/*
 * Where the group is now, with the lock or without: RECORD_NONE if nobody says,
 * RECORD_DAMAGED if no record can be believed.  *out has the PID of the last holder.
 * -1 with errno.
 */
int seat_read(struct seat *seat, int group, unsigned lane, struct record *out);

/* The durable record alone. */
int seat_read_offset(struct seat *seat, int group, unsigned lane, struct record *out);

/* Write one of them; the lock is held.  -1 with errno. */
int seat_write(struct seat *seat, const struct record *record);
int seat_write_offset(struct seat *seat, int group, unsigned lane, const struct record *record);

/* Forget both records, with the lock: the group is where its lane begins.  -1 with errno. */
int seat_forget(struct seat *seat, int group, unsigned lane);

void seat_close(struct seat *seat);

#endif

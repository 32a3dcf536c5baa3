/*
 * record.h -- a place in a lane as a line of text: where a group is, where a lane ends.
 *
 *     {"offset":17,"segment":0,"bytes":6035,"pid":712,"boot":"<uuid>",
 *      "time":"2026-01-31T09:30:00.123456Z","rate":40,"before":"27aa3e4e2bd3c5a1",
 *      "sum":"9b63118022ff3e56"}
 *
 * on one line, filled up with spaces to RECORD_BYTES, so that it is overwritten in
 * place by one write(2) within one sector.  The sum is XXH3-64 as that of a
 * journal's first line: a changed digit is never another place.
 */
#ifndef RECORD_H
#define RECORD_H

#include "base/moment.h"

enum { RECORD_BYTES = 256, BOOT_LENGTH = 36 };

struct place {
    uint64_t offset;            /* messages before it in its lane */
    uint64_t segment;           /* the offset of the first message of its segment */
    uint64_t bytes;             /* before it in that segment */
};

struct record {
    struct place place;
    uint64_t pid;               /* who wrote it */
    char boot[BOOT_LENGTH + 1]; /* in which run of the system */
    struct moment time;
    uint64_t rate;              /* messages a second, lately */
    uint64_t before;            /* record_sum() of its segment up to there, or 0: not known */
};

enum record_found {
    RECORD_NONE,                /* an empty file */
    RECORD_FOUND,
    RECORD_DAMAGED,
};

/* A record that is just being overwritten is read again.  -1 with errno. */
int record_read(int fd, struct record *out);

/* 0, or -1 with errno. */
int record_write(int fd, const struct record *record);

/* A record of a place, written by this process in this run of the system, now. */
struct record record_here(const struct place *place, struct moment now);

/*
 * XXH3-64 of up to 4,096 bytes before a place in a file, seeded with it, to know by it what was
 * there.  0, or -1 with errno, ERANGE if the file ends before it.
 */
int record_sum(int fd, uint64_t bytes, uint64_t *sum);

/* Has the segment that fd is open on what the record was made behind?  1, 0, or -1 with errno. */
int record_stands(const struct record *record, int fd);

/* The system's boot_id, which tells whether a record was written before it last started. */
const char *record_boot(void);

#endif

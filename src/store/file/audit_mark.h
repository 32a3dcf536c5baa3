/*
 * audit_mark.h -- the point up to which an audit found all well, as a file of lines.
 *
 *     {"mark":"eventdemo 1","time":"...","requests":9,"sold":6,"refused":3,"back":0,"results":9,"sum":"..."}
 *     {"file":"journal/85123A.ndjson","bytes":6035,"line":17,"chain":"...","time":"...","sequence":17,
 *      "added":46,"removed":0,"sold":12,"returned":0,"refused":2,
 *      "seen_bytes":7010,"seen_line":19,"seen_chain":"...","sum":"..."}
 *     {"lane":"purchase.requested/0","end":52117,"segments":[0,50314],"sum":"..."}
 *     {"settled":"<16 hex digits for each request>","sum":"..."}
 *     {"end":5,"sum":"..."}
 *
 * each on one line, their sums chained as in a journal.  A stream is read on from `line`,
 * before which everything belongs to requests that were settled; up to `seen_line` it was
 * read, and what is there of settled requests is known.  Of a settled request only a hash is
 * kept, XXH3-64: anything new about one makes the next audit read everything, so that a
 * hash which two requests share costs time, never truth.
 */
#ifndef AUDIT_MARK_H
#define AUDIT_MARK_H

#include "base/cursor.h"
#include "store/file/audit_file.h"

struct mark_file {
    char name[NAME_MAX_BYTES];
    struct marked marked;
};

struct mark_lane {
    char name[TOPIC_NAME_MAX + 8];      /* "<topic>/<lane>" */
    uint64_t end;                       /* messages it had ever had */
    uint64_t *segments;                 /* the first message of each, in order */
    size_t count, room;
};

struct mark {
    uint64_t *keys;             /* sorted */
    size_t key_count, key_room;
    struct mark_file *files;    /* sorted by name */
    size_t file_count, file_room;
    struct mark_lane *lanes;    /* sorted by name */
    size_t lane_count, lane_room;
    uint64_t requests, sold, refused, taken_back, results;     /* of settled requests */
};

/* -- lines of a mark, read: false if they are no such ---------------------------- */

#define MARK_NUMBER(cursor, name, out) \
    (CURSOR_LITERAL((cursor), ",\"" name "\":") && cursor_number((cursor), (out)))

/* A string of a file's or a lane's name, up to its quote. */
bool mark_take_name(struct cursor *cursor, char *name, size_t room);

/* A lane, behind the beginning of its name. */
bool mark_take_lane(struct cursor *cursor, struct mark *mark);

void mark_free_lanes(struct mark_lane *lanes, size_t count);

/* How keys are sorted, and what begins with its name. */
int mark_by_number(const void *a, const void *b);
int mark_by_name(const void *a, const void *b);

#endif

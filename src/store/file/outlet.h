/*
 * outlet.h -- the end of a lane, to append to under the lock of its directory.
 *
 * Every function returns 0, or -1 with errno.
 */
#ifndef OUTLET_H
#define OUTLET_H

#include "base/bytes.h"
#include "store/file/segment.h"

struct outlet {
    int directory, end_file, fd;        /* or -1; fd is of the last segment */
    struct place end;
    bool dirty;                 /* written through fd, not synced */
    struct buffer pending;      /* lines that are to be appended */
};

/*
 * Find the end, opening the last segment or making the first, and end a line that was
 * cut off.  `full` is the size of a full segment.  *known tells whether the hint had it
 * right; if not, nobody may have synced the names yet.
 */
int outlet_catch_up(struct outlet *outlet, uint64_t full, bool *known);

/* Append lines, each with its newline; or one, the whole of the file `spill`.  On -1 a part of the lines may be there. */
int outlet_append(struct outlet *outlet, uint64_t full, struct slice lines);
int outlet_append_spill(struct outlet *outlet, uint64_t full, int spill);

/* Sync what was appended. */
int outlet_sync(struct outlet *outlet);

/* Sync, and let go of the segment; all else as well, without a sync. */
int outlet_leave(struct outlet *outlet);
void outlet_close(struct outlet *outlet);

#endif

/*
 * redrive_file.h -- a redrive, as its own modules see it.
 *
 *     redrive_file.c  what becomes of each letter; the plan
 *     redrive_send.c  parcel by parcel
 *     redrive_spill.c a letter that is too long for memory
 *     parcel.c        what was sent before; redriven.c how far it came
 */
#ifndef REDRIVE_FILE_H
#define REDRIVE_FILE_H

#include "store/dead.h"
#include "store/file/parcel.h"
#include "store/redrive.h"

struct redrive {
    struct store *store;
    struct redrive_setting setting;
    struct redrive_plan plan;
    struct redriven redriven;
    struct parcel parcel;
    struct dead_reader *reader;
    uint64_t end;               /* of the letters that this is about */
    uint64_t reached;           /* in them */
    int lock;                   /* or -1 */
};

/* The next whole line of those before `end`: 1, 0, -1. */
int redrive_next(struct redrive *redrive, uint64_t end, struct dead_line *line, struct fault *why);

/*
 * Decode a letter that is longer than a chunk to a file: its descriptor and *length, with
 * a newline at its end.  -1 if its bytes are not in their form, -2 with STATUS_IO.
 */
int redrive_spill(struct dead_reader *reader, const struct dead_line *line, const struct letter_view *letter,
                  uint64_t *length, struct fault *why);

/* What becomes of a letter. */
enum fate { FATE_SENT, FATE_HOMELESS, FATE_TORN, FATE_BROKEN };

/* With the topic that it is sent to. */
enum fate redrive_judge(const struct redrive *redrive, const struct letter_view *letter, struct slice *topic);

#endif

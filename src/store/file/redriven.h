/*
 * redriven.h -- how far the letters of a command were redriven.
 *
 *     dead/<command>.redriven
 *
 *     {"bytes":5210,"before":"9b63118022ff3e56","time":"...","targets":1,"sum":"0d63c0cf8a1e5a6b"}
 *     {"until":9640,"topic":"stockcheck.requested","ends":[17,3],"sum":"27aa3e4e2bd3c5a1"}
 *
 * `bytes` of the letters are done; `before` is the sum of the last of them, so that it
 * is noticed when the file is another one.  A second line for each topic is the note of
 * a redrive that is under way: the letters before `until` are being published, behind
 * these ends of the lanes.  Sums are chained as in a journal.  It is replaced whole.
 */
#ifndef REDRIVEN_H
#define REDRIVEN_H

#include "store/file/lanes.h"
#include "store/file/store_file.h"

enum { DEAD_NAME_BYTES = 64 };

struct redriven {
    uint64_t bytes;             /* of the letters */
    uint64_t before;            /* the sum of the last of them */
    uint64_t until;             /* when there are targets */
    struct redriven_target {
        char topic[TOPIC_NAME_MAX + 1];
        unsigned lanes;
        uint64_t ends[TOPIC_LANES_MAX];
    } *targets;
    size_t count, room;
};

/* "dead/<command>.<suffix>" */
void dead_name(const char *command, const char *suffix, char *name);

/*
 * Read it, and hold it against the letters.  A missing one is all zeros, and so is
 * one whose letters are gone.  { 0 } at first, redriven_free().  STATUS_DATA, STATUS_IO.
 */
int redriven_load(struct store *store, const char *command, struct redriven *out, struct fault *why);

/* Replace it, durably, with `before` summed anew.  A crash leaves the old or the new.  STATUS_IO. */
int redriven_store(struct store *store, const char *command, struct redriven *redriven, struct fault *why);

/*
 * Up to where nobody will look in the lanes of a topic for what was sent: the ends that
 * are noted, or UINT64_MAX.  `ends` has TOPIC_LANES_MAX.  STATUS_DATA, STATUS_IO.
 */
int redriven_noted(struct store *store, struct slice topic, uint64_t *ends, struct fault *why);

/* One for a topic, with no lanes yet. */
struct redriven_target *redriven_add(struct redriven *redriven, struct slice topic);

void redriven_free(struct redriven *redriven);

#endif

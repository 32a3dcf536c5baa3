/*
 * topic_merge.h -- the messages of all lanes of a topic as one run of lines.
 *
 * Again and again the line is taken that is first by its time among the first of each
 * lane; of lines of one time that of the lower lane.  So each lane keeps its order,
 * whatever its times are.  A line without a time counts as one with the time of the
 * line before it in its lane; one of more than LINE_MAX_BYTES has no time.
 */
#ifndef TOPIC_MERGE_H
#define TOPIC_MERGE_H

#include "base/moment.h"
#include "store/topic_look.h"

struct merge;

/* Of all lanes, or of one alone (-1: all).  `view` is borrowed; the caller owns it: merge_free(). */
struct merge *merge_new(struct view *view, int64_t lane);

/* Begin each lane with this offset; with the first line of this time or a later one.  STATUS_IO. */
int merge_from_offset(struct merge *merge, uint64_t offset, struct fault *why);
void merge_from_time(struct merge *merge, const struct moment *time);

/* Begin where `count` lines are left to the ends that are known.  STATUS_IO. */
int merge_last(struct merge *merge, uint64_t count, struct fault *why);

/*
 * Some whole lines, or a part of a long one, in *bytes, which last until the next
 * call: 1; or 0 when nothing is left for now.  -1 as view_read().
 */
int merge_next(struct merge *merge, struct slice *bytes, struct fault *why);

/* Take in lanes that came since, whole.  merge_next() has returned 0. */
void merge_lanes(struct merge *merge);

/* NULL is allowed. */
void merge_free(struct merge *merge);

#endif

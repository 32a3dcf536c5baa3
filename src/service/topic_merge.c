/*
 * topic_merge.c -- the messages of all lanes of a topic as one run of lines.
 *
 * Where the last N of several lanes are wanted, those before them are merged all the
 * same: times need not rise in a lane, so only merging tells which lines they are.
 */
#include <stdlib.h>

#include "service/topic_merge.h"

/* A lane's first line that is not handed out yet. */
struct head {
    bool left_out;
    bool there;
    bool open;                  /* `line` does not end with a line's end */
    uint64_t offset;            /* of the line that comes next */
    struct slice line;          /* with its newline, or a part of one that is long */
    struct slice rest;          /* of what was read */
    char time[MOMENT_LENGTH];   /* its own, or that of the lines before it; zeros before all */
    uint64_t from;              /* lines before this offset are passed over, */
    bool seeking;               /* and lines before the first of merge->from */
};

struct merge {
    struct view *view;
    int64_t lane;
    struct head *heads;
    unsigned count, used;
    uint64_t pass_over;         /* lines, before the last ones */
    struct moment from;
    struct arena arena;
};

struct merge *
merge_new(struct view *view, int64_t lane)
{
    struct merge *merge = memory_zeroed(1, sizeof *merge);

    merge->view = view;
    merge->lane = lane;
    merge_lanes(merge);
    return merge;
}

void
merge_free(struct merge *merge)
{
    if (merge == NULL)
        return;
    free(merge->heads);
    free(merge);
}

void
merge_lanes(struct merge *merge)
{
    unsigned count = view_lanes(merge->view);

    merge->heads = memory_resize(merge->heads, count * sizeof *merge->heads);
    while (merge->count < count) {
        struct head *head = &merge->heads[merge->count];

        *head = (struct head){
            .left_out = merge->lane >= 0 && merge->lane != merge->count,
            .offset = view_lane(merge->view, merge->count).first,
            .seeking = merge->from.text[0] != '\0',
        };
        merge->used += !head->left_out;
        merge->count++;
    }
}

/* -- where to begin ------------------------------------------------------------- */

static int
seek_lane(struct merge *merge, unsigned lane, uint64_t offset, struct fault *why)
{
    struct head *head = &merge->heads[lane];

    if (view_seek(merge->view, lane, offset, why) != 0)
        return -1;
    head->offset = view_lane(merge->view, lane).first;
    head->from = offset;
    return 0;
}

int
merge_from_offset(struct merge *merge, uint64_t offset, struct fault *why)
{
    for (unsigned lane = 0; lane < merge->count; lane++)
        if (!merge->heads[lane].left_out && seek_lane(merge, lane, offset, why) != 0)
            return -1;
    return 0;
}

void
merge_from_time(struct merge *merge, const struct moment *time)
{
    merge->from = *time;
    for (unsigned lane = 0; lane < merge->count; lane++)
        merge->heads[lane].seeking = true;
}

/* The last of one lane are found by their offset, those of several by counting. */
int
merge_last(struct merge *merge, uint64_t count, struct fault *why)
{
    uint64_t total = 0;
    unsigned filled = 0, lane = 0;

    for (unsigned i = 0; i < merge->count; i++) {
        struct lane_look look = view_lane(merge->view, i);

        if (merge->heads[i].left_out || look.end == look.first)
            continue;
        total += look.end - look.first;
        filled++;
        lane = i;
    }
    if (total <= count)
        return 0;
    if (filled == 1)
        return seek_lane(merge, lane, view_lane(merge->view, lane).end - count, why);
    merge->pass_over = total - count;
    return 0;
}

/* -- the lines of a lane ---------------------------------------------------------- */

/* Take a line's own time, if it has one. */
static bool
read_time(struct merge *merge, struct head *head)
{
    struct slice line = { head->line.at, head->line.length - 1 };
    struct slice time = topic_line_read(line, &merge->arena).time;

    if (time.length == MOMENT_LENGTH)
        memcpy(head->time, time.at, MOMENT_LENGTH);
    arena_reset(&merge->arena);
    return time.length == MOMENT_LENGTH;
}

/* Split the next line off what was read; is it to be handed out? */
static bool
split(struct merge *merge, struct head *head)
{
    const char *newline = memchr(head->rest.at, '\n', head->rest.length);
    bool whole = newline != NULL && !head->open;
    uint64_t offset = head->offset;

    head->line = head->rest;
    if (newline != NULL)
        head->line.length = (size_t)(newline + 1 - head->rest.at);
    head->rest.at += head->line.length;
    head->rest.length -= head->line.length;
    head->open = newline == NULL;
    head->offset += newline != NULL;
    if (whole && (merge->used > 1 || head->seeking) && read_time(merge, head) && head->seeking)
        head->seeking = memcmp(head->time, merge->from.text, MOMENT_LENGTH) < 0;
    return !head->seeking && offset >= head->from;
}

/* What is alone and wanted as it is need not be split. */
static bool
take_all(const struct merge *merge, struct head *head, const struct batch *batch)
{
    if (merge->used > 1 || head->seeking || head->offset < head->from)
        return false;
    head->line = batch->bytes;
    head->rest.length = 0;
    head->open = batch->part;
    return true;
}

/* Lines may have been removed before they were read. */
static void
go_to(struct merge *merge, struct head *head, uint64_t offset)
{
    uint64_t gap = offset - head->offset;

    merge->pass_over -= gap < merge->pass_over ? gap : merge->pass_over;
    head->offset = offset;
}

static int
advance(struct merge *merge, unsigned lane, struct fault *why)
{
    struct head *head = &merge->heads[lane];

    while (!head->there) {
        struct batch batch;

        if (head->rest.length == 0) {
            int got = view_read(merge->view, lane, &batch, why);

            if (got <= 0)
                return got;
            head->rest = batch.bytes;
            if (merge->used > 1)
                go_to(merge, head, batch.offset);
            else
                head->offset = batch.offset;
            head->there = take_all(merge, head, &batch);
        }
        if (!head->there)
            head->there = split(merge, head);
    }
    return 0;
}

/* -- merging ------------------------------------------------------------------------ */

/* A part of a long line is followed by its rest: that has the same time, and the other lanes have not moved. */
static struct head *
choose(const struct merge *merge)
{
    struct head *first = NULL;

    for (unsigned lane = 0; lane < merge->count; lane++) {
        struct head *head = &merge->heads[lane];

        if (head->there && (first == NULL || memcmp(head->time, first->time, MOMENT_LENGTH) < 0))
            first = head;
    }
    return first;
}

int
merge_next(struct merge *merge, struct slice *bytes, struct fault *why)
{
    for (;;) {
        struct head *head;

        for (unsigned lane = 0; lane < merge->count; lane++)
            if (!merge->heads[lane].there && !merge->heads[lane].left_out && advance(merge, lane, why) != 0)
                return -1;
        head = choose(merge);
        if (head == NULL)
            return 0;
        head->there = false;
        if (merge->pass_over == 0) {
            *bytes = head->line;
            return 1;
        }
        merge->pass_over -= !head->open;
    }
}

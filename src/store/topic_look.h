/*
 * topic_look.h -- look at the topics of a store: what there is, how far groups are, every message.
 *
 * Nothing here changes a store, takes a lock, or makes anybody wait.  What is told
 * was so at some instant while it was looked for; others go on meanwhile.
 *
 * Names are valid (domain/topic_name.h).  All of this belongs to a store and is used by
 * one thread at a time.
 */
#ifndef TOPIC_LOOK_H
#define TOPIC_LOOK_H

#include "base/moment.h"
#include "store/topic.h"

/* -- what there is ------------------------------------------------------------ */

/* Names of topics or groups, in the order of their bytes.  { 0 } at first; look_names_free(). */
struct look_names {
    struct look_name {
        char text[TOPIC_NAME_MAX + 1];
    } *list;
    size_t count, room;
};

void look_names_free(struct look_names *names);

/* The topics of a store; it may have none.  STATUS_IO, STATUS_DATA. */
int topic_names(struct store *store, struct look_names *out, struct fault *why);

struct topic_look {
    unsigned lanes;             /* that messages go to now */
    unsigned count;             /* of `lane`: with those that there were before */
    struct lane_look {
        uint64_t first, end;    /* the offset of the first message that is kept, and behind the last */
        uint64_t bytes;         /* that it takes */
    } *lane;
    struct look_names groups;
};

/*
 * Look at a topic.  What lanes hold is not read, but for what is not known of their
 * ends.  *out is to be released whatever is returned: topic_look_free().
 * STATUS_NO_INPUT, STATUS_IO, STATUS_DATA (its lanes cannot be told).
 */
int topic_look(struct store *store, struct slice topic, struct topic_look *out, struct fault *why);
void topic_look_free(struct topic_look *look);

/* A group in a lane. */
struct group_look {
    bool known;                 /* where it is; else only `damaged` has a meaning */
    bool damaged;               /* what it keeps for the time after a crash cannot be read, nor `rate` */
    uint64_t offset;            /* of the first message that it has not read */
    uint64_t behind;            /* messages that it has not read */
    bool dated;                 /* the first of them tells its time: */
    struct moment time;
    uint64_t holder;            /* PID of who had the lane last since the system started, or 0 */
    uint64_t rate;              /* messages a second, if somebody lately said so, or 0 */
};

/* Look at a group in a lane of a topic that was looked at.  STATUS_NO_INPUT (it is gone), STATUS_IO, STATUS_DATA. */
int group_look(struct store *store, struct slice topic, const struct topic_look *look, struct slice group,
               unsigned lane, struct group_look *out, struct fault *why);

/* -- reading ------------------------------------------------------------------ */

struct view;                    /* of a topic's messages, without being a group; opaque */

struct view_setting {
    struct slice topic;         /* borrowed, as all of it */
    bool follow;                /* view_wait() will be called */
    /* Called with what people should know; a line without a newline. */
    void (*tell)(void *context, const char *text);
    void *context;
};

/*
 * Open it: each lane from its first message to where it ends now.  The caller owns
 * *out: view_close().  STATUS_NO_INPUT, STATUS_IO, STATUS_DATA.
 */
int view_open(struct view **out, struct store *store, const struct view_setting *setting, struct fault *why);

/* How many lanes there are; view_wait() may find more. */
unsigned view_lanes(const struct view *view);

/* Which messages of a lane are kept, and not read yet: from `first` to before `end`. */
struct lane_look view_lane(const struct view *view, unsigned lane);

/* Go to the message with this offset, or where the lane ends.  Below what is kept it is told.  STATUS_IO. */
int view_seek(struct view *view, unsigned lane, uint64_t offset, struct fault *why);

/* Go on to the first message of those within the last so many bytes of the lane; read little for that.  STATUS_IO. */
int view_seek_last(struct view *view, unsigned lane, uint64_t bytes, struct fault *why);

/*
 * Take some messages of a lane: whole lines, or parts of one that is long, up to the
 * end that is known.  1 with *batch, which lasts until the lane is read again; or 0.
 * Memory is bounded.  Messages that were removed meanwhile are told of.
 * STATUS_IO; STATUS_DATA: the lane is not whole.
 */
int view_read(struct view *view, unsigned lane, struct batch *batch, struct fault *why);

/*
 * Wait for more messages, or more lanes: 1.  Or until nobody is there any more to
 * read what is written to the descriptor `output`: 0.  STATUS_IO, STATUS_DATA.
 */
int view_wait(struct view *view, int output, struct fault *why);

/* NULL is allowed. */
void view_close(struct view *view);

#endif

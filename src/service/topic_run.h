/*
 * topic_run.h -- evtopic run: a command as a consumer of a topic.
 */
#ifndef TOPIC_RUN_H
#define TOPIC_RUN_H

#include "service/child.h"
#include "service/letters.h"
#include "service/topic_command.h"

enum { RUN_BACK_OFF_MOST = 60000 };     /* milliseconds */

struct run {
    struct store *store;
    const char *store_name;
    char topic[TOPIC_NAME_MAX + 2];     /* with an @ before it */
    struct source *source;
    struct sink *output;        /* the command's standard output, which is ours */
    struct letters *letters;
    struct child_setting child;
    int64_t tries;
    int64_t back_off;           /* milliseconds, the first; at most RUN_BACK_OFF_MOST */
    bool stopping;              /* a signal came, or: */
    bool unread;                /* nobody reads what the command prints */
    struct line *messages;      /* of the batch in hand: whole lines, at least one */
    size_t count, room;
    struct buffer input;
};

/* What became of a batch. */
enum fed {
    FED,                        /* acknowledged, or put aside: the group may go on */
    FED_NOT,                    /* however often it was tried; not from run_feed() */
    FED_LATER,                  /* not acknowledged, and we are to stop */
    FED_ERROR,                  /* *why: STATUS_UNAVAILABLE (child.h), STATUS_IO */
};

/*
 * Feed the batch in hand to the command until that ends well, as often as it is to be
 * tried; then each of its messages alone, if it has several, and put aside what fails
 * alone.  letters_flush() keeps that.
 */
enum fed run_feed(struct run *run, struct fault *why);  /* topic_run_try.c */

/* With --dry-run: print the messages that the group has not read, lane by lane.  The exit status. */
int run_look(const struct topic_wish *wish);            /* topic_run_look.c */

#endif

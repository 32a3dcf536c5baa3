/*
 * topic_command.h -- what evtopic may be asked for, and who answers.
 */
#ifndef TOPIC_COMMAND_H
#define TOPIC_COMMAND_H

#include "service/cli.h"
#include "store/topic.h"

enum { TOPIC_BATCH_MAX = 65536 };       /* messages that run takes at once */

/* The command line of any of the subcommands; what was not given is 0, NULL or -1. */
struct topic_wish {
    struct cli *cli;
    const char **operands;      /* behind the subcommand */
    int operand_count;
    int64_t lane;               /* --lane, or -1 */
    const char *from;           /* --from: an offset or a time, not looked at yet */
    int64_t last;               /* --last, or -1 */
    bool follow;                /* -f */
    bool json;
    bool dry_run;               /* -n */
    const char *group;          /* -g, or NULL */
    int64_t lag;                /* --lag: milliseconds, or -1 */
    int64_t dead;               /* --dead, or -1 */
    int64_t older;              /* --older: milliseconds, or -1 */
    int64_t segment;            /* --segment: bytes, or -1 */
    bool drain;                 /* --drain */
    int64_t batch, tries;       /* --batch, --tries, or -1 */
    int64_t back_off, timeout;  /* --back-off, --timeout: milliseconds, or -1 */
};

/* "evtopic: TEXT" on standard error: what a store has to tell people. */
void topic_tell(void *context, const char *text);

/*
 * Each answers one subcommand and returns the exit status.  The number of operands
 * has been checked, and that only options were given that the subcommand has.
 */
int topic_list(const struct topic_wish *wish);          /* topic_list.c */
int topic_lag(const struct topic_wish *wish);           /* topic_lag.c */
int topic_check_lag(const struct topic_wish *wish);
int topic_cat(const struct topic_wish *wish);           /* topic_cat.c */
int topic_put(const struct topic_wish *wish);           /* topic_put.c: publish */
int topic_seek(const struct topic_wish *wish);          /* topic_admin.c */
int topic_lanes(const struct topic_wish *wish);
int topic_trim(const struct topic_wish *wish);
int topic_dead(const struct topic_wish *wish);          /* topic_dead.c */
int topic_redrive(const struct topic_wish *wish);
int topic_run(const struct topic_wish *wish);           /* topic_run.c */

#endif

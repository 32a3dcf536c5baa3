/*
 * topic_run.c -- evtopic run: a program as a consumer of a topic.
 *
 * One batch goes one way: take it with its lane, see that it is on disk, run the command
 * on it until it ends well, keep what was put aside, and move on.  Whoever is killed on
 * that way leaves the lane to others, with the batch not done.
 *
 * Unlike all else that reads a store this does not confine itself: that is handed on to
 * whatever is executed, for ever, and the command is to have the rights of who called us.
 * A helper that is started before, and runs the command when it is asked to, would keep
 * those rights within reach of whoever had taken us over: no wall worth its parts.  No
 * message is looked into here, only where its line ends; and run_look() is confined.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "service/topic_run.h"

enum { BATCH = 100, TRIES = 5, BACK_OFF_MILLISECONDS = 1000 };

/* -- the loop ----------------------------------------------------------------- */

/* The whole lines are the batch; one that is too long is no message, and is put aside. */
static int
sort_lines(struct run *run, const struct line *lines, size_t count, struct fault *why)
{
    run->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (lines[i].part != LINE_WHOLE) {
            if (letters_add_piece(run->letters, run->source, &lines[i], why) != 0)
                return -1;
            continue;
        }
        run->messages = memory_room(run->messages, run->count, &run->room, sizeof *run->messages);
        run->messages[run->count++] = lines[i];
    }
    return 0;
}

/* Nobody hears of a message that is not on disk; the group moves on when what was put aside is. */
static int
run_batch(struct run *run, const struct line *lines, size_t count, struct fault *why)
{
    enum fed fed = FED;

    if (sort_lines(run, lines, count, why) != 0 || source_sync(run->source, why) != 0)
        return -1;
    if (run->count > 0)
        fed = run_feed(run, why);
    if (fed == FED_ERROR || letters_flush(run->letters, why) != 0)
        return -1;
    return fed == FED ? source_done(run->source, why) : 0;
}

/* What commands printed into a regular file is on disk before offsets are. */
static int
settle(struct run *run, struct fault *why)
{
    if (store_settle(run->store, why) != 0 || sink_settle(run->output, why) != 0) {
        source_lost(run->source);
        return -1;
    }
    return source_settled(run->source, why);
}

static int
run_loop(struct run *run, struct fault *why)
{
    const struct line *lines;
    size_t count;
    int taken = SOURCE_LINES;

    while (!run->stopping && (taken = source_take(run->source, &lines, &count, why)) != SOURCE_END) {
        int result = taken == SOURCE_LINES ? run_batch(run, lines, count, why)
                   : taken == SOURCE_PAUSE ? settle(run, why) : -1;

        if (result != 0)
            return -1;
    }
    return settle(run, why);
}

/* -- the command line ----------------------------------------------------------- */

static void
check_wish(const struct topic_wish *wish)
{
    const struct cli *cli = wish->cli;

    if (wish->group == NULL)
        cli_misuse(cli, "run: --group is needed");
    if (cli->operands_before != 2)
        cli_misuse(cli, "run: needs TOPIC -- COMMAND");
    if (wish->back_off > RUN_BACK_OFF_MOST)
        cli_misuse(cli, "--back-off: more than %d seconds", RUN_BACK_OFF_MOST / 1000);
    if (wish->timeout == 0)
        cli_misuse(cli, "--timeout: 0: no time to do anything");
}

/* EV_STORE, EV_TOPIC and EV_GROUP stay what they are. */
static int
set_names(const struct run *run, const char *group, struct fault *why)
{
    if (setenv("EV_STORE", run->store_name, 1) != 0 || setenv("EV_TOPIC", run->topic + 1, 1) != 0
        || setenv("EV_GROUP", group, 1) != 0)
        return fault_system(why, STATUS_IO, "cannot set EV_STORE, EV_TOPIC, EV_GROUP");
    return 0;
}

static int
open_ends(struct run *run, const struct topic_wish *wish, struct slice topic, struct fault *why)
{
    const struct source_setting setting = {
        .command = "evtopic", .group = wish->group, .wait = !wish->drain,
        .most = wish->batch > 0 ? (uint64_t)wish->batch : BATCH,
    };

    (void)snprintf(run->topic, sizeof run->topic, "@%.*s", (int)topic.length, topic.at);
    if (set_names(run, wish->group, why) != 0 || sink_open(&run->output, "-", NULL, why) != 0
        || source_open(&run->source, run->topic, run->store, &setting, why) != 0)
        return -1;
    run->child.stop = source_stop(run->source);
    return 0;
}

int
topic_run(const struct topic_wish *wish)
{
    struct slice topic = cli_topic(wish->cli, wish->operands[0]);
    struct run run = {
        .store_name = wish->cli->store,
        .child = { .arguments = (char *const *)(wish->operands + 1), .timeout = wish->timeout },
        .tries = wish->tries > 0 ? wish->tries : TRIES,
        .back_off = wish->back_off >= 0 ? wish->back_off : BACK_OFF_MILLISECONDS,
    };
    struct fault why;
    int status = STATUS_DONE;

    check_wish(wish);
    if (wish->dry_run)
        return run_look(wish);
    (void)signal(SIGCHLD, SIG_DFL);             /* who ignores it hears of no end */
    run.store = cli_store_first(wish->cli, STORE_FOLLOW);
    run.letters = letters_new("evtopic", run.store, NULL);
    if (open_ends(&run, wish, topic, &why) != 0 || run_loop(&run, &why) != 0)
        status = letters_give_up(run.letters, &why);
    else if (wish->drain && letters_count(run.letters) > 0)
        status = STATUS_DATA;
    if (run.unread)
        (void)raise(SIGPIPE);
    letters_free(run.letters);
    source_close(run.source);
    sink_close(run.output);
    store_close(run.store);
    free(run.messages);
    buffer_free(&run.input);
    return status;
}

/* topic_run_try.c -- evtopic run: feed a batch to the command, again and again. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "service/topic_run.h"

static int
set_number(const char *name, uint64_t number, struct fault *why)
{
    char text[24];

    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    return setenv(name, text, 1) == 0 ? 0 : fault_system(why, STATUS_IO, "cannot set %s", name);
}

/* A pipe whose reader has gone. */
static bool
is_unread(int output)
{
    struct pollfd ready = { .fd = output };

    return poll(&ready, 1, 0) > 0 && (ready.revents & POLLERR) != 0;
}

/* Run the command on some messages.  That nobody reads what it prints is not the messages' fault. */
static int
feed(struct run *run, const struct line *messages, size_t count, int64_t try, struct child_end *end, struct fault *why)
{
    struct buffer *input = &run->input;

    input->length = 0;
    for (size_t i = 0; i < count; i++) {
        buffer_slice(input, messages[i].text);
        buffer_add(input, "\n", 1);
    }
    if (set_number("EV_LANE", source_origin(run->source)->lane, why) != 0
        || set_number("EV_OFFSET", messages[0].number, why) != 0 || set_number("EV_TRIES", (uint64_t)try, why) != 0)
        return -1;
    if (child_run(&run->child, (struct slice){ input->at, input->length }, &run->stopping, end, why) != 0)
        return -1;
    if (!end->done && is_unread(STDOUT_FILENO))
        run->stopping = run->unread = true;
    return 0;
}

static int64_t
back_off_before(const struct run *run, int64_t try)
{
    int64_t wait = run->back_off;

    for (; try > 2 && wait < RUN_BACK_OFF_MOST; try--)
        wait *= 2;
    return wait < RUN_BACK_OFF_MOST ? wait : RUN_BACK_OFF_MOST;
}

/* "evtopic: @notes/0:17-19: exit 3 (try 1 of 5), again in 1 s" */
static void
tell_of_try(const struct run *run, const struct child_end *end, int64_t try)
{
    const unsigned long long first = run->messages[0].number, last = run->messages[run->count - 1].number;
    char range[32] = "";

    if (run->count > 1)
        (void)snprintf(range, sizeof range, "-%llu", last);
    (void)fprintf(stderr, "evtopic: %s:%llu%s: %s (try %lld of %lld), ", source_name(run->source), first, range, end->how,
                  (long long)try, (long long)run->tries);
    if (try < run->tries)
        (void)fprintf(stderr, "again in %.12g s\n", (double)back_off_before(run, try + 1) / 1000);
    else
        (void)fprintf(stderr, "now each alone\n");
}

static enum fed
try_batch(struct run *run, struct child_end *end, struct fault *why)
{
    for (int64_t try = 1; ; try++) {
        if (feed(run, run->messages, run->count, try, end, why) != 0)
            return FED_ERROR;
        if (end->done)
            return FED;
        if (run->stopping)
            return FED_LATER;
        if (try < run->tries || run->count > 1)
            tell_of_try(run, end, try);
        if (try == run->tries)
            return FED_NOT;
        child_pause(&run->child, back_off_before(run, try + 1), &run->stopping);
        if (run->stopping)
            return FED_LATER;
    }
}

static int
put_aside(struct run *run, const struct line *message, const struct child_end *end, struct fault *why)
{
    return letters_add(run->letters, run->source, message, end->how, why);
}

/* So that one that cannot be processed does not take its neighbours with it. */
static enum fed
try_each(struct run *run, struct fault *why)
{
    struct child_end end;

    for (size_t i = 0; i < run->count; i++) {
        if (run->stopping)
            return FED_LATER;
        if (feed(run, &run->messages[i], 1, run->tries + 1, &end, why) != 0)
            return FED_ERROR;
        if (!end.done && run->stopping)
            return FED_LATER;
        if (!end.done && put_aside(run, &run->messages[i], &end, why) != 0)
            return FED_ERROR;
    }
    return FED;
}

enum fed
run_feed(struct run *run, struct fault *why)
{
    struct child_end end;
    enum fed fed = try_batch(run, &end, why);

    if (fed != FED_NOT)
        return fed;
    if (run->count > 1)
        return try_each(run, why);
    return put_aside(run, &run->messages[0], &end, why) == 0 ? FED : FED_ERROR;
}

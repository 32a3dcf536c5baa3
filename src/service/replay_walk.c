/* replay_walk.c -- one product's events up to the point that is asked for. */
#include <unistd.h>

#include "service/replay_if.h"
#include "service/replay_walk.h"

struct progress *
replay_watch(const struct replay_job *job, uint64_t times, bool prints)
{
    uint64_t all = 0, bytes;
    struct fault ignored;

    if (!isatty(STDERR_FILENO) || (prints && isatty(STDOUT_FILENO)))
        return NULL;
    for (size_t i = 0; i < job->count; i++) {
        if (history_size(job->store, job->products[i], &bytes, &ignored) == 0)
            all += bytes;
        if (job->other != NULL && history_size(job->other, job->products[i], &bytes, &ignored) == 0)
            all += bytes;
    }
    return progress_begin("evreplay", all * times);
}

struct walk {
    const struct replay_job *job;
    struct replay_world *world; /* or NULL */
    enum replay_shown shown;
    replay_step *step;
    void *context;
};

static int
look_visit(void *context, struct slice line, const struct message *event, const struct history_state *state,
           struct fault *why)
{
    const struct walk *walk = context;

    (void)state;
    (void)why;
    if (replay_includes(walk->job->wish, event))
        replay_world_look(walk->world, line, event);
    return 0;
}

static int
step_visit(void *context, struct slice line, const struct message *event, const struct history_state *state,
           struct fault *why)
{
    const struct walk *walk = context;
    const struct history_state *shown = state;

    (void)why;
    if (!replay_includes(walk->job->wish, event))
        return 0;
    if (walk->world != NULL)
        shown = replay_world_event(walk->world, event);
    if (shown != NULL)
        walk->step(walk->context, walk->world != NULL ? (struct slice){ NULL, 0 } : line, shown);
    return 0;
}

static int
report(const struct replay_job *job, const struct fault *why)
{
    progress_hide(job->progress);
    (void)cli_report("evreplay", why);
    progress_show(job->progress);
    return (int)why->status;
}

/* Another world looks at all events before it can decide any. */
static int
read_journal(struct walk *walk, struct slice product)
{
    const struct replay_job *job = walk->job;
    atomic_ullong *read = progress_counter(job->progress);
    const struct history_reader step = { .visit = step_visit, .context = walk, .read = read };
    struct history_reader reader = { .threads = job->wish->jobs, .read = read };
    bool once = false;
    struct history_end end;
    struct fault why;
    int result;

    if (walk->world != NULL) {
        reader = (struct history_reader){ .visit = look_visit, .context = walk, .read = read };
    } else if (walk->shown != REPLAY_SHOWN_AT_ONCE) {
        reader = step;
        once = true;
    }
    result = history_read(job->store, product, &reader, &end, &why);
    if (walk->shown != REPLAY_AGAIN && end.torn > 0) {
        progress_hide(job->progress);
        replay_warn_torn(job->store, product, &end);
        progress_show(job->progress);
    }
    if (result != 0 && why.status == STATUS_NO_INPUT && (!job->named || replay_world_wished(walk->world)))
        return STATUS_DONE;
    if (result != 0)
        return report(job, &why);
    reader = step;
    reader.until_bytes = end.state.bytes;
    if (!once && history_read(job->store, product, &reader, &end, &why) != 0)
        return report(job, &why);
    return STATUS_DONE;
}

int
replay_walk(const struct replay_job *job, struct slice product, enum replay_shown shown, replay_step *step, void *context)
{
    struct walk walk = {
        job, job->what_if != NULL ? replay_world_new(job->what_if, product) : NULL, shown, step, context,
    };
    const struct history_state *state;
    int status = read_journal(&walk, product);

    while (status == STATUS_DONE && walk.world != NULL && (state = replay_world_wish(walk.world)) != NULL)
        step(context, (struct slice){ NULL, 0 }, state);
    replay_world_free(walk.world);
    return status;
}

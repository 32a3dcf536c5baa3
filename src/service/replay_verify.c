/* replay_verify.c -- evreplay --verify; and how many journals are read. */
#include <stdlib.h>

#include "base/pool.h"
#include "service/replay_many.h"
#include "service/replay_walk.h"

void
replay_many_read(struct replay_many *many, void (*read_one)(void *context, size_t i))
{
    const size_t jobs = many->job->wish->jobs, count = many->job->count;
    atomic_ullong *read = progress_counter(many->job->progress);

    many->reader = (struct history_reader){ .leave_long = jobs > 1, .read = read };
    pool_run(jobs, count, read_one, many);
    many->reader = (struct history_reader){ .threads = jobs, .read = read };
    for (size_t i = 0; i < count; i++)
        if (many->replayed[i].end.left)
            read_one(many, i);
}

static void
tell(struct replayed *one, const struct fault *why)
{
    buffer_text(&one->damages, "evreplay: ");
    buffer_text(&one->damages, why->text);
    buffer_text(&one->damages, "\n");
}

static int
tell_damage(void *context, const struct fault *why)
{
    struct replayed *one = context;

    one->damage_count++;
    tell(one, why);
    return 0;
}

/* The orders come behind the products. */
static void
verify_one(void *context, size_t i)
{
    struct replay_many *many = context;
    struct replayed *one = &many->replayed[i];
    struct history_reader reader = many->reader;
    struct fault why;

    reader.damage = tell_damage;
    reader.context = one;
    if (many->job->products[i].length == 0)
        one->ok = history_read_orders(many->job->store, &reader, &one->end, &why) == 0;
    else
        one->ok = history_read(many->job->store, many->job->products[i], &reader, &one->end, &why) == 0;
    if (one->ok)
        return;
    if (why.status == STATUS_NO_INPUT) {
        one->why = memory_new(sizeof why);
        *one->why = why;
        return;
    }
    tell(one, &why);
    one->unread = why.status != STATUS_DATA;
    one->damage_count += !one->unread;
}

static int
print_summary(const struct replay_many *many, uint64_t strangers)
{
    uint64_t journals = 0, events = 0, orders = 0, damages = strangers;
    const bool named = many->job->named;
    int status = STATUS_DONE;

    for (size_t i = 0; i < many->job->count; i++) {
        struct replayed *one = &many->replayed[i];
        bool product = many->job->products[i].length > 0;
        bool missing = !one->ok && !one->unread && one->damage_count == 0;

        if (missing && named)
            status = fault_worse(status, cli_report("evreplay", one->why));
        free(one->why);
        if (one->unread)
            status = fault_worse(status, STATUS_IO);
        replay_warn_torn(many->job->store, many->job->products[i], &one->end);
        journals += product && !missing;
        *(product ? &events : &orders) += one->end.state.product.sequence;
        damages += one->damage_count;
        if (one->damages.length > 0)
            (void)fwrite(one->damages.at, 1, one->damages.length, stderr);
        buffer_free(&one->damages);
    }
    (void)printf("%llu journals, %llu events", (unsigned long long)journals, (unsigned long long)events);
    if (!named)
        (void)printf(", %llu orders", (unsigned long long)orders);
    (void)printf(": %llu damaged\n", (unsigned long long)damages);
    return fault_worse(status, damages > 0 ? STATUS_DATA : STATUS_DONE);
}

int
replay_verify(struct replay_job *job, const struct buffer *strangers)
{
    struct replay_many many = { job, memory_zeroed(job->count, sizeof(struct replayed)), { 0 } };
    uint64_t unknown = replay_tell_strangers(strangers);
    int status;

    job->progress = replay_watch(job, 1, false);
    replay_many_read(&many, verify_one);
    progress_end(job->progress);
    status = print_summary(&many, unknown);
    free(many.replayed);
    return status;
}

/* evreplay.c -- journals -> states. */
#include <locale.h>
#include <stdlib.h>

#include "domain/state.h"
#include "service/replay_bisect.h"
#include "service/replay_diff.h"
#include "service/replay_if.h"
#include "service/replay_many.h"
#include "service/replay_plot.h"
#include "service/replay_stdin.h"
#include "service/replay_walk.h"

enum { PORTION = 4096 };        /* products whose states are in memory at once */

static int
fail(const struct fault *why)
{
    return cli_report("evreplay", why);
}

static void
replay_one(void *context, size_t i)
{
    struct replay_many *many = context;
    struct replayed *one = &many->replayed[i];
    struct replay_point point = { .wish = many->job->wish };
    struct history_reader reader = many->reader;
    struct fault why;

    if (replay_point_needed(many->job->wish))
        reader = (struct history_reader){ .visit = replay_point_visit, .context = &point, .read = reader.read };
    one->ok = history_read(many->job->store, many->job->products[i], &reader, &one->end, &why) == 0;
    if (!one->ok) {
        one->why = memory_new(sizeof why);
        *one->why = why;
        return;
    }
    one->at = reader.visit != NULL ? point.state : one->end.state;
    one->any = one->at.product.sequence > 0;
}

/* Print the states in order.  A product without an event at that point has none. */
static int
print_states(const struct replay_many *many, struct replay_printer *printer)
{
    const struct replay_job *job = many->job;
    int status = STATUS_DONE;

    for (size_t i = 0; i < job->count; i++) {
        struct replayed *one = &many->replayed[i];

        replay_warn_torn(job->store, job->products[i], &one->end);
        if (!one->ok && (job->named || one->why->status != STATUS_NO_INPUT))
            status = fault_worse(status, fail(one->why));
        if (one->any)
            replay_print(printer, job->products[i], (struct slice){ NULL, 0 }, &one->at);
        free(one->why);
    }
    return status;
}

/* In portions, so that memory holds few states, however many products there are. */
static int
replay_states(struct replay_job *job)
{
    struct replay_printer printer = replay_print_begin(job->wish, job->products, job->count);
    struct replay_job part = *job;
    int worst = STATUS_DONE;

    job->progress = part.progress = replay_watch(job, 1, false);
    for (size_t done = 0; done < job->count; done += part.count) {
        struct replay_many many = { .job = &part };
        int status;

        part.products = job->products + done;
        part.count = job->count - done < PORTION ? job->count - done : PORTION;
        many.replayed = memory_zeroed(part.count, sizeof *many.replayed);
        replay_many_read(&many, replay_one);
        progress_hide(job->progress);
        status = print_states(&many, &printer);
        worst = fault_worse(worst, status);
        progress_show(job->progress);
        free(many.replayed);
    }
    progress_end(job->progress);
    replay_print_end(&printer);
    return worst;
}

/* One product of those that are printed as they are read. */
struct line_point {
    struct replay_printer *printer;
    struct slice product;
    struct history_state last;
};

static void
print_step(void *context, struct slice line, const struct history_state *state)
{
    const struct line_point *point = context;

    replay_print(point->printer, point->product, line, state);
}

static void
keep_step(void *context, struct slice line, const struct history_state *state)
{
    struct line_point *point = context;

    (void)line;
    point->last = *state;
}

/* Events and histories; and states of another world. */
static int
replay_lines(struct replay_job *job)
{
    const bool states = job->wish->view == REPLAY_STATES;
    struct replay_printer printer = replay_print_begin(job->wish, job->products, job->count);
    int worst = STATUS_DONE;

    job->progress = replay_watch(job, 2, true);
    for (size_t i = 0; i < job->count; i++) {
        struct line_point point = { .printer = &printer, .product = job->products[i] };
        int status = replay_walk(job, point.product, states ? REPLAY_SHOWN_LATER : REPLAY_SHOWN_AT_ONCE,
                                 states ? keep_step : print_step, &point);

        if (status == STATUS_DONE && point.last.product.sequence > 0)
            print_step(&point, (struct slice){ NULL, 0 }, &point.last);
        worst = fault_worse(worst, status);
    }
    progress_end(job->progress);
    replay_print_end(&printer);
    return worst;
}

static int
replay(struct replay_job *job)
{
    switch (job->wish->view) {
    case REPLAY_STATES: return job->what_if != NULL ? replay_lines(job) : replay_states(job);
    case REPLAY_BISECT: return replay_bisect(job);
    case REPLAY_PLOT:
    case REPLAY_SVG: return replay_plot(job);
    case REPLAY_DIFF: return replay_diff(job);
    default: return replay_lines(job);
    }
}

/* With --verify the orders come behind the products. */
static int
replay_all(struct replay_job *job)
{
    const bool verify = job->wish->view == REPLAY_VERIFY;
    struct history_products all = { 0 };
    struct fault why;
    int status;

    if (history_products(job->store, &all, &why) != 0) {
        history_products_free(&all);
        return fail(&why);
    }
    if (verify) {
        all.products = memory_room(all.products, all.count, &all.room, sizeof *all.products);
        all.products[all.count] = (struct slice){ "", 0 };
    }
    if (job->what_if != NULL)
        replay_if_add_products(job->what_if, &all);
    job->products = all.products;
    job->count = all.count + verify;
    status = verify ? replay_verify(job, &all.strangers) : replay(job);
    history_products_free(&all);
    return status;
}

static int
replay_named(const struct cli *cli, struct replay_job *job)
{
    struct slice *products = memory_new((size_t)cli->operand_count * sizeof *products);
    static const struct buffer none = { 0 };
    int status;

    job->named = true;
    job->products = products;
    for (; job->count < (size_t)cli->operand_count; job->count++)
        products[job->count] = cli_product(cli, cli->operands[job->count]);
    status = job->wish->view == REPLAY_VERIFY ? replay_verify(job, &none) : replay(job);
    free(products);
    return status;
}

/* What a command line names is opened first; then it is given up to open anything else, and read. */
static int
replay_store(struct cli *cli, const struct replay_wish *wish)
{
    struct replay_if *what_if = replay_if_open(cli, wish);
    struct store *store = cli_store_first(cli, STORE_LOOK), *other = NULL;
    struct replay_job job = { .store = store, .wish = wish, .what_if = what_if };
    int read, status;

    if (wish->diff != NULL)
        job.other = other = replay_diff_open(cli, wish->diff);
    store_confine_both(store, other);
    status = read = replay_if_read(what_if);
    if (read != STATUS_IO)
        status = cli->operand_count > 0 ? replay_named(cli, &job) : replay_all(&job);
    if (status == STATUS_DONE)
        status = read;
    read = replay_if_close(what_if, read != STATUS_IO);
    store_close(other);
    store_close(store);
    return status == STATUS_DONE ? read : status;
}

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&replay_program, argc, argv);
    struct replay_wish wish = replay_options(&cli);
    int status;

    /* Before the process is confined: how wide characters are. */
    if (wish.view == REPLAY_PLOT || wish.form == REPLAY_TABLE)
        (void)setlocale(LC_CTYPE, "");
    if (cli.operand_count == 1 && strcmp(cli.operands[0], "-") == 0) {
        status = replay_stdin(&wish);
    } else {
        for (int i = 0; i < cli.operand_count; i++)
            (void)cli_product(&cli, cli.operands[i]);
        status = replay_store(&cli, &wish);
    }
    cli_end(&cli);
    return cli_finish(replay_program.name, status);
}

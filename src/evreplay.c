/* evreplay.c -- journals -> states. */
#include <stdlib.h>

#include "base/text.h"
#include "domain/state.h"
#include "base/pool.h"
#include "service/replay_stdin.h"
#include "service/replay_view.h"

static int
fail(const struct fault *why)
{
    return cli_report("evreplay", why);
}

/* One product of many: its state, or why there is none. */
struct replayed {
    struct history_end end;
    struct history_state at;    /* the state that is asked for */
    bool ok, any;
    bool unread;                /* with --verify: reading failed, so nothing is known of the rest */
    struct fault *why;
    struct buffer damages;      /* with --verify, a line each */
    uint64_t damage_count;
};

struct many {
    const struct store *store;
    const struct replay_wish *wish;
    const struct slice *products;
    struct replayed *replayed;
    struct history_reader reader;       /* how a journal is read */
};

/* Side by side; those that are worth all threads for themselves one after the other, when the rest is done. */
static void
read_all(struct many *many, size_t count, void (*read_one)(void *context, size_t i))
{
    size_t jobs = many->wish->jobs;

    many->reader = (struct history_reader){ .leave_long = jobs > 1 };
    pool_run(jobs, count, read_one, many);
    many->reader = (struct history_reader){ .threads = jobs };
    for (size_t i = 0; i < count; i++)
        if (many->replayed[i].end.left)
            read_one(many, i);
}

static void
replay_one(void *context, size_t i)
{
    struct many *many = context;
    struct replayed *one = &many->replayed[i];
    struct replay_point point = { .wish = many->wish };
    struct history_reader reader = many->reader;
    struct fault why;

    if (replay_point_needed(many->wish))
        reader = (struct history_reader){ .visit = replay_point_visit, .context = &point };
    one->ok = history_read(many->store, many->products[i], &reader, &one->end, &why) == 0;
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
print_states(const struct many *many, size_t count, bool named)
{
    size_t width = replay_widest(many->products, count);
    struct buffer line = { 0 };
    int status = STATUS_DONE;

    if (many->wish->table)
        state_write_heading(&line, width);
    for (size_t i = 0; i < count; i++) {
        struct replayed *one = &many->replayed[i];

        if (!one->ok && (named || one->why->status != STATUS_NO_INPUT))
            status = fail(one->why);
        if (one->ok)
            replay_warn_torn(many->store, many->products[i], &one->end);
        if (one->any && many->wish->table)
            state_write_row(&line, many->products[i], &one->at.product, one->at.time.text, width);
        else if (one->any)
            state_write(&line, many->products[i], &one->at.product, one->at.time.text);
        cli_print(&line);
        line.length = 0;
        free(one->why);
    }
    buffer_free(&line);
    return status;
}

static int
replay_states(const struct store *store, const struct replay_wish *wish, const struct slice *products, size_t count,
              bool named)
{
    struct many many = { store, wish, products, memory_zeroed(count, sizeof(struct replayed)), { 0 } };
    int status;

    read_all(&many, count, replay_one);
    status = print_states(&many, count, named);
    free(many.replayed);
    return status;
}

/*
 * Events and histories are printed as they are read.  So that nothing of a
 * damaged journal is, it is read twice: checked, then printed up to the same end.
 */
static int
replay_lines(const struct store *store, const struct replay_wish *wish, struct slice product, bool named)
{
    struct replay_point point = { .wish = wish, .product = product };
    struct history_reader reader = { .threads = wish->jobs };
    struct history_end end;
    struct fault why;

    if (history_read(store, product, &reader, &end, &why) != 0)
        return !named && why.status == STATUS_NO_INPUT ? STATUS_DONE : fail(&why);
    replay_warn_torn(store, product, &end);
    reader = (struct history_reader){
        .visit = replay_line_visit, .context = &point, .until_bytes = end.state.bytes,
    };
    if (history_read(store, product, &reader, &end, &why) != 0)
        return fail(&why);
    return STATUS_DONE;
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
    struct many *many = context;
    struct replayed *one = &many->replayed[i];
    struct history_reader reader = many->reader;
    struct fault why;

    reader.damage = tell_damage;
    reader.context = one;
    if (many->products[i].length == 0)
        one->ok = history_read_orders(many->store, &reader, &one->end, &why) == 0;
    else
        one->ok = history_read(many->store, many->products[i], &reader, &one->end, &why) == 0;
    if (one->ok || why.status == STATUS_NO_INPUT)
        return;
    tell(one, &why);
    one->unread = why.status != STATUS_DATA;
    one->damage_count += !one->unread;
}

static int
print_summary(const struct many *many, size_t count, bool named, uint64_t strangers)
{
    uint64_t journals = 0, events = 0, orders = 0, damages = strangers;
    int status = STATUS_DONE;

    for (size_t i = 0; i < count; i++) {
        struct replayed *one = &many->replayed[i];
        bool product = many->products[i].length > 0;
        bool missing = !one->ok && !one->unread && one->damage_count == 0;

        if (missing && named) {
            (void)fprintf(stderr, "evreplay: %s: no such journal\n", history_place(many->store, many->products[i]));
            status = STATUS_NO_INPUT;
        }
        if (one->unread)
            status = STATUS_IO;
        if (one->ok)
            replay_warn_torn(many->store, many->products[i], &one->end);
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
    return damages > 0 ? STATUS_DATA : status;
}

static int
verify(const struct store *store, const struct replay_wish *wish, const struct slice *products, size_t count,
       bool named, const struct buffer *strangers)
{
    struct many many = { store, wish, products, memory_zeroed(count, sizeof(struct replayed)), { 0 } };
    uint64_t unknown = replay_tell_strangers(strangers);
    int status;

    read_all(&many, count, verify_one);
    status = print_summary(&many, count, named, unknown);
    free(many.replayed);
    return status;
}

static int
replay_products(const struct store *store, const struct replay_wish *wish, const struct slice *products,
                size_t count, bool named)
{
    int worst = STATUS_DONE;

    if (!wish->events && !wish->history)
        return replay_states(store, wish, products, count, named);
    for (size_t i = 0; i < count; i++) {
        int status = replay_lines(store, wish, products[i], named);

        if (status != STATUS_DONE)
            worst = status;
    }
    return worst;
}

static int
replay_all(const struct store *store, const struct replay_wish *wish)
{
    struct history_products all = { 0 };
    struct fault why;
    int status;

    if (history_products(store, &all, &why) != 0) {
        status = fail(&why);
    } else if (wish->verify) {
        struct slice *list = memory_resize(all.products, (all.count + 1) * sizeof *list);

        list[all.count] = (struct slice){ "", 0 };
        all.products = list;
        status = verify(store, wish, list, all.count + 1, false, &all.strangers);
    } else {
        status = replay_products(store, wish, all.products, all.count, false);
    }
    history_products_free(&all);
    return status;
}

static int
replay_named(const struct cli *cli, const struct store *store, const struct replay_wish *wish)
{
    size_t count = (size_t)cli->operand_count;
    struct slice *products = memory_new(count * sizeof *products);
    static const struct buffer none = { 0 };
    int status;

    for (size_t i = 0; i < count; i++)
        products[i] = cli_product(cli, cli->operands[i]);
    status = wish->verify ? verify(store, wish, products, count, true, &none)
                          : replay_products(store, wish, products, count, true);
    free(products);
    return status;
}

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&replay_program, argc, argv);
    struct replay_wish wish = replay_options(&cli);
    struct store *store;
    int status;

    if (cli.operand_count == 1 && strcmp(cli.operands[0], "-") == 0) {
        status = replay_stdin(&wish);
    } else {
        for (int i = 0; i < cli.operand_count; i++)
            (void)cli_product(&cli, cli.operands[i]);
        store = cli_store(&cli, STORE_LOOK);
        status = cli.operand_count > 0 ? replay_named(&cli, store, &wish) : replay_all(store, &wish);
        store_close(store);
    }
    cli_end(&cli);
    return cli_finish(replay_program.name, status);
}

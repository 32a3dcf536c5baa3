/* replay_diff.c -- evreplay --diff: what changed since. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/pool.h"
#include "base/text.h"
#include "service/replay_diff.h"
#include "service/replay_walk.h"
#include "service/table.h"

/* One product on both sides. */
struct pair {
    struct slice product;
    struct product from, to;
    bool known;                 /* on one side at least */
    struct fault *why;          /* damage, or NULL */
    struct history_end end;     /* in the store itself; with nothing read, { 0 } */
};

struct pairs {
    const struct replay_job *job;
    const struct replay_wish *from;     /* where to begin, as a point */
    struct pair *list;
    size_t count;
    atomic_ullong *read;
};

struct store *
replay_diff_open(const struct cli *cli, const char *name)
{
    const struct store_setting setting = { .name = name, .command = "evreplay", .clock = cli->clock, .use = STORE_LOOK };
    struct store *store;
    struct fault why;

    if (store_open(&store, &setting, &why) != 0)
        exit(cli_report("evreplay", &why));
    return store;
}

/* -- reading ----------------------------------------------------------------------- */

/* Both points in one reading. */
struct points {
    struct replay_point from, to;
};

static int
visit(void *context, struct slice line, const struct message *event, const struct history_state *state,
      struct fault *why)
{
    struct points *points = context;

    if (points->from.wish != NULL)
        (void)replay_point_visit(&points->from, line, event, state, why);
    return replay_point_visit(&points->to, line, event, state, why);
}

static bool
read_side(const struct store *store, struct pair *pair, const struct history_reader *reader, struct history_end *end)
{
    struct fault why;

    if (history_read(store, pair->product, reader, end, &why) == 0)
        return pair->known = true;
    if (why.status != STATUS_NO_INPUT && pair->why == NULL) {
        pair->why = memory_new(sizeof why);
        *pair->why = why;
    }
    return false;
}

static void
read_pair(void *context, size_t i)
{
    const struct pairs *pairs = context;
    struct pair *pair = &pairs->list[i];
    struct points points = { { .wish = pairs->from }, { .wish = pairs->job->wish } };
    const struct history_reader reader = { .visit = visit, .context = &points, .read = pairs->read };
    const struct history_reader whole = { .read = pairs->read };
    struct history_end other;

    if (read_side(pairs->job->store, pair, &reader, &pair->end)) {
        pair->from = points.from.state.product;
        pair->to = points.to.state.product;
    }
    if (pairs->job->other != NULL && read_side(pairs->job->other, pair, &whole, &other))
        pair->from = other.state.product;
}

/* -- printing ---------------------------------------------------------------------- */

/* All but the sequence, which stands by itself. */
enum { FIRST = MEMBER_SEQUENCE + 1 };

/* By how much each member grew; false if nothing differs. */
static bool
compare(const struct pair *pair, int64_t *grown)
{
    bool differs = false;

    for (int i = 0; i < MEMBER_COUNT; i++) {
        enum condition_member member = (enum condition_member)i;

        grown[i] = condition_value(member, &pair->to) - condition_value(member, &pair->from);
        differs = differs || grown[i] != 0;
    }
    return differs;
}

static void
print_object(const struct pair *pair, const int64_t *grown)
{
    struct buffer line = { 0 };

    buffer_text(&line, "{\"product\":\"");
    buffer_escaped(&line, pair->product);
    buffer_text(&line, "\",\"from\":");
    buffer_number(&line, pair->from.sequence);
    buffer_text(&line, ",\"to\":");
    buffer_number(&line, pair->to.sequence);
    for (int i = FIRST; i < MEMBER_COUNT; i++) {
        buffer_text(&line, ",\"");
        buffer_text(&line, condition_members[i]);
        buffer_text(&line, "\":");
        buffer_signed(&line, grown[i]);
    }
    buffer_text(&line, "}\n");
    cli_print(&line);
    buffer_free(&line);
}

static void
add_row(struct table *table, const struct pair *pair, const int64_t *grown)
{
    char cell[PRODUCT_MAX + 1];

    memcpy(cell, pair->product.at, pair->product.length);
    cell[pair->product.length] = '\0';
    table_text(table, cell);
    table_number(table, pair->from.sequence);
    table_number(table, pair->to.sequence);
    for (int i = FIRST; i < MEMBER_COUNT; i++) {
        (void)snprintf(cell, sizeof cell, grown[i] == 0 ? "0" : "%+" PRId64, grown[i]);
        table_text(table, cell);
    }
}

static struct table
new_table(void)
{
    struct table table = { .columns = "lrrrrrrrr" };

    table_text(&table, "product");
    table_text(&table, "from");
    table_text(&table, "to");
    for (int i = FIRST; i < MEMBER_COUNT; i++)
        table_text(&table, condition_members[i]);
    return table;
}

static int
print_pairs(const struct pairs *pairs)
{
    const struct replay_job *job = pairs->job;
    struct table table = new_table();
    struct buffer text = { 0 };
    int status = STATUS_DONE;

    for (size_t i = 0; i < pairs->count; i++) {
        struct pair *pair = &pairs->list[i];
        int64_t grown[MEMBER_COUNT];
        struct fault missing;

        if (pair->why == NULL)
            replay_warn_torn(job->store, pair->product, &pair->end);
        if (pair->why != NULL) {
            status = fault_worse(status, cli_report("evreplay", pair->why));
        } else if (!pair->known && job->named) {
            (void)fault_set(&missing, STATUS_NO_INPUT, "%s: no such journal", history_place(job->store, pair->product));
            status = fault_worse(status, cli_report("evreplay", &missing));
        } else if (compare(pair, grown) && job->wish->form == REPLAY_TABLE) {
            add_row(&table, pair, grown);
        } else if (compare(pair, grown)) {
            print_object(pair, grown);
        }
        free(pair->why);
    }
    if (job->wish->form == REPLAY_TABLE)
        table_write(&table, &text);
    cli_print(&text);
    buffer_free(&text);
    table_free(&table);
    return status;
}

/* -- both sides -------------------------------------------------------------------- */

/* The products of both stores, each once; both lists are sorted. */
static void
merge(struct pairs *pairs, const struct slice *others, size_t other_count)
{
    const struct replay_job *job = pairs->job;
    size_t here = 0, there = 0;

    pairs->list = memory_zeroed(job->count + other_count + 1, sizeof *pairs->list);
    while (here < job->count || there < other_count) {
        int order = here == job->count ? 1 : there == other_count ? -1 : slice_compare(job->products[here], others[there]);

        pairs->list[pairs->count++].product = order <= 0 ? job->products[here] : others[there];
        here += order <= 0;
        there += order >= 0;
    }
}

int
replay_diff(const struct replay_job *job)
{
    const struct replay_wish from = { .at = job->wish->diff_at, .until = job->wish->diff_until };
    struct pairs pairs = { .job = job, .from = job->other == NULL && replay_point_needed(&from) ? &from : NULL };
    struct history_products others = { 0 };
    struct progress *progress;
    struct fault why;
    int status;

    if (job->other != NULL && !job->named && history_products(job->other, &others, &why) != 0) {
        history_products_free(&others);
        return cli_report("evreplay", &why);
    }
    if (job->named) {
        pairs.list = memory_zeroed(job->count, sizeof *pairs.list);
        for (; pairs.count < job->count; pairs.count++)
            pairs.list[pairs.count].product = job->products[pairs.count];
    } else {
        merge(&pairs, others.products, others.count);
    }
    progress = replay_watch(job, 1, false);
    pairs.read = progress_counter(progress);
    pool_run(job->wish->jobs, pairs.count, read_pair, &pairs);
    progress_end(progress);
    status = print_pairs(&pairs);
    free(pairs.list);
    history_products_free(&others);
    return status;
}

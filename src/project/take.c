/*
 * take.c -- take what is new in a store's journals into the read models.
 *
 * Orders first: an order is younger than the sale that it follows from, so that, read
 * first, it never stands in the tables without that.  A journal whose size is that of its
 * position has nothing new, because journals only grow; it is not even opened.
 */
#include <stdlib.h>

#include "project/take.h"

/* A journal that is to be read. */
struct target {
    struct slice product;       /* empty: the orders */
    const struct history_state *from;   /* or NULL */
    uint64_t until;             /* or 0 */
};

struct target_list {
    struct target *list;
    size_t count, room;
};

struct taking {
    const struct take_setting *setting;
    struct take_counts *counts;
    struct tables tables;
    struct slice product;       /* whose journal is read */
    struct history_state at;    /* what was taken of that, */
    bool fresh;                 /* some of it since it was last put */
    struct day day;             /* of it, not yet put */
    uint64_t pending, bytes;    /* events in this transaction, and how long they are */
    bool failed;                /* the database did: nothing can go on */
};

/* -- what is to be read -------------------------------------------------------------- */

static void
add_target(struct target_list *targets, struct slice product, const struct history_state *from, uint64_t until)
{
    targets->list = memory_room(targets->list, targets->count, &targets->room, sizeof *targets->list);
    targets->list[targets->count++] = (struct target){ product, from, until };
}

/* A journal that is there, and what is known of it, or NULL. */
static int
look_at(const struct take_setting *setting, struct slice product, const struct known *known, struct target_list *targets,
        struct fault *why)
{
    uint64_t size;

    if (history_size(setting->store, product, &size, why) != 0)
        return -1;
    if (size != (known != NULL ? known->at.bytes : 0))
        add_target(targets, product, known != NULL ? &known->at : NULL, 0);
    return 0;
}

/* Both lists are sorted by the bytes of the products; the orders, which have no name, come first. */
static int
look_at_all(const struct take_setting *setting, const struct slice *products, size_t count, struct target_list *targets,
            struct fault *why)
{
    static const struct known_list nothing = { 0 };
    const struct known_list *known = setting->known != NULL ? setting->known : &nothing;
    size_t k = 0;

    for (size_t i = 0; i < count; i++) {
        bool same;

        /* One that is known and not there: reading it will tell. */
        while (k < known->count && slice_compare(known->list[k].product, products[i]) < 0) {
            add_target(targets, known->list[k].product, &known->list[k].at, 0);
            k++;
        }
        same = k < known->count && slice_equal(known->list[k].product, products[i]);
        if (look_at(setting, products[i], same ? &known->list[k] : NULL, targets, why) != 0)
            return -1;
        k += same;
    }
    for (; k < known->count; k++)
        add_target(targets, known->list[k].product, &known->list[k].at, 0);
    return 0;
}

static int
find_targets(const struct take_setting *setting, struct history_products *products, struct target_list *targets,
             struct fault *why)
{
    static const struct slice orders = { "", 0 };
    struct slice *all;

    if (setting->until != NULL) {
        for (size_t i = 0; i < setting->until->count; i++)
            add_target(targets, setting->until->list[i].product, NULL, setting->until->list[i].at.bytes);
        return 0;
    }
    if (history_products(setting->store, products, why) != 0)
        return -1;
    all = memory_new((products->count + 1) * sizeof *all);
    all[0] = orders;
    if (products->count > 0)
        memcpy(all + 1, products->products, products->count * sizeof *all);
    free(products->products);
    products->products = all;
    return look_at_all(setting, all, products->count + 1, targets, why);
}

/* -- reading one --------------------------------------------------------------------- */

static int
put_day(struct taking *taking, struct fault *why)
{
    if (taking->day.any && tables_add_day(&taking->tables, taking->product, &taking->day, why) != 0)
        return -1;
    taking->day = (struct day){ .any = false };
    return 0;
}

/* What was taken of this journal goes into the transaction. */
static int
put_state(struct taking *taking, struct fault *why)
{
    if (!taking->fresh)
        return 0;
    taking->fresh = false;
    if (put_day(taking, why) != 0)
        return -1;
    return tables_put_state(&taking->tables, taking->product, history_name(taking->product), &taking->at, why);
}

static int
commit(struct taking *taking, const char *next, struct fault *why)
{
    if (put_state(taking, why) != 0 || database_run(taking->tables.database, "COMMIT", why) != 0)
        return -1;
    taking->pending = taking->bytes = 0;
    return next != NULL ? database_run(taking->tables.database, next, why) : 0;
}

static int
take_event(struct taking *taking, const struct message *event, struct fault *why)
{
    const enum event kind = message_event(event->type);
    struct day *day = &taking->day;

    if (day->any && memcmp(day->text, event->time.at, DAY_LENGTH) != 0 && put_day(taking, why) != 0)
        return -1;
    memcpy(day->text, event->time.at, DAY_LENGTH);
    day->any = true;
    day->requests[kind]++;
    day->pieces[kind] = day->pieces[kind] > INT64_MAX - event->quantity ? INT64_MAX : day->pieces[kind] + event->quantity;
    taking->counts->events++;
    return kind == EVENT_REFUSED ? tables_put_refusal(&taking->tables, event, why) : 0;
}

static int
take_order(struct taking *taking, const struct message *event, struct fault *why)
{
    taking->counts->orders++;
    return tables_put_order(&taking->tables, event, why);
}

static int
take(void *context, struct slice line, const struct message *event, const struct history_state *state, struct fault *why)
{
    struct taking *taking = context;
    int result = taking->product.length == 0 ? take_order(taking, event, why) : take_event(taking, event, why);

    taking->at = *state;
    taking->fresh = true;
    taking->pending++;
    taking->bytes += line.length;
    if (result == 0 && (taking->pending >= TAKE_EVENTS || taking->bytes >= TAKE_BYTES))
        result = commit(taking, "BEGIN IMMEDIATE", why);
    taking->failed = result != 0;
    return result;
}

/* Tell why a journal is not taken further. */
static void
tell(const struct taking *taking, const struct target *target, struct fault *why, bool parted)
{
    if (why->status == STATUS_NO_INPUT)
        (void)fault_set(why, STATUS_DATA, "%s: is gone", history_place(taking->setting->store, target->product));
    if (parted)
        (void)strncat(why->text, ": --rebuild reads it anew", sizeof why->text - strlen(why->text) - 1);
    taking->setting->tell(taking->setting->context, why);
}

/* What is good of it before any damage is taken. */
static int
take_one(struct taking *taking, const struct target *target, struct fault *why)
{
    struct history_reader reader = {
        .visit = take, .context = taking, .from = target->from, .until_bytes = target->until,
    };
    struct history_end end;

    taking->product = target->product;
    if (history_read(taking->setting->store, target->product, &reader, &end, why) != 0) {
        if (taking->failed)
            return -1;
        /* Begun, but without an event yet, is nothing to tell of. */
        if (why->status != STATUS_NO_INPUT || target->from != NULL || target->until > 0)
            tell(taking, target, why, end.parted || why->status == STATUS_NO_INPUT);
    }
    taking->counts->journals += target->product.length > 0;
    return put_state(taking, why);
}

static int
take_targets(struct taking *taking, const struct target_list *targets, struct fault *why)
{
    if (database_run(taking->tables.database, "BEGIN IMMEDIATE", why) != 0)
        return -1;
    for (size_t i = 0; i < targets->count; i++)
        if (take_one(taking, &targets->list[i], why) != 0)
            return -1;
    return commit(taking, NULL, why);
}

int
take_new(struct database *database, const struct take_setting *setting, struct take_counts *counts, struct fault *why)
{
    struct taking taking = { .setting = setting, .counts = counts };
    struct history_products products = { 0 };
    struct target_list targets = { 0 };
    int result = find_targets(setting, &products, &targets, why);

    *counts = (struct take_counts){ 0 };
    if (result == 0 && targets.count > 0) {
        result = tables_begin(&taking.tables, database, why);
        if (result == 0)
            result = take_targets(&taking, &targets, why);
        tables_end(&taking.tables);
    }
    free(targets.list);
    history_products_free(&products);
    return result;
}

/*
 * watch_stock.c -- the stock of the products that the last messages are about.
 *
 * What a product had lately is known without reading its journal again: the checks said what
 * they saw, and at which event.  What there is now the journal says, to which such messages
 * are held.
 */
#include <stdlib.h>

#include "service/watch.h"
#include "store/journal.h"

/* -- points ----------------------------------------------------------------------- */

void
watch_point_add(struct watch_product *product, struct watch_point point)
{
    struct watch_point *points = product->points;
    size_t at = product->point_count;

    while (at > 0 && points[at - 1].sequence > point.sequence)
        at--;
    if (at > 0 && points[at - 1].available == point.available)
        return;
    if (at < product->point_count && points[at].available == point.available) {
        points[at] = point;
        return;
    }
    if (at > 0 && points[at - 1].sequence == point.sequence)
        return;
    if (product->point_count == WATCH_POINTS) {
        if (at == 0)
            return;
        memmove(points, points + 1, (--at) * sizeof *points);
    } else {
        memmove(points + at + 1, points + at, (product->point_count++ - at) * sizeof *points);
    }
    points[at] = point;
}

/* Nobody can have seen what has not happened yet. */
static void
drop_later(struct watch_product *product, uint64_t sequence)
{
    while (product->point_count > 0 && product->points[product->point_count - 1].sequence > sequence)
        product->point_count--;
}

/* -- which are busy ---------------------------------------------------------------- */

static int
by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Put it in its place among the busiest, if it is one. */
static void
add_product(struct watch_product *list, size_t *count, const char *name, size_t messages)
{
    size_t at = *count;

    while (at > 0 && list[at - 1].messages < messages)
        at--;
    if (at == WATCH_PRODUCTS)
        return;
    if (*count < WATCH_PRODUCTS)
        (*count)++;
    memmove(list + at + 1, list + at, (*count - at - 1) * sizeof *list);
    list[at] = (struct watch_product){ .messages = messages };
    memcpy(list[at].name, name, strlen(name) + 1);
}

/* How often each is among the messages. */
static size_t
count_products(const struct watch *watch, struct watch_product *out)
{
    const char **names = memory_new((watch->message_count + 1) * sizeof *names);
    size_t count = 0, named = 0;

    for (size_t i = 0; i < watch->message_count; i++)
        if (watch->messages[i].product[0] != '\0')
            names[named++] = watch->messages[i].product;
    if (named > 1)
        qsort(names, named, sizeof *names, by_name);
    for (size_t i = 0, next; i < named; i = next) {
        for (next = i + 1; next < named && strcmp(names[next], names[i]) == 0; next++)
            continue;
        add_product(out, &count, names[i], next - i);
    }
    if (count == 0 && watch->filter.product[0] != '\0')
        add_product(out, &count, watch->filter.product, 0);
    free(names);
    return count;
}

/* -- how much there is --------------------------------------------------------------- */

static void
add_points(const struct watch *watch, struct watch_product *product)
{
    for (size_t i = 0; i < watch->sight_count; i++)
        if (strcmp(watch->sights[i].product, product->name) == 0)
            watch_point_add(product, watch->sights[i].point);
}

static void
look_at_product(const struct watch *watch, struct watch_product *product)
{
    struct journal *journal = journal_of(watch->store, (struct slice){ product->name, strlen(product->name) });
    const struct product *state = journal_state(journal);
    struct fault why;

    if (journal_catch_up(journal, &why) != 0) {
        watch_tell(watch, &why);
        product->stock = WATCH_STOCK_DAMAGED;
        product->point_count = 0;
        return;
    }
    product->stock = state->sequence > 0 ? WATCH_STOCK_KNOWN : WATCH_STOCK_NONE;
    product->available = product_available(state);
    add_points(watch, product);
    drop_later(product, state->sequence);
    if (state->sequence > 0)
        watch_point_add(product, (struct watch_point){ state->sequence, product->available });
}

/* The points of a product that was busy before. */
static void
keep_points(const struct watch *watch, struct watch_product *product)
{
    for (size_t i = 0; i < watch->product_count; i++) {
        const struct watch_product *old = &watch->products[i];

        if (strcmp(old->name, product->name) != 0)
            continue;
        memcpy(product->points, old->points, sizeof product->points);
        product->point_count = old->point_count;
    }
}

void
watch_stock(struct watch *watch)
{
    struct watch_product busy[WATCH_PRODUCTS];
    const size_t count = count_products(watch, busy);

    for (size_t i = 0; i < count; i++) {
        keep_points(watch, &busy[i]);
        look_at_product(watch, &busy[i]);
    }
    memcpy(watch->products, busy, count * sizeof *busy);
    watch->product_count = count;
    store_abandon(watch->store);        /* what is known of journals is old from here on */
}

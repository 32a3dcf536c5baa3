/* replay_world.c -- one product as it would have been. */
#include <stdlib.h>

#include "service/replay_world.h"

struct replay_world {
    struct replay_if *what_if;
    struct if_wish *wishes;     /* of this product */
    size_t wish_count, next;
    struct if_wish **named;     /* those with a request, by that */
    size_t named_count;
    struct request_set taken_back;    /* requests whose sale was taken back */
    struct request_set unsold;        /* those of them that are not sold here */
    bool parted;                /* from the world as it is: what follows is decided anew */
    struct history_state state;
};

static int
by_request(const void *a, const void *b)
{
    const struct if_wish *const *first = a, *const *second = b;
    int order = slice_compare((*first)->request, (*second)->request);

    return order != 0 ? order : ((*first)->number > (*second)->number) - ((*first)->number < (*second)->number);
}

/* Of several lines with one request the first counts. */
static void
find_named(struct replay_world *world)
{
    world->named = memory_new((world->wish_count + 1) * sizeof(struct if_wish *));
    for (size_t i = 0; i < world->wish_count; i++)
        if (world->wishes[i].request.length > 0)
            world->named[world->named_count++] = &world->wishes[i];
    if (world->named_count > 1)
        qsort(world->named, world->named_count, sizeof(struct if_wish *), by_request);
    for (size_t i = 1; i < world->named_count; i++)
        world->named[i]->there = slice_equal(world->named[i]->request, world->named[i - 1]->request);
}

struct replay_world *
replay_world_new(struct replay_if *what_if, struct slice product)
{
    struct replay_world *world = memory_zeroed(1, sizeof *world);
    size_t low = 0, high = what_if->wish_count;

    world->what_if = what_if;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (slice_compare(what_if->wishes[middle].product, product) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (what_if->wish_count > 0)
        world->wishes = what_if->wishes + low;
    while (low + world->wish_count < what_if->wish_count && slice_equal(world->wishes[world->wish_count].product, product))
        world->wish_count++;
    find_named(world);
    return world;
}

void
replay_world_free(struct replay_world *world)
{
    if (world == NULL)
        return;
    free(world->named);
    request_set_free(&world->taken_back);
    request_set_free(&world->unsold);
    free(world);
}

bool
replay_world_wished(const struct replay_world *world)
{
    return world != NULL && world->wish_count > 0;
}

/* The first line of the file with this request, or NULL. */
static struct if_wish *
find_wish(const struct replay_world *world, struct slice request)
{
    size_t low = 0, high = world->named_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (slice_compare(world->named[middle]->request, request) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < world->named_count && slice_equal(world->named[low]->request, request) ? world->named[low] : NULL;
}

/* What evstock returns has no cause; a sale that is taken back has one. */
static bool
takes_back(struct slice line, const struct message *event)
{
    static const char cause[] = "\"causationid\":";

    return event->type == STOCK_RETURNED && memmem(line.at, line.length, cause, sizeof cause - 1) != NULL;
}

void
replay_world_look(struct replay_world *world, struct slice line, const struct message *event)
{
    struct if_wish *wish;
    size_t number;

    if (takes_back(line, event))
        (void)request_set_add(&world->taken_back, event->request);
    if (request_set_find(&world->what_if->without, event->request, &number))
        return;
    wish = find_wish(world, event->request);
    if (wish != NULL)
        wish->there = true;
}

/* -- what becomes of an event ----------------------------------------------------------- */

static const struct history_state *
apply(struct replay_world *world, enum event event, uint64_t quantity)
{
    product_apply(&world->state.product, event, quantity);
    return &world->state;
}

static const struct history_state *
decide_purchase(struct replay_world *world, const struct message *event)
{
    const bool sold = product_decide(&world->state.product, EVENT_SOLD, event->quantity) == REFUSAL_NONE;
    struct if_counts *counts = &world->what_if->counts;
    size_t number;

    counts->sold += sold && event->type == PURCHASE_REFUSED;
    counts->refused += !sold && event->type == STOCK_SOLD;
    if (!sold && request_set_find(&world->taken_back, event->request, &number))
        (void)request_set_add(&world->unsold, event->request);
    return apply(world, sold ? EVENT_SOLD : EVENT_REFUSED, event->quantity);
}

static const struct history_state *
decide(struct replay_world *world, const struct message *event)
{
    enum event kind = message_event(event->type);
    size_t number;

    if (kind == EVENT_SOLD || kind == EVENT_REFUSED)
        return decide_purchase(world, event);
    if (kind == EVENT_RETURNED && request_set_find(&world->unsold, event->request, &number))
        return NULL;            /* there is no sale to take back */
    if (product_allows(&world->state.product, kind, event->quantity) == REFUSAL_NONE)
        return apply(world, kind, event->quantity);
    world->what_if->counts.left_out++;
    return NULL;
}

const struct history_state *
replay_world_event(struct replay_world *world, const struct message *event)
{
    const struct history_state *state;
    size_t number;

    if (request_set_find(&world->what_if->without, event->request, &number)) {
        world->what_if->met[number] = true;
        world->parted = true;
        return NULL;
    }
    state = world->parted ? decide(world, event) : apply(world, message_event(event->type), event->quantity);
    if (state != NULL)
        memcpy(world->state.time.text, event->time.at, MOMENT_LENGTH);
    return state;
}

/* -- what the file says ----------------------------------------------------------------- */

static const struct history_state *
grant(struct replay_world *world, const struct if_wish *wish)
{
    struct if_counts *counts = &world->what_if->counts;
    const bool purchase = wish->type == PURCHASE_REQUESTED;
    enum event kind = purchase ? EVENT_SOLD : message_event(wish->type);
    const bool granted = product_decide(&world->state.product, kind, wish->quantity) == REFUSAL_NONE;

    counts->added_sold += purchase && granted;
    counts->added_refused += purchase && !granted;
    counts->added_changes += !purchase && granted;
    counts->added_left_out += !purchase && !granted;
    if (!granted && !purchase)
        return NULL;
    return apply(world, granted ? kind : EVENT_REFUSED, wish->quantity);
}

const struct history_state *
replay_world_wish(struct replay_world *world)
{
    const struct history_state *state = NULL;

    if (strcmp(world->state.time.text, world->what_if->behind.text) < 0)
        world->state.time = world->what_if->behind;
    if (world->state.time.text[0] == '\0')
        world->state.time = world->what_if->now;
    while (state == NULL && world->next < world->wish_count) {
        const struct if_wish *wish = &world->wishes[world->next++];

        if (wish->there)
            world->what_if->counts.there_already++;
        else
            state = grant(world, wish);
    }
    return state;
}

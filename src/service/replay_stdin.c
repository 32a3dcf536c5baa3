/* replay_stdin.c -- evreplay -: events from standard input, of any products. */
#include <stdlib.h>
#include <unistd.h>
#include <xxhash.h>

#include "base/text.h"
#include "service/progress.h"
#include "service/replay_stdin.h"
#include "service/source.h"

struct entry {
    struct entry *next;         /* in its bucket */
    struct slice product;
    struct history_state state; /* after the last event that is included */
    uint64_t sequence;          /* of the last event */
    struct moment time;
    uint64_t chain;
    bool damaged;
};

enum { BUCKETS = 65536 };

struct states {
    const struct replay_wish *wish;
    struct replay_printer printer;      /* of what is printed as it comes */
    struct entry **buckets;
    struct entry **entries;
    size_t count, room;
    struct arena names;
    uint64_t events, damages;
    struct progress *progress;
    atomic_ullong *read;
};

static struct entry *
entry_of(struct states *states, struct slice product)
{
    struct entry **bucket = &states->buckets[XXH3_64bits(product.at, product.length) % BUCKETS];
    struct entry *entry = *bucket;

    while (entry != NULL && !slice_equal(entry->product, product))
        entry = entry->next;
    if (entry != NULL)
        return entry;
    entry = memory_zeroed(1, sizeof *entry);
    entry->product = (struct slice){ arena_copy(&states->names, product.at, product.length), product.length };
    entry->next = *bucket;
    *bucket = entry;
    states->entries = memory_room(states->entries, states->count, &states->room, sizeof(struct entry *));
    states->entries[states->count++] = entry;
    return entry;
}

static int
bad(struct fault *why, const char *what)
{
    return fault_set(why, STATUS_DATA, "%s", what);
}

/* A selection has gaps, and may have been written anew by another program. */
static int
check_sum(const struct states *states, struct entry *entry, struct slice line, struct fault *why)
{
    uint64_t before = entry->chain, sum = 0;
    size_t summed = 0;

    if (states->wish->view != REPLAY_VERIFY)
        return 0;
    if (!event_sum(line, &summed, &sum))
        return bad(why, "sum: missing or not at the end of the line");
    entry->chain = sum;
    if (event_sum_of(line.at, summed, before) != sum)
        return bad(why, "sum: does not match the line and the sum before it");
    return 0;
}

/* A sale that was taken back was counted in twice, so these come to more; what is left is a number all the same. */
static const uint64_t turnover_max = (uint64_t)NUMBER_MAX * 512;

static bool
is_counted(const struct product *product)
{
    return product->added <= NUMBER_MAX && product->removed <= NUMBER_MAX && product->sold <= turnover_max
        && product->returned <= turnover_max;
}

/*
 * A selection may lack what came in, so only whole journals are asked whether it was there; behind
 * damage that is not known.
 */
static int
fold(const struct states *states, struct entry *entry, const struct message *event, struct fault *why)
{
    static const char too_many[] = "quantity: more than was there, or more than can be counted";
    struct product *product = &entry->state.product;
    enum event kind = message_event(event->type);

    if (states->wish->view == REPLAY_VERIFY && !entry->damaged
        && product_allows(product, kind, event->quantity) != REFUSAL_NONE)
        return bad(why, too_many);
    if (!is_counted(product))
        return 0;                       /* that was told */
    product_apply(product, kind, event->quantity);
    if (!is_counted(product))
        return bad(why, too_many);
    product->sequence = event->number;
    memcpy(entry->state.time.text, event->time.at, MOMENT_LENGTH);
    return 0;
}

static int
take_event(struct states *states, struct slice line, struct entry **out, struct fault *why)
{
    struct arena arena = { 0 };
    struct message event;
    struct entry *entry;
    const enum message_form form = states->wish->view == REPLAY_VERIFY ? FORM_EVENT : FORM_SELECTED;
    int result = message_read(line, form, TYPES_PRODUCT, &arena, &event, why);

    if (result == 0 && event.type == TYPE_OTHER)
        result = bad(why, "type: not an event of a product");
    if (result != 0) {
        arena_reset(&arena);
        return -1;
    }
    *out = entry = entry_of(states, event.product);
    if (check_sum(states, entry, line, why) != 0)
        result = -1;
    else if (event.number <= entry->sequence || (states->wish->view == REPLAY_VERIFY && event.number != entry->sequence + 1))
        result = bad(why, "sequence: does not follow the event before");
    else if (entry->time.text[0] != '\0' && memcmp(event.time.at, entry->time.text, MOMENT_LENGTH) < 0)
        result = bad(why, "time: before that of the event before");
    else if (replay_includes(states->wish, &event))
        result = fold(states, entry, &event, why);
    entry->sequence = event.number;
    memcpy(entry->time.text, event.time.at, MOMENT_LENGTH);
    if (result == 0 && !entry->damaged && (states->wish->view == REPLAY_EVENTS || states->wish->view == REPLAY_HISTORY)
        && replay_includes(states->wish, &event))
        replay_print(&states->printer, entry->product, line, &entry->state);
    arena_reset(&arena);
    return result;
}

static void
take_line(struct states *states, const struct line *line)
{
    struct entry *entry = NULL;
    struct fault why;

    if (line->part == LINE_MIDDLE || line->part == LINE_END)
        return;                 /* told at its beginning */
    states->events++;
    if (states->read != NULL)
        atomic_fetch_add(states->read, line->text.length + 1);
    if (line->part == LINE_WHOLE && take_event(states, line->text, &entry, &why) == 0)
        return;
    if (line->part != LINE_WHOLE)
        (void)bad(&why, "longer than 65,536 bytes");
    progress_hide(states->progress);
    cli_report_line("evreplay", "stdin", line->number, why.text);
    progress_show(states->progress);
    states->damages++;
    if (entry != NULL)
        entry->damaged = true;
}

static int
by_product(const void *a, const void *b)
{
    const struct entry *const *first = a, *const *second = b;

    return slice_compare((*first)->product, (*second)->product);
}

static void
print_states(const struct states *states)
{
    struct slice *products = memory_new((states->count + 1) * sizeof *products);
    struct replay_printer printer;

    for (size_t i = 0; i < states->count; i++)
        products[i] = states->entries[i]->product;
    printer = replay_print_begin(states->wish, products, states->count);
    for (size_t i = 0; i < states->count; i++) {
        const struct entry *entry = states->entries[i];

        if (!entry->damaged && entry->state.product.sequence > 0)
            replay_print(&printer, entry->product, (struct slice){ NULL, 0 }, &entry->state);
    }
    replay_print_end(&printer);
    free(products);
}

static void
print(struct states *states)
{
    if (states->count > 1)
        qsort(states->entries, states->count, sizeof(struct entry *), by_product);
    if (states->wish->view == REPLAY_VERIFY)
        (void)printf("%zu journals, %llu events: %llu damaged\n", states->count,
                     (unsigned long long)states->events, (unsigned long long)states->damages);
    else if (states->wish->view == REPLAY_STATES)
        print_states(states);
}

static void
free_states(struct states *states)
{
    for (size_t i = 0; i < states->count; i++)
        free(states->entries[i]);
    free(states->entries);
    free(states->buckets);
    arena_reset(&states->names);
}

int
replay_stdin(const struct replay_wish *wish)
{
    struct states states = { .wish = wish, .buckets = memory_zeroed(BUCKETS, sizeof(struct entry *)) };
    struct source *source = NULL;
    const struct line *lines;
    struct fault why;
    size_t count;
    const struct source_setting setting = { .command = "evreplay" };
    int result = source_open(&source, "-", NULL, &setting, &why);

    if (wish->view == REPLAY_HISTORY || wish->view == REPLAY_EVENTS)
        states.printer = replay_print_begin(wish, NULL, 0);
    if (!isatty(STDIN_FILENO) && (states.printer.wish == NULL || !isatty(STDOUT_FILENO)))
        states.progress = progress_begin("evreplay", 0);
    states.read = progress_counter(states.progress);
    while (result == 0 && (result = source_take(source, &lines, &count, &why)) > 0) {
        for (size_t i = 0; i < count; i++)
            take_line(&states, &lines[i]);
        result = 0;
    }
    source_close(source);
    progress_end(states.progress);
    replay_print_end(&states.printer);
    if (result == 0)
        print(&states);
    result = result != 0 ? cli_report("evreplay", &why) : states.damages > 0 ? STATUS_DATA : STATUS_DONE;
    free_states(&states);
    return result;
}

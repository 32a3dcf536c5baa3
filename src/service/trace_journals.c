/*
 * trace_journals.c -- the events of requests, in orders and journals.
 *
 * A journal is read whole, so all of it is checked as evreplay(1) does.  Which journals:
 * those of the products that other steps tell of; of a request without any, all of them.
 */
#include <stdlib.h>

#include "base/pool.h"
#include "service/cli.h"
#include "service/trace.h"

struct reading {
    struct trace_book *book;
    struct slice product;       /* empty: the orders */
    uint64_t line;
    bool told;                  /* what is wrong with it was told of */
};

static void
add_event(struct reading *reading, struct slice line, size_t number)
{
    struct trace_book *book = reading->book;
    struct arena arena = { 0 };
    struct step step;
    struct fault ignored;

    if (trace_read_line(line, FORM_EVENT, &arena, &step, &ignored)) {
        const struct step_place place = {
            .text = trace_file_place(book, history_name(reading->product), reading->line),
        };

        trace_add_place(book, trace_add(book, number, &step), &place);
    }
    arena_reset(&arena);
}

static int
visit(void *context, struct slice line, const struct message *event, const struct history_state *state,
      struct fault *why)
{
    struct reading *reading = context;
    size_t number;

    (void)state;
    (void)why;
    reading->line++;
    if (request_set_find(&reading->book->set, event->request, &number))
        add_event(reading, line, number);
    return 0;
}

static int
damage(void *context, const struct fault *why)
{
    struct reading *reading = context;

    reading->line++;
    if (!reading->told)
        trace_tell(reading->book, why);
    return 0;
}

/* It may be just at work, so that is no damage. */
static void
warn_torn(struct trace_book *book, struct slice product, const struct history_end *end)
{
    struct fault warning;

    if (end->torn == 0)
        return;
    (void)fault_set(&warning, STATUS_DONE, "%s: the last line is not finished, %llu bytes are not part of the journal",
                    history_place(book->store, product), (unsigned long long)end->torn);
    trace_tell(book, &warning);
}

static void
read_stream(struct reading *reading)
{
    const struct history_reader reader = { .visit = visit, .damage = damage, .context = reading };
    struct trace_book *book = reading->book;
    struct history_end end;
    struct fault why;
    int result;

    if (reading->product.length == 0)
        result = history_read_orders(book->store, &reader, &end, &why);
    else
        result = history_read(book->store, reading->product, &reader, &end, &why);
    if (result == 0 && !reading->told)
        warn_torn(book, reading->product, &end);
    if (result != 0 && why.status != STATUS_NO_INPUT && !reading->told)
        trace_tell(book, &why);
}

void
trace_read_orders(struct trace_book *book)
{
    struct reading reading = { .book = book, .product = SLICE("") };

    read_stream(&reading);
}

/* -- which journals ------------------------------------------------------------- */

/* A journal among all, looked at side by side with others: has it an event of ours, and what is wrong? */
struct chosen {
    struct trace_book *book;
    struct slice product;
    bool any;
    struct buffer damages;      /* a line each */
    struct history_end end;
    struct fault *fault;        /* why it could not be read, or NULL */
};

struct choice {
    struct chosen *chosen;
    size_t count, room;
};

static void
choose(struct choice *choice, struct trace_book *book, struct slice product)
{
    choice->chosen = memory_room(choice->chosen, choice->count, &choice->room, sizeof *choice->chosen);
    choice->chosen[choice->count++] = (struct chosen){ .book = book, .product = product };
}

static int
by_product(const void *a, const void *b)
{
    return slice_compare(((const struct chosen *)a)->product, ((const struct chosen *)b)->product);
}

/* The products that steps tell of, each once.  False if there is a request without any. */
static bool
choose_told(struct choice *choice, struct trace_book *book)
{
    size_t kept = 0;

    if (book->product.length > 0)
        choose(choice, book, book->product);
    for (size_t i = 0; i < book->set.count; i++) {
        const struct trace *trace = &book->traces[i];
        size_t before = choice->count;

        for (size_t k = 0; k < trace->count; k++)
            if (trace->steps[k].message.product.length > 0)
                choose(choice, book, trace->steps[k].message.product);
        if (choice->count == before && book->product.length == 0)
            return false;
    }
    if (choice->count > 1)
        qsort(choice->chosen, choice->count, sizeof *choice->chosen, by_product);
    for (size_t i = 0; i < choice->count; i++)
        if (kept == 0 || !slice_equal(choice->chosen[i].product, choice->chosen[kept - 1].product))
            choice->chosen[kept++] = choice->chosen[i];
    choice->count = kept;
    return true;
}

static void
read_told(const struct choice *choice)
{
    for (size_t i = 0; i < choice->count; i++) {
        struct reading reading = { .book = choice->chosen[i].book, .product = choice->chosen[i].product };

        read_stream(&reading);
    }
}

/* -- all of them, side by side --------------------------------------------------- */

static int
glance_at(void *context, struct slice line, const struct message *event, const struct history_state *state,
          struct fault *why)
{
    struct chosen *chosen = context;
    size_t number;

    (void)line;
    (void)state;
    (void)why;
    chosen->any = chosen->any || request_set_find(&chosen->book->set, event->request, &number);
    return 0;
}

static int
note_damage(void *context, const struct fault *why)
{
    struct chosen *chosen = context;

    buffer_text(&chosen->damages, why->text);
    buffer_text(&chosen->damages, "\n");
    return 0;
}

static void
glance(void *context, size_t i)
{
    struct chosen *chosen = &((struct choice *)context)->chosen[i];
    const struct history_reader reader = { .visit = glance_at, .damage = note_damage, .context = chosen };
    struct fault why;

    if (history_read(chosen->book->store, chosen->product, &reader, &chosen->end, &why) == 0
        || why.status == STATUS_NO_INPUT)
        return;
    chosen->fault = memory_new(sizeof why);
    *chosen->fault = why;
}

/* Each line that tells what is wrong. */
static void
tell_lines(struct trace_book *book, const struct buffer *lines, const char *behind)
{
    struct fault why;

    for (size_t at = 0, end; at < lines->length; at = end + 1) {
        end = (size_t)((char *)memchr(lines->at + at, '\n', lines->length - at) - lines->at);
        (void)fault_set(&why, STATUS_DATA, "%.*s%s", (int)(end - at), lines->at + at, behind);
        trace_tell(book, &why);
    }
}

static void
read_found(const struct choice *choice)
{
    for (size_t i = 0; i < choice->count; i++) {
        struct chosen *chosen = &choice->chosen[i];
        struct reading reading = { .book = chosen->book, .product = chosen->product, .told = true };

        tell_lines(chosen->book, &chosen->damages, "");
        if (chosen->fault != NULL)
            trace_tell(chosen->book, chosen->fault);
        else
            warn_torn(chosen->book, chosen->product, &chosen->end);
        if (chosen->any)
            read_stream(&reading);
        buffer_free(&chosen->damages);
        free(chosen->fault);
    }
}

void
trace_read_journals(struct trace_book *book)
{
    struct choice choice = { 0 };
    struct history_products all = { 0 };
    struct fault why;

    if (choose_told(&choice, book)) {
        read_told(&choice);
    } else {
        if (history_products(book->store, &all, &why) != 0)
            trace_tell(book, &why);
        tell_lines(book, &all.strangers, ": not a journal's name");
        choice.count = 0;
        for (size_t i = 0; i < all.count; i++)
            choose(&choice, book, all.products[i]);
        pool_run(book->jobs, choice.count, glance, &choice);
        read_found(&choice);
    }
    free(choice.chosen);
    history_products_free(&all);
}

/* -- the requests of a product ---------------------------------------------------- */

static int
add_request(void *context, struct slice line, const struct message *event, const struct history_state *state,
            struct fault *why)
{
    struct trace_book *book = context;

    (void)line;
    (void)state;
    (void)why;
    if ((TYPE_BIT(event->type) & TYPES_OUTCOME) != 0)
        (void)request_set_add(&book->set, event->request);
    return 0;
}

/* What is damaged is told when the journal is read again for what its events are. */
static int
pass_over(void *context, const struct fault *why)
{
    struct trace_book *book = context;

    book->status = fault_worse(book->status, (int)why->status);
    return 0;
}

static int
tell_at_once(void *context, const struct fault *why)
{
    trace_tell(context, why);
    return 0;
}

void
trace_requests(struct trace_book *book)
{
    struct history_reader reader = { .visit = add_request, .damage = pass_over, .context = book };
    struct history_end end;
    struct fault why;

    if (history_read(book->store, book->product, &reader, &end, &why) != 0 && why.status != STATUS_NO_INPUT)
        trace_tell(book, &why);
    trace_find_in_topics(book, book->product);
    reader.damage = tell_at_once;
    if (book->set.count == 0 && book->status != STATUS_DONE)    /* nobody else reads it again */
        (void)history_read(book->store, book->product, &reader, &end, &why);
}

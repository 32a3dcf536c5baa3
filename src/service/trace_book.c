/* trace_book.c -- the steps of requests. */
#include <stdlib.h>

#include "domain/links.h"
#include "service/cli.h"
#include "service/trace.h"

void
trace_tell(struct trace_book *book, const struct fault *why)
{
    book->status = fault_worse(book->status, (int)why->status);
    if (!book->quiet)
        (void)cli_report("evtrace", why);
}

/* -- adding ---------------------------------------------------------------------- */

static struct slice
keep(struct trace_book *book, struct slice text)
{
    if (text.length == 0)
        return SLICE("");
    return (struct slice){ arena_copy(&book->arena, text.at, text.length), text.length };
}

static void
keep_all(struct trace_book *book, struct step *step)
{
    struct slice *strings[] = {
        &step->type, &step->source, &step->time, &step->reason, &step->origin, &step->message.product,
        &step->message.reason, &step->message.order,
    };

    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++)
        *strings[i] = keep(book, *strings[i]);
    step->message.request = step->message.time = SLICE("");
}

/* The same id is the same message, but of two purchases under one UUID each has its own. */
static bool
is_same(const struct step *a, const struct step *b)
{
    return a->kind == b->kind && (a->kind == STEP_MESSAGE || a->kind == STEP_RESULT)
        && a->message.type == b->message.type && a->message.quantity == b->message.quantity
        && a->created == b->created && slice_equal(a->message.product, b->message.product);
}

void *
trace_room(void *list, size_t count, size_t *room, size_t size, size_t first)
{
    if (list != NULL)
        return memory_room(list, count, room, size);
    *room = first;
    return memory_new(first * size);
}

struct step *
trace_add(struct trace_book *book, size_t number, const struct step *step)
{
    struct trace *trace = &book->traces[number];
    struct step *added;

    for (size_t i = 0; i < trace->count; i++) {
        if (!is_same(&trace->steps[i], step))
            continue;
        trace->steps[i].recorded |= step->recorded;
        if (step->recorded)
            trace->steps[i].message.number = step->message.number;
        return &trace->steps[i];
    }
    trace->steps = trace_room(trace->steps, trace->count, &trace->room, sizeof *trace->steps, 4);
    added = &trace->steps[trace->count++];
    *added = *step;
    added->parent = NO_STEP;
    keep_all(book, added);
    return added;
}

void
trace_add_place(struct trace_book *book, struct step *step, const struct step_place *place)
{
    step->places = trace_room(step->places, step->place_count, &step->place_room, sizeof *step->places, 1);
    step->places[step->place_count] = *place;
    step->places[step->place_count++].text = keep(book, place->text);
}

struct slice
trace_file_place(struct trace_book *book, const char *file, uint64_t line)
{
    struct buffer text = { 0 };
    struct slice kept;

    buffer_text(&text, file);
    if (line > 0) {
        buffer_text(&text, ":");
        buffer_number(&text, line);
    }
    kept = keep(book, (struct slice){ text.at, text.length });
    buffer_free(&text);
    return kept;
}

/* -- reading --------------------------------------------------------------------- */

bool
trace_read_line(struct slice line, enum message_form form, struct arena *arena, struct step *out, struct fault *why)
{
    const unsigned wanted = form == FORM_EVENT ? TYPES_PRODUCT | TYPE_BIT(ORDER_CREATED)
                                               : ~(TYPES_PRODUCT | TYPE_BIT(TYPE_OTHER));
    struct links links;

    *out = (struct step){ .kind = STEP_OTHER, .recorded = form == FORM_EVENT };
    if (line.length >= LINE_MAX_BYTES) {
        (void)fault_set(why, STATUS_DATA, "longer than 65,536 bytes");
        return false;
    }
    (void)links_read(line, arena, &links);
    out->source = links.source;
    out->type = links.type;
    out->time = links.time;
    out->cause = links_cause(&links);
    if (message_read(line, form, wanted, arena, &out->message, why) != 0)
        return false;
    if (out->message.type == TYPE_OTHER)
        return true;
    out->kind = STEP_MESSAGE;
    out->type = message_type_name(out->message.type);
    return true;
}

bool
trace_delay(const struct trace *trace, const struct step *step, int64_t *microseconds)
{
    const struct step *cause = step->parent != NO_STEP ? &trace->steps[step->parent] : NULL;

    if (cause == NULL || step->kind == STEP_RESULT || !moment_valid(step->time) || !moment_valid(cause->time))
        return false;
    *microseconds = moment_microseconds(step->time.at) - moment_microseconds(cause->time.at);
    return true;
}

void
trace_read(struct trace_book *book)
{
    book->traces = memory_zeroed(book->set.count, sizeof *book->traces);
    for (size_t i = 0; i < book->set.count; i++)
        book->traces[i].request = book->set.list[i];
    trace_read_results(book);
    trace_read_orders(book);
    trace_read_topics(book);
    trace_read_letters(book);
    trace_read_journals(book);
    for (size_t i = 0; i < book->set.count; i++) {
        trace_link(book, &book->traces[i]);
        trace_judge(book, &book->traces[i]);
    }
}

void
trace_free(struct trace_book *book)
{
    for (size_t i = 0; book->traces != NULL && i < book->set.count; i++) {
        struct trace *trace = &book->traces[i];

        for (size_t k = 0; k < trace->count; k++)
            free(trace->steps[k].places);
        for (size_t k = 0; k < trace->purchase_count; k++) {
            free(trace->purchases[k].waiting);
            free(trace->purchases[k].grounds);
        }
        free(trace->steps);
        free(trace->tree);
        free(trace->purchases);
    }
    for (size_t i = 0; i < book->topic_count; i++)
        topic_look_free(&book->topics[i].look);
    free(book->topics);
    free(book->traces);
    arena_reset(&book->arena);
    request_set_free(&book->set);
}

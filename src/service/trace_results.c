/* trace_results.c -- the results of requests. */
#include <stdlib.h>

#include "service/trace.h"
#include "store/result.h"

static void
tell(void *context, const struct fault *why)
{
    trace_tell(context, why);
}

/* Of several the last counts. */
static void
forget_before(struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++)
        free(trace->steps[i].places);
    trace->count = 0;
}

static void
visit(void *context, const struct result_line *line)
{
    struct trace_book *book = context;
    const struct step_place place = { .text = trace_file_place(book, line->file, line->line) };
    struct step step = { .kind = STEP_RESULT, .type = SLICE("result") };
    struct arena arena = { 0 };
    struct result result;
    struct fault why;
    size_t number;

    if (!request_set_find(&book->set, line->request, &number))
        return;
    if (!result_is(line->text, line->request, &arena, &result)) {
        (void)fault_set(&why, STATUS_DATA, "%.*s: not a whole result: it counts as none", (int)place.text.length,
                        place.text.at);
        trace_tell(book, &why);
        arena_reset(&arena);
        return;
    }
    step.created = result.created;
    step.source = result.created ? SLICE("/eventdemo/evcreate") : SLICE("/eventdemo/evfail");
    step.time = result.time;
    step.message = (struct message){
        .product = result.product, .quantity = result.quantity, .order = result.order, .code = result.code,
        .reason = result.reason,
    };
    forget_before(&book->traces[number]);
    trace_add_place(book, trace_add(book, number, &step), &place);
    arena_reset(&arena);
}

void
trace_read_results(struct trace_book *book)
{
    struct slice *sorted = memory_new(book->set.count * sizeof *sorted);
    const struct result_look look = {
        .requests = sorted, .count = book->set.count, .visit = visit, .tell = tell, .context = book,
    };

    for (size_t i = 0; i < book->set.count; i++)
        sorted[i] = book->set.list[i];
    qsort(sorted, book->set.count, sizeof *sorted, slice_order);
    result_look(book->store, &look);
    free(sorted);
}

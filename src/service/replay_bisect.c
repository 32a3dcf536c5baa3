/*
 * replay_bisect.c -- evreplay --bisect: the event that made something true.
 *
 * A state goes up and down, so nothing can be halved: events are looked at one after the
 * other.  Behind the event the journal is read to its end, because what is damaged is not told.
 */
#include <stdlib.h>

#include "base/pool.h"
#include "base/text.h"
#include "domain/state.h"
#include "service/replay_bisect.h"
#include "service/replay_walk.h"

/* One product. */
struct search {
    const struct replay_wish *wish;
    struct history_state before, after; /* the last event looked at, or the one that was found */
    bool found;
    struct buffer line;         /* that event */
    struct history_end end;
    bool ok;
    struct fault *why;
};

struct searches {
    const struct replay_job *job;
    struct search *list;
    atomic_ullong *read;
};

static int
visit(void *context, struct slice line, const struct message *event, const struct history_state *state,
      struct fault *why)
{
    struct search *search = context;

    (void)why;
    if (search->found || !replay_includes(search->wish, event))
        return 0;
    search->before = search->after;
    search->after = *state;
    search->found = condition_holds(&search->wish->condition, &state->product);
    if (search->found)
        buffer_slice(&search->line, line);
    return 0;
}

static void
search_one(void *context, size_t i)
{
    const struct searches *searches = context;
    struct search *search = &searches->list[i];
    const struct history_reader reader = { .visit = visit, .context = search, .read = searches->read };
    struct fault why;

    search->wish = searches->job->wish;
    search->ok = history_read(searches->job->store, searches->job->products[i], &reader, &search->end, &why) == 0;
    if (search->ok)
        return;
    search->why = memory_new(sizeof why);
    *search->why = why;
}

/* A state as it stands within a line. */
static void
put_state(struct buffer *out, struct slice product, const struct history_state *state)
{
    if (state->product.sequence == 0) {
        buffer_text(out, "null");
        return;
    }
    state_write(out, product, &state->product, state->time.text);
    out->length--;              /* its newline */
}

static void
put_object(struct buffer *out, struct slice product, const struct search *search)
{
    buffer_text(out, "{\"product\":\"");
    buffer_escaped(out, product);
    buffer_text(out, "\",\"before\":");
    put_state(out, product, &search->before);
    buffer_text(out, ",\"event\":");
    buffer_add(out, search->line.at, search->line.length);
    buffer_text(out, ",\"after\":");
    put_state(out, product, &search->after);
    buffer_text(out, "}\n");
}

/* What the event changed, as "available 34 -> 4", and the other members as they are. */
static void
put_members(struct buffer *out, const struct search *search)
{
    buffer_text(out, "  ");
    for (int i = MEMBER_AVAILABLE; i < MEMBER_COUNT; i++) {
        enum condition_member member = (enum condition_member)i;
        int64_t before = condition_value(member, &search->before.product);
        int64_t after = condition_value(member, &search->after.product);

        buffer_text(out, i == MEMBER_AVAILABLE ? "" : ", ");
        buffer_text(out, condition_members[i]);
        buffer_text(out, " ");
        if (before != after) {
            buffer_signed(out, before);
            buffer_text(out, " -> ");
        }
        buffer_signed(out, after);
    }
    buffer_text(out, "\n");
}

/* Three lines: the product and when; what happened; what that changed. */
static void
put_lines(struct buffer *out, struct slice product, const struct search *search)
{
    const struct slice line = { search->line.at, search->line.length };
    struct arena arena = { 0 };
    struct message event;
    struct fault ignored;

    (void)message_read(line, FORM_EVENT, TYPES_PRODUCT, &arena, &event, &ignored);      /* it was read before */
    buffer_slice(out, product);
    buffer_text(out, ": ");
    buffer_text(out, search->after.time.text);
    buffer_text(out, "\n  event ");
    buffer_number(out, search->after.product.sequence);
    buffer_text(out, ": ");
    buffer_slice(out, message_type_name(event.type));
    buffer_text(out, ", quantity ");
    buffer_number(out, event.quantity);
    buffer_text(out, ", request ");
    buffer_slice(out, event.request);
    buffer_text(out, "\n");
    put_members(out, search);
    arena_reset(&arena);
}

static int
print_searches(const struct searches *searches)
{
    const struct replay_job *job = searches->job;
    struct buffer text = { 0 };
    int status = STATUS_DONE;

    for (size_t i = 0; i < job->count; i++) {
        struct search *search = &searches->list[i];

        text.length = 0;
        if (!search->ok && (job->named || search->why->status != STATUS_NO_INPUT))
            status = fault_worse(status, cli_report("evreplay", search->why));
        replay_warn_torn(job->store, job->products[i], &search->end);
        if (search->ok && search->found)
            (job->wish->form == REPLAY_TABLE ? put_lines : put_object)(&text, job->products[i], search);
        cli_print(&text);
        buffer_free(&search->line);
        free(search->why);
    }
    buffer_free(&text);
    return status;
}

int
replay_bisect(const struct replay_job *job)
{
    struct progress *progress = replay_watch(job, 1, false);
    struct searches searches = { job, memory_zeroed(job->count + 1, sizeof(struct search)), progress_counter(progress) };
    int status;

    pool_run(job->wish->jobs, job->count, search_one, &searches);
    progress_end(progress);
    status = print_searches(&searches);
    free(searches.list);
    return status;
}

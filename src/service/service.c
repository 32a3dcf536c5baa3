/* service.c -- the loop that every command with a stream of lines shares. */
#include <stdlib.h>

#include "base/spill.h"
#include "service/chunk.h"
#include "service/ends.h"
#include "service/letters.h"
#include "store/result.h"

enum {
    PORTION = 1024,             /* lines */
    EXPECTED = 4,               /* so many items before its turn comes */
    MANY = 256,                 /* streams: what each costs a batch is more than what its lines do */
};

struct loop {
    const struct service *service;
    struct store *store;
    struct ends ends;
    struct letters *letters;
    struct item *items;
    size_t item_count, item_room;
    struct arena arena;
};

/* Judge a line: pass it on, work on it, or put it aside when its turn comes. */
static void
read_line(struct loop *loop, const struct line *line, struct item *item)
{
    const struct service *service = loop->service;
    struct fault why;

    item->line = line;
    item->verdict = PUT_ASIDE;
    item->journal = NULL;
    if (line->part != LINE_WHOLE)
        return;
    if (service->read(line->text, &loop->arena, &item->message, &why) != 0) {
        item->reason = arena_copy(&loop->arena, why.text, strlen(why.text) + 1);
        return;
    }
    item->verdict = item->message.type == TYPE_OTHER ? PASS_ON : WORK_ON;
    if (item->verdict == PASS_ON && (item->reason = ends_no_way_on(&loop->ends, line)) != NULL)
        item->verdict = PUT_ASIDE;
}

static void
read_lines(struct loop *loop, const struct line *lines, size_t count)
{
    loop->item_count = 0;
    for (size_t i = 0; i < count; i++) {
        loop->items = memory_room(loop->items, loop->item_count, &loop->item_room, sizeof *loop->items);
        read_line(loop, &lines[i], &loop->items[loop->item_count++]);
    }
}

/* Hand one message to the handler; what it cannot process is put aside. */
static enum handled
work_on(struct loop *loop, struct desk *desk, const struct item *item, struct fault *why)
{
    const struct service *service = loop->service;
    enum handled handled = HANDLED;

    desk->journal = item->journal;
    if (desk->journal != NULL && journal_catch_up(desk->journal, why) != 0)
        handled = why->status == STATUS_DATA ? HANDLED_BAD : HANDLED_STOP;
    if (handled == HANDLED)
        handled = service->handle(desk, &item->message, why);
    if (handled == HANDLED_BAD) {
        struct fault reason = *why;

        if (letters_add(loop->letters, loop->ends.source, item->line, reason.text, why) != 0)
            return HANDLED_STOP;
    }
    return handled;
}

static enum handled
put_aside(struct loop *loop, const struct item *item, struct fault *why)
{
    int result = item->line->part != LINE_WHOLE
        ? letters_add_piece(loop->letters, loop->ends.source, item->line, why)
        : letters_add(loop->letters, loop->ends.source, item->line, item->reason, why);

    return result == 0 ? HANDLED : HANDLED_STOP;
}

static enum handled
handle_item(struct loop *loop, struct desk *desk, const struct item *item, struct fault *why)
{
    switch (item->verdict) {
    case PASS_ON:
        buffer_slice(desk->answers, item->line->text);
        buffer_add(desk->answers, "\n", 1);
        break;
    case WORK_ON:
        return work_on(loop, desk, item, why);
    case PUT_ASIDE:
        return put_aside(loop, item, why);
    }
    return HANDLED;
}

/* What will be looked for is on its way from memory when its turn comes. */
static void
expect(const struct desk *desk, const struct item *item)
{
    if (item->journal == NULL)
        return;
    journal_expect(item->journal, item->message.request);
    if (desk->orders == NULL)
        return;
    journal_expect(desk->orders, item->message.request);
    result_expect(desk->store, item->message.request);
}

/* Work on a chunk up to its end, or up to a message that must be alone. */
static int
work_on_chunk(struct loop *loop, struct chunk *chunk, struct fault *why)
{
    struct buffer *answers = sink_buffer(loop->ends.output);
    struct desk desk = {
        .store = loop->store,
        .orders = loop->service->keeps_results ? journal_of_orders(loop->store) : NULL,
        .held = chunk->held,
        .now = store_now(loop->store),
        .setting = loop->service->setting,
        .name = loop->service->name,
        .answers = answers,
        .refusals = loop->ends.refused != NULL ? sink_buffer(loop->ends.refused) : answers,
        .receipts = loop->ends.receipts != NULL ? sink_buffer(loop->ends.receipts) : NULL,
    };

    for (size_t i = chunk->first; i < chunk->end; i++) {
        enum handled handled;

        if (i + EXPECTED < chunk->end)
            expect(&desk, &loop->items[i + EXPECTED]);
        handled = handle_item(loop, &desk, &loop->items[i], why);

        if (handled == HANDLED_STOP)
            return -1;
        if (handled == HANDLED_ALONE) {
            chunk->end = i;
            chunk->alone_next = true;
        }
    }
    return 0;
}

static int
publish(struct loop *loop, struct fault *why)
{
    return letters_flush(loop->letters, why) == 0 ? ends_write(&loop->ends, why) : -1;
}

static bool
has_work(const struct loop *loop)
{
    for (size_t i = 0; i < loop->item_count; i++)
        if (loop->items[i].verdict == WORK_ON)
            return true;
    return false;
}

/*
 * One way: hold, decide, make durable, publish.  What comes from a topic comes
 * again until its offset has moved, so what follows from the truth may be synced
 * with that.
 */
static int
run_chunk(struct loop *loop, struct chunk *chunk, struct fault *why)
{
    enum store_wait wait = source_origin(loop->ends.source) != NULL ? STORE_WAIT_FOR_TRUTH : STORE_WAIT;

    if (has_work(loop) && chunk_hold(chunk, loop->items, loop->service, loop->store, why) != 0)
        return -1;
    source_gather(loop->ends.source, journals_in_use(loop->store) > MANY);
    if (work_on_chunk(loop, chunk, why) != 0)
        return -1;
    if ((chunk->goes_on ? store_rest(loop->store, why) : store_commit(loop->store, wait, why)) != 0)
        return -1;
    if (loop->service->trusts_nobody && source_sync(loop->ends.source, why) != 0)
        return -1;
    return publish(loop, why);
}

static int
run_lines(struct loop *loop, const struct line *lines, size_t count, bool goes_on, struct fault *why)
{
    struct chunk chunk = { .goes_on = goes_on };
    int result;

    read_lines(loop, lines, count);
    do {
        chunk.first = chunk.end;
        chunk.end = chunk.alone_next ? chunk.first + 1 : loop->item_count;
        chunk.held = chunk.alone_next || loop->service->needs >= NEEDS_TO_HOLD;
        chunk.alone_next = false;
        result = run_chunk(loop, &chunk, why);
    } while (result == 0 && chunk.end < loop->item_count);
    arena_reset(&loop->arena);
    return result;
}

/*
 * Who waits for the disk at the end of a chunk does it once for all lines; who does not hands
 * its answers on in portions, so that the next command in a pipe works meanwhile.  Streams are
 * looked at once for all of them: every line was there before the first look.
 */
static int
run_batch(struct loop *loop, const struct line *lines, size_t count, struct fault *why)
{
    const struct service *service = loop->service;
    const size_t most = service->needs >= NEEDS_TO_HOLD || service->keeps_results ? count : PORTION;
    size_t portion;

    for (size_t done = 0; done < count; done += portion) {
        const bool goes_on = count - done > most;

        portion = goes_on ? most : count - done;
        if (run_lines(loop, lines + done, portion, goes_on, why) != 0)
            return -1;
    }
    return source_done(loop->ends.source, why);
}

/* Everything that was done is on disk; then offsets move. */
static int
settle(struct loop *loop, struct fault *why)
{
    if (store_settle(loop->store, why) != 0 || ends_settle(&loop->ends, why) != 0)
        return -1;
    return source_settled(loop->ends.source, why);
}

static int
run_loop(struct loop *loop, struct fault *why)
{
    const struct line *lines;
    size_t count;
    int taken, result = 0;

    while (result == 0 && (taken = source_take(loop->ends.source, &lines, &count, why)) != SOURCE_END)
        result = taken == SOURCE_LINES ? run_batch(loop, lines, count, why)
               : taken == SOURCE_PAUSE ? settle(loop, why) : -1;
    if (result == 0)
        result = settle(loop, why);
    if (result != 0 && why->status == STATUS_IO)    /* of what this told, nobody else is told again */
        source_lost(loop->ends.source);
    return result;
}

int
service_run(const struct service *service, const struct cli *cli, enum store_use use,
            const struct service_ends *ends)
{
    struct loop loop = { .service = service, .store = cli_store_first(cli, use) };
    struct fault why;
    int result, status;

    memory_keep();
    if (service->needs != NEEDS_NOTHING)
        store_expect_many(loop.store);
    result = ends_open(&loop.ends, service, loop.store, ends, &why);
    store_confine(loop.store, spill_directory());
    loop.letters = letters_new(service->name, loop.store, loop.ends.dead);
    if (result == 0)
        result = run_loop(&loop, &why);
    status = letters_count(loop.letters) > 0 && ends->mode != SERVICE_SERVE ? STATUS_DATA : STATUS_DONE;
    if (result != 0)
        status = letters_give_up(loop.letters, &why);
    letters_free(loop.letters);
    ends_close(&loop.ends);
    arena_reset(&loop.arena);
    store_close(loop.store);
    free(loop.items);
    return status;
}

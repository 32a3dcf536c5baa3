/* service.c -- the loop that every command with a stream of lines shares. */
#include <stdio.h>
#include <stdlib.h>

#include "domain/topic_name.h"
#include "service/letters.h"
#include "service/service.h"
#include "service/sink.h"
#include "service/source.h"

enum verdict {
    PASS_ON,
    WORK_ON,
    PUT_ASIDE,                  /* for item->reason, or because it is a piece of a line too long */
};

struct item {
    const struct line *line;
    enum verdict verdict;
    const char *reason;
    struct message message;
    struct journal *journal;
};

/* Items that are worked on and committed together. */
struct chunk {
    size_t first, end;
    bool held;                  /* their products' streams are */
    bool alone_next;            /* the item behind the end must be a chunk of its own */
};

struct loop {
    const struct service *service;
    struct store *store;
    struct source *source;
    struct sink *output, *refused, *dead, *receipts;
    const char *input;          /* its name */
    bool by_type;               /* the output is topics, by the type of each message */
    struct letters *letters;
    struct item *items;
    size_t item_count, item_room;
    struct arena arena;
};

void
desk_answer(struct desk *desk, const struct message *message)
{
    message_write(desk->answers, message, desk->name);
}

void
desk_refuse(struct desk *desk, const struct message *message)
{
    message_write(desk->refusals, message, desk->name);
}

struct message
desk_reply(const struct desk *desk, const struct message *in, enum message_type type)
{
    return (struct message){
        .type = type,
        .cause = in->type,
        .request = in->request,
        .product = in->product,
        .time = { desk->now.text, MOMENT_LENGTH },
        .quantity = in->quantity,
    };
}

/* The service's own topic, "@stock.available". */
static const char *
own_topic(const struct service *service, char *name)
{
    struct slice type = message_type_name(service->reads);

    (void)snprintf(name, TOPIC_NAME_MAX + 2, "@%.*s", (int)type.length, type.at);
    return name;
}

static int
open_sinks(struct loop *loop, const struct service_ends *ends, struct fault *why)
{
    const char *output = ends->mode == SERVICE_ONCE ? "-" : SINK_BY_TYPE;

    if (ends->output != NULL)
        output = ends->output;
    loop->by_type = strcmp(output, SINK_BY_TYPE) == 0;
    if (sink_open(&loop->output, output, loop->store, why) != 0)
        return -1;
    if (ends->refused != NULL && sink_open(&loop->refused, ends->refused, loop->store, why) != 0)
        return -1;
    if (ends->dead != NULL && sink_open(&loop->dead, ends->dead, loop->store, why) != 0)
        return -1;
    return ends->receipts ? sink_open(&loop->receipts, "-", NULL, why) : 0;
}

static int
open_ends(struct loop *loop, const struct service_ends *ends, struct fault *why)
{
    const struct source_setting setting = {
        .command = loop->service->name,
        .group = ends->group != NULL ? ends->group : loop->service->name,
        .wait = ends->mode == SERVICE_SERVE,
    };
    int file;

    if (ends->mode == SERVICE_ONCE && source_check(loop->input, loop->store, why) != 0)
        return -1;
    if (open_sinks(loop, ends, why) != 0
        || source_open(&loop->source, loop->input, loop->store, &setting, why) != 0)
        return -1;
    file = source_file(loop->source);
    if (sink_is(loop->output, loop->input, file) || sink_is(loop->refused, loop->input, file)
        || sink_is(loop->dead, loop->input, file))
        return fault_set(why, STATUS_USAGE, "%s: would be read and written at once", loop->input);
    return 0;
}

/* A message that is passed on goes to the topic of its type, and not back to where it is from. */
static const char *
no_way_on(const struct loop *loop, const struct line *line)
{
    struct arena arena = { 0 };
    struct slice type, from = { loop->input + 1, strlen(loop->input + 1) };
    const char *reason = NULL;

    type = topic_line_read(line->text, &arena).type;
    if (!topic_name_valid(type))
        reason = "type: no topic can have this name";
    else if (slice_equal(type, topic_name_resolve(from)))
        reason = "type: would come back to the topic it is from";
    arena_reset(&arena);
    return reason;
}

/* Judge a line: pass it on, work on it, or put it aside when its turn comes. */
static void
read_line(struct loop *loop, const struct line *line, struct item *item)
{
    const struct service *service = loop->service;
    struct fault why;

    item->line = line;
    item->verdict = PUT_ASIDE;
    if (line->part != LINE_WHOLE)
        return;
    if (service->read(line->text, &loop->arena, &item->message, &why) != 0) {
        item->reason = arena_copy(&loop->arena, why.text, strlen(why.text) + 1);
        return;
    }
    item->verdict = item->message.type == TYPE_OTHER ? PASS_ON : WORK_ON;
    if (item->verdict == PASS_ON && loop->by_type && (item->reason = no_way_on(loop, line)) != NULL)
        item->verdict = PUT_ASIDE;
    if (item->verdict == WORK_ON && service->needs != NEEDS_NOTHING)
        item->journal = journal_of(loop->store, item->message.product);
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

/* Up to where the items from chunk->first can be worked on at once; their streams are wanted then. */
static size_t
want_streams(struct loop *loop, const struct chunk *chunk)
{
    size_t most = journal_hold_max(loop->store);

    for (size_t i = chunk->first; i < chunk->end; i++) {
        if (loop->items[i].verdict == WORK_ON && journal_want(loop->items[i].journal) >= most)
            return i + 1;
    }
    return chunk->end;
}

/* The orders are locked before any product's stream. */
static int
hold_streams(struct loop *loop, struct chunk *chunk, struct fault *why)
{
    const struct service *service = loop->service;

    if (service->keeps_results) {
        (void)journal_want(journal_of_orders(loop->store));
        if (journal_hold(loop->store, true, why) != 0
            || journal_catch_up(journal_of_orders(loop->store), why) != 0)
            return -1;
    }
    if (!chunk->held)
        return 0;
    chunk->end = want_streams(loop, chunk);
    return journal_hold(loop->store, service->needs == NEEDS_TO_BEGIN, why);
}

/* Hand one message to the handler; what it cannot process is put aside. */
static enum handled
work_on(struct loop *loop, struct desk *desk, const struct item *item, struct fault *why)
{
    const struct service *service = loop->service;
    enum handled handled = HANDLED;

    desk->journal = item->journal;
    if (service->needs != NEEDS_NOTHING && journal_catch_up(item->journal, why) != 0)
        handled = why->status == STATUS_DATA ? HANDLED_BAD : HANDLED_STOP;
    if (handled == HANDLED)
        handled = service->handle(desk, &item->message, why);
    if (handled == HANDLED_BAD) {
        struct fault reason = *why;

        if (letters_add(loop->letters, loop->source, item->line, reason.text, why) != 0)
            return HANDLED_STOP;
    }
    return handled;
}

static enum handled
put_aside(struct loop *loop, const struct item *item, struct fault *why)
{
    int result = item->line->part != LINE_WHOLE
        ? letters_add_piece(loop->letters, loop->source, item->line, why)
        : letters_add(loop->letters, loop->source, item->line, item->reason, why);

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

/* Work on a chunk up to its end, or up to a message that must be alone. */
static int
work_on_chunk(struct loop *loop, struct chunk *chunk, struct fault *why)
{
    struct buffer *answers = sink_buffer(loop->output);
    struct desk desk = {
        .store = loop->store,
        .orders = loop->service->keeps_results ? journal_of_orders(loop->store) : NULL,
        .held = chunk->held,
        .now = store_now(loop->store),
        .setting = loop->service->setting,
        .name = loop->service->name,
        .answers = answers,
        .refusals = loop->refused != NULL ? sink_buffer(loop->refused) : answers,
        .receipts = loop->receipts != NULL ? sink_buffer(loop->receipts) : NULL,
    };

    for (size_t i = chunk->first; i < chunk->end; i++) {
        enum handled handled = handle_item(loop, &desk, &loop->items[i], why);

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
    if (letters_flush(loop->letters, why) != 0 || sink_write(loop->output, -1, why) != 0)
        return -1;
    if (loop->refused != NULL && sink_write(loop->refused, -1, why) != 0)
        return -1;
    if (loop->receipts == NULL)
        return 0;
    return sink_settle(loop->output, why) == 0 ? sink_write(loop->receipts, -1, why) : -1;
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
    enum store_wait wait = source_origin(loop->source) != NULL ? STORE_WAIT_FOR_TRUTH : STORE_WAIT;

    if (has_work(loop) && hold_streams(loop, chunk, why) != 0)
        return -1;
    if (work_on_chunk(loop, chunk, why) != 0 || store_commit(loop->store, wait, why) != 0)
        return -1;
    if (loop->service->trusts_nobody && source_sync(loop->source, why) != 0)
        return -1;
    return publish(loop, why);
}

static int
run_batch(struct loop *loop, const struct line *lines, size_t count, struct fault *why)
{
    struct chunk chunk = { .end = 0 };
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
    return result == 0 ? source_done(loop->source, why) : -1;
}

/* Everything that was done is on disk; then offsets move. */
static int
settle(struct loop *loop, struct fault *why)
{
    if (store_settle(loop->store, why) != 0 || sink_settle(loop->output, why) != 0
        || (loop->refused != NULL && sink_settle(loop->refused, why) != 0)
        || (loop->receipts != NULL && sink_settle(loop->receipts, why) != 0))
        return -1;
    return source_settled(loop->source, why);
}

static int
run_loop(struct loop *loop, struct fault *why)
{
    const struct line *lines;
    size_t count;
    int taken;

    while ((taken = source_take(loop->source, &lines, &count, why)) != SOURCE_END) {
        int result = taken == SOURCE_LINES ? run_batch(loop, lines, count, why)
                   : taken == SOURCE_PAUSE ? settle(loop, why) : -1;

        if (result != 0)
            return -1;
    }
    return settle(loop, why);
}

/* The batch is not done, but what was put aside of it has been told, and is kept. */
static int
give_up(struct loop *loop, const struct fault *why)
{
    struct fault other;

    if (letters_flush(loop->letters, &other) != 0)
        (void)cli_report(loop->service->name, &other);
    return cli_report(loop->service->name, why);
}

int
service_run(const struct service *service, const struct cli *cli, enum store_use use,
            const struct service_ends *ends)
{
    struct loop loop = { .service = service, .store = cli_store(cli, use), .input = ends->input };
    char topic[TOPIC_NAME_MAX + 2];
    struct fault why;
    int result, status;

    if (loop.input == NULL)
        loop.input = ends->mode == SERVICE_ONCE ? "-" : own_topic(service, topic);
    result = open_ends(&loop, ends, &why);
    loop.letters = letters_new(service->name, loop.store, loop.dead);
    if (result == 0)
        result = run_loop(&loop, &why);
    status = letters_count(loop.letters) > 0 && ends->mode != SERVICE_SERVE ? STATUS_DATA : STATUS_DONE;
    if (result != 0)
        status = give_up(&loop, &why);
    letters_free(loop.letters);
    source_close(loop.source);
    sink_close(loop.output);
    sink_close(loop.refused);
    sink_close(loop.dead);
    sink_close(loop.receipts);
    arena_reset(&loop.arena);
    store_close(loop.store);
    free(loop.items);
    return status;
}

enum { OPTION_DEAD = 256, OPTION_SERVE, OPTION_DRAIN };

/* -r first, so that a service that never refuses starts behind it. */
static const struct cli_option options[] = {
    { 'r', "refused", "DST", "where stock.unavailable goes instead of the output" },
    { 'i', "input", "SRC", "where messages come from: - (the default), a path or @TOPIC" },
    { 'o', "output", "DST", "where messages go: - (the default), a path or @TOPIC" },
    { OPTION_SERVE, "serve", NULL, "read and publish the store's topics, until told to stop" },
    { OPTION_DRAIN, "drain", NULL, "the same, until nothing is left" },
    { 'g', "group", "GROUP", "the consumer group; by default the command's name" },
    { OPTION_DEAD, "dead", "DST", "where lines go that cannot be processed; by default into the store" },
    { 0 },
};

/* What does not go together is misuse. */
static void
check_ends(const struct cli *cli, const struct service_ends *ends)
{
    bool topic = ends->mode != SERVICE_ONCE || (ends->input != NULL && source_is_topic(ends->input));

    if (cli->operand_count > 0)
        cli_misuse(cli, "%s: no operands are taken", cli->operands[0]);
    if (ends->group != NULL && !topic)
        cli_misuse(cli, "--group: only for what is read from a topic");
    if (ends->mode != SERVICE_ONCE && ends->input != NULL && !source_is_topic(ends->input))
        cli_misuse(cli, "--input: %s: --serve and --drain read a @TOPIC", ends->input);
}

/* --serve or --drain, one of them. */
static enum service_mode
take_mode(const struct cli *cli, enum service_mode before, enum service_mode mode)
{
    if (before != SERVICE_ONCE)
        cli_misuse(cli, "--serve, --drain: only one of them");
    return mode;
}

int
service_main(const struct service *service, const char *purpose, enum store_use use, bool refuses,
             int argc, char *argv[])
{
    struct cli_program program = {
        .name = service->name,
        .usage = refuses ? "[-i SRC] [-o DST] [-r DST] [--dead DST] [--serve | --drain] [-g GROUP] [-d DIR]"
                         : "[-i SRC] [-o DST] [--dead DST] [--serve | --drain] [-g GROUP] [-d DIR]",
        .purpose = purpose,
        .options = refuses ? options : options + 1,
    };
    struct cli cli = cli_begin(&program, argc, argv);
    struct service_ends ends = { 0 };
    int letter, status;

    while ((letter = cli_next(&cli)) != 0) {
        switch (letter) {
        case 'i': ends.input = cli_end_name(&cli, cli.value); break;
        case 'o': ends.output = cli_end_name(&cli, cli.value); break;
        case 'r': ends.refused = cli_end_name(&cli, cli.value); break;
        case 'g': ends.group = cli_group(&cli, cli.value); break;
        case OPTION_SERVE: ends.mode = take_mode(&cli, ends.mode, SERVICE_SERVE); break;
        case OPTION_DRAIN: ends.mode = take_mode(&cli, ends.mode, SERVICE_DRAIN); break;
        case OPTION_DEAD: ends.dead = cli_end_name(&cli, cli.value); break;
        }
    }
    check_ends(&cli, &ends);
    status = service_run(service, &cli, use, &ends);
    cli_end(&cli);
    return status;
}

/* trace_topics.c -- the messages of requests in all topics. */
#include <stdio.h>
#include <stdlib.h>

#include "service/trace.h"

/* What a topic is searched for. */
struct search {
    struct trace_book *book;
    struct slice topic;
    const struct request_set *set;
    struct slice product;       /* or empty: the messages of the book's requests */
    void (*found)(const struct search *search, struct slice line, const struct step_place *place);
};

static void
add_line(const struct search *search, struct slice line, const struct step_place *place)
{
    struct trace_book *book = search->book;
    struct arena arena = { 0 };
    struct step step;
    struct fault why;
    size_t at = 0, number;

    if (!trace_read_line(line, FORM_MESSAGE, &arena, &step, &why)) {
        step.message = (struct message){ .type = TYPE_OTHER };
        step.type = SLICE("no message");
        step.reason = (struct slice){ why.text, strlen(why.text) };
    }
    if (step.kind == STEP_MESSAGE) {
        if (request_set_find(&book->set, step.message.request, &number))
            trace_add_place(book, trace_add(book, number, &step), place);
    } else {
        while (request_set_next(&book->set, line, &at, &number)) {
            const struct trace *trace = &book->traces[number];
            const struct step *last = trace->count > 0 ? &trace->steps[trace->count - 1] : NULL;

            if (last == NULL || last->kind != STEP_OTHER || !slice_equal(last->places[0].text, place->text))
                trace_add_place(book, trace_add(book, number, &step), place);
        }
    }
    arena_reset(&arena);
}

/* Messages of the product: their requests. */
static void
add_request(const struct search *search, struct slice line, const struct step_place *place)
{
    struct arena arena = { 0 };
    struct step step;
    struct fault ignored;

    (void)place;
    if (trace_read_line(line, FORM_MESSAGE, &arena, &step, &ignored) && step.kind == STEP_MESSAGE
        && slice_equal(step.message.product, search->product))
        (void)request_set_add(&search->book->set, step.message.request);
    arena_reset(&arena);
}

static uint64_t
count_lines(const char *at, const char *end)
{
    uint64_t count = 0;

    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        count++;
        at++;
    }
    return count;
}

/* *in_line: the batch begins within a line that is too long to be a message. */
static void
search_batch(const struct search *search, const struct batch *batch, bool *in_line)
{
    struct slice bytes = batch->bytes, line;
    struct request_lines lines;
    const char *counted = bytes.at;
    uint64_t offset = batch->offset;
    char text[TOPIC_NAME_MAX + 64];

    if (*in_line) {
        const char *newline = memchr(bytes.at, '\n', bytes.length);

        *in_line = newline == NULL;
        if (newline == NULL)
            return;
        offset++;
        bytes.length -= (size_t)(newline + 1 - bytes.at);
        bytes.at = counted = newline + 1;
    }
    *in_line = batch->part;
    lines = request_lines(search->set, bytes);
    while (request_lines_next(&lines, &line)) {
        struct step_place place = { .topic = search->topic, .lane = batch->lane };

        offset += count_lines(counted, line.at);
        counted = line.at;
        place.offset = offset;
        (void)snprintf(text, sizeof text, "@%.*s/%u:%llu", (int)search->topic.length, search->topic.at, batch->lane,
                       (unsigned long long)offset);
        place.text = (struct slice){ text, strlen(text) };
        search->found(search, line, &place);
    }
}

static void
tell(void *context, const char *text)
{
    struct trace_book *book = context;

    if (!book->quiet)
        (void)fprintf(stderr, "evtrace: %s\n", text);
}

static void
search_topic(const struct search *search)
{
    struct trace_book *book = search->book;
    const struct view_setting setting = { .topic = search->topic, .tell = tell, .context = book };
    struct view *view = NULL;
    struct fault why;

    if (view_open(&view, book->store, &setting, &why) != 0) {
        if (why.status != STATUS_NO_INPUT)      /* gone meanwhile */
            trace_tell(book, &why);
        return;
    }
    for (unsigned lane = 0; lane < view_lanes(view); lane++) {
        struct batch batch;
        bool in_line = false;
        int got;

        while ((got = view_read(view, lane, &batch, &why)) > 0)
            search_batch(search, &batch, &in_line);
        if (got < 0)
            trace_tell(book, &why);
    }
    view_close(view);
}

/* Later topics of the flow first; those that are not of the flow before all. */
static unsigned
rank(const struct look_name *name)
{
    static const enum message_type types[] = {
        TYPE_OTHER, ORDER_CREATED, ORDER_FAILED, ORDER_REQUESTED, STOCK_UNAVAILABLE, STOCK_AVAILABLE,
        STOCKCHECK_REQUESTED, PURCHASE_REQUESTED,
    };
    enum message_type type = message_type_named((struct slice){ name->text, strlen(name->text) });

    for (unsigned i = 0; i < sizeof types / sizeof types[0]; i++)
        if (types[i] == type)
            return i;
    return 0;
}

static int
by_rank(const void *a, const void *b)
{
    const unsigned rank_a = rank(a), rank_b = rank(b);

    return rank_a != rank_b ? (rank_a > rank_b) - (rank_a < rank_b)
                            : strcmp(((const struct look_name *)a)->text, ((const struct look_name *)b)->text);
}

static void
search_all(struct search *search)
{
    struct trace_book *book = search->book;
    struct look_names topics = { 0 };
    struct fault why;

    if (topic_names(book->store, &topics, &why) != 0)
        trace_tell(book, &why);
    if (topics.count > 1)
        qsort(topics.list, topics.count, sizeof *topics.list, by_rank);
    for (size_t i = 0; i < topics.count; i++) {
        const char *name = topics.list[i].text;

        search->topic = (struct slice){ arena_copy(&book->arena, name, strlen(name)), strlen(name) };
        search_topic(search);
    }
    look_names_free(&topics);
}

void
trace_read_topics(struct trace_book *book)
{
    struct search search = { .book = book, .set = &book->set, .found = add_line };

    search_all(&search);
}

/* A product stands in a line as a string, in quotes; where it has escapes, so has the line. */
void
trace_find_in_topics(struct trace_book *book, struct slice product)
{
    struct request_set needle = { 0 };
    struct buffer text = { 0 };
    struct search search = { .book = book, .set = &needle, .product = product, .found = add_request };

    buffer_text(&text, "\"");
    buffer_escaped(&text, product);
    buffer_text(&text, "\"");
    (void)request_set_add(&needle, (struct slice){ text.at, text.length });
    search_all(&search);
    request_set_free(&needle);
    buffer_free(&text);
}

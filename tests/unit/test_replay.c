/* test_replay.c -- a journal read by its whole lines, in one go and in steps. */
#include "dice.h"
#include "heads.h"

static const struct product whole = { .sequence = 8, .added = 43, .removed = 4, .sold = 41, .returned = 2,
                                      .refused = 1 };

static bool
same_state(const struct product *a, const struct product *b)
{
    return a->sequence == b->sequence && a->added == b->added && a->removed == b->removed && a->sold == b->sold
        && a->returned == b->returned && a->refused == b->refused;
}

/* Read up to every byte, and then on to the end, as a journal grows. */
static void
test_steps(struct tap *tap)
{
    struct heads heads = { .count = 0 };
    struct buffer bytes = { 0 };
    int fd = scratch_file();
    size_t wrong = 0;
    struct slice all;

    heads_reset(&heads);
    seal(&heads);
    write_heads(&heads, fd);
    all = scratch_read(fd, &bytes);
    for (size_t end = 0; end <= all.length; end++) {
        struct replay replay = { .product = SLICE_INIT("85123A") };
        struct replay_reader reader = { .buffer = { 0 } };
        struct fault why;
        const char *newline = end > 0 ? memrchr(all.at, '\n', end) : NULL;
        size_t lines = 0, used = newline != NULL ? (size_t)(newline + 1 - all.at) : 0;

        for (size_t i = 0; i < used; i++)
            lines += all.at[i] == '\n';
        wrong += replay_file(&replay, &reader, fd, end, &why) != 0 || replay.offset != used || replay.line != lines
            || replay.state.sequence != lines;
        wrong += replay_file(&replay, &reader, fd, all.length, &why) != 0 || !same_state(&replay.state, &whole)
            || replay.offset != all.length || replay.line != EVENTS || replay.uncertain
            || strcmp(replay.time.text, "2026-01-31T09:30:04.000000Z") != 0;
        buffer_free(&reader.buffer);
    }
    tap_check(tap, wrong == 0, "read up to every byte and on: only whole lines count, and all of them once");
    buffer_free(&bytes);
    heads_free(&heads);
    io_close(&fd);
}

/* A file whose end was cut off anywhere is a good, shorter journal. */
static void
test_torn(struct tap *tap)
{
    struct heads heads = { .count = 0 };
    int fd = scratch_file();
    size_t wrong = 0, start;

    heads_reset(&heads);
    seal(&heads);
    write_heads(&heads, fd);
    start = size_of(fd) - heads.line[EVENTS - 1].length;
    for (uint64_t size = size_of(fd) - 1; size > start; size--) {
        struct replay replay = { .product = SLICE_INIT("85123A") };
        struct replay_reader reader = { .buffer = { 0 } };
        struct fault why;

        (void)io_truncate(fd, (off_t)size);
        wrong += replay_file(&replay, &reader, fd, size, &why) != 0 || replay.offset != start
            || replay.state.sequence != EVENTS - 1;
        wrong += replay_file(&replay, &reader, fd, size + 1000, &why) != 0 || replay.offset != start;
        buffer_free(&reader.buffer);
    }
    tap_check(tap, wrong == 0, "an end that was cut off is not read, and is no damage");
    heads_free(&heads);
    io_close(&fd);
}

/* Orders: events of any product, and of one type. */
static void
test_orders(struct tap *tap)
{
    static const struct message order = { .type = ORDER_CREATED, .cause = ORDER_REQUESTED, .quantity = NUMBER_MAX,
                                          .order = SLICE_INIT("0d1c6d6f-2f3a-5b38-8f4f-1b0cf7a5a6aa") };
    struct heads heads = { .count = 4 };
    struct replay replay = { .line = 0 };
    struct reports reports = { .count = 0 };
    struct replay_reader reader = { note_visit, note_damage, &reports, { 0 } };
    struct fault why;
    int fd = scratch_file();

    for (size_t i = 0; i < heads.count; i++) {
        struct message event = i == 2 ? events[0] : order;

        event.product = i == 1 ? SLICE("a\"b") : SLICE("85123A");
        write_head(&heads.line[i], event, i + 1);
    }
    seal(&heads);
    write_heads(&heads, fd);
    tap_check(tap, replay_file(&replay, &reader, fd, size_of(fd), &why) == 0 && reports.visits == 3
              && replay.state.sequence == 4, "orders of several products, however many pieces");
    tap_check(tap, reports.count == 1 && reports.line[0] == 3
              && strncmp(reports.first.text, "type: not an event of this", 26) == 0, "goods that came in are none");
    buffer_free(&reader.buffer);
    heads_free(&heads);
    io_close(&fd);
}

/* A reason that makes the line as long as wanted, its newline not counted. */
static void
write_long(struct buffer *out, size_t number, size_t length)
{
    static const struct message shortest = { .type = PURCHASE_REFUSED, .cause = STOCK_UNAVAILABLE, .quantity = 1,
                                             .code = REFUSAL_OUT_OF_STOCK, .reason = SLICE_INIT("x") };
    const size_t sum = sizeof ",\"sum\":\"0123456789abcdef\"}" - 1;
    struct message event = shortest;
    char *reason = memory_new(length);

    write_head(out, shortest, number);
    memset(reason, 'x', length);
    event.reason = (struct slice){ reason, length - sum - out->length + 1 };
    write_head(out, event, number);
    free(reason);
}

struct longest {
    const char *name;
    size_t length;
    size_t reports;
};

static const struct longest longests[] = {
    { "65,534 bytes", LINE_MAX_BYTES - 2, 0 },
    { "65,535 bytes", LINE_MAX_BYTES - 1, 0 },
    { "65,536 bytes", LINE_MAX_BYTES, 1 },
    { "longer than a chunk", 300000, 1 },
    { "longer than two chunks", 700000, 1 },
};

static void
test_long_lines(struct tap *tap)
{
    struct heads heads = { .count = 0 };
    int fd = scratch_file();

    for (size_t i = 0; i < COUNT(longests); i++) {
        struct reports reports = { .count = 0 };
        struct replay replay = { .product = SLICE_INIT("85123A") };
        struct replay_reader reader = { note_visit, note_damage, &reports, { 0 } };
        struct fault why;

        heads_reset(&heads);
        write_long(&heads.line[2], 3, longests[i].length);
        seal(&heads);
        write_heads(&heads, fd);
        if (!tap_check(tap, heads.line[2].length == longests[i].length + 1
                       && replay_file(&replay, &reader, fd, size_of(fd), &why) == 0
                       && reports.count == longests[i].reports && (reports.count == 0 || reports.line[0] == 3)
                       && replay.line == EVENTS && replay.offset == size_of(fd), "a line of %s", longests[i].name))
            show_reports(&reports);
        buffer_free(&reader.buffer);
    }
    heads_free(&heads);
    io_close(&fd);
}

/* Lines of many lengths, so that chunks of the file end anywhere in them; one is damaged. */
static void
test_chunks(struct tap *tap)
{
    enum { LINES = 3000, WRONG = 1777 };
    struct buffer all = { 0 };
    struct dice dice = { 8 };
    struct reports reports = { .count = 0 };
    struct replay replay = { .product = SLICE_INIT("85123A") };
    struct replay_reader reader = { note_visit, note_damage, &reports, { 0 } };
    struct heads heads = { .count = 1 };
    struct fault why;
    uint64_t chain = 0;
    int fd = scratch_file();

    for (size_t i = 1; i <= LINES; i++) {
        struct buffer *line = &heads.line[0];

        if (dice_roll(&dice, 20) == 0)
            write_long(line, i, 1000 + dice_roll(&dice, 64000));
        else
            write_head(line, events[i == 1 ? 0 : 3], i);
        chain = seal_line(line, chain);
        if (i == WRONG)
            line->at[line->length / 2] ^= 1;
        buffer_add(&all, line->at, line->length);
    }
    scratch_fill(fd, (struct slice){ all.at, all.length });
    tap_check(tap, all.length > 4U * 256 * 1024 && replay_file(&replay, &reader, fd, all.length, &why) == 0
              && replay.offset == all.length && replay.line == LINES && replay.chain == chain
              && replay.state.sequence == LINES && replay.state.added == 40, "3,000 lines in %zu bytes", all.length);
    if (!tap_check(tap, reports.visits == LINES - 1 && reports.count == 1 && reports.line[0] == WRONG,
                   "all of them right but the one that was damaged"))
        show_reports(&reports);
    buffer_free(&all);
    buffer_free(&reader.buffer);
    heads_free(&heads);
    io_close(&fd);
}

static int
refuse_third(void *context, const struct replay *replay, struct slice line, const struct message *event,
             struct fault *why)
{
    (void)context;
    (void)line;
    (void)replay;
    return event->number == 3 ? fault_set(why, STATUS_NO, "enough") : 0;
}

/* Whatever a visit or a report returns ends the replay; so does a file that cannot be read. */
static void
test_ends(struct tap *tap)
{
    struct heads heads = { .count = 0 };
    struct replay replay = { .product = SLICE_INIT("85123A") }, other = replay;
    struct replay_reader reader = { .visit = refuse_third };
    struct fault why = { .text = "" };
    int fd = scratch_file(), directory = io_open(AT_FDCWD, "/", O_RDONLY | O_DIRECTORY, 0);

    heads_reset(&heads);
    seal(&heads);
    write_heads(&heads, fd);
    tap_check(tap, replay_file(&replay, &reader, fd, size_of(fd), &why) == -1 && why.status == STATUS_NO
              && strcmp(why.text, "enough") == 0 && replay.line == 3, "a visit that has enough");
    reader.visit = NULL;
    tap_check(tap, replay_file(&other, &reader, directory, 1000, &why) == -1 && why.status == STATUS_IO,
              "a directory");
    tap_check(tap, replay_file(&other, &reader, fd, size_of(fd), &why) == 0 && same_state(&other.state, &whole),
              "without anybody to tell: the state");
    buffer_free(&reader.buffer);
    heads_free(&heads);
    io_close(&fd);
    io_close(&directory);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_steps(&tap);
    test_torn(&tap);
    test_orders(&tap);
    test_long_lines(&tap);
    test_chunks(&tap);
    test_ends(&tap);
    return tap_done(&tap);
}

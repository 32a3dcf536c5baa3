/* test_replay_joins.c -- where parts of a journal meet: lines whose sums are right, but not what they say. */
#include "parts.h"

/* From this line on all are numbered one higher. */
static void
skip_number(struct journal_text *text, size_t line)
{
    for (size_t i = line; i < LINES; i++) {
        struct buffer *head = &text->head[i];
        char *digits = (char *)memmem(head->at, head->length, SLICE("\"sequence\":\"").at, 12) + 12;

        (void)snprintf(digits, SEQUENCE_DIGITS + 1, "%012zu", i + 2);
        digits[SEQUENCE_DIGITS] = '"';
    }
}

static void
go_back(struct journal_text *text, size_t line)
{
    (void)change(&text->head[line], SLICE("T09:30:"), SLICE("T08:30:"));
}

static void
change_product(struct journal_text *text, size_t line)
{
    (void)change(&text->head[line], SLICE("\"subject\":\"85123A\""), SLICE("\"subject\":\"85123B\""));
}

static void
sell_all(struct journal_text *text, size_t line)
{
    write_head(&text->head[line], (struct message){ .type = STOCK_SOLD, .cause = STOCK_AVAILABLE, .quantity = 2000 },
               line + 1);
}

static void
add_all(struct journal_text *text, size_t line)
{
    write_head(&text->head[line - 1], (struct message){ .type = STOCK_ADDED, .quantity = 1 }, line);
    write_head(&text->head[line], (struct message){ .type = STOCK_ADDED, .quantity = NUMBER_MAX }, line + 1);
}

static void
order(struct journal_text *text, size_t line)
{
    static const struct message event = { .type = ORDER_CREATED, .cause = ORDER_REQUESTED, .quantity = 1,
                                          .order = SLICE_INIT("0d1c6d6f-2f3a-5b38-8f4f-1b0cf7a5a6aa") };

    write_head(&text->head[line], event, line + 1);
}

static void
lengthen(struct journal_text *text, size_t line, size_t length)
{
    const size_t sum = sizeof ",\"sum\":\"0123456789abcdef\"}" - 1;
    struct buffer source = { 0 };

    buffer_text(&source, "\"source\":\"");
    while (source.length + text->head[line].length + sum < length + sizeof "\"source\":\"" - 1)
        buffer_text(&source, "x");
    (void)change(&text->head[line], SLICE("\"source\":\""), (struct slice){ source.at, source.length });
    buffer_free(&source);
}

static void
too_long(struct journal_text *text, size_t line)
{
    lengthen(text, line, LINE_MAX_BYTES);
}

static void
longest(struct journal_text *text, size_t line)
{
    lengthen(text, line, LINE_MAX_BYTES - 1);
}

static void
add_spaces(struct journal_text *text, size_t line)
{
    (void)change(&text->head[line], SLICE("\"type\":"), SLICE("\"more\": [1, {}] , \"type\" : "));
}

struct harm {
    const char *name;
    void (*harm)(struct journal_text *text, size_t line);
    const char *what;           /* is found in that line; NULL if it does no harm */
};

static const struct harm harms[] = {
    { "a number is skipped", skip_number, "sequence: does not follow" },
    { "time goes back", go_back, "time: before" },
    { "another product", change_product, "subject: not" },
    { "more is sold than is there", sell_all, "quantity: more" },
    { "more is added than can be counted", add_all, "quantity: more" },
    { "an order", order, "type: not" },
    { "a line that is too long", too_long, "longer than 65,536" },
    { "a line of the greatest length", longest, NULL },
    { "a line in another form", add_spaces, NULL },
};

/* What a reading has to find: the harm in its line, or nothing at all. */
static bool
found(const struct outcome *out, const struct harm *harm, size_t line, int fd)
{
    if (harm->what == NULL)
        return out->result == 0 && out->replay.offset == size_of(fd) && out->replay.line == LINES;
    return out->result == -1 && out->why.status == STATUS_DATA && out->replay.line == line + 1
        && strncmp(out->why.text, harm->what, strlen(harm->what)) == 0;
}

/* In each line but the first, so that it is the first or the last of a part somewhere. */
static void
test_harm(struct tap *tap, const struct harm *harm)
{
    int fd = scratch_file();
    size_t wrong = 0, left = 0;

    for (size_t line = 1; line < LINES; line++) {
        struct journal_text text = { .all = { 0 } };
        struct dice dice = { 9 };

        make_text(&text, &dice);
        harm->harm(&text, line);
        put(&text, fd);
        for (size_t part = 300; part < 2000; part += 290 - part % 3) {
            struct outcome whole = read_journal(fd, PRODUCT, (struct way){ .goes_on = false });
            struct replay replay = { .product = PRODUCT };

            wrong += !found(&whole, harm, line, fd) + differ(fd, PRODUCT, 2, part)
                + differ(fd, PRODUCT, 2, text.start[line] + part % 3 - 1);
            replay_parts(&replay, fd, size_of(fd), 2, part);
            left += replay.line != LINES;
        }
        text_free(&text);
    }
    tap_check(tap, wrong == 0, "%s, in any line: the same as in one go", harm->name);
    if (harm->what == NULL)
        tap_check(tap, left == 0, "%s: read by the parts", harm->name);
    io_close(&fd);
}

/* Empty and full in turn: right; with a piece missing in a line, the next takes too many. */
static void
test_brim(struct tap *tap)
{
    int fd = scratch_file();
    size_t wrong = 0, left = 0;

    for (size_t line = 1; line <= LINES; line++) {
        struct journal_text text = { .all = { 0 } };

        for (size_t i = 0; i < LINES; i++)
            write_head(&text.head[i], (struct message){ .type = i % 2 == 0 ? STOCK_ADDED : STOCK_REMOVED,
                                                        .quantity = NUMBER_MAX - (i == line) }, i + 1);
        put(&text, fd);
        for (size_t part = 250; part < 1500; part += 50) {
            struct replay replay = { .product = PRODUCT };

            wrong += differ(fd, PRODUCT, 2, part);
            replay_parts(&replay, fd, size_of(fd), 2, part);
            left += line == LINES && replay.line != LINES;
        }
        text_free(&text);
    }
    tap_check(tap, wrong == 0 && left == 0, "empty and full in turn, and with a piece missing in any line");
    io_close(&fd);
}

/* Orders are of any product; nothing is counted. */
static void
test_orders(struct tap *tap)
{
    struct journal_text text = { .all = { 0 } };
    struct replay replay = { .line = 0 };
    int fd = scratch_file();
    size_t wrong = 0;

    for (size_t i = 0; i < LINES; i++) {
        order(&text, i);
        if (i % 3 == 0)
            change_product(&text, i);
    }
    put(&text, fd);
    for (size_t part = 100; part < 2000; part += 50)
        wrong += differ(fd, SLICE(""), 3, part) + (differ(fd, PRODUCT, 3, part) != 0);
    replay_parts(&replay, fd, size_of(fd), 3, 500);
    tap_check(tap, wrong == 0 && replay.line == LINES && replay.state.refused == LINES, "orders");
    text_free(&text);
    io_close(&fd);
}

int
main(void)
{
    struct tap tap = { 0 };

    for (size_t i = 0; i < COUNT(harms); i++)
        test_harm(&tap, &harms[i]);
    test_brim(&tap);
    test_orders(&tap);
    return tap_done(&tap);
}

/*
 * fuzz_journal.c -- a journal of any bytes.
 *
 * Read as it is, and with the right sum behind each line, so that what stands behind
 * the sums is reached.  However it is read, at once or in two parts, up to the first
 * damage or on behind it, it says the same; and where there is no damage, its
 * numbers are those that a plain count of its events gives.
 */
#include "base/text.h"
#include "domain/topic_name.h"
#include "fuzz.h"
#include "store/file/replay.h"

struct tally {
    uint64_t visits, damages;
    uint64_t first_damage;      /* its line, from 1; 0: none */
    struct fault first;
    uint64_t in, out, refused;  /* pieces, pieces, events: of what was visited */
    uint64_t chain;             /* while there is no damage */
    struct moment time;
};

static int
visit(void *context, const struct replay *replay, struct slice line, const struct message *event, struct fault *why)
{
    struct tally *tally = context;

    (void)why;
    FUZZ_REQUIRE(line.length > 0 && line.length < LINE_MAX_BYTES && memchr(line.at, '\n', line.length) == NULL);
    FUZZ_REQUIRE(event->number == replay->state.sequence);
    FUZZ_REQUIRE(replay->product.length == 0 ? event->type == ORDER_CREATED
                 : slice_equal(event->product, replay->product));
    FUZZ_REQUIRE(product_available(&replay->state) <= NUMBER_MAX || replay->uncertain);
    FUZZ_REQUIRE(tally->damages > 0 || (event_check_sum(line, &tally->chain) && tally->chain == replay->chain));
    FUZZ_REQUIRE(tally->damages > 0 || memcmp(event->time.at, tally->time.text, MOMENT_LENGTH) >= 0);
    memcpy(tally->time.text, event->time.at, MOMENT_LENGTH);
    tally->visits++;
    if (event->type == STOCK_ADDED || event->type == STOCK_RETURNED)
        tally->in += event->quantity;
    else if (event->type == STOCK_REMOVED || event->type == STOCK_SOLD)
        tally->out += event->quantity;
    else
        tally->refused++;
    return 0;
}

static int
damage(void *context, const struct replay *replay, struct fault *why)
{
    struct tally *tally = context;

    fuzz_refused(why);
    if (tally->damages++ == 0) {
        tally->first_damage = replay->line;
        tally->first = *why;
    }
    return 0;
}

static uint64_t
count_lines(struct slice text, uint64_t *end)
{
    uint64_t lines = 0;

    *end = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.at[i] == '\n') {
            lines++;
            *end = i + 1;
        }
    }
    return lines;
}

static bool
same_replay(const struct replay *a, const struct replay *b)
{
    return a->offset == b->offset && a->line == b->line && a->chain == b->chain && a->uncertain == b->uncertain
        && strcmp(a->time.text, b->time.text) == 0 && memcmp(&a->state, &b->state, sizeof a->state) == 0;
}

/* Behind damage, to the end, in one go or in two. */
static void
try_on(int fd, struct slice text, struct slice product, struct tally *tally, struct replay *whole)
{
    static struct replay_reader reader = { visit, damage, NULL, { 0 } };
    struct replay parts = { .product = product };
    struct tally of_parts = { 0 };
    struct fault why;
    uint64_t end;

    reader.context = tally;
    FUZZ_REQUIRE(replay_file(whole, &reader, fd, text.length, &why) == 0);
    FUZZ_REQUIRE(count_lines(text, &end) == whole->line && whole->offset == end);
    FUZZ_REQUIRE(tally->visits + tally->damages == whole->line && whole->uncertain == (tally->damages > 0));
    reader.context = &of_parts;
    FUZZ_REQUIRE(replay_file(&parts, &reader, fd, text.length / 2, &why) == 0);
    FUZZ_REQUIRE(parts.offset <= text.length / 2);
    FUZZ_REQUIRE(replay_file(&parts, &reader, fd, text.length, &why) == 0);
    FUZZ_REQUIRE(same_replay(whole, &parts) && tally->visits == of_parts.visits && tally->damages == of_parts.damages
                 && tally->first_damage == of_parts.first_damage);
}

static void
require_counted(const struct replay *replay, const struct tally *tally)
{
    const struct product *state = &replay->state;

    FUZZ_REQUIRE(!replay->uncertain && state->sequence == tally->visits);
    FUZZ_REQUIRE(state->added + state->returned == tally->in && state->removed + state->sold == tally->out
                 && state->refused == tally->refused && tally->in >= tally->out);
}

static void
try_journal(struct slice text, struct slice product)
{
    static struct replay_reader reader = { visit, NULL, NULL, { 0 } };
    static int fd = -1;
    struct replay whole = { .product = product }, first = { .product = product };
    struct tally tally = { 0 }, of_first = { 0 };
    struct fault why = { .text = "" };
    int result;

    fuzz_fill(&fd, text);
    try_on(fd, text, product, &tally, &whole);
    reader.context = &of_first;
    result = replay_file(&first, &reader, fd, text.length, &why);
    FUZZ_REQUIRE((result == 0) == (tally.damages == 0));
    if (result == 0) {
        FUZZ_REQUIRE(same_replay(&whole, &first));
        require_counted(&first, &of_first);
    } else {
        FUZZ_REQUIRE(first.line == tally.first_damage && of_first.visits == first.line - 1);
        FUZZ_REQUIRE(strcmp(why.text, tally.first.text) == 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct slice text = fuzz_slice(bytes, length), rest = text, line = SLICE("");
    struct arena arena = { 0 };
    struct buffer sealed = { 0 };
    struct topic_line told = { 0 };
    struct slice product = SLICE("85123A");

    if (fuzz_line(&rest, &line))
        told = topic_line_read(line, &arena);
    if (slice_equal(told.type, message_type_name(ORDER_CREATED)))
        product = SLICE("");
    else if (told.product.length > 0)
        product = told.product;
    try_journal(text, product);
    try_journal(fuzz_seal(text, false, &sealed), product);
    buffer_free(&sealed);
    arena_reset(&arena);
    return 0;
}

/* replay_view.c -- what evreplay may be asked for, and how each event is looked at. */
#include "domain/state.h"
#include "base/pool.h"
#include "service/replay_view.h"

enum { OPTION_AT = 256, OPTION_UNTIL, OPTION_EVENTS, OPTION_HISTORY, OPTION_VERIFY, OPTION_TABLE };

enum { JOBS_MAX = 256 };

static const struct cli_option options[] = {
    { OPTION_AT, "at", "SEQUENCE", "the state as it was after this event" },
    { OPTION_UNTIL, "until", "TIME", "the state as it was at this time (UTC, 2026-01-31T09:30:00Z)" },
    { OPTION_EVENTS, "events", NULL, "print the events themselves, unchanged" },
    { OPTION_HISTORY, "history", NULL, "print a state after each event" },
    { OPTION_VERIFY, "verify", NULL, "check form, sequence and sums; print a summary" },
    { OPTION_TABLE, "table", NULL, "print a table for people" },
    { 'j', "jobs", "N", "threads; by default one for each processor" },
    { 0 },
};

const struct cli_program replay_program = {
    .name = "evreplay",
    .usage = "[--at SEQUENCE] [--until TIME] [--table] [-j N] [-d DIR] [PRODUCT...]\n"
             "--events|--history [--at SEQUENCE] [--until TIME] [-d DIR] [PRODUCT...]\n"
             "--verify [-j N] [-d DIR] [PRODUCT...]\n"
             "[OPTION...] - < EVENTS",
    .purpose = "Replay journals, all of them if no product is named, and print a state for each.",
    .options = options,
};

static void
check_together(const struct cli *cli, const struct replay_wish *wish)
{
    if (wish->events + wish->history + wish->verify + wish->table > 1)
        cli_misuse(cli, "--events, --history, --verify and --table: one at a time");
    if (wish->verify && replay_point_needed(wish))
        cli_misuse(cli, "--verify: checks to the end, without --at and --until");
}

struct replay_wish
replay_options(struct cli *cli)
{
    struct replay_wish wish = { .jobs = pool_processors() };
    int letter;

    while ((letter = cli_next(cli)) != 0) {
        switch (letter) {
        case OPTION_AT: wish.at = cli_number(cli, "--at", cli->value, 1, SEQUENCE_MAX); break;
        case OPTION_UNTIL:
            if (!moment_read((struct slice){ cli->value, strlen(cli->value) }, &wish.until))
                cli_misuse(cli, "--until: %s: not a time like 2026-01-31T09:30:00Z", cli->value);
            break;
        case OPTION_EVENTS: wish.events = true; break;
        case OPTION_HISTORY: wish.history = true; break;
        case OPTION_VERIFY: wish.verify = true; break;
        case OPTION_TABLE: wish.table = true; break;
        case 'j': wish.jobs = (size_t)cli_number(cli, "--jobs", cli->value, 1, JOBS_MAX); break;
        }
    }
    check_together(cli, &wish);
    return wish;
}

bool
replay_point_needed(const struct replay_wish *wish)
{
    return wish->at > 0 || wish->until.text[0] != '\0';
}

bool
replay_includes(const struct replay_wish *wish, const struct message *event)
{
    if (wish->at > 0 && event->number > wish->at)
        return false;
    return wish->until.text[0] == '\0' || memcmp(event->time.at, wish->until.text, MOMENT_LENGTH) <= 0;
}

int
replay_point_visit(void *context, struct slice line, const struct message *event,
                   const struct history_state *state, struct fault *why)
{
    struct replay_point *point = context;

    (void)line;
    (void)why;
    if (replay_includes(point->wish, event))
        point->state = *state;
    return 0;
}

void
replay_print(const struct replay_wish *wish, struct slice product, struct slice line,
             const struct history_state *state)
{
    struct buffer text = { 0 };

    if (wish->events) {
        (void)fwrite(line.at, 1, line.length, stdout);
        (void)putchar('\n');
        return;
    }
    state_write(&text, product, &state->product, state->time.text);
    cli_print(&text);
    buffer_free(&text);
}

int
replay_line_visit(void *context, struct slice line, const struct message *event,
                  const struct history_state *state, struct fault *why)
{
    struct replay_point *point = context;

    (void)why;
    if (replay_includes(point->wish, event))
        replay_print(point->wish, point->product, line, state);
    return 0;
}

void
replay_warn_torn(const struct store *store, struct slice product, const struct history_end *end)
{
    if (end->torn > 0)
        (void)fprintf(stderr,
                      "evreplay: %s:%llu: the last line is not finished, %llu bytes are not part of the journal\n",
                      history_place(store, product), (unsigned long long)end->state.product.sequence + 1,
                      (unsigned long long)end->torn);
}

uint64_t
replay_tell_strangers(const struct buffer *strangers)
{
    uint64_t count = 0;

    for (size_t at = 0, end; at < strangers->length; at = end + 1, count++) {
        end = (size_t)((char *)memchr(strangers->at + at, '\n', strangers->length - at) - strangers->at);
        (void)fprintf(stderr, "evreplay: %.*s: not a journal's name\n", (int)(end - at), strangers->at + at);
    }
    return count;
}

size_t
replay_widest(const struct slice *products, size_t count)
{
    size_t width = sizeof "product" - 1;

    for (size_t i = 0; i < count; i++)
        width = products[i].length > width ? products[i].length : width;
    return width;
}

/* replay_view.c -- what evreplay may be asked for, and how each event is looked at. */
#include <sys/stat.h>

#include "domain/state.h"
#include "base/pool.h"
#include "base/text.h"
#include "service/cli_time.h"
#include "service/columns.h"
#include "service/replay_view.h"

enum { OPTION_AT = 256, OPTION_UNTIL, OPTION_EVENTS, OPTION_HISTORY, OPTION_VERIFY, OPTION_TABLE, OPTION_CSV, OPTION_PLOT, OPTION_SVG, OPTION_DIFF, OPTION_BISECT, OPTION_WITHOUT, OPTION_WITH };

enum { JOBS_MAX = 256 };

static const struct cli_option options[] = {
    { OPTION_AT, "at", "SEQUENCE", "the state as it was after this event" },
    { OPTION_UNTIL, "until", "TIME", "the state as it was at this time (2026-01-31T09:30:00Z, or yesterday, 2 hours ago)" },
    { OPTION_EVENTS, "events", NULL, "print the events themselves, unchanged" },
    { OPTION_HISTORY, "history", NULL, "print a state after each event" },
    { OPTION_VERIFY, "verify", NULL, "check form, sequence and sums; print a summary" },
    { OPTION_TABLE, "table", NULL, "print a table for people" },
    { OPTION_CSV, "csv", NULL, "print the states as CSV (RFC 4180)" },
    { OPTION_PLOT, "plot", NULL, "draw the stock over time, a line of text a product" },
    { OPTION_SVG, "svg", NULL, "the same as an SVG, of at most eight products" },
    { OPTION_DIFF, "diff", "POINT", "what changed since: a sequence, a time, or another store's directory" },
    { OPTION_BISECT, "bisect", "EXPRESSION", "the first event after which this is true, as 'available < 10'" },
    { OPTION_WITHOUT, "without", "UUID,...", "as if these requests had never been" },
    { OPTION_WITH, "with", "FILE", "as if these purchases and changes had followed (- for standard input)" },
    { 'j', "jobs", "N", "threads; by default one for each processor" },
    { 0 },
};

const struct cli_program replay_program = {
    .name = "evreplay",
    .usage = "[--at SEQUENCE] [--until TIME] [--table|--csv] [-j N] [-d DIR] [PRODUCT...]\n"
             "--events|--history [--csv] [--at SEQUENCE] [--until TIME] [-d DIR] [PRODUCT...]\n"
             "--plot|--svg [--at SEQUENCE] [--until TIME] [-d DIR] [PRODUCT...]\n"
             "--verify [-j N] [-d DIR] [PRODUCT...]\n"
             "--bisect EXPRESSION [--at SEQUENCE] [--until TIME] [--table] [-j N] [-d DIR] [PRODUCT...]\n"
             "--diff POINT [--at SEQUENCE] [--until TIME] [--table] [-j N] [-d DIR] [PRODUCT...]\n"
             "[--without UUID,...] [--with FILE] [OPTION...] [PRODUCT...]\n"
             "[OPTION...] - < EVENTS",
    .purpose = "Replay journals, all of them if no product is named, and print a state for each.",
    .options = options,
};

/* The options that say what is printed: one at a time. */
static const struct {
    int letter;
    enum replay_view view;
    bool point;                 /* goes with --at and --until, */
    bool table, csv;            /* --table, --csv, */
    bool input;                 /* events from standard input, */
    bool other;                 /* and --without and --with */
} views[] = {
    { 0, REPLAY_STATES, true, true, true, true, true },
    { OPTION_EVENTS, REPLAY_EVENTS, true, false, false, true, false },
    { OPTION_HISTORY, REPLAY_HISTORY, true, false, true, true, true },
    { OPTION_VERIFY, REPLAY_VERIFY, false, false, false, true, false },
    { OPTION_PLOT, REPLAY_PLOT, true, false, false, false, true },
    { OPTION_SVG, REPLAY_SVG, true, false, false, false, true },
    { OPTION_DIFF, REPLAY_DIFF, true, true, false, false, false },
    { OPTION_BISECT, REPLAY_BISECT, true, true, false, false, false },
};

static const char *
name_of(int letter)
{
    size_t i = 0;

    while (options[i].letter != letter)
        i++;
    return options[i].name;
}

static void
choose_view(const struct cli *cli, struct replay_wish *wish)
{
    for (size_t i = 0; i < sizeof views / sizeof views[0]; i++) {
        if (views[i].letter != cli->option->letter)
            continue;
        if (wish->view != REPLAY_STATES)
            cli_misuse(cli, "--%s: not with --%s", name_of(views[i].letter), name_of(views[wish->view].letter));
        wish->view = views[i].view;
    }
}

static void
check_together(const struct cli *cli, const struct replay_wish *wish)
{
    const char *name = wish->view == REPLAY_STATES ? "" : name_of(views[wish->view].letter);
    const bool input = cli->operand_count == 1 && strcmp(cli->operands[0], "-") == 0;
    const bool other = wish->without != NULL || wish->with != NULL;

    if (wish->form == REPLAY_TABLE && !views[wish->view].table)
        cli_misuse(cli, "--%s: not with --table", name);
    if (wish->form == REPLAY_CSV && !views[wish->view].csv)
        cli_misuse(cli, "--%s: not with --csv", name);
    if (replay_point_needed(wish) && !views[wish->view].point)
        cli_misuse(cli, "--%s: not with --at and --until", name);
    if (input && !views[wish->view].input)
        cli_misuse(cli, "--%s: not of events from standard input", name);
    if (!other)
        return;
    if (input)
        cli_misuse(cli, "--without and --with: not of events from standard input");
    if (!views[wish->view].other)
        cli_misuse(cli, "--%s: not with --without and --with", name);
}

/* A sequence, a time, or what can only be a directory. */
static void
read_diff(const struct cli *cli, struct replay_wish *wish)
{
    const char *text = cli->value;
    struct stat status;

    if (text[0] != '\0' && text[strspn(text, "0123456789")] == '\0')
        wish->diff_at = cli_number(cli, "--diff", text, 0, SEQUENCE_MAX);
    else if (strchr(text, '/') == NULL && cli_time_read(cli, text, &wish->diff_until))
        return;
    else if (strchr(text, '/') != NULL || (stat(text, &status) == 0 && S_ISDIR(status.st_mode)))
        wish->diff = text;
    else
        cli_misuse(cli, "--diff: %s: not a sequence, a time or a directory", text);
}

struct replay_wish
replay_options(struct cli *cli)
{
    struct replay_wish wish = { .jobs = pool_processors() };
    int letter;

    while ((letter = cli_next(cli)) != 0) {
        choose_view(cli, &wish);
        switch (letter) {
        case OPTION_AT: wish.at = cli_number(cli, "--at", cli->value, 1, SEQUENCE_MAX); break;
        case OPTION_UNTIL: wish.until = cli_time(cli, "--until", cli->value); break;
        case OPTION_BISECT:
            if (!condition_read((struct slice){ cli->value, strlen(cli->value) }, &wish.condition))
                cli_misuse(cli, "--bisect: %s: not an expression like 'available < 10'", cli->value);
            break;
        case OPTION_WITHOUT: wish.without = cli->value; break;
        case OPTION_WITH: wish.with = cli->value; break;
        case OPTION_DIFF: read_diff(cli, &wish); break;
        case OPTION_CSV:
        case OPTION_TABLE:
            if (wish.form != REPLAY_JSON)
                cli_misuse(cli, "--csv, --table: only one of them");
            wish.form = letter == OPTION_CSV ? REPLAY_CSV : REPLAY_TABLE;
            break;
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

struct replay_printer
replay_print_begin(const struct replay_wish *wish, const struct slice *products, size_t count)
{
    struct replay_printer printer = { .wish = wish };

    if (wish->form == REPLAY_TABLE) {
        printer.width = sizeof "product" - 1;
        for (size_t i = 0; i < count; i++) {
            const size_t width = columns_width(products[i]);

            printer.width = width > printer.width ? width : printer.width;
        }
        state_write_heading(&printer.text, printer.width);
    }
    if (wish->form == REPLAY_CSV)
        state_write_csv_heading(&printer.text);
    cli_print(&printer.text);
    return printer;
}

void
replay_print(struct replay_printer *printer, struct slice product, struct slice line,
             const struct history_state *state)
{
    struct buffer *text = &printer->text;

    text->length = 0;
    if (printer->wish->view == REPLAY_EVENTS) {
        buffer_slice(text, line);
        buffer_add(text, "\n", 1);
    } else if (printer->wish->form == REPLAY_TABLE) {
        state_write_row(text, product, &state->product, state->time.text,
                        product.length + printer->width - columns_width(product));
    } else if (printer->wish->form == REPLAY_CSV) {
        state_write_csv(text, product, &state->product, state->time.text);
    } else {
        state_write(text, product, &state->product, state->time.text);
    }
    cli_print(text);
}

void
replay_print_end(struct replay_printer *printer)
{
    buffer_free(&printer->text);
}

void
replay_warn_torn(const struct store *store, struct slice product, const struct history_end *end)
{
    struct fault warning;

    if (end->torn == 0)
        return;
    (void)fault_set(&warning, STATUS_DONE,
                    "%s:%llu: the last line is not finished, %llu bytes are not part of the journal",
                    history_place(store, product), (unsigned long long)end->state.product.sequence + 1,
                    (unsigned long long)end->torn);
    (void)cli_report("evreplay", &warning);
}

uint64_t
replay_tell_strangers(const struct buffer *strangers)
{
    struct buffer text = { 0 };
    uint64_t count = 0;

    for (size_t at = 0, end; at < strangers->length; at = end + 1, count++) {
        end = (size_t)((char *)memchr(strangers->at + at, '\n', strangers->length - at) - strangers->at);
        text.length = 0;
        buffer_text(&text, "evreplay: ");
        buffer_plain(&text, (struct slice){ strangers->at + at, end - at }, false);
        buffer_text(&text, ": not a journal's name\n");
        cli_say(&text);
    }
    buffer_free(&text);
    return count;
}

/* topic_dead.c -- evtopic dead, redrive: what was put aside, and sending it again. */
#include <locale.h>
#include <stdlib.h>

#include "base/spill.h"
#include "base/text.h"
#include "service/columns.h"
#include "service/topic_command.h"
#include "store/dead.h"
#include "store/redrive.h"

/* Who puts lines aside, and where they were from. */
static const struct {
    const char *command;
    enum message_type reads;    /* TYPE_OTHER: requests, which are no messages yet */
} readers[] = {
    { "evbuy", TYPE_OTHER },
    { "evtask", PURCHASE_REQUESTED },
    { "evcheck", STOCKCHECK_REQUESTED },
    { "evorder", STOCK_AVAILABLE },
    { "evfail", STOCK_UNAVAILABLE },
    { "evcreate", ORDER_REQUESTED },
    { "evstock", TYPE_OTHER },
    { "evtopic", TYPE_OTHER },      /* what a command of evtopic run did not take: its letters name their topics */
};

static enum message_type
type_read_by(const struct cli *cli, const char *command)
{
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (strcmp(readers[i].command, command) == 0)
            return readers[i].reads;
    cli_misuse(cli, "%s: not a command that puts lines aside", command);
}

static const char *
plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* -- dead --------------------------------------------------------------------- */

enum { WIDTH_MIN = 20, PIECE = 1024 * 1024 };

/*
 * A string as it stands in a letter, for people: as much of it as fits a line.  What
 * is not printed as it is keeps its escape.
 */
static void
print_text(const char *before, struct slice text, size_t width)
{
    const char *end = text.at + text.length;
    size_t columns = strlen(before), cut = 0;
    struct buffer out = { 0 };

    buffer_text(&out, before);
    for (const char *at = text.at; at < end && columns <= width;) {
        const size_t start = out.length;

        if (columns <= width - 3)
            cut = start;
        at += buffer_plain_character(&out, at, end, true);
        columns += columns_of(out.at + start, out.length - start);
    }
    if (columns > width) {
        out.length = cut;
        buffer_text(&out, "...");
    }
    buffer_text(&out, "\n");
    cli_print(&out);
    buffer_free(&out);
}

static void
print_letter(const struct letter_view *letter, bool redriven, size_t width)
{
    const bool torn = slice_equal(letter->kind, SLICE("torn"));
    struct buffer head = { 0 };

    buffer_slice(&head, letter->time);
    buffer_text(&head, " ");
    buffer_slice(&head, letter->command);
    buffer_text(&head, " ");
    buffer_plain(&head, letter->place, true);
    buffer_text(&head, torn ? " (torn)" : redriven ? " (redriven)" : "");
    buffer_text(&head, "\n");
    cli_print(&head);
    print_text("    ", letter->reason, width);
    print_text(letter->base64 ? "    base64: " : "    ", letter->text, width);
    buffer_free(&head);
}

/* The letter as it is. */
static int
print_line(struct dead_reader *reader, const struct dead_line *line, struct fault *why)
{
    struct buffer piece = { 0 };
    int result = 0;

    for (uint64_t at = 0; result == 0 && at < line->length && ferror(stdout) == 0; at += PIECE) {
        piece.length = 0;
        result = dead_part(reader, line, at, PIECE, &piece, why);
        cli_print(&piece);
    }
    (void)putchar('\n');
    buffer_free(&piece);
    return result;
}

/* All of a reader: how many lines are no letters. */
static int
print_letters(const struct topic_wish *wish, struct dead_reader *reader, uint64_t redriven, uint64_t *broken,
              struct fault *why)
{
    const size_t columns = cli_width(), width = (columns > WIDTH_MIN ? columns : WIDTH_MIN) - 1;
    struct letter_view letter;
    struct dead_line line;
    int got = 0;

    while (ferror(stdout) == 0 && (got = dead_next(reader, &line, why)) > 0) {
        if (dead_letter(reader, &line, &letter, why) != 0)
            return -1;
        if (!letter.whole)
            ++*broken;
        else if (!wish->json)
            print_letter(&letter, line.offset < redriven, width);
        else if (print_line(reader, &line, why) != 0)
            return -1;
    }
    return got;
}

/* Where it cannot be told which were redriven, that is reported, and none is said to be. */
static int
print_command(const struct topic_wish *wish, struct store *store, const char *command)
{
    struct dead_reader *reader = NULL;
    uint64_t redriven = 0, broken = 0;
    struct fault why;
    int status = STATUS_DONE;

    if (dead_redriven(store, command, &redriven, &why) != 0)
        status = cli_report("evtopic", &why);
    if (dead_open(&reader, store, command, 0, &why) != 0 || print_letters(wish, reader, redriven, &broken, &why) != 0)
        status = cli_report("evtopic", &why);
    if (broken > 0)
        (void)fprintf(stderr, "evtopic: dead/%s.ndjson: %llu line%s not a whole letter\n", command,
                      (unsigned long long)broken, broken == 1 ? " is" : "s are");
    dead_close(reader);
    return status;
}

int
topic_dead(const struct topic_wish *wish)
{
    struct dead_commands commands = { 0 };
    struct store *store;
    struct fault why;
    int status = STATUS_DONE;

    if (wish->operand_count > 0)
        (void)type_read_by(wish->cli, wish->operands[0]);
    (void)setlocale(LC_CTYPE, "");
    store = cli_store(wish->cli, STORE_LOOK);
    if (wish->operand_count > 0)
        status = print_command(wish, store, wish->operands[0]);
    else if (dead_commands(store, &commands, &why) != 0)
        status = cli_report("evtopic", &why);
    for (size_t i = 0; i < commands.count; i++) {
        int one = print_command(wish, store, commands.list[i]);

        status = one != STATUS_DONE ? one : status;
    }
    dead_commands_free(&commands);
    store_close(store);
    return cli_finish("evtopic", status);
}

/* -- redrive ------------------------------------------------------------------ */

static void
print_plan(const char *command, const struct redrive_plan *plan)
{
    for (size_t i = 0; i < plan->count; i++)
        (void)printf("%llu message%s from dead/%s.ndjson to @%s\n", (unsigned long long)plan->targets[i].letters,
                     plural(plan->targets[i].letters), command, plan->targets[i].topic);
    if (plan->count == 0 && plan->homeless == 0)
        (void)printf("0 messages from dead/%s.ndjson\n", command);
    if (plan->torn > 0)
        (void)printf("%llu cut-off end%s of journals in dead/%s.ndjson: never sent\n", (unsigned long long)plan->torn,
                     plural(plan->torn), command);
    if (plan->resumed)
        (void)printf("a redrive was cut off: some of these may be there already\n");
    (void)fflush(stdout);
}

/* What is left where it is, and should not be: the exit status. */
static int
report_left(const char *command, const struct redrive_plan *plan)
{
    if (plan->homeless > 0)
        (void)fprintf(stderr, "evtopic: dead/%s.ndjson: %llu line%s for no topic, so nothing is sent: "
                      "give what should be done again to %s\n", command, (unsigned long long)plan->homeless,
                      plan->homeless == 1 ? " is" : "s are", command);
    if (plan->broken > 0)
        (void)fprintf(stderr, "evtopic: dead/%s.ndjson: %llu line%s not a whole letter: never sent\n", command,
                      (unsigned long long)plan->broken, plan->broken == 1 ? " is" : "s are");
    return plan->homeless > 0 || plan->broken > 0 ? STATUS_DATA : STATUS_DONE;
}

int
topic_redrive(const struct topic_wish *wish)
{
    const char *command = wish->operands[0];
    enum message_type type = type_read_by(wish->cli, command);
    const struct redrive_setting setting = {
        .command = command,
        .topic = type != TYPE_OTHER ? message_type_name(type) : (struct slice){ "", 0 },
        .look = wish->dry_run,
    };
    struct store *store = cli_store_first(wish->cli, STORE_FOLLOW);
    struct redrive *redrive = NULL;
    uint64_t sent, found;
    struct fault why;
    int status;

    store_confine(store, spill_directory());
    if (redrive_open(&redrive, store, &setting, &why) != 0) {
        status = cli_report("evtopic", &why);
        goto done;
    }
    print_plan(command, redrive_plan(redrive));
    if (!wish->dry_run && redrive_send(redrive, &sent, &found, &why) != 0) {
        status = cli_report("evtopic", &why);
        goto done;
    }
    status = report_left(command, redrive_plan(redrive));
    if (!wish->dry_run && redrive_plan(redrive)->resumed)
        (void)printf("%llu sent now, %llu were there already\n", (unsigned long long)sent, (unsigned long long)found);
done:
    redrive_close(redrive);
    store_close(store);
    return cli_finish("evtopic", status);
}

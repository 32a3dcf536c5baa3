/* evtopic.c -- look at topics, and change them. */
#include <limits.h>

#include "base/text.h"
#include "service/topic_command.h"

enum {
    OPTION_LANE = 256, OPTION_FROM, OPTION_LAST, OPTION_JSON, OPTION_LAG, OPTION_DEAD, OPTION_OLDER, OPTION_SEGMENT,
    OPTION_BATCH, OPTION_TRIES, OPTION_BACK_OFF, OPTION_TIMEOUT, OPTION_DRAIN,
};

static const struct cli_option options[] = {
    { 'f', "follow", NULL, "cat: go on with what comes" },
    { 'n', "dry-run", NULL, "publish, seek, lanes, trim, redrive, run: only say what would be done" },
    { OPTION_JSON, "json", NULL, "list, lag, check, dead, trim: JSON, one object a line" },
    { OPTION_LANE, "lane", "N", "cat: this lane alone" },
    { OPTION_FROM, "from", "OFFSET|TIME", "cat: from this message on" },
    { OPTION_LAST, "last", "N", "cat: the last N messages" },
    { OPTION_LAG, "lag", "AGE", "check: no group may be further behind (like 60s, 5m, 2h, 1d)" },
    { OPTION_DEAD, "dead", "N", "check: no more dead letters than this" },
    { OPTION_OLDER, "older", "AGE", "trim: only what is older" },
    { OPTION_SEGMENT, "segment", "BYTES", "lanes: the size from which on a segment is full" },
    { 'g', "group", "GROUP", "run: the consumer group (required)" },
    { OPTION_BATCH, "batch", "N", "run: at most so many messages at once, by default 100" },
    { OPTION_TRIES, "tries", "N", "run: how often in all, by default 5" },
    { OPTION_BACK_OFF, "back-off", "SECONDS", "run: the first wait before the next try, by default 1" },
    { OPTION_TIMEOUT, "timeout", "SECONDS", "run: end a command that takes longer" },
    { OPTION_DRAIN, "drain", NULL, "run: until nothing is left" },
    { 0 },
};

static const struct cli_program program = {
    .name = "evtopic",
    .usage = "list [--json] [-d DIR]\n"
             "lag [--json] [-d DIR]\n"
             "check [--lag AGE] [--dead N] [--json] [-d DIR]\n"
             "cat [--lane N] [--from OFFSET|TIME | --last N] [-f] [-d DIR] TOPIC\n"
             "publish [-n] [-d DIR] TOPIC < LINES\n"
             "seek [-n] [-d DIR] GROUP TOPIC first|last|OFFSET|TIME\n"
             "lanes [-n] [--segment BYTES] [-d DIR] TOPIC N\n"
             "trim [-n] [--older AGE] [--json] [-d DIR] TOPIC\n"
             "dead [--json] [-d DIR] [COMMAND]\n"
             "redrive [-n] [-d DIR] COMMAND\n"
             "run -g GROUP [--batch N] [--tries N] [--back-off SECONDS] [--timeout SECONDS]"
             " [--drain] [-n] [-d DIR] TOPIC -- COMMAND [ARG...]",
    .purpose = "Look at the topics of a store, change them, and run commands on what is in them.",
    .options = options,
};

/* A subcommand, and which of the options it has. */
struct subcommand {
    const char *name;
    int least, most;            /* operands */
    int letters[8];
    int (*run)(const struct topic_wish *wish);
};

static const struct subcommand subcommands[] = {
    { "list", 0, 0, { OPTION_JSON }, topic_list },
    { "lag", 0, 0, { OPTION_JSON }, topic_lag },
    { "check", 0, 0, { OPTION_LAG, OPTION_DEAD, OPTION_JSON }, topic_check_lag },
    { "cat", 1, 1, { OPTION_LANE, OPTION_FROM, OPTION_LAST, 'f' }, topic_cat },
    { "publish", 1, 1, { 'n' }, topic_put },
    { "seek", 3, 3, { 'n' }, topic_seek },
    { "lanes", 2, 2, { 'n', OPTION_SEGMENT }, topic_lanes },
    { "trim", 1, 1, { 'n', OPTION_OLDER, OPTION_JSON }, topic_trim },
    { "dead", 0, 1, { OPTION_JSON }, topic_dead },
    { "redrive", 1, 1, { 'n' }, topic_redrive },
    { "run", 2, INT_MAX, { 'g', OPTION_BATCH, OPTION_TRIES, OPTION_BACK_OFF, OPTION_TIMEOUT, OPTION_DRAIN, 'n' },
      topic_run },
};

static bool
has_option(const struct subcommand *subcommand, int letter)
{
    for (size_t i = 0; i < sizeof subcommand->letters / sizeof subcommand->letters[0]; i++)
        if (subcommand->letters[i] == letter)
            return true;
    return false;
}

/* The subcommand that was asked for, with what it has. */
static const struct subcommand *
find_subcommand(const struct cli *cli)
{
    const size_t count = sizeof subcommands / sizeof subcommands[0];
    const struct subcommand *found = NULL;

    if (cli->operand_count == 0)
        cli_misuse(cli, "a subcommand is needed: list, lag, check, cat, publish, seek, lanes, trim, dead, redrive, run");
    for (size_t i = 0; i < count; i++)
        if (strcmp(subcommands[i].name, cli->operands[0]) == 0)
            found = &subcommands[i];
    if (found == NULL)
        cli_misuse(cli, "%s: no such subcommand", cli->operands[0]);
    for (size_t i = 0; options[i].name != NULL; i++)
        if (cli->given[i] && !has_option(found, options[i].letter))
            cli_misuse(cli, "%s: has no option --%s", found->name, options[i].name);
    if (cli->operand_count - 1 < found->least || cli->operand_count - 1 > found->most)
        cli_misuse(cli, "%s: the wrong number of operands", found->name);
    return found;
}

/* Of run alone. */
static void
take_run_option(const struct cli *cli, int letter, struct topic_wish *wish)
{
    switch (letter) {
    case 'g': wish->group = cli_group(cli, cli->value); break;
    case OPTION_BATCH: wish->batch = (int64_t)cli_number(cli, "--batch", cli->value, 1, TOPIC_BATCH_MAX); break;
    case OPTION_TRIES: wish->tries = (int64_t)cli_number(cli, "--tries", cli->value, 1, NUMBER_MAX); break;
    case OPTION_BACK_OFF: wish->back_off = cli_seconds(cli, "--back-off", cli->value); break;
    case OPTION_TIMEOUT: wish->timeout = cli_seconds(cli, "--timeout", cli->value); break;
    case OPTION_DRAIN: wish->drain = true; break;
    }
}

static void
take_option(const struct cli *cli, int letter, struct topic_wish *wish)
{
    switch (letter) {
    case 'f': wish->follow = true; break;
    case 'n': wish->dry_run = true; break;
    case OPTION_JSON: wish->json = true; break;
    case OPTION_FROM: wish->from = cli->value; break;
    case OPTION_LANE: wish->lane = (int64_t)cli_number(cli, "--lane", cli->value, 0, TOPIC_LANES_MAX - 1); break;
    case OPTION_LAST: wish->last = (int64_t)cli_number(cli, "--last", cli->value, 0, NUMBER_MAX); break;
    case OPTION_LAG: wish->lag = cli_age(cli, "--lag", cli->value); break;
    case OPTION_DEAD: wish->dead = (int64_t)cli_number(cli, "--dead", cli->value, 0, NUMBER_MAX); break;
    case OPTION_OLDER: wish->older = cli_age(cli, "--older", cli->value); break;
    case OPTION_SEGMENT:
        wish->segment = (int64_t)cli_number(cli, "--segment", cli->value, TOPIC_SEGMENT_MIN, NUMBER_MAX);
        break;
    default: take_run_option(cli, letter, wish);
    }
}

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&program, argc, argv);
    struct topic_wish wish = {
        .cli = &cli, .lane = -1, .last = -1, .lag = -1, .dead = -1, .older = -1, .segment = -1,
        .batch = -1, .tries = -1, .back_off = -1, .timeout = -1,
    };
    const struct subcommand *subcommand;
    int letter, status;

    while ((letter = cli_next(&cli)) != 0)
        take_option(&cli, letter, &wish);
    subcommand = find_subcommand(&cli);
    cli.dry = wish.dry_run;
    wish.operands = cli.operands + 1;
    wish.operand_count = cli.operand_count - 1;
    status = subcommand->run(&wish);
    cli_end(&cli);
    return status;
}

/* service_main.c -- the command line of the five services. */
#include "service/service.h"
#include "service/source.h"

enum { OPTION_DEAD = 256, OPTION_SERVE, OPTION_DRAIN, OPTION_RESULTS };

/* The first is for a service that refuses; one that keeps results has its own there. */
static const struct cli_option options[] = {
    { 'r', "refused", "DST", "where stock.unavailable goes instead of the output" },
    { 'i', "input", "SRC", "where messages come from: - (the default), a path or @TOPIC" },
    { 'o', "output", "DST", "where messages go: - (the default), a path or @TOPIC" },
    { 'n', "dry-run", NULL, "write what would be written to the output, and change nothing in the store" },
    { OPTION_SERVE, "serve", NULL, "read and publish the store's topics, until told to stop" },
    { OPTION_DRAIN, "drain", NULL, "the same, until nothing is left" },
    { 'g', "group", "GROUP", "the consumer group; by default the command's name" },
    { OPTION_DEAD, "dead", "DST", "where lines go that cannot be processed; by default into the store" },
    { 0 },
};

static const struct cli_option results_option = {
    OPTION_RESULTS, "results", "FORM", "files (the default), or packed: many results to a file",
};

/* Are results to be packed? */
static bool
take_results(const struct cli *cli)
{
    bool packed = strcmp(cli->value, "packed") == 0;

    if (!packed && strcmp(cli->value, "files") != 0)
        cli_misuse(cli, "--results: %s: neither files nor packed", cli->value);
    return packed;
}

static void
check_dry_output(const struct cli *cli, const char *option, const char *name)
{
    if (name != NULL && strcmp(name, "-") != 0)
        cli_misuse(cli, "--%s: %s: with --dry-run only - is written", option, name);
}

void
service_check_dry(const struct cli *cli, const struct service_ends *ends)
{
    if (!cli->dry)
        return;
    if (ends->mode != SERVICE_ONCE || (ends->input != NULL && source_is_topic(ends->input)))
        cli_misuse(cli, "--dry-run: reads no topic: try evtopic cat TOPIC | %s -n", cli->program->name);
    check_dry_output(cli, "output", ends->output);
    check_dry_output(cli, "refused", ends->refused);
    if (ends->dead != NULL)
        cli_misuse(cli, "--dead: with --dry-run nothing is kept");
}

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
    service_check_dry(cli, ends);
}

/* --serve or --drain, one of them. */
static enum service_mode
take_mode(const struct cli *cli, enum service_mode before, enum service_mode mode)
{
    if (before != SERVICE_ONCE)
        cli_misuse(cli, "--serve, --drain: only one of them");
    return mode;
}

/* Those of a service, in `all`, which has room for `options`. */
static const struct cli_option *
options_of(const struct service *service, bool refuses, struct cli_option *all)
{
    memcpy(all, options, sizeof options);
    if (service->keeps_results)
        all[0] = results_option;
    return refuses || service->keeps_results ? all : all + 1;
}

static const char *
usage_of(const struct service *service, bool refuses)
{
    if (service->keeps_results)
        return "[-i SRC] [-o DST] [--dead DST] [--results FORM] [-n | --serve | --drain] [-g GROUP] [-d DIR]";
    return refuses ? "[-i SRC] [-o DST] [-r DST] [--dead DST] [-n | --serve | --drain] [-g GROUP] [-d DIR]"
                   : "[-i SRC] [-o DST] [--dead DST] [-n | --serve | --drain] [-g GROUP] [-d DIR]";
}

int
service_main(const struct service *service, const char *purpose, enum store_use use, bool refuses,
             int argc, char *argv[])
{
    struct cli_option all[sizeof options / sizeof options[0]];
    struct cli_program program = {
        .name = service->name,
        .usage = usage_of(service, refuses),
        .purpose = purpose,
        .options = options_of(service, refuses, all),
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
        case 'n': cli.dry = true; break;
        case OPTION_SERVE: ends.mode = take_mode(&cli, ends.mode, SERVICE_SERVE); break;
        case OPTION_DRAIN: ends.mode = take_mode(&cli, ends.mode, SERVICE_DRAIN); break;
        case OPTION_RESULTS: cli.packed = take_results(&cli); break;
        case OPTION_DEAD: ends.dead = cli_end_name(&cli, cli.value); break;
        }
    }
    check_ends(&cli, &ends);
    status = service_run(service, &cli, use, &ends);
    cli_end(&cli);
    return status;
}

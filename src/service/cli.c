/* cli.c -- options, help and the frame of every command. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/json.h"
#include "service/cli.h"

static const struct cli_option common[] = {
    { 'd', "store", "DIR", "the store; by default $EV_STORE, or ./evstore" },
    { 'h', "help", NULL, "print this and exit" },
    { 'V', "version", NULL, "print the version and exit" },
    { 0 },
};

void
cli_misuse(const struct cli *cli, const char *format, ...)
{
    char text[FAULT_TEXT];
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fault_plain(text);
    (void)fprintf(stderr, "%s: %s", cli->program->name, text);
    (void)fprintf(stderr, "\nTry '%s --help'.\n", cli->program->name);
    exit(STATUS_USAGE);
}

int
cli_report(const char *name, const struct fault *why)
{
    (void)fprintf(stderr, "%s: %s\n", name, why->text);
    return (int)why->status;
}

void
cli_add_report(struct buffer *out, const char *name, const char *source, uint64_t line, const char *why)
{
    char plain[FAULT_TEXT], number[sizeof ":18446744073709551615: "];

    (void)snprintf(plain, sizeof plain, "%s", source);
    fault_plain(plain);
    (void)snprintf(number, sizeof number, ":%llu: ", (unsigned long long)line);
    buffer_text(out, name);
    buffer_text(out, ": ");
    buffer_text(out, plain);
    buffer_text(out, number);
    buffer_text(out, why);
    buffer_text(out, "\n");
}

void
cli_say(struct buffer *reports)
{
    const char *at = reports->at;
    size_t left = reports->length;

    while (left > 0) {
        size_t length = (size_t)((const char *)memchr(at, '\n', left) - at) + 1;

        (void)fwrite(at, 1, length, stderr);
        at += length;
        left -= length;
    }
    reports->length = 0;
}

void
cli_report_line(const char *name, const char *source, uint64_t line, const char *why)
{
    struct buffer text = { 0 };

    cli_add_report(&text, name, source, line, why);
    cli_say(&text);
    buffer_free(&text);
}

/*
 * Nothing we open may become standard input, output or error by accident: one
 * that is closed is opened so that using it fails.
 */
static void
fill_descriptors(void)
{
    int fd;

    for (fd = 0; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0)
            continue;
        (void)open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);      /* the lowest free one is fd */
    }
}

static void
default_sigpipe(void)
{
    sigset_t set;

    (void)signal(SIGPIPE, SIG_DFL);
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGPIPE);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static size_t
add_options(struct cli *cli, const struct cli_option *options, size_t count)
{
    for (; options->name != NULL; options++)
        cli->all[count++] = options;
    return count;
}

struct cli
cli_begin(const struct cli_program *program, int argc, char *argv[])
{
    struct cli cli = { .program = program, .argc = argc, .argv = argv };
    const char *store = getenv("EV_STORE");

    fill_descriptors();
    default_sigpipe();
    json_begin();
    (void)add_options(&cli, common, add_options(&cli, program->options, 0));
    cli.operands = memory_zeroed((size_t)argc + 1, sizeof *cli.operands);
    cli.store = store != NULL && store[0] != '\0' ? store : "./evstore";
    return cli;
}

/* Not before the first option that is no call for help. */
static void
read_clock(struct cli *cli)
{
    const char *now = getenv("EV_NOW");

    if (now == NULL || now[0] == '\0')
        return;
    if (!moment_valid((struct slice){ now, strlen(now) }))
        cli_misuse(cli, "EV_NOW: %s: not a time like 2026-01-31T09:30:00.123456Z", now);
    cli->clock.fixed = true;
    memcpy(cli->clock.now.text, now, MOMENT_LENGTH + 1);
}

static void
print_options(const struct cli *cli)
{
    for (size_t i = 0; cli->all[i] != NULL; i++) {
        const struct cli_option *option = cli->all[i];
        char letter[5] = "    ", name[64];

        if (option->letter < 256)
            (void)snprintf(letter, sizeof letter, "-%c, ", option->letter);
        (void)snprintf(name, sizeof name, "%s%s%s", option->name, option->argument != NULL ? " " : "",
                       option->argument != NULL ? option->argument : "");
        (void)printf("  %s--%-20s %s\n", letter, name, option->help);
    }
}

static void
print_help(const struct cli *cli)
{
    const char *line = cli->program->usage;
    const char *before = "usage:";

    while (*line != '\0') {
        int length = (int)strcspn(line, "\n");

        (void)printf("%-6s %s%s%.*s\n", before, cli->program->name, length > 0 ? " " : "", length, line);
        before = "";
        line += length + (line[length] == '\n');
    }
    (void)printf("\n%s\n\n", cli->program->purpose);
    print_options(cli);
}

/* getopt_long(3) tables; a leading - makes it hand out operands in their place. */
static void
make_tables(const struct cli *cli, char *letters, struct option *longs)
{
    *letters++ = '-';
    *letters++ = ':';
    for (size_t i = 0; cli->all[i] != NULL; i++) {
        const struct cli_option *option = cli->all[i];

        longs[i] = (struct option){ option->name, option->argument != NULL, NULL, option->letter };
        if (option->letter > 255)
            continue;
        *letters++ = (char)option->letter;
        if (option->argument != NULL)
            *letters++ = ':';
    }
    *letters = '\0';
}

static void
take_option(struct cli *cli, int letter, const char *word)
{
    size_t i = 0;

    while (cli->all[i]->letter != letter)
        i++;
    cli->option = cli->all[i];
    if (word != NULL && strcspn(word + 2, "=") != strlen(cli->option->name))
        cli_misuse(cli, "%s: no such option (they are not abbreviated)", word);
    if (cli->given[i])
        cli_misuse(cli, "--%s: given twice", cli->option->name);
    cli->given[i] = true;
}

static void
refuse_option(const struct cli *cli, int letter, const char *word)
{
    char text[3] = { '-', (char)optopt, '\0' };
    const char *name = word != NULL ? word : text;

    if (letter == ':')
        cli_misuse(cli, "%s: needs a value", name);
    if (word != NULL && optopt != 0)
        cli_misuse(cli, "%s: takes no value", name);
    cli_misuse(cli, "%s: no such option", name);
}

static int
common_option(struct cli *cli, int letter)
{
    switch (letter) {
    case 'd':
        if (cli->value[0] == '\0')
            cli_misuse(cli, "--store: empty");
        cli->store = cli->value;
        return 1;
    case 'h':
        print_help(cli);
        exit(cli_finish(cli->program->name, STATUS_DONE));
    case 'V':
        (void)printf("%s (eventdemo) %s\n", cli->program->name, VERSION);
        exit(cli_finish(cli->program->name, STATUS_DONE));
    default:
        return 0;
    }
}

int
cli_next(struct cli *cli)
{
    char letters[2 * CLI_OPTIONS_MAX + 3];
    struct option longs[CLI_OPTIONS_MAX] = { 0 };

    make_tables(cli, letters, longs);
    opterr = 0;
    for (;;) {
        const char *word = optind < cli->argc ? cli->argv[optind] : NULL;
        int letter;

        if (word != NULL && strncmp(word, "--", 2) != 0)
            word = NULL;
        letter = getopt_long(cli->argc, cli->argv, letters, longs, NULL);
        if (letter == -1)
            break;
        cli->value = optarg;
        if (letter == 1) {
            cli->operands[cli->operand_count++] = optarg;
            continue;
        }
        if (letter == '?' || letter == ':')
            refuse_option(cli, letter, word);
        take_option(cli, letter, word);
        if (common_option(cli, letter))
            continue;
        read_clock(cli);
        return letter;
    }
    read_clock(cli);
    cli->operands_before = cli->operand_count;
    while (optind < cli->argc)
        cli->operands[cli->operand_count++] = cli->argv[optind++];
    return 0;
}

struct store *
cli_store(const struct cli *cli, enum store_use use)
{
    struct store *store = cli_store_first(cli, use);

    store_confine(store, NULL);
    return store;
}

struct store *
cli_store_first(const struct cli *cli, enum store_use use)
{
    struct store_setting setting = { cli->store, cli->program->name, cli->clock, use, cli->packed, cli->dry };
    struct store *store;
    struct fault why;

    if (store_open(&store, &setting, &why) != 0)
        exit(cli_report(cli->program->name, &why));
    return store;
}

void
cli_print(const struct buffer *text)
{
    if (text->length > 0)
        (void)fwrite(text->at, 1, text->length, stdout);
}

void
cli_end(struct cli *cli)
{
    free(cli->operands);
    arena_reset(&cli->kept);
}

int
cli_finish(const char *name, int status)
{
    struct fault why;
    struct stat output;

    if (ferror(stdout) != 0 || fflush(stdout) != 0
        || (fstat(STDOUT_FILENO, &output) == 0 && S_ISREG(output.st_mode) && fsync(STDOUT_FILENO) != 0)) {
        (void)fault_system(&why, STATUS_IO, "standard output");
        return cli_report(name, &why);
    }
    return status;
}

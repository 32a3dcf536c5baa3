/* evwatch.c -- what is going on in a store, on one screen. */
#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include "service/cli.h"
#include "service/watch_sheet.h"
#include "watch/screen.h"

enum { INTERVAL = 1000, INTERVAL_LEAST = 100, INTERVAL_MOST = 86400 * 1000 };

enum { OPTION_PRODUCT = 256, OPTION_REQUEST, OPTION_ONCE };

static const struct cli_option options[] = {
    { 'i', "interval", "SECONDS", "look so often; by default every second" },
    { OPTION_PRODUCT, "product", "PRODUCT", "begin with the messages of a product only" },
    { OPTION_REQUEST, "request", "UUID", "begin with the messages of a request only" },
    { OPTION_ONCE, "once", NULL, "look once and print that as text" },
    { 0 },
};

static const struct cli_program program = {
    .name = "evwatch",
    .usage = "[-i SECONDS] [--product PRODUCT] [--request UUID] [--once] [-d DIR]",
    .purpose = "Watch a store: topics, stock, messages and what became of them.",
    .options = options,
};

struct wish {
    int64_t interval;           /* milliseconds */
    struct watch_filter filter;
    bool once;
};

static int64_t
interval(const struct cli *cli)
{
    const int64_t milliseconds = cli_seconds(cli, "--interval", cli->value);

    if (milliseconds < INTERVAL_LEAST || milliseconds > INTERVAL_MOST)
        cli_misuse(cli, "--interval: %s: not from 0.1 to 86400 seconds", cli->value);
    return milliseconds;
}

static struct wish
read_options(struct cli *cli)
{
    struct wish wish = { .interval = INTERVAL };
    struct slice value;
    int letter;

    while ((letter = cli_next(cli)) != 0) {
        switch (letter) {
        case 'i': wish.interval = interval(cli); break;
        case OPTION_ONCE: wish.once = true; break;
        case OPTION_PRODUCT:
            value = cli_product(cli, cli->value);
            memcpy(wish.filter.product, value.at, value.length);
            break;
        case OPTION_REQUEST:
            value = cli_request(cli, cli->value);
            memcpy(wish.filter.request, value.at, value.length);
            break;
        }
    }
    if (cli->operand_count > 0)
        cli_misuse(cli, "%s: no operands are taken", cli->operands[0]);
    if (!wish.once && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)))
        cli_misuse(cli, "standard input and output: not a terminal; --once prints to anything");
    return wish;
}

static void
report(void *context, const struct fault *why)
{
    int *status = context;
    const int told = cli_report(program.name, why);

    if (*status != STATUS_IO)           /* which says more than damage does */
        *status = told;
}

static int
look_once(const struct cli *cli, const struct wish *wish)
{
    int status = STATUS_DONE;
    struct watch watch = {
        .store = cli_store(cli, STORE_LOOK), .filter = wish->filter, .tell = report, .context = &status,
    };
    struct watch_layout layout = { .store = cli->store, .chosen = WATCH_NO_MESSAGE };
    struct sheet sheet = { 0 };
    struct buffer out = { 0 };

    watch_look(&watch);
    sheet_clear(&sheet, cli_width());
    watch_sheet(&watch, &layout, &sheet);
    sheet_print(&sheet, &out);
    cli_print(&out);
    buffer_free(&out);
    sheet_free(&sheet);
    watch_free(&watch);
    store_close(watch.store);
    return status;
}

/* End as the signal ends who does not wait for it. */
static void
die_by(int number)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, number);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
    (void)sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int
look_on(const struct cli *cli, const struct wish *wish)
{
    struct screen_setting setting = {
        .store = cli_store_first(cli, STORE_LOOK), .name = cli->store, .filter = wish->filter,
        .interval = wish->interval, .colours = cli_colours(),
    };
    struct fault why;
    int status = STATUS_DONE, number;

    number = screen_run(&setting, &why);
    if (number < 0)
        status = cli_report(program.name, &why);
    store_close(setting.store);
    if (number > 0)
        die_by(number);
    return status;
}

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&program, argc, argv);
    struct wish wish = read_options(&cli);
    int status;

    (void)setlocale(LC_CTYPE, "");
    status = wish.once ? look_once(&cli, &wish) : look_on(&cli, &wish);
    cli_end(&cli);
    return cli_finish(program.name, status);
}

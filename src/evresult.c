/* evresult.c -- the outcome of requests, now or when it comes. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "service/answers.h"
#include "store/result.h"

/* Print each result as it comes, as long as somebody reads. */
static int
follow(const struct cli *cli)
{
    struct store *store = cli_store(cli, STORE_LOOK);
    struct result_follow *results;
    struct buffer lines = { 0 };
    struct fault why;
    int more, status;

    if (result_follow(store, STDOUT_FILENO, &results, &why) != 0)
        (void)cli_report("evresult", &why);
    do {
        lines.length = 0;
        more = result_follow_next(results, &lines, &why);
        cli_print(&lines);
    } while (fflush(stdout) == 0 && more > 0);
    if (more == 0)
        (void)raise(SIGPIPE);
    status = more < 0 ? cli_report("evresult", &why) : STATUS_DONE;
    status = cli_finish("evresult", status);
    result_unfollow(results);
    store_close(store);
    buffer_free(&lines);
    return status;
}

/* Print the results of the operands. */
static int
answer(struct cli *cli, int64_t wait)
{
    size_t count = (size_t)cli->operand_count;
    struct slice *requests = memory_zeroed(count, sizeof *requests);
    struct store *store;
    int status;

    for (size_t i = 0; i < count; i++)
        requests[i] = cli_request(cli, cli->operands[i]);
    store = cli_store(cli, STORE_LOOK);
    status = cli_finish("evresult", answers_print("evresult", store, requests, count, wait));
    store_close(store);
    free(requests);
    return status;
}

enum { OPTION_FOLLOW = 256 };

static const struct cli_option options[] = {
    { 'w', "wait", "SECONDS", "wait so long for results that are missing (decimals allowed)" },
    { OPTION_FOLLOW, "follow", NULL, "print every result from now on" },
    { 0 },
};

static const struct cli_program program = {
    .name = "evresult",
    .usage = "[-w SECONDS] [-d DIR] UUID...\n--follow [-d DIR]",
    .purpose = "Print the outcome of requests, one a line.",
    .options = options,
};

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&program, argc, argv);
    bool every = false, waits = false;
    int64_t wait = 0;
    int letter, status;

    while ((letter = cli_next(&cli)) != 0) {
        switch (letter) {
        case 'w': wait = cli_seconds(&cli, "--wait", cli.value); waits = true; break;
        case OPTION_FOLLOW: every = true; break;
        }
    }
    if (every && (waits || cli.operand_count > 0))
        cli_misuse(&cli, "--follow: neither with a UUID nor with --wait");
    if (!every && cli.operand_count == 0)
        cli_misuse(&cli, "a UUID is needed");
    status = every ? follow(&cli) : answer(&cli, wait);
    cli_end(&cli);
    return status;
}

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
    status = cli_finish("evresult", answers_print("evresult", store, requests, count, wait, NULL));
    store_close(store);
    free(requests);
    return status;
}

/* What is to be told when nothing is locked any more: lines, and the status of the last. */
struct reports {
    struct buffer lines;
    int status;
};

static void
gather(void *context, const struct fault *why)
{
    struct reports *reports = context;

    buffer_text(&reports->lines, "evresult: ");
    buffer_text(&reports->lines, why->text);
    buffer_text(&reports->lines, "\n");
    reports->status = (int)why->status;
}

/* What is to be done with the results that are there. */
struct tidy_wish {
    bool pack, expire, dry_run;
    int64_t age;                /* milliseconds */
};

static void
say(const struct tidy_wish *wish, const char *done, const char *would, uint64_t count)
{
    (void)printf("%s %llu result%s\n", wish->dry_run ? would : done, (unsigned long long)count, count == 1 ? "" : "s");
}

/* What happened before this is old. */
static struct moment
moment_of_age(const struct store *store, int64_t age)
{
    const struct moment now = store_now(store);
    const int64_t then = moment_microseconds(now.text) - age * 1000;

    return moment_from(then > 0 ? then : 0);
}

static int
expire(struct store *store, const struct tidy_wish *wish, const struct tidy_setting *setting, struct fault *why)
{
    uint64_t count;

    if (result_expire(store, setting, &count, why) != 0)
        return -1;
    say(wish, "forgot", "would forget", count);
    return 0;
}

static int
pack(struct store *store, const struct tidy_wish *wish, const struct tidy_setting *setting, struct fault *why)
{
    uint64_t count;

    if (result_pack(store, setting, &count, why) != 0)
        return -1;
    say(wish, "packed", "would pack", count);
    return 0;
}

static int
tidy(const struct cli *cli, const struct tidy_wish *wish)
{
    struct store *store = cli_store(cli, STORE_CHANGE);
    const struct moment before = moment_of_age(store, wish->age);
    struct reports reports = { .status = STATUS_DONE };
    struct tidy_setting setting = {
        .before = wish->expire ? &before : NULL, .dry_run = wish->dry_run, .tell = gather, .context = &reports,
    };
    struct fault why;
    int result = wish->expire ? expire(store, wish, &setting, &why) : 0;

    if (!wish->dry_run)
        setting.before = NULL;          /* they are gone; what comes anew is new */
    if (result == 0 && wish->pack)
        result = pack(store, wish, &setting, &why);
    store_close(store);
    cli_say(&reports.lines);
    buffer_free(&reports.lines);
    return cli_finish("evresult", result != 0 ? cli_report("evresult", &why) : reports.status);
}

enum { OPTION_FOLLOW = 256, OPTION_PACK, OPTION_EXPIRE };

static const struct cli_option options[] = {
    { 'w', "wait", "SECONDS", "wait so long for results that are missing (decimals allowed)" },
    { OPTION_FOLLOW, "follow", NULL, "print every result from now on" },
    { OPTION_PACK, "pack", NULL, "put results that are files of their own into packs" },
    { OPTION_EXPIRE, "expire", "AGE", "forget results older than so many seconds, or 90m, 12h, 30d" },
    { 'n', "dry-run", NULL, "with --pack or --expire: only say what would be done" },
    { 0 },
};

static const struct cli_program program = {
    .name = "evresult",
    .usage = "[-w SECONDS] [-d DIR] UUID...\n--follow [-d DIR]\n[--pack] [--expire AGE] [-n] [-d DIR]",
    .purpose = "Print the outcome of requests, one a line; or tidy up what there is of them.",
    .options = options,
};

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&program, argc, argv);
    bool every = false, waits = false, tidies;
    struct tidy_wish wish = { .age = 0 };
    int64_t wait = 0;
    int letter, status;

    while ((letter = cli_next(&cli)) != 0) {
        switch (letter) {
        case 'w': wait = cli_seconds(&cli, "--wait", cli.value); waits = true; break;
        case 'n': wish.dry_run = cli.dry = true; break;
        case OPTION_FOLLOW: every = true; break;
        case OPTION_PACK: wish.pack = true; break;
        case OPTION_EXPIRE: wish.age = cli_age(&cli, "--expire", cli.value); wish.expire = true; break;
        }
    }
    tidies = wish.pack || wish.expire;
    if (every && (waits || cli.operand_count > 0))
        cli_misuse(&cli, "--follow: neither with a UUID nor with --wait");
    if (tidies && (every || waits || cli.operand_count > 0))
        cli_misuse(&cli, "--pack, --expire: not with a UUID, --wait or --follow");
    if (wish.dry_run && !tidies)
        cli_misuse(&cli, "--dry-run: only with --pack or --expire");
    if (!every && !tidies && cli.operand_count == 0)
        cli_misuse(&cli, "a UUID is needed");
    status = tidies ? tidy(&cli, &wish) : every ? follow(&cli) : answer(&cli, wait);
    cli_end(&cli);
    return status;
}

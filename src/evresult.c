/* evresult.c -- the outcome of requests, now or when it comes. */
#include <stdlib.h>
#include <time.h>

#include "base/text.h"
#include "service/cli.h"
#include "store/result.h"

/* What was asked for and what came of it. */
struct questions {
    struct slice *requests;
    struct buffer *answers;     /* empty: none yet */
    size_t count;
    size_t missing;
    bool failed;
};

static int64_t
milliseconds_now(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Look once for each result that is missing. */
static int
look(struct store *store, struct questions *questions, struct fault *why)
{
    questions->missing = 0;
    for (size_t i = 0; i < questions->count; i++) {
        struct buffer *answer = &questions->answers[i];
        struct arena arena = { 0 };
        struct result result;

        if (answer->length > 0)
            continue;
        if (result_get(store, questions->requests[i], answer, why) < 0)
            return -1;
        if (answer->length > 0
            && result_read((struct slice){ answer->at, answer->length - 1 }, &arena, &result, why) != 0)
            answer->length = 0;         /* not whole: as good as none */
        else if (answer->length > 0)
            questions->failed |= !result.created;
        questions->missing += answer->length == 0;
        arena_reset(&arena);
    }
    return 0;
}

/* Look again each time something may have come, until the time is up. */
static int
look_until(struct store *store, struct questions *questions, int64_t wait, struct fault *why)
{
    int64_t end = milliseconds_now() + wait;
    struct result_watch *watch = NULL;
    int result;

    if (wait > 0 && result_watch(store, &watch, why) != 0)
        (void)cli_report("evresult", why);
    result = look(store, questions, why);
    while (result == 0 && questions->missing > 0) {
        int64_t left = end - milliseconds_now();

        if (left <= 0 || watch == NULL)
            break;
        result = result_wait(watch, left < 60000 ? (int)left : 60000, why) < 0 ? -1 : 0;
        if (result == 0)
            result = look(store, questions, why);
    }
    result_unwatch(watch);
    return result;
}

static int
print(const struct questions *questions)
{
    for (size_t i = 0; i < questions->count; i++)
        cli_print(&questions->answers[i]);
    if (questions->missing > 0)
        return STATUS_NOT_YET;
    return questions->failed ? STATUS_NO : STATUS_DONE;
}

static void
forget(struct questions *questions)
{
    for (size_t i = 0; i < questions->count; i++)
        buffer_free(&questions->answers[i]);
    free(questions->answers);
    free(questions->requests);
}

static const struct cli_option options[] = {
    { 'w', "wait", "SECONDS", "wait so long for results that are missing (decimals allowed)" },
    { 0 },
};

static const struct cli_program program = {
    .name = "evresult",
    .usage = "[-w SECONDS] [-d DIR] UUID...",
    .purpose = "Print the outcome of requests, one a line.",
    .options = options,
};

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&program, argc, argv);
    struct questions questions = { 0 };
    struct store *store;
    struct fault why;
    int64_t wait = 0;
    int status;

    while (cli_next(&cli) != 0)
        wait = cli_seconds(&cli, "--wait", cli.value);
    if (cli.operand_count == 0)
        cli_misuse(&cli, "a UUID is needed");
    questions.count = (size_t)cli.operand_count;
    questions.requests = memory_zeroed(questions.count, sizeof *questions.requests);
    questions.answers = memory_zeroed(questions.count, sizeof *questions.answers);
    for (size_t i = 0; i < questions.count; i++)
        questions.requests[i] = cli_request(&cli, cli.operands[i]);
    store = cli_store(&cli, STORE_LOOK);
    if (look_until(store, &questions, wait, &why) != 0)
        status = cli_report(program.name, &why);
    else
        status = cli_finish(program.name, print(&questions));
    store_close(store);
    forget(&questions);
    cli_end(&cli);
    return status;
}

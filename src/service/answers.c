/* answers.c -- ask for the results of requests, now or when they come. */
#include <stdlib.h>

#include "base/text.h"
#include "service/answers.h"
#include "store/result.h"

/* What was asked for and what came of it. */
struct questions {
    const struct slice *requests;
    struct buffer *answers;     /* empty: none yet */
    size_t count;
    size_t missing;
    bool failed;
    const struct message *purchase;     /* or NULL */
    bool mistaken;              /* another has the UUID: */
    struct fault other;
};

/* Is it a result of the purchase that was asked for? */
static void
compare(struct questions *questions, const struct result *result)
{
    const struct message *wanted = questions->purchase;

    if (wanted == NULL || (slice_equal(result->product, wanted->product) && result->quantity == wanted->quantity))
        return;
    questions->mistaken = true;
    (void)fault_set(&questions->other, STATUS_DATA, "%.*s: means another purchase (%llu of %.*s)", UUID_LENGTH,
                    result->request.at, (unsigned long long)result->quantity, (int)result->product.length,
                    result->product.at);
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
        int found = 1;

        if (answer->length == 0) {
            found = result_get(store, questions->requests[i], answer, &arena, &result, why);
            questions->failed |= found > 0 && !result.created;
            if (found > 0)
                compare(questions, &result);
        }
        arena_reset(&arena);
        if (found < 0)
            return -1;
        questions->missing += found == 0;
    }
    return 0;
}

/* Look again each time something may have come, until the time is up. */
static int
look_until(struct store *store, struct questions *questions, int64_t wait, const char *command, struct fault *why)
{
    int64_t end = steady_milliseconds() + wait;
    struct result_watch *watch = NULL;
    int result;

    if (wait > 0 && result_watch(store, &watch, why) != 0)
        (void)cli_report(command, why);
    result = look(store, questions, why);
    while (result == 0 && questions->missing > 0) {
        int64_t left = end - steady_milliseconds();

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
print(const struct questions *questions, const char *command)
{
    for (size_t i = 0; i < questions->count; i++)
        cli_print(&questions->answers[i]);
    if (questions->missing > 0)
        return STATUS_NOT_YET;
    if (questions->mistaken) {
        (void)fflush(stdout);
        return cli_report(command, &questions->other);
    }
    return questions->failed ? STATUS_NO : STATUS_DONE;
}

static void
forget(struct questions *questions)
{
    for (size_t i = 0; i < questions->count; i++)
        buffer_free(&questions->answers[i]);
    free(questions->answers);
}

int
answers_print(const char *command, struct store *store, const struct slice *requests, size_t count, int64_t wait,
              const struct message *purchase)
{
    struct questions questions = { .requests = requests, .count = count, .purchase = purchase };
    struct fault why;
    int status;

    questions.answers = memory_zeroed(count, sizeof *questions.answers);
    if (look_until(store, &questions, wait, command, &why) != 0)
        status = cli_report(command, &why);
    else
        status = print(&questions, command);
    forget(&questions);
    return status;
}

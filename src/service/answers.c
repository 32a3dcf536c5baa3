/* answers.c -- ask for the results of requests, now or when they come. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "service/answers.h"
#include "store/result.h"

/* What was asked for and what came of it. */
struct questions {
    const char *command;
    const struct slice *requests;
    struct buffer *answers;     /* empty: none yet */
    size_t count;
    size_t missing;
    bool failed;
    int broken;                 /* the exit status of those that could not be read, */
    struct fault told;          /* and what was said of the last */
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

/* One cannot be read; what is wrong with all is said once. */
static void
tell(struct questions *questions, const struct fault *why)
{
    if (strcmp(questions->told.text, why->text) != 0)
        (void)cli_report(questions->command, why);
    questions->told = *why;
    questions->broken = fault_worse(questions->broken, (int)why->status);
}

/* Look once for each result that is missing. */
static void
look(struct store *store, struct questions *questions)
{
    struct fault why;

    questions->missing = 0;
    for (size_t i = 0; i < questions->count; i++) {
        struct buffer *answer = &questions->answers[i];
        struct arena arena = { 0 };
        struct result result;
        int found = 1;

        if (answer->length == 0) {
            found = result_get(store, questions->requests[i], answer, &arena, &result, &why);
            questions->failed |= found > 0 && !result.created;
            if (found > 0)
                compare(questions, &result);
        }
        arena_reset(&arena);
        if (found < 0)
            tell(questions, &why);
        questions->missing += found == 0;
    }
}

/* Look again each time something may have come, until the time is up or one cannot be read. */
static void
look_until(struct store *store, struct questions *questions, int64_t wait)
{
    int64_t end = steady_milliseconds() + wait;
    struct result_watch *watch = NULL;
    struct fault why;

    if (wait > 0 && result_watch(store, &watch, &why) != 0)
        (void)cli_report(questions->command, &why);
    look(store, questions);
    while (questions->broken == STATUS_DONE && questions->missing > 0) {
        int64_t left = end - steady_milliseconds();

        if (left <= 0 || watch == NULL)
            break;
        if (result_wait(watch, left < 60000 ? (int)left : 60000, &why) < 0)
            tell(questions, &why);
        else
            look(store, questions);
    }
    result_unwatch(watch);
}

/* What there is, whatever happened to others. */
static int
print(const struct questions *questions)
{
    for (size_t i = 0; i < questions->count; i++)
        cli_print(&questions->answers[i]);
    if (questions->broken != STATUS_DONE)
        return questions->broken;
    if (questions->missing > 0)
        return STATUS_NOT_YET;
    if (questions->mistaken) {
        (void)fflush(stdout);
        return cli_report(questions->command, &questions->other);
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
    struct questions questions = { .command = command, .requests = requests, .count = count, .purchase = purchase };
    int status;

    questions.answers = memory_zeroed(count, sizeof *questions.answers);
    look_until(store, &questions, wait);
    status = print(&questions);
    forget(&questions);
    return status;
}

/*
 * audit_file.c -- the order of things in an audit, and what is told.
 *
 * Violations are gathered and told at the end, sorted: threads find them in any order, and
 * what was read from an earlier audit's mark on counts for nothing when it turns out
 * that everything has to be read.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "base/text.h"
#include "domain/result.h"
#include "store/file/audit_mark.h"

void
audit_tell(struct buffer *told, enum promise promise, const char *format, ...)
{
    char text[FAULT_TEXT];
    va_list arguments;
    char digit = (char)('0' + promise);

    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fault_plain(text);
    buffer_add(told, &digit, 1);
    buffer_text(told, text);
    buffer_add(told, "\n", 1);
}

void
audit_fail(struct audit *audit, const struct fault *why)
{
    (void)pthread_mutex_lock(&audit->lock);
    if (!audit->failed)
        audit->why = *why;
    audit->failed = true;
    (void)pthread_mutex_unlock(&audit->lock);
}

struct purchase *
audit_purchase(struct audit *audit, const struct request *request)
{
    size_t count = audit->requests.count;
    size_t number = requests_number(&audit->requests, request);

    if (number == count) {
        audit->purchases = memory_room(audit->purchases, count, &audit->room, sizeof *audit->purchases);
        audit->purchases[number] = (struct purchase){ .sale_stream = NO_STREAM, .refusal_stream = NO_STREAM };
    }
    return &audit->purchases[number];
}

uint64_t
audit_result_of(const struct message *event, struct buffer *line)
{
    char order[UUID_LENGTH + 1];
    const struct result result = result_of(event, order);

    line->length = 0;
    result_write(line, &result);
    return XXH3_64bits(line->at, line->length);
}

/* -- telling ----------------------------------------------------------------- */

struct lines {
    char **list;                /* each a digit and a text */
    size_t count, room;
};

static void
gather(struct lines *lines, const struct buffer *told)
{
    char *at = told->at, *end = at + told->length;

    while (at < end) {
        char *newline = memchr(at, '\n', (size_t)(end - at));

        *newline = '\0';
        lines->list = memory_room(lines->list, lines->count, &lines->room, sizeof *lines->list);
        lines->list[lines->count++] = at;
        at = newline + 1;
    }
}

/* By file, then by line, 9 before 10. */
static int
by_place(const void *a, const void *b)
{
    return strverscmp(*(char *const *)a + 1, *(char *const *)b + 1);
}

static void
tell_everything(struct audit *audit)
{
    struct lines lines = { .list = NULL };

    gather(&lines, &audit->witness);
    gather(&lines, &audit->told);
    for (size_t i = 0; i < PACK_COUNT; i++)
        gather(&lines, &audit->packs[i].told);
    gather(&lines, &audit->orders.told);
    for (size_t i = 0; i < audit->products.count; i++)
        gather(&lines, &audit->streams[i].told);
    if (lines.count > 1)
        qsort(lines.list, lines.count, sizeof *lines.list, by_place);
    for (size_t i = 0; i < lines.count; i++) {
        enum promise promise = (enum promise)(lines.list[i][0] - '0');

        audit->counts.broken[promise]++;
        audit->setting.violation(audit->setting.context, promise, lines.list[i] + 1);
    }
    free(lines.list);
}

/* -- running ----------------------------------------------------------------- */

static void
forget(struct audit *audit)
{
    requests_free(&audit->requests);
    free(audit->purchases);
    for (size_t i = 0; i < PACK_COUNT; i++)
        buffer_free(&audit->packs[i].told);
    for (size_t i = 0; audit->streams != NULL && i < audit->products.count; i++)
        buffer_free(&audit->streams[i].told);
    free(audit->streams);
    buffer_free(&audit->orders.told);
    buffer_free(&audit->told);
    buffer_free(&audit->witness);
    free(audit->stock);
    mark_free_lanes(audit->lanes, audit->lane_count);
    history_products_free(&audit->products);
    free(audit->offsets);
}

static int
read_store(struct audit *audit, struct fault *why)
{
    if (audit_results(audit, why) != 0 || audit_orders(audit, why) != 0 || audit_streams(audit, why) != 0)
        return -1;
    audit_judge(audit);
    mark_count(audit);
    return audit_topics(audit, why);
}

/* From the mark on; or all of it, when that is not enough. */
static int
read_new(struct audit *audit, struct fault *why)
{
    struct audit fresh = { .store = audit->store, .setting = audit->setting, .lock = PTHREAD_MUTEX_INITIALIZER };

    if (audit->setting.mark != NULL && mark_load(audit, why) != 0)
        return -1;
    if (read_store(audit, why) != 0)
        return -1;
    if (!audit->again)
        return 0;
    mark_free(audit);
    fresh.witness = audit->witness;
    audit->witness = (struct buffer){ 0 };
    forget(audit);
    *audit = fresh;
    return read_store(audit, why);
}

int
audit_run(struct audit **out, struct store *store, const struct audit_setting *setting, struct fault *why)
{
    struct audit *audit = memory_zeroed(1, sizeof *audit);

    *audit = (struct audit){ .store = store, .setting = *setting, .lock = PTHREAD_MUTEX_INITIALIZER };
    if (read_new(audit, why) != 0) {
        if (why->status == STATUS_CANNOT_CREATE)        /* as who would write sees a file that cannot be opened */
            why->status = STATUS_IO;
        audit_free(audit);
        return -1;
    }
    tell_everything(audit);
    *out = audit;
    return 0;
}

const struct audit_counts *
audit_counted(const struct audit *audit)
{
    return &audit->counts;
}

void
audit_free(struct audit *audit)
{
    if (audit == NULL)
        return;
    mark_free(audit);
    forget(audit);
    free(audit);
}

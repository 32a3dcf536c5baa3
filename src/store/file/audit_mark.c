/* audit_mark.c -- read a mark, and look things up in it. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cursor.h"
#include "base/text.h"
#include "store/file/audit_mark.h"

static const char beginning[] = "{\"mark\":\"eventdemo ";

/* -- lines ------------------------------------------------------------------- */

static bool
take_hex(struct cursor *cursor, uint64_t *out)
{
    struct slice digits;

    return cursor_take(cursor, 16, &digits) && text_hex(digits.at, out) && CURSOR_LITERAL(cursor, "\"");
}

bool
mark_take_name(struct cursor *cursor, char *name, size_t room)
{
    struct slice text;

    if (!cursor_string(cursor, &text) || text.length >= room)
        return false;
    memcpy(name, text.at, text.length);
    name[text.length] = '\0';
    return true;
}

static bool
take_first(struct cursor *cursor, struct mark *mark)
{
    struct slice time;

    return CURSOR_LITERAL(cursor, "1\",\"time\":\"") && cursor_take(cursor, MOMENT_LENGTH, &time)
        && CURSOR_LITERAL(cursor, "\"") && MARK_NUMBER(cursor, "requests", &mark->requests)
        && MARK_NUMBER(cursor, "sold", &mark->sold) && MARK_NUMBER(cursor, "refused", &mark->refused)
        && MARK_NUMBER(cursor, "back", &mark->taken_back) && MARK_NUMBER(cursor, "results", &mark->results);
}

static bool
take_file(struct cursor *cursor, struct mark *mark)
{
    struct mark_file file = { .name = "" };
    struct replay *from = &file.marked.from;
    struct slice time;

    if (!mark_take_name(cursor, file.name, sizeof file.name) || !MARK_NUMBER(cursor, "bytes", &from->offset)
        || !MARK_NUMBER(cursor, "line", &from->line) || !CURSOR_LITERAL(cursor, ",\"chain\":\"")
        || !take_hex(cursor, &from->chain) || !CURSOR_LITERAL(cursor, ",\"time\":\"")
        || !cursor_string(cursor, &time) || (time.length != 0 && time.length != MOMENT_LENGTH)
        || !MARK_NUMBER(cursor, "sequence", &from->state.sequence) || !MARK_NUMBER(cursor, "added", &from->state.added)
        || !MARK_NUMBER(cursor, "removed", &from->state.removed) || !MARK_NUMBER(cursor, "sold", &from->state.sold)
        || !MARK_NUMBER(cursor, "returned", &from->state.returned) || !MARK_NUMBER(cursor, "refused", &from->state.refused)
        || !MARK_NUMBER(cursor, "seen_bytes", &file.marked.seen_bytes)
        || !MARK_NUMBER(cursor, "seen_line", &file.marked.seen_line) || !CURSOR_LITERAL(cursor, ",\"seen_chain\":\"")
        || !take_hex(cursor, &file.marked.seen_chain))
        return false;
    if (time.length > 0)
        memcpy(from->time.text, time.at, time.length);
    mark->files = memory_room(mark->files, mark->file_count, &mark->file_room, sizeof *mark->files);
    mark->files[mark->file_count++] = file;
    return true;
}

static bool
take_keys(struct cursor *cursor, struct mark *mark)
{
    uint64_t key;

    while (cursor->end - cursor->at >= 16 && text_hex(cursor->at, &key)) {
        mark->keys = memory_room(mark->keys, mark->key_count, &mark->key_room, sizeof *mark->keys);
        mark->keys[mark->key_count++] = key;
        cursor->at += 16;
    }
    return CURSOR_LITERAL(cursor, "\"");
}

/* *ended: the line says that the mark is complete. */
static bool
take_line(struct slice line, uint64_t number, struct mark *mark, bool *ended)
{
    struct cursor cursor = { line.at, line.at + line.length };
    uint64_t count = 0;

    if (number == 1)
        return cursor_literal(&cursor, beginning, sizeof beginning - 1) && take_first(&cursor, mark);
    if (CURSOR_LITERAL(&cursor, "{\"file\":\""))
        return take_file(&cursor, mark);
    if (CURSOR_LITERAL(&cursor, "{\"lane\":\""))
        return mark_take_lane(&cursor, mark);
    if (CURSOR_LITERAL(&cursor, "{\"settled\":\""))
        return take_keys(&cursor, mark);
    *ended = true;
    return CURSOR_LITERAL(&cursor, "{\"end\":") && cursor_number(&cursor, &count) && count == number;
}

/* The number of the first line that is wrong, or 0. */
static uint64_t
take_lines(struct slice text, struct mark *mark)
{
    const char *at = text.at, *end = text.at + text.length, *newline;
    uint64_t number = 0, chain = 0;
    bool ended = false;

    while (!ended && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        struct slice line = { at, (size_t)(newline - at) };

        number++;
        if (!event_check_sum(line, &chain) || !take_line(line, number, mark, &ended))
            return number;
        at = newline + 1;
    }
    return ended && at == end ? 0 : number + 1;
}

/* -- looking things up --------------------------------------------------------- */

int
mark_by_number(const void *a, const void *b)
{
    const uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;

    return (first > second) - (first < second);
}

/* Files and lanes begin with their names. */
int
mark_by_name(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void
sort(void *list, size_t count, size_t size, int (*compare)(const void *, const void *))
{
    if (count > 1)
        qsort(list, count, size, compare);
}

bool
mark_settled(const struct mark *mark, const struct request *request)
{
    uint64_t key = request_key(request);

    return mark != NULL && mark->key_count > 0
        && bsearch(&key, mark->keys, mark->key_count, sizeof key, mark_by_number) != NULL;
}

struct marked
mark_of(const struct mark *mark, const char *name)
{
    const struct mark_file *file = mark == NULL || mark->file_count == 0
        ? NULL : bsearch(name, mark->files, mark->file_count, sizeof *file, mark_by_name);

    return file != NULL ? file->marked : (struct marked){ .seen_line = 0 };
}

void
mark_count(struct audit *audit)
{
    if (audit->mark == NULL)
        return;
    audit->counts.requests += audit->mark->requests;
    audit->counts.sold += audit->mark->sold;
    audit->counts.refused += audit->mark->refused;
    audit->counts.taken_back += audit->mark->taken_back;
    audit->counts.results += audit->mark->results;
}

void
mark_stock(struct audit *audit, const struct request *request)
{
    if (audit->setting.mark == NULL)
        return;
    audit->stock = memory_room(audit->stock, audit->stock_count, &audit->stock_room, sizeof *audit->stock);
    audit->stock[audit->stock_count++] = *request;
}

void
mark_missing(struct audit *audit)
{
    const struct history_products *products = &audit->products;

    for (size_t i = 0; audit->mark != NULL && i < audit->mark->file_count; i++) {
        const struct mark_file *file = &audit->mark->files[i];
        char id[PRODUCT_MAX];
        struct slice product = { id, 0 };

        if (strncmp(file->name, "journal/", 8) != 0 || !name_to_product(file->name + 8, id, &product.length)
            || (products->count > 0
                && bsearch(&product, products->products, products->count, sizeof product, slice_order) != NULL))
            continue;
        audit_tell(&audit->witness, PROMISE_DURABLE,
                   "%s:%llu: was there when the mark was made: the file is missing",
                   store_path(audit->store, file->name), (unsigned long long)file->marked.seen_line);
        audit->again = true;
    }
}

/* -- loading ------------------------------------------------------------------ */

static void
free_mark(struct mark *mark)
{
    if (mark == NULL)
        return;
    free(mark->keys);
    free(mark->files);
    mark_free_lanes(mark->lanes, mark->lane_count);
    free(mark);
}

void
mark_free(struct audit *audit)
{
    free_mark(audit->mark);
    audit->mark = NULL;
}

/* A new mark is begun where there is none; a file of somebody else is not written over. */
static int
understand(struct audit *audit, struct slice text, struct fault *why)
{
    struct mark *mark = memory_zeroed(1, sizeof *mark);
    uint64_t wrong;
    char note[FAULT_TEXT];

    if (text.length < sizeof beginning - 1 || memcmp(text.at, beginning, sizeof beginning - 1) != 0) {
        free_mark(mark);
        return fault_set(why, STATUS_DATA, "%s: not a mark that evaudit made", audit->setting.mark);
    }
    wrong = take_lines(text, mark);
    if (wrong > 0) {
        (void)snprintf(note, sizeof note, "%s:%llu: damaged, so everything is read", audit->setting.mark,
                       (unsigned long long)wrong);
        audit->setting.tell(audit->setting.context, note);
        free_mark(mark);
        return 0;
    }
    sort(mark->keys, mark->key_count, sizeof *mark->keys, mark_by_number);
    sort(mark->files, mark->file_count, sizeof *mark->files, mark_by_name);
    sort(mark->lanes, mark->lane_count, sizeof *mark->lanes, mark_by_name);
    audit->mark = mark;
    return 0;
}

int
mark_load(struct audit *audit, struct fault *why)
{
    const char *path = audit->setting.mark;
    const int fd = audit->setting.mark_file;
    struct buffer text = { 0 };
    struct stat status;
    ssize_t got = 0;

    if (fd < 0)
        return 0;
    if (fstat(fd, &status) != 0)
        return fault_system(why, STATUS_IO, "%s", path);
    if (!S_ISREG(status.st_mode))
        return fault_set(why, STATUS_DATA, "%s: not a regular file", path);
    if (status.st_size > 0)
        got = io_pread(fd, buffer_reserve(&text, (size_t)status.st_size), (size_t)status.st_size, 0);
    if (got < 0)
        (void)fault_system(why, STATUS_IO, "%s: cannot read", path);
    else if (got > 0)
        got = understand(audit, (struct slice){ text.at, (size_t)got }, why);
    buffer_free(&text);
    return (int)got;
}

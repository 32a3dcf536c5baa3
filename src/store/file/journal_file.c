/*
 * journal_file.c -- streams as files: open, catch up, find, append.
 *
 * What is known of a stream (its replay and index) is as of `end` bytes of its
 * file, and grows by reading what was appended since.  A reader without the
 * lock may have read lines that a failed sync then cut back; so a line that
 * does not fit to what is known makes us read once more from the start, and
 * only what is wrong then is damage.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "store/file/store_file.h"

static struct journal *
new_journal(struct store *store, const char *name, struct slice product)
{
    struct journal *journal = memory_zeroed(1, sizeof *journal + product.length);
    char *copy = (char *)(journal + 1);

    journal->store = store;
    journal->fd = -1;
    journal->name = memory_new(strlen(name) + 1);
    memcpy(journal->name, name, strlen(name) + 1);
    if (product.length > 0)
        memcpy(copy, product.at, product.length);
    journal->replay.product = (struct slice){ copy, product.length };
    return journal;
}

static void
unlink_open(struct journal *journal)
{
    struct store *store = journal->store;

    *(journal->newer != NULL ? &journal->newer->older : &store->newest) = journal->older;
    *(journal->older != NULL ? &journal->older->newer : &store->oldest) = journal->newer;
    journal->newer = journal->older = NULL;
}

static void
link_open(struct journal *journal)
{
    struct store *store = journal->store;

    journal->older = store->newest;
    *(store->newest != NULL ? &store->newest->newer : &store->oldest) = journal;
    store->newest = journal;
}

static void
close_file(struct journal *journal)
{
    if (journal->fd < 0)
        return;
    unlink_open(journal);
    journal->store->open_count--;
    io_close(&journal->fd);
}

void
journal_free(struct journal *journal)
{
    if (journal == NULL)
        return;
    close_file(journal);
    index_clear(&journal->index);
    buffer_free(&journal->pending);
    free(journal->name);
    free(journal);
}

static void
grow_buckets(struct store *store)
{
    size_t count = store->bucket_count * 2;
    struct journal **buckets = memory_zeroed(count, sizeof(struct journal *));

    for (size_t i = 0; i < store->bucket_count; i++) {
        while (store->buckets[i] != NULL) {
            struct journal *journal = store->buckets[i];
            struct slice product = journal->replay.product;
            size_t at = XXH3_64bits(product.at, product.length) & (count - 1);

            store->buckets[i] = journal->next;
            journal->next = buckets[at];
            buckets[at] = journal;
        }
    }
    free(store->buckets);
    store->buckets = buckets;
    store->bucket_count = count;
}

struct journal *
journal_of(struct store *store, struct slice product)
{
    uint64_t hash = XXH3_64bits(product.at, product.length);
    struct journal *journal = store->buckets[hash & (store->bucket_count - 1)];
    char name[NAME_MAX_BYTES];

    while (journal != NULL && !slice_equal(journal->replay.product, product))
        journal = journal->next;
    if (journal != NULL)
        return journal;
    if (++store->journal_count > store->bucket_count)
        grow_buckets(store);
    name_of_product(product, name);
    journal = new_journal(store, name, product);
    journal->next = store->buckets[hash & (store->bucket_count - 1)];
    store->buckets[hash & (store->bucket_count - 1)] = journal;
    return journal;
}

struct journal *
journal_of_orders(struct store *store)
{
    if (store->orders == NULL)
        store->orders = new_journal(store, "orders.ndjson", (struct slice){ "", 0 });
    return store->orders;
}

/* Keep within the open files we may have: close those used longest ago. */
static void
make_room(struct store *store)
{
    struct journal *journal = store->oldest;

    while (journal != NULL && store->open_count >= store->open_max) {
        struct journal *newer = journal->newer;

        if (!journal->held && !journal->in_batch)
            close_file(journal);
        journal = newer;
    }
}

void
journal_yield(struct store *store, size_t files)
{
    enum { LEAST = 8 };

    store->open_max = store->open_max > files + LEAST ? store->open_max - files : LEAST;
    make_room(store);
}

int
journal_open(struct journal *journal, bool create, struct fault *why)
{
    struct store *store = journal->store;
    int access = store->setting.use == STORE_APPEND ? O_RDWR | O_APPEND : O_RDONLY;
    struct stat status;
    int result;

    if (journal->fd >= 0) {
        unlink_open(journal);
        link_open(journal);
        return 1;
    }
    if (create && store_make(store, why) != 0)
        return -1;
    make_room(store);
    journal->fd = store_open_file(store, journal->name, access);
    if (journal->fd < 0 && errno == ENOENT && create)
        journal->fd = store_open_file(store, journal->name, access | O_CREAT);
    if (journal->fd < 0)
        return errno == ENOENT ? 0 : store_open_fault(store, journal->name, why);
    store->open_count++;
    link_open(journal);
    result = fstat(journal->fd, &status);
    if (result == 0 && !S_ISREG(status.st_mode)) {
        errno = ENXIO;
        result = -1;
    }
    if (result != 0) {
        (void)store_open_fault(store, journal->name, why);
        close_file(journal);
        return -1;
    }
    store->made_file = store->made_file || (create && status.st_size == 0);
    return 1;
}

static int
remember(void *context, const struct replay *replay, struct slice line, const struct message *event,
         struct fault *why)
{
    struct journal *journal = context;

    (void)line;
    (void)why;
    index_add(&journal->index, event->request, event->type, replay->offset);
    return 0;
}

static void
forget(struct journal *journal)
{
    struct slice product = journal->replay.product;

    index_clear(&journal->index);
    journal->replay = (struct replay){ .product = product };
    journal->end = 0;
}

static int
read_on(struct journal *journal, uint64_t size, struct fault *why)
{
    struct replay_reader *reader = &journal->store->reader;
    int result;

    reader->visit = remember;
    reader->context = journal;
    result = replay_file(&journal->replay, reader, journal->fd, size, why);
    journal->end = journal->replay.offset;
    return result;
}

/* Damage, once seen, stays until the file changes. */
static int
damage(struct journal *journal, struct timespec seen, struct fault *why)
{
    if (why->status == STATUS_DATA) {
        (void)fault_at(why, "%s:%llu", store_path(journal->store, journal->name),
                       (unsigned long long)journal->replay.line);
        journal->damaged = true;
        journal->seen = seen;
        journal->fault = *why;
    } else {
        (void)fault_at(why, "%s", store_path(journal->store, journal->name));
    }
    forget(journal);
    return -1;
}

/* What is there now is as it was when damage was found in it. */
static bool
still_damaged(const struct journal *journal, const struct stat *status)
{
    return journal->damaged && journal->seen.tv_sec == status->st_mtim.tv_sec
        && journal->seen.tv_nsec == status->st_mtim.tv_nsec;
}

int
journal_refresh(struct journal *journal, struct fault *why)
{
    struct stat status;
    uint64_t size;
    int there = journal_open(journal, false, why);

    if (there <= 0)
        return there;
    if (fstat(journal->fd, &status) != 0)
        return fault_system(why, STATUS_IO, "%s", store_path(journal->store, journal->name));
    size = (uint64_t)status.st_size;
    if (still_damaged(journal, &status)) {
        *why = journal->fault;
        return -1;
    }
    journal->damaged = false;
    if (size == journal->end)
        return 0;
    if (size < journal->end)
        forget(journal);
    if (read_on(journal, size, why) == 0)
        return 0;
    if (why->status == STATUS_DATA) {
        forget(journal);
        if (read_on(journal, size, why) == 0)
            return 0;
    }
    return damage(journal, status.st_mtim, why);
}

int
journal_catch_up(struct journal *journal, struct fault *why)
{
    if (!journal->held)
        return journal_refresh(journal, why);
    if (!journal->damaged)
        return 0;
    *why = journal->fault;
    return -1;
}

const struct product *
journal_state(const struct journal *journal)
{
    return &journal->replay.state;
}

/* As much as is there from an offset of the file, at most `most` bytes. */
static int
read_from(struct journal *journal, uint64_t offset, size_t most, struct slice *bytes)
{
    struct buffer *buffer = &journal->store->line;
    ssize_t got;

    buffer->length = 0;
    got = io_pread(journal->fd, buffer_reserve(buffer, most), most, (off_t)offset);
    *bytes = (struct slice){ buffer->at, got > 0 ? (size_t)got : 0 };
    return got < 0 ? -1 : 0;
}

/* The line at an offset, without its newline, from the file or from what is pending. */
static int
line_at(struct journal *journal, uint64_t offset, struct slice *line, struct fault *why)
{
    enum { USUAL = 1024 };
    const char *newline = NULL;

    if (offset >= journal->end) {
        *line = (struct slice){ journal->pending.at + (offset - journal->end),
                                journal->pending.length - (size_t)(offset - journal->end) };
        newline = memchr(line->at, '\n', line->length);
    }
    for (size_t most = USUAL; newline == NULL && most <= LINE_MAX_BYTES; most *= LINE_MAX_BYTES / USUAL) {
        if (read_from(journal, offset, most, line) != 0)
            return fault_system(why, STATUS_IO, "%s", store_path(journal->store, journal->name));
        newline = line->length > 0 ? memchr(line->at, '\n', line->length) : NULL;
    }
    if (newline == NULL)
        return fault_set(why, STATUS_IO, "%s: changed while it was read", store_path(journal->store, journal->name));
    line->length = (size_t)(newline - line->at);
    return 0;
}

int
journal_find(struct journal *journal, struct slice request, unsigned types, struct message *event,
             struct fault *why)
{
    struct store *store = journal->store;
    struct index_hit hit;
    struct slice line = { 0 };
    size_t step = 0;

    while (index_next(&journal->index, request, &step, &hit)) {
        if ((TYPE_BIT(hit.type) & types) == 0)
            continue;
        if (hit.offset < journal->end && journal_open(journal, false, why) <= 0)
            return fault_set(why, STATUS_IO, "%s: gone", store_path(store, journal->name));
        if (line_at(journal, hit.offset, &line, why) != 0)
            return -1;
        arena_reset(&store->arena);
        if (message_read(line, FORM_EVENT, TYPE_BIT(hit.type), &store->arena, event, why) != 0)
            return fault_at(why, "%s", store_path(store, journal->name));
        store->found = line;
        if (slice_equal(event->request, request))
            return 1;
    }
    return 0;
}

static int
append_line(struct journal *journal, struct message *event, struct fault *why)
{
    struct replay *replay = &journal->replay;
    uint64_t chain = replay->chain;
    size_t start = journal->pending.length;

    event_write(&journal->pending, event, journal->store->setting.command, &chain);
    if (journal->pending.length - start > LINE_MAX_BYTES) {
        journal->pending.length = start;
        return fault_set(why, STATUS_DATA, "reason: too long for the event that keeps it");
    }
    index_add(&journal->index, event->request, event->type, journal->end + start);
    (void)replay_fold(replay, event);
    replay->chain = chain;
    journal->last = start;
    return 0;
}

struct slice
journal_found_line(const struct journal *journal)
{
    return journal->store->found;
}

int
journal_append(struct journal *journal, struct message *event, struct fault *why)
{
    struct replay *replay = &journal->replay;

    if (replay->state.sequence >= SEQUENCE_MAX)
        return fault_set(why, STATUS_CANNOT_CREATE, "%s: the journal is full",
                         store_path(journal->store, journal->name));
    if (replay_allows(replay, event) != REFUSAL_NONE)
        return fault_set(why, STATUS_NO, "the events so far do not allow it");
    if (replay->time.text[0] == '\0' || memcmp(event->time.at, replay->time.text, MOMENT_LENGTH) > 0)
        memcpy(replay->time.text, event->time.at, MOMENT_LENGTH);
    event->time = (struct slice){ replay->time.text, MOMENT_LENGTH };
    event->number = replay->state.sequence + 1;
    return append_line(journal, event, why);
}

struct slice
journal_last_line(const struct journal *journal)
{
    return (struct slice){ journal->pending.at + journal->last, journal->pending.length - journal->last };
}

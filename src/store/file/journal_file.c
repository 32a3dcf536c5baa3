/*
 * journal_file.c -- streams as files: open, catch up, find, append.
 *
 * What is known of a stream (its replay and index) is as of `end` bytes of its
 * file, and grows by reading what was appended since.  A reader without the
 * lock may have read lines that a failed sync then cut back; so a line that
 * does not fit to what is known makes us read once more from the start, and
 * only what is wrong then is damage.  A file that another was put in the place
 * of, or that was removed, is known no more: what is there counts.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/file/store_file.h"

enum { READ_BYTES = 64 * 1024 * 1024 };

void
journal_free(struct journal *journal)
{
    if (journal == NULL)
        return;
    journal_close(journal);
    places_forget(&journal->places);
    journal_count(journal);
    journal_set_damage(journal, NULL);
    buffer_free(&journal->pending);
    free(journal->name);
    free(journal);
}

static void
forget(struct journal *journal)
{
    struct slice product = journal->replay.product;

    places_forget(&journal->places);
    journal->replay = (struct replay){ .product = product };
    journal->end = 0;
    journal->index_partial = false;
    journal->text_length = 0;
}

/* Of a long stream the index goes into files on the way, so that it is never all in memory. */
static int
read_on(struct journal *journal, uint64_t size, struct fault *why)
{
    struct replay_reader *reader = &journal->store->reader;
    const uint64_t from = journal->end;
    uint64_t stop, most = READ_BYTES;
    int result;

    reader->visit = journal_index_visit;
    reader->context = &journal->places.recent;
    do {
        stop = size - journal->end > most ? journal->end + most : size;
        result = replay_file(&journal->replay, reader, journal->fd, stop, why);
        most = journal->replay.offset > journal->end ? READ_BYTES : 2 * most;       /* no newline so far */
        journal->end = journal->replay.offset;
        if (result == 0 && stop < size)
            journal_index_keep(journal);
    } while (result == 0 && stop < size);
    if (result == 0)
        journal_keep_text(journal, from, size);
    return result;
}

/* Damage, once seen, stays until the file changes. */
static int
damage(struct journal *journal, struct timespec seen, struct fault *why)
{
    if (why->status == STATUS_DATA) {
        (void)fault_at(why, "%s:%llu", store_path(journal->store, journal->name),
                       (unsigned long long)journal->replay.line);
        journal_set_damage(journal, why);
        journal->seen = seen;
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
    return journal->damage != NULL && journal->seen.tv_sec == status->st_mtim.tv_sec
        && journal->seen.tv_nsec == status->st_mtim.tv_nsec;
}

static int
refresh(struct journal *journal, struct fault *why)
{
    struct stat status;
    uint64_t size;
    int there = journal_open(journal, false, why), result;

    if (there <= 0)
        return there;
    if (fstat(journal->fd, &status) != 0)
        return fault_system(why, STATUS_IO, "%s", store_path(journal->store, journal->name));
    if (!S_ISREG(status.st_mode)) {
        journal_close(journal);
        errno = ENXIO;
        return store_open_fault(journal->store, journal->name, why);
    }
    if (status.st_nlink == 0) {
        journal_close(journal);
        journal_set_damage(journal, NULL);
        forget(journal);
        return JOURNAL_GONE;
    }
    size = journal->size = (uint64_t)status.st_size;
    if (still_damaged(journal, &status)) {
        *why = *journal->damage;
        return -1;
    }
    journal_set_damage(journal, NULL);
    if (journal->held && journal->end > 0 && size >= journal->end && !journal_has_sum(journal, &journal->replay))
        forget(journal);        /* what was read without the lock was cut back, and others appended */
    if (size == journal->end && !journal->index_partial)
        return 0;
    if (size < journal->end || journal->index_partial)
        forget(journal);
    journal_index_find(journal, size);
    result = read_on(journal, size, why);
    if (result != 0 && why->status == STATUS_DATA) {
        forget(journal);
        journal->places.wrong = true;
        result = read_on(journal, size, why);
    }
    journal_count(journal);
    if (result == 0)
        return 0;
    return damage(journal, status.st_mtim, why);
}

int
journal_refresh(struct journal *journal, struct fault *why)
{
    const bool locked = journal->held && !journal->store->setting.dry;
    int result;

    do
        result = refresh(journal, why);
    while (result == JOURNAL_GONE && !locked);
    if (result == 0 || journal->damage != NULL)
        journal->fresh = journal->store->looks;
    return result;
}

int
journal_catch_up(struct journal *journal, struct fault *why)
{
    /* With lines pending it is held, or dry. */
    if (!journal->held && journal->pending.length == 0 && journal->fresh != journal->store->looks)
        return journal_refresh(journal, why);
    if (journal->damage == NULL)
        return 0;
    *why = *journal->damage;
    return -1;
}

const struct product *
journal_state(const struct journal *journal)
{
    return &journal->replay.state;
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
    index_add(&journal->places.recent, event->request, event->type, journal->end + start);
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
        return fault_set(why, STATUS_NO, "%s: the events so far do not allow this one",
                         store_path(journal->store, journal->name));
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

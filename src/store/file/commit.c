/*
 * commit.c -- the end of a batch.
 *
 * What is on disk, step by step, and who sees to it after a crash:
 *
 *   0. names of new journals are synced      An empty file is as good as none; who
 *                                            finds one syncs its name again.
 *   1. lines are written behind journals     Cut back by nobody: they are whole
 *                                            events, or a torn one that the next
 *                                            holder puts aside.
 *   2. the sync returns                      All is on disk; nobody was told.
 *   3. results are made                      A missing one is made again by
 *                                            whoever runs the batch again.
 *   4. journals are released, and the caller speaks.
 *
 * The locks are held until the sync has returned, so that nobody else answers
 * from a line that may yet be cut back.
 */
#include <errno.h>
#include <stdatomic.h>

#include "base/pool.h"
#include "store/file/store_file.h"
#include "store/file/topic_file.h"

enum {
    FEW = 3,                    /* up to so many and one files, fdatasync is faster than syncfs */
    SHARE = 256,                /* streams that are worth a thread */
};

/* Beyond a few, the whole store is synced, so no file needs to be kept open for it. */
void
journal_rest_on(struct journal *journal)
{
    if (journal->in_batch || journal->fd < 0)
        return;
    if (journal->store->batch.count > FEW) {
        journal->store->batch_is_large = true;
        return;
    }
    journal->in_batch = true;
    journals_add(&journal->store->batch, journal);
}

void
journal_lean_on(struct journal *journal)
{
    if (journal->end > 0)
        journal->store->unsettled = true;
}

/* Which stream could not be written, the first to fail, and why. */
struct writing {
    struct store *store;
    _Atomic(struct journal *) failed;
    int error;
};

static void
write_one(void *context, size_t i)
{
    struct writing *writing = context;
    struct journal *journal = writing->store->held.journals[i], *none = NULL;

    if (atomic_load(&writing->failed) != NULL || journal->pending.length == 0
        || io_write(journal->fd, journal->pending.at, journal->pending.length) == 0)
        return;
    if (atomic_compare_exchange_strong(&writing->failed, &none, journal))
        writing->error = errno;
}

/* Many streams by all processors: each is a file of its own.  When one fails, no other is begun. */
static int
write_all(struct store *store, struct fault *why)
{
    struct writing writing = { .store = store };
    const size_t count = store->held.count, shares = count / SHARE;
    const size_t processors = shares > 1 ? pool_processors() : 1;

    for (size_t i = 0; i < count; i++)
        if (store->held.journals[i]->pending.length > 0)
            journal_rest_on(store->held.journals[i]);
    pool_run(shares < processors ? shares : processors, count, write_one, &writing);
    if (writing.failed == NULL)
        return 0;
    errno = writing.error;
    return fault_system(why, STATUS_IO, "%s: cannot write", store_path(store, writing.failed->name));
}

static int
sync_whole(struct store *store, struct fault *why)
{
    if (io_sync_all(store->directory) != 0)
        return fault_system(why, STATUS_IO, "%s: cannot sync", store->setting.name);
    store->made_file = store->unsettled = false;
    topics_synced(store);
    return 0;
}

static int
sync_directory(struct store *store, struct fault *why)
{
    int fd = io_open(store->directory, "journal", O_RDONLY | O_DIRECTORY, 0);
    int result = fd < 0 || fsync(fd) != 0 || fsync(store->directory) != 0 ? -1 : 0;

    if (result != 0)
        (void)fault_system(why, STATUS_IO, "%s: cannot sync", store_path(store, "journal"));
    store->made_file = false;
    io_close(&fd);
    return result;
}

static int
sync_batch(struct store *store, enum store_wait wait, struct fault *why)
{
    if (store->batch_is_large)
        return sync_whole(store, why);
    for (size_t i = 0; i < store->batch.count; i++) {
        struct journal *journal = store->batch.journals[i];

        if (journal == store->orders && wait == STORE_WAIT_FOR_TRUTH)
            store->unsettled = true;
        else if (io_sync(journal->fd) != 0)
            return fault_system(why, STATUS_IO, "%s: cannot sync", store_path(store, journal->name));
    }
    return 0;
}

static void
cut_back(struct store *store)
{
    for (size_t i = 0; i < store->held.count; i++) {
        struct journal *journal = store->held.journals[i];

        if (journal->pending.length > 0 && journal->fd >= 0)
            (void)io_truncate(journal->fd, (off_t)journal->end);
    }
}

/* What was pending is now in the files. */
static void
settle_pending(struct store *store)
{
    for (size_t i = 0; i < store->held.count; i++) {
        struct journal *journal = store->held.journals[i];

        journal->end += journal->pending.length;
        journal->replay.offset = journal->end;
        journal->replay.line = journal->replay.state.sequence;
        journal->pending.length = 0;
    }
}

static void
leave_batch(struct store *store)
{
    for (size_t i = 0; i < store->batch.count; i++)
        store->batch.journals[i]->in_batch = false;
    store->batch.count = 0;
    store->batch_is_large = false;
}

/* In a dry store what is pending and what was put stay: they stand for what would be on disk. */
static void
release(struct store *store)
{
    const bool dry = store->setting.dry;

    for (size_t i = 0; i < store->held.count; i++) {
        struct journal *journal = store->held.journals[i];

        journal->held = false;
        if (journal->fd >= 0)
            (void)io_lock(journal->fd, LOCK_UN);
        if (dry)
            continue;
        if (journal == store->orders)
            journal->pending.length = 0;        /* every batch needs as much; another stream may be the only one in this */
        else
            buffer_free(&journal->pending);
    }
    leave_batch(store);
    store->held.count = store->unread.count = 0;
    store->in_use = 0;
    store->text.length = 0;
    if (!dry) {
        store->shown.length = 0;
        index_clear(&store->staged);
    }
    journals_forget(store);
    store->batches++;
    store->looks++;
}

int
store_commit(struct store *store, enum store_wait wait, struct fault *why)
{
    const long sectors = sectors_read();

    if (store->setting.dry) {
        release(store);
        return 0;
    }
    if ((store->made_file && sync_directory(store, why) != 0) || write_all(store, why) != 0
        || sync_batch(store, wait, why) != 0) {
        cut_back(store);
        return -1;
    }
    settle_pending(store);
    for (size_t i = 0; i < store->held.count; i++) {
        journal_index_keep(store->held.journals[i]);
        journal_count(store->held.journals[i]);
    }
    if (result_show(store, why) != 0)
        return -1;
    store->foreseen.sectors += sectors_read() - sectors;
    release(store);
    return 0;
}

int
store_rest(struct store *store, struct fault *why)
{
    int result = store->setting.dry ? 0 : sync_batch(store, STORE_WAIT, why);

    leave_batch(store);
    return result;
}

void
store_abandon(struct store *store)
{
    for (size_t i = 0; i < store->held.count; i++)
        store->held.journals[i]->pending.length = 0;
    release(store);
}

int
store_settle(struct store *store, struct fault *why)
{
    if (store->setting.dry)
        return 0;
    if (store->unsettled || topics_dirty(store) > FEW)
        return sync_whole(store, why);
    return topics_sync(store, why);
}

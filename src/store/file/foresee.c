/*
 * foresee.c -- many streams are opened by several threads, and read from the disk if they are there.
 *
 * Opening a file takes longer than reading a short one, and can be done by all processors.
 * One that waits for a disk for each in turn is slow: a disk serves many reads in the time of
 * one.  Whether streams are in memory is known afterwards only, by what was read from the disk.
 */
#include <sys/resource.h>

#include "base/pool.h"
#include "store/file/store_file.h"

enum {
    READERS = 32,               /* of a disk's queue */
    FIRST_BYTES = 4096,         /* the kernel reads on from there by itself */
    ENOUGH = 64,                /* fewer streams are not worth a thread */
};

long
sectors_read(void)
{
    struct rusage usage = { .ru_inblock = 0 };

    (void)getrusage(RUSAGE_SELF, &usage);
    return usage.ru_inblock;
}

/* Of the streams before these one in eight was read from the disk, a page of it or more. */
static bool
are_far(struct store *store)
{
    const struct foreseen before = store->foreseen, now = { store->unread.count, sectors_read() };

    store->foreseen = now;
    return before.streams > 0 && now.sectors >= before.sectors + (long)before.streams;
}

struct opening {
    struct store *store;
    size_t kept;                /* so many of the unread streams stay open, the first */
    bool far;
};

/* Whatever is wrong with it, who reads it will see. */
static void
open_one(void *context, size_t i)
{
    const struct opening *opening = context;
    struct journal *journal = opening->store->unread.journals[i];
    char bytes[FIRST_BYTES];
    int fd = store_open_file(opening->store, journal->name, journal_access(opening->store));

    if (fd >= 0 && opening->far)
        (void)io_pread(fd, bytes, sizeof bytes, 0);
    if (i < opening->kept)
        journal->fd = fd;
    else
        io_close(&fd);
}

static void
open_all(struct store *store, bool far)
{
    const size_t count = store->unread.count;
    struct opening opening = { store, journal_room(store, count), far };

    pool_run(far ? READERS : pool_processors(), far ? count : opening.kept, open_one, &opening);
    for (size_t i = 0; i < opening.kept; i++)
        journal_opened(store->unread.journals[i]);
}

/* Some may have been opened since. */
static void
drop_open(struct list *unread)
{
    size_t count = 0;

    for (size_t i = 0; i < unread->count; i++)
        if (unread->journals[i]->fd < 0)
            unread->journals[count++] = unread->journals[i];
    unread->count = count;
}

void
journals_foresee(struct store *store)
{
    bool far;

    drop_open(&store->unread);
    if (store->unread.count > 1 && store->directory >= 0) {
        far = are_far(store);
        if (far || store->unread.count >= ENOUGH)
            open_all(store, far);
    }
    store->unread.count = 0;
}

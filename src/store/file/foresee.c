/*
 * foresee.c -- streams that are not in memory are read from the disk by several threads.
 *
 * One that waits for each in turn is slow: a disk serves many reads in the time of one.
 * Whether streams are in memory is known afterwards only, by what was read from the disk; while
 * that is little, all this costs is a system call a batch.
 */
#include <sys/resource.h>

#include "base/pool.h"
#include "store/file/store_file.h"

enum {
    READERS = 32,               /* of a disk's queue */
    FIRST_BYTES = 4096,         /* the kernel reads on from there by itself */
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

/* Whatever is wrong with it, who reads it will see. */
static void
touch(void *context, size_t i)
{
    struct store *store = context;
    char bytes[FIRST_BYTES];
    int fd = store_open_file(store, store->unread.journals[i]->name, O_RDONLY);

    if (fd >= 0)
        (void)io_pread(fd, bytes, sizeof bytes, 0);
    io_close(&fd);
}

void
journals_foresee(struct store *store)
{
    if (store->unread.count > 1 && store->directory >= 0 && are_far(store))
        pool_run(READERS, store->unread.count, touch, store);
    store->unread.count = 0;
}

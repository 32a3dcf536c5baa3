/* journal_open.c -- which streams have their files open: as many as there may be, those used last. */
#include <errno.h>

#include "store/file/store_file.h"

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

void
journal_close(struct journal *journal)
{
    if (journal->fd < 0)
        return;
    unlink_open(journal);
    journal->store->open_count--;
    io_close(&journal->fd);
}

/* Keep within the open files we may have, so many more counted: close those used longest ago. */
static void
make_room(struct store *store, size_t more)
{
    struct journal *journal = store->oldest;

    while (journal != NULL && store->open_count + more > store->open_max) {
        struct journal *newer = journal->newer;

        if (!journal->held && !journal->in_batch)
            journal_close(journal);
        journal = newer;
    }
}

void
journal_yield(struct store *store, size_t files)
{
    enum { LEAST = 8 };

    store->open_max = store->open_max > files + LEAST ? store->open_max - files : LEAST;
    make_room(store, 1);
}

void
journal_regain(struct store *store, size_t files)
{
    store->open_max = store->open_max + files < store->open_limit ? store->open_max + files : store->open_limit;
}

size_t
journal_room(struct store *store, size_t more)
{
    const size_t most = more < store->open_max ? more : store->open_max;

    make_room(store, most);
    if (store->open_count >= store->open_max)
        return 0;
    return most < store->open_max - store->open_count ? most : store->open_max - store->open_count;
}

int
journal_access(const struct store *store)
{
    return store->setting.use == STORE_APPEND ? O_RDWR | O_APPEND : O_RDONLY;
}

void
journal_opened(struct journal *journal)
{
    if (journal->fd < 0)
        return;
    journal->store->open_count++;
    link_open(journal);
}

int
journal_open(struct journal *journal, bool create, struct fault *why)
{
    struct store *store = journal->store;
    const int access = journal_access(store);

    if (journal->fd >= 0) {
        unlink_open(journal);
        link_open(journal);
        return 1;
    }
    if (create && store_make(store, why) != 0)
        return -1;
    make_room(store, 1);
    journal->fd = store_open_file(store, journal->name, access);
    if (journal->fd < 0 && errno == ENOENT && create)
        journal->fd = store_open_file(store, journal->name, access | O_CREAT);
    if (journal->fd < 0)
        return errno == ENOENT ? 0 : store_open_fault(store, journal->name, why);
    journal_opened(journal);
    return 1;
}

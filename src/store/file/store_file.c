/*
 * store_file.c -- a directory as a store: make it, open it, open its files.
 *
 * It is made from the inside out: its directories, then `format`, which makes it a
 * store (store_format.c).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store/file/packs.h"
#include "store/file/store_file.h"
#include "store/file/topic_file.h"

static const char *const directories[] = { "journal", "results", "dead", "topics" };

enum { FILES_SPARE = 64, FILES_MAX = 65536 };

/* For errno, while the store is not open: store->late says why. */
enum { LATE = EPROTO };

/* As many open files as the system lets us have. */
static size_t
raise_open_files(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return FILES_SPARE;
    if (limit.rlim_cur < FILES_MAX && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max < FILES_MAX ? limit.rlim_max : FILES_MAX;
        if (setrlimit(RLIMIT_NOFILE, &limit) != 0 && getrlimit(RLIMIT_NOFILE, &limit) != 0)
            return FILES_SPARE;
    }
    return limit.rlim_cur > 2 * FILES_SPARE ? (size_t)limit.rlim_cur - FILES_SPARE : (size_t)limit.rlim_cur / 2;
}

/* The table grows to where this is, and stays so. */
void
store_expect_many(const struct store *store)
{
    const size_t most = journal_hold_max(store);
    int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, (int)most);

    io_close(&fd);
}

const char *
store_path(const struct store *store, const char *name)
{
    static _Thread_local char path[1024];

    (void)snprintf(path, sizeof path, "%s/%s", store->setting.name, name);
    return path;
}

static int
cannot_create(struct fault *why, const char *path)
{
    return fault_system(why, STATUS_CANNOT_CREATE, "%s: cannot create", path);
}

static int
open_directory(struct store *store)
{
    if (store->directory < 0)
        store->directory = io_open(AT_FDCWD, store->setting.name, O_RDONLY | O_DIRECTORY | IO_FOLLOW, 0);
    return store->directory < 0 ? -1 : 0;
}

int
store_make(struct store *store, struct fault *why)
{
    int there;

    if ((store->directory >= 0 && !store->unfinished) || store->setting.dry)
        return 0;
    if (mkdir(store->setting.name, STORE_DIRECTORY_MODE) != 0 && errno != EEXIST)
        return cannot_create(why, store->setting.name);
    if (open_directory(store) != 0)
        return cannot_create(why, store->setting.name);
    there = format_check(store, why);
    store->unfinished = there == 0 || there == FORMAT_UNFINISHED;
    if (!store->unfinished)
        return there > 0 ? 0 : -1;
    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++)
        if (mkdirat(store->directory, directories[i], STORE_DIRECTORY_MODE) != 0 && errno != EEXIST)
            return cannot_create(why, store_path(store, directories[i]));
    return format_make(store, why);
}

/* 1, or 0 for none; the directory alone is as good as none. */
static int
open_existing(struct store *store, struct fault *why)
{
    int there;

    if (open_directory(store) != 0) {
        if (errno == ENOENT)
            return 0;
        return fault_system(why, errno == ENOTDIR ? STATUS_NO_INPUT : STATUS_IO, "%s", store->setting.name);
    }
    there = format_check(store, why);
    store->unfinished = there == FORMAT_UNFINISHED;
    if (there <= 0)
        io_close(&store->directory);
    return there > 0 ? 1 : there;
}

int
store_open(struct store **out, const struct store_setting *setting, struct fault *why)
{
    struct store *store = memory_zeroed(1, sizeof *store);
    int there;

    store->setting = *setting;
    if (setting->dry && setting->use == STORE_APPEND)
        store->setting.use = STORE_FOLLOW;      /* journals are only read */
    store->directory = -1;
    store->looks = 1;
    store->open_max = store->open_limit = raise_open_files();
    store->bucket_count = 64;
    store->buckets = memory_zeroed(store->bucket_count, sizeof(struct journal *));
    there = open_existing(store, why);
    if (there == 0 && setting->use <= STORE_CHANGE)
        there = fault_set(why, STATUS_NO_INPUT, "%s: no such store", setting->name);
    if (there < 0) {
        store_close(store);
        return -1;
    }
    if (store->setting.use == STORE_APPEND && store->setting.packed)
        packs_begin(store);
    *out = store;
    return 0;
}

int
store_open_file(struct store *store, const char *name, int flags)
{
    const char *slash = strchr(name, '/');
    char directory[16];
    int fd, there;

    if (store->directory < 0 && (there = open_existing(store, &store->late)) <= 0) {    /* made since, maybe */
        errno = there == 0 ? ENOENT : LATE;
        return -1;
    }
    fd = io_open(store->directory, name, flags | O_NONBLOCK, STORE_FILE_MODE);
    if (fd >= 0 || errno != ENOENT || (flags & O_CREAT) == 0 || slash == NULL)
        return fd;
    (void)snprintf(directory, sizeof directory, "%.*s", (int)(slash - name), name);
    if (mkdirat(store->directory, directory, STORE_DIRECTORY_MODE) != 0 && errno != EEXIST)
        return -1;
    return io_open(store->directory, name, flags | O_NONBLOCK, STORE_FILE_MODE);
}

int
store_open_fault(const struct store *store, const char *name, struct fault *why)
{
    switch (errno) {
    case LATE:
        if (store->directory >= 0)
            break;
        *why = store->late;
        return -1;
    case ELOOP:
        return fault_set(why, STATUS_DATA, "%s: a symbolic link, not a file of the store", store_path(store, name));
    case EISDIR:
    case ENXIO:
        return fault_set(why, STATUS_DATA, "%s: not a regular file", store_path(store, name));
    case EMFILE:
    case ENFILE:
    case EIO:
    case ENOMEM:
        return fault_system(why, STATUS_IO, "%s: cannot open", store_path(store, name));
    default:
        break;
    }
    if (store->setting.use == STORE_LOOK || store->setting.dry)
        return fault_system(why, STATUS_IO, "%s: cannot open", store_path(store, name));
    return fault_system(why, STATUS_CANNOT_CREATE, "%s: cannot open or create", store_path(store, name));
}

struct moment
store_now(const struct store *store)
{
    return clock_now(&store->setting.clock);
}

void
store_close(struct store *store)
{
    if (store == NULL)
        return;
    for (size_t i = 0; i < store->bucket_count; i++) {
        while (store->buckets[i] != NULL) {
            struct journal *journal = store->buckets[i];

            store->buckets[i] = journal->next;
            journal_free(journal);
        }
    }
    journal_free(store->orders);
    topics_free(store);
    packs_free(store);
    index_clear(&store->dead.index);
    free(store->buckets);
    free(store->wanted.journals);
    free(store->unread.journals);
    free(store->held.journals);
    free(store->batch.journals);
    buffer_free(&store->shown);
    buffer_free(&store->text);
    index_clear(&store->staged);
    buffer_free(&store->reader.buffer);
    buffer_free(&store->line);
    buffer_free(&store->chunk);
    arena_reset(&store->arena);
    io_close(&store->directory);
    free(store);
}

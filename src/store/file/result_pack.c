/*
 * result_pack.c -- results that are files go into packs.
 *
 * What is on disk after each step:
 *
 *   1. the new pack is there, the files too     They say the same; who reads looks for
 *                                               the file first.
 *   2. some of the files are gone               The pack has them.
 *
 * What is packed stands before what the pack had, so that who follows it finds its place.
 */
#include "store/file/tidy.h"

/* Put a run of files, all of one pack, into it, or as many as memory is for: *count.  The lock is held. */
static int
pack_files(struct tidy *tidy, unsigned number, struct request *files, size_t *count, struct fault *why)
{
    enum { MOST_BYTES = 8 * 1024 * 1024 };
    struct renewal renewal = { .tidy = tidy, .from = files, .to = files };
    struct result there;
    size_t found = 0, i;
    int result = 0;

    for (i = 0; i < *count && renewal.lines.length < MOST_BYTES && result >= 0; i++) {
        result = tidy_read(tidy, &files[i], &there, why);
        if (result <= 0 || tidy_is_old(tidy, &there))
            continue;
        buffer_add(&renewal.lines, tidy->line.at, tidy->line.length);
        files[found++] = files[i];
    }
    *count = i;
    renewal.to = files + found;
    tidy->done += found;
    if (result >= 0 && found > 0 && !tidy->setting->dry_run) {
        result = renewal_keep(&renewal, number, why);
        if (result == 0)
            result = renewal_write(&renewal, number, why);
        for (i = 0; i < found && result == 0; i++)
            result = tidy_remove(tidy, &files[i], why);
    }
    buffer_free(&renewal.lines);
    return result < 0 ? -1 : 0;
}

/*
 * So many files go into a pack at once.  It is written anew for them: the longer it is the more,
 * so that writing it takes no longer than reading and deleting them; but who waits for the lock
 * is not to wait for long.
 */
static size_t
portion_of(const struct tidy *tidy, unsigned number)
{
    enum { BYTES_A_FILE = 8 * 1024, MOST = 8 * TIDY_PORTION };
    struct stat status = { .st_size = 0 };
    size_t files;

    (void)fstatat(tidy->store->directory, pack_name(number), &status, AT_SYMLINK_NOFOLLOW);
    files = (size_t)status.st_size / BYTES_A_FILE;
    return files < TIDY_PORTION ? TIDY_PORTION : files > MOST ? MOST : files;
}

/* How many of the files from `start` on are of its pack, at most a portion. */
static size_t
run_of(const struct tidy *tidy, size_t start)
{
    const unsigned number = tidy->files[start].bytes[0];
    const size_t most = portion_of(tidy, number);
    size_t end = start;

    while (end < tidy->count && end - start < most && tidy->files[end].bytes[0] == number)
        end++;
    return end - start;
}

static int
pack_all(struct tidy *tidy, struct fault *why)
{
    int result = tidy_list(tidy, why);

    for (size_t at = 0, count; at < tidy->count && result == 0; at += count) {
        count = run_of(tidy, at);
        result = tidy_lock(tidy, why);
        if (result == 0)
            result = pack_files(tidy, tidy->files[at].bytes[0], &tidy->files[at], &count, why);
        tidy_unlock(tidy);
    }
    return result;
}

int
result_pack(struct store *store, const struct tidy_setting *setting, uint64_t *count, struct fault *why)
{
    struct tidy tidy = { .store = store, .setting = setting, .lock = -1 };

    return tidy_end(&tidy, count, pack_all(&tidy, why));
}

/*
 * result_expire.c -- old results are forgotten, in files and in packs.
 *
 * What stays of a pack keeps its order, so that who follows it finds its place.
 */
#include "store/file/tidy.h"

/* Only the old ones stay in the list. */
static int
choose_old(struct tidy *tidy, struct fault *why)
{
    struct result result;
    size_t old = 0;

    for (size_t i = 0; i < tidy->count; i++) {
        int found = tidy_read(tidy, &tidy->files[i], &result, why);

        if (found < 0)
            return -1;
        if (found > 0 && tidy_is_old(tidy, &result))
            tidy->files[old++] = tidy->files[i];
    }
    tidy->count = old;
    return 0;
}

/* Under the lock they may have been put anew. */
static int
forget_files(struct tidy *tidy, size_t from, size_t to, struct fault *why)
{
    struct result result;

    for (size_t i = from; i < to; i++) {
        int found = tidy_read(tidy, &tidy->files[i], &result, why);

        if (found < 0 || (found > 0 && tidy_is_old(tidy, &result) && tidy_remove(tidy, &tidy->files[i], why) != 0))
            return -1;
        tidy->done += found > 0 && tidy_is_old(tidy, &result);
    }
    return 0;
}

static int
expire_files(struct tidy *tidy, struct fault *why)
{
    int result = tidy_list(tidy, why) == 0 ? choose_old(tidy, why) : -1;

    if (result == 0 && tidy->setting->dry_run) {
        tidy->done += tidy->count;
        return 0;
    }
    for (size_t at = 0; at < tidy->count && result == 0; at += TIDY_PORTION) {
        result = tidy_lock(tidy, why);
        if (result == 0)
            result = forget_files(tidy, at, at + TIDY_PORTION < tidy->count ? at + TIDY_PORTION : tidy->count, why);
        tidy_unlock(tidy);
    }
    return result;
}

/* A pack without an old result is left alone, and nobody has to wait. */
static int
expire_pack(struct tidy *tidy, unsigned number, bool look, struct fault *why)
{
    struct renewal renewal = { .tidy = tidy };
    int result = renewal_keep(&renewal, number, why);

    if (result == 0 && !look && renewal.forgotten > 0)
        result = renewal_write(&renewal, number, why);
    if (result == 0 && look && renewal.forgotten > 0 && !tidy->setting->dry_run) {
        result = tidy_lock(tidy, why);
        if (result == 0)
            result = expire_pack(tidy, number, false, why);
        tidy_unlock(tidy);
    } else {
        tidy->done += renewal.forgotten;
    }
    buffer_free(&renewal.lines);
    return result;
}

int
result_expire(struct store *store, const struct tidy_setting *setting, uint64_t *count, struct fault *why)
{
    struct tidy tidy = { .store = store, .setting = setting, .lock = -1 };
    int result = expire_files(&tidy, why);

    for (unsigned i = 0; i < PACK_COUNT && result == 0; i++)
        result = expire_pack(&tidy, i, true, why);
    return tidy_end(&tidy, count, result);
}

/* tidy.c -- what packing results and forgetting them have in common. */
#include <errno.h>
#include <stdlib.h>

#include "base/text.h"
#include "store/file/tidy.h"

static int
by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct request));
}

/* -- the files ----------------------------------------------------------------- */

static int
add_file(void *context, const char *name)
{
    struct tidy *tidy = context;
    struct slice uuid;

    if (result_file_named(name, &uuid)) {
        tidy->files = memory_room(tidy->files, tidy->count, &tidy->room, sizeof *tidy->files);
        tidy->files[tidy->count++] = request_of(uuid);
    }
    return 0;
}

int
tidy_list(struct tidy *tidy, struct fault *why)
{
    tidy->count = 0;
    if (io_names(tidy->store->directory, "results", add_file, tidy) != 0 && errno != ENOENT)
        return store_open_fault(tidy->store, "results", why);
    if (tidy->count > 1)
        qsort(tidy->files, tidy->count, sizeof *tidy->files, by_bytes);
    return 0;
}

int
tidy_read(struct tidy *tidy, const struct request *request, struct result *result, struct fault *why)
{
    struct store *store = tidy->store;
    char uuid[UUID_LENGTH + 1];
    const struct slice text = { uuid, UUID_LENGTH };
    struct timespec ignored;
    int found;

    request_text(request, uuid);
    tidy->line.length = 0;
    arena_reset(&tidy->arena);
    found = result_get_file(store, text, &tidy->line, &tidy->arena, result, &ignored, why);
    if (found > 0 || (found < 0 && why->status != STATUS_DATA))
        return found;
    if (found == 0 && faccessat(store->directory, result_file_name(text), F_OK, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    if (found == 0)
        (void)fault_set(why, STATUS_DATA, "%s: not a result of this request", store_path(store, result_file_name(text)));
    tidy->setting->tell(tidy->setting->context, why);
    return 0;
}

int
tidy_remove(struct tidy *tidy, const struct request *request, struct fault *why)
{
    char uuid[UUID_LENGTH + 1];
    const char *name;

    request_text(request, uuid);
    name = result_file_name((struct slice){ uuid, UUID_LENGTH });
    if (unlinkat(tidy->store->directory, name, 0) == 0 || errno == ENOENT)
        return 0;
    return fault_system(why, STATUS_IO, "%s: cannot delete", store_path(tidy->store, name));
}

int
tidy_lock(struct tidy *tidy, struct fault *why)
{
    if (tidy->setting->dry_run)
        return 0;
    tidy->lock = results_lock(tidy->store, why);
    return tidy->lock < 0 ? -1 : 0;
}

void
tidy_unlock(struct tidy *tidy)
{
    io_close(&tidy->lock);
}

/* -- packs --------------------------------------------------------------------- */

bool
tidy_is_old(const struct tidy *tidy, const struct result *result)
{
    return tidy->setting->before != NULL && memcmp(result->time.at, tidy->setting->before->text, MOMENT_LENGTH) < 0;
}

static bool
is_forgotten(struct tidy *tidy, struct slice line, struct slice request)
{
    struct result result;

    arena_reset(&tidy->arena);
    return tidy->setting->before != NULL && result_is(line, request, &tidy->arena, &result) && tidy_is_old(tidy, &result);
}

/* Of a result that goes into the pack anew, or is forgotten, nothing stays. */
static void
keep_line(void *context, struct slice line)
{
    struct renewal *renewal = context;
    const size_t count = (size_t)(renewal->to - renewal->from);
    struct slice uuid;
    struct request request;

    renewal->read += line.length;
    if (result_request(line, &uuid)) {
        request = request_of(uuid);
        if (count > 0 && bsearch(&request, renewal->from, count, sizeof request, by_bytes) != NULL)
            return;
        if (is_forgotten(renewal->tidy, line, uuid)) {
            renewal->forgotten++;
            renewal->moved = renewal->lines.length;
            return;
        }
    }
    buffer_slice(&renewal->lines, line);
    if (renewal->read <= renewal->old_moved)
        renewal->moved = renewal->lines.length;
}

int
renewal_keep(struct renewal *renewal, unsigned number, struct fault *why)
{
    struct pack pack = { .end = 0 };
    int result, fd = store_open_file(renewal->tidy->store, pack_name(number), O_RDONLY);

    if (fd >= 0)
        (void)pack_moved(fd, &renewal->old_moved);
    io_close(&fd);
    renewal->moved = renewal->lines.length;
    result = pack_read(renewal->tidy->store, number, &pack, keep_line, renewal, why);
    pack_forget(&pack);
    return result;
}

int
renewal_write(const struct renewal *renewal, unsigned number, struct fault *why)
{
    struct store *store = renewal->tidy->store;

    if (renewal->lines.length > 0)
        return pack_replace(store, number, (struct slice){ renewal->lines.at, renewal->lines.length },
                            renewal->moved, why);
    if (unlinkat(store->directory, pack_name(number), 0) == 0 || errno == ENOENT)
        return 0;
    return fault_system(why, STATUS_IO, "%s: cannot delete", store_path(store, pack_name(number)));
}

int
tidy_end(struct tidy *tidy, uint64_t *count, int result)
{
    *count = tidy->done;
    free(tidy->files);
    buffer_free(&tidy->line);
    arena_reset(&tidy->arena);
    return result;
}

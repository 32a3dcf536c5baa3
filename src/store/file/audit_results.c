/*
 * audit_results.c -- the results that a store has, in files of their own and in packs.
 *
 * Only the hash of a result is kept: it is held against what the events make.  What a
 * power cut leaves of one, nothing or a beginning, counts as none.
 */
#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

#include "base/cursor.h"
#include "base/pool.h"
#include "base/text.h"
#include "domain/result.h"
#include "store/file/audit_file.h"

enum { SHARE = 64 };

/* -- lines ------------------------------------------------------------------- */

/* The beginning that every result has which we wrote, of a whole line; the rest is held against the events. */
static bool
read_beginning(struct slice line, struct slice *request, bool *created)
{
    struct cursor cursor = { line.at, line.at + line.length };

    if (!CURSOR_LITERAL(&cursor, "{\"request\":\"") || !cursor_take(&cursor, UUID_LENGTH, request) || !text_uuid(*request)
        || !CURSOR_LITERAL(&cursor, "\",\"status\":\""))
        return false;
    *created = CURSOR_LITERAL(&cursor, "created\"");
    return *created || CURSOR_LITERAL(&cursor, "failed\"");
}

/* An order's UUID is made from its request's, so a digit changed in either is seen. */
static bool
is_of_request(struct slice line, struct slice request, bool created)
{
    static const char member[] = ",\"order\":\"";
    const char *at = memmem(line.at, line.length, member, sizeof member - 1);
    char order[UUID_LENGTH + 1];

    if (!created)
        return true;
    result_order(request, order);
    return at != NULL && (size_t)(line.at + line.length - at) > sizeof member + UUID_LENGTH
        && memcmp(at + sizeof member - 1, order, UUID_LENGTH) == 0;
}

bool
audit_pack_line(unsigned pack, struct slice line, struct slice *request, bool *created)
{
    return read_beginning(line, request, created) && pack_of(*request) == pack
        && is_of_request(line, *request, *created);
}

/* A file (number 0) overrides a line in a pack, and a later line an earlier one. */
static struct purchase *
take_result(struct audit *audit, struct slice line, struct slice request, bool created, uint64_t number)
{
    struct request key = request_of(request);
    struct purchase *purchase = audit_purchase(audit, &key);

    if (purchase->has_result && purchase->result_line == 0)
        return purchase;
    audit->counts.results += !purchase->has_result;
    purchase->has_result = true;
    purchase->created = created;
    purchase->result = XXH3_64bits(line.at, line.length);
    purchase->result_line = number;
    return purchase;
}

/* -- packs ------------------------------------------------------------------- */

struct packing {
    struct audit *audit;
    struct audited_pack *pack;
    unsigned number;
};

static void
keep_damage(const struct packing *packing)
{
    packing->audit->counts.repairable += !packing->pack->damaged;
    packing->pack->damaged = true;
}

static void
visit_line(void *context, struct slice line)
{
    struct packing *packing = context;
    struct audited_pack *pack = packing->pack;
    struct audit *audit = packing->audit;
    struct slice request;
    struct request key;
    bool created;

    pack->lines++;
    pack->bytes += line.length;
    if (!audit_pack_line(packing->number, line, &request, &created)) {
        audit_tell(&pack->told, PROMISE_ONE_OUTCOME, "%s:%llu: not a result of this pack",
                   store_path(audit->store, pack_name(packing->number)), (unsigned long long)pack->lines);
        keep_damage(packing);
        return;
    }
    key = request_of(request);
    if (mark_settled(audit->mark, &key))
        return;
    audit->packed++;
    (void)take_result(audit, line, request, created, pack->lines);
}

static int
read_pack(struct audit *audit, unsigned number, struct fault *why)
{
    struct audited_pack *pack = &audit->packs[number];
    struct packing packing = { audit, pack, number };
    struct pack state = { .end = 0 };
    int result;

    result = pack_read(audit->store, number, &state, visit_line, &packing, why);
    if (result != 0 && why->status != STATUS_DATA)
        return -1;
    if (result != 0)
        audit_tell(&pack->told, PROMISE_ONE_OUTCOME, "%s", why->text);
    else if (pack->bytes < state.end)
        audit_tell(&pack->told, PROMISE_ONE_OUTCOME, "%s: has a line that is too long for a result",
                   store_path(audit->store, pack_name(number)));
    if (result != 0 || pack->bytes < state.end)
        keep_damage(&packing);
    pack_forget(&state);
    return 0;
}

/* -- files ------------------------------------------------------------------- */

struct files {
    struct audit *audit;
    char (*names)[UUID_LENGTH];
    size_t count, room;
};

static void
read_file(struct audit *audit, struct slice name)
{
    struct buffer line = { 0 };
    struct slice text, request;
    struct fault why;
    bool created = false, foreign;

    if (result_read_file(audit->store, name, &line, &why) != 0) {
        if (why.status != STATUS_DATA)
            audit_fail(audit, &why);
        (void)pthread_mutex_lock(&audit->lock);
        audit_tell(&audit->told, PROMISE_ONE_OUTCOME, "%s", why.text);
        (void)pthread_mutex_unlock(&audit->lock);
        goto done;
    }
    text = (struct slice){ line.at, line.length };
    if (text.length == 0 || text.at[text.length - 1] != '\n')
        goto done;
    foreign = !read_beginning(text, &request, &created) || !slice_equal(request, name)
        || !is_of_request(text, name, created);
    (void)pthread_mutex_lock(&audit->lock);
    audit->files++;
    take_result(audit, text, name, created && !foreign, 0)->foreign = foreign;
    (void)pthread_mutex_unlock(&audit->lock);
done:
    buffer_free(&line);
}

static void
read_share(void *context, size_t share)
{
    const struct files *files = context;
    struct audit *audit = files->audit;
    size_t end = (share + 1) * SHARE < files->count ? (share + 1) * SHARE : files->count;

    for (size_t i = share * SHARE; i < end; i++) {
        struct slice name = { files->names[i], UUID_LENGTH };

        read_file(audit, name);
    }
    (void)pthread_mutex_lock(&audit->lock);
    audit->done += end - share * SHARE;
    audit->setting.progress(audit->setting.context, "results", audit->done, files->count);
    (void)pthread_mutex_unlock(&audit->lock);
}

static int
take_name(void *context, const char *name)
{
    struct files *files = context;
    struct audit *audit = files->audit;
    struct slice uuid;
    struct request key;

    if (name[0] == '.' || pack_named(name) < PACK_COUNT)
        return 0;
    if (!result_file_named(name, &uuid)) {
        audit_tell(&audit->told, PROMISE_ONE_OUTCOME, "%s%s: not a result's name",
                   store_path(audit->store, "results/"), name);
        return 0;
    }
    key = request_of(uuid);
    if (mark_settled(audit->mark, &key))
        return 0;
    files->names = memory_room(files->names, files->count, &files->room, sizeof *files->names);
    memcpy(files->names[files->count++], name, UUID_LENGTH);
    return 0;
}

static int
list_files(struct files *files, struct fault *why)
{
    struct store *store = files->audit->store;

    if (io_names(store->directory, "results", take_name, files) == 0 || errno == ENOENT)
        return 0;
    return fault_system(why, STATUS_IO, "%s", store_path(store, "results"));
}

/* Files come first: what is one may go into a pack meanwhile. */
int
audit_results(struct audit *audit, struct fault *why)
{
    struct files files = { .audit = audit };
    int result = list_files(&files, why);

    audit->done = 0;
    if (result == 0)
        pool_run(audit->setting.jobs, (files.count + SHARE - 1) / SHARE, read_share, &files);
    free(files.names);
    if (result == 0 && audit->failed) {
        *why = audit->why;
        result = -1;
    }
    for (unsigned i = 0; i < PACK_COUNT && result == 0; i++)
        result = read_pack(audit, i, why);
    return result;
}

/*
 * audit_repair.c -- make again what is derived, from the truth.
 *
 * Results are made while orders.ndjson is locked, as evfail and evcreate make theirs, and
 * each is decided again under that lock: an order beats a refusal, of two refusals the
 * earlier one counts, then the smaller product.  The lock is taken on the file alone, so that not
 * even its unfinished last line is touched.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/text.h"
#include "domain/result.h"
#include "store/file/audit_file.h"
#include "store/file/group_file.h"
#include "store/file/topic_file.h"
#include "store/result.h"

enum { BATCH = 1024 };          /* results that are made under one lock and one sync */

struct repair {
    struct audit *audit;
    struct store *store;
    struct audit_repaired *done;
    struct fault *why;
    struct buffer wanted, found;
    struct arena arena;
};

/* -- offsets ------------------------------------------------------------------- */

/* With the lane's lock: go by the record that is good, or forget where the group is. */
static int
put_right(struct repair *repair, struct seat *seat, int group, const struct bad_offset *bad)
{
    struct record record;
    int found;

    if (bad->kept)
        return io_truncate(seat->lock, 0);
    found = seat_read(seat, group, bad->lane, &record);
    if (found < 0)
        return -1;
    if (bad->lost || found != RECORD_FOUND)
        return seat_forget(seat, group, bad->lane);
    return io_sync_all(repair->store->directory) != 0 || seat_write_offset(seat, group, bad->lane, &record) != 0
        ? -1 : 0;
}

static int
repair_offset(struct repair *repair, const struct bad_offset *bad)
{
    const struct slice topic_name = { bad->topic, strlen(bad->topic) }, name = { bad->group, strlen(bad->group) };
    int topic = topic_open_directory(repair->store, topic_name, false, repair->why), group = -1;
    struct seat seat = { -1, -1 };
    int result = -1;

    if (topic < 0)
        return repair->why->status == STATUS_NO_INPUT ? 0 : -1;
    group = group_open(topic, name, false);
    if (group >= 0 && seat_take(&seat, group, bad->lane, true) > 0) {
        result = put_right(repair, &seat, group, bad);
        seat_leave(&seat);
    }
    if (result != 0)
        (void)fault_system(repair->why, STATUS_IO, "@%s: group %s: lane %u: cannot put the offset right", bad->topic,
                           bad->group, bad->lane);
    repair->done->offsets += result == 0;
    seat_close(&seat);
    io_close(&group);
    io_close(&topic);
    return result;
}

static int
repair_offsets(struct repair *repair)
{
    const struct audit *audit = repair->audit;
    int result = 0;

    if (repair->store->setting.dry) {
        repair->done->offsets = audit->offset_count;
        return 0;
    }
    for (size_t i = 0; i < audit->offset_count && result == 0; i++)
        result = repair_offset(repair, &audit->offsets[i]);
    return result;
}

/* -- packs --------------------------------------------------------------------- */

struct keeping {
    unsigned number;
    struct buffer lines;
};

static void
keep_line(void *context, struct slice line)
{
    struct keeping *keeping = context;
    struct slice request;
    bool created;

    if (audit_pack_line(keeping->number, line, &request, &created))
        buffer_slice(&keeping->lines, line);
}

/* A directory is never removed: what stands in its place waits, and is told of again. */
static bool
is_directory(struct repair *repair, const char *name)
{
    struct stat status;

    return fstatat(repair->store->directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode);
}

/* Write it anew without what is no result of it. */
static int
repair_pack(struct repair *repair, unsigned number)
{
    struct keeping keeping = { .number = number };
    struct pack state = { .end = 0 };
    int result;

    if (is_directory(repair, pack_name(number)))
        return 0;
    if (repair->store->setting.dry) {
        repair->done->packs++;
        return 0;
    }
    result = pack_read(repair->store, number, &state, keep_line, &keeping, repair->why);
    if (result == 0 || repair->why->status == STATUS_DATA)      /* something else has its name */
        result = pack_replace(repair->store, number, (struct slice){ keeping.lines.at, keeping.lines.length }, 0,
                              repair->why);
    repair->done->packs += result == 0;
    pack_forget(&state);
    buffer_free(&keeping.lines);
    return result;
}

/* -- results ------------------------------------------------------------------- */

/* The event of a request in a stream: 1, or 0 if it is not there or the stream is damaged, or -1. */
static int
find_event(struct repair *repair, struct journal *stream, struct slice request, enum message_type type,
           struct message *event)
{
    if (journal_catch_up(stream, repair->why) != 0)
        return repair->why->status == STATUS_DATA ? 0 : -1;
    return journal_find(stream, request, TYPE_BIT(type), event, repair->why);
}

/* The event that the result rests on: of the order's sale, or of the earliest refusal. */
static int
find_outcome(struct repair *repair, const struct purchase *purchase, struct slice request, struct message *event)
{
    struct store *store = repair->store;
    struct message order;
    struct slice product;
    int ordered = find_event(repair, journal_of_orders(store), request, ORDER_CREATED, &order);

    if (ordered < 0)
        return -1;
    if (ordered > 0) {
        product = (struct slice){ arena_copy(&repair->arena, order.product.at, order.product.length),
                                  order.product.length };
        return find_event(repair, journal_of(store, product), request, STOCK_SOLD, event);
    }
    if (purchase->refusals == 0)
        return 0;
    product = repair->audit->streams[purchase->refusal_stream].product;
    return find_event(repair, journal_of(store, product), request, PURCHASE_REFUSED, event);
}

static bool
has_no_place(struct repair *repair, struct slice request)
{
    return is_directory(repair, result_file_name(request))
        || (repair->store->setting.packed && is_directory(repair, pack_name(pack_of(request))));
}

static int
repair_result(struct repair *repair, size_t number)
{
    char uuid[UUID_LENGTH + 1];
    const struct slice request = { uuid, UUID_LENGTH };
    struct message event;
    char order[UUID_LENGTH + 1];
    struct result result, current;
    int there;

    request_text(&repair->audit->requests.list[number], uuid);
    if (has_no_place(repair, request))
        return 0;
    there = find_outcome(repair, &repair->audit->purchases[number], request, &event);
    if (there <= 0)
        return there;
    result = result_of(&event, order);
    repair->wanted.length = repair->found.length = 0;
    result_write(&repair->wanted, &result);
    there = result_get(repair->store, request, &repair->found, &repair->arena, &current, repair->why);
    if (there < 0 && repair->why->status != STATUS_DATA)
        return -1;
    if (there > 0 && !repair->audit->purchases[number].foreign && repair->found.length == repair->wanted.length
        && memcmp(repair->found.at, repair->wanted.at, repair->found.length) == 0)
        return 0;
    if (result_put(repair->store, &result, repair->why) != 0)
        return -1;
    repair->done->results++;
    return 0;
}

/* The results from *number on, as many as fit into one batch. */
static int
repair_results(struct repair *repair, size_t *number)
{
    const struct audit *audit = repair->audit;
    size_t count = 0;

    if (journal_catch_up(journal_of_orders(repair->store), repair->why) != 0) {
        *number = audit->requests.count;        /* nobody can tell any more what was ordered */
        return repair->why->status == STATUS_DATA ? 0 : -1;
    }
    for (; *number < audit->requests.count && count < BATCH; (*number)++) {
        if (!audit->purchases[*number].remake)
            continue;
        if (repair_result(repair, *number) != 0)
            return -1;
        arena_reset(&repair->arena);
        count++;
    }
    repair->store->batch_is_large = count > 0;      /* what results rest on is on disk first */
    return store_commit(repair->store, STORE_WAIT, repair->why);
}

/* -- everything ----------------------------------------------------------------- */

/* Under the lock of the orders, unless it is a dry run: the packs that are damaged, then one batch of results. */
static int
repair_locked(struct repair *repair, size_t *number)
{
    const bool dry = repair->store->setting.dry;
    int result = 0, fd = dry ? -1 : results_lock(repair->store, repair->why);

    if (fd < 0 && !dry)
        return -1;
    for (unsigned i = 0; i < PACK_COUNT && result == 0; i++) {
        if (!repair->audit->packs[i].damaged)
            continue;
        result = repair_pack(repair, i);
        repair->audit->packs[i].damaged = false;
    }
    if (result == 0)
        result = repair_results(repair, number);
    io_close(&fd);
    return result;
}

int
audit_repair(struct audit *audit, struct audit_repaired *repaired, struct fault *why)
{
    struct repair repair = { .audit = audit, .store = audit->store, .done = repaired, .why = why };
    size_t number = 0;
    int result;

    *repaired = (struct audit_repaired){ 0 };
    audit->store->setting.packed = audit->packed > audit->files;
    result = repair_offsets(&repair);
    if (audit->counts.repairable > audit->offset_count)
        do
            result = result == 0 ? repair_locked(&repair, &number) : result;
        while (result == 0 && number < audit->requests.count);
    if (result == 0)
        result = store_settle(audit->store, why);
    buffer_free(&repair.wanted);
    buffer_free(&repair.found);
    arena_reset(&repair.arena);
    return result;
}

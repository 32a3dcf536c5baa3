/*
 * journal_find.c -- where the events of a request are, in a stream of any length.
 *
 * Of a short stream an index in memory tells; of a long one that tells only of what was
 * appended lately, and files tell of the rest (index_file.h).  What these say of how the
 * stream stood is believed where the stream has the sum there that they tell of, and its
 * next line is chained to it.
 */
#include <stdlib.h>

#include "store/file/store_file.h"

int
journal_index_visit(void *context, const struct replay *replay, struct slice line, const struct message *event,
                    struct fault *why)
{
    (void)line;
    (void)why;
    index_add(context, event->request, event->type, replay->offset);
    return 0;
}

bool
journal_has_sum(const struct journal *journal, const struct replay *replay)
{
    uint64_t sum;

    return replay->offset > 0 && replay_sum_before(journal->fd, replay->offset, &sum) > 0 && sum == replay->chain;
}

static bool
stands(void *context, const struct replay *replay)
{
    return journal_has_sum(context, replay);
}

static struct places_stream
stream_of(struct journal *journal, uint64_t end)
{
    return (struct places_stream){ journal->store, journal->name, end, stands, journal };
}

/* What is known is nothing: go on from what the files tell of. */
static void
begin(struct journal *journal, uint64_t size)
{
    const struct places_stream stream = stream_of(journal, size);
    struct replay replay = journal->replay;

    if (!places_load(&journal->places, &stream, 0, &replay))
        return;
    journal->replay = replay;
    journal->end = replay.offset;
}

void
journal_index_find(struct journal *journal, uint64_t size)
{
    const struct places_stream stream = stream_of(journal, journal->end);

    if (journal->end == 0)
        begin(journal, size);
    else
        places_adopt(&journal->places, &stream);
}

void
journal_index_keep(struct journal *journal)
{
    const struct places_stream stream = stream_of(journal, journal->end);

    if (journal->store->setting.use == STORE_APPEND && journal->held && journal->fd >= 0 && journal->damage == NULL
        && !places_keep(&journal->places, &stream, &journal->replay))
        journal->index_partial = true;
}

/* A file of the index is damaged: what it told of is read from the stream. */
static int
read_again(struct journal *journal, struct fault *why)
{
    struct places *places = &journal->places;
    struct index_entry *list = index_list(&places->recent);
    struct replay_reader *reader = &journal->store->reader;
    struct replay replay = { .product = journal->replay.product };
    const uint64_t end = places->files->bytes;
    size_t count = places->recent.count;
    int result;

    places_forget(places);
    places->wrong = true;
    reader->visit = journal_index_visit;
    reader->context = &places->recent;
    result = replay_file(&replay, reader, journal->fd, end, why);
    qsort(list, count, sizeof *list, index_order);
    for (size_t i = 0; i < count; i++)
        index_put(&places->recent, &list[i]);
    free(list);
    if (result == 0)
        return 0;
    journal->index_partial = true;
    (void)fault_at(why, "%s:%llu", store_path(journal->store, journal->name), (unsigned long long)replay.line);
    if (why->status == STATUS_DATA)
        journal_set_damage(journal, why);
    return -1;
}

static int
next(struct journal *journal, struct slice request, struct walk *walk, struct index_hit *hit,
     struct fault *why)
{
    int found = places_next(&journal->places, request, walk, hit);

    if (found >= 0)
        return found;
    if (journal_open(journal, false, why) <= 0 || read_again(journal, why) != 0)
        return -1;
    *walk = (struct walk){ .step = 0 };
    return places_next(&journal->places, request, walk, hit);
}

/* As replay_sum_before(), from what was read in this batch if it is there. */
static int
sum_before(const struct journal *journal, uint64_t offset, uint64_t *sum)
{
    struct slice tail = { "", 0 };

    if (offset >= REPLAY_SUM_TAIL)
        tail = journal_text(journal, offset - REPLAY_SUM_TAIL);
    return tail.length < REPLAY_SUM_TAIL ? replay_sum_before(journal->fd, offset, sum) : replay_sum_in(tail.at, sum);
}

/* Lines that files tell of were not read by this process: is this one, or none, as it was written? */
static int
check_line(struct journal *journal, uint64_t offset, bool whole, struct slice line, struct fault *why)
{
    uint64_t chain;
    int before;
    const struct index_file *files = journal->places.files;

    if (files == NULL || offset >= files->bytes)
        return whole ? 0 : fault_set(why, STATUS_IO, "%s: changed while it was read",
                                     store_path(journal->store, journal->name));
    before = sum_before(journal, offset, &chain);
    if (before < 0)
        return fault_system(why, STATUS_IO, "%s", store_path(journal->store, journal->name));
    if (before > 0 && whole && event_check_sum(line, &chain))
        return 0;
    (void)fault_set(why, STATUS_DATA, "%s: byte %llu: sum: does not match the line and the sum before it",
                    store_path(journal->store, journal->name), (unsigned long long)offset);
    journal->index_partial = true;
    journal_set_damage(journal, why);
    return -1;
}

int
journal_next(struct journal *journal, struct slice request, unsigned types, struct walk *walk,
             struct message *event, struct fault *why)
{
    struct store *store = journal->store;
    struct index_hit hit;
    struct slice line = { 0 };
    int more, none;

    while ((more = next(journal, request, walk, &hit, why)) > 0) {
        if ((TYPE_BIT(hit.type) & types) == 0)
            continue;
        if (hit.offset < journal->end && journal_open(journal, false, why) <= 0)
            return fault_set(why, STATUS_IO, "%s: gone while it was read", store_path(store, journal->name));
        if ((none = journal_line(journal, hit.offset, &line, why)) < 0
            || check_line(journal, hit.offset, none == 0, line, why) != 0)
            return -1;
        walk->lines++;
        arena_reset(&store->arena);
        if (message_read(line, FORM_EVENT, TYPE_BIT(hit.type), &store->arena, event, why) != 0)
            return fault_at(why, "%s", store_path(store, journal->name));
        store->found = line;
        if (slice_equal(event->request, request))
            return 1;
    }
    return more;
}

void
journal_expect(const struct journal *journal, struct slice request)
{
    places_expect(&journal->places, request);
}

int
journal_find(struct journal *journal, struct slice request, unsigned types, struct message *event,
             struct fault *why)
{
    struct walk walk = { .step = 0 };

    return journal_next(journal, request, types, &walk, event, why);
}

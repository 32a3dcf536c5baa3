/* pack_index.c -- where in the packs the results are, in files. */
#include <xxhash.h>

#include "store/file/pack_index.h"

/* The packs are one stream to their index. */
static const char stream[] = "results";

static uint64_t
file_of(const struct statx *status)
{
    const uint64_t parts[] = {
        status->stx_ino, status->stx_dev_major, status->stx_dev_minor, (uint64_t)status->stx_btime.tv_sec,
        status->stx_btime.tv_nsec,
    };

    return XXH3_64bits(parts, sizeof parts);
}

static bool
load(struct store *store, struct pack_index *index)
{
    struct index_file files;
    struct replay ignored = { .offset = 0 };
    struct pack_place places[PACK_COUNT] = { { .end = 0 } };

    if (!index_file_load(store, stream, index->files.events, &files, &ignored,
                         (struct index_note){ places, sizeof places }))
        return false;
    index_file_close(&index->files);
    index->files = files;
    memcpy(index->places, places, sizeof places);
    return true;
}

static bool
stands(int fd, const struct pack_place *place, const struct statx *status)
{
    return place->file == file_of(status) && place->end <= status->stx_size
        && pack_ends(fd, place->end, place->tail_length, place->tail_sum);
}

void
pack_index_find(struct store *store, unsigned number, int fd, struct pack *pack, const struct statx *status)
{
    struct pack_index *index = pack->index;
    const struct pack_place *place = &index->places[number];

    if (!index->was_read) {
        (void)load(store, index);
        index->was_read = true;
    }
    if (place->end == 0)
        return;
    if (!stands(fd, place, status)) {
        index->wrong = true;
        return;
    }
    pack->end = place->end;
    pack->tail_length = place->tail_length;
    pack->tail_sum = place->tail_sum;
    pack->by_files = true;
}

int
pack_index_next(const struct pack *pack, struct slice request, struct walk *walk, struct index_hit *hit)
{
    return index_file_next(&pack->index->files, &pack->recent, request, walk, hit);
}

void
pack_index_expect(const struct pack *pack, struct slice request)
{
    index_file_expect(&pack->index->files, &pack->recent, request);
}

void
pack_index_renounce(struct pack_index *index, struct pack *packs)
{
    for (unsigned i = 0; i < PACK_COUNT; i++)
        if (packs[i].by_files)
            pack_forget(&packs[i]);
    pack_index_close(index);
    *index = (struct pack_index){ .was_read = true, .wrong = true };
}

static size_t
count_recent(const struct pack *packs)
{
    size_t count = 0;

    for (unsigned i = 0; i < PACK_COUNT; i++)
        count += packs[i].recent.count;
    return count;
}

/* How far each is known now.  What is not known here is as the files told. */
static void
note_places(const struct pack_index *index, const struct pack *packs, struct pack_place *places, struct replay *replay)
{
    for (unsigned i = 0; i < PACK_COUNT; i++) {
        const struct pack *pack = &packs[i];

        places[i] = index->places[i];
        if (pack->end > 0)
            places[i] = (struct pack_place){ pack->end, pack->tail_length, pack->tail_sum, file_of(&pack->seen) };
        if (replay->offset < places[i].end)
            replay->offset = places[i].end;
    }
}

static enum index_extended
extend(struct store *store, struct pack_index *index, struct pack *packs, size_t count)
{
    struct replay replay = { .state = { .sequence = index->files.events + count } };
    struct pack_place places[PACK_COUNT];
    struct index all = { .count = 0 };
    enum index_extended extended;

    note_places(index, packs, places, &replay);
    replay.chain = XXH3_64bits(places, sizeof places);
    for (unsigned i = 0; i < PACK_COUNT; i++)
        index_put_all(&all, &packs[i].recent);
    extended = index_file_extend(store, stream, &index->files, &all, &replay,
                                 (struct index_note){ places, sizeof places });
    index_clear(&all);
    if (extended != INDEX_EXTENDED)
        return extended;
    for (unsigned i = 0; i < PACK_COUNT; i++) {
        index_clear(&packs[i].recent);
        packs[i].by_files = packs[i].end > 0;
    }
    memcpy(index->places, places, sizeof places);
    return extended;
}

void
pack_index_keep(struct store *store, struct pack_index *index, struct pack *packs, size_t many)
{
    enum index_extended extended;
    size_t count = count_recent(packs);

    if (count < index->tried + many)
        return;
    /* Others may have written files that tell of more: what is in memory is to be found in them. */
    if (!index->wrong && load(store, index)) {
        for (unsigned i = 0; i < PACK_COUNT; i++)
            pack_forget(&packs[i]);
        index->tried = 0;
        return;
    }
    if (index->wrong) {
        pack_index_renounce(index, packs);
        count = count_recent(packs);
    }
    index->tried = count;
    if (count < many)
        return;
    extended = extend(store, index, packs, count);
    if (extended == INDEX_EXTENDED) {
        index->wrong = false;
        index->tried = 0;
    } else if (extended == INDEX_DAMAGED) {
        pack_index_renounce(index, packs);
    }
}

void
pack_index_close(struct pack_index *index)
{
    index_file_close(&index->files);
}

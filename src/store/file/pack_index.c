/*
 * pack_index.c -- where in a pack the results are, in files: nobody reads all of a long one again.
 *
 * A pack has no sums.  That it stands as files tell is believed where the bytes before that
 * place, and which file it is, make the sum that they have as its chain: who writes a pack
 * anew makes another file.
 */
#include <xxhash.h>

#include "store/file/pack_file.h"

/* What places.h asks about. */
struct asked {
    int fd;
    const struct statx *status; /* of that file */
    uint64_t tail_sum;          /* of the bytes before the place it was asked of last */
    size_t tail_length;
};

static bool
chain_of(struct asked *asked, uint64_t end, uint64_t *chain)
{
    const struct statx *status = asked->status;
    uint64_t parts[] = {
        0, status->stx_ino, status->stx_dev_major, status->stx_dev_minor, (uint64_t)status->stx_btime.tv_sec,
        status->stx_btime.tv_nsec,
    };
    char tail[PACK_TAIL];

    asked->tail_length = end < PACK_TAIL ? (size_t)end : PACK_TAIL;
    if (io_pread(asked->fd, tail, asked->tail_length, (off_t)(end - asked->tail_length)) != (ssize_t)asked->tail_length)
        return false;
    parts[0] = asked->tail_sum = XXH3_64bits(tail, asked->tail_length);
    *chain = XXH3_64bits(parts, sizeof parts);
    return true;
}

static bool
stands(void *context, const struct replay *replay)
{
    uint64_t chain;

    return chain_of(context, replay->offset, &chain) && chain == replay->chain;
}

void
pack_index_find(struct store *store, unsigned number, int fd, struct pack *pack, const struct statx *status)
{
    struct asked asked = { .fd = fd, .status = status };
    const struct places_stream stream = { store, pack_name(number), status->stx_size, stands, &asked };
    struct replay replay = { .offset = 0 };

    if (!places_load(&pack->places, &stream, 0, &replay))
        return;
    pack->end = replay.offset;
    pack->tail_sum = asked.tail_sum;
    pack->tail_length = asked.tail_length;
}

void
pack_index_keep(struct store *store, unsigned number, int fd, struct pack *pack)
{
    const struct index_file *files = pack->places.files;
    struct asked asked = { .fd = fd, .status = &pack->seen };
    const struct places_stream stream = { store, pack_name(number), pack->end, stands, &asked };
    struct replay replay = { .offset = pack->end };

    if (!places_many(&pack->places) || !chain_of(&asked, pack->end, &replay.chain))
        return;
    replay.state.sequence = (files != NULL ? files->events : 0) + pack->places.recent.count;
    places_keep(&pack->places, &stream, &replay);
}

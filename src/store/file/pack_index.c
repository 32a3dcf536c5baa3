/*
 * pack_index.c -- where in a pack the results are, in files: nobody reads all of a long one again.
 *
 * A pack has no sums.  That it stands as files tell is believed where the bytes before that
 * place, and which file it is, make the sum that they have as its chain: who writes a pack
 * anew makes another file.
 */
#include <xxhash.h>

#include "store/file/pack_file.h"

enum { LEAST_BYTES = 128 * 1024 };      /* a shorter pack has no INDEX_EVENTS results */

/* What places.h asks about. */
struct asked {
    int fd;
    uint64_t tail_sum;          /* of the bytes before the place it was asked of last */
    size_t tail_length;
};

ssize_t
pack_tail(int fd, uint64_t end, char *bytes)
{
    size_t length = end < PACK_TAIL ? (size_t)end : PACK_TAIL;

    return io_pread(fd, bytes, length, (off_t)(end - length)) == (ssize_t)length ? (ssize_t)length : -1;
}

static bool
chain_of(struct asked *asked, uint64_t end, uint64_t *chain)
{
    char tail[PACK_TAIL];
    ssize_t length = pack_tail(asked->fd, end, tail);
    struct statx status;

    if (length < 0 || statx(asked->fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_BTIME, &status) != 0)
        return false;
    asked->tail_length = (size_t)length;
    asked->tail_sum = XXH3_64bits(tail, (size_t)length);

    const uint64_t parts[] = {
        asked->tail_sum, status.stx_ino, status.stx_dev_major, status.stx_dev_minor,
        (uint64_t)status.stx_btime.tv_sec, status.stx_btime.tv_nsec,
    };

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
pack_index_find(struct store *store, unsigned number, int fd, struct pack *pack, uint64_t size)
{
    struct asked asked = { .fd = fd };
    const struct places_stream stream = { store, pack_name(number), size, stands, &asked };
    struct replay replay = { .offset = 0 };

    if (size < LEAST_BYTES || !places_load(&pack->places, &stream, 0, &replay))
        return;
    pack->end = replay.offset;
    pack->tail_sum = asked.tail_sum;
    pack->tail_length = asked.tail_length;
}

void
pack_index_keep(struct store *store, unsigned number, int fd, struct pack *pack)
{
    const struct index_file *files = pack->places.files;
    struct asked asked = { .fd = fd };
    const struct places_stream stream = { store, pack_name(number), pack->end, stands, &asked };
    struct replay replay = { .offset = pack->end };

    if (!places_many(&pack->places) || !chain_of(&asked, pack->end, &replay.chain))
        return;
    replay.state.sequence = (files != NULL ? files->events : 0) + pack->places.recent.count;
    places_keep(&pack->places, &stream, &replay);
}

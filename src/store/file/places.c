/* places.c -- where in a stream the lines of a request are, in memory and in files. */
#include <stdlib.h>

#include "base/bytes.h"
#include "store/file/places.h"

enum { LEAST_BYTES = 128 * 1024 };      /* a shorter stream has no INDEX_EVENTS lines */

/* Know these files, or none. */
static void
set_files(struct places *places, const struct index_file *files)
{
    if (places->files != NULL)
        index_file_close(places->files);
    if (files == NULL) {
        free(places->files);
        places->files = NULL;
        return;
    }
    if (places->files == NULL)
        places->files = memory_new(sizeof *places->files);
    *places->files = *files;
}

void
places_forget(struct places *places)
{
    index_clear(&places->recent);
    set_files(places, NULL);
    places->tried = 0;
}

bool
places_load(struct places *places, const struct places_stream *stream, uint64_t events, struct replay *replay)
{
    struct index_file files;

    if (places->wrong || stream->end < LEAST_BYTES
        || !index_file_load(stream->store, stream->name, events, &files, replay, (struct index_note){ .length = 0 }))
        return false;
    if (replay->offset > stream->end || !stream->stands(stream->context, replay)) {
        index_file_close(&files);
        return false;
    }
    set_files(places, &files);
    return true;
}

/* Others have written files of what is in memory here. */
static void
adopt(struct places *places, const struct places_stream *stream)
{
    const uint64_t events = places->files != NULL ? places->files->events : 0;
    struct replay replay = { .offset = 0 };

    if (places_load(places, stream, events, &replay))
        index_trim(&places->recent, replay.offset);
}

/* Are there so many in memory that what follows does something? */
static bool
places_many(const struct places *places)
{
    return places->recent.count >= places->tried + INDEX_EVENTS;
}

void
places_adopt(struct places *places, const struct places_stream *stream)
{
    if (!places_many(places))
        return;
    adopt(places, stream);
    places->tried = places->recent.count;
}

bool
places_keep(struct places *places, const struct places_stream *stream, const struct replay *replay)
{
    enum index_extended extended = INDEX_NOT_WRITTEN;

    if (!places_many(places))
        return true;
    adopt(places, stream);
    if (places->files == NULL)
        set_files(places, &(struct index_file){ .count = 0 });
    if (places->recent.count >= INDEX_EVENTS)
        extended = index_file_extend(stream->store, stream->name, places->files, &places->recent, replay,
                                     (struct index_note){ .length = 0 });
    if (extended == INDEX_EXTENDED)
        index_clear(&places->recent);
    if (extended != INDEX_NOT_WRITTEN)
        places->wrong = extended == INDEX_DAMAGED;
    places->tried = places->recent.count;
    return extended != INDEX_DAMAGED;
}

int
places_next(const struct places *places, struct slice request, struct walk *walk, struct index_hit *hit)
{
    return index_file_next(places->files, &places->recent, request, walk, hit);
}

void
places_expect(const struct places *places, struct slice request)
{
    index_file_expect(places->files, &places->recent, request);
}

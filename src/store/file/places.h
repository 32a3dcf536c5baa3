/*
 * places.h -- where in a stream the lines of a request are, in memory and in files.
 *
 * The last ones are in memory.  When those are many, who appends puts them into files
 * (index_file.h), so that memory does not grow with the stream and nobody reads it all.
 */
#ifndef PLACES_H
#define PLACES_H

#include "store/file/index_file.h"

/* { 0 } knows nothing; places_forget() frees it. */
struct places {
    struct index recent;        /* behind those that the files tell of */
    struct index_file *files;   /* or NULL */
    size_t tried;               /* so many were in memory when files were looked for */
    bool wrong;                 /* a file is damaged: it is made again before it is looked at */
};

/* Whose they are.  All is borrowed. */
struct places_stream {
    struct store *store;
    const char *name;           /* of its file, within the store */
    uint64_t end;               /* so many bytes of it are there, or are known */
    /* Does the stream stand like this there?  Files are believed then. */
    bool (*stands)(void *context, const struct replay *replay);
    void *context;
};

/* Know the files that tell of more than `events`: how the stream stands there in *replay.  False if there are none. */
bool places_load(struct places *places, const struct places_stream *stream, uint64_t events, struct replay *replay);

/* Others may have written files of them. */
void places_adopt(struct places *places, const struct places_stream *stream);

/*
 * The same by who appends, its lock held: what is in memory goes into files.  The stream stands as
 * *replay behind it, where it has as many of these lines as replay->state.sequence tells.  False
 * if a file is damaged: then the stream is to be read again from its start, and places to forget.
 */
bool places_keep(struct places *places, const struct places_stream *stream, const struct replay *replay);

/* Walk the lines that may be of a request, in their order, from { 0 } on: 1, 0, or -1 if a file is damaged. */
int places_next(const struct places *places, struct slice request, struct walk *walk, struct index_hit *hit);

/* The same will be walked soon. */
void places_expect(const struct places *places, struct slice request);

void places_forget(struct places *places);

#endif

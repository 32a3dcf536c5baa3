/*
 * pack_index.h -- where in the packs the results are, in files: nobody reads all of them again.
 *
 * All packs share one index (index_file.h), whose note tells of each how far it is known.  It
 * grows with the results of all, so that few of them are behind it, however many packs there
 * are.  A pack has no sums: that it stands as the note tells is believed where its file is the
 * same (pack_replace() makes another) and ends, there, with the bytes that it ended with.
 *
 * What is found by it is a line that may be the request's; the line itself tells.  So what is
 * wrong in it only costs a look, but for a line that is missing: when a pack does not stand as
 * told, or a run is damaged, nothing of it is used any more, and it is made again.
 */
#ifndef PACK_INDEX_H
#define PACK_INDEX_H

#include "store/file/index_file.h"
#include "store/file/pack_file.h"

enum {
    PACK_INDEX_RESULTS = 16384, /* so many are kept in memory alone, */
    PACK_INDEX_MANY = 65536,    /* or so many and a pack more while those are read that files do not tell of */
};

/* A pack is known up to here.  { 0 } is its start. */
struct pack_place {
    uint64_t end;               /* bytes */
    uint64_t tail_length;       /* so many before it */
    uint64_t tail_sum;          /* have this XXH3 */
    uint64_t file;              /* XXH3 of the file's identity */
};

/* { 0 } knows nothing, and looks for files when it is asked. */
struct pack_index {
    struct index_file files;
    struct pack_place places[PACK_COUNT];
    bool was_read;              /* files were looked for */
    bool wrong;                 /* they tell what is not so: made again before they are looked at */
    size_t tried;               /* so many were in memory when it could not be written */
};

/* Nothing of an open pack is known yet: take over what files tell of it. */
void pack_index_find(struct store *store, unsigned number, int fd, struct pack *pack, const struct statx *status);

/*
 * By who appends, the orders held since the packs were read: when so many are in memory they go into files.  Packs may be
 * forgotten, as by pack_index_renounce() if a file is damaged, and are to be read again before they are asked.
 */
void pack_index_keep(struct store *store, struct pack_index *index, struct pack *packs, size_t many);

/* What the files tell is not so: forget them, and every pack that is known by them. */
void pack_index_renounce(struct pack_index *index, struct pack *packs);

/* Walk the lines that may be of a request in its pack, from { 0 } on: 1, 0, or -1 if a file is damaged. */
int pack_index_next(const struct pack *pack, struct slice request, struct walk *walk, struct index_hit *hit);

/* The same will be walked soon. */
void pack_index_expect(const struct pack *pack, struct slice request);

void pack_index_close(struct pack_index *index);

#endif

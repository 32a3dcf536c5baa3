/*
 * pack_file.h -- a pack of results, read on wherever that was left.
 *
 * A pack is results/<first two hex digits of the requests>.ndjson.
 *
 * Readers  take no lock and believe whole lines only.  A pack may be deleted, cut
 *          or replaced at any time: it is then read from its start, or by who follows
 *          it from behind the line that was read last.
 * Crash    A pack may end in a torn line, after a power cut in NUL bytes, and hold
 *          lines that are no results.  Those count as none, and are made again.
 */
#ifndef PACK_FILE_H
#define PACK_FILE_H

#include <sys/stat.h>

#include "domain/result.h"
#include "store/file/store_file.h"

enum {
    PACK_COUNT = 256,
    PACK_CHUNK = 256 * 1024,    /* read at once; longer than any result */
    PACK_TAIL = 512,            /* by so many bytes, if there are as many, it is known again */
};

struct pack_index;              /* pack_index.h */

/* A pack as far as it was read.  { 0 } is its start. */
struct pack {
    struct statx seen;          /* the file when it was read */
    uint64_t end;               /* bytes: whole lines up to here were read */
    size_t tail_length;         /* so many bytes before `end` */
    uint64_t tail_sum;          /* have this XXH3 */
    uint64_t last_sum;          /* so has the last line of them */
    bool follows;               /* set by pack_skip(): only what is new is read, also when pack_replace() was at work */
    uint64_t batch;             /* nothing changes before this batch (store->batches) has ended */
    bool keeps;                 /* set by who appends to many: the file stays open once it was */
    bool is_open;
    int fd;                     /* then: of the file that was seen */
    struct pack_index *index;   /* of all packs, or NULL: lines are visited, not kept */
    struct index recent;        /* where lines of results start, behind what that knows in files */
    bool by_files;              /* that knows some of it */
};

/* Called with each line, its newline included. */
typedef void pack_visit(void *context, struct slice line);

/*
 * What tells a file from another, and a change: of the directory's file of this name, or of an
 * open file and "".  -1 with errno.
 */
int pack_look(int directory, const char *name, struct statx *status);

/* Does the pack's name lead to this file? */
bool pack_is(const struct store *store, unsigned number, const struct statx *status);

/* Everything is read up to the end of these bytes, which is `end`, the end of a line. */
void pack_go_to(struct pack *pack, const char *bytes, size_t length, uint64_t end);

/* Do the bytes before this place of its file, so many, at most PACK_TAIL, have this XXH3? */
bool pack_ends(int fd, uint64_t end, uint64_t length, uint64_t sum);

/* Which pack has the results of a request; the UUID is valid. */
unsigned pack_of(struct slice request);

/* The same for a name in results/; PACK_COUNT if it is not a pack's. */
unsigned pack_named(const char *name);

/* The file's name within the store; lasts until the next call. */
const char *pack_name(unsigned number);

/*
 * Read on from where *pack is, to the last newline; without `visit` into the
 * pack's index.  A pack that is missing is empty.  STATUS_DATA if something else
 * stands in its place, STATUS_IO.
 */
int pack_read(struct store *store, unsigned number, struct pack *pack, pack_visit *visit, void *context,
              struct fault *why);

/* The same into the index, from a file that is open. */
int pack_read_open(struct store *store, unsigned number, int fd, struct pack *pack, struct fault *why);

/*
 * The pack's file, the caller's until pack_give(): to be read, or made if it is missing and
 * appended to; or -1 with errno.
 */
int pack_take(struct store *store, unsigned number, struct pack *pack, bool append);

/* It is kept open, or closed. */
void pack_give(struct pack *pack, int fd);

/*
 * Whole lines were appended to what was read of the pack, whose file this is: the same, without
 * reading them: 0; or 1 if the file was deleted meanwhile.  STATUS_IO.
 */
int pack_grown(struct store *store, unsigned number, int fd, struct pack *pack, struct slice lines,
               struct fault *why);

/* Go to the last newline that is there now, without reading what is before.  Faults as above. */
int pack_skip(struct store *store, unsigned number, struct pack *pack, struct fault *why);

/*
 * Write a pack anew, with these lines alone, while the orders are locked.  The first `moved`
 * bytes are no news: who follows the pack and does not find the line read last goes on behind
 * them; a file system that keeps no attributes of users forgets the number.  A crash leaves
 * the old one or the new one.  STATUS_IO, STATUS_CANNOT_CREATE.
 */
int pack_replace(struct store *store, unsigned number, struct slice lines, uint64_t moved, struct fault *why);

/* How many bytes of an open pack were no news when pack_replace() wrote it; false if that is not known. */
bool pack_moved(int fd, uint64_t *moved);

/* Back to the start, as it was set up.  Its file is closed. */
void pack_forget(struct pack *pack);

#endif

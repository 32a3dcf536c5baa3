/*
 * store_file.h -- the store that is a directory, as its own modules see it.
 *
 *     journals.c      which streams are known; journal_open.c open; journal_file.c catch up,
 *                     append; journal_find.c find; places.c, index_file.c, run*.c by what;
 *                     journal_text.c the lines
 *     store_file.c    make, open and close the store; store_format.c what makes it one
 *     foresee.c       open many of a batch at once, and read those that are not in memory
 *     hold.c          lock streams for a batch
 *     commit.c        its end: write, sync, show, release
 *     result_file.c   results, a file each; packs.c, pack_*.c packed ones
 *     result_pack.c   files into packs; result_expire.c old ones away; tidy.c for both
 *     result_wait.c   waiting for results; result_follow.c, recent.c for every one
 *     dead_file.c     dead letters; names.c file names; rights.c what is given up
 */
#ifndef STORE_FILE_H
#define STORE_FILE_H

#include <sys/stat.h>
#include <sys/types.h>

#include "base/bytes.h"
#include "base/io.h"
#include "store/file/index_file.h"
#include "store/file/names.h"
#include "store/file/places.h"
#include "store/file/replay.h"
#include "store/journal.h"
#include "store/store.h"

enum { STORE_FILE_MODE = 0640, STORE_DIRECTORY_MODE = 0750 };

struct journal {
    struct store *store;
    struct journal *next;       /* in its bucket */
    struct journal *newer, *older;      /* among those with an open file */
    char *name;                 /* of the file, within the store */
    int fd;                     /* or -1 */
    struct replay replay;       /* what the file holds, and what was appended since */
    uint64_t end;               /* bytes in the file that are understood */
    uint64_t size;              /* bytes that it had when it was looked at */
    struct places places;       /* of its requests' events */
    size_t counted;             /* of the index, in store->known */
    uint64_t used;              /* by which batch, the last */
    uint64_t fresh;             /* which of store->looks it was caught up with at, the last */
    uint64_t text_batch;        /* in this batch, one more than store->batches, */
    uint64_t text_from;         /* store->text has its bytes from here on, */
    size_t text_at, text_length;        /* there, so many */
    bool index_partial;         /* all of it is to be read anew */
    struct buffer pending;      /* appended, not yet written: it goes to `end`; in a dry store, for ever */
    size_t last;                /* where in `pending` the last line starts */
    bool wanted;                /* for the next journal_hold() */
    bool held;                  /* by this batch; if it has no file, as an empty stream */
    bool in_batch;              /* to be written or synced by the next commit */
    struct fault *damage;       /* or NULL: how it is damaged, seen at `seen` */
    struct timespec seen;
};

struct topic;                   /* store/topic.h */
struct packs;                   /* packs.c */
struct result;                  /* domain/result.h */

/* What is known of the command's dead letters from topics. */
struct dead_letters {
    struct index index;         /* where in the file the letter of an origin is */
    uint64_t read;              /* bytes of the file, */
    uint64_t before;            /* and record_sum() of it up to there */
};

struct list {
    struct journal **journals;
    size_t count, room;
};

/* How journals_foresee() found things the last time. */
struct foreseen {
    size_t streams;             /* that were to be read then */
    long sectors;               /* sectors_read() then, and what commits have read since: tables of the file system */
};

struct store {
    struct store_setting setting;
    int directory;              /* or -1: missing so far */
    struct fault late;          /* what is wrong with a store that came to be after it was opened */
    bool unfinished;            /* to be made on by who writes */
    bool batch_is_large;        /* more than `batch` lists */
    struct journal **buckets;
    size_t bucket_count, journal_count;
    size_t in_use;              /* journals used by this batch */
    struct journal *orders;
    struct journal *newest, *oldest;    /* open files, by their last use */
    size_t open_count, open_max, open_limit;    /* how many may be, less what others have, and with that */
    struct list wanted, held, batch;
    struct list unread;         /* streams that became known since journals_foresee() */
    struct foreseen foreseen;
    struct buffer shown;        /* the results put in this batch, or in all of them if dry, a line each */
    struct index staged;        /* where in `shown` they are */
    struct packs *packs;        /* of results, or NULL */
    struct buffer chunk;        /* room to read packs through */
    uint64_t batches;           /* that have ended */
    uint64_t looks;             /* streams are caught up with once in each: a batch, and what of it the orders are held */
    uint64_t spared;            /* journals used since this one were kept when others were forgotten */
    size_t known;               /* events in the indexes in memory */
    struct buffer text;         /* what was read of streams in this batch: most of it is looked at again */
    bool only_packs;            /* results/ had no file of a single result, */
    struct statx_timestamp packs_time;  /* when it had changed last, then */
    bool packs_sure;            /* that was long before the look, */
    uint64_t packs_batch;       /* and that was seen in this batch, one more than store->batches */
    struct topic *topics;       /* to publish to */
    struct dead_letters dead;
    bool made_file;             /* a stream whose name may not be on disk */
    bool unsettled;             /* something committed is not synced yet */
    struct replay_reader reader;
    struct buffer line;         /* room for journal_find() to read into */
    struct slice found;         /* the event it found */
    struct arena arena;
};

/* How many sectors of 512 bytes this process has read from disks. */
long sectors_read(void);

/* Open a store's file, made with its directory if O_CREAT is among the flags.  -1 with errno. */
int store_open_file(struct store *store, const char *name, int flags);

/* Make the store if it is missing and not dry.  STATUS_CANNOT_CREATE, STATUS_DATA, STATUS_IO. */
int store_make(struct store *store, struct fault *why);

enum { FORMAT_WHOLE = 1, FORMAT_UNFINISHED };

/*
 * Is `format` there and ours?  One of these, or 0 if there is none and no journal either: who has
 * journals has lost it.  -1: STATUS_DATA, STATUS_IO.
 */
int format_check(struct store *store, struct fault *why);

/* Write it, all else being there.  A crash leaves none, a part, or all of it.  STATUS_CANNOT_CREATE, STATUS_IO. */
int format_make(struct store *store, struct fault *why);

/* "evstore/journal/x.ndjson" for messages; lasts until the next call. */
const char *store_path(const struct store *store, const char *name);

/* fault_system() for a file that could not be opened: the status tells why. */
int store_open_fault(const struct store *store, const char *name, struct fault *why);

/*
 * Take the lock under which results are made, that of the orders, for who appends no order:
 * a descriptor, which gives it back when it is closed; or -1.  STATUS_IO, STATUS_CANNOT_CREATE.
 */
int results_lock(struct store *store, struct fault *why);

/* Make the results that were put in this batch.  STATUS_IO. */
int result_show(struct store *store, struct fault *why);

/* "results/<request>.json" within the store, until the thread's next call; and the request of such a name in results/. */
const char *result_file_name(struct slice request);
bool result_file_named(const char *name, struct slice *request);

/*
 * Append what stands in the file of a result, whatever it is; nothing if there is none.
 * Several threads may do so at once.  STATUS_DATA if it is no regular file, STATUS_IO.
 */
int result_read_file(struct store *store, struct slice request, struct buffer *line, struct fault *why);

/* result_get() for what stands in a file of its own, and when that changed last. */
int result_get_file(struct store *store, struct slice request, struct buffer *line, struct arena *arena,
                    struct result *result, struct timespec *changed, struct fault *why);

/* Put the end of a held journal that is not a whole line aside, and cut it off. */
int journal_heal(struct journal *journal, struct fault *why);

/* Open the file if it is not: 1, or 0 if there is none and none is to be made, or -1. */
int journal_open(struct journal *journal, bool create, struct fault *why);

/* Close it, if it is open; it is opened again when it is needed. */
void journal_close(struct journal *journal);

/* journal_open() by who opens many: close others so that `more` can be open, or as many as this returns; */
size_t journal_room(struct store *store, size_t more);
/* with these flags, each into journal->fd, which stays -1 where that fails; then tell. */
int journal_access(const struct store *store);
void journal_opened(struct journal *journal);

/*
 * journal_catch_up() for one whose file may have changed, held or not.  JOURNAL_GONE if what is locked
 * was another file than it has now: lock that.
 */
enum { JOURNAL_GONE = 1 };
int journal_refresh(struct journal *journal, struct fault *why);

/* Before a stream is read on to `size` bytes: take over what files tell of it. */
void journal_index_find(struct journal *journal, uint64_t size);

/* A stream was read from `from` on, `size` bytes in all: keep that for this batch if it was little, and read at once. */
void journal_keep_text(struct journal *journal, uint64_t from, uint64_t size);

/* What was read of the stream in this batch, from an offset on; empty if that is not known.  Lasts until more is kept. */
struct slice journal_text(const struct journal *journal, uint64_t offset);

/*
 * The line at an offset, without its newline, from what is pending, from what was read, or from the
 * file; 1 if none that is short enough is there.  Lasts until the next is asked for.  STATUS_IO.
 */
int journal_line(struct journal *journal, uint64_t offset, struct slice *line, struct fault *why);

/* When there is enough of it, write the index of a stream to files, if it is held and nothing is pending. */
void journal_index_keep(struct journal *journal);

/* Has the stream an event that ends where this is, with its sum? */
bool journal_has_sum(const struct journal *journal, const struct replay *replay);

/* The replay_visit that fills the index in memory, its context. */
int journal_index_visit(void *context, const struct replay *replay, struct slice line, const struct message *event,
                        struct fault *why);

/* Append it to a list. */
void journals_add(struct list *list, struct journal *journal);

/* The stream is damaged so, or not (NULL). */
void journal_set_damage(struct journal *journal, const struct fault *why);

/* Count what the index of a stream holds now. */
void journal_count(struct journal *journal);

/* At the end of a batch: if much is known, forget streams that were not used lately. */
void journals_forget(struct store *store);

void journal_free(struct journal *journal);

/* So many open files are for other things from now on: journals do with fewer; or for journals again. */
void journal_yield(struct store *store, size_t files);
void journal_regain(struct store *store, size_t files);

#endif

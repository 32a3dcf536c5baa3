/* index_file.c -- the head of a stream's index, and its runs. */
#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

#include "store/file/index_file.h"
#include "store/file/store_file.h"

static const char magic[8] = "evindex6";         /* the last one is of the build */

/* A head as it stands in its file, in the byte order of the machine. */
struct head {
    char magic[sizeof magic];
    char name[NAME_MAX_BYTES];
    char time[32];              /* MOMENT_LENGTH of it */
    uint64_t bytes, chain;
    struct product state;
    uint64_t run_count;
    struct run_key runs[INDEX_RUNS];
    uint64_t note;              /* XXH3 of the note, which stands behind all this */
    uint64_t sum;               /* XXH3 of what is before it */
};

static uint64_t
stream_of(const char *name)
{
    return XXH3_64bits(name, strlen(name));
}

static const char *
head_name(const char *stream, bool hidden)
{
    static _Thread_local char name[RUN_NAME_BYTES];

    (void)snprintf(name, sizeof name, "index/%s%016llx.head", hidden ? "." : "", (unsigned long long)stream_of(stream));
    return name;
}

static bool
read_note(int fd, const struct head *head, struct index_note note)
{
    return note.length == 0
        || (io_pread(fd, note.at, note.length, sizeof *head) == (ssize_t)note.length
            && XXH3_64bits(note.at, note.length) == head->note);
}

/* Also one whose runs, of another build, are of no use but to be deleted. */
static bool
read_head(struct store *store, const char *name, struct head *out, struct index_note note)
{
    int fd = store_open_file(store, head_name(name, false), O_RDONLY);
    bool read = fd >= 0 && io_pread(fd, out, sizeof *out, 0) == (ssize_t)sizeof *out && read_note(fd, out, note);

    io_close(&fd);
    return read && memcmp(out->magic, magic, sizeof magic - 1) == 0
        && XXH3_64bits(out, offsetof(struct head, sum)) == out->sum && memchr(out->name, '\0', sizeof out->name) != NULL
        && strcmp(out->name, name) == 0 && out->run_count <= INDEX_RUNS;
}

static bool
map_run(struct store *store, const struct run_key *key, struct run *out)
{
    char name[RUN_NAME_BYTES];
    int fd, result;

    run_name(key, name);
    fd = store_open_file(store, name, O_RDONLY);
    result = fd < 0 ? -1 : run_open(fd, key, out);
    io_close(&fd);
    return result == 0;
}

bool
index_file_load(struct store *store, const char *name, uint64_t events, struct index_file *out,
                struct replay *replay, struct index_note note)
{
    struct head head;

    *out = (struct index_file){ .count = 0 };
    if (!read_head(store, name, &head, note) || memcmp(head.magic, magic, sizeof magic) != 0
        || head.state.sequence <= events)
        return false;
    for (size_t i = 0; i < head.run_count; i++) {
        const struct run_key *key = &head.runs[i];

        if (key->first != out->events + 1 || !map_run(store, key, &out->runs[i]))
            break;
        out->count++;
        out->events += key->count;
    }
    if (out->count != head.run_count || out->events != head.state.sequence) {
        index_file_close(out);
        return false;
    }
    out->bytes = head.bytes;
    replay->offset = head.bytes;
    replay->line = head.state.sequence;
    replay->chain = head.chain;
    memcpy(replay->time.text, head.time, MOMENT_LENGTH);
    replay->state = head.state;
    return true;
}

int
index_file_next(const struct index_file *file, const struct index *memory, struct slice request, struct walk *walk,
                struct index_hit *hit)
{
    const uint64_t hash = index_key(request);

    for (; file != NULL && walk->run < file->count; walk->run++, walk->step = 0) {
        int found = run_next(&file->runs[walk->run], hash, &walk->step, hit);

        if (found != 0)
            return found;
    }
    return index_next(memory, request, &walk->recent, hit);
}

void
index_file_expect(const struct index_file *file, const struct index *memory, struct slice request)
{
    const uint64_t key = index_key(request);

    index_expect(memory, key);
    for (unsigned i = 0; file != NULL && i < file->count; i++)
        run_expect(&file->runs[i], key);
}

void
index_file_close(struct index_file *file)
{
    for (unsigned i = 0; i < file->count; i++)
        run_close(&file->runs[i]);
    *file = (struct index_file){ .count = 0 };
}

/* -- writing --------------------------------------------------------------------- */

static bool
is_there(struct store *store, const struct run *run)
{
    char name[RUN_NAME_BYTES];

    run_name(&run->key, name);
    return faccessat(store->directory, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* From which run on all are merged; *count, how many events are new, becomes how many it will have. */
static unsigned
choose(struct store *store, const struct index_file *file, uint64_t *count)
{
    unsigned from = file->count, keep = 0;

    while (keep < file->count && is_there(store, &file->runs[keep]))
        keep++;
    if (file->count == INDEX_RUNS)
        keep = 0;
    while (from > 0 && (from > keep || file->runs[from - 1].key.count <= *count * INDEX_RATIO))
        *count += file->runs[--from].key.count;
    return from;
}

/* As run_merge(). */
static int
write_run(struct store *store, const struct index_file *file, unsigned from, const struct index *memory,
          const struct run_key *key)
{
    struct index_entry *list = index_list(memory);
    struct run_writer writer;
    char name[RUN_NAME_BYTES], hidden[RUN_NAME_BYTES];
    int result;

    run_name(key, name);
    (void)snprintf(hidden, sizeof hidden, "index/.%016llx.run", (unsigned long long)key->stream);
    writer = run_begin(store_open_file(store, hidden, O_WRONLY | O_CREAT | O_TRUNC), key);
    result = writer.fd < 0 ? -1 : run_merge(&writer, &file->runs[from], file->count - from, list, memory->count);
    if (run_end(&writer) != 0 && result == 0)
        result = -1;
    if (result == 0)
        result = renameat(store->directory, hidden, store->directory, name);
    if (result != 0 && writer.fd >= 0)
        (void)unlinkat(store->directory, hidden, 0);
    io_close(&writer.fd);
    free(list);
    return result;
}

static int
write_head(struct store *store, const char *name, const struct index_file *file, unsigned from,
           const struct run_key *last, const struct replay *replay, struct index_note note)
{
    struct head head = {
        .bytes = replay->offset, .chain = replay->chain, .state = replay->state, .run_count = from + 1,
        .note = XXH3_64bits(note.at, note.length),
    };
    int fd = store_open_file(store, head_name(name, true), O_WRONLY | O_CREAT | O_TRUNC), result = -1;
    char hidden[RUN_NAME_BYTES];

    memcpy(head.magic, magic, sizeof magic);
    memcpy(head.name, name, strlen(name) + 1);
    memcpy(head.time, replay->time.text, MOMENT_LENGTH);
    for (unsigned i = 0; i < from; i++)
        head.runs[i] = file->runs[i].key;
    head.runs[from] = *last;
    head.sum = XXH3_64bits(&head, offsetof(struct head, sum));
    memcpy(hidden, head_name(name, true), sizeof hidden);
    if (fd >= 0 && io_write(fd, &head, sizeof head) == 0 && io_write(fd, note.at, note.length) == 0)
        result = renameat(store->directory, hidden, store->directory, head_name(name, false));
    io_close(&fd);
    return result;
}

/* Let *file be of the new run instead of those that it has in it. */
static bool
take_over(struct store *store, struct index_file *file, unsigned from, const struct run_key *key, uint64_t bytes)
{
    struct run last;

    if (!map_run(store, key, &last))
        return false;
    for (unsigned i = from; i < file->count; i++)
        run_close(&file->runs[i]);
    file->runs[from] = last;
    file->count = from + 1;
    file->events = key->first + key->count - 1;
    file->bytes = bytes;
    return true;
}

static void
remove_run(struct store *store, const struct run_key *key)
{
    char name[RUN_NAME_BYTES];

    run_name(key, name);
    (void)unlinkat(store->directory, name, 0);
}

/* What only the old head tells of is of no use any more.  A run that has the name of a new one was replaced by it. */
static void
remove_runs(struct store *store, const struct head *old, const struct index_file *file)
{
    for (size_t i = 0; i < old->run_count; i++) {
        const struct run_key *run = &old->runs[i];
        unsigned at = 0;

        while (at < file->count && (file->runs[at].key.first != run->first || file->runs[at].key.count != run->count))
            at++;
        if (at == file->count)
            remove_run(store, run);
    }
}

enum index_extended
index_file_extend(struct store *store, const char *name, struct index_file *file, const struct index *memory,
                  const struct replay *replay, struct index_note note)
{
    uint64_t count = memory->count;
    unsigned from = choose(store, file, &count);
    const struct run_key key = { stream_of(name), from < file->count ? file->runs[from].key.first : file->events + 1,
                                 count, replay->chain };
    struct head old;
    int written;

    if (count == 0 || replay->offset > RUN_OFFSET_MAX || file->events + memory->count != replay->state.sequence)
        return INDEX_NOT_WRITTEN;
    if (!read_head(store, name, &old, (struct index_note){ .length = 0 }))
        old.run_count = 0;
    written = write_run(store, file, from, memory, &key);
    if (written > 0) {
        for (unsigned i = from; i < file->count; i++)       /* one of them is; without it nobody believes the others */
            remove_run(store, &file->runs[i].key);
        return INDEX_DAMAGED;
    }
    if (written != 0 || write_head(store, name, file, from, &key, replay, note) != 0
        || !take_over(store, file, from, &key, replay->offset))
        return INDEX_NOT_WRITTEN;
    remove_runs(store, &old, file);
    return INDEX_EXTENDED;
}

/*
 * dead_reader.c -- read dead letters, which may be long: their beginnings only.
 *
 * A letter of a line that was not too long fits in a chunk, however much of it is
 * escaped; one that does not is base64 from somewhere in the first chunk on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "domain/topic_name.h"
#include "store/dead.h"
#include "store/file/redriven.h"

enum { CHUNK = 512 * 1024 };

struct dead_reader {
    struct store *store;
    char name[DEAD_NAME_BYTES];
    int fd;                     /* or -1: no letters */
    uint64_t at, end;           /* of the file: read up to here; of what there is */
    uint64_t start;             /* where `bytes` are from */
    struct buffer bytes, spare;
};

static int
cannot_read(const struct dead_reader *reader, struct fault *why)
{
    return fault_system(why, STATUS_IO, "%s: cannot read", store_path(reader->store, reader->name));
}

int
dead_open(struct dead_reader **out, struct store *store, const char *command, uint64_t from, struct fault *why)
{
    struct dead_reader *reader = memory_zeroed(1, sizeof *reader);
    struct stat status = { .st_mode = S_IFREG };
    int result = 0;

    reader->store = store;
    reader->at = reader->start = from;
    dead_name(command, "ndjson", reader->name);
    reader->fd = store_open_file(store, reader->name, O_RDONLY);
    if (reader->fd < 0 && errno != ENOENT)
        result = store_open_fault(store, reader->name, why);
    else if (reader->fd >= 0 && fstat(reader->fd, &status) != 0)
        result = cannot_read(reader, why);
    else if (!S_ISREG(status.st_mode))
        result = fault_set(why, STATUS_DATA, "%s: not a regular file", store_path(store, reader->name));
    if (result != 0) {
        dead_close(reader);
        return -1;
    }
    reader->end = (uint64_t)status.st_size;
    *out = reader;
    return 0;
}

/* Bytes of the file from an offset on, behind those in *out; fewer only if it was cut back meanwhile. */
static ssize_t
read_at(struct dead_reader *reader, uint64_t from, size_t most, struct buffer *out)
{
    size_t length = reader->end - from < most ? (size_t)(reader->end - from) : most;
    ssize_t got = io_pread(reader->fd, buffer_reserve(out, length), length, (off_t)from);

    if (got > 0)
        out->length += (size_t)got;
    return got;
}

/* The newline of the line at `at` within what is in memory. */
static const char *
find_newline(const struct dead_reader *reader)
{
    size_t skipped = (size_t)(reader->at - reader->start);

    if (skipped >= reader->bytes.length)
        return NULL;
    return memchr(reader->bytes.at + skipped, '\n', reader->bytes.length - skipped);
}

/* Look for the newline of a long line behind what is in memory: 1 and its offset, 0, or -1. */
static int
find_end(struct dead_reader *reader, uint64_t *end)
{
    uint64_t from = reader->start + reader->bytes.length;

    while (from < reader->end) {
        const char *newline;
        ssize_t got;

        reader->spare.length = 0;
        got = read_at(reader, from, CHUNK, &reader->spare);
        if (got <= 0)
            return (int)got;
        newline = memchr(reader->spare.at, '\n', (size_t)got);
        if (newline != NULL) {
            *end = from + (uint64_t)(newline - reader->spare.at);
            return 1;
        }
        from += (uint64_t)got;
    }
    return 0;
}

int
dead_next(struct dead_reader *reader, struct dead_line *out, struct fault *why)
{
    const char *newline, *start;
    uint64_t end = 0;
    int found = 1;

    if (reader->at >= reader->end)
        return 0;
    newline = find_newline(reader);
    if (newline == NULL) {
        reader->bytes.length = 0;
        reader->start = reader->at;
        if (read_at(reader, reader->at, CHUNK, &reader->bytes) < 0)
            return cannot_read(reader, why);
        newline = find_newline(reader);
    }
    if (newline == NULL)
        found = find_end(reader, &end);
    if (found <= 0)
        return found < 0 ? cannot_read(reader, why) : 0;
    start = reader->bytes.at + (reader->at - reader->start);
    if (newline != NULL)
        end = reader->start + (uint64_t)(newline - reader->bytes.at);
    out->offset = reader->at;
    out->length = end - reader->at;
    out->text = (struct slice){ start, newline != NULL ? (size_t)out->length : reader->bytes.length };
    reader->at = end + 1;
    return 1;
}

void
dead_back(struct dead_reader *reader, const struct dead_line *line)
{
    reader->at = line->offset;
}

int
dead_part(struct dead_reader *reader, const struct dead_line *line, uint64_t from, size_t most, struct buffer *out,
          struct fault *why)
{
    size_t length = line->length - from < most ? (size_t)(line->length - from) : most;
    ssize_t got = io_pread(reader->fd, buffer_reserve(out, length), length, (off_t)(line->offset + from));

    if (got != (ssize_t)length)
        return cannot_read(reader, why);
    out->length += length;
    return 0;
}

int
dead_letter(struct dead_reader *reader, const struct dead_line *line, struct letter_view *out, struct fault *why)
{
    bool known = letter_read(line->text, out);

    if (!known || line->length == line->text.length) {
        out->whole = known && out->whole;
        return 0;
    }
    reader->spare.length = 0;
    if (dead_part(reader, line, line->length - 2, 2, &reader->spare, why) != 0)
        return -1;
    out->whole = out->base64 && memcmp(reader->spare.at, "\"}", 2) == 0;
    return 0;
}

void
dead_close(struct dead_reader *reader)
{
    if (reader == NULL)
        return;
    io_close(&reader->fd);
    buffer_free(&reader->bytes);
    buffer_free(&reader->spare);
    free(reader);
}

/* -- counting ------------------------------------------------------------------ */

static int
by_bytes(const void *a, const void *b)
{
    return strcmp(a, b);
}

static int
add_command(void *context, const char *file)
{
    struct dead_commands *out = context;
    size_t length = strlen(file), suffix = sizeof ".ndjson" - 1;

    if (length <= suffix || strcmp(file + length - suffix, ".ndjson") != 0)
        return 0;
    length -= suffix;
    if (length > DEAD_COMMAND_MAX || !topic_name_valid((struct slice){ file, length }))
        return 0;
    out->list = memory_room(out->list, out->count, &out->room, sizeof *out->list);
    memcpy(out->list[out->count], file, length);
    out->list[out->count++][length] = '\0';
    return 0;
}

int
dead_commands(struct store *store, struct dead_commands *out, struct fault *why)
{
    out->count = 0;
    if (io_names(store->directory, "dead", add_command, out) != 0 && errno != ENOENT)
        return store_open_fault(store, "dead", why);
    if (out->count > 1)
        qsort(out->list, out->count, sizeof *out->list, by_bytes);
    return 0;
}

void
dead_commands_free(struct dead_commands *commands)
{
    free(commands->list);
    *commands = (struct dead_commands){ 0 };
}

int
dead_redriven(struct store *store, const char *command, uint64_t *bytes, struct fault *why)
{
    struct redriven redriven = { 0 };
    int result = redriven_load(store, command, &redriven, why);

    if (result == 0)
        *bytes = redriven.bytes;
    redriven_free(&redriven);
    return result;
}

static int
count_letters(struct store *store, const char *command, uint64_t *count, struct fault *why)
{
    struct dead_reader *reader = NULL;
    struct letter_view letter;
    struct dead_line line = { 0 };
    uint64_t from = 0;
    int result;

    if (dead_redriven(store, command, &from, why) != 0 || dead_open(&reader, store, command, from, why) != 0)
        return -1;
    while ((result = dead_next(reader, &line, why)) > 0 && (result = dead_letter(reader, &line, &letter, why)) == 0)
        *count += letter.whole;
    dead_close(reader);
    return result;
}

int
dead_count(struct store *store, const char *command, uint64_t *count, struct fault *why)
{
    struct dead_commands commands = { 0 };
    uint64_t all = 0;
    int result = 0;

    if (command != NULL)
        result = count_letters(store, command, &all, why);
    else
        result = dead_commands(store, &commands, why);
    for (size_t i = 0; result == 0 && i < commands.count; i++)
        result = count_letters(store, commands.list[i], &all, why);
    dead_commands_free(&commands);
    if (result == 0)
        *count = all;
    return result;
}

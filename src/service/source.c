/*
 * source.c -- lines from a descriptor, read ahead by a thread of its own.
 *
 * The thread reads into a piece of its own and appends it to `ahead`; the
 * caller takes all whole lines of `ahead` at once, leaving the rest.  A line
 * longer than LINE_MAX_BYTES is handed out in pieces as they come, so that
 * memory stays bounded whatever the input is.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/io.h"
#include "domain/message.h"
#include "service/source.h"

enum {
    PIECE = 256 * 1024,
    AHEAD_MAX = 4 * 1024 * 1024,
};

struct source {
    const char *name;
    int fd;
    pthread_t thread;
    bool started;
    pthread_mutex_t mutex;      /* guards from here ... */
    pthread_cond_t more, room;
    struct buffer ahead;
    size_t whole;               /* bytes of `ahead` up to its last newline */
    bool ended, closing;
    int error;                  /* ... to here */
    char *piece;                /* the thread's own */
    struct buffer taken;
    struct line *lines;
    size_t line_count, line_room;
    uint64_t number;
    bool in_long_line;
};

int
source_check(const char *name, struct fault *why)
{
    struct stat status;

    if (strcmp(name, "-") == 0)
        return 0;
    if (stat(name, &status) != 0)
        return fault_system(why, STATUS_NO_INPUT, "%s", name);
    if (S_ISDIR(status.st_mode))
        return fault_set(why, STATUS_NO_INPUT, "%s: a directory", name);
    return 0;
}

static void
append_piece(struct source *source, const char *piece, size_t length)
{
    const char *newline = memrchr(piece, '\n', length);

    if (newline != NULL)
        source->whole = source->ahead.length + (size_t)(newline - piece) + 1;
    buffer_add(&source->ahead, piece, length);
}

static void *
read_ahead(void *argument)
{
    struct source *source = argument;
    ssize_t got;

    do {
        got = io_read(source->fd, source->piece, PIECE);
        (void)pthread_mutex_lock(&source->mutex);
        if (got > 0)
            append_piece(source, source->piece, (size_t)got);
        else
            source->ended = true;
        if (got < 0)
            source->error = errno;
        (void)pthread_cond_signal(&source->more);
        while (got > 0 && source->ahead.length >= AHEAD_MAX && !source->closing)
            (void)pthread_cond_wait(&source->room, &source->mutex);
        if (source->closing)
            got = 0;
        (void)pthread_mutex_unlock(&source->mutex);
    } while (got > 0);
    return NULL;
}

int
source_open(struct source **out, const char *name, struct fault *why)
{
    struct source *source = memory_zeroed(1, sizeof *source);
    bool standard = strcmp(name, "-") == 0;

    source->name = standard ? "stdin" : name;
    source->fd = standard ? STDIN_FILENO : io_open(AT_FDCWD, name, O_RDONLY | IO_FOLLOW, 0);
    if (source->fd < 0) {
        (void)fault_system(why, STATUS_NO_INPUT, "%s", name);
        free(source);
        return -1;
    }
    source->piece = memory_new(PIECE);
    (void)pthread_mutex_init(&source->mutex, NULL);
    (void)pthread_cond_init(&source->more, NULL);
    (void)pthread_cond_init(&source->room, NULL);
    errno = pthread_create(&source->thread, NULL, read_ahead, source);
    if (errno != 0) {
        (void)fault_system(why, STATUS_IO, "cannot start a thread");
        source_close(source);
        return -1;
    }
    source->started = true;
    *out = source;
    return 0;
}

static void
add_line(struct source *source, const char *at, size_t length, enum line_part part)
{
    source->lines = memory_room(source->lines, source->line_count, &source->line_room, sizeof *source->lines);
    source->lines[source->line_count++] = (struct line){ { at, length }, source->number, part };
}

/* A line with its end in sight, which may be the end of one that came in pieces. */
static void
add_end(struct source *source, const char *at, size_t length)
{
    if (!source->in_long_line) {
        source->number++;
        if (length < LINE_MAX_BYTES) {
            add_line(source, at, length, LINE_WHOLE);
            return;
        }
        add_line(source, at, 0, LINE_BEGINNING);
    }
    add_line(source, at, length, LINE_END);
    source->in_long_line = false;
}

/* The beginning of a line whose end is not in sight. */
static void
add_piece(struct source *source, const char *at, size_t length)
{
    if (!source->in_long_line)
        source->number++;
    add_line(source, at, length, source->in_long_line ? LINE_MIDDLE : LINE_BEGINNING);
    source->in_long_line = true;
}

static void
split(struct source *source, bool ended)
{
    const char *at = source->taken.at, *end = at + source->taken.length, *newline;

    source->line_count = 0;
    while (at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        add_end(source, at, (size_t)(newline - at));
        at = newline + 1;
    }
    if (at < end && !ended)
        add_piece(source, at, (size_t)(end - at));
    else if (at < end || (ended && source->in_long_line))
        add_end(source, at, (size_t)(end - at));
}

/* Something can be handed out: whole lines, a part of a long one, or the end. */
static bool
ready(const struct source *source)
{
    return source->whole > 0 || source->ended || source->ahead.length >= LINE_MAX_BYTES
        || (source->in_long_line && source->ahead.length > 0);
}

/* Swap the buffers; what follows the last newline stays, unless it must go too. */
static bool
take_ahead(struct source *source)
{
    struct buffer taken = source->ahead;
    size_t length = source->whole;
    bool ended = source->ended && source->error == 0;

    if (source->whole == 0 || ended)
        length = taken.length;
    source->ahead = source->taken;
    source->ahead.length = 0;
    buffer_add(&source->ahead, taken.at + length, taken.length - length);
    source->taken = taken;
    source->taken.length = length;
    source->whole = 0;
    return ended;
}

int
source_take(struct source *source, const struct line **lines, size_t *count, struct fault *why)
{
    bool ended;

    (void)pthread_mutex_lock(&source->mutex);
    while (!ready(source))
        (void)pthread_cond_wait(&source->more, &source->mutex);
    errno = source->error;
    if (errno != 0 && source->whole == 0) {
        (void)pthread_mutex_unlock(&source->mutex);
        return fault_system(why, STATUS_IO, "%s", source->name);
    }
    ended = take_ahead(source);
    (void)pthread_cond_signal(&source->room);
    (void)pthread_mutex_unlock(&source->mutex);
    split(source, ended);
    *lines = source->lines;
    *count = source->line_count;
    return source->line_count > 0;
}

const char *
source_name(const struct source *source)
{
    return source->name;
}

int
source_file(const struct source *source)
{
    return source->fd;
}

void
source_close(struct source *source)
{
    if (source == NULL)
        return;
    if (source->started) {
        (void)pthread_mutex_lock(&source->mutex);
        source->closing = true;
        (void)pthread_cond_signal(&source->room);
        (void)pthread_mutex_unlock(&source->mutex);
        (void)pthread_cancel(source->thread);
        (void)pthread_join(source->thread, NULL);
    }
    (void)pthread_mutex_destroy(&source->mutex);
    (void)pthread_cond_destroy(&source->more);
    (void)pthread_cond_destroy(&source->room);
    if (source->fd != STDIN_FILENO)
        io_close(&source->fd);
    buffer_free(&source->ahead);
    buffer_free(&source->taken);
    free(source->piece);
    free(source->lines);
    free(source);
}

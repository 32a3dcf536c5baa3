/*
 * ahead.c -- a descriptor read into memory by a thread of its own.
 *
 * The thread reads into a piece of its own and appends it to `bytes`; the
 * caller takes all whole lines of them at once, leaving the rest.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/io.h"
#include "domain/message.h"
#include "service/ahead.h"

enum {
    PIECE = 256 * 1024,
    AHEAD_USUAL = 4 * 1024 * 1024 - PIECE,      /* what is read next is still in the processor's caches then */
    AHEAD_MOST = 8 * 1024 * 1024 - PIECE,
};

struct ahead {
    int fd;
    pthread_t thread;
    bool started;
    pthread_mutex_t mutex;      /* guards from here ... */
    pthread_cond_t more, room;
    struct buffer bytes;
    size_t most;                /* so many are enough */
    size_t whole;               /* of them, up to the last newline */
    bool reading;               /* the thread is at read(2): what is closed now is its own */
    bool ended, closing;
    int error;                  /* ... to here */
    char *piece;                /* the thread's own */
    struct buffer taken;
};

static void
append_piece(struct ahead *ahead, const char *piece, size_t length)
{
    const char *newline = memrchr(piece, '\n', length);

    if (newline != NULL)
        ahead->whole = ahead->bytes.length + (size_t)(newline - piece) + 1;
    buffer_add(&ahead->bytes, piece, length);
}

static void
release(struct ahead *ahead)
{
    (void)pthread_mutex_destroy(&ahead->mutex);
    (void)pthread_cond_destroy(&ahead->more);
    (void)pthread_cond_destroy(&ahead->room);
    buffer_free(&ahead->bytes);
    buffer_free(&ahead->taken);
    free(ahead->piece);
    free(ahead);
}

/* With the mutex: keep what was read, and wait until there is room for more.  False at the end. */
static bool
keep(struct ahead *ahead, ssize_t got, int error)
{
    if (got > 0)
        append_piece(ahead, ahead->piece, (size_t)got);
    else
        ahead->ended = true;
    if (got < 0)
        ahead->error = error;
    (void)pthread_cond_signal(&ahead->more);
    while (got > 0 && ahead->bytes.length >= ahead->most && !ahead->closing)
        (void)pthread_cond_wait(&ahead->room, &ahead->mutex);
    return got > 0 && !ahead->closing;
}

static void *
read_on(void *argument)
{
    struct ahead *ahead = argument;
    bool more, closing;

    do {
        ssize_t got = io_read(ahead->fd, ahead->piece, PIECE);
        int error = errno;

        (void)pthread_mutex_lock(&ahead->mutex);
        closing = ahead->closing;
        ahead->reading = false;
        more = !closing && keep(ahead, got, error);
        ahead->reading = more;
        (void)pthread_mutex_unlock(&ahead->mutex);
    } while (more);
    if (closing)
        release(ahead);                 /* it was closed while this read */
    return NULL;
}

int
ahead_open(struct ahead **out, int fd, struct fault *why)
{
    struct ahead *ahead = memory_zeroed(1, sizeof *ahead);

    ahead->fd = fd;
    ahead->piece = memory_new(PIECE);
    ahead->most = AHEAD_USUAL;
    (void)buffer_reserve(&ahead->bytes, AHEAD_USUAL + PIECE);   /* not copied while it grows */
    (void)buffer_reserve(&ahead->taken, AHEAD_USUAL + PIECE);
    (void)pthread_mutex_init(&ahead->mutex, NULL);
    (void)pthread_cond_init(&ahead->more, NULL);
    (void)pthread_cond_init(&ahead->room, NULL);
    ahead->reading = true;
    errno = pthread_create(&ahead->thread, NULL, read_on, ahead);
    if (errno != 0) {
        ahead->reading = false;
        (void)fault_system(why, STATUS_IO, "cannot start a thread");
        ahead_close(ahead);
        return -1;
    }
    ahead->started = true;
    *out = ahead;
    return 0;
}

/* Something can be handed out: whole lines, a part of a long one, or the end. */
static bool
ready(const struct ahead *ahead, bool in_line)
{
    return ahead->whole > 0 || ahead->ended || ahead->bytes.length >= LINE_MAX_BYTES
        || (in_line && ahead->bytes.length > 0);
}

/* Swap the buffers; what follows the last newline stays, unless it must go too. */
static bool
swap(struct ahead *ahead)
{
    struct buffer taken = ahead->bytes;
    size_t length = ahead->whole;
    bool ended = ahead->ended && ahead->error == 0;

    if (ahead->whole == 0 || ended)
        length = taken.length;
    ahead->bytes = ahead->taken;
    ahead->bytes.length = 0;
    buffer_add(&ahead->bytes, taken.at + length, taken.length - length);
    ahead->taken = taken;
    ahead->taken.length = length;
    ahead->whole = 0;
    return ended;
}

int
ahead_take(struct ahead *ahead, bool in_line, struct slice *bytes, bool *ended)
{
    int error;

    (void)pthread_mutex_lock(&ahead->mutex);
    while (!ready(ahead, in_line))
        (void)pthread_cond_wait(&ahead->more, &ahead->mutex);
    error = ahead->whole == 0 ? ahead->error : 0;
    if (error == 0)
        *ended = swap(ahead);
    (void)pthread_cond_signal(&ahead->room);
    (void)pthread_mutex_unlock(&ahead->mutex);
    *bytes = (struct slice){ ahead->taken.at, ahead->taken.length };
    errno = error;
    return error == 0 ? 0 : -1;
}

void
ahead_gather(struct ahead *ahead, bool much)
{
    const size_t most = much ? AHEAD_MOST : AHEAD_USUAL;

    (void)pthread_mutex_lock(&ahead->mutex);
    if (most > ahead->most)
        (void)pthread_cond_signal(&ahead->room);
    ahead->most = most;
    (void)pthread_mutex_unlock(&ahead->mutex);
}

/*
 * Who waits for input that may never come is left behind.  It is not cancelled: glibc loads
 * a library for that, which takes longer than all of a short run, and cannot be opened any
 * more when the process has given up the file system.
 */
void
ahead_close(struct ahead *ahead)
{
    bool reading;

    if (ahead == NULL)
        return;
    (void)pthread_mutex_lock(&ahead->mutex);
    reading = ahead->reading;
    ahead->closing = true;
    (void)pthread_cond_signal(&ahead->room);
    (void)pthread_mutex_unlock(&ahead->mutex);
    if (reading) {
        (void)pthread_detach(ahead->thread);
        return;
    }
    if (ahead->started)
        (void)pthread_join(ahead->thread, NULL);
    release(ahead);
}

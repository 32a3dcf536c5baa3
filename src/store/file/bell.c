/* bell.c -- be woken when something changes in directories. */
#include <errno.h>
#include <stdio.h>

#include "base/io.h"
#include "store/file/bell.h"

/* Who waits must look again and again. */
static int
unwoken(struct fault *why)
{
    return fault_system(why, STATUS_IO, "cannot be woken, so looking every %d ms", BELL_LOOK_MILLISECONDS);
}

int
bell_open(struct bell *bell, struct fault *why)
{
    bell->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    return bell->fd >= 0 ? 0 : unwoken(why);
}

/* A directory that nobody watches would never wake anybody. */
int
bell_watch(struct bell *bell, int directory, uint32_t events, struct fault *why)
{
    char path[32];

    if (bell->fd < 0 || directory < 0)
        return 0;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", directory);
    if (inotify_add_watch(bell->fd, path, events) >= 0)
        return 0;
    (void)unwoken(why);
    io_close(&bell->fd);
    return -1;
}

int
bell_wait(struct bell *bell, struct pollfd *ready, size_t count, int milliseconds)
{
    char events[4096];
    int rung;

    if (bell->fd < 0 && (milliseconds < 0 || milliseconds > BELL_LOOK_MILLISECONDS))
        milliseconds = BELL_LOOK_MILLISECONDS;
    ready[0] = (struct pollfd){ .fd = bell->fd, .events = POLLIN };
    rung = poll(ready, (nfds_t)count, milliseconds);
    if (rung < 0)
        return errno == EINTR ? 1 : -1;
    while (bell->fd >= 0 && read(bell->fd, events, sizeof events) > 0)
        continue;
    return bell->fd < 0 || rung > 0;
}

void
bell_close(struct bell *bell)
{
    io_close(&bell->fd);
}

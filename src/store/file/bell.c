/* bell.c -- be woken when something changes in directories. */
#include <errno.h>
#include <stdio.h>

#include "base/io.h"
#include "store/file/bell.h"

int
bell_open(struct bell *bell, struct fault *why)
{
    bell->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    return bell->fd >= 0 ? 0
        : fault_system(why, STATUS_IO, "cannot be woken, so looking every %d ms", BELL_LOOK_MILLISECONDS);
}

void
bell_watch(struct bell *bell, int directory, uint32_t events)
{
    char path[32];

    if (bell->fd < 0 || directory < 0)
        return;
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", directory);
    (void)inotify_add_watch(bell->fd, path, events);
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

/* subscription_wait.c -- wait until there is something to take, or somebody says stop. */
#include <errno.h>
#include <sys/syscall.h>

#include "store/file/subscription.h"

/*
 * Who waits for a lane is woken when its holder ends; by then the lock is free.
 * *gone: one has ended already, or whoever has the lock has not signed yet.
 */
static size_t
watch_holders(struct subscription *subscription, size_t count, bool *gone)
{
    for (unsigned lane = 0; lane < subscription->count; lane++) {
        const struct station *station = &subscription->stations[lane];
        int fd;

        if (station->waiting == 0)
            continue;
        fd = station->holder > 0 ? (int)syscall(SYS_pidfd_open, (pid_t)station->holder, 0) : -1;
        if (fd >= 0)
            subscription->ready[count++] = (struct pollfd){ .fd = fd, .events = POLLIN };
        else if (station->holder == 0 || errno == ESRCH)
            *gone = true;
    }
    return count;
}

static int
time_to_wait(const struct subscription *subscription, bool busy, bool gone)
{
    int64_t wait = gone ? BELL_LOOK_MILLISECONDS : busy ? PATIENCE_MILLISECONDS : -1;

    if (subscription->unsettled_since >= 0) {
        int64_t left = subscription->unsettled_since + SETTLE_MILLISECONDS - steady_milliseconds();

        left = left > 0 ? left : 0;
        wait = wait < 0 || left < wait ? left : wait;
    }
    return (int)wait;
}

int
subscription_wait(struct subscription *subscription, bool busy, struct fault *why)
{
    size_t count = 2;
    bool gone = false;
    int result;

    subscription->ready[1] = (struct pollfd){ .fd = subscription->setting.stop, .events = POLLIN };
    if (busy)
        count = watch_holders(subscription, count, &gone);
    result = bell_wait(&subscription->bell, subscription->ready, count, time_to_wait(subscription, busy, gone));
    while (count > 2)
        (void)close(subscription->ready[--count].fd);
    return result < 0 ? fault_system(why, STATUS_IO, "cannot wait") : 0;
}

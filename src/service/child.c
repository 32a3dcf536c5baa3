/* child.c -- a command that is run on bytes, and how it ended. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "base/io.h"
#include "base/moment.h"
#include "service/child.h"

enum { GRACE_MILLISECONDS = 5000, EXIT_NOT_EXECUTABLE = 126, EXIT_NOT_FOUND = 127 };

static int
make_input(struct slice bytes, struct fault *why)
{
    int fd = memfd_create("input", MFD_CLOEXEC);

    if (fd >= 0 && io_write(fd, bytes.at, bytes.length) == 0 && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    (void)fault_system(why, STATUS_IO, "cannot keep a command's input in memory");
    io_close(&fd);
    return -1;
}

/* With signals as a command expects them, whatever we block or ignore.  0 or an error number. */
static int
spawn(const struct child_setting *setting, int input, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    int error;

    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    error = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (error == 0)
        error = posix_spawnp(pid, setting->arguments[0], &actions, &attributes, setting->arguments, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return error;
}

static int
start(const struct child_setting *setting, struct slice bytes, pid_t *pid, struct fault *why)
{
    int input = make_input(bytes, why), error;

    if (input < 0)
        return -1;
    error = spawn(setting, input, pid);
    io_close(&input);
    if (error == 0)
        return 0;
    errno = error;
    return error == ENOENT ? fault_set(why, STATUS_UNAVAILABLE, "%s: not found", setting->arguments[0])
                           : fault_system(why, STATUS_UNAVAILABLE, "%s", setting->arguments[0]);
}

/* How long poll(2) may wait; -1: for ever. */
static int
time_left(int64_t until)
{
    int64_t left = until < 0 ? -1 : until - steady_milliseconds();

    if (until >= 0 && left < 0)
        left = 0;
    return left < INT_MAX ? (int)left : INT_MAX;
}

/* The signal that came, or 0. */
static int
take_signal(int stop)
{
    struct signalfd_siginfo signal;

    return io_read(stop, &signal, sizeof signal) == (ssize_t)sizeof signal ? (int)signal.ssi_signo : 0;
}

static void
pass_signal(const struct child_setting *setting, pid_t pid, bool *stopping)
{
    int signal = take_signal(setting->stop);

    if (signal != 0 && *stopping)
        (void)kill(-pid, signal);
    if (signal != 0)
        *stopping = true;
}

/* Until `ended`, a pidfd_open(2), tells that it has; *late: its time was over first. */
static int
wait_for_end(const struct child_setting *setting, pid_t pid, int ended, bool *stopping, bool *late)
{
    int64_t until = setting->timeout < 0 ? -1 : steady_milliseconds() + setting->timeout;

    for (;;) {
        struct pollfd ready[] = { { .fd = ended, .events = POLLIN }, { .fd = setting->stop, .events = POLLIN } };
        int count = poll(ready, 2, time_left(until));

        if (count < 0 && errno != EINTR)
            return -1;
        if (count > 0 && ready[0].revents != 0)
            return 0;
        if (count > 0 && ready[1].revents != 0)
            pass_signal(setting, pid, stopping);
        if (until >= 0 && steady_milliseconds() >= until) {
            (void)kill(-pid, *late ? SIGKILL : SIGTERM);
            until = *late ? -1 : steady_milliseconds() + GRACE_MILLISECONDS;
            *late = true;
        }
    }
}

static int
reap(pid_t pid, int *status)
{
    pid_t got;

    do
        got = waitpid(pid, status, 0);
    while (got < 0 && errno == EINTR);
    return got == pid ? 0 : -1;
}

static int
judge(const struct child_setting *setting, int status, bool late, struct child_end *end, struct fault *why)
{
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

    end->done = code == 0 && !late;
    if (!late && (code == EXIT_NOT_EXECUTABLE || code == EXIT_NOT_FOUND))
        return fault_set(why, STATUS_UNAVAILABLE, "%s: exit %d: cannot start what it needs", setting->arguments[0], code);
    if (late)
        (void)snprintf(end->how, sizeof end->how, "no end within %.12g s", (double)setting->timeout / 1000);
    else if (code >= 0)
        (void)snprintf(end->how, sizeof end->how, "exit %d", code);
    else
        (void)snprintf(end->how, sizeof end->how, "killed by signal %d", WTERMSIG(status));
    return 0;
}

int
child_run(const struct child_setting *setting, struct slice input, bool *stopping, struct child_end *end,
          struct fault *why)
{
    bool late = false;
    int ended, waited, status;
    pid_t pid = -1;

    if (start(setting, input, &pid, why) != 0)
        return -1;
    ended = (int)syscall(SYS_pidfd_open, pid, 0);
    waited = ended < 0 ? -1 : wait_for_end(setting, pid, ended, stopping, &late);
    if (waited != 0)
        (void)fault_system(why, STATUS_IO, "cannot wait for a command");
    /* Before it is reaped: its number, which is that of its group, belongs to nobody else yet. */
    if (waited != 0 || late)
        (void)kill(-pid, SIGKILL);
    io_close(&ended);
    if (reap(pid, &status) != 0 && waited == 0)
        waited = fault_system(why, STATUS_IO, "cannot wait for a command");
    return waited != 0 ? -1 : judge(setting, status, late, end, why);
}

void
child_pause(const struct child_setting *setting, int64_t milliseconds, bool *stopping)
{
    const int64_t until = steady_milliseconds() + milliseconds;

    while (!*stopping && steady_milliseconds() < until) {
        struct pollfd ready = { .fd = setting->stop, .events = POLLIN };

        if (poll(&ready, 1, time_left(until)) > 0)
            *stopping = take_signal(setting->stop) != 0;
    }
}

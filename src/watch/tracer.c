/* tracer.c -- what happened to a request, looked for by a process of its own. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/io.h"
#include "service/trace_print.h"
#include "watch/tracer.h"

enum { CHUNK = 65536 };

/* In the other process: standard output is the terminal and not used. */
static _Noreturn void
trace(struct store *store, struct slice request, int out)
{
    struct trace_book book = { .store = store, .jobs = 1 };
    struct buffer text = { 0 };

    (void)dup2(out, STDERR_FILENO);
    (void)request_set_add(&book.set, request);
    trace_read(&book);
    if (book.traces[0].count > 0)
        trace_print_tree(&text, &book.traces[0]);
    else
        buffer_text(&text, "nothing is known of it\n");
    (void)io_write(out, text.at, text.length);
    _exit(STATUS_DONE);
}

int
tracer_begin(struct tracer *tracer, struct store *store, struct slice request, struct fault *why)
{
    int ends[2];

    tracer_end(tracer);
    tracer->text.length = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return fault_system(why, STATUS_IO, "cannot look for a request");
    tracer->process = fork();
    if (tracer->process == 0)
        trace(store, request, ends[1]);
    if (tracer->process < 0) {
        (void)fault_system(why, STATUS_IO, "cannot look for a request");
        io_close(&ends[0]);
        io_close(&ends[1]);
        return -1;
    }
    io_close(&ends[1]);
    tracer->fd = ends[0];
    return 0;
}

void
tracer_read(struct tracer *tracer)
{
    ssize_t got = io_read(tracer->fd, buffer_reserve(&tracer->text, CHUNK), CHUNK);

    if (got > 0)
        tracer->text.length += (size_t)got;
    else
        tracer_end(tracer);
}

void
tracer_end(struct tracer *tracer)
{
    if (tracer->fd < 0)
        return;
    io_close(&tracer->fd);
    (void)kill(tracer->process, SIGKILL);
    while (waitpid(tracer->process, NULL, 0) < 0 && errno == EINTR)
        continue;
}

void
tracer_free(struct tracer *tracer)
{
    tracer_end(tracer);
    buffer_free(&tracer->text);
}

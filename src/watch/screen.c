/*
 * screen.c -- a store on a terminal.
 *
 * One loop: wait for a key, a signal, the tracer, or the time of the next look; then show what there
 * is.  Signals are taken from a descriptor, so nothing is ever left half done.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/io.h"
#include "watch/screen_state.h"
#include "watch/terminal.h"

void
screen_tell(void *context, const struct fault *why)
{
    struct screen *screen = context;

    if (!screen->troubled)
        screen->trouble = *why;
    screen->troubled = true;
}

/* -- what is chosen ------------------------------------------------------------------ */

static bool
is_same(const struct watch_message *a, const struct watch_message *b)
{
    return a->lane == b->lane && a->offset == b->offset && strcmp(a->topic, b->topic) == 0;
}

/* Where it is now; one that is not kept any more is chosen no more. */
static void
find_chosen(struct screen *screen)
{
    screen->layout.chosen = WATCH_NO_MESSAGE;
    for (size_t i = 0; screen->is_chosen && i < screen->watch.message_count; i++)
        if (is_same(&screen->watch.messages[i], &screen->chosen))
            screen->layout.chosen = i;
    screen->is_chosen = screen->layout.chosen != WATCH_NO_MESSAGE;
}

void
screen_look(struct screen *screen)
{
    screen->troubled = false;
    watch_look(&screen->watch);
    find_chosen(screen);
    screen->next = steady_milliseconds() + screen->setting->interval;
}

/* -- showing ---------------------------------------------------------------------------- */

static void
add_foot(struct screen *screen, enum sheet_look looks, const char *text)
{
    sheet_text(&screen->foot, looks, text);
}

static void
make_foot(struct screen *screen)
{
    struct buffer text = { 0 };

    sheet_clear(&screen->foot, terminal_columns());
    if (screen->mode == MODE_FILTER) {
        add_foot(screen, SHEET_TITLE, "product or request: ");
        add_foot(screen, SHEET_PLAIN, screen->typed);
    } else if (screen->mode == MODE_TRACE) {
        add_foot(screen, SHEET_FAINT, screen->tracer.fd >= 0 ? "looking for it ...   q back" : "arrows move   q back");
    } else if (screen->mode == MODE_HELP) {
        add_foot(screen, SHEET_FAINT, "q back");
    } else if (screen->wrong != NULL || screen->troubled) {
        add_foot(screen, SHEET_TROUBLE, screen->wrong != NULL ? screen->wrong : screen->trouble.text);
    } else if (screen->is_chosen) {
        watch_describe(&screen->chosen, &text);
        sheet_put(&screen->foot, SHEET_PLAIN, (struct slice){ text.at, text.length });
    } else {
        add_foot(screen, SHEET_FAINT, "q quit   p pause   / filter   arrows choose   Enter trace   ? help");
    }
    buffer_free(&text);
}

/* The lines of a trace, moved to the side. */
static void
make_trace(struct screen *screen)
{
    const char *at = screen->tracer.text.at, *end = at + screen->tracer.text.length, *newline;

    for (; at < end; at = newline + 1) {
        struct slice line;

        newline = memchr(at, '\n', (size_t)(end - at));
        newline = newline != NULL ? newline : end;
        line = (struct slice){ at, (size_t)(newline - at) };
        sheet_put_from(&screen->sheet, SHEET_PLAIN, line, screen->side);
        sheet_end_line(&screen->sheet);
    }
    if (screen->tracer.text.length == 0) {
        sheet_text(&screen->sheet, SHEET_PLAIN, screen->request);
        sheet_end_line(&screen->sheet);
    }
}

static void
show(struct screen *screen)
{
    const size_t rows = terminal_rows() - 1;

    sheet_clear(&screen->sheet, terminal_columns());
    make_foot(screen);
    if (screen->mode == MODE_TRACE) {
        make_trace(screen);
    } else if (screen->mode == MODE_HELP) {
        watch_help(&screen->sheet);
    } else {
        screen->layout.rows = rows;
        watch_sheet(&screen->watch, &screen->layout, &screen->sheet);
        screen->top = 0;
    }
    if (screen->top + rows > screen->sheet.lines)
        screen->top = screen->sheet.lines > rows ? screen->sheet.lines - rows : 0;
    terminal_show(&screen->sheet, screen->top, &screen->foot, screen->mode == MODE_FILTER);
}

/* -- the loop ------------------------------------------------------------------------------- */

static int
take_signals(struct screen *screen, struct fault *why)
{
    static const int numbers[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
    sigset_t set;

    (void)sigemptyset(&set);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        (void)sigaddset(&set, numbers[i]);
    (void)sigprocmask(SIG_BLOCK, &set, NULL);
    screen->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return screen->signals >= 0 ? 0 : fault_system(why, STATUS_IO, "cannot take signals");
}

static int
milliseconds_left(const struct screen *screen)
{
    const int64_t left = screen->next - steady_milliseconds();

    if (screen->layout.paused)
        return -1;
    return left > 0 ? (int)left : 0;
}

/* Wait for something, and do what it asks for. */
static int
wait_for(struct screen *screen, struct fault *why)
{
    struct pollfd ready[] = {
        { .fd = STDIN_FILENO, .events = POLLIN }, { .fd = screen->signals, .events = POLLIN },
        { .fd = screen->tracer.fd, .events = POLLIN },
    };
    struct signalfd_siginfo signal;

    if (poll(ready, sizeof ready / sizeof ready[0], milliseconds_left(screen)) < 0 && errno != EINTR)
        return fault_system(why, STATUS_IO, "cannot wait");
    if (io_read(screen->signals, &signal, sizeof signal) == (ssize_t)sizeof signal)
        screen->done = (int)signal.ssi_signo;
    if (ready[2].revents != 0)
        tracer_read(&screen->tracer);
    screen_take_keys(screen);
    if (screen->done < 0 && !screen->layout.paused && steady_milliseconds() >= screen->next)
        screen_look(screen);
    return 0;
}

int
screen_run(const struct screen_setting *setting, struct fault *why)
{
    struct screen screen = {
        .setting = setting, .tracer.fd = -1, .signals = -1, .done = -1,
        .layout = { .store = setting->name, .chosen = WATCH_NO_MESSAGE },
    };
    int result = -1;

    screen.watch = (struct watch){ .store = setting->store, .filter = setting->filter, .tell = screen_tell, .context = &screen };
    if (take_signals(&screen, why) != 0 || terminal_begin(setting->colours, why) != 0)
        goto done;
    store_confine(setting->store, NULL);
    screen_look(&screen);
    result = 0;
    while (result == 0 && screen.done < 0) {
        show(&screen);
        result = wait_for(&screen, why);
    }
    terminal_end();
done:
    tracer_free(&screen.tracer);
    watch_free(&screen.watch);
    sheet_free(&screen.sheet);
    sheet_free(&screen.foot);
    io_close(&screen.signals);
    return result == 0 ? screen.done : -1;
}

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
#include "service/watch_sheet.h"
#include "watch/screen.h"
#include "watch/terminal.h"
#include "watch/tracer.h"

enum mode { MODE_WATCH, MODE_FILTER, MODE_TRACE, MODE_HELP };

enum { SIDE = 8 };              /* columns that a trace is moved by */

struct screen {
    const struct screen_setting *setting;
    struct watch watch;
    struct watch_layout layout;
    enum mode mode;
    struct watch_message chosen;        /* stays the same, whatever comes */
    bool is_chosen;
    struct tracer tracer;
    char request[UUID_LENGTH + 1];      /* that is traced */
    size_t top, side;           /* of the trace, or of the help */
    char typed[PRODUCT_MAX + 1];
    const char *wrong;          /* with what was typed, or NULL */
    struct fault trouble;       /* of this look, the first */
    bool troubled;
    struct sheet sheet, foot;
    int64_t next;               /* when to look again, steady_milliseconds() */
    int signals;                /* descriptor */
    int done;                   /* below 0: go on */
};

static void
tell(void *context, const struct fault *why)
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

static void
choose(struct screen *screen, size_t number)
{
    if (screen->watch.message_count == 0)
        return;
    if (number >= screen->watch.message_count)
        number = screen->watch.message_count - 1;
    screen->layout.chosen = number;
    screen->chosen = screen->watch.messages[number];
    screen->is_chosen = true;
}

static void
look(struct screen *screen)
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

/* -- keys ---------------------------------------------------------------------------------- */

static void
apply_filter(struct screen *screen)
{
    struct watch_filter filter = { .product = "" };
    const struct slice typed = { screen->typed, strlen(screen->typed) };

    screen->mode = MODE_WATCH;
    if (text_uuid(typed))
        memcpy(filter.request, typed.at, typed.length);
    else
        memcpy(filter.product, typed.at, typed.length);
    watch_choose(&screen->watch, &filter);
    look(screen);
}

/* Take a character off the end. */
static void
erase_character(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && ((unsigned char)text[--length] & 0xc0) == 0x80)
        continue;
    text[length] = '\0';
}

static void
type(struct screen *screen, enum terminal_key key, const char *text)
{
    if (key == TERMINAL_ENTER)
        apply_filter(screen);
    else if (key == TERMINAL_ESCAPE)
        screen->mode = MODE_WATCH;
    else if (key == TERMINAL_ERASE)
        erase_character(screen->typed);
    else if (key == TERMINAL_CHARACTER && strlen(screen->typed) + strlen(text) < sizeof screen->typed)
        memcpy(screen->typed + strlen(screen->typed), text, strlen(text) + 1);
}

/* In a trace, or in the help. */
static void
move(struct screen *screen, enum terminal_key key, const char *text)
{
    const size_t page = terminal_rows() > 2 ? terminal_rows() - 2 : 1;

    switch (key) {
    case TERMINAL_UP: screen->top -= screen->top > 0; break;
    case TERMINAL_DOWN: screen->top++; break;
    case TERMINAL_PAGE_UP: screen->top -= screen->top > page ? page : screen->top; break;
    case TERMINAL_PAGE_DOWN: screen->top += page; break;
    case TERMINAL_HOME: screen->top = screen->side = 0; break;
    case TERMINAL_END: screen->top = screen->sheet.lines; break;
    case TERMINAL_LEFT: screen->side -= screen->side > SIDE ? SIDE : screen->side; break;
    case TERMINAL_RIGHT: screen->side += SIDE; break;
    default:
        if (key != TERMINAL_ESCAPE && (key != TERMINAL_CHARACTER || strcmp(text, "q") != 0))
            return;
        tracer_end(&screen->tracer);
        screen->mode = MODE_WATCH;
        break;
    }
}

static void
open_trace(struct screen *screen)
{
    struct fault why;

    if (!screen->is_chosen)
        choose(screen, 0);
    if (!screen->is_chosen)
        return;
    if (screen->chosen.request[0] == '\0') {
        screen->wrong = "no message of a request";
        return;
    }
    memcpy(screen->request, screen->chosen.request, sizeof screen->request);
    if (tracer_begin(&screen->tracer, screen->setting->store, (struct slice){ screen->request, UUID_LENGTH }, &why) != 0) {
        tell(screen, &why);
        return;
    }
    screen->mode = MODE_TRACE;
    screen->top = screen->side = 0;
}

static void
command(struct screen *screen, char letter)
{
    switch (letter) {
    case 'q': screen->done = 0; break;
    case 'p':
    case ' ':
        screen->layout.paused = !screen->layout.paused;
        if (!screen->layout.paused)
            look(screen);
        break;
    case 'r': look(screen); break;
    case '/':
        screen->typed[0] = '\0';
        screen->mode = MODE_FILTER;
        break;
    case '?':
        screen->mode = MODE_HELP;
        screen->top = 0;
        break;
    case 'k': choose(screen, screen->layout.chosen > 0 && screen->is_chosen ? screen->layout.chosen - 1 : 0); break;
    case 'j': choose(screen, screen->is_chosen ? screen->layout.chosen + 1 : 0); break;
    }
}

static void
watch_key(struct screen *screen, enum terminal_key key, const char *text)
{
    const size_t at = screen->is_chosen ? screen->layout.chosen : 0, page = terminal_rows() / 3 + 1;

    screen->wrong = NULL;
    switch (key) {
    case TERMINAL_UP: command(screen, 'k'); break;
    case TERMINAL_DOWN: command(screen, 'j'); break;
    case TERMINAL_PAGE_UP: choose(screen, at > page ? at - page : 0); break;
    case TERMINAL_PAGE_DOWN: choose(screen, at + page); break;
    case TERMINAL_HOME: choose(screen, 0); break;
    case TERMINAL_END: choose(screen, WATCH_MESSAGES); break;
    case TERMINAL_ENTER: open_trace(screen); break;
    case TERMINAL_ESCAPE:
        screen->is_chosen = false;
        screen->layout.chosen = WATCH_NO_MESSAGE;
        break;
    case TERMINAL_CHARACTER: command(screen, text[0]); break;
    default: break;
    }
}

static void
take_keys(struct screen *screen)
{
    char text[TERMINAL_TEXT] = "";
    enum terminal_key key;

    while (screen->done < 0 && (key = terminal_key(text)) != TERMINAL_NONE) {
        if (key == TERMINAL_GONE)
            screen->done = 0;
        else if (screen->mode == MODE_WATCH)
            watch_key(screen, key, text);
        else if (screen->mode == MODE_FILTER)
            type(screen, key, text);
        else
            move(screen, key, text);
    }
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
    take_keys(screen);
    if (screen->done < 0 && !screen->layout.paused && steady_milliseconds() >= screen->next)
        look(screen);
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

    screen.watch = (struct watch){ .store = setting->store, .filter = setting->filter, .tell = tell, .context = &screen };
    if (take_signals(&screen, why) != 0 || terminal_begin(setting->colours, why) != 0)
        goto done;
    store_confine(setting->store, NULL);
    look(&screen);
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

/* screen_keys.c -- what the keys do. */
#include "watch/screen_state.h"
#include "watch/terminal.h"

enum { SIDE = 8 };              /* columns that a trace is moved by */

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

/* What was typed as a UUID, whose letters may be of either case. */
static bool
read_request(const char *typed, char request[UUID_LENGTH + 1])
{
    char lower[UUID_LENGTH + 1] = "";

    for (size_t i = 0; i < UUID_LENGTH && typed[i] != '\0'; i++)
        lower[i] = typed[i] >= 'A' && typed[i] <= 'F' ? (char)(typed[i] - 'A' + 'a') : typed[i];
    if (strlen(typed) != UUID_LENGTH || !text_uuid((struct slice){ lower, UUID_LENGTH }))
        return false;
    memcpy(request, lower, sizeof lower);
    return true;
}

static void
apply_filter(struct screen *screen)
{
    struct watch_filter filter = { .product = "" };

    screen->mode = MODE_WATCH;
    if (!read_request(screen->typed, filter.request))
        memcpy(filter.product, screen->typed, sizeof filter.product);
    watch_choose(&screen->watch, &filter);
    screen_look(screen);
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
        screen_tell(screen, &why);
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
            screen_look(screen);
        break;
    case 'r': screen_look(screen); break;
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

void
screen_take_keys(struct screen *screen)
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

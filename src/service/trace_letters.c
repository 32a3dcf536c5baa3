/* trace_letters.c -- what was put aside of requests. */
#include "service/cli.h"
#include "service/trace.h"
#include "store/dead.h"

/* The letters of one command. */
struct pile {
    struct trace_book *book;
    const char *command;
    uint64_t line, redriven;
};

/* What was put aside, if it is a message of ours: else what there is is kept without one. */
static void
read_kept(const struct buffer *kept, struct arena *arena, struct step *out)
{
    struct slice text = { kept->at, kept->length };
    struct fault ignored;

    if (!trace_read_line(text, FORM_MESSAGE, arena, out, &ignored) || out->kind != STEP_MESSAGE)
        *out = (struct step){ .kind = STEP_LETTER };
}

static void
add_letter(const struct pile *pile, const struct letter_view *letter, const struct dead_line *line,
           const struct step *kept, size_t number)
{
    struct trace_book *book = pile->book;
    struct step_place here = { .lane = 0 };
    struct step step = *kept;
    char file[DEAD_COMMAND_MAX + 16];

    if (kept->kind != STEP_MESSAGE || !slice_equal(kept->message.request, book->set.list[number]))
        step = (struct step){ .kind = STEP_LETTER };
    step.kind = STEP_LETTER;
    step.torn = slice_equal(letter->kind, SLICE("torn"));
    step.redriven = line->offset < pile->redriven;
    step.cause = step.message.type;
    step.type = step.torn ? SLICE("cut off") : SLICE("put aside");
    step.source = letter->command;
    step.time = letter->time;
    step.reason = letter->reason;
    step.origin = (struct slice){ letter->place.at, letter->topic.length > 0 ? letter->place.length : 0 };
    (void)snprintf(file, sizeof file, "dead/%s.ndjson", pile->command);
    here.text = trace_file_place(book, file, pile->line);
    if (kept->kind == STEP_MESSAGE && step.message.type != TYPE_OTHER) {
        struct step message = *kept;

        trace_add_place(book, trace_add(book, number, &message), &here);
    }
    trace_add_place(book, trace_add(book, number, &step), &here);
}

/* Each request that a line, or what it keeps as base64, tells of, once. */
static void
search_letter(const struct pile *pile, const struct letter_view *letter, const struct dead_line *line)
{
    struct trace_book *book = pile->book;
    struct buffer kept = { 0 };
    struct arena arena = { 0 };
    struct slice text = line->text;
    size_t at = 0, number, last = NO_STEP;
    struct step step = { .kind = STEP_LETTER };

    if (letter->base64 && letter_base64(letter->text, &kept))
        text = (struct slice){ kept.at, kept.length };
    if (request_set_next(&book->set, text, &at, &number)) {
        kept.length = letter->base64 ? kept.length : 0;
        if (letter->whole && (letter->base64 || letter_bytes(letter, &kept)))
            read_kept(&kept, &arena, &step);
        do {
            if (number != last)
                add_letter(pile, letter, line, &step, number);
            last = number;
        } while (request_set_next(&book->set, text, &at, &number));
    }
    arena_reset(&arena);
    buffer_free(&kept);
}

static void
tell_broken(const struct pile *pile, uint64_t broken)
{
    struct fault why;

    if (broken == 0)
        return;
    (void)fault_set(&why, STATUS_DATA, "dead/%s.ndjson: %llu line%s not a whole letter", pile->command,
                    (unsigned long long)broken, broken == 1 ? " is" : "s are");
    trace_tell(pile->book, &why);
}

static void
read_pile(struct pile *pile)
{
    struct trace_book *book = pile->book;
    struct dead_reader *reader = NULL;
    struct letter_view letter;
    struct dead_line line;
    struct fault why;
    uint64_t broken = 0;
    int got = -1;

    if (dead_redriven(book->store, pile->command, &pile->redriven, &why) != 0)
        trace_tell(book, &why);
    if (dead_open(&reader, book->store, pile->command, 0, &why) == 0) {
        while ((got = dead_next(reader, &line, &why)) > 0) {
            pile->line++;
            if (dead_letter(reader, &line, &letter, &why) != 0) {
                got = -1;
                break;
            }
            broken += !letter.whole;
            if (letter.whole)
                search_letter(pile, &letter, &line);
        }
    }
    if (got < 0)
        trace_tell(book, &why);
    tell_broken(pile, broken);
    dead_close(reader);
}

void
trace_read_letters(struct trace_book *book)
{
    struct dead_commands commands = { 0 };
    struct fault why;

    if (dead_commands(book->store, &commands, &why) != 0)
        trace_tell(book, &why);
    for (size_t i = 0; i < commands.count; i++) {
        struct pile pile = { .book = book, .command = commands.list[i] };

        read_pile(&pile);
    }
    dead_commands_free(&commands);
}

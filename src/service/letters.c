/* letters.c -- what a command could not process: reported and kept. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/io.h"
#include "domain/long_letter.h"
#include "service/cli.h"
#include "service/letters.h"
#include "store/dead.h"

enum { PLACE_SIZE = PATH_MAX + 32 };    /* "<source>:<line>" */

struct letters {
    const char *command;
    struct store *store;
    struct sink *sink;
    struct buffer lines;
    struct buffer reports;      /* to be told of once they are kept */
    uint64_t count;
    struct long_letter aside;   /* the line that is being put aside in pieces */
    bool spilling;              /* its end is not there yet */
    bool skipping;              /* a long line that was put aside before, or leaves no trace */
};

struct letters *
letters_new(const char *command, struct store *store, struct sink *sink)
{
    struct letters *letters = memory_zeroed(1, sizeof *letters);

    letters->command = command;
    letters->store = store;
    letters->sink = sink;
    letters->aside.spill = -1;
    return letters;
}

static const char *
name_place(const struct source *source, uint64_t number, char place[PLACE_SIZE])
{
    (void)snprintf(place, PLACE_SIZE, "%s:%llu", source_name(source), (unsigned long long)number);
    return place;
}

static void
report(struct letters *letters, const struct source *source, uint64_t number, const char *reason)
{
    cli_add_report(&letters->reports, letters->command, source_name(source), number, reason);
    letters->count++;
}

/* Where the line was read, if from a topic; 1 if it was put aside before, 0, or -1. */
static int
find_origin(const struct letters *letters, const struct source *source, uint64_t number, struct origin *space,
            const struct origin **origin, struct fault *why)
{
    *origin = source_origin(source);
    if (*origin == NULL)
        return 0;
    *space = **origin;
    space->offset = number;
    *origin = space;
    return letters->sink != NULL ? 0 : dead_contains(letters->store, space, why);
}

int
letters_add(struct letters *letters, const struct source *source, const struct line *line, const char *reason,
            struct fault *why)
{
    char place[PLACE_SIZE];
    struct origin space;
    struct letter letter = {
        letters->command, "message", name_place(source, line->number, place), reason, NULL,
    };
    struct moment now = store_now(letters->store);
    int found = find_origin(letters, source, line->number, &space, &letter.origin, why);

    if (found != 0)
        return found < 0 ? -1 : 0;
    report(letters, source, line->number, reason);
    letter_write(&letters->lines, &now, &letter, line->text);
    return 0;
}

static const char too_long[] = "longer than 65,536 bytes";

static int
begin_aside(struct letters *letters, const struct source *source, const struct line *line, struct fault *why)
{
    char place[PLACE_SIZE];
    struct origin space;
    struct letter letter = {
        letters->command, "message", name_place(source, line->number, place), too_long, NULL,
    };
    struct moment now = store_now(letters->store);
    int result = find_origin(letters, source, line->number, &space, &letter.origin, why);

    letters->skipping = result > 0 || store_is_dry(letters->store);
    if (result != 0)
        return result < 0 ? -1 : 0;
    if (!letters->skipping && long_letter_begin(&letters->aside, &now, &letter, why) != 0)
        return -1;
    report(letters, source, line->number, too_long);
    return 0;
}

/* Write what was gathered, then a long line that is complete. */
static int
keep(struct letters *letters, struct fault *why)
{
    struct slice lines = { letters->lines.at, letters->lines.length };
    int spill = letters->spilling ? -1 : letters->aside.spill;
    int result;

    if (letters->sink != NULL) {
        buffer_slice(sink_buffer(letters->sink), lines);
        result = sink_write(letters->sink, spill, why);
        if (result == 0)
            result = sink_settle(letters->sink, why);
    } else {
        result = dead_append(letters->store, lines, spill, why);
    }
    letters->lines.length = 0;
    if (!letters->spilling)
        io_close(&letters->aside.spill);
    return result;
}

static int
keep_lines(struct letters *letters, struct fault *why)
{
    return letters->lines.length > 0 ? keep(letters, why) : 0;
}

int
letters_add_piece(struct letters *letters, const struct source *source, const struct line *line, struct fault *why)
{
    if (line->part == LINE_BEGINNING
        && (keep_lines(letters, why) != 0 || begin_aside(letters, source, line, why) != 0))
        return -1;
    if (letters->skipping)
        return 0;
    letters->spilling = line->part != LINE_END;
    if (long_letter_add(&letters->aside, line->text, line->part == LINE_END, why) != 0)
        return -1;
    if (line->part != LINE_END)
        return 0;
    return keep(letters, why);
}

int
letters_flush(struct letters *letters, struct fault *why)
{
    int result = keep_lines(letters, why);

    cli_say(&letters->reports);
    return result;
}

int
letters_give_up(struct letters *letters, const struct fault *why)
{
    struct fault other;

    if (letters_flush(letters, &other) != 0)
        (void)cli_report(letters->command, &other);
    return cli_report(letters->command, why);
}

uint64_t
letters_count(const struct letters *letters)
{
    return letters->count;
}

void
letters_free(struct letters *letters)
{
    if (letters == NULL)
        return;
    io_close(&letters->aside.spill);
    buffer_free(&letters->lines);
    buffer_free(&letters->reports);
    free(letters);
}

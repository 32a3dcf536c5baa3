/*
 * readers.h -- both readers at once: message_scan() accepts nothing that
 * message_parse() refuses, and never with another meaning.
 */
#ifndef READERS_H
#define READERS_H

#include "sample.h"
#include "tap.h"

#define WANT_ALL ((1u << TYPE_COUNT) - 2)

enum verdict {
    REFUSED,
    PASSED_ON,                  /* TYPE_OTHER */
    READ,
};

/* { 0 } at the start, readers_done() at the end. */
struct readers {
    struct arena arena;
    struct buffer again;
    struct message parsed;      /* of the last line; its slices last until the next */
    bool scanned;               /* the last line was accepted by message_scan() */
    size_t lines, scans, parses;        /* since the last check */
    size_t failures;
    size_t all_lines, all_scans, all_parses;
};

static inline void
readers_fail(struct readers *readers, const char *what, struct slice line)
{
    if (readers->failures++ < 5)
        tap_show(what, line);
}

/* What was read is written again in canonical form, and read as the same. */
static inline bool
readers_agree_again(struct readers *readers, enum message_form form)
{
    struct message message = readers->parsed, scanned, parsed;
    struct slice line;
    struct fault why;

    message.cause = sample_is_caused(message.type) ? STOCK_ADDED : TYPE_OTHER;
    line = sample_write(&message, "again", form, &readers->again);
    if (message_parse(line, form, WANT_ALL, &readers->arena, &parsed, &why) != 0 || !sample_same(&parsed, &message,
                                                                                                 form))
        return false;
    if (message_scan(line, form, WANT_ALL, &scanned))
        return sample_same(&scanned, &message, form);
    return memchr(line.at, '\\', line.length) != NULL;
}

/* Read the line in both ways; what they must have in common is checked here. */
static inline enum verdict
readers_try(struct readers *readers, struct slice line, enum message_form form, unsigned wanted)
{
    struct message scanned;
    struct fault why = { .text = "" };
    bool parsed;

    arena_reset(&readers->arena);
    line.at = arena_copy(&readers->arena, line.at, line.length);        /* ends where its memory ends */
    readers->scanned = message_scan(line, form, wanted, &scanned);
    parsed = message_parse(line, form, wanted, &readers->arena, &readers->parsed, &why) == 0;
    readers->lines++;
    readers->scans += readers->scanned;
    readers->parses += parsed;
    if (!parsed) {
        if (readers->scanned)
            readers_fail(readers, "scanned but not parsed", line);
        if (why.status != STATUS_DATA || why.text[0] == '\0')
            readers_fail(readers, "refused without a reason", line);
        return REFUSED;
    }
    if (readers->scanned && scanned.type != readers->parsed.type)
        readers_fail(readers, "of two types", line);
    if (readers->parsed.type == TYPE_OTHER)
        return PASSED_ON;
    if ((TYPE_BIT(readers->parsed.type) & wanted) == 0)
        readers_fail(readers, "read though not wanted", line);
    if (readers->scanned && !sample_same(&scanned, &readers->parsed, form))
        readers_fail(readers, "of two meanings", line);
    if (!sample_sound(&readers->parsed, form) || !readers_agree_again(readers, form))
        readers_fail(readers, "read with a field out of its bounds", line);
    return READ;
}

/* The check at the end of a kind of lines. */
static inline void
readers_check(struct tap *tap, struct readers *readers, const char *name)
{
    tap_check(tap, readers->failures == 0 && readers->lines > 0, "%s", name);
    printf("# %zu lines, %zu accepted by message_scan(), %zu by message_parse()\n", readers->lines, readers->scans,
           readers->parses);
    readers->all_lines += readers->lines;
    readers->all_scans += readers->scans;
    readers->all_parses += readers->parses;
    readers->lines = readers->scans = readers->parses = readers->failures = 0;
}

/* The check at the end of all: there were many lines, and all verdicts among them. */
static inline void
readers_done(struct tap *tap, struct readers *readers)
{
    tap_check(tap, readers->all_lines > 50000 && readers->all_scans > 2000 && readers->all_scans < readers->all_parses
              && readers->all_parses < readers->all_lines, "%zu lines in all, %zu accepted by message_scan(), "
              "%zu by message_parse()", readers->all_lines, readers->all_scans, readers->all_parses);
    arena_reset(&readers->arena);
    buffer_free(&readers->again);
}

#endif

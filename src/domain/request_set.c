/*
 * request_set.c -- certain requests, and where among many bytes they stand.
 *
 * A few are looked for by their bytes, all lines at once; of many it is looked for each line
 * whether its UUIDs are among them.
 */
#include <stdlib.h>

#include "domain/message.h"
#include "domain/request_set.h"

static size_t
hash(const struct request_set *set, struct slice request)
{
    return (size_t)event_sum_of(request.at, request.length, 0) & (set->slot_count - 1);
}

/* The slot of a request, or the free one where it would be. */
static size_t *
find_slot(const struct request_set *set, struct slice request)
{
    size_t at = hash(set, request);

    while (set->slots[at] != 0 && !slice_equal(set->list[set->slots[at] - 1], request))
        at = (at + 1) & (set->slot_count - 1);
    return &set->slots[at];
}

static void
grow(struct request_set *set)
{
    free(set->slots);
    set->slot_count = set->slot_count > 0 ? 2 * set->slot_count : 16;
    set->slots = memory_zeroed(set->slot_count, sizeof *set->slots);
    for (size_t i = 0; i < set->count; i++)
        *find_slot(set, set->list[i]) = i + 1;
}

bool
request_set_add(struct request_set *set, struct slice request)
{
    size_t number;

    if (request_set_find(set, request, &number))
        return false;
    if (2 * set->count >= set->slot_count)
        grow(set);
    set->list = memory_room(set->list, set->count, &set->room, sizeof *set->list);
    set->list[set->count++] = (struct slice){ arena_copy(&set->names, request.at, request.length), request.length };
    *find_slot(set, request) = set->count;
    return true;
}

bool
request_set_find(const struct request_set *set, struct slice request, size_t *number)
{
    const size_t *slot = set->count > 0 ? find_slot(set, request) : NULL;

    if (slot == NULL || *slot == 0)
        return false;
    *number = *slot - 1;
    return true;
}

bool
request_set_next(const struct request_set *set, struct slice text, size_t *at, size_t *number)
{
    for (; *at + UUID_LENGTH <= text.length; ++*at) {
        const char *from = text.at + *at;
        char uuid[UUID_LENGTH];

        if (from[8] != '-' || from[13] != '-' || from[18] != '-' || from[23] != '-')
            continue;
        for (size_t i = 0; i < UUID_LENGTH; i++)
            uuid[i] = (char)(from[i] >= 'A' && from[i] <= 'F' ? from[i] - 'A' + 'a' : from[i]);
        if (!request_set_find(set, (struct slice){ uuid, UUID_LENGTH }, number))
            continue;
        *at += UUID_LENGTH;
        return true;
    }
    return false;
}

void
request_set_free(struct request_set *set)
{
    free(set->list);
    free(set->slots);
    arena_reset(&set->names);
    *set = (struct request_set){ 0 };
}

/* -- lines -------------------------------------------------------------------- */

static const struct slice escape = SLICE_INIT("\\");

static bool
are_few(const struct request_lines *lines)
{
    return lines->set->count <= REQUEST_NEEDLES;
}

/* The needle after the last is the escape. */
static void
look_for(struct request_lines *lines, size_t needle)
{
    const struct slice text = needle < lines->set->count ? lines->set->list[needle] : escape;
    const char *found = memmem(lines->at, (size_t)(lines->end - lines->at), text.at, text.length);

    lines->hits[needle] = found != NULL ? found : lines->end;
}

struct request_lines
request_lines(const struct request_set *set, struct slice bytes)
{
    struct request_lines lines = { .set = set, .at = bytes.at, .end = bytes.at + bytes.length };

    for (size_t i = 0; are_few(&lines) && i <= set->count; i++)
        look_for(&lines, i);
    return lines;
}

/* The line that a hit is in; what comes next is behind it. */
static struct slice
line_around(struct request_lines *lines, const char *hit)
{
    const char *before = memrchr(lines->at, '\n', (size_t)(hit - lines->at));
    const char *start = before != NULL ? before + 1 : lines->at;
    const char *newline = memchr(hit, '\n', (size_t)(lines->end - hit));
    const char *end = newline != NULL ? newline : lines->end;

    lines->at = newline != NULL ? newline + 1 : lines->end;
    return (struct slice){ start, (size_t)(end - start) };
}

static bool
next_of_few(struct request_lines *lines, struct slice *line)
{
    const char *first = lines->end;

    for (size_t i = 0; i <= lines->set->count; i++) {
        if (lines->hits[i] < lines->at)
            look_for(lines, i);
        first = lines->hits[i] < first ? lines->hits[i] : first;
    }
    if (first == lines->end)
        return false;
    *line = line_around(lines, first);
    return true;
}

bool
request_lines_next(struct request_lines *lines, struct slice *line)
{
    if (are_few(lines))
        return next_of_few(lines, line);
    while (lines->at < lines->end) {
        size_t at = 0, number;

        *line = line_around(lines, lines->at);
        if (request_set_next(lines->set, *line, &at, &number)
            || memmem(line->at, line->length, escape.at, escape.length) != NULL)
            return true;
    }
    return false;
}

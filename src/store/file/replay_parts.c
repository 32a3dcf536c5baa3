/* replay_parts.c -- the right lines of a long journal, read by several threads. */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/io.h"
#include "base/pool.h"
#include "base/text.h"
#include "store/file/replay_parts.h"

enum {
    LOOK = 1024,                            /* behind which most lines begin */
    LOOK_MOST = LINE_MAX_BYTES + REPLAY_SUM_TAIL,
    ROUND = 1024,                           /* parts that are joined at once: their results are held */
};

/* Whole lines by themselves: from the last that begins at or before a certain byte. */
struct part {
    bool right;
    uint64_t start;             /* bytes: where its first line starts */
    uint64_t chain;             /* what that is chained to, as the line before tells */
    uint64_t before;            /* the sequence before its own */
    struct moment first;        /* the time of its first event */
    int64_t least, most;        /* how far what is available goes down and up from where it was */
    struct replay replay;       /* behind its last line; pieces and lines are its own alone */
};

/* Parts that are shared by threads, from a place on up to which all is known. */
struct round {
    struct replay from;
    int fd;
    uint64_t end;
    size_t part_bytes;
    size_t count;
    atomic_size_t next;         /* the part that is to be read next */
    struct part part[ROUND];
};

static size_t
behind_newline(const char *bytes, size_t length)
{
    const char *newline = length > 0 ? memrchr(bytes, '\n', length) : NULL;

    return newline != NULL ? (size_t)(newline + 1 - bytes) : 0;
}

/*
 * Read the bytes in which part i begins and ends, and so many before them as may be
 * needed to find the start of its first line and the sum before that.
 */
static bool
find_part(const struct round *round, size_t i, size_t look, struct part *part, char *bytes, struct slice *lines)
{
    uint64_t at = round->from.offset + i * round->part_bytes;
    uint64_t left = round->end - at;
    size_t before = at - round->from.offset < look ? (size_t)(at - round->from.offset) : look;
    size_t length = before + (left < round->part_bytes ? (size_t)left : round->part_bytes);
    size_t start, stop;

    if (io_pread(round->fd, bytes, length, (off_t)(at - before)) != (ssize_t)length)
        return false;
    start = behind_newline(bytes, before);
    stop = behind_newline(bytes, length);
    part->start = at - before + start;
    part->chain = round->from.chain;
    *lines = (struct slice){ bytes + start, stop > start ? stop - start : 0 };
    return part->start == round->from.offset
        || (start >= REPLAY_SUM_TAIL && replay_sum_in(bytes + start - REPLAY_SUM_TAIL, &part->chain));
}

/* What the events come to is known to be allowed only where the parts are joined. */
static bool
add_pieces(struct part *part, const struct message *event)
{
    int64_t balance;

    product_apply(&part->replay.state, message_event(event->type), event->quantity);
    balance = product_balance(&part->replay.state);
    part->least = balance < part->least ? balance : part->least;
    part->most = balance > part->most ? balance : part->most;
    return part->most <= (int64_t)NUMBER_MAX && part->least >= -(int64_t)NUMBER_MAX;
}

static bool
add_event(struct part *part, const struct message *event)
{
    struct replay *replay = &part->replay;
    struct fault ignored;

    if (replay->line++ == 0) {
        part->before = replay->state.sequence = event->number - 1;
        memmove(part->first.text, event->time.at, MOMENT_LENGTH);
    }
    if (replay_follows(replay, event, &ignored) != 0 || !add_pieces(part, event))
        return false;
    memmove(replay->time.text, event->time.at, MOMENT_LENGTH);
    return true;
}

static bool
add_lines(struct part *part, struct slice text)
{
    struct replay_room room = { .names = { 0 } };
    bool right = true;

    while (right && text.length > 0) {
        struct message event;
        struct slice line;
        struct fault ignored;

        right = replay_read(&part->replay, text, &room, &line, &event, &ignored) == 0 && add_event(part, &event);
        arena_reset(&room.arena);
        if (right)
            text = (struct slice){ text.at + line.length + 1, text.length - line.length - 1 };
    }
    return right;
}

/* One thread's share: parts as long as there are any and all are right. */
static void
read_parts(void *context, size_t thread)
{
    struct round *round = context;
    char *bytes = memory_new(round->part_bytes + LOOK_MOST);
    struct slice lines;
    size_t i;

    (void)thread;
    while ((i = atomic_fetch_add(&round->next, 1)) < round->count) {
        struct part *part = &round->part[i];

        *part = (struct part){ .replay = { .product = round->from.product } };
        if (find_part(round, i, LOOK, part, bytes, &lines) || find_part(round, i, LOOK_MOST, part, bytes, &lines)) {
            part->replay.chain = part->chain;
            part->replay.offset = part->start + lines.length;
            part->right = add_lines(part, lines);
        }
        if (!part->right)
            atomic_store(&round->next, round->count);
    }
    free(bytes);
}

/* Place and sum do not fit only if the file was changed while it was read. */
static bool
fits(const struct replay *replay, const struct part *part)
{
    int64_t available = product_balance(&replay->state);

    return part->right && part->start == replay->offset && part->chain == replay->chain
        && part->before == replay->state.sequence
        && memcmp(part->first.text, replay->time.text, sizeof part->first.text) >= 0
        && available + part->least >= 0 && available + part->most <= (int64_t)NUMBER_MAX;
}

static bool
join(struct replay *replay, const struct part *part)
{
    const struct product *more = &part->replay.state;
    struct product *state = &replay->state;

    if (part->right && part->replay.line == 0)
        return true;
    if (!fits(replay, part))
        return false;
    state->sequence = more->sequence;
    state->added += more->added;
    state->removed += more->removed;
    state->sold += more->sold;
    state->returned += more->returned;
    state->refused += more->refused;
    replay->offset = part->replay.offset;
    replay->line += part->replay.line;
    replay->chain = part->replay.chain;
    replay->time = part->replay.time;
    return true;
}

/* True if all of it was right and there may be more. */
static bool
read_round(struct round *round, struct replay *replay, uint64_t end, size_t threads)
{
    uint64_t parts = (end - replay->offset + round->part_bytes - 1) / round->part_bytes;

    round->from = *replay;
    round->count = parts < ROUND ? (size_t)parts : ROUND;
    round->end = parts <= ROUND ? end : replay->offset + ROUND * round->part_bytes;
    atomic_store(&round->next, 0);
    for (size_t i = 0; i < round->count; i++)
        round->part[i].right = false;
    pool_run(threads, threads < round->count ? threads : round->count, read_parts, round);
    for (size_t i = 0; i < round->count; i++)
        if (!join(replay, &round->part[i]))
            return false;
    return round->end < end && replay->offset > round->from.offset;
}

void
replay_parts(struct replay *replay, int fd, uint64_t end, size_t threads, size_t part_bytes)
{
    struct round *round = memory_new(sizeof *round);
    bool more = true;

    round->fd = fd;
    round->part_bytes = part_bytes;
    while (replay->offset < end && more) {
        uint64_t before = replay->offset;

        more = read_round(round, replay, end, threads);
        if (replay->read != NULL)
            atomic_fetch_add(replay->read, replay->offset - before);
    }
    free(round);
}

/* replay.c -- read a journal's lines, check each, fold them into a state. */
#include "store/file/replay.h"
#include "base/io.h"
#include "base/text.h"

enum { CHUNK = 256 * 1024 };

enum refusal
replay_allows(const struct replay *replay, const struct message *event)
{
    return product_allows(&replay->state, message_event(event->type), event->quantity);
}

enum refusal
replay_fold(struct replay *replay, const struct message *event)
{
    enum refusal refusal = product_fold(&replay->state, message_event(event->type), event->quantity);

    if (refusal == REFUSAL_NONE)
        memmove(replay->time.text, event->time.at, MOMENT_LENGTH);
    return refusal;
}

static int
wrong(struct fault *why, const char *what)
{
    return fault_set(why, STATUS_DATA, "%s", what);
}

bool
replay_sum_in(const char *tail, uint64_t *sum)
{
    static const char end[] = "\"}\n";
    enum { DIGITS = REPLAY_SUM_TAIL - (sizeof end - 1) };

    return memcmp(tail + DIGITS, end, sizeof end - 1) == 0 && text_hex(tail, sum);
}

int
replay_sum_before(int fd, uint64_t offset, uint64_t *sum)
{
    char tail[REPLAY_SUM_TAIL];
    ssize_t got;

    *sum = 0;
    if (offset < REPLAY_SUM_TAIL)
        return offset == 0;
    got = io_pread(fd, tail, sizeof tail, (off_t)offset - REPLAY_SUM_TAIL);
    if (got < 0)
        return -1;
    return got == REPLAY_SUM_TAIL && replay_sum_in(tail, sum);
}

static unsigned
wanted(const struct replay *replay)
{
    return replay->product.length > 0 ? TYPES_PRODUCT : TYPE_BIT(ORDER_CREATED);
}

static const char too_long[] = "longer than 65,536 bytes";

/* What a line says of itself, and by the sum before it, replay->chain, which is moved on. */
static int
check_line(struct replay *replay, struct slice line, struct arena *arena, struct message *event, struct fault *why)
{
    uint64_t before = replay->chain, sum;
    size_t summed;

    if (!event_sum(line, &summed, &sum))
        return wrong(why, "sum: missing or not at the end of the line");
    replay->chain = sum;                /* what the next line was chained to, whatever is wrong here */
    if (line.length >= LINE_MAX_BYTES)
        return wrong(why, too_long);
    if (event_sum_of(line.at, summed, before) != sum)
        return wrong(why, "sum: does not match the line and the sum before it");
    if (message_read(line, FORM_EVENT, wanted(replay), arena, event, why) != 0)
        return -1;
    if (event->type == TYPE_OTHER)
        return wrong(why, "type: not an event of this journal");
    if (replay->product.length > 0 && !slice_equal(event->product, replay->product))
        return wrong(why, "subject: not the product of this journal");
    return 0;
}

/* The same of a line in canonical form and its newline; false, with nothing said, of any other and of what is wrong. */
static bool
scan_line(struct replay *replay, struct slice text, struct event_names *names, struct message *event,
          size_t *length)
{
    struct event_end end;

    if (!event_scan(text, wanted(replay), names, event, &end) || end.length >= LINE_MAX_BYTES
        || event->type == TYPE_OTHER || event_sum_of(text.at, end.summed, replay->chain) != end.sum
        || (replay->product.length > 0 && !slice_equal(event->product, replay->product)))
        return false;
    replay->chain = end.sum;
    *length = end.length;
    return true;
}

int
replay_read(struct replay *replay, struct slice text, struct replay_room *room, struct slice *line,
            struct message *event, struct fault *why)
{
    const char *newline;

    line->at = text.at;
    if (scan_line(replay, text, &room->names, event, &line->length))
        return 0;
    newline = text.length > 0 ? memchr(text.at, '\n', text.length) : NULL;
    if (newline == NULL)
        return REPLAY_UNFINISHED;
    line->length = (size_t)(newline - text.at);
    return check_line(replay, *line, &room->arena, event, why);
}

int
replay_follows(const struct replay *replay, const struct message *event, struct fault *why)
{
    if (event->number != replay->state.sequence + 1)
        return wrong(why, "sequence: does not follow the event before");
    if (replay->time.text[0] != '\0' && memcmp(event->time.at, replay->time.text, MOMENT_LENGTH) < 0)
        return wrong(why, "time: before that of the event before");
    return 0;
}

static int
fold(struct replay *replay, const struct message *event, struct fault *why)
{
    if (replay_follows(replay, event, why) != 0)
        return -1;
    if (replay_fold(replay, event) == REFUSAL_NONE)
        return 0;
    if (!replay->uncertain)
        return wrong(why, "quantity: more than was there, or more than can be counted");
    replay->state.sequence++;
    return 0;
}

/* After damage: go on from what the line itself says, if it says it. */
static void
resume(struct replay *replay, struct slice line, struct arena *arena)
{
    uint64_t next = replay->state.sequence + 1;
    struct message event;
    struct fault ignored;

    if (message_read(line, FORM_EVENT, TYPES_PRODUCT | TYPE_BIT(ORDER_CREATED), arena, &event, &ignored) == 0
        && event.type != TYPE_OTHER) {
        (void)replay_fold(replay, &event);
        next = event.number;
    }
    replay->state.sequence = next;
    replay->uncertain = true;
}

/* Tell of damage in a line, and go on behind it: 0, or -1 if that ends the reading. */
static int
pass_over(struct replay *replay, struct replay_reader *reader, struct slice line, struct arena *arena, struct fault *why)
{
    if (reader->damage == NULL || reader->damage(reader->context, replay, why) != 0)
        return -1;
    resume(replay, line, arena);
    return 0;
}

/* The line at the start of `text`; *used is how many bytes it is, 0 if it is not finished. */
static int
read_line(struct replay *replay, struct replay_reader *reader, struct slice text, struct replay_room *room, size_t *used,
          struct fault *why)
{
    struct message event;
    struct slice line;
    int result = replay_read(replay, text, room, &line, &event, why);

    *used = 0;
    if (result == REPLAY_UNFINISHED)
        return 0;
    if (result == 0)
        result = fold(replay, &event, why);
    replay->line++;
    if (result == 0) {
        if (reader->visit != NULL && reader->visit(reader->context, replay, line, &event, why) != 0)
            return -1;
    } else if (pass_over(replay, reader, line, &room->arena, why) != 0) {
        return -1;
    }
    *used = line.length + 1;
    replay->offset += *used;
    return 0;
}

/* The whole lines of one chunk; *used is how many bytes they are. */
static int
read_lines(struct replay *replay, struct replay_reader *reader, struct slice chunk, size_t *used,
           struct fault *why)
{
    struct replay_room room = { .names = { 0 } };
    size_t length;
    int result;

    *used = 0;
    do {
        struct slice text = { chunk.at + *used, chunk.length - *used };

        result = read_line(replay, reader, text, &room, &length, why);
        *used += length;
        arena_reset(&room.arena);
    } while (result == 0 && length > 0);
    return result;
}

/* Where the first newline in [from, end) stands: 1, 0 for none, or -1.  Nothing is kept of what is before. */
static int
find_newline(int fd, uint64_t from, uint64_t end, struct buffer *buffer, uint64_t *found)
{
    while (from < end) {
        size_t length = end - from < CHUNK ? (size_t)(end - from) : CHUNK;
        const char *newline;
        ssize_t got;

        buffer->length = 0;
        got = io_pread(fd, buffer_reserve(buffer, length), length, (off_t)from);
        if (got <= 0)
            return (int)got;
        newline = memchr(buffer->at, '\n', (size_t)got);
        if (newline != NULL) {
            *found = from + (uint64_t)(newline - buffer->at);
            return 1;
        }
        from += (uint64_t)got;
    }
    return 0;
}

/* What begins here is longer than a chunk: damage, if it has an end: 1; or 0, or -1. */
static int
skip_long(struct replay *replay, struct replay_reader *reader, int fd, uint64_t end, struct fault *why)
{
    const struct slice unread = { "", 0 };      /* what it may say of itself */
    struct arena arena = { 0 };
    uint64_t newline = 0, chain;
    int found = find_newline(fd, replay->offset + CHUNK, end, &reader->buffer, &newline);

    if (found <= 0)
        return found < 0 ? fault_system(why, STATUS_IO, "cannot read") : 0;
    replay->line++;
    if (replay_sum_before(fd, newline + 1, &chain) > 0)
        replay->chain = chain;          /* what the next line was chained to */
    (void)wrong(why, too_long);
    if (pass_over(replay, reader, unread, &arena, why) != 0)
        return -1;
    if (replay->read != NULL)
        atomic_fetch_add(replay->read, newline + 1 - replay->offset);
    replay->offset = newline + 1;
    return 1;
}

int
replay_file(struct replay *replay, struct replay_reader *reader, int fd, uint64_t end, struct fault *why)
{
    struct buffer *buffer = &reader->buffer;
    int more = 1;

    while (more > 0 && replay->offset < end) {
        uint64_t left = end - replay->offset;
        size_t length = left < CHUNK ? (size_t)left : CHUNK;
        size_t used;
        ssize_t got;

        buffer->length = 0;
        got = io_pread(fd, buffer_reserve(buffer, length), length, (off_t)replay->offset);
        if (got < 0)
            return fault_system(why, STATUS_IO, "cannot read");
        if (read_lines(replay, reader, (struct slice){ buffer->at, (size_t)got }, &used, why) != 0)
            return -1;
        if (replay->read != NULL)
            atomic_fetch_add(replay->read, used);
        if (used == 0)                  /* what is left of less than a chunk has no newline */
            more = (size_t)got < CHUNK ? 0 : skip_long(replay, reader, fd, end, why);
    }
    return more < 0 ? -1 : 0;
}

/* replay.c -- read a journal's lines, check each, fold them into a state. */
#include "store/file/replay.h"
#include "base/io.h"

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

int
replay_line(struct replay *replay, struct slice line, struct arena *arena, struct message *event,
            struct fault *why)
{
    unsigned wanted = replay->product.length > 0 ? TYPES_PRODUCT : TYPE_BIT(ORDER_CREATED);
    uint64_t before = replay->chain, sum;
    size_t summed;

    if (!event_sum(line, &summed, &sum))
        return wrong(why, "sum: missing or not at the end of the line");
    replay->chain = sum;                /* what the next line was chained to, whatever is wrong here */
    if (line.length >= LINE_MAX_BYTES)
        return wrong(why, "longer than 65,536 bytes");
    if (event_sum_of(line.at, summed, before) != sum)
        return wrong(why, "sum: does not match the line and the sum before it");
    if (message_read(line, FORM_EVENT, wanted, arena, event, why) != 0)
        return -1;
    if (event->type == TYPE_OTHER)
        return wrong(why, "type: not an event of this journal");
    if (replay->product.length > 0 && !slice_equal(event->product, replay->product))
        return wrong(why, "subject: not the product of this journal");
    if (event->number != replay->state.sequence + 1)
        return wrong(why, "sequence: does not follow the event before");
    if (replay->time.text[0] != '\0' && memcmp(event->time.at, replay->time.text, MOMENT_LENGTH) < 0)
        return wrong(why, "time: before that of the event before");
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

static int
read_line(struct replay *replay, struct replay_reader *reader, struct slice line, struct arena *arena,
          struct fault *why)
{
    struct message event;
    int result = replay_line(replay, line, arena, &event, why);

    replay->line++;
    if (result == 0) {
        if (reader->visit != NULL)
            result = reader->visit(reader->context, replay, line, &event, why);
        if (result == 0)
            replay->offset += line.length + 1;
        return result;
    }
    if (reader->damage == NULL) {
        return -1;
    }
    if (reader->damage(reader->context, replay, why) != 0)
        return -1;
    resume(replay, line, arena);
    replay->offset += line.length + 1;
    return 0;
}

/* The whole lines of one chunk; *used is how many bytes they are. */
static int
read_lines(struct replay *replay, struct replay_reader *reader, struct slice chunk, size_t *used,
           struct fault *why)
{
    const char *at = chunk.at, *end = chunk.at + chunk.length, *newline;
    struct arena arena = { 0 };
    int result = 0;

    while (result == 0 && at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        result = read_line(replay, reader, (struct slice){ at, (size_t)(newline - at) }, &arena, why);
        at = newline + 1;
        arena_reset(&arena);
    }
    *used = (size_t)(at - chunk.at);
    return result;
}

int
replay_file(struct replay *replay, struct replay_reader *reader, int fd, uint64_t end, struct fault *why)
{
    struct buffer *buffer = &reader->buffer;
    size_t chunk = CHUNK;

    while (replay->offset < end) {
        uint64_t left = end - replay->offset;
        size_t length = left < chunk ? (size_t)left : chunk;
        size_t used;
        ssize_t got;

        buffer->length = 0;
        got = io_pread(fd, buffer_reserve(buffer, length), length, (off_t)replay->offset);
        if (got < 0)
            return fault_system(why, STATUS_IO, "cannot read");
        if (read_lines(replay, reader, (struct slice){ buffer->at, (size_t)got }, &used, why) != 0)
            return -1;
        if (used > 0)
            continue;
        if ((size_t)got < chunk)        /* what is left has no newline */
            break;
        chunk *= 2;                     /* a line longer than a chunk: damage, but found whole */
    }
    return 0;
}

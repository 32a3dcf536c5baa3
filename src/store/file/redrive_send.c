/*
 * redrive_send.c -- send dead letters again, each once.
 *
 * Letters go in parcels.  What is on disk, step by step, and who sees to it:
 *
 *   1. the note (redriven.h): how far the parcel     Whoever finds it looks which of
 *      goes, and where the lanes of its topics end   its letters are behind those ends,
 *   2. a part of the letters, or all                 and sends the rest.
 *   3. the sync returns
 *   4. the place behind it, with the next note
 *
 * What a note tells of may be gone after a power failure, and others may have published
 * since: a lane that ends before its noted end is noted again before anything is sent.
 */
#include <errno.h>
#include <sys/stat.h>

#include "store/file/redrive_file.h"
#include "store/file/segment.h"
#include "store/file/topic_file.h"
#include "store/topic_look.h"

enum { PARCEL_BYTES = 4 * 1024 * 1024 };

/* -- a parcel --------------------------------------------------------------------- */

static size_t
target_of(struct redriven *redriven, struct slice topic)
{
    size_t i = 0;

    while (i < redriven->count
           && !slice_equal((struct slice){ redriven->targets[i].topic, strlen(redriven->targets[i].topic) }, topic))
        i++;
    if (i == redriven->count)
        (void)redriven_add(redriven, topic);
    return i;
}

static void
add_short(struct redrive *redrive, const struct letter_view *letter, struct slice topic)
{
    struct parcel *parcel = &redrive->parcel;
    size_t start = parcel->bytes.length;

    if (!letter_bytes(letter, &parcel->bytes))
        return;
    buffer_add(&parcel->bytes, "\n", 1);
    parcel_add(parcel, target_of(&redrive->redriven, topic), start);
}

/* Only now it is seen whether the bytes of a long letter are in their form. */
static int
add_long(struct redrive *redrive, const struct dead_line *line, const struct letter_view *letter, struct slice topic,
         struct fault *why)
{
    uint64_t length;
    int spill = redrive_spill(redrive->reader, line, letter, &length, why);

    if (spill >= 0)
        parcel_set_spill(&redrive->parcel, target_of(&redrive->redriven, topic), spill, length);
    else if (spill == -1)
        redrive->plan.broken++;
    return spill == -2 ? -1 : 0;
}

static bool
is_long(const struct dead_line *line)
{
    return line->length > line->text.length;
}

static int
add_letter(struct redrive *redrive, const struct dead_line *line, struct fault *why)
{
    struct letter_view letter;
    struct slice topic;

    if (dead_letter(redrive->reader, line, &letter, why) != 0)
        return -1;
    if (redrive_judge(redrive, &letter, &topic) != FATE_SENT)
        return 0;
    if (is_long(line))
        return add_long(redrive, line, &letter, topic, why);
    add_short(redrive, &letter, topic);
    return 0;
}

/* Gather letters that come before `end`, until there are enough of them.  A long one is sent alone. */
static int
gather(struct redrive *redrive, uint64_t end, size_t enough, struct fault *why)
{
    struct parcel *parcel = &redrive->parcel;
    struct dead_line line;
    int got = 0;

    parcel_clear(parcel);
    while (parcel->bytes.length < enough && parcel->spill < 0 && (got = redrive_next(redrive, end, &line, why)) > 0) {
        if (is_long(&line) && parcel->count > 0) {
            dead_back(redrive->reader, &line);
            redrive->reached = line.offset;
            break;
        }
        if (add_letter(redrive, &line, why) != 0)
            return -1;
    }
    return got < 0 ? -1 : 0;
}

/* Publish what was not sent before, and be back when all of it is on disk. */
static int
publish(struct redrive *redrive, uint64_t *sent, uint64_t *found, struct fault *why)
{
    const struct parcel *parcel = &redrive->parcel;
    struct buffer lines = { 0 };
    int result = 0;

    for (size_t target = 0; result == 0 && target < redrive->redriven.count; target++) {
        const char *name = redrive->redriven.targets[target].topic;
        struct topic *topic = topic_of(redrive->store, (struct slice){ name, strlen(name) });

        lines.length = 0;
        for (size_t i = 0; i < parcel->count; i++) {
            const struct parcel_line *line = &parcel->lines[i];

            if (line->target != target)
                continue;
            *found += line->sent;
            *sent += !line->sent;
            if (line->sent)
                continue;
            if (parcel->spill < 0)
                buffer_add(&lines, parcel->bytes.at + line->start, line->length);
            else
                result = topic_publish_spill(topic, parcel->spill, why);
        }
        if (result == 0)
            result = topic_publish(topic, (struct slice){ lines.at, lines.length }, why);
    }
    buffer_free(&lines);
    return result == 0 ? store_settle(redrive->store, why) : -1;
}

/* Where the lanes end that a parcel is going to. */
static int
note_ends(struct redrive *redrive, struct fault *why)
{
    for (size_t i = 0; i < redrive->redriven.count; i++) {
        struct redriven_target *target = &redrive->redriven.targets[i];
        struct topic_look look = { 0 };
        int result = topic_look(redrive->store, (struct slice){ target->topic, strlen(target->topic) }, &look, why);

        if (result == 0)
            target->lanes = look.count;
        else if (why->status == STATUS_NO_INPUT)
            target->lanes = 0;
        else
            result = -2;
        for (unsigned lane = 0; lane < target->lanes; lane++)
            target->ends[lane] = look.lane[lane].end;
        topic_look_free(&look);
        if (result == -2)
            return -1;
    }
    return 0;
}

static int
send_next(struct redrive *redrive, uint64_t *sent, uint64_t *found, struct fault *why)
{
    struct redriven *redriven = &redrive->redriven;

    redriven->bytes = redrive->reached;
    redriven->count = 0;
    if (gather(redrive, redrive->end, PARCEL_BYTES, why) != 0)
        return -1;
    if (redrive->parcel.count == 0)
        return 0;
    redriven->until = redrive->reached;
    return note_ends(redrive, why) != 0 || redriven_store(redrive->store, redrive->setting.command, redriven, why) != 0
        ? -1 : publish(redrive, sent, found, why);
}

/* -- after a redrive that was cut off ------------------------------------------------ */

/*
 * End what it may have left of a line, as the next publisher would: that may turn out
 * to be all of one.
 */
static int
end_line(int topic, unsigned lane)
{
    int directory = topic_open_lane(topic, lane, false), hint = topic_open_end(topic, lane, O_RDONLY), fd = -1;
    struct stat status;
    struct place place;
    bool known;
    int result = -1;

    if (directory < 0) {
        result = errno == ENOENT ? 0 : -1;
        goto done;
    }
    if (io_lock(directory, LOCK_EX) != 0 || lane_end(directory, hint, &place, &known) != 0)
        goto done;
    fd = segment_open(directory, place.segment, O_RDWR | O_APPEND);
    if (fd < 0)
        result = errno == ENOENT ? 0 : -1;
    else
        result = fstat(fd, &status) != 0 ? -1 : segment_end_line(fd, &place, (uint64_t)status.st_size);
done:
    io_close(&fd);
    io_close(&hint);
    io_close(&directory);
    return result;
}

static int
end_lines(struct redrive *redrive, const struct redriven_target *target, struct fault *why)
{
    struct slice name = { target->topic, strlen(target->topic) };
    int topic = topic_open_directory(redrive->store, name, false, why), result = 0;

    if (topic < 0)
        return why->status == STATUS_NO_INPUT ? 0 : -1;
    for (unsigned lane = 0; result == 0 && lane < TOPIC_LANES_MAX; lane++)
        result = end_line(topic, lane);
    io_close(&topic);
    return result == 0 ? 0 : fault_system(why, STATUS_IO, "@%s: cannot end the last lines", target->topic);
}

/* Its letters are sent but for those that are there; what is there may not be on disk yet. */
static int
resume(struct redrive *redrive, uint64_t *sent, uint64_t *found, struct fault *why)
{
    struct redriven *redriven = &redrive->redriven;

    for (size_t i = 0; i < redriven->count; i++)
        if (end_lines(redrive, &redriven->targets[i], why) != 0)
            return -1;
    if (gather(redrive, redriven->until, SIZE_MAX, why) != 0
        || parcel_find(redrive->store, &redrive->parcel, redriven, why) != 0)
        return -1;
    redrive->store->unsettled = true;
    if (redriven_store(redrive->store, redrive->setting.command, redriven, why) != 0)
        return -1;
    return publish(redrive, sent, found, why);
}

int
redrive_send(struct redrive *redrive, uint64_t *sent, uint64_t *found, struct fault *why)
{
    const uint64_t start = redrive->redriven.bytes;
    struct redriven *redriven = &redrive->redriven;

    *sent = *found = 0;
    if (redrive->plan.homeless > 0 || redrive->end == start)
        return 0;
    redrive->reached = start;
    if (dead_open(&redrive->reader, redrive->store, redrive->setting.command, start, why) != 0
        || (redriven->count > 0 && resume(redrive, sent, found, why) != 0))
        return -1;
    do {
        if (send_next(redrive, sent, found, why) != 0)
            return -1;
    } while (redrive->parcel.count > 0);
    redriven->bytes = redrive->reached;
    redriven->count = 0;
    return redriven->bytes == start ? 0 : redriven_store(redrive->store, redrive->setting.command, redriven, why);
}

/* record.c -- a place in a lane as a line of text. */
#include <string.h>
#include <uuid/uuid.h>

#include "base/cursor.h"
#include "base/io.h"
#include "domain/message.h"
#include "store/file/record.h"

const char *
record_boot(void)
{
    static _Thread_local char boot[BOOT_LENGTH + 1];
    uuid_t unknown;
    int fd;

    if (boot[0] != '\0')
        return boot;
    fd = io_open(AT_FDCWD, "/proc/sys/kernel/random/boot_id", O_RDONLY, 0);
    if (fd < 0 || io_pread(fd, boot, BOOT_LENGTH, 0) != BOOT_LENGTH) {
        uuid_generate_random(unknown);          /* then no record is believed: slow, but safe */
        uuid_unparse_lower(unknown, boot);
    }
    io_close(&fd);
    return boot;
}

struct record
record_here(const struct place *place, struct moment now)
{
    struct record record = { .place = *place, .pid = (uint64_t)getpid(), .time = now };

    memcpy(record.boot, record_boot(), sizeof record.boot);
    return record;
}

static bool
scan(struct slice line, struct record *out)
{
    struct cursor cursor = { line.at, line.at + line.length };
    struct slice boot, time;

    if (!CURSOR_LITERAL(&cursor, "{\"offset\":") || !cursor_number(&cursor, &out->place.offset)
        || !CURSOR_LITERAL(&cursor, ",\"segment\":") || !cursor_number(&cursor, &out->place.segment)
        || !CURSOR_LITERAL(&cursor, ",\"bytes\":") || !cursor_number(&cursor, &out->place.bytes)
        || !CURSOR_LITERAL(&cursor, ",\"pid\":") || !cursor_number(&cursor, &out->pid)
        || !CURSOR_LITERAL(&cursor, ",\"boot\":\"") || !cursor_take(&cursor, BOOT_LENGTH, &boot)
        || !CURSOR_LITERAL(&cursor, "\",\"time\":\"") || !cursor_take(&cursor, MOMENT_LENGTH, &time)
        || !CURSOR_LITERAL(&cursor, "\",\"rate\":") || !cursor_number(&cursor, &out->rate))
        return false;
    memcpy(out->boot, boot.at, BOOT_LENGTH);
    memcpy(out->time.text, time.at, MOMENT_LENGTH);
    return moment_valid(time);
}

static bool
understand(struct slice line, struct record *out)
{
    size_t summed;
    uint64_t sum;

    while (line.length > 0 && (line.at[line.length - 1] == '\n' || line.at[line.length - 1] == ' '))
        line.length--;
    *out = (struct record){ 0 };
    return event_sum(line, &summed, &sum) && event_sum_of(line.at, summed, 0) == sum
        && scan((struct slice){ line.at, summed }, out);
}

int
record_read(int fd, struct record *out)
{
    enum { TRIES = 5 };
    char bytes[RECORD_BYTES];

    for (int i = 0; i < TRIES; i++) {
        ssize_t got = io_pread(fd, bytes, sizeof bytes, 0);

        if (got < 0)
            return -1;
        if (got == 0)
            return RECORD_NONE;
        if (understand((struct slice){ bytes, (size_t)got }, out))
            return RECORD_FOUND;
    }
    return RECORD_DAMAGED;
}

static void
put(struct buffer *line, const char *before, uint64_t number)
{
    buffer_text(line, before);
    buffer_number(line, number);
}

int
record_write(int fd, const struct record *record)
{
    struct buffer line = { 0 };
    uint64_t chain = 0;
    int result;

    put(&line, "{\"offset\":", record->place.offset);
    put(&line, ",\"segment\":", record->place.segment);
    put(&line, ",\"bytes\":", record->place.bytes);
    put(&line, ",\"pid\":", record->pid);
    buffer_text(&line, ",\"boot\":\"");
    buffer_text(&line, record->boot);
    buffer_text(&line, "\",\"time\":\"");
    buffer_text(&line, record->time.text);
    put(&line, "\",\"rate\":", record->rate);
    event_write_sum(&line, 0, &chain);
    while (line.length < RECORD_BYTES - 1)
        buffer_add(&line, " ", 1);
    buffer_add(&line, "\n", 1);
    result = io_pwrite(fd, line.at, line.length, 0);
    buffer_free(&line);
    return result;
}

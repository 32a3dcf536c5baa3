/* record.c -- a place in a lane as a line of text. */
#include <errno.h>
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

int
record_sum(int fd, uint64_t bytes, uint64_t *sum)
{
    enum { SUMMED_BYTES = 4096 };
    char end[SUMMED_BYTES];
    const size_t length = bytes < sizeof end ? (size_t)bytes : sizeof end;
    const ssize_t got = io_pread(fd, end, length, (off_t)(bytes - length));

    if (got < 0)
        return -1;
    if ((size_t)got != length) {
        errno = ERANGE;
        return -1;
    }
    *sum = event_sum_of(end, length, bytes);
    return 0;
}

/* A message begins there, and the one before is the one that it was. */
int
record_stands(const struct record *record, int fd)
{
    const uint64_t bytes = record->place.bytes;
    char newline = '\0';
    uint64_t sum = 0;

    if (bytes == 0)
        return 1;
    if (io_pread(fd, &newline, 1, (off_t)bytes - 1) < 0)
        return -1;
    if (record->before != 0 && record_sum(fd, bytes, &sum) != 0 && errno != ERANGE)
        return -1;
    return newline == '\n' && record->before == sum;
}

static bool
scan(struct slice line, struct record *out)
{
    struct cursor cursor = { line.at, line.at + line.length };
    struct slice boot, time, before;

    if (!CURSOR_LITERAL(&cursor, "{\"offset\":") || !cursor_number(&cursor, &out->place.offset)
        || !CURSOR_LITERAL(&cursor, ",\"segment\":") || !cursor_number(&cursor, &out->place.segment)
        || !CURSOR_LITERAL(&cursor, ",\"bytes\":") || !cursor_number(&cursor, &out->place.bytes)
        || !CURSOR_LITERAL(&cursor, ",\"pid\":") || !cursor_number(&cursor, &out->pid)
        || !CURSOR_LITERAL(&cursor, ",\"boot\":\"") || !cursor_take(&cursor, BOOT_LENGTH, &boot)
        || !CURSOR_LITERAL(&cursor, "\",\"time\":\"") || !cursor_take(&cursor, MOMENT_LENGTH, &time)
        || !CURSOR_LITERAL(&cursor, "\",\"rate\":") || !cursor_number(&cursor, &out->rate))
        return false;
    if (CURSOR_LITERAL(&cursor, ",\"before\":\"")
        && !(cursor_take(&cursor, 16, &before) && text_hex(before.at, &out->before)))
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
    if (record->before != 0) {
        buffer_text(&line, ",\"before\":\"");
        buffer_hex(&line, record->before);
        buffer_text(&line, "\"");
    }
    event_write_sum(&line, 0, &chain);
    while (line.length < RECORD_BYTES - 1)
        buffer_add(&line, " ", 1);
    buffer_add(&line, "\n", 1);
    result = io_pwrite(fd, line.at, line.length, 0);
    buffer_free(&line);
    return result;
}

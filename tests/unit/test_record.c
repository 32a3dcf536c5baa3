/* test_record.c -- a place in a lane as a line of text: there and back, and damage. */
#include <errno.h>

#include "base/text.h"
#include "domain/message.h"
#include "scratch.h"
#include "store/file/record.h"
#include "tap.h"

#define BOOT "0d63c0cf-8a1e-5a6b-27aa-3e4e2bd3c5a1"
#define TIME "2026-01-31T09:30:00.123456Z"

static const struct record records[] = {
    { { 0, 0, 0 }, 0, BOOT, { TIME }, 0, 0 },
    { { 17, 0, 6035 }, 712, BOOT, { TIME }, 40, UINT64_C(0x27aa3e4e2bd3c5a1) },
    { { 9, 9, 0 }, 1, BOOT, { "9999-12-31T23:59:59.999999Z" }, 1, 1 },
    { { NUMBER_MAX, NUMBER_MAX, NUMBER_MAX }, 4194304, BOOT, { TIME }, NUMBER_MAX, UINT64_MAX },
};

/* The letter of the file format; the sum is that of the line up to ,"sum": seeded with 0. */
static const char line[] =
    "{\"offset\":17,\"segment\":0,\"bytes\":6035,\"pid\":712,\"boot\":\"" BOOT "\",\"time\":\"" TIME
    "\",\"rate\":40,\"before\":\"27aa3e4e2bd3c5a1\",\"sum\":\"";

static bool
same(const struct record *a, const struct record *b)
{
    return a->place.offset == b->place.offset && a->place.segment == b->place.segment
        && a->place.bytes == b->place.bytes && a->pid == b->pid && a->rate == b->rate && a->before == b->before
        && strcmp(a->boot, b->boot) == 0 && strcmp(a->time.text, b->time.text) == 0;
}

/* Records are written in place, so not through a file that is appended to. */
static int
record_file(void)
{
    int fd = scratch_file(), again = scratch_again(fd, O_RDWR);

    io_close(&fd);
    return again;
}

static void
refill(int fd, struct slice bytes)
{
    (void)lseek(fd, 0, SEEK_SET);
    scratch_fill(fd, bytes);
}

static void
test_there_and_back(struct tap *tap)
{
    int fd = record_file();
    struct buffer bytes = { 0 };
    struct record read;

    tap_check(tap, record_read(fd, &read) == RECORD_NONE, "none in an empty file");
    for (size_t i = 0; i < 2 * COUNT(records); i++) {
        const struct record *record = &records[i % COUNT(records)];
        struct slice text;

        tap_check(tap, record_write(fd, record) == 0 && record_read(fd, &read) == RECORD_FOUND && same(record, &read),
                  "record %zu, over the one before", i);
        text = scratch_read(fd, &bytes);
        tap_check(tap, text.length == RECORD_BYTES && memchr(text.at, '\n', text.length) == text.at + RECORD_BYTES - 1,
                  "it is one line of 256 bytes");
    }
    tap_check(tap, record_write(fd, &records[1]) == 0
              && memcmp(scratch_read(fd, &bytes).at, line, sizeof line - 1) == 0, "as the format says");
    buffer_free(&bytes);
    io_close(&fd);
}

/* Never another record than the one that was written: with each of its bytes changed, and cut off anywhere. */
static void
test_damage(struct tap *tap)
{
    int fd = record_file();
    struct buffer bytes = { 0 };
    size_t wrong = 0, unnoticed = 0, length;
    struct record read;
    struct slice good;

    if (record_write(fd, &records[1]) != 0)
        tap_check(tap, false, "written");
    good = scratch_read(fd, &bytes);
    length = (size_t)((const char *)memchr(good.at, '}', good.length) - good.at) + 1;
    for (size_t at = 0; at < RECORD_BYTES; at++) {
        for (unsigned value = 0; value < 256; value++) {
            char was = bytes.at[at];

            bytes.at[at] = (char)value;
            refill(fd, (struct slice){ bytes.at, RECORD_BYTES });
            bytes.at[at] = was;
            if (record_read(fd, &read) != RECORD_FOUND)
                continue;
            wrong += !same(&read, &records[1]);
            unnoticed += at < length && (char)value != was;
        }
    }
    tap_check(tap, wrong == 0, "with any byte changed it is never another record");
    tap_check(tap, unnoticed == 0, "any byte changed is noticed");
    wrong = 0;
    for (size_t cut = 1; cut < RECORD_BYTES; cut++) {
        refill(fd, (struct slice){ bytes.at, cut });
        wrong += record_read(fd, &read) != (cut < length ? RECORD_DAMAGED : RECORD_FOUND);
    }
    tap_check(tap, wrong == 0, "cut off within its text it is damaged, behind it whole");
    buffer_free(&bytes);
    io_close(&fd);
}

/* Right sums over what is no record. */
static void
test_strangers(struct tap *tap)
{
    static const char *const strangers[] = {
        "{\"offset\":17,\"segment\":0,\"bytes\":6035,\"pid\":712,\"boot\":\"" BOOT "\",\"time\":\"" TIME "\"",
        "{\"offset\":-1,\"segment\":0,\"bytes\":0,\"pid\":1,\"boot\":\"" BOOT "\",\"time\":\"" TIME "\",\"rate\":0",
        "{\"offset\":01,\"segment\":0,\"bytes\":0,\"pid\":1,\"boot\":\"" BOOT "\",\"time\":\"" TIME "\",\"rate\":0",
        "{\"offset\":9007199254740992,\"segment\":0,\"bytes\":0,\"pid\":1,\"boot\":\"" BOOT "\",\"time\":\"" TIME
            "\",\"rate\":0",
        "{\"offset\":1,\"segment\":0,\"bytes\":0,\"pid\":1,\"boot\":\"\",\"time\":\"" TIME "\",\"rate\":0",
        "{\"offset\":1,\"segment\":0,\"bytes\":0,\"pid\":1,\"boot\":\"" BOOT
            "\",\"time\":\"2026-02-30T09:30:00.123456Z\",\"rate\":0",
        "{\"segment\":0,\"offset\":1,\"bytes\":0,\"pid\":1,\"boot\":\"" BOOT "\",\"time\":\"" TIME "\",\"rate\":0",
        "{\"x\":1",
        "{\"offset\":1,\"segment\":0,\"bytes\":0,\"pid\":1,\"boot\":\"" BOOT "\",\"time\":\"" TIME
            "\",\"rate\":0,\"before\":\"27aa3e4e2bd3c5aX\"",
    };
    int fd = record_file();
    struct record read;

    for (size_t i = 0; i < COUNT(strangers); i++) {
        struct buffer text = { 0 };

        buffer_text(&text, strangers[i]);
        buffer_text(&text, ",\"sum\":\"");
        buffer_hex(&text, event_sum_of(strangers[i], strlen(strangers[i]), 0));
        buffer_text(&text, "\"}\n");
        refill(fd, (struct slice){ text.at, text.length });
        tap_check(tap, record_read(fd, &read) == RECORD_DAMAGED, "no record: %zu", i);
        buffer_free(&text);
    }
    refill(fd, SLICE("\n"));
    tap_check(tap, record_read(fd, &read) == RECORD_DAMAGED, "nor an empty line");
    io_close(&fd);
}

/* What a group has read is there as long as the bytes before its place are. */
static void
test_stands(struct tap *tap)
{
    int fd = record_file(), closed = -1;
    struct record record = records[0];
    char text[6000];

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = text[999] = '\n';
    refill(fd, (struct slice){ text, sizeof text });
    tap_check(tap, record_stands(&record, closed) == 1, "nothing stands anywhere");
    for (size_t bytes = 1000; bytes <= sizeof text; bytes += 5000) {
        record.place.bytes = bytes;
        tap_check(tap, record_sum(fd, bytes, &record.before) == 0 && record_stands(&record, fd) == 1, "%zu bytes", bytes);
        text[bytes - 500] = 'y';
        refill(fd, (struct slice){ text, sizeof text });
        tap_check(tap, record_stands(&record, fd) == 0, "others before that place");
        record.before = 0;
        tap_check(tap, record_stands(&record, fd) == 1, "are not known without their sum");
    }
    record.place.bytes = 1001;
    tap_check(tap, record_stands(&record, fd) == 0, "in the midst of a line");
    record.place.bytes = sizeof text + 1;
    tap_check(tap, record_stands(&record, fd) == 0 && record_sum(fd, record.place.bytes, &record.before) == -1
              && errno == ERANGE, "behind the end");
    tap_check(tap, record_stands(&record, closed) == -1, "where nothing can be read");
    io_close(&fd);
}

static void
test_failures(struct tap *tap)
{
    int full = io_open(AT_FDCWD, "/dev/full", O_RDWR, 0), closed = -1;
    struct record read;

    tap_check(tap, full >= 0 && record_write(full, &records[1]) == -1, "what cannot be written is said");
    tap_check(tap, record_read(closed, &read) == -1, "what cannot be read, too");
    tap_check(tap, strlen(record_boot()) == BOOT_LENGTH && strcmp(record_boot(), record_boot()) == 0,
              "this run of the system has a name");
    io_close(&full);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_there_and_back(&tap);
    test_damage(&tap);
    test_strangers(&tap);
    test_stands(&tap);
    test_failures(&tap);
    return tap_done(&tap);
}

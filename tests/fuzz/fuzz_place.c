/*
 * fuzz_place.c -- where a group is in a lane, and how many lanes a topic has.
 *
 * Both files end their lines in a sum.  The bytes are tried as they are, and with the
 * right sums behind each line, so that what is under them is reached; what was read is
 * written, and read as the same.
 */
#include "base/io.h"
#include "base/text.h"
#include "domain/message.h"
#include "fuzz.h"
#include "store/file/lanes.h"
#include "store/file/record.h"

static char directory[64];
static int topic = -1;

static void
remove_directory(void)
{
    (void)unlinkat(topic, "lanes", 0);
    (void)unlinkat(topic, ".lanes", 0);
    (void)rmdir(directory);
}

/* A directory for the file lanes, in memory if there is one. */
static void
open_directory(void)
{
    if (topic >= 0)
        return;
    (void)snprintf(directory, sizeof directory, "%s/fuzz.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    FUZZ_REQUIRE(mkdtemp(directory) != NULL && atexit(remove_directory) == 0);
    topic = io_open(AT_FDCWD, directory, O_RDONLY | O_DIRECTORY, 0);
    FUZZ_REQUIRE(topic >= 0);
}

static bool
same_record(const struct record *a, const struct record *b)
{
    return a->place.offset == b->place.offset && a->place.segment == b->place.segment
        && a->place.bytes == b->place.bytes && a->pid == b->pid && a->rate == b->rate
        && memcmp(a->boot, b->boot, BOOT_LENGTH) == 0 && strcmp(a->time.text, b->time.text) == 0;
}

static void
try_record(struct slice bytes)
{
    static int fd = -1;
    struct record record, again;
    int found;

    fuzz_fill(&fd, bytes);
    found = record_read(fd, &record);
    FUZZ_REQUIRE(found == RECORD_NONE || found == RECORD_FOUND || found == RECORD_DAMAGED);
    FUZZ_REQUIRE((found == RECORD_NONE) == (bytes.length == 0));
    if (found != RECORD_FOUND || memchr(record.boot, '\0', BOOT_LENGTH) != NULL)
        return;
    FUZZ_REQUIRE(moment_valid((struct slice){ record.time.text, MOMENT_LENGTH }));
    FUZZ_REQUIRE(record.place.offset <= NUMBER_MAX && record.rate <= NUMBER_MAX);
    FUZZ_REQUIRE(record_write(fd, &record) == 0);
    FUZZ_REQUIRE(record_read(fd, &again) == RECORD_FOUND && same_record(&record, &again));
}

/* What the readers of lanes rely on. */
static void
require_sound(const struct lanes *lanes)
{
    FUZZ_REQUIRE(lanes->loaded && lanes->count > 0 && lanes->directories >= lanes_now(lanes)->lanes);
    for (size_t i = 0; i < lanes->count; i++)
        FUZZ_REQUIRE(lanes->list[i].lanes >= 1 && lanes->list[i].lanes <= TOPIC_LANES_MAX
                     && lanes->list[i].segment >= 1);
    FUZZ_REQUIRE(lanes_choose(lanes, SLICE("85123A")) < lanes_now(lanes)->lanes);
    FUZZ_REQUIRE(lanes_choose(lanes, SLICE("")) == 0);
    for (unsigned lane = 0; lane < lanes->directories; lane++)
        FUZZ_REQUIRE(lanes_generation(lanes, lane, 0) < lanes->count);
}

static bool
same_lanes(const struct lanes *a, const struct lanes *b)
{
    if (a->count != b->count || a->directories != b->directories)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].lanes != b->list[i].lanes || a->list[i].segment != b->list[i].segment
            || memcmp(a->list[i].from, b->list[i].from, a->directories * sizeof a->list[i].from[0]) != 0)
            return false;
    return true;
}

static void
try_lanes(struct slice bytes)
{
    struct lanes lanes = { 0 }, again = { 0 };
    struct fault why = { .text = "" };
    int fd = io_open(topic, "lanes", O_WRONLY | O_CREAT | O_TRUNC, 0600);

    FUZZ_REQUIRE(fd >= 0 && io_write(fd, bytes.at, bytes.length) == 0);
    io_close(&fd);
    if (lanes_load(topic, "topic", true, &lanes, &why) != 0) {
        fuzz_refused(&why);
    } else {
        require_sound(&lanes);
        FUZZ_REQUIRE(lanes_store(topic, "topic", &lanes, &why) == 0);
        FUZZ_REQUIRE(lanes_load(topic, "topic", false, &again, &why) == 0 && same_lanes(&lanes, &again));
    }
    lanes_free(&lanes);
    lanes_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct slice text = fuzz_slice(bytes, length);
    struct buffer sealed = { 0 };

    open_directory();
    try_record(text);
    try_lanes(text);
    text = fuzz_seal(text, true, &sealed);
    try_record(text);
    try_lanes(text);
    buffer_free(&sealed);
    return 0;
}

/* test_lanes.c -- how many lanes a topic has, and had: there and back, damage, who goes where. */
#include "scratch.h"
#include "store/file/lanes.h"
#include "tap.h"

static void
remove_directory(int directory, const char *path)
{
    (void)unlinkat(directory, "lanes", 0);
    (void)unlinkat(directory, ".lanes", 0);
    (void)rmdir(path);
    io_close(&directory);
}

static void
fill(int directory, struct slice text)
{
    int fd = io_open(directory, "lanes", O_RDWR | O_CREAT | O_TRUNC, 0600);

    if (fd < 0 || io_write(fd, text.at, text.length) != 0) {
        perror("lanes");
        exit(1);
    }
    io_close(&fd);
}

static struct slice
text_of(int directory, struct buffer *out)
{
    int fd = io_open(directory, "lanes", O_RDONLY, 0);

    (void)scratch_read(fd, out);
    io_close(&fd);
    return (struct slice){ out->at, out->length };
}

/* One lane of the start, four, then three. */
static void
three_generations(struct lanes *lanes)
{
    struct generation *generation;

    (void)lanes_add(lanes, 1, TOPIC_SEGMENT_BYTES);
    generation = lanes_add(lanes, 4, 4096);
    generation->from[0] = 1200;
    generation = lanes_add(lanes, 3, 4096);
    generation->from[0] = 1300;
    generation->from[1] = 7;
    generation->from[2] = 8;
    generation->from[3] = 9;
}

static bool
same(const struct lanes *a, const struct lanes *b)
{
    if (a->count != b->count || a->directories != b->directories)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->list[i].lanes != b->list[i].lanes || a->list[i].segment != b->list[i].segment
            || memcmp(a->list[i].from, b->list[i].from, sizeof a->list[i].from) != 0)
            return false;
    return true;
}

static void
test_there_and_back(struct tap *tap)
{
    char path[4096];
    int directory = scratch_directory(path, sizeof path);
    struct lanes lanes = { 0 }, read = { 0 };
    struct buffer before = { 0 }, after = { 0 };
    struct fault why;

    tap_check(tap, lanes_changed(directory, &read), "what was never read has changed");
    tap_check(tap, lanes_load(directory, "t", false, &read, &why) == 0 && read.count == 1 && read.directories == 1
              && lanes_now(&read)->lanes == 1 && lanes_now(&read)->segment == TOPIC_SEGMENT_BYTES,
              "without a file one lane, segments of 64 MiB");
    tap_check(tap, !lanes_changed(directory, &read), "and nobody has changed it");
    three_generations(&lanes);
    tap_check(tap, lanes_store(directory, "t", &lanes, &why) == 0, "three generations stored");
    tap_check(tap, lanes_changed(directory, &read), "that is a change");
    tap_check(tap, lanes_load(directory, "t", false, &read, &why) == 0 && same(&read, &lanes), "they are read as stored");
    tap_check(tap, !lanes_changed(directory, &read), "and stay so");
    tap_check(tap, read.directories == 4 && lanes_now(&read)->lanes == 3, "four directories, three lanes now");
    (void)text_of(directory, &before);
    tap_check(tap, before.length > 17 && memcmp(before.at + before.length - 17, "{\"durable\":true}\n", 17) == 0,
              "it says that it is on disk");
    tap_check(tap, lanes_store(directory, "t", &lanes, &why) == 0 && lanes_changed(directory, &read),
              "the same stored once more is a change");
    /* A crash before the last line was added: whoever reads next sees to it, unless he only looks. */
    fill(directory, (struct slice){ before.at, before.length - 17 });
    tap_check(tap, lanes_load(directory, "t", true, &read, &why) == 0 && same(&read, &lanes)
              && text_of(directory, &after).length == before.length - 17, "who only looks writes nothing");
    tap_check(tap, lanes_load(directory, "t", false, &read, &why) == 0 && same(&read, &lanes), "who publishes");
    tap_same(tap, text_of(directory, &after), (struct slice){ before.at, before.length }, "adds that it is on disk");
    buffer_free(&before);
    buffer_free(&after);
    lanes_free(&lanes);
    lanes_free(&read);
    remove_directory(directory, path);
}

/* Any byte of the generations changed is noticed; cut off, it is what was there before, or nothing. */
static void
test_damage(struct tap *tap)
{
    char path[4096];
    int directory = scratch_directory(path, sizeof path);
    struct lanes lanes = { 0 }, read = { 0 };
    struct buffer text = { 0 };
    struct fault why;
    size_t unnoticed = 0, loaded = 0, wrong = 0, end;

    three_generations(&lanes);
    if (lanes_store(directory, "t", &lanes, &why) != 0)
        tap_check(tap, false, "stored");
    end = text_of(directory, &text).length - 17;
    for (size_t at = 0; at < end; at++) {
        text.at[at] ^= 1;
        fill(directory, (struct slice){ text.at, text.length });
        text.at[at] ^= 1;
        unnoticed += lanes_load(directory, "t", true, &read, &why) != -1 || why.status != STATUS_DATA
                  || strcmp(why.text, "t/lanes: damaged") != 0;
        loaded += read.loaded;
    }
    tap_check(tap, unnoticed == 0, "each byte changed is noticed");
    tap_check(tap, loaded == 0, "and it does not count as read");
    for (size_t cut = 0; cut < end; cut++) {
        fill(directory, (struct slice){ text.at, cut });
        if (lanes_load(directory, "t", true, &read, &why) != 0)
            wrong += memchr(text.at, '\n', cut) != NULL;
        else
            wrong += read.count >= lanes.count || read.list[0].lanes != 1;
    }
    tap_check(tap, wrong == 0, "cut off it has the generations that are whole");
    buffer_free(&text);
    lanes_free(&lanes);
    lanes_free(&read);
    remove_directory(directory, path);
}

static void
test_choice(struct tap *tap)
{
    struct lanes lanes = { 0 }, one = { 0 };
    unsigned counts[TOPIC_LANES_MAX] = { 0 }, empty = 0, beyond = 0, other = 0;
    char product[16];

    (void)lanes_add(&one, 1, 4096);
    (void)lanes_add(&lanes, 1, 4096);
    (void)lanes_add(&lanes, 16, 4096);
    for (int i = 0; i < 2000; i++) {
        int length = snprintf(product, sizeof product, "P%d", i);
        struct slice slice = { product, (size_t)length };
        unsigned lane = lanes_choose(&lanes, slice);

        beyond += lane >= 16;
        counts[lane % TOPIC_LANES_MAX]++;
        other += lane != lanes_choose(&lanes, slice) || lanes_choose(&one, slice) != 0;
    }
    for (unsigned lane = 0; lane < 16; lane++)
        empty += counts[lane] < 2000 / 16 / 2;
    tap_check(tap, beyond == 0, "2,000 products go to lanes that there are now");
    tap_check(tap, other == 0, "always to the same, and to the only one");
    tap_check(tap, empty == 0, "evenly");
    tap_check(tap, lanes_choose(&lanes, (struct slice){ "", 0 }) == 0, "no product goes to lane 0");
    lanes_free(&lanes);
    lanes_free(&one);
}

static void
test_generations(struct tap *tap)
{
    static const struct {
        unsigned lane;
        uint64_t offset;
        size_t generation;
    } rows[] = {
        { 0, 0, 0 }, { 0, 1199, 0 }, { 0, 1200, 1 }, { 0, 1299, 1 }, { 0, 1300, 2 }, { 0, UINT64_MAX, 2 },
        { 1, 0, 1 }, { 1, 6, 1 }, { 1, 7, 2 }, { 2, 7, 1 }, { 2, 8, 2 }, { 3, 8, 1 }, { 3, 9, 2 },
    };
    struct lanes lanes = { 0 };

    three_generations(&lanes);
    for (size_t i = 0; i < COUNT(rows); i++)
        tap_check(tap, lanes_generation(&lanes, rows[i].lane, rows[i].offset) == rows[i].generation,
                  "message %llu of lane %u is of generation %zu", (unsigned long long)rows[i].offset, rows[i].lane,
                  rows[i].generation);
    lanes_free(&lanes);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_there_and_back(&tap);
    test_damage(&tap);
    test_choice(&tap);
    test_generations(&tap);
    return tap_done(&tap);
}

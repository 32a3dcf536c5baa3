/*
 * fuzz_source.c -- a file as lines.
 *
 * Lines of any bytes and lengths come out as they went in: those that are not too long
 * whole, longer ones in pieces with a beginning and an end, each with its number.
 */
#include "base/io.h"
#include "domain/message.h"
#include "fuzz.h"
#include "service/source.h"

enum { INPUT_MAX = 200 };

/* One byte stands for many, so that what is short for a fuzzer is long for a reader. */
static struct slice
stretch(struct slice text, struct buffer *out)
{
    enum { SHORT = 6553, LONG = 65535 };

    (void)buffer_reserve(out, text.length + 1);
    for (size_t i = 0; i < text.length; i++) {
        size_t count = text.at[i] == '<' ? SHORT : text.at[i] == '>' ? LONG : 1;

        memset(buffer_reserve(out, count), text.at[i], count);
        out->length += count;
    }
    return (struct slice){ out->at, out->length };
}

/* What is still to come, and where in its line that begins. */
struct expected {
    struct slice rest, line;
    uint64_t number;
    bool in_line;
};

static void
take_line(struct expected *expected, const struct line *line)
{
    bool first = !expected->in_line, last = line->part == LINE_WHOLE || line->part == LINE_END;

    if (first) {
        FUZZ_REQUIRE(fuzz_line(&expected->rest, &expected->line));
        FUZZ_REQUIRE((line->part == LINE_WHOLE) == (expected->line.length < LINE_MAX_BYTES));
        expected->number++;
    }
    FUZZ_REQUIRE(first == (line->part == LINE_WHOLE || line->part == LINE_BEGINNING));
    FUZZ_REQUIRE(line->number == expected->number && line->text.length <= expected->line.length);
    FUZZ_REQUIRE(slice_equal(line->text, (struct slice){ expected->line.at, line->text.length }));
    expected->line.at += line->text.length;
    expected->line.length -= line->text.length;
    FUZZ_REQUIRE(!last || expected->line.length == 0);
    expected->in_line = !last;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    const struct source_setting setting = { .command = "fuzz" };
    static int fd = -1;
    struct buffer stretched = { 0 };
    struct expected expected = { .number = 0 };
    struct source *source;
    const struct line *lines;
    struct fault why;
    char path[64];
    size_t count;

    if (length > INPUT_MAX)
        return 0;
    expected.rest = stretch(fuzz_slice(bytes, length), &stretched);
    fuzz_fill(&fd, expected.rest);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    FUZZ_REQUIRE(source_open(&source, path, NULL, &setting, &why) == 0);
    while (source_take(source, &lines, &count, &why) != SOURCE_END) {
        FUZZ_REQUIRE(count > 0);
        for (size_t i = 0; i < count; i++)
            take_line(&expected, &lines[i]);
    }
    FUZZ_REQUIRE(expected.rest.length == 0 && !expected.in_line);
    source_close(source);
    buffer_free(&stretched);
    return 0;
}

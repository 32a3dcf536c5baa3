/*
 * fuzz_pack.c -- a pack of results, of any bytes.
 *
 * However a pack came to hold what it holds, grown, cut back or replaced, who read on
 * in it knows the same as who reads it from its start: where each request's line is.
 */
#include "domain/result.h"
#include "fuzz.h"
#include "store/file/pack_file.h"

static struct store store;

static void
read_on(int fd, struct pack *pack)
{
    struct fault why;

    FUZZ_REQUIRE(pack_read_open(&store, 0, fd, pack, &why) == 0);
}

static bool
knows(const struct index *index, struct slice request, uint64_t offset)
{
    struct index_hit hit;
    size_t step = 0;

    while (index_next(index, request, &step, &hit))
        if (hit.type == ORDER_CREATED && hit.offset == offset)
            return true;
    return false;
}

/* Every whole line that begins as a result does is known, and nothing else. */
static void
require_known(const struct pack *pack, struct slice text)
{
    struct slice rest = text, line, request;
    uint64_t end = 0;
    size_t count = 0;

    while (fuzz_line(&rest, &line)) {
        uint64_t offset = (uint64_t)(line.at - text.at);

        if (rest.length == 0 && text.at[text.length - 1] != '\n')
            break;
        end = offset + line.length + 1;
        if (!result_request((struct slice){ line.at, line.length + 1 }, &request))
            continue;
        count++;
        FUZZ_REQUIRE(knows(&pack->recent, request, offset));
    }
    FUZZ_REQUIRE(pack->end == end && pack->recent.count == count);
}

/* The pack is what `text` is now. */
static void
try_state(int *fd, struct pack *pack, struct slice text)
{
    struct pack fresh = { .end = 0 };

    fuzz_fill(fd, text);
    read_on(*fd, &fresh);
    require_known(&fresh, text);
    read_on(*fd, pack);
    require_known(pack, text);
    pack_forget(&fresh);
}

/* The first byte says where the pack is cut in two, the second where it is cut back to. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char line[] = "{\"request\":\"00000000-0000-4000-8000-00000000000f\",\"status\":\"failed\"}\n";
    static int fd = -1;
    struct slice text = fuzz_slice(bytes, length), cut;
    struct pack pack = { .end = 0 };
    struct buffer back = { 0 };

    if (length < 2)
        return 0;
    text.at += 2;
    text.length -= 2;
    cut = (struct slice){ text.at, text.length * bytes[0] / 255 };
    try_state(&fd, &pack, cut);
    if (cut.length < text.length)
        try_state(&fd, &pack, text);
    /* What was cut back is never as long as it was, unless it is the same again. */
    buffer_add(&back, text.at, text.length * bytes[1] / 256);
    do
        buffer_add(&back, line, sizeof line - 1);
    while (back.length == text.length || bytes[1] % 8 > back.length / sizeof line);
    try_state(&fd, &pack, (struct slice){ back.at, back.length });
    pack_forget(&pack);
    buffer_free(&back);
    return 0;
}

/*
 * fuzz.h -- what the fuzz targets share.
 *
 * A target is a function that takes any bytes, and dies where a promise about
 * them is broken.  libFuzzer calls it (make fuzz), or replay_main.c does, with
 * the seeds and things done to them.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/fault.h"
#include "domain/message.h"

/* What every target defines: one input. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static inline void
fuzz_require(bool good, const char *what, const char *file, int line)
{
    if (good)
        return;
    (void)dprintf(STDERR_FILENO, "%s:%d: broken: %s\n", file, line, what);
    abort();
}

#define FUZZ_REQUIRE(good) fuzz_require((good), #good, __FILE__, __LINE__)

static inline struct slice
fuzz_slice(const uint8_t *bytes, size_t length)
{
    return (struct slice){ (const char *)bytes, length };
}

/* A refusal says why, in a line. */
static inline void
fuzz_refused(const struct fault *why)
{
    FUZZ_REQUIRE(why->status == STATUS_DATA && why->text[0] != '\0');
}

/* Take the bytes up to the next newline, and step over it; false when nothing is left. */
static inline bool
fuzz_line(struct slice *text, struct slice *line)
{
    const char *newline;

    if (text->length == 0)
        return false;
    newline = memchr(text->at, '\n', text->length);
    *line = (struct slice){ text->at, newline != NULL ? (size_t)(newline - text->at) : text->length };
    text->at += line->length + (newline != NULL);
    text->length -= line->length + (newline != NULL);
    return true;
}

/* Each line without its sum, if it has one, and with the right one; one that was cut off stays so, or is `whole`. */
static inline struct slice
fuzz_seal(struct slice text, bool whole, struct buffer *out)
{
    uint64_t chain = 0, sum;
    struct slice line;

    out->length = 0;
    while (fuzz_line(&text, &line)) {
        size_t start = out->length, length = line.length;

        if (!event_sum(line, &length, &sum) && length > 0 && line.at[length - 1] == '}')
            length--;
        (void)buffer_reserve(out, length + 1);
        buffer_add(out, line.at, length);
        event_write_sum(out, start, &chain);
        if (whole || text.at > line.at + line.length)
            buffer_text(out, "\n");
    }
    return (struct slice){ out->at, out->length };
}

/* The bytes as a C string that ends where its memory ends. */
static inline char *
fuzz_text(struct slice bytes, struct arena *arena)
{
    struct buffer text = { 0 };
    const char *kept;

    buffer_slice(&text, bytes);
    buffer_add(&text, "", 1);
    kept = arena_copy(arena, text.at, text.length);
    buffer_free(&text);
    return (char *)kept;
}

/* The line with white space before it, which no fast reader takes: the slow one has to mean the same. */
static inline struct slice
fuzz_spaced(struct slice line, struct buffer *out)
{
    out->length = 0;
    buffer_text(out, " ");
    buffer_slice(out, line);
    return (struct slice){ out->at, out->length };
}

/* A file in memory that holds these bytes and no others; -1 at first. */
static inline void
fuzz_fill(int *fd, struct slice bytes)
{
    if (*fd < 0)
        *fd = memfd_create("fuzz", MFD_CLOEXEC);
    FUZZ_REQUIRE(*fd >= 0 && ftruncate(*fd, 0) == 0);
    FUZZ_REQUIRE(bytes.length == 0 || pwrite(*fd, bytes.at, bytes.length, 0) == (ssize_t)bytes.length);
}

#endif

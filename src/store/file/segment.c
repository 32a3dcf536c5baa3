/* segment.c -- the files of a lane. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/io.h"
#include "base/text.h"
#include "store/file/segment.h"

enum { DIGITS = 20, CHUNK = 256 * 1024, FILE_MODE = 0640 };

static const char suffix[] = ".ndjson";

void
segment_name(uint64_t first, char *name)
{
    for (size_t i = DIGITS; i > 0; i--, first /= 10)
        name[i - 1] = (char)('0' + first % 10);
    memcpy(name + DIGITS, suffix, sizeof suffix);
}

/* EINVAL is of segment_open(); ESPIPE of pread(2). */
bool
segment_misplaced(int error)
{
    return error == ELOOP || error == ENOTDIR || error == EISDIR || error == EINVAL || error == ESPIPE;
}

int
segment_open(int lane, uint64_t first, int flags)
{
    char name[SEGMENT_NAME_BYTES];
    struct stat status;
    int fd, result;

    segment_name(first, name);
    fd = io_open(lane, name, flags | O_NONBLOCK, FILE_MODE);
    result = fd < 0 ? -1 : fstat(fd, &status);
    if (result == 0 && S_ISREG(status.st_mode))
        return fd;
    if (result == 0)
        errno = EINVAL;
    io_close(&fd);
    return -1;
}

static int
by_first(const void *a, const void *b)
{
    const struct segment *one = a, *other = b;

    return (one->first > other->first) - (one->first < other->first);
}

/* Files that are no segments are none of our business. */
static int
add_segment(int lane, const char *name, struct segments *out)
{
    struct stat status;
    uint64_t first;

    if (strlen(name) != SEGMENT_NAME_BYTES - 1 || strcmp(name + DIGITS, suffix) != 0
        || !text_digits(name, DIGITS, &first))
        return 0;
    if (fstatat(lane, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : -1;
    out->list = memory_room(out->list, out->count, &out->room, sizeof *out->list);
    out->list[out->count++] = (struct segment){ first, (uint64_t)status.st_size, status.st_mtim.tv_sec };
    return 0;
}

int
segments_list(int lane, struct segments *out)
{
    int fd = io_open(lane, ".", O_RDONLY | O_DIRECTORY, 0);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    const struct dirent *entry;
    int result = 0;

    out->count = 0;
    if (directory == NULL) {
        io_close(&fd);
        return -1;
    }
    while (result == 0 && (errno = 0, entry = readdir(directory)) != NULL)
        result = add_segment(lane, entry->d_name, out);
    if (errno != 0)
        result = -1;
    (void)closedir(directory);
    if (out->count > 1)
        qsort(out->list, out->count, sizeof *out->list, by_first);
    return result;
}

void
segments_free(struct segments *segments)
{
    free(segments->list);
    *segments = (struct segments){ 0 };
}

size_t
segment_step_over(const char *bytes, size_t length, struct place *place, uint64_t offset)
{
    const char *at = bytes, *end = bytes + length, *newline;

    while (place->offset < offset && at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        at = newline + 1;
        place->offset++;
    }
    return (size_t)(at - bytes);
}

int
segment_skip(int fd, struct place *place, uint64_t offset, uint64_t bytes)
{
    struct buffer buffer = { 0 };
    uint64_t at = place->bytes;         /* read so far; the last newline seen is at place->bytes */
    int result = 0;

    while (place->offset < offset && at < bytes) {
        size_t length = bytes - at < CHUNK ? (size_t)(bytes - at) : CHUNK, used;
        ssize_t got = io_pread(fd, buffer_reserve(&buffer, length), length, (off_t)at);

        if (got <= 0) {
            result = (int)got;
            break;
        }
        used = segment_step_over(buffer.at, (size_t)got, place, offset);
        if (used > 0)
            place->bytes = at + used;
        at += (uint64_t)got;
    }
    buffer_free(&buffer);
    return result;
}

int
segment_count(int fd, struct place *place, uint64_t bytes)
{
    return segment_skip(fd, place, UINT64_MAX, bytes);
}

int
segment_end_line(int fd, struct place *place, uint64_t size)
{
    if (size == place->bytes)
        return 0;
    if (io_write(fd, "\n", 1) != 0)
        return -1;
    place->offset++;
    place->bytes = size + 1;
    return 0;
}

int
lane_first(int lane, struct place *out)
{
    struct segments segments = { 0 };
    int result = segments_list(lane, &segments);

    *out = (struct place){ 0 };
    if (result == 0 && segments.count > 0)
        *out = (struct place){ segments.list[0].first, segments.list[0].first, 0 };
    segments_free(&segments);
    return result;
}

/* The hint, if what it says of the file is so. */
static bool
believe(int lane, int hint, struct place *out)
{
    struct record record;
    struct stat status;
    char last = '\n';
    bool good = false;
    int fd;

    if (hint < 0 || record_read(hint, &record) != RECORD_FOUND
        || strcmp(record.boot, record_boot()) != 0)     /* the power may have failed since */
        return false;
    fd = segment_open(lane, record.place.segment, O_RDONLY);
    if (fd >= 0 && fstat(fd, &status) == 0 && (uint64_t)status.st_size >= record.place.bytes)
        good = record.place.bytes == 0 || io_pread(fd, &last, 1, (off_t)record.place.bytes - 1) == 1;
    io_close(&fd);
    *out = record.place;
    return good && last == '\n';
}

/* Count to the end of the segment that *place is in. */
static int
count_on(int lane, struct place *place)
{
    int fd = segment_open(lane, place->segment, O_RDONLY);
    struct stat status;
    int result = fd < 0 || fstat(fd, &status) != 0 ? -1 : segment_count(fd, place, (uint64_t)status.st_size);

    io_close(&fd);
    return result;
}

/* Move to the segment that begins where this one ended: 1, 0 if there is none, or -1. */
static int
next_segment(int lane, struct place *place)
{
    int fd;

    if (place->offset == place->segment)
        return 0;
    fd = segment_open(lane, place->offset, O_RDONLY);
    if (fd < 0)
        return errno == ENOENT ? 0 : -1;
    io_close(&fd);
    *place = (struct place){ place->offset, place->offset, 0 };
    return 1;
}

int
lane_end(int lane, int hint, struct place *out, bool *known)
{
    struct segments segments = { 0 };
    int result = 0;

    *known = believe(lane, hint, out);
    if (!*known) {
        *out = (struct place){ 0 };
        result = segments_list(lane, &segments);
        if (result == 0 && segments.count > 0) {
            out->offset = out->segment = segments.list[segments.count - 1].first;
            result = count_on(lane, out);
        }
        segments_free(&segments);
        return result;
    }
    while ((result = count_on(lane, out)) == 0 && (result = next_segment(lane, out)) > 0)
        *known = false;
    return result;
}

int
lane_place(int lane, uint64_t offset, struct place *out)
{
    struct segments segments = { 0 };
    int fd = -1, result = segments_list(lane, &segments);
    size_t i = segments.count;

    *out = (struct place){ 0 };
    while (i > 1 && segments.list[i - 1].first > offset)
        i--;
    if (result == 0 && i > 0) {
        out->offset = out->segment = segments.list[i - 1].first;
        fd = segment_open(lane, out->segment, O_RDONLY);
        result = fd < 0 ? -1 : segment_skip(fd, out, offset, segments.list[i - 1].bytes);
    }
    io_close(&fd);
    segments_free(&segments);
    return result;
}

/* bytes.c -- runs of bytes: slices that point, buffers that grow, an arena. */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/status.h"

struct arena_block {
    struct arena_block *next;
    char bytes[];
};

int
slice_compare(struct slice a, struct slice b)
{
    size_t common = a.length < b.length ? a.length : b.length;
    int order = memcmp(a.at, b.at, common);

    if (order != 0)
        return order;
    return (a.length > b.length) - (a.length < b.length);
}

int
slice_order(const void *a, const void *b)
{
    return slice_compare(*(const struct slice *)a, *(const struct slice *)b);
}

static void *
checked(void *memory)
{
    static const char text[] = "eventdemo: out of memory\n";

    if (memory == NULL) {
        ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);

        (void)ignored;
        _exit(STATUS_IO);
    }
    return memory;
}

void
memory_keep(void)
{
#ifdef __GLIBC__
    enum { MIB = 1024 * 1024, HEAP = 256 * MIB };
    char *start, *end;
    void *volatile block;       /* else a compiler may leave it out */

    (void)mallopt(M_MMAP_THRESHOLD, HEAP / 8);
    (void)mallopt(M_TRIM_THRESHOLD, HEAP + 2 * MIB);
    (void)mallopt(M_TOP_PAD, HEAP);
    start = sbrk(0);
    block = malloc(MIB);        /* more than is left of the heap, so this makes it larger */
    end = sbrk(0);
    (void)mallopt(M_TOP_PAD, MIB);
    free(block);
    if (end > start)
        (void)madvise(start - (uintptr_t)start % (size_t)sysconf(_SC_PAGESIZE), (size_t)(end - start), MADV_HUGEPAGE);
#endif
}

void *
memory_new(size_t size)
{
    return checked(malloc(size > 0 ? size : 1));
}

void *
memory_zeroed(size_t count, size_t size)
{
    return checked(calloc(count > 0 ? count : 1, size));
}

void *
memory_resize(void *old, size_t size)
{
    return checked(realloc(old, size > 0 ? size : 1));
}

void *
memory_room(void *list, size_t count, size_t *room, size_t size)
{
    if (count < *room)
        return list;
    *room = *room > 0 ? *room * 2 : 16;
    return memory_resize(list, *room * size);
}

void
buffer_grow(struct buffer *buffer, size_t more)
{
    size_t room = buffer->room > 0 ? buffer->room : 256;

    while (room - buffer->length < more)
        room *= 2;
    buffer->at = memory_resize(buffer->at, room);
    buffer->room = room;
}

void
buffer_text(struct buffer *buffer, const char *text)
{
    buffer_add(buffer, text, strlen(text));
}

void
buffer_number(struct buffer *buffer, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buffer_add(buffer, digits + at, sizeof digits - at);
}

void
buffer_signed(struct buffer *buffer, int64_t number)
{
    if (number < 0)
        buffer_add(buffer, "-", 1);
    buffer_number(buffer, number < 0 ? 0 - (uint64_t)number : (uint64_t)number);
}

void
buffer_hex(struct buffer *buffer, uint64_t number)
{
    char digits[16];

    for (size_t i = sizeof digits; i > 0; i--, number >>= 4)
        digits[i - 1] = "0123456789abcdef"[number & 15];
    buffer_add(buffer, digits, sizeof digits);
}

void
buffer_base64(struct buffer *buffer, const void *bytes, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = bytes;
    char *out = buffer_reserve(buffer, (length + 2) / 3 * 4);

    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i;
        uint32_t three = (uint32_t)in[i] << 16;

        three |= left > 1 ? (uint32_t)in[i + 1] << 8 : 0;
        three |= left > 2 ? (uint32_t)in[i + 2] : 0;
        *out++ = digits[three >> 18];
        *out++ = digits[three >> 12 & 63];
        *out++ = left > 1 ? digits[three >> 6 & 63] : '=';
        *out++ = left > 2 ? digits[three & 63] : '=';
    }
    buffer->length = (size_t)(out - buffer->at);
}

void
buffer_free(struct buffer *buffer)
{
    free(buffer->at);
    *buffer = (struct buffer){ 0 };
}

void
buffer_shrink(struct buffer *buffer)
{
    buffer->length = 0;
    if (buffer->room > 4096)
        buffer_free(buffer);
}

const char *
arena_copy(struct arena *arena, const char *bytes, size_t length)
{
    struct arena_block *block = memory_new(sizeof *block + length);

    block->next = arena->block;
    arena->block = block;
    if (length > 0)
        memcpy(block->bytes, bytes, length);
    return block->bytes;
}

void
arena_reset(struct arena *arena)
{
    while (arena->block != NULL) {
        struct arena_block *next = arena->block->next;

        free(arena->block);
        arena->block = next;
    }
}

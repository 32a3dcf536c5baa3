/*
 * bytes.h -- runs of bytes: slices that point, buffers that grow, an arena.
 *
 * Out of memory ends the process with STATUS_IO and a line on standard error;
 * nothing below returns it.  That is the only place in the library that exits:
 * a process may be ended at any instant without harm to the store.
 */
#ifndef BYTES_H
#define BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Bytes that belong to somebody else; not ended by a NUL. */
struct slice {
    const char *at;
    size_t length;
};

#define SLICE_INIT(literal) { (literal), sizeof(literal) - 1 }
#define SLICE(literal) ((struct slice)SLICE_INIT(literal))

static inline bool
slice_equal(struct slice a, struct slice b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

/* Order of bytes, a prefix before what it begins: negative, 0, positive. */
int slice_compare(struct slice a, struct slice b);

/* The same of two slices that are pointed to, for qsort(3) and bsearch(3). */
int slice_order(const void *a, const void *b);

/* malloc, calloc and realloc that do not fail. */
void *memory_new(size_t size);
void *memory_zeroed(size_t count, size_t size);
void *memory_resize(void *old, size_t size);

/*
 * At the start of who works in batches: fresh pages cost more than the work on them.  Those of
 * the first 256 MiB come as huge pages (madvise(2)), when they are touched, and what is freed of
 * them stays with the process, where the C library and the kernel can do that.
 */
void memory_keep(void);

/* Room for one more element of `size` bytes at `*list`, doubling `*room`. */
void *memory_room(void *list, size_t count, size_t *room, size_t size);

/* A buffer starts as { 0 } and is released with buffer_free(). */
struct buffer {
    char *at;
    size_t length;
    size_t room;
};

void buffer_grow(struct buffer *buffer, size_t more);           /* for buffer_reserve() */

/* Make room for `more` bytes behind the end and return where they go. */
static inline char *
buffer_reserve(struct buffer *buffer, size_t more)
{
    if (more > buffer->room - buffer->length || buffer->at == NULL)
        buffer_grow(buffer, more);
    return buffer->at + buffer->length;
}

/* Lines are put together from many small pieces, most of a length that the compiler knows. */
static inline void
buffer_add(struct buffer *buffer, const void *bytes, size_t length)
{
    if (length == 0)
        return;
    memcpy(buffer_reserve(buffer, length), bytes, length);
    buffer->length += length;
}

static inline void
buffer_slice(struct buffer *buffer, struct slice slice)
{
    buffer_add(buffer, slice.at, slice.length);
}

void buffer_text(struct buffer *buffer, const char *text);
void buffer_number(struct buffer *buffer, uint64_t number);     /* decimal */
void buffer_signed(struct buffer *buffer, int64_t number);      /* the same, below 0 with a minus */
void buffer_hex(struct buffer *buffer, uint64_t number);        /* 16 digits, lower case */
void buffer_free(struct buffer *buffer);

/* Empty it, and give its memory back if that is more than a page. */
void buffer_shrink(struct buffer *buffer);

/* Base64 (RFC 4648, section 4) of bytes; no line breaks. */
void buffer_base64(struct buffer *buffer, const void *bytes, size_t length);

/*
 * Many small copies that are forgotten together.  Starts as { 0 }; what
 * arena_copy() returned stays in its place until arena_reset().
 */
struct arena {
    struct arena_block *block;
};

const char *arena_copy(struct arena *arena, const char *bytes, size_t length);
void arena_reset(struct arena *arena);

#endif

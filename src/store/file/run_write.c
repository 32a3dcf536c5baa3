/* run_write.c -- write a run: its blocks, and the lines of its filter, each where the file has them. */
#include "base/io.h"
#include "store/file/run_format.h"

enum { WRITE_BYTES = 1024 * 1024 };

int
run_order(const void *a, const void *b)
{
    const struct index_entry *one = a, *other = b;
    uint64_t first = one->key >> RUN_KEY_SHIFT, second = other->key >> RUN_KEY_SHIFT;

    if (first != second)
        return first < second ? -1 : 1;
    return (one->what > other->what) - (one->what < other->what);
}

struct run_writer
run_begin(int fd, const struct run_key *key)
{
    return (struct run_writer){
        .fd = fd, .key = *key, .blocks = { .at = run_filter_lines(key->count) * RUN_LINE },
    };
}

static int
flush(struct run_writer *writer, struct run_part *part)
{
    int result = writer->fd < 0 ? -1 : io_pwrite(writer->fd, part->bytes.at, part->bytes.length, (off_t)part->at);

    part->at += part->bytes.length;
    part->bytes.length = 0;
    return result;
}

/* Give what is filled its sum, and begin the next one. */
static int
end(struct run_writer *writer, struct run_part *part, unsigned char *filled, size_t length, uint64_t number)
{
    const uint64_t sum = run_sum(filled, length, &writer->key, number);

    memcpy(filled, &sum, sizeof sum);
    buffer_add(&part->bytes, filled, length);
    memset(filled, 0, length);
    part->number++;
    return part->bytes.length < WRITE_BYTES ? 0 : flush(writer, part);
}

static int
end_line(struct run_writer *writer)
{
    return end(writer, &writer->lines, writer->line, sizeof writer->line, ~writer->lines.number);
}

static int
end_block(struct run_writer *writer)
{
    const uint16_t count = (uint16_t)writer->count;

    memcpy(writer->block + RUN_SUM_BYTES, &count, sizeof count);
    writer->full = count == RUN_ENTRIES;
    writer->count = 0;
    return end(writer, &writer->blocks, writer->block, sizeof writer->block, writer->blocks.number);
}

/* It goes into the block that its hash leads to, or the next that is not full. */
int
run_add(struct run_writer *writer, const struct index_entry *entry)
{
    const uint64_t hash = entry->key >> RUN_KEY_SHIFT;
    const uint64_t line = run_home(hash, run_filter_lines(writer->key.count));
    const uint64_t home = run_home(hash, run_home_blocks(writer->key.count));
    uint16_t bits[RUN_BITS_EACH];

    while (writer->lines.number < line)
        if (end_line(writer) != 0)
            return -1;
    while (writer->blocks.number < home || writer->count == RUN_ENTRIES)
        if (end_block(writer) != 0)
            return -1;
    run_bits(hash, bits);
    for (int i = 0; i < RUN_BITS_EACH; i++)
        writer->line[RUN_SUM_BYTES + bits[i] / 8] |= (unsigned char)(1U << bits[i] % 8);
    run_pack(entry, writer->block + RUN_HEAD_BYTES + writer->count++ * RUN_ENTRY_BYTES);
    writer->added++;
    return 0;
}

int
run_end(struct run_writer *writer)
{
    const size_t lines = run_filter_lines(writer->key.count), blocks = run_home_blocks(writer->key.count);
    int result = writer->added == writer->key.count ? 0 : -1;

    while (result == 0 && writer->lines.number < lines)
        result = end_line(writer);
    while (result == 0 && (writer->count > 0 || writer->blocks.number < blocks || writer->full))
        result = end_block(writer);
    if (result == 0 && (flush(writer, &writer->lines) != 0 || flush(writer, &writer->blocks) != 0))
        result = -1;
    buffer_free(&writer->lines.bytes);
    buffer_free(&writer->blocks.bytes);
    return result;
}

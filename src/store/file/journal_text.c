/* journal_text.c -- the lines of streams, most of them from what was read in this batch already. */
#include "store/file/store_file.h"

enum {
    TEXT_MOST = 64 * 1024,              /* of a stream; less than is read at once */
    TEXT_ALL = 16 * 1024 * 1024,
    LINE_USUAL = 1024,                  /* most are shorter */
    AHEAD_FACTOR = 4, AHEAD_MOST = 16 * 1024,
};

/* In this batch these bytes of the stream can be looked at: so many that store->text ends with. */
static void
set_text(struct journal *journal, uint64_t from, size_t length)
{
    journal->text_batch = journal->store->batches + 1;
    journal->text_from = from;
    journal->text_at = journal->store->text.length - length;
    journal->text_length = length;
}

void
journal_keep_text(struct journal *journal, uint64_t from, uint64_t size)
{
    const uint64_t length = journal->end - from;
    struct store *store = journal->store;

    if (journal->end < size || length > TEXT_MOST || store->text.length + length > TEXT_ALL)
        return;
    buffer_add(&store->text, store->reader.buffer.at, (size_t)length);
    set_text(journal, from, (size_t)length);
}

struct slice
journal_text(const struct journal *journal, uint64_t offset)
{
    const struct store *store = journal->store;

    if (journal->text_batch != store->batches + 1 || offset < journal->text_from
        || offset - journal->text_from >= journal->text_length)
        return (struct slice){ "", 0 };
    return (struct slice){ store->text.at + journal->text_at + (offset - journal->text_from),
                           journal->text_length - (size_t)(offset - journal->text_from) };
}

/* From an offset of what is known of the file, at most `most` bytes. */
static int
read_from(struct journal *journal, uint64_t offset, size_t most, struct slice *bytes)
{
    struct buffer *buffer = &journal->store->line;
    ssize_t got;

    if (most > journal->end - offset)
        most = (size_t)(journal->end - offset);
    buffer->length = 0;
    got = io_pread(journal->fd, buffer_reserve(buffer, most), most, (off_t)offset);
    *bytes = (struct slice){ buffer->at, got > 0 ? (size_t)got : 0 };
    return got < 0 ? -1 : 0;
}

/*
 * The same, kept for this batch, with the sum before it.  Requests mostly come in the order in
 * which their events were appended: the more of a stream are looked for, the more is read at once.
 */
static int
read_ahead(struct journal *journal, uint64_t offset, struct slice *bytes)
{
    const uint64_t from = offset < REPLAY_SUM_TAIL ? offset : offset - REPLAY_SUM_TAIL;
    struct buffer *text = &journal->store->text;
    size_t most = journal->text_batch == journal->store->batches + 1 ? journal->text_length * AHEAD_FACTOR : 0;
    ssize_t got;

    most = most < LINE_USUAL ? LINE_USUAL : most > AHEAD_MOST ? AHEAD_MOST : most;
    if (most > journal->end - from)
        most = (size_t)(journal->end - from);
    if (text->length + most > TEXT_ALL)
        return read_from(journal, offset, LINE_USUAL, bytes);
    got = io_pread(journal->fd, buffer_reserve(text, most), most, (off_t)from);
    if (got < 0)
        return -1;
    text->length += (size_t)got;
    set_text(journal, from, (size_t)got);
    *bytes = journal_text(journal, offset);
    return 0;
}

static const char *
line_end(struct slice bytes)
{
    return bytes.length > 0 ? memchr(bytes.at, '\n', bytes.length) : NULL;
}

int
journal_line(struct journal *journal, uint64_t offset, struct slice *line, struct fault *why)
{
    const bool is_pending = offset >= journal->end;
    const char *newline;
    int result = 0;

    if (is_pending && offset - journal->end >= journal->pending.length)
        *line = (struct slice){ "", 0 };        /* an index tells what is not so */
    else if (is_pending)
        *line = (struct slice){ journal->pending.at + (offset - journal->end),
                                journal->pending.length - (size_t)(offset - journal->end) };
    else
        *line = journal_text(journal, offset);
    newline = line_end(*line);
    if (newline == NULL && !is_pending) {
        result = read_ahead(journal, offset, line);
        newline = line_end(*line);
        if (newline == NULL && result == 0)
            result = read_from(journal, offset, LINE_MAX_BYTES, line);
        newline = line_end(*line);
    }
    if (result != 0)
        return fault_system(why, STATUS_IO, "%s", store_path(journal->store, journal->name));
    line->length = newline != NULL ? (size_t)(newline - line->at) : 0;
    return newline == NULL;
}

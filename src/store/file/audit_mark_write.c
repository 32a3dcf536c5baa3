/*
 * audit_mark_write.c -- keep how far all was well.
 *
 * The mark of a stream stands before its first event that belongs to something unfinished;
 * where there is one the stream is read once more up to it, for its state there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "store/file/audit_mark.h"

enum { KEYS_A_LINE = 512 };

struct writing {
    struct audit *audit;
    struct buffer text;
    uint64_t lines, chain;
    size_t start;               /* of the line that is written */
};

static void
begin_line(struct writing *writing, const char *text)
{
    writing->start = writing->text.length;
    writing->lines++;
    buffer_text(&writing->text, text);
}

static void
end_line(struct writing *writing)
{
    event_write_sum(&writing->text, writing->start, &writing->chain);
    buffer_text(&writing->text, "\n");
}

static void
put_number(struct writing *writing, const char *before, uint64_t number)
{
    buffer_text(&writing->text, before);
    buffer_number(&writing->text, number);
}

static void
put_hex(struct writing *writing, const char *before, uint64_t number)
{
    buffer_text(&writing->text, before);
    buffer_hex(&writing->text, number);
    buffer_text(&writing->text, "\"");
}

/* -- streams ------------------------------------------------------------------- */

struct looking {
    const struct audit *audit;
    struct replay point;        /* behind the last event that is settled */
};

static int
visit(void *context, const struct replay *replay, struct slice line, const struct message *event, struct fault *why)
{
    struct looking *looking = context;
    const struct audit *audit = looking->audit;
    struct request request = request_of(event->request);

    if (audit_is_open(audit, &request))
        return fault_set(why, STATUS_DONE, "unfinished");
    looking->point = *replay;
    looking->point.offset += line.length + 1;
    return 0;
}

/* Where the next audit has to begin with this stream. */
static int
find_point(const struct audit *audit, const struct stream *stream, const char *name, struct replay *point,
           struct fault *why)
{
    struct looking looking = { audit, stream->marked.from };
    struct replay_reader reader = { .visit = visit, .context = &looking };
    struct replay replay = stream->marked.from;
    int fd, result;

    *point = stream->end;
    if (!stream->open && !audit->open_across)
        return 0;
    fd = store_open_file(audit->store, name, O_RDONLY);
    result = fd < 0 ? fault_system(why, STATUS_IO, "%s", store_path(audit->store, name))
                    : replay_file(&replay, &reader, fd, stream->end.offset, why);
    if (result != 0 && why->status == STATUS_DONE)
        result = 0;
    *point = looking.point;
    buffer_free(&reader.buffer);
    io_close(&fd);
    return result;
}

static int
put_stream(struct writing *writing, const struct stream *stream, const char *name, struct fault *why)
{
    struct replay point;

    if (!stream->there)
        return 0;
    if (find_point(writing->audit, stream, name, &point, why) != 0)
        return -1;
    begin_line(writing, "{\"file\":\"");
    buffer_text(&writing->text, name);
    put_number(writing, "\",\"bytes\":", point.offset);
    put_number(writing, ",\"line\":", point.line);
    put_hex(writing, ",\"chain\":\"", point.chain);
    buffer_text(&writing->text, ",\"time\":\"");
    buffer_text(&writing->text, point.time.text);
    put_number(writing, "\",\"sequence\":", point.state.sequence);
    put_number(writing, ",\"added\":", point.state.added);
    put_number(writing, ",\"removed\":", point.state.removed);
    put_number(writing, ",\"sold\":", point.state.sold);
    put_number(writing, ",\"returned\":", point.state.returned);
    put_number(writing, ",\"refused\":", point.state.refused);
    put_number(writing, ",\"seen_bytes\":", stream->end.offset);
    put_number(writing, ",\"seen_line\":", stream->end.line);
    put_hex(writing, ",\"seen_chain\":\"", stream->end.chain);
    end_line(writing);
    return 0;
}

static int
put_streams(struct writing *writing, struct fault *why)
{
    const struct audit *audit = writing->audit;
    char name[NAME_MAX_BYTES];

    if (put_stream(writing, &audit->orders, "orders.ndjson", why) != 0)
        return -1;
    for (size_t i = 0; i < audit->products.count; i++) {
        name_of_product(audit->streams[i].product, name);
        if (put_stream(writing, &audit->streams[i], name, why) != 0)
            return -1;
    }
    return 0;
}

/* -- what is settled ------------------------------------------------------------- */

static void
put_first(struct writing *writing)
{
    const struct audit *audit = writing->audit;
    struct mark all = { .keys = NULL };

    if (audit->mark != NULL)
        all = *audit->mark;
    for (size_t i = 0; i < audit->requests.count; i++) {
        const struct purchase *purchase = &audit->purchases[i];

        if (purchase->open)
            continue;
        all.requests++;
        all.sold += purchase->open_sales + purchase->taken_back;
        all.taken_back += purchase->taken_back;
        all.refused += purchase->refusals;
        all.results += purchase->has_result;
    }
    begin_line(writing, "{\"mark\":\"eventdemo 1\",\"time\":\"");
    buffer_text(&writing->text, store_now(audit->store).text);
    put_number(writing, "\",\"requests\":", all.requests);
    put_number(writing, ",\"sold\":", all.sold);
    put_number(writing, ",\"refused\":", all.refused);
    put_number(writing, ",\"back\":", all.taken_back);
    put_number(writing, ",\"results\":", all.results);
    end_line(writing);
}

static void
put_key(struct writing *writing, uint64_t key, size_t *count)
{
    if (*count == KEYS_A_LINE) {
        buffer_text(&writing->text, "\"");
        end_line(writing);
        *count = 0;
    }
    if (*count == 0)
        begin_line(writing, "{\"settled\":\"");
    buffer_hex(&writing->text, key);
    (*count)++;
}

/* The keys of all that is settled, sorted; the caller frees the list. */
static uint64_t *
list_keys(const struct audit *audit, size_t *count)
{
    const size_t before = audit->mark != NULL ? audit->mark->key_count : 0;
    uint64_t *keys = memory_new((before + audit->requests.count + audit->stock_count + 1) * sizeof *keys);

    *count = before;
    for (size_t i = 0; i < before; i++)
        keys[i] = audit->mark->keys[i];
    for (size_t i = 0; i < audit->requests.count; i++)
        if (!audit->purchases[i].open)
            keys[(*count)++] = request_key(&audit->requests.list[i]);
    for (size_t i = 0; i < audit->stock_count; i++)
        if (!audit_is_open(audit, &audit->stock[i]))
            keys[(*count)++] = request_key(&audit->stock[i]);
    qsort(keys, *count, sizeof *keys, mark_by_number);
    return keys;
}

static void
put_keys(struct writing *writing)
{
    size_t all, count = 0;
    uint64_t *keys = list_keys(writing->audit, &all);

    for (size_t i = 0; i < all; i++)
        if (i == 0 || keys[i] != keys[i - 1])
            put_key(writing, keys[i], &count);
    free(keys);
    if (count == 0)
        return;
    buffer_text(&writing->text, "\"");
    end_line(writing);
}

static void
put_lanes(struct writing *writing)
{
    const struct audit *audit = writing->audit;

    for (size_t i = 0; i < audit->lane_count; i++) {
        begin_line(writing, "{\"lane\":\"");
        buffer_text(&writing->text, audit->lanes[i].name);
        put_number(writing, "\",\"end\":", audit->lanes[i].end);
        for (size_t j = 0; j < audit->lanes[i].count; j++)
            put_number(writing, j == 0 ? ",\"segments\":[" : ",", audit->lanes[i].segments[j]);
        buffer_text(&writing->text, "]");
        end_line(writing);
    }
}

/* -- the file ------------------------------------------------------------------- */

static int
replace(const char *path, struct slice text, struct fault *why)
{
    char *next = memory_new(strlen(path) + 5);
    int fd, directory = io_open_parent(path), result = -1;

    memcpy(next, path, strlen(path));
    memcpy(next + strlen(path), ".new", 5);
    fd = directory < 0 ? -1 : io_open(AT_FDCWD, next, O_WRONLY | O_CREAT | O_TRUNC, STORE_FILE_MODE);
    if (fd < 0)
        (void)fault_system(why, STATUS_CANNOT_CREATE, "%s: cannot create", next);
    else if (io_write(fd, text.at, text.length) != 0 || io_sync(fd) != 0 || rename(next, path) != 0
             || fsync(directory) != 0) {
        (void)fault_system(why, STATUS_IO, "%s: cannot replace", path);
        (void)unlink(next);
    } else
        result = 0;
    io_close(&fd);
    io_close(&directory);
    free(next);
    return result;
}

int
audit_mark(struct audit *audit, struct fault *why)
{
    struct writing writing = { .audit = audit };
    int result;

    put_first(&writing);
    result = put_streams(&writing, why);
    if (result == 0) {
        put_lanes(&writing);
        put_keys(&writing);
        begin_line(&writing, "{\"end\":");
        buffer_number(&writing.text, writing.lines);
        end_line(&writing);
        result = replace(audit->setting.mark, (struct slice){ writing.text.at, writing.text.length }, why);
    }
    buffer_free(&writing.text);
    return result;
}

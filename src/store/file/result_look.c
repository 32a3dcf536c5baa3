/*
 * result_look.c -- where the results of certain requests are, and what else is in their place.
 *
 * Requests of one pack stand together when they are sorted, so each pack is read once.
 * A file is believed before a line in a pack: it comes behind that.  It is read before the
 * pack, into which it may go meanwhile.
 */
#include <stdlib.h>

#include "store/file/pack_file.h"
#include "store/result.h"

struct looking {
    const struct result_look *look;
    const char *pack;
    size_t first, count;        /* of the requests: those of this pack */
    uint64_t line;
};

static void
visit_line(void *context, struct slice text)
{
    struct looking *looking = context;
    const struct result_look *look = looking->look;
    struct result_line line = { .file = looking->pack, .line = ++looking->line, .text = text };

    if (result_request(text, &line.request)
        && bsearch(&line.request, look->requests + looking->first, looking->count, sizeof *look->requests, slice_order)
            != NULL)
        look->visit(look->context, &line);
}

/* What stands in the files of some requests. */
struct texts {
    struct buffer bytes;
    size_t *ends;               /* of each request's */
};

static void
read_files(struct store *store, const struct looking *looking, struct texts *out)
{
    const struct result_look *look = looking->look;
    struct fault why;

    *out = (struct texts){ .ends = memory_new(looking->count * sizeof *out->ends) };
    for (size_t i = 0; i < looking->count; i++) {
        if (result_read_file(store, look->requests[looking->first + i], &out->bytes, &why) != 0)
            look->tell(look->context, &why);
        out->ends[i] = out->bytes.length;
    }
}

static void
visit_files(const struct looking *looking, struct texts *texts)
{
    const struct result_look *look = looking->look;

    for (size_t i = 0, at = 0; i < looking->count; at = texts->ends[i++]) {
        const struct slice request = look->requests[looking->first + i];
        const size_t length = texts->ends[i] - at;
        struct result_line line = { .request = request, .file = result_file_name(request) };

        if (length == 0)
            continue;
        line.text = (struct slice){ texts->bytes.at + at, length };
        look->visit(look->context, &line);
    }
    buffer_free(&texts->bytes);
    free(texts->ends);
}

static size_t
count_of_pack(const struct looking *looking, unsigned number)
{
    const struct result_look *look = looking->look;
    size_t count = 1;

    while (looking->first + count < look->count && pack_of(look->requests[looking->first + count]) == number)
        count++;
    return count;
}

void
result_look(struct store *store, const struct result_look *look)
{
    struct looking looking = { .look = look };

    for (; looking.first < look->count; looking.first += looking.count) {
        const unsigned number = pack_of(look->requests[looking.first]);
        struct pack pack = { .end = 0 };
        struct texts texts;
        struct fault why;

        looking.pack = pack_name(number);
        looking.line = 0;
        looking.count = count_of_pack(&looking, number);
        read_files(store, &looking, &texts);
        if (pack_read(store, number, &pack, visit_line, &looking, &why) != 0)
            look->tell(look->context, &why);
        pack_forget(&pack);
        visit_files(&looking, &texts);
    }
}

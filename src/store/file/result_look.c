/*
 * result_look.c -- where the results of certain requests are, and what else is in their place.
 *
 * Requests of one pack stand together when they are sorted, so each pack is read once.
 * A file is believed before a line in a pack: it comes behind that.
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

static void
look_at_file(struct store *store, const struct result_look *look, struct slice request)
{
    struct buffer text = { 0 };
    struct result_line line = { .request = request };
    struct fault why;

    if (result_read_file(store, request, &text, &why) != 0) {
        look->tell(look->context, &why);
    } else if (text.length > 0) {
        line.file = result_file_name(request);
        line.text = (struct slice){ text.at, text.length };
        look->visit(look->context, &line);
    }
    buffer_free(&text);
}

void
result_look(struct store *store, const struct result_look *look)
{
    struct looking looking = { .look = look };

    for (; looking.first < look->count; looking.first += looking.count) {
        const unsigned number = pack_of(look->requests[looking.first]);
        struct pack pack = { .end = 0 };
        struct fault why;

        looking.pack = pack_name(number);
        looking.line = 0;
        looking.count = 1;
        while (looking.first + looking.count < look->count
               && pack_of(look->requests[looking.first + looking.count]) == number)
            looking.count++;
        if (pack_read(store, number, &pack, visit_line, &looking, &why) != 0)
            look->tell(look->context, &why);
        pack_forget(&pack);
        for (size_t i = 0; i < looking.count; i++)
            look_at_file(store, look, look->requests[looking.first + i]);
    }
}

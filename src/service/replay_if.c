/* replay_if.c -- evreplay --without and --with: what is asked, and what differs. */
#include <stdlib.h>

#include "service/replay_world.h"
#include "service/source.h"

/* -- the command line ---------------------------------------------------------------- */

static void
read_without(struct cli *cli, struct replay_if *what_if, const char *text)
{
    for (;; text++) {
        size_t length = strcspn(text, ",");
        char word[UUID_LENGTH + 2];

        /* One that is too long is none, whatever stands behind. */
        (void)snprintf(word, sizeof word, "%.*s", (int)(length < sizeof word ? length : sizeof word), text);
        (void)request_set_add(&what_if->without, cli_request(cli, word));
        text += length;
        if (*text == '\0')
            break;
    }
    what_if->met = memory_zeroed(what_if->without.count, sizeof *what_if->met);
}

struct replay_if *
replay_if_open(struct cli *cli, const struct replay_wish *wish)
{
    const struct source_setting setting = { .command = "evreplay" };
    struct replay_if *what_if;
    struct fault why;

    if (wish->without == NULL && wish->with == NULL)
        return NULL;
    what_if = memory_zeroed(1, sizeof *what_if);
    if (wish->without != NULL)
        read_without(cli, what_if, wish->without);
    if (wish->with != NULL && source_is_topic(wish->with))
        cli_misuse(cli, "--with: %s: a file is wanted", wish->with);
    if (wish->with != NULL && (source_check(wish->with, NULL, &why) != 0
                               || source_open(&what_if->source, wish->with, NULL, &setting, &why) != 0))
        exit(cli_report("evreplay", &why));
    what_if->now = clock_now(&cli->clock);
    if (wish->until.text[0] != '\0')
        what_if->behind = wish->until;
    else if (wish->at == 0)
        what_if->behind = what_if->now;
    return what_if;
}

/* -- the file ------------------------------------------------------------------------ */

static int
by_product(const void *a, const void *b)
{
    const struct if_wish *first = a, *second = b;
    int order = slice_compare(first->product, second->product);

    return order != 0 ? order : (first->number > second->number) - (first->number < second->number);
}

static int
take_line(struct replay_if *what_if, const struct line *line)
{
    struct wish wish;
    struct fault why;

    if (line->part == LINE_MIDDLE || line->part == LINE_END)
        return 0;               /* told at its beginning */
    if (line->part != LINE_WHOLE)
        (void)fault_set(&why, STATUS_DATA, "longer than 65,536 bytes");
    else if (wish_read_either(line->text, &what_if->lines, &wish, &why) == 0) {
        what_if->wishes = memory_room(what_if->wishes, what_if->wish_count, &what_if->wish_room, sizeof *what_if->wishes);
        what_if->wishes[what_if->wish_count] = (struct if_wish){
            .number = line->number,
            .type = wish.type,
            .quantity = wish.quantity,
            .product = { arena_copy(&what_if->lines, wish.product.at, wish.product.length), wish.product.length },
            .request = { arena_copy(&what_if->lines, wish.request.at, wish.request.length), wish.request.length },
        };
        what_if->wish_count++;
        return 0;
    }
    cli_report_line("evreplay", source_name(what_if->source), line->number, why.text);
    return STATUS_DATA;
}

int
replay_if_read(struct replay_if *what_if)
{
    const struct line *lines;
    struct fault why;
    size_t count;
    int taken = SOURCE_LINES, status = STATUS_DONE;

    if (what_if == NULL || what_if->source == NULL)
        return STATUS_DONE;
    while ((taken = source_take(what_if->source, &lines, &count, &why)) > 0)
        for (size_t i = 0; i < count; i++)
            if (take_line(what_if, &lines[i]) != 0)
                status = STATUS_DATA;
    if (what_if->wish_count > 1)
        qsort(what_if->wishes, what_if->wish_count, sizeof *what_if->wishes, by_product);
    return taken < 0 ? cli_report("evreplay", &why) : status;
}

void
replay_if_add_products(const struct replay_if *what_if, struct history_products *products)
{
    const size_t known = products->count;

    for (size_t i = 0; i < what_if->wish_count; i++) {
        struct slice product = what_if->wishes[i].product;

        if ((i > 0 && slice_equal(product, what_if->wishes[i - 1].product))
            || (known > 0 && bsearch(&product, products->products, known, sizeof product, slice_order) != NULL))
            continue;
        products->products = memory_room(products->products, products->count, &products->room, sizeof product);
        products->products[products->count++] = product;
    }
    if (products->count > known)
        qsort(products->products, products->count, sizeof *products->products, slice_order);
}

void
replay_if_again(struct replay_if *what_if)
{
    if (what_if != NULL)
        what_if->counts = (struct if_counts){ 0 };
}

/* -- the end ------------------------------------------------------------------------- */

/* ", 3 WHAT" if there are any. */
static void
tell_count(uint64_t count, const char *before, const char *what)
{
    if (count > 0)
        (void)fprintf(stderr, "%s%llu %s", before, (unsigned long long)count, what);
}

static void
tell(const struct replay_if *what_if)
{
    const struct if_counts *counts = &what_if->counts;

    (void)fprintf(stderr, "evreplay: if: %llu %s refused, %llu %s sold", (unsigned long long)counts->sold,
                  counts->sold == 1 ? "purchase sold that was" : "purchases sold that were",
                  (unsigned long long)counts->refused, counts->refused == 1 ? "refused that was" : "refused that were");
    tell_count(counts->left_out, ", ", counts->left_out == 1 ? "change left out" : "changes left out");
    if (what_if->source != NULL) {
        (void)fprintf(stderr, "; added: %llu sold, %llu refused", (unsigned long long)counts->added_sold,
                      (unsigned long long)counts->added_refused);
        tell_count(counts->added_changes, ", ", counts->added_changes == 1 ? "change" : "changes");
        tell_count(counts->added_left_out, ", ", counts->added_left_out == 1 ? "change left out" : "changes left out");
        tell_count(counts->there_already, ", ", "there already");
    }
    (void)fputc('\n', stderr);
}

int
replay_if_close(struct replay_if *what_if, bool replayed)
{
    int status = STATUS_DONE;

    if (what_if == NULL)
        return STATUS_DONE;
    for (size_t i = 0; replayed && i < what_if->without.count; i++) {
        if (what_if->met[i])
            continue;
        (void)fprintf(stderr, "evreplay: --without: %.*s: not a request of what was replayed\n", UUID_LENGTH,
                      what_if->without.list[i].at);
        status = STATUS_NO_INPUT;
    }
    if (replayed)
        tell(what_if);
    source_close(what_if->source);
    request_set_free(&what_if->without);
    free(what_if->met);
    free(what_if->wishes);
    arena_reset(&what_if->lines);
    free(what_if);
    return status;
}

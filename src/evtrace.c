/* evtrace.c -- what happened to requests. */
#include <locale.h>
#include <stdlib.h>

#include "base/pool.h"
#include "service/cli.h"
#include "service/trace_print.h"
#include "store/history.h"

enum { PORTION = 65536 };       /* requests in memory at once */

enum { OPTION_WHY = 256, OPTION_SEQUENCE, OPTION_DOT, OPTION_JSON, OPTION_PRODUCT };

static const struct cli_option options[] = {
    { OPTION_WHY, "why", NULL, "say in words why it was sold or refused" },
    { OPTION_SEQUENCE, "sequence", NULL, "draw a sequence diagram: services, and messages between them" },
    { OPTION_DOT, "dot", NULL, "print a directed graph for graphviz" },
    { OPTION_JSON, "json", NULL, "print JSON, one object a line" },
    { OPTION_PRODUCT, "product", "PRODUCT", "all requests of a product, in the order of its journal" },
    { 0 },
};

static const struct cli_program program = {
    .name = "evtrace",
    .usage = "[--why | --sequence | --dot | --json] [-d DIR] UUID...\n"
             "[--why | --sequence | --dot | --json] [-d DIR] --product PRODUCT",
    .purpose = "Tell what happened to requests, and where they stand.",
    .options = options,
};

struct trace_wish {
    bool why, sequence, dot, json;
    const char *product;
};

static struct trace_wish
read_options(struct cli *cli)
{
    struct trace_wish wish = { .product = NULL };
    int letter;

    while ((letter = cli_next(cli)) != 0) {
        switch (letter) {
        case OPTION_WHY: wish.why = true; break;
        case OPTION_SEQUENCE: wish.sequence = true; break;
        case OPTION_DOT: wish.dot = true; break;
        case OPTION_JSON: wish.json = true; break;
        case OPTION_PRODUCT: wish.product = cli_product(cli, cli->value).at; break;
        }
    }
    if (wish.why + wish.sequence + wish.dot + wish.json > 1)
        cli_misuse(cli, "--why, --sequence, --dot and --json: one at a time");
    if (wish.product != NULL && cli->operand_count > 0)
        cli_misuse(cli, "--product: not with a UUID");
    if (wish.product == NULL && cli->operand_count == 0)
        cli_misuse(cli, "a UUID or --product is needed");
    return wish;
}

static int
report_unknown(struct slice what)
{
    struct fault why;

    (void)fault_set(&why, STATUS_NO_INPUT, "%.*s: nothing is known of it", (int)what.length, what.at);
    return cli_report(program.name, &why);
}

static void
print(const struct trace_wish *wish, const struct trace *trace, size_t number)
{
    struct buffer out = { 0 };

    if (wish->why)
        trace_print_why(&out, trace);
    else if (wish->sequence)
        trace_print_sequence(&out, trace);
    else if (wish->dot)
        trace_print_dot(&out, trace, number);
    else if (wish->json)
        trace_print_json(&out, trace);
    else
        trace_print_tree(&out, trace);
    if (number > 0 && !wish->dot && !wish->json)
        (void)putchar('\n');
    cli_print(&out);
    buffer_free(&out);
}

/* Some of the requests, from one on; *printed is how many were printed so far. */
static int
trace_portion(const struct trace_wish *wish, struct store *store, const struct request_set *all, size_t from,
              size_t *printed)
{
    struct trace_book book = { .store = store, .jobs = pool_processors(), .quiet = from > 0 };
    int status;

    if (wish->product != NULL)
        book.product = (struct slice){ wish->product, strlen(wish->product) };
    for (size_t i = from; i < all->count && i < from + PORTION; i++)
        (void)request_set_add(&book.set, all->list[i]);
    trace_read(&book);
    if (wish->why || wish->json)
        trace_explain(&book);
    status = book.status;
    for (size_t i = 0; i < book.set.count && ferror(stdout) == 0; i++) {
        if (book.traces[i].count > 0)
            print(wish, &book.traces[i], (*printed)++);
        else
            status = fault_worse(status, report_unknown(all->list[from + i]));
    }
    trace_free(&book);
    return status;
}

static int
trace_all(const struct trace_wish *wish, struct store *store, const struct request_set *all)
{
    size_t printed = 0;
    int status = STATUS_DONE;

    if (wish->dot)
        (void)puts("digraph evtrace {\n    rankdir=LR;\n    node [shape=box, fontname=\"monospace\"];");
    for (size_t from = 0; from < all->count && ferror(stdout) == 0; from += PORTION)
        status = fault_worse(status, trace_portion(wish, store, all, from, &printed));
    if (wish->dot)
        (void)puts("}");
    return status;
}

/* The product's requests: they are all that the first book is about. */
static int
trace_product(const struct trace_wish *wish, struct store *store)
{
    struct trace_book book = {
        .store = store, .jobs = 1, .product = { wish->product, strlen(wish->product) },
    };
    struct fault why;
    uint64_t bytes;
    int status;

    trace_requests(&book);
    status = fault_worse(book.status, trace_all(wish, store, &book.set));
    if (book.set.count == 0 && (history_size(store, book.product, &bytes, &why) != 0 || bytes == 0))
        status = fault_worse(status, report_unknown(book.product));
    trace_free(&book);
    return status;
}

static int
trace_operands(const struct trace_wish *wish, struct cli *cli)
{
    struct request_set set = { 0 };
    struct store *store;
    int status;

    for (int i = 0; i < cli->operand_count; i++)
        (void)request_set_add(&set, cli_request(cli, cli->operands[i]));
    store = cli_store(cli, STORE_LOOK);
    status = trace_all(wish, store, &set);
    store_close(store);
    request_set_free(&set);
    return status;
}

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&program, argc, argv);
    struct trace_wish wish = read_options(&cli);
    int status;

    /* Before the process is confined: how wide characters are. */
    if (!wish.json && !wish.dot)
        (void)setlocale(LC_CTYPE, "");
    memory_keep();
    if (wish.product != NULL) {
        struct store *store = cli_store(&cli, STORE_LOOK);

        status = trace_product(&wish, store);
        store_close(store);
    } else {
        status = trace_operands(&wish, &cli);
    }
    cli_end(&cli);
    return cli_finish(program.name, status);
}

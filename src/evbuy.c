/* evbuy.c -- gives each request a UUID and makes its purchase.requested. */
#include "base/text.h"
#include "domain/wish.h"
#include "service/answers.h"
#include "service/service.h"
#include "service/sink.h"
#include "service/source.h"

static int
read_line(struct slice line, struct arena *arena, struct message *out, struct fault *why)
{
    struct wish wish;

    if (wish_read(line, false, arena, &wish, why) != 0)
        return -1;
    *out = (struct message){
        .type = wish.type, .request = wish.request, .product = wish.product, .quantity = wish.quantity,
    };
    return 0;
}

static enum handled
request(struct desk *desk, const struct message *in, struct fault *why)
{
    struct message out = *in;
    char text[UUID_LENGTH + 1];

    (void)why;
    out.request = wish_request(in->request, text);
    out.time = (struct slice){ desk->now.text, MOMENT_LENGTH };
    desk_answer(desk, &out);
    if (desk->receipts != NULL) {
        buffer_slice(desk->receipts, out.request);
        buffer_add(desk->receipts, "\n", 1);
    }
    return HANDLED;
}

static const struct service service = {
    .name = "evbuy",
    .needs = NEEDS_NOTHING,
    .read = read_line,
    .handle = request,
};

/* Write its message, then its receipt if that is wanted. */
static int
submit(struct desk *desk, const struct message *message, struct sink *sink, struct sink *receipts, struct fault *why)
{
    desk->answers = sink_buffer(sink);
    desk->receipts = receipts != NULL ? sink_buffer(receipts) : NULL;
    (void)request(desk, message, why);
    if (sink_write(sink, -1, why) != 0 || sink_settle(sink, why) != 0)
        return -1;
    return receipts == NULL || (sink_write(receipts, -1, why) == 0 && sink_settle(receipts, why) == 0) ? 0 : -1;
}

/* One request, from the command line; `wait` for its result, in milliseconds, or -1. */
static int
request_one(const struct message *message, const struct cli *cli, const struct service_ends *ends, int64_t wait)
{
    const char *output = ends->output != NULL ? ends->output : "-";
    struct desk desk = { .now = clock_now(&cli->clock), .name = service.name };
    struct store *store = source_is_topic(output) ? cli_store_first(cli, STORE_FOLLOW) : NULL;
    struct sink *sink = NULL, *receipts = NULL;
    struct message named = *message;
    char text[UUID_LENGTH + 1];
    struct fault why;
    int status = STATUS_DONE, opened;

    named.request = wish_request(message->request, text);
    opened = sink_open(&sink, output, store, &why);
    if (opened == 0 && ends->receipts)
        opened = sink_open(&receipts, "-", NULL, &why);
    if (store != NULL)
        store_confine(store, NULL);
    if (opened != 0 || submit(&desk, &named, sink, receipts, &why) != 0)
        status = cli_report(service.name, &why);
    else if (wait >= 0)
        status = cli_finish(service.name, answers_print(service.name, store, &named.request, 1, wait, &named));
    sink_close(sink);
    sink_close(receipts);
    store_close(store);
    return status;
}

enum { OPTION_DEAD = 256 };

static const struct cli_option options[] = {
    { 'o', "output", "DST", "where messages go: - (the default), a path or @TOPIC" },
    { 's', "submit", NULL, "into the store's topic; print each request's UUID when it is on disk" },
    { 'w', "wait", "SECONDS", "with --submit: wait so long for the result, and print it" },
    { 'u', "request", "UUID", "the request's UUID, so that it may be tried again" },
    { 'n', "dry-run", NULL, "write each message to standard output, and change nothing in the store" },
    { OPTION_DEAD, "dead", "DST", "where lines go that cannot be processed; by default into the store" },
    { 0 },
};

static const struct cli_program program = {
    .name = "evbuy",
    .usage = "[-o DST | -s [-w SECONDS]] [-u UUID] [-n] [-d DIR] PRODUCT QUANTITY\n"
             "[-o DST | -s] [--dead DST] [-n] [-d DIR] < REQUESTS",
    .purpose = "Request a purchase, or one for each line {\"product\":\"..\",\"quantity\":n[,\"request\":\"<uuid>\"]}.",
    .options = options,
};

/* What the command line says. */
struct order {
    struct message message;
    struct service_ends ends;
    int64_t wait;               /* milliseconds, or -1 */
};

/* What does not go together is misuse. */
static void
check(const struct cli *cli, const struct order *order)
{
    bool one = cli->operand_count > 0;

    if (one && cli->operand_count != 2)
        cli_misuse(cli, "a PRODUCT and a QUANTITY are needed, or neither");
    if (one && order->ends.dead != NULL)
        cli_misuse(cli, "--dead: only when lines are read");
    if (!one && order->message.request.length > 0)
        cli_misuse(cli, "--request: only with a PRODUCT and a QUANTITY");
    if (order->wait >= 0 && (!one || !order->ends.receipts))
        cli_misuse(cli, "--wait: only with --submit, a PRODUCT and a QUANTITY");
    if (order->ends.receipts && order->ends.output != NULL)
        cli_misuse(cli, "--submit, --output: only one of them");
    if (cli->dry && order->wait >= 0)
        cli_misuse(cli, "--dry-run: there is no result to --wait for");
    service_check_dry(cli, &order->ends);
}

static int
run(struct cli *cli, struct order *order)
{
    if (cli->dry)
        order->ends.receipts = false;   /* nothing was submitted: its message is written instead */
    if (order->ends.receipts)
        order->ends.output = "@purchase.requested";
    if (cli->operand_count == 0)
        return service_run(&service, cli, STORE_FOLLOW, &order->ends);
    order->message.product = cli_product(cli, cli->operands[0]);
    order->message.quantity = cli_number(cli, "QUANTITY", cli->operands[1], 1, NUMBER_MAX);
    return request_one(&order->message, cli, &order->ends, order->wait);
}

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&program, argc, argv);
    struct order order = { .message = { .type = PURCHASE_REQUESTED }, .wait = -1 };
    int letter, status;

    while ((letter = cli_next(&cli)) != 0) {
        switch (letter) {
        case 'o': order.ends.output = cli_end_name(&cli, cli.value); break;
        case 's': order.ends.receipts = true; break;
        case 'w': order.wait = cli_seconds(&cli, "--wait", cli.value); break;
        case 'u': order.message.request = cli_request(&cli, cli.value); break;
        case 'n': cli.dry = true; break;
        case OPTION_DEAD: order.ends.dead = cli_end_name(&cli, cli.value); break;
        }
    }
    check(&cli, &order);
    status = run(&cli, &order);
    cli_end(&cli);
    return status;
}

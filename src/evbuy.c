/* evbuy.c -- gives each request a UUID and makes its purchase.requested. */
#include <stdlib.h>
#include <uuid/uuid.h>

#include "base/text.h"
#include "domain/wish.h"
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
    uuid_t uuid;

    (void)why;
    if (out.request.length == 0) {
        uuid_generate_random(uuid);
        uuid_unparse_lower(uuid, text);
        out.request = (struct slice){ text, UUID_LENGTH };
    }
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

/* One request, from the command line: its message to the output, then its receipt. */
static int
request_one(const struct message *message, const struct cli *cli, const struct service_ends *ends)
{
    const char *output = ends->output != NULL ? ends->output : "-";
    struct desk desk = { .now = clock_now(&cli->clock), .name = service.name };
    struct store *store = source_is_topic(output) ? cli_store(cli, STORE_FOLLOW) : NULL;
    struct sink *sink = NULL, *receipts = NULL;
    struct fault why;
    int status = STATUS_DONE;

    if (sink_open(&sink, output, store, &why) != 0
        || (ends->receipts && sink_open(&receipts, "-", NULL, &why) != 0)) {
        status = cli_report(service.name, &why);
        goto done;
    }
    desk.answers = sink_buffer(sink);
    desk.receipts = receipts != NULL ? sink_buffer(receipts) : NULL;
    (void)request(&desk, message, &why);
    if (sink_write(sink, -1, &why) != 0 || sink_settle(sink, &why) != 0
        || (receipts != NULL && (sink_write(receipts, -1, &why) != 0 || sink_settle(receipts, &why) != 0)))
        status = cli_report(service.name, &why);
done:
    sink_close(sink);
    sink_close(receipts);
    store_close(store);
    return status;
}

enum { OPTION_DEAD = 256 };

static const struct cli_option options[] = {
    { 'o', "output", "DST", "where messages go: - (the default), a path or @TOPIC" },
    { 's', "submit", NULL, "into the store's topic; print each request's UUID when it is on disk" },
    { 'u', "request", "UUID", "the request's UUID, so that it may be tried again" },
    { OPTION_DEAD, "dead", "DST", "where lines go that cannot be processed; by default into the store" },
    { 0 },
};

static const struct cli_program program = {
    .name = "evbuy",
    .usage = "[-o DST | -s] [-u UUID] [-d DIR] PRODUCT QUANTITY\n"
             "[-o DST | -s] [--dead DST] [-d DIR] < REQUESTS",
    .purpose = "Request a purchase, or one for each line {\"product\":\"..\",\"quantity\":n[,\"request\":\"<uuid>\"]}.",
    .options = options,
};

static int
request_operands(struct cli *cli, struct message *message, const struct service_ends *ends)
{
    if (cli->operand_count != 2)
        cli_misuse(cli, "a PRODUCT and a QUANTITY are needed, or neither");
    if (ends->dead != NULL)
        cli_misuse(cli, "--dead: only when lines are read");
    message->product = cli_product(cli, cli->operands[0]);
    message->quantity = cli_number(cli, "QUANTITY", cli->operands[1], 1, NUMBER_MAX);
    return request_one(message, cli, ends);
}

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&program, argc, argv);
    struct message message = { .type = PURCHASE_REQUESTED };
    struct service_ends ends = { 0 };
    int letter, status;

    while ((letter = cli_next(&cli)) != 0) {
        switch (letter) {
        case 'o': ends.output = cli_end_name(&cli, cli.value); break;
        case 's': ends.receipts = true; break;
        case 'u': message.request = cli_request(&cli, cli.value); break;
        case OPTION_DEAD: ends.dead = cli_end_name(&cli, cli.value); break;
        }
    }
    if (ends.receipts && ends.output != NULL)
        cli_misuse(&cli, "--submit, --output: only one of them");
    if (ends.receipts)
        ends.output = "@purchase.requested";
    if (cli.operand_count > 0)
        status = request_operands(&cli, &message, &ends);
    else if (message.request.length > 0)
        cli_misuse(&cli, "--request: only with a PRODUCT and a QUANTITY");
    else
        status = service_run(&service, &cli, STORE_FOLLOW, &ends);
    cli_end(&cli);
    return status;
}

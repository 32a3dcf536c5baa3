/* evstock.c -- goods in and out: stock.added, stock.removed, stock.returned. */
#include "base/spill.h"
#include "base/text.h"
#include "domain/wish.h"
#include "service/service.h"
#include "service/sink.h"

/* What --expect asks for. */
struct expectation {
    bool given;
    uint64_t sequence;
};

static int
read_line(struct slice line, struct arena *arena, struct message *out, struct fault *why)
{
    struct wish wish;

    if (wish_read(line, true, arena, &wish, why) != 0)
        return -1;
    *out = (struct message){
        .type = wish.type, .request = wish.request, .product = wish.product, .quantity = wish.quantity,
    };
    return 0;
}

static enum handled
bad(struct fault *why, enum status status, const char *what, const struct message *event)
{
    struct slice name = message_type_name(event->type);

    (void)fault_set(why, status, "%s (%.*s of %llu, sequence %llu)", what, (int)name.length, name.at,
                    (unsigned long long)event->quantity, (unsigned long long)event->number);
    return HANDLED_BAD;
}

static enum handled
no(struct desk *desk, const struct message *in, enum refusal refusal, struct fault *why)
{
    unsigned long long available = product_available(journal_state(desk->journal));

    if (refusal == REFUSAL_TOO_MUCH)
        (void)fault_set(why, STATUS_NO, "quantity: added and returned would exceed 9007199254740991");
    else
        (void)fault_set(why, STATUS_NO, "quantity: only %llu left, %llu to be removed", available,
                        (unsigned long long)in->quantity);
    return HANDLED_BAD;
}

/* What was appended under this UUID already: 1 if it answers the call, 0 if there is nothing. */
static int
find_done(struct desk *desk, const struct message *in, struct message *event, struct fault *why)
{
    int found = journal_find(desk->journal, in->request, TYPES_OUTCOME, event, why);

    if (found > 0) {
        (void)bad(why, STATUS_DATA, "request: the UUID of a purchase", event);
        return -1;
    }
    if (found == 0)
        found = journal_find(desk->journal, in->request, TYPE_BIT(in->type), event, why);
    if (found > 0 && event->quantity != in->quantity) {
        (void)bad(why, STATUS_DATA, "request: used before with another quantity", event);
        return -1;
    }
    return found;
}

static enum handled
append(struct desk *desk, const struct message *in, struct fault *why)
{
    const struct expectation *expectation = desk->setting;
    const struct product *product = journal_state(desk->journal);
    enum refusal refusal = product_decide(product, message_event(in->type), in->quantity);
    struct message event = *in;

    if (expectation->given && expectation->sequence != product->sequence) {
        (void)fault_set(why, STATUS_NO, "expected sequence %llu, but the last is %llu",
                        (unsigned long long)expectation->sequence, (unsigned long long)product->sequence);
        return HANDLED_BAD;
    }
    if (refusal != REFUSAL_NONE)
        return no(desk, in, refusal, why);
    event.time = (struct slice){ desk->now.text, MOMENT_LENGTH };
    if (journal_append(desk->journal, &event, why) != 0)
        return HANDLED_STOP;
    buffer_slice(desk->answers, journal_last_line(desk->journal));
    return HANDLED;
}

static enum handled
change(struct desk *desk, const struct message *in, struct fault *why)
{
    struct message wish = *in, event;
    char text[UUID_LENGTH + 1];
    int done;

    wish.request = wish_request(in->request, text);
    done = find_done(desk, &wish, &event, why);
    if (done < 0)
        return why->status == STATUS_DATA ? HANDLED_BAD : HANDLED_STOP;
    if (done == 0)
        return append(desk, &wish, why);
    journal_rest_on(desk->journal);
    buffer_slice(desk->answers, journal_found_line(desk->journal));
    buffer_add(desk->answers, "\n", 1);
    return HANDLED;
}

/* Only goods that come in begin a stream; what cannot be appended leaves no trace. */
static bool
begins(const struct message *wish, const struct expectation *expectation)
{
    return wish->type != STOCK_REMOVED && (!expectation->given || expectation->sequence == 0);
}

/* One change, from the command line. */
static int
change_one(const struct message *wish, const struct expectation *expectation, const struct cli *cli)
{
    struct store *store = cli_store_first(cli, STORE_APPEND);
    struct desk desk = {
        .store = store,
        .journal = journal_of(store, wish->product),
        .held = true,
        .now = clock_now(&cli->clock),
        .setting = expectation,
        .name = "evstock",
    };
    struct sink *sink = NULL;
    struct fault why;
    int status = STATUS_DONE;

    journal_want(desk.journal);
    if (sink_open(&sink, "-", NULL, &why) != 0)
        return cli_report("evstock", &why);
    store_confine(store, spill_directory());
    desk.answers = sink_buffer(sink);
    if (journal_hold(store, begins(wish, expectation), &why) != 0
        || journal_catch_up(desk.journal, &why) != 0 || change(&desk, wish, &why) != HANDLED
        || store_commit(store, STORE_WAIT, &why) != 0 || sink_write(sink, -1, &why) != 0
        || sink_settle(sink, &why) != 0)
        status = cli_report("evstock", &why);
    sink_close(sink);
    store_close(store);
    return status;
}

static int
change_many(const struct cli *cli, const struct service_ends *ends)
{
    static const struct expectation none = { .given = false };
    static const struct service service = {
        .name = "evstock",
        .needs = NEEDS_TO_BEGIN,
        .setting = &none,
        .read = read_line,
        .handle = change,
    };

    return service_run(&service, cli, STORE_APPEND, ends);
}

enum { OPTION_DEAD = 256 };

static const struct cli_option options[] = {
    { 'u', "request", "UUID", "the change's UUID, so that it may be tried again" },
    { 'e', "expect", "SEQUENCE", "only if this is the product's last sequence (0: no event yet)" },
    { 'n', "dry-run", NULL, "print what would be appended, and change nothing in the store" },
    { OPTION_DEAD, "dead", "DST", "where lines go that cannot be processed; by default into the store" },
    { 0 },
};

static const struct cli_program program = {
    .name = "evstock",
    .usage = "[-u UUID] [-e SEQUENCE] [-n] [-d DIR] add|remove|return PRODUCT QUANTITY\n"
             "[--dead DST] [-n] [-d DIR] < CHANGES",
    .purpose = "Append goods in or out to a product's journal and print the events, or one for each line\n"
               "{\"action\":\"add\",\"product\":\"..\",\"quantity\":n[,\"request\":\"<uuid>\"]}.",
    .options = options,
};

static int
change_operands(struct cli *cli, struct message *wish, const struct expectation *expectation,
                const struct service_ends *ends)
{
    if (cli->operand_count != 3)
        cli_misuse(cli, "an action, a PRODUCT and a QUANTITY are needed, or none of them");
    if (ends->dead != NULL)
        cli_misuse(cli, "--dead: only when lines are read");
    wish->type = wish_action_named((struct slice){ cli->operands[0], strlen(cli->operands[0]) });
    if (wish->type == TYPE_OTHER)
        cli_misuse(cli, "%s: not add, remove or return", cli->operands[0]);
    wish->product = cli_product(cli, cli->operands[1]);
    wish->quantity = cli_number(cli, "QUANTITY", cli->operands[2], 1, NUMBER_MAX);
    return change_one(wish, expectation, cli);
}

int
main(int argc, char *argv[])
{
    struct cli cli = cli_begin(&program, argc, argv);
    struct expectation expectation = { .given = false };
    struct message wish = { .type = TYPE_OTHER };
    struct service_ends ends = { 0 };
    int letter, status;

    while ((letter = cli_next(&cli)) != 0) {
        switch (letter) {
        case 'u': wish.request = cli_request(&cli, cli.value); break;
        case 'e':
            expectation.given = true;
            expectation.sequence = cli_number(&cli, "--expect", cli.value, 0, SEQUENCE_MAX);
            break;
        case 'n': cli.dry = true; break;
        case OPTION_DEAD: ends.dead = cli_end_name(&cli, cli.value); break;
        }
    }
    service_check_dry(&cli, &ends);
    if (cli.operand_count > 0)
        status = change_operands(&cli, &wish, &expectation, &ends);
    else if (wish.request.length > 0 || expectation.given)
        cli_misuse(&cli, "--request and --expect: only with an action, a PRODUCT and a QUANTITY");
    else
        status = change_many(&cli, &ends);
    cli_end(&cli);
    return status;
}

/* evtask.c -- purchase.requested -> stockcheck.requested. */
#include "service/service.h"

static int
read_line(struct slice line, struct arena *arena, struct message *out, struct fault *why)
{
    return message_read(line, FORM_MESSAGE, TYPE_BIT(PURCHASE_REQUESTED), arena, out, why);
}

static enum handled
ask_for_check(struct desk *desk, const struct message *in, struct fault *why)
{
    struct message out = desk_reply(desk, in, STOCKCHECK_REQUESTED);

    (void)why;
    desk_answer(desk, &out);
    return HANDLED;
}

static const struct service service = {
    .name = "evtask",
    .needs = NEEDS_NOTHING,
    .trusts_nobody = true,
    .reads = PURCHASE_REQUESTED,
    .read = read_line,
    .handle = ask_for_check,
};

int
main(int argc, char *argv[])
{
    return service_main(&service, "Ask for a stock check for each purchase that is requested.", STORE_FOLLOW,
                        false, argc, argv);
}

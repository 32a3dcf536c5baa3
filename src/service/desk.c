/* desk.c -- what a handler says. */
#include "service/service.h"

void
desk_answer(struct desk *desk, const struct message *message)
{
    message_write(desk->answers, message, desk->name);
}

void
desk_refuse(struct desk *desk, const struct message *message)
{
    message_write(desk->refusals, message, desk->name);
}

struct message
desk_reply(const struct desk *desk, const struct message *in, enum message_type type)
{
    return (struct message){
        .type = type,
        .cause = in->type,
        .request = in->request,
        .product = in->product,
        .time = { desk->now.text, MOMENT_LENGTH },
        .quantity = in->quantity,
    };
}

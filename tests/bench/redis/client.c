/*
 * client.c -- requests on Redis Streams, one at a time, from a connected client.
 *
 *     client SOCKET PRODUCTS COUNT
 *
 * Asks COUNT times for one piece, of P00000 ... in turn, waits for each order, and prints
 * how long each took, in microseconds.  The request and the wait for what comes of it go
 * out in one write.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uuid/uuid.h>

#include "server.h"

static double
microseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* [[stream, [[id, ["request", request, ...]]]]], or nil when the time was up. */
static void
check(const redisReply *reply, const char *request)
{
    const redisReply *stream, *fields;

    if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 1)
        die(request, "no result within 10 s");
    stream = reply->element[0];
    fields = stream->element[1]->element[0]->element[1];
    if (strcmp(stream->element[0]->str, "order.created") != 0)
        die(request, "no order");
    if (strcmp(fields->element[1]->str, request) != 0)
        die(request, "another request's order");
}

static void
buy(redisContext *server, unsigned product)
{
    char request[37];
    uuid_t uuid;
    redisReply *reply;

    uuid_generate_random(uuid);
    uuid_unparse_lower(uuid, request);
    redisAppendCommand(server, "XADD purchase.requested * request %s product P%05u quantity 1",
                       request, product);
    redisAppendCommand(server, "XREAD BLOCK 10000 STREAMS order.created order.failed $ $");
    freeReplyObject(server_answer(server, "XADD"));
    reply = server_answer(server, "XREAD");
    check(reply, request);
    freeReplyObject(reply);
}

int
main(int argc, char **argv)
{
    redisContext *server;
    unsigned long products, count;

    if (argc != 4 || (products = strtoul(argv[2], NULL, 10)) == 0) {
        fprintf(stderr, "usage: client SOCKET PRODUCTS COUNT\n");
        return 64;
    }
    count = strtoul(argv[3], NULL, 10);
    server = server_open(argv[1]);
    for (unsigned long i = 0; i < count; i++) {
        double start = microseconds();

        buy(server, (unsigned)(i % products));
        printf("%.1f\n", microseconds() - start);
    }
    redisFree(server);
    return 0;
}

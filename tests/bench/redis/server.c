/* server.c -- what the programs that talk to Redis share. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "server.h"

enum { SCRIPT_MAX = 8192 };

_Noreturn void
die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what, why);
    exit(69);
}

redisContext *
server_open(const char *socket)
{
    redisContext *server = redisConnectUnix(socket);

    if (server == NULL || server->err != 0)
        die(socket, server != NULL ? server->errstr : "no memory");
    return server;
}

redisReply *
server_answer(redisContext *server, const char *what)
{
    void *reply = NULL;

    if (redisGetReply(server, &reply) != REDIS_OK)
        die(what, server->errstr);
    if (((redisReply *)reply)->type == REDIS_REPLY_ERROR)
        die(what, ((redisReply *)reply)->str);
    return reply;
}

redisReply *
server_load(redisContext *server, const char *path)
{
    static char text[SCRIPT_MAX];
    FILE *file = fopen(path, "r");
    size_t length;

    if (file == NULL)
        die(path, "cannot open");
    length = fread(text, 1, sizeof text, file);
    fclose(file);
    if (redisAppendCommand(server, "SCRIPT LOAD %b", text, length) != REDIS_OK)
        die(path, server->errstr);
    return server_answer(server, path);
}

/*
 * purchase.c -- purchases in Redis.
 *
 *     purchase SOCKET SCRIPT COUNT < wishes
 *
 * Each wish is one atomic call of SCRIPT, a file of Lua.  COUNT of them go out in one
 * write, and the next when all have been answered; the server syncs before it answers.
 */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>

#include "wish.h"

enum { SCRIPT_MAX = 8192 };

static redisContext *server;

_Noreturn static void
die(const char *what, const char *why)
{
    fprintf(stderr, "purchase: %s: %s\n", what, why);
    exit(69);
}

/* The next answer; the caller frees it. */
static redisReply *
answer(const char *what)
{
    void *reply = NULL;

    if (redisGetReply(server, &reply) != REDIS_OK)
        die(what, server->errstr);
    if (((redisReply *)reply)->type == REDIS_REPLY_ERROR)
        die(what, ((redisReply *)reply)->str);
    return reply;
}

/* Give the server the script; the answer holds the name that it has there. */
static redisReply *
load_script(const char *path)
{
    static char text[SCRIPT_MAX];
    FILE *file = fopen(path, "r");
    size_t length;

    if (file == NULL)
        die(path, "cannot open");
    length = fread(text, 1, sizeof text, file);
    fclose(file);
    redisAppendCommand(server, "SCRIPT LOAD %b", text, length);
    return answer(path);
}

static void
buy_all(const char *script, struct wish *wishes, int most)
{
    int count;

    while ((count = wish_read_some(stdin, wishes, most)) > 0) {
        for (int i = 0; i < count; i++)
            redisAppendCommand(server, "EVALSHA %s 0 %s %s %s", script, wishes[i].request,
                               wishes[i].product, wishes[i].quantity);
        for (int i = 0; i < count; i++)
            freeReplyObject(answer(wishes[i].request));
    }
}

int
main(int argc, char **argv)
{
    struct wish *wishes;
    redisReply *script;
    int most;

    if (argc != 4 || (most = (int)strtol(argv[3], NULL, 10)) < 1) {
        fprintf(stderr, "usage: purchase SOCKET SCRIPT COUNT\n");
        return 64;
    }
    server = redisConnectUnix(argv[1]);
    if (server == NULL || server->err != 0)
        die(argv[1], server != NULL ? server->errstr : "no memory");
    script = load_script(argv[2]);
    if ((wishes = calloc((size_t)most, sizeof *wishes)) == NULL)
        die("memory", "none left");
    buy_all(script->str, wishes, most);
    free(wishes);
    freeReplyObject(script);
    redisFree(server);
    return 0;
}

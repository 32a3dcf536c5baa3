/*
 * purchase.c -- purchases in Redis.
 *
 *     purchase SOCKET SCRIPT COUNT < wishes
 *
 * Each wish is one atomic call of SCRIPT, a file of Lua.  COUNT of them go out in one
 * write, and the next when all have been answered; the server syncs before it answers.
 */
#include <stdio.h>
#include <stdlib.h>

#include "server.h"
#include "wish.h"

static redisContext *server;

static void
buy_all(const char *script, struct wish *wishes, int most)
{
    int count;

    while ((count = wish_read_some(stdin, wishes, most)) > 0) {
        for (int i = 0; i < count; i++)
            redisAppendCommand(server, "EVALSHA %s 0 %s %s %s", script, wishes[i].request,
                               wishes[i].product, wishes[i].quantity);
        for (int i = 0; i < count; i++)
            freeReplyObject(server_answer(server, wishes[i].request));
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
    server = server_open(argv[1]);
    script = server_load(server, argv[2]);
    if ((wishes = calloc((size_t)most, sizeof *wishes)) == NULL)
        die("memory", "none left");
    buy_all(script->str, wishes, most);
    free(wishes);
    freeReplyObject(script);
    redisFree(server);
    return 0;
}

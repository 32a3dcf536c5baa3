/*
 * worker.c -- one step of the flow on Redis Streams.
 *
 *     worker SOCKET STREAM SCRIPT COUNT
 *
 * Reads STREAM in the consumer group `flow`, up to COUNT messages at once, and hands the
 * values of their fields to SCRIPT, a file of Lua: one atomic call a batch.  The call, the
 * acknowledgement and the request for more go to the server in one write, so a batch costs
 * one round trip and one sync.  Runs until it is killed.
 */
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SCRIPT_MAX = 8192 };

static redisContext *server;

/* The words of a command; they point into whatever they came from. */
struct words {
    const char **at;
    size_t *lengths;
    size_t count, room;
};

_Noreturn static void
die(const char *what, const char *why)
{
    fprintf(stderr, "worker: %s: %s\n", what, why);
    exit(69);
}

static void
add(struct words *words, const char *word, size_t length)
{
    if (words->count == words->room) {
        words->room = words->room * 2 + 64;
        words->at = realloc(words->at, words->room * sizeof *words->at);
        words->lengths = realloc(words->lengths, words->room * sizeof *words->lengths);
        if (words->at == NULL || words->lengths == NULL)
            die("memory", "none left");
    }
    words->at[words->count] = word;
    words->lengths[words->count++] = length;
}

static void
begin(struct words *words, const char *first, const char *second, const char *third)
{
    words->count = 0;
    add(words, first, strlen(first));
    add(words, second, strlen(second));
    add(words, third, strlen(third));
}

static void
send_words(const struct words *words)
{
    if (redisAppendCommandArgv(server, (int)words->count, words->at, words->lengths) != REDIS_OK)
        die("command", server->errstr);
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

/* Give the server the script; the name it has there, to be freed with the answer. */
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
    if (redisAppendCommand(server, "SCRIPT LOAD %b", text, length) != REDIS_OK)
        die(path, server->errstr);
    return answer(path);
}

/* messages: a list of [id, [name, value, ...]]. */
static void
take_batch(const redisReply *messages, struct words *call, struct words *acknowledge)
{
    for (size_t i = 0; i < messages->elements; i++) {
        const redisReply *id = messages->element[i]->element[0];
        const redisReply *fields = messages->element[i]->element[1];

        add(acknowledge, id->str, id->len);
        for (size_t j = 1; j < fields->elements; j += 2)
            add(call, fields->element[j]->str, fields->element[j]->len);
    }
}

static void
work(const char *stream, const char *script, const char *count)
{
    struct words call = { 0 }, acknowledge = { 0 }, more = { 0 };
    const char *const rest[] = { "one", "COUNT", count, "BLOCK", "0", "STREAMS", stream, ">" };

    begin(&more, "XREADGROUP", "GROUP", "flow");
    for (size_t i = 0; i < sizeof rest / sizeof rest[0]; i++)
        add(&more, rest[i], strlen(rest[i]));
    send_words(&more);
    for (;;) {
        redisReply *batch = answer("XREADGROUP");

        begin(&call, "EVALSHA", script, "0");
        begin(&acknowledge, "XACK", stream, "flow");
        take_batch(batch->element[0]->element[1], &call, &acknowledge);
        send_words(&call);
        send_words(&acknowledge);
        send_words(&more);
        freeReplyObject(batch);
        freeReplyObject(answer("EVALSHA"));
        freeReplyObject(answer("XACK"));
    }
}

int
main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: worker SOCKET STREAM SCRIPT COUNT\n");
        return 64;
    }
    server = redisConnectUnix(argv[1]);
    if (server == NULL || server->err != 0)
        die(argv[1], server != NULL ? server->errstr : "no memory");
    work(argv[2], load_script(argv[3])->str, argv[4]);
    return 0;
}

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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server.h"

static redisContext *server;

/* The words of a command; they point into whatever they came from. */
struct words {
    const char **at;
    size_t *lengths;
    size_t count, room;
};

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
        redisReply *batch = server_answer(server, "XREADGROUP");

        begin(&call, "EVALSHA", script, "0");
        begin(&acknowledge, "XACK", stream, "flow");
        take_batch(batch->element[0]->element[1], &call, &acknowledge);
        send_words(&call);
        send_words(&acknowledge);
        send_words(&more);
        freeReplyObject(batch);
        freeReplyObject(server_answer(server, "EVALSHA"));
        freeReplyObject(server_answer(server, "XACK"));
    }
}

int
main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: worker SOCKET STREAM SCRIPT COUNT\n");
        return 64;
    }
    server = server_open(argv[1]);
    work(argv[2], server_load(server, argv[3])->str, argv[4]);
    return 0;
}

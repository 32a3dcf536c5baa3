/*
 * topic_client.c -- requests to the services of a store, one at a time, from a connected
 * client.
 *
 *     topic_client STORE PRODUCTS COUNT
 *
 * Asks COUNT times for one piece, of P00000 ... in turn, waits for each result, and prints
 * how long each took, in microseconds: the request is on disk, the result is read.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <uuid/uuid.h>

#include "base/text.h"
#include "domain/message.h"
#include "store/result.h"
#include "store/topic.h"

enum { WAIT_MILLISECONDS = 10000 };

struct client {
    struct store *store;
    struct topic *topic;
    struct result_watch *watch;
    struct buffer line;
    struct arena arena;
};

_Noreturn static void
die(const char *what, const char *why)
{
    fprintf(stderr, "topic_client: %s: %s\n", what, why);
    exit(74);
}

static double
microseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void
publish(struct client *client, struct slice request, unsigned long product)
{
    struct moment now = store_now(client->store);
    char name[32];
    int length = snprintf(name, sizeof name, "P%05lu", product);
    struct message message = {
        .type = PURCHASE_REQUESTED,
        .request = request,
        .product = { name, (size_t)length },
        .time = { now.text, MOMENT_LENGTH },
        .quantity = 1,
    };
    struct fault why;

    client->line.length = 0;
    message_write(&client->line, &message, "evbuy");
    if (topic_publish(client->topic, (struct slice){ client->line.at, client->line.length },
                      &why) != 0
        || store_settle(client->store, &why) != 0)
        die("publish", why.text);
}

static void
buy(struct client *client, unsigned long product)
{
    char text[UUID_LENGTH + 1];
    struct slice request = { text, UUID_LENGTH };
    struct result result;
    struct fault why;
    uuid_t uuid;
    int found;

    uuid_generate_random(uuid);
    uuid_unparse_lower(uuid, text);
    publish(client, request, product);
    client->line.length = 0;
    while ((found = result_get(client->store, request, &client->line, &client->arena, &result,
                               &why)) == 0) {
        if (result_wait(client->watch, WAIT_MILLISECONDS, &why) != 1)
            die(text, "no result within 10 s");
    }
    if (found < 0)
        die(text, why.text);
    if (!result.created)
        die(text, "no order");
    arena_reset(&client->arena);
}

static void
connect_to(struct client *client, const char *name)
{
    struct store_setting setting = { .name = name, .command = "evbuy", .use = STORE_APPEND };
    struct fault why;

    if (store_open(&client->store, &setting, &why) != 0
        || result_watch(client->store, &client->watch, &why) != 0)
        die(name, why.text);
    client->topic = topic_of(client->store, SLICE("purchase.requested"));
}

int
main(int argc, char **argv)
{
    struct client client = { 0 };
    unsigned long products, count;

    if (argc != 4 || (products = strtoul(argv[2], NULL, 10)) == 0) {
        fprintf(stderr, "usage: topic_client STORE PRODUCTS COUNT\n");
        return 64;
    }
    count = strtoul(argv[3], NULL, 10);
    connect_to(&client, argv[1]);
    for (unsigned long i = 0; i < count; i++) {
        double start = microseconds();

        buy(&client, i % products);
        printf("%.1f\n", microseconds() - start);
    }
    result_unwatch(client.watch);
    store_close(client.store);
    buffer_free(&client.line);
    return 0;
}

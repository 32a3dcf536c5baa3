/*
 * purchase.c -- purchases on NATS JetStream, by its text protocol.
 *
 *     purchase PORT STOCK COUNT < wishes
 *
 * One process decides for all products, which are P00000 ...: STOCK says what there is of
 * each.  An outcome is a message on journal.<product>, which the server takes only if it
 * comes at its place among those of its product and not twice; an order is one on orders, a
 * result one on results.<request>.  The wishes of COUNT go out in one write, and the next when
 * the server has acknowledged all of their messages: it does so before they are synced.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wish.h"

enum { PRODUCTS_MAX = 100000, LINE_SIZE = 4096 };

struct product {
    long available;
    unsigned long sequence;         /* of its last event, in the stream */
};

static struct product products[PRODUCTS_MAX];
static FILE *from_server, *to_server;
static unsigned long last;          /* message of the stream */

_Noreturn static void
die(const char *what, const char *why)
{
    fprintf(stderr, "purchase: %s: %s\n", what, why);
    exit(69);
}

static struct product *
product_of(const char *name)
{
    unsigned long number = strtoul(name + 1, NULL, 10);

    if (name[0] != 'P' || number >= PRODUCTS_MAX)
        die(name, "not a product");
    return &products[number];
}

static void
connect_to(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((in_port_t)port),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    int server = socket(AF_INET, SOCK_STREAM, 0), one = 1;

    if (server < 0 || connect(server, (struct sockaddr *)&address, sizeof address) != 0)
        die("server", "cannot be reached");
    setsockopt(server, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    from_server = fdopen(server, "rb");
    to_server = fdopen(dup(server), "wb");
    if (from_server == NULL || to_server == NULL)
        die("memory", "none left");
    fputs("CONNECT {\"verbose\":false,\"pedantic\":false,\"headers\":true,\"protocol\":1}\r\n"
          "SUB answers 1\r\n", to_server);
}

/* The payload of the next message that the server sends. */
static void
receive(char line[LINE_SIZE])
{
    while (fgets(line, LINE_SIZE, from_server) != NULL) {
        if (strncmp(line, "PING", 4) == 0)
            fputs("PONG\r\n", to_server);
        else if (strncmp(line, "-ERR", 4) == 0)
            die("server", line);
        else if (strncmp(line, "MSG ", 4) == 0 && fgets(line, LINE_SIZE, from_server) != NULL)
            return;
    }
    die("server", "closed the connection");
}

/* Send what waits; as many acknowledgements as there were messages, in their order. */
static void
await(unsigned long first)
{
    char line[LINE_SIZE];

    fflush(to_server);
    for (unsigned long number = first; number <= last; number++) {
        const char *at;

        receive(line);
        at = strstr(line, "\"seq\":");
        if (strstr(line, "\"error\"") != NULL || strstr(line, "\"duplicate\"") != NULL
            || at == NULL || strtoul(at + strlen("\"seq\":"), NULL, 10) != number)
            die("not stored", line);
    }
}

static void
publish(const char *subject, const char *name, const char *headers, const char *payload)
{
    size_t length = strlen(headers);

    fprintf(to_server, "HPUB %s%s answers %zu %zu\r\n%s%s\r\n", subject, name, length,
            length + strlen(payload), headers, payload);
    last++;
}

/* On the journal of a product, at its place, once. */
static void
publish_event(struct product *product, const char *name, const char *id, const char *payload)
{
    char headers[256];

    snprintf(headers, sizeof headers,
             "NATS/1.0\r\nNats-Msg-Id: %s\r\nNats-Expected-Last-Subject-Sequence: %lu\r\n\r\n",
             id, product->sequence);
    publish("journal.", name, headers, payload);
    product->sequence = last;
}

/* A message that may be there once. */
static void
publish_once(const char *subject, const char *name, const char *request, const char *payload)
{
    char headers[256];

    snprintf(headers, sizeof headers, "NATS/1.0\r\nNats-Msg-Id: %s/%s\r\n\r\n", request, subject);
    publish(subject, name, headers, payload);
}

static void
buy(const struct wish *wish)
{
    struct product *product = product_of(wish->product);
    long quantity = strtol(wish->quantity, NULL, 10);
    bool sold = product->available >= quantity;
    char payload[512];

    if (sold)
        product->available -= quantity;
    snprintf(payload, sizeof payload,
             "{\"type\":\"%s\",\"request\":\"%s\",\"product\":\"%s\",\"quantity\":%ld,"
             "\"available\":%ld}", sold ? "stock.sold" : "purchase.refused", wish->request,
             wish->product, quantity, product->available);
    publish_event(product, wish->product, wish->request, payload);
    if (sold)
        publish_once("orders", "", wish->request, payload);
    snprintf(payload, sizeof payload,
             "{\"request\":\"%s\",\"status\":\"%s\",\"product\":\"%s\",\"quantity\":%ld}",
             wish->request, sold ? "created" : "failed", wish->product, quantity);
    publish_once("results.", wish->request, wish->request, payload);
}

static void
buy_all(struct wish *wishes, int most)
{
    int count;

    while ((count = wish_read_some(stdin, wishes, most)) > 0) {
        unsigned long first = last + 1;

        for (int i = 0; i < count; i++)
            buy(&wishes[i]);
        await(first);
    }
}

static void
read_stock(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[LINE_SIZE], name[16], quantity[17];

    if (file == NULL)
        die(path, "cannot open");
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "{\"action\":\"add\",\"product\":\"%15[^\"]\",\"quantity\":%16[0-9]}",
                   name, quantity) != 2)
            die(path, line);
        product_of(name)->available = strtol(quantity, NULL, 10);
    }
    fclose(file);
}

int
main(int argc, char **argv)
{
    struct wish *wishes;
    int most;

    if (argc != 4 || (most = (int)strtol(argv[3], NULL, 10)) < 1) {
        fprintf(stderr, "usage: purchase PORT STOCK COUNT\n");
        return 64;
    }
    read_stock(argv[2]);
    connect_to((int)strtol(argv[1], NULL, 10));
    if ((wishes = calloc((size_t)most, sizeof *wishes)) == NULL)
        die("memory", "none left");
    buy_all(wishes, most);
    free(wishes);
    fclose(to_server);
    fclose(from_server);
    return 0;
}

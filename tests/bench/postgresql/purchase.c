/*
 * purchase.c -- purchases in PostgreSQL.
 *
 *     purchase CONNECTION CLIENTS COUNT < wishes
 *
 * CLIENTS connections take COUNT wishes at a time from those that are left, and buy them
 * in one transaction.  With a COUNT of 1 that is one call of buy(), else one of buy_all().
 * Prints the seconds from when all were connected: connecting takes a process for each.
 */
#include <libpq-fe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wish.h"

enum { CLIENTS_MAX = 64, COUNT_MAX = 4096, PARAMETERS = 3, WORD_MAX = 96 };

struct client {
    PGconn *server;
    pthread_t thread;
    struct wish *wishes;
    char *parameters[PARAMETERS];
};

static pthread_mutex_t reading = PTHREAD_MUTEX_INITIALIZER;
static int most;

_Noreturn static void
die(const char *what, const char *why)
{
    fprintf(stderr, "purchase: %s: %s\n", what, why);
    exit(74);
}

static void
connect_to(struct client *client, const char *where)
{
    const char *call = most == 1 ? "SELECT buy($1, $2, $3)" : "SELECT buy_all($1, $2, $3)";
    PGresult *result;

    client->server = PQconnectdb(where);
    if (PQstatus(client->server) != CONNECTION_OK)
        die(where, PQerrorMessage(client->server));
    result = PQprepare(client->server, "buy", call, PARAMETERS, NULL);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        die(call, PQerrorMessage(client->server));
    PQclear(result);
    client->wishes = calloc((size_t)most, sizeof *client->wishes);
    for (int i = 0; i < PARAMETERS; i++)
        client->parameters[i] = malloc((size_t)most * WORD_MAX + 2);
}

/* A word, or as one of many: "{word,word,...}". */
static char *
put(char *at, const char *word, int index, int count)
{
    if (most == 1)
        return stpcpy(at, word);
    *at++ = index == 0 ? '{' : ',';
    at = stpcpy(at, word);
    return index + 1 == count ? stpcpy(at, "}") : at;
}

static void
set_parameters(struct client *client, int count)
{
    char *at[PARAMETERS];

    memcpy(at, client->parameters, sizeof at);
    for (int i = 0; i < count; i++) {
        const struct wish *wish = &client->wishes[i];

        at[0] = put(at[0], wish->request, i, count);
        at[1] = put(at[1], wish->product, i, count);
        at[2] = put(at[2], wish->quantity, i, count);
    }
}

static void
buy(struct client *client)
{
    const char *const *parameters = (const char *const *)client->parameters;
    PGresult *result = PQexecPrepared(client->server, "buy", PARAMETERS, parameters, NULL, NULL, 0);

    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        die("buy", PQerrorMessage(client->server));
    PQclear(result);
}

static void *
buy_what_is_left(void *argument)
{
    struct client *client = argument;

    for (;;) {
        int count;

        pthread_mutex_lock(&reading);
        count = wish_read_some(stdin, client->wishes, most);
        pthread_mutex_unlock(&reading);
        if (count == 0)
            return NULL;
        set_parameters(client, count);
        buy(client);
    }
}

static void
close_client(struct client *client)
{
    PQfinish(client->server);
    free(client->wishes);
    for (int i = 0; i < PARAMETERS; i++)
        free(client->parameters[i]);
}

static double
seconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
    static struct client clients[CLIENTS_MAX];
    double start;
    int count;

    if (argc != 4 || (count = (int)strtol(argv[2], NULL, 10)) < 1 || count > CLIENTS_MAX
        || (most = (int)strtol(argv[3], NULL, 10)) < 1 || most > COUNT_MAX) {
        fprintf(stderr, "usage: purchase CONNECTION CLIENTS COUNT\n");
        return 64;
    }
    for (int i = 0; i < count; i++)
        connect_to(&clients[i], argv[1]);
    start = seconds();
    for (int i = 0; i < count; i++) {
        if (pthread_create(&clients[i].thread, NULL, buy_what_is_left, &clients[i]) != 0)
            die("thread", "cannot be started");
    }
    for (int i = 0; i < count; i++)
        pthread_join(clients[i].thread, NULL);
    printf("%.6f\n", seconds() - start);
    for (int i = 0; i < count; i++)
        close_client(&clients[i]);
    return 0;
}

/*
 * make_journal.c -- a store with large journals, and what they come to.
 *
 *     make_journal STORE EVENTS PRODUCTS
 *
 * Writes STORE/format and a journal for each of P00000 ..., EVENTS events in all,
 * in the canonical form with right sums: first a stock.added, then sales, now and
 * then a refusal, a return, and new stock when little is left.  Prints the state
 * of each product as evreplay prints it.  The same operands give the same bytes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

enum { LINE_SIZE = 1024, PATH_SIZE = 4096 };

struct journal {
    FILE *file;
    uint64_t sequence, sum, random;
    uint64_t added, sold, returned, refused;
    unsigned number;
    char product[16];
    char time[32];
};

static void
die(const char *what)
{
    fprintf(stderr, "make_journal: %s: %s\n", what, strerror(errno));
    exit(74);
}

/* xorshift64: good enough for quantities, and the same everywhere. */
static uint64_t
next_random(struct journal *journal)
{
    uint64_t x = journal->random;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return journal->random = x;
}

static uint64_t
available(const struct journal *journal)
{
    return journal->added + journal->returned - journal->sold;
}

/* A millisecond for each event, from the first of January; a year holds 31,536,000,000. */
static void
set_time(struct journal *journal)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint64_t second = journal->sequence / 1000;
    unsigned day = (unsigned)(second / 86400), month = 0;

    while (day >= days[month])
        day -= days[month++];
    snprintf(journal->time, sizeof journal->time, "2026-%02u-%02uT%02u:%02u:%02u.%03u000Z",
             month + 1, day + 1, (unsigned)(second / 3600 % 24), (unsigned)(second / 60 % 60),
             (unsigned)(second % 60), (unsigned)(journal->sequence % 1000));
}

static void
append(struct journal *journal, const char *type, const char *command, const char *cause,
       const char *data)
{
    char line[LINE_SIZE], uuid[40], causation[96] = "";
    int length;

    journal->sequence++;
    set_time(journal);
    snprintf(uuid, sizeof uuid, "%08" PRIx64 "-%04x-4000-8%03x-%012" PRIx64,
             journal->sequence & UINT32_MAX, journal->number & 0xffff, journal->number >> 16,
             next_random(journal) & 0xffffffffffff);
    if (cause)
        snprintf(causation, sizeof causation, ",\"causationid\":\"%s/%s\"", uuid, cause);
    length = snprintf(line, sizeof line,
                      "{\"specversion\":\"1.0\",\"id\":\"%s/%s\",\"source\":\"/eventdemo/%s\","
                      "\"type\":\"%s\",\"subject\":\"%s\",\"time\":\"%s\","
                      "\"correlationid\":\"%s\"%s,\"sequence\":\"%012" PRIu64 "\",\"data\":{%s}",
                      uuid, type, command, type, journal->product, journal->time, uuid,
                      causation, journal->sequence, data);
    journal->sum = XXH3_64bits_withSeed(line, (size_t)length, journal->sum);
    fprintf(journal->file, "%s,\"sum\":\"%016" PRIx64 "\"}\n", line, journal->sum);
}

static void
append_quantity(struct journal *journal, const char *type, const char *command, const char *cause,
                uint64_t quantity)
{
    char data[64];

    snprintf(data, sizeof data, "\"quantity\":%" PRIu64, quantity);
    append(journal, type, command, cause, data);
}

static void
refuse(struct journal *journal, uint64_t quantity)
{
    char data[256];

    snprintf(data, sizeof data,
             "\"quantity\":%" PRIu64 ",\"available\":%" PRIu64 ",\"sequence\":%" PRIu64
             ",\"code\":\"insufficient-stock\",\"reason\":\"only %" PRIu64 " left, %" PRIu64
             " asked\"", quantity, available(journal), journal->sequence, available(journal),
             quantity);
    append(journal, "purchase.refused", "evfail", "stock.unavailable", data);
    journal->refused++;
}

/* The next event: what is in stock decides, and a little chance. */
static void
step(struct journal *journal)
{
    uint64_t dice = next_random(journal) >> 11, quantity = 1 + dice % 24;

    if (available(journal) < 100) {
        append_quantity(journal, "stock.added", "evstock", NULL, 50000);
        journal->added += 50000;
    } else if (dice / 24 % 50 == 0) {
        refuse(journal, available(journal) + quantity);
    } else if (dice / 24 % 50 == 1) {
        append_quantity(journal, "stock.returned", "evstock", NULL, quantity);
        journal->returned += quantity;
    } else {
        append_quantity(journal, "stock.sold", "evorder", "stock.available", quantity);
        journal->sold += quantity;
    }
}

static void
write_journal(const char *store, unsigned number, uint64_t events)
{
    struct journal journal = {.random = 88172645463325252U + number, .number = number};
    char path[PATH_SIZE];

    snprintf(journal.product, sizeof journal.product, "P%05u", number);
    snprintf(path, sizeof path, "%s/journal/%s.ndjson", store, journal.product);
    if ((journal.file = fopen(path, "wx")) == NULL)
        die(path);
    while (journal.sequence < events)
        step(&journal);
    if (fclose(journal.file) != 0)
        die(path);
    printf("{\"product\":\"%s\",\"sequence\":%" PRIu64 ",\"available\":%" PRIu64
           ",\"added\":%" PRIu64 ",\"removed\":0,\"sold\":%" PRIu64 ",\"returned\":%" PRIu64
           ",\"refused\":%" PRIu64 ",\"time\":\"%s\"}\n", journal.product, journal.sequence,
           available(&journal), journal.added, journal.sold, journal.returned, journal.refused,
           journal.time);
}

int
main(int argc, char **argv)
{
    char path[PATH_SIZE];
    uint64_t events, products;
    FILE *format;

    if (argc != 4 || (events = strtoull(argv[2], NULL, 10)) == 0 ||
        (products = strtoull(argv[3], NULL, 10)) == 0 || products > events || products > 100000) {
        fprintf(stderr, "usage: make_journal STORE EVENTS PRODUCTS\n");
        return 64;
    }
    snprintf(path, sizeof path, "%s/journal", argv[1]);
    if (mkdir(argv[1], 0777) != 0 || mkdir(path, 0777) != 0)
        die(path);
    snprintf(path, sizeof path, "%s/format", argv[1]);
    if ((format = fopen(path, "wx")) == NULL || fputs("eventdemo 1\n", format) < 0 ||
        fclose(format) != 0)
        die(path);
    for (unsigned number = 0; number < products; number++)
        write_journal(argv[1], number, events / products + (number < events % products));
    return fflush(stdout) == 0 ? 0 : 74;
}

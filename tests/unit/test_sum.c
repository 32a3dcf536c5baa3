/*
 * test_sum.c -- the sums of events: their form, and the chain they make.
 *
 * The numbers below were computed once by XXH3_64bits_withSeed() of libxxhash
 * 0.8.1, called from Python over bytes put together there.
 */
#include "domain/message.h"
#include "tap.h"

struct known {
    size_t length;              /* bytes i % 251, i from 0 */
    uint64_t seed;
    uint64_t sum;
};

static const struct known knowns[] = {
    { 0, 0, UINT64_C(0x2d06800538d394c2) },
    { 0, 1, UINT64_C(0x4dc5b0cc826f6703) },
    { 0, UINT64_C(0x9b63118022ff3e56), UINT64_C(0x4f89b4180d725b74) },
    { 0, UINT64_MAX, UINT64_C(0x4c093276ae47a555) },
    { 1, 0, UINT64_C(0xc44bdff4074eecdb) },
    { 1, UINT64_C(0x9b63118022ff3e56), UINT64_C(0xc3453e3f799e514e) },
    { 3, 0, UINT64_C(0x5f4299fc161c9cbb) },
    { 3, UINT64_C(0x9b63118022ff3e56), UINT64_C(0xd9236fd1d41c4248) },
    { 4, 0, UINT64_C(0x60dab036a58211f2) },
    { 4, UINT64_C(0x9b63118022ff3e56), UINT64_C(0xe191f09912d329d0) },
    { 8, 0, UINT64_C(0x3a1c2d7c85af88f8) },
    { 8, UINT64_C(0x9b63118022ff3e56), UINT64_C(0xf8cee27f4b6ba09c) },
    { 9, 0, UINT64_C(0xe9612598145bb9dc) },
    { 9, UINT64_C(0x9b63118022ff3e56), UINT64_C(0x4549cf62ecde2186) },
    { 16, 0, UINT64_C(0x8355e3a6f61770db) },
    { 16, UINT64_C(0x9b63118022ff3e56), UINT64_C(0xf63218d395c642a6) },
    { 17, 0, UINT64_C(0x9ef341a99de37328) },
    { 17, UINT64_C(0x9b63118022ff3e56), UINT64_C(0x079cec5cdb97346b) },
    { 128, 0, UINT64_C(0x85c6174c7ff4c46b) },
    { 128, UINT64_C(0x9b63118022ff3e56), UINT64_C(0x1948af347e26a505) },
    { 129, 0, UINT64_C(0xec7642b431ba3e5a) },
    { 129, UINT64_C(0x9b63118022ff3e56), UINT64_C(0xc55bc31952f95966) },
    { 240, 0, UINT64_C(0x375a384d957fe865) },
    { 240, UINT64_C(0x9b63118022ff3e56), UINT64_C(0x7f78076a5e69455c) },
    { 241, 0, UINT64_C(0x02e8cd95421c6d02) },
    { 241, UINT64_C(0x9b63118022ff3e56), UINT64_C(0x43954f7035d545ce) },
    { 1000, 0, UINT64_C(0x33ef703fb2b20ed1) },
    { 1000, 1, UINT64_C(0x1cb958c3452e813b) },
    { 1000, UINT64_C(0x9b63118022ff3e56), UINT64_C(0x58d990ed59462e70) },
    { 1000, UINT64_MAX, UINT64_C(0x0b11f8e19143a7f5) },
    { 65535, 0, UINT64_C(0x158b4a19c83280c1) },
    { 65535, UINT64_C(0x9b63118022ff3e56), UINT64_C(0xf5154e55fa36c143) },
};

static void
test_known(struct tap *tap)
{
    static char bytes[65535];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i % 251);
    for (size_t i = 0; i < COUNT(knowns); i++)
        tap_check(tap, event_sum_of(bytes, knowns[i].length, knowns[i].seed) == knowns[i].sum, "sum of %zu bytes (%zu)",
                  knowns[i].length, i);
}

struct form {
    const char *name;
    struct slice line;
    bool good;
    size_t summed;
    uint64_t sum;
};

#define SUM "0123456789abcdef"
#define TAIL ",\"sum\":\"" SUM "\"}"
#define NUMBER UINT64_C(0x0123456789abcdef)

static const struct form forms[] = {
    { "a line", SLICE_INIT("{\"a\":1" TAIL), true, 6, NUMBER },
    { "nothing before it", SLICE_INIT(TAIL), true, 0, NUMBER },
    { "a sum of zeros", SLICE_INIT("{\"a\":1,\"sum\":\"0000000000000000\"}"), true, 6, 0 },
    { "a sum of ones", SLICE_INIT("{\"a\":1,\"sum\":\"ffffffffffffffff\"}"), true, 6, UINT64_MAX },
    { "two sums: the last counts", SLICE_INIT("{\"a\":1" TAIL TAIL), true, 6 + sizeof TAIL - 1, NUMBER },
    { "nothing", SLICE_INIT(""), false, 0, 0 },
    { "a byte less than a sum", SLICE_INIT("\"sum\":\"" SUM "\"}"), false, 0, 0 },
    { "no sum", SLICE_INIT("{\"a\":1,\"b\":\"0123456789abcdef0123456789\"}"), false, 0, 0 },
    { "not the last", SLICE_INIT("{\"sum\":\"" SUM "\",\"a\":1}"), false, 0, 0 },
    { "the only one", SLICE_INIT("{\"sum\":\"" SUM "\"}"), false, 0, 0 },
    { "upper case", SLICE_INIT("{\"a\":1,\"sum\":\"0123456789ABCDEF\"}"), false, 0, 0 },
    { "not hex", SLICE_INIT("{\"a\":1,\"sum\":\"0123456789abcdeg\"}"), false, 0, 0 },
    { "a digit short", SLICE_INIT("{\"a\":1,\"sum\":\"0123456789abcde\"}"), false, 0, 0 },
    { "a digit too many", SLICE_INIT("{\"a\":1,\"sum\":\"00123456789abcdef\"}"), false, 0, 0 },
    { "a number", SLICE_INIT("{\"a\":1,\"sum\":0123456789abcdef}"), false, 0, 0 },
    { "white space before", SLICE_INIT("{\"a\":1, \"sum\":\"" SUM "\"}"), false, 0, 0 },
    { "white space within", SLICE_INIT("{\"a\":1,\"sum\": \"" SUM "\"}"), false, 0, 0 },
    { "white space behind", SLICE_INIT("{\"a\":1" TAIL " "), false, 0, 0 },
    { "a carriage return", SLICE_INIT("{\"a\":1" TAIL "\r"), false, 0, 0 },
    { "another name", SLICE_INIT("{\"a\":1,\"Sum\":\"" SUM "\"}"), false, 0, 0 },
    { "a longer name", SLICE_INIT("{\"a\":1,\"xsum\":\"" SUM "\"}"), false, 0, 0 },
    { "cut off", SLICE_INIT("{\"a\":1,\"sum\":\"" SUM "\""), false, 0, 0 },
    { "a bracket", SLICE_INIT("{\"a\":1,\"sum\":\"" SUM "\"]"), false, 0, 0 },
};

static void
test_forms(struct tap *tap)
{
    struct arena arena = { 0 };

    for (size_t i = 0; i < COUNT(forms); i++) {
        const struct form *row = &forms[i];
        struct slice line = { arena_copy(&arena, row->line.at, row->line.length), row->line.length };
        size_t summed = 0;
        uint64_t sum = 0;
        bool good = event_sum(line, &summed, &sum);

        tap_check(tap, good == row->good && (!good || (summed == row->summed && sum == row->sum)), "form: %s",
                  row->name);
    }
    arena_reset(&arena);
}

#define REQUEST "6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c11"
#define HEAD(type, source, product, causation) \
    "{\"specversion\":\"1.0\",\"id\":\"" REQUEST "/" type "\",\"source\":\"/eventdemo/" source "\",\"type\":\"" type \
    "\",\"subject\":\"" product "\",\"time\":\"2026-01-31T09:30:00.123456Z\"" \
    ",\"correlationid\":\"" REQUEST "\"" causation
#define CAUSE(type) ",\"causationid\":\"" REQUEST "/" type "\""

/* Six events of every kind, in one chain, and the lines they must make. */
struct link {
    const char *source;
    struct message event;
    struct slice line;
};

static const struct link links[] = {
    { "evstock",
      { .type = STOCK_ADDED, .product = SLICE_INIT("85123A"), .quantity = 40, .number = 1 },
      SLICE_INIT(HEAD("stock.added", "evstock", "85123A", "")
                 ",\"sequence\":\"000000000001\",\"data\":{\"quantity\":40},\"sum\":\"0ee35ae095494f3c\"}\n") },
    { "evorder",
      { .type = STOCK_SOLD, .cause = STOCK_AVAILABLE, .product = SLICE_INIT("85123A"), .quantity = 6, .number = 2 },
      SLICE_INIT(HEAD("stock.sold", "evorder", "85123A", CAUSE("stock.available"))
                 ",\"sequence\":\"000000000002\",\"data\":{\"quantity\":6},\"sum\":\"e382f0b8a0a56cc9\"}\n") },
    { "evstock",
      { .type = STOCK_REMOVED, .product = SLICE_INIT("85123A"), .quantity = 4, .number = 3 },
      SLICE_INIT(HEAD("stock.removed", "evstock", "85123A", "")
                 ",\"sequence\":\"000000000003\",\"data\":{\"quantity\":4},\"sum\":\"3a81e7d09f6dd838\"}\n") },
    { "evstock",
      { .type = STOCK_RETURNED, .product = SLICE_INIT("85123A"), .quantity = 9007199254740930, .number = 4 },
      SLICE_INIT(HEAD("stock.returned", "evstock", "85123A", "")
                 ",\"sequence\":\"000000000004\",\"data\":{\"quantity\":9007199254740930}"
                 ",\"sum\":\"19fba202ab6d85e7\"}\n") },
    { "evfail",
      { .type = PURCHASE_REFUSED, .cause = STOCK_UNAVAILABLE, .product = SLICE_INIT("85123A"), .quantity = 31,
        .available = 30, .sequence = 3, .code = REFUSAL_INSUFFICIENT_STOCK,
        .reason = SLICE_INIT("only 30 left, 31 asked"), .number = 5 },
      SLICE_INIT(HEAD("purchase.refused", "evfail", "85123A", CAUSE("stock.unavailable"))
                 ",\"sequence\":\"000000000005\",\"data\":{\"quantity\":31,\"available\":30,\"sequence\":3,"
                 "\"code\":\"insufficient-stock\",\"reason\":\"only 30 left, 31 asked\"}"
                 ",\"sum\":\"ea5fa72ac70fab19\"}\n") },
    { "evcreate",
      { .type = ORDER_CREATED, .cause = ORDER_REQUESTED, .quantity = 6, .number = SEQUENCE_MAX,
        .product = SLICE_INIT("a\"b\\c \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"),
        .order = SLICE_INIT("0d1c6d6f-2f3a-5b38-8f4f-1b0cf7a5a6aa") },
      SLICE_INIT(HEAD("order.created", "evcreate", "a\\\"b\\\\c \xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
                      CAUSE("order.requested"))
                 ",\"sequence\":\"999999999999\",\"data\":{\"quantity\":6,"
                 "\"order\":\"0d1c6d6f-2f3a-5b38-8f4f-1b0cf7a5a6aa\"},\"sum\":\"bb9a182ec26733c7\"}\n") },
};

static void
test_chain(struct tap *tap)
{
    struct buffer out = { 0 };
    uint64_t chain = 0, before = 0, sum = 0;
    size_t summed = 0;

    for (size_t i = 0; i < COUNT(links); i++) {
        struct message event = links[i].event;
        size_t start = out.length;
        struct slice line;

        event.request = SLICE(REQUEST);
        event.time = SLICE("2026-01-31T09:30:00.123456Z");
        event_write(&out, &event, links[i].source, &chain);
        line = (struct slice){ out.at + start, out.length - start };
        tap_same(tap, line, links[i].line, message_type_name(event.type).at);
        line.length--;
        tap_check(tap, event_sum(line, &summed, &sum) && sum == chain
                  && event_sum_of(line.at, summed, before) == sum, "its sum is found, and right");
        before = chain;
    }
    buffer_free(&out);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_known(&tap);
    test_forms(&tap);
    test_chain(&tap);
    return tap_done(&tap);
}

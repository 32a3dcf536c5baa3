/* test_message.c -- what a message looks like, and what is none. */
#include "readers.h"

#define REQUEST "6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c11"
#define ORDER "0d1c6d6f-2f3a-5b38-8f4f-1b0cf7a5a6aa"
#define TIME "2026-01-31T09:30:00.123456Z"
#define HEAD(type, source) \
    "{\"specversion\":\"1.0\",\"id\":\"" REQUEST "/" type "\",\"source\":\"/eventdemo/" source "\",\"type\":\"" type \
    "\",\"subject\":\"85123A\",\"time\":\"" TIME "\",\"correlationid\":\"" REQUEST "\""
#define CAUSE(type) ",\"causationid\":\"" REQUEST "/" type "\""

struct written {
    const char *source;
    struct message message;
    struct slice line;
};

/* One message of each type of the flow, and the line it must be. */
static const struct written writtens[] = {
    { "evbuy", { .type = PURCHASE_REQUESTED, .quantity = 6 },
      SLICE_INIT(HEAD("purchase.requested", "evbuy") ",\"data\":{\"quantity\":6}}\n") },
    { "evtask", { .type = STOCKCHECK_REQUESTED, .cause = PURCHASE_REQUESTED, .quantity = NUMBER_MAX },
      SLICE_INIT(HEAD("stockcheck.requested", "evtask") CAUSE("purchase.requested")
                 ",\"data\":{\"quantity\":9007199254740991}}\n") },
    { "evcheck",
      { .type = STOCK_AVAILABLE, .cause = STOCKCHECK_REQUESTED, .quantity = 6, .available = 40, .sequence = 17 },
      SLICE_INIT(HEAD("stock.available", "evcheck") CAUSE("stockcheck.requested")
                 ",\"data\":{\"quantity\":6,\"available\":40,\"sequence\":17}}\n") },
    { "evcheck",
      { .type = STOCK_UNAVAILABLE, .cause = STOCKCHECK_REQUESTED, .quantity = 6, .code = REFUSAL_UNKNOWN_PRODUCT,
        .reason = SLICE_INIT("nothing was ever added to this product") },
      SLICE_INIT(HEAD("stock.unavailable", "evcheck") CAUSE("stockcheck.requested")
                 ",\"data\":{\"quantity\":6,\"available\":0,\"sequence\":0,\"code\":\"unknown-product\","
                 "\"reason\":\"nothing was ever added to this product\"}}\n") },
    { "evorder", { .type = ORDER_REQUESTED, .cause = STOCK_AVAILABLE, .quantity = 6, .sequence = SEQUENCE_MAX },
      SLICE_INIT(HEAD("order.requested", "evorder") CAUSE("stock.available")
                 ",\"data\":{\"quantity\":6,\"sequence\":999999999999}}\n") },
    { "evcreate", { .type = ORDER_CREATED, .cause = ORDER_REQUESTED, .quantity = 6, .order = SLICE_INIT(ORDER) },
      SLICE_INIT(HEAD("order.created", "evcreate") CAUSE("order.requested")
                 ",\"data\":{\"quantity\":6,\"order\":\"" ORDER "\"}}\n") },
    { "evfail",
      { .type = ORDER_FAILED, .cause = STOCK_UNAVAILABLE, .quantity = 6, .code = REFUSAL_OUT_OF_STOCK,
        .reason = SLICE_INIT("nothing is left") },
      SLICE_INIT(HEAD("order.failed", "evfail") CAUSE("stock.unavailable")
                 ",\"data\":{\"quantity\":6,\"code\":\"out-of-stock\",\"reason\":\"nothing is left\"}}\n") },
};

static void
test_written(struct tap *tap)
{
    struct buffer out = { 0 };

    for (size_t i = 0; i < COUNT(writtens); i++) {
        struct message message = writtens[i].message, read;
        struct slice line = { writtens[i].line.at, writtens[i].line.length - 1 };
        const char *name = message_type_name(message.type).at;
        struct arena arena = { 0 };
        struct fault why;

        message.request = SLICE(REQUEST);
        message.product = SLICE("85123A");
        message.time = SLICE(TIME);
        out.length = 0;
        message_write(&out, &message, writtens[i].source);
        tap_same(tap, (struct slice){ out.at, out.length }, writtens[i].line, name);
        tap_check(tap, message_scan(line, FORM_MESSAGE, WANT_ALL, &read) && sample_same(&read, &message, FORM_MESSAGE),
                  "%s is scanned", name);
        tap_check(tap, message_parse(line, FORM_MESSAGE, WANT_ALL, &arena, &read, &why) == 0
                  && sample_same(&read, &message, FORM_MESSAGE), "%s is parsed", name);
        arena_reset(&arena);
    }
    buffer_free(&out);
}

/* What happens when a piece of a good line is another. */
struct verdicts {
    const char *from, *to;
    const char *reason;         /* how the refusal begins; NULL: read */
};

#define EIGHTY "01234567890123456789012345678901234567890123456789012345678901234567890123456789"

static const struct verdicts verdicts[] = {
    { "", "", NULL },
    { "\"1.0\"", "\"1.1\"", "specversion: not \"1.0\"" },
    { "\"1.0\"", "1.0", "specversion: not a string" },
    { "\"1.0\"", "\"\"", "specversion: empty" },
    { "\"specversion\":\"1.0\",", "", "specversion: missing" },
    { "\"id\":\"" REQUEST "/stock.unavailable\",", "", "id: missing" },
    { "\"id\":\"" REQUEST "/stock.unavailable\"", "\"id\":7", "id: not a string" },
    { "\"id\":\"6f", "\"id\":\"7f", "id: not the correlationid" },
    { "\"id\":\"6f", "\"id\":\"6F", "id: not the correlationid" },
    { "/stock.unavailable\",\"source", "/stock.unavailable2\",\"source", "id: not the correlationid" },
    { "/stock.unavailable\",\"source", "/stock.available\",\"source", "id: not the correlationid" },
    { "/stock.unavailable\",\"source", "-stock.unavailable\",\"source", "id: not the correlationid" },
    { "/stock.unavailable\",\"source", "\",\"source", "id: not the correlationid" },
    { "\"source\":\"/eventdemo/evcheck\",", "", "source: missing" },
    { "\"/eventdemo/evcheck\"", "\"\"", "source: empty" },
    { "\"/eventdemo/evcheck\"", "\"https://example.org/shop\"", NULL },
    { "\"type\":\"stock.unavailable\",", "", "type: missing" },
    { "\"type\":\"stock.unavailable\"", "\"type\":null", "type: not a string" },
    { "\"type\":\"stock.unavailable\"", "\"type\":\"stock.available\"", "id: not the correlationid" },
    { "\"subject\":\"85123A\",", "", "subject: missing" },
    { "\"85123A\"", "85123", "subject: not a string" },
    { "\"85123A\"", "\"\"", "subject: empty" },
    { "\"85123A\"", "\"" EIGHTY "\"", NULL },
    { "\"85123A\"", "\"" EIGHTY "0\"", "subject: not a product ID" },
    { "\"85123A\"", "\"\\u0041" EIGHTY "\"", "subject: not a product ID" },
    { "\"85123A\"", "\"a\\nb\"", "subject: not a product ID" },
    { "\"85123A\"", "\"\\u0000\"", "subject: not a product ID" },
    { "\"85123A\"", "\"\x7f\"", "subject: not a product ID" },
    { "\"85123A\"", "\"a\xc2\x9f\"", "subject: not a product ID" },
    { "\"85123A\"", "\"a\xc2\xa0\"", NULL },
    { "\"85123A\"", "\"a\xff\"", "not UTF-8" },
    { "\"85123A\"", "\"\\ud83d\\ude00\\\"\"", NULL },
    { "\"time\":\"" TIME "\",", "", "time: missing" },
    { TIME, "2026-02-29T09:30:00.123456Z", "time: not a time" },
    { TIME, "2026-01-31T09:30:00Z", "time: not a time" },
    { TIME, "2026-01-31T09:30:00.123456+00:00", "time: not a time" },
    { ",\"correlationid\":\"" REQUEST "\"", "", "correlationid: missing" },
    { "\"correlationid\":\"6f", "\"correlationid\":\"6F", "correlationid: not a UUID" },
    { "\"correlationid\":\"6f", "\"correlationid\":\"7f", "id: not the correlationid" },
    { "\"correlationid\":\"6f", "\"correlationid\":\"f", "correlationid: not a UUID" },
    { CAUSE("stockcheck.requested"), "", "causationid: missing" },
    { CAUSE("stockcheck.requested"), ",\"causationid\":\"\"", "causationid: empty" },
    { CAUSE("stockcheck.requested"), ",\"causationid\":{}", "causationid: not a string" },
    { CAUSE("stockcheck.requested"), ",\"causationid\":\"another\"", NULL },
    { ",\"data\":{", ",\"Data\":{", "data: missing" },
    { ",\"data\":{", ",\"data\":[],\"x\":{", "data: not an object" },
    { "\"quantity\":6,", "", "quantity: missing" },
    { "\"quantity\":6", "\"quantity\":0", "quantity: not a positive integer" },
    { "\"quantity\":6", "\"quantity\":-6", "quantity: not a positive integer" },
    { "\"quantity\":6", "\"quantity\":6.0", "quantity: not a positive integer" },
    { "\"quantity\":6", "\"quantity\":6e0", "quantity: not a positive integer" },
    { "\"quantity\":6", "\"quantity\":\"6\"", "quantity: not a positive integer" },
    { "\"quantity\":6", "\"quantity\":null", "quantity: not a positive integer" },
    { "\"quantity\":6", "\"quantity\":9007199254740991", NULL },
    { "\"quantity\":6", "\"quantity\":9007199254740992", "quantity: not a positive integer" },
    { "\"quantity\":6", "\"quantity\":18446744073709551622", "quantity: not a positive integer" },
    { "\"quantity\":6", "\"quantity\":1e999", "quantity: not a positive integer" },
    { "\"quantity\":6", "\"quantity\":06", "not JSON" },
    { "\"quantity\":6", "\"quantity\":6,\"quantity\":6", "not JSON" },
    { "\"available\":5,", "", "available: missing" },
    { "\"available\":5", "\"available\":0", NULL },
    { "\"available\":5", "\"available\":9007199254740991", NULL },
    { "\"available\":5", "\"available\":9007199254740992", "available: not an integer" },
    { "\"available\":5", "\"available\":-1", "available: not an integer" },
    { "\"available\":5", "\"available\":5.5", "available: not an integer" },
    { "\"sequence\":17,", "", "sequence: missing" },
    { "\"sequence\":17", "\"sequence\":0", NULL },
    { "\"sequence\":17", "\"sequence\":999999999999", NULL },
    { "\"sequence\":17", "\"sequence\":1000000000000", "sequence: not an integer" },
    { "\"sequence\":17", "\"sequence\":\"000000000017\"", "sequence: not an integer" },
    { ",\"code\":\"out-of-stock\"", "", "code: missing" },
    { "\"out-of-stock\"", "\"too-much\"", "code: not a failure code" },
    { "\"out-of-stock\"", "\"\"", "code: empty" },
    { "\"out-of-stock\"", "\"insufficient-stock\"", NULL },
    { "\"out-of-stock\"", "\"unknown-product\"", NULL },
    { ",\"reason\":\"nothing is left\"", "", "reason: missing" },
    { "\"nothing is left\"", "\"\"", "reason: empty" },
    { "\"nothing is left\"", "[]", "reason: not a string" },
    { "}}", "},\"x\":[1,2,{\"data\":1e400}]}", NULL },
    { "}}", "},\"id\":\"\"}", "not JSON" },
    { "}}", "}", "not JSON" },
    { "}}", "}}}", "not JSON" },
    { "{\"spec", "[{\"spec", "not JSON" },
};

#define GOOD HEAD("stock.unavailable", "evcheck") CAUSE("stockcheck.requested") \
    ",\"data\":{\"quantity\":6,\"available\":5,\"sequence\":17,\"code\":\"out-of-stock\"," \
    "\"reason\":\"nothing is left\"}}"

static void
test_verdicts(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(verdicts); i++) {
        const struct verdicts *row = &verdicts[i];
        const char *at = strstr(GOOD, row->from);
        struct buffer line = { 0 };
        struct arena arena = { 0 };
        struct message scanned, parsed;
        struct fault why = { .text = "" };
        bool scans, parses;
        struct slice text;

        if (!tap_check(tap, at != NULL, "row %zu: %s", i, row->from))
            continue;
        buffer_add(&line, GOOD, (size_t)(at - GOOD));
        buffer_text(&line, row->to);
        buffer_text(&line, at + strlen(row->from));
        text = (struct slice){ line.at, line.length };
        scans = message_scan(text, FORM_MESSAGE, WANT_ALL, &scanned);
        parses = message_read(text, FORM_MESSAGE, WANT_ALL, &arena, &parsed, &why) == 0;
        if (!tap_check(tap, parses == (row->reason == NULL) && (parses || !scans)
                       && (parses || strncmp(why.text, row->reason, strlen(row->reason)) == 0),
                       "row %zu: %s", i, row->reason != NULL ? row->reason : "read"))
            tap_show(why.text, text);
        buffer_free(&line);
        arena_reset(&arena);
    }
}

/* What is passed on needs only what every CloudEvent has. */
struct other {
    const char *name;
    const char *line;
    bool good;
};

static const struct other others[] = {
    { "a type nobody knows", "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"x\",\"type\":\"y\"}", true },
    { "a type that is not wanted",
      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"x\",\"type\":\"stock.available\"}", true },
    { "other members of any type",
      "{\"type\":\"y\",\"id\":\"1\",\"source\":\"x\",\"specversion\":\"1.0\",\"time\":0,\"subject\":[],"
      "\"data\":1e999}", true },
    { "a type that is wanted", "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"x\",\"type\":\"order.created\"}",
      false },
    { "no version", "{\"id\":\"1\",\"source\":\"x\",\"type\":\"y\"}", false },
    { "version 0.3", "{\"specversion\":\"0.3\",\"id\":\"1\",\"source\":\"x\",\"type\":\"y\"}", false },
    { "no id", "{\"specversion\":\"1.0\",\"source\":\"x\",\"type\":\"y\"}", false },
    { "an empty id", "{\"specversion\":\"1.0\",\"id\":\"\",\"source\":\"x\",\"type\":\"y\"}", false },
    { "an id that is a number", "{\"specversion\":\"1.0\",\"id\":1,\"source\":\"x\",\"type\":\"y\"}", false },
    { "no source", "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"y\"}", false },
    { "an empty source", "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"\",\"type\":\"y\"}", false },
    { "no type", "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"x\"}", false },
    { "an empty type", "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"x\",\"type\":\"\"}", false },
    { "a member twice", "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"x\",\"type\":\"y\",\"z\":1,\"z\":1}",
      false },
    { "nothing", "{}", false },
};

static void
test_others(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(others); i++) {
        struct arena arena = { 0 };
        struct message message;
        struct fault why;
        struct slice line = { others[i].line, strlen(others[i].line) };
        bool good = message_read(line, FORM_MESSAGE, TYPE_BIT(ORDER_CREATED), &arena, &message, &why) == 0;

        tap_check(tap, good == others[i].good && (!good || message.type == TYPE_OTHER), "passed on: %s",
                  others[i].name);
        arena_reset(&arena);
    }
}

static void
test_names(struct tap *tap)
{
    size_t wrong = 0;

    for (unsigned type = TYPE_OTHER + 1; type < TYPE_COUNT; type++)
        wrong += message_type_named(message_type_name((enum message_type)type)) != type;
    tap_check(tap, wrong == 0, "every type has its name");
    tap_check(tap, message_type_named(SLICE("")) == TYPE_OTHER && message_type_named(SLICE("stock.sol")) == TYPE_OTHER
              && message_type_named(SLICE("stock.solder")) == TYPE_OTHER
              && message_type_named(SLICE("Stock.sold")) == TYPE_OTHER, "and no type another");
    tap_check(tap, message_event(STOCK_ADDED) == EVENT_ADDED && message_event(STOCK_REMOVED) == EVENT_REMOVED
              && message_event(STOCK_SOLD) == EVENT_SOLD && message_event(STOCK_RETURNED) == EVENT_RETURNED
              && message_event(PURCHASE_REFUSED) == EVENT_REFUSED && message_event(ORDER_CREATED) == EVENT_REFUSED,
              "what the events do to a product");
}

int
main(void)
{
    struct tap tap = { 0 };

    test_written(&tap);
    test_verdicts(&tap);
    test_others(&tap);
    test_names(&tap);
    return tap_done(&tap);
}

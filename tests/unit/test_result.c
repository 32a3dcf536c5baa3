/* test_result.c -- lines about outcomes, wishes, states and what was put aside. */
#include <stdlib.h>

#include "base/text.h"
#include "domain/letter.h"
#include "domain/result.h"
#include "domain/state.h"
#include "domain/wish.h"
#include "tap.h"

#define REQUEST "6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c11"
#define ORDER "6a38ffbf-290d-511e-980d-34cb6018e004"
#define TIME "2026-01-31T09:30:00.123456Z"

/* Version 5 UUIDs as Python's uuid.uuid5() makes them of the name "order". */
static const struct {
    const char *request, *order;
} orders[] = {
    { REQUEST, ORDER },
    { "00000000-0000-0000-0000-000000000000", "5b8f71b7-6e3a-5b1f-b225-aeea1b164858" },
    { "ffffffff-ffff-ffff-ffff-ffffffffffff", "2283b5eb-a1f8-5283-b251-79d40c23a19f" },
};

static void
test_orders(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(orders); i++) {
        char order[UUID_LENGTH + 1];

        result_order((struct slice){ orders[i].request, UUID_LENGTH }, order);
        tap_check(tap, strcmp(order, orders[i].order) == 0, "the order of %s", orders[i].request);
    }
}

struct outcome {
    struct result result;
    struct slice line;
};

static const struct outcome outcomes[] = {
    { { .request = SLICE_INIT(REQUEST), .created = true, .product = SLICE_INIT("85123A"), .quantity = 6,
        .order = SLICE_INIT(ORDER), .time = SLICE_INIT(TIME) },
      SLICE_INIT("{\"request\":\"" REQUEST "\",\"status\":\"created\",\"product\":\"85123A\",\"quantity\":6,"
                 "\"order\":\"" ORDER "\",\"time\":\"" TIME "\"}\n") },
    { { .request = SLICE_INIT(REQUEST), .product = SLICE_INIT("a\"b"), .quantity = NUMBER_MAX,
        .code = REFUSAL_INSUFFICIENT_STOCK, .reason = SLICE_INIT("only 3 \\\"left\\\"\\u0009"),
        .time = SLICE_INIT(TIME) },
      SLICE_INIT("{\"request\":\"" REQUEST "\",\"status\":\"failed\",\"product\":\"a\\\"b\","
                 "\"quantity\":9007199254740991,\"code\":\"insufficient-stock\","
                 "\"reason\":\"only 3 \\\"left\\\"\\u0009\",\"time\":\"" TIME "\"}\n") },
};

static void
test_outcomes(struct tap *tap)
{
    struct buffer out = { 0 };

    for (size_t i = 0; i < COUNT(outcomes); i++) {
        struct slice line = outcomes[i].line;
        struct arena arena = { 0 };
        struct result result;
        struct fault why;

        out.length = 0;
        result_write(&out, &outcomes[i].result);
        tap_same(tap, (struct slice){ out.at, out.length }, line, "a result as it is written");
        line.length--;
        if (tap_check(tap, result_read(line, &arena, &result, &why) == 0, "is read")) {
            out.length = 0;
            result_write(&out, &result);
            tap_same(tap, (struct slice){ out.at, out.length }, outcomes[i].line, "and written again");
        }
        for (line.length--; line.length > 0; line.length--)
            if (result_read(line, &arena, &result, &why) == 0)
                break;
        tap_check(tap, line.length == 0, "no part of it is a result");
        arena_reset(&arena);
    }
    buffer_free(&out);
}

#define OF(request) "{\"request\":\"" request "\""
#define CREATED OF(REQUEST) ",\"status\":\"created\",\"product\":\"P\""
#define FAILED OF(REQUEST) ",\"status\":\"failed\",\"product\":\"P\",\"quantity\":6"
#define AT(time) ",\"time\":\"" time "\"}"

static const struct {
    const char *name, *line;
} no_results[] = {
    { "no request", "{\"status\":\"created\",\"product\":\"P\",\"quantity\":6,\"order\":\"" ORDER "\"" AT(TIME) },
    { "a request that is no UUID", OF("1") ",\"status\":\"created\",\"product\":\"P\",\"quantity\":6,\"order\":\""
      ORDER "\"" AT(TIME) },
    { "another status", OF(REQUEST) ",\"status\":\"done\",\"product\":\"P\",\"quantity\":6,\"order\":\"" ORDER "\""
      AT(TIME) },
    { "no product", OF(REQUEST) ",\"status\":\"created\",\"quantity\":6,\"order\":\"" ORDER "\"" AT(TIME) },
    { "a quantity of nothing", CREATED ",\"quantity\":0,\"order\":\"" ORDER "\"" AT(TIME) },
    { "an order without order", CREATED ",\"quantity\":6" AT(TIME) },
    { "an order that is no UUID", CREATED ",\"quantity\":6,\"order\":\"1\"" AT(TIME) },
    { "a failure without code", FAILED ",\"reason\":\"x\"" AT(TIME) },
    { "a failure of another code", FAILED ",\"code\":\"x\",\"reason\":\"x\"" AT(TIME) },
    { "a failure without reason", FAILED ",\"code\":\"out-of-stock\"" AT(TIME) },
    { "a time without decimals", CREATED ",\"quantity\":6,\"order\":\"" ORDER "\"" AT("2026-01-31T09:30:00Z") },
};

static void
test_no_results(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(no_results); i++) {
        struct arena arena = { 0 };
        struct result result;
        struct fault why = { .status = STATUS_DONE };
        struct slice line = { no_results[i].line, strlen(no_results[i].line) };

        tap_check(tap, result_read(line, &arena, &result, &why) != 0 && why.status == STATUS_DATA,
                  "no result: %s", no_results[i].name);
        arena_reset(&arena);
    }
}

struct asked {
    const char *line;           /* in the form that is read without jansson */
    bool with_action;
    const char *reason;         /* NULL: read */
    struct wish wish;
};

static const struct asked askeds[] = {
    { "{\"product\":\"85123A\",\"quantity\":6}", false, NULL,
      { PURCHASE_REQUESTED, SLICE_INIT("85123A"), 6, SLICE_INIT("") } },
    { "{\"product\":\"a b\",\"quantity\":9007199254740991,\"request\":\"" REQUEST "\"}", false, NULL,
      { PURCHASE_REQUESTED, SLICE_INIT("a b"), NUMBER_MAX, SLICE_INIT(REQUEST) } },
    { "{\"action\":\"add\",\"product\":\"P\",\"quantity\":1}", true, NULL,
      { STOCK_ADDED, SLICE_INIT("P"), 1, SLICE_INIT("") } },
    { "{\"action\":\"remove\",\"product\":\"P\",\"quantity\":1,\"request\":\"" REQUEST "\"}", true, NULL,
      { STOCK_REMOVED, SLICE_INIT("P"), 1, SLICE_INIT(REQUEST) } },
    { "{\"action\":\"return\",\"product\":\"\xe2\x82\xac\",\"quantity\":1}", true, NULL,
      { STOCK_RETURNED, SLICE_INIT("\xe2\x82\xac"), 1, SLICE_INIT("") } },
    { "{\"at\":1,\"invoice\":\"x\",\"product\":\"P\",\"quantity\":1}", false, NULL,
      { PURCHASE_REQUESTED, SLICE_INIT("P"), 1, SLICE_INIT("") } },
    { "{\"action\":7,\"product\":\"P\",\"quantity\":1}", false, NULL,
      { PURCHASE_REQUESTED, SLICE_INIT("P"), 1, SLICE_INIT("") } },
    { "{\"quantity\":1,\"product\":\"\\u0050\"}", false, NULL, { PURCHASE_REQUESTED, SLICE_INIT("P"), 1,
                                                                 SLICE_INIT("") } },
    { "{\"product\":\"P\",\"quantity\":1}", true, "action: ", { .quantity = 0 } },
    { "{\"action\":\"sell\",\"product\":\"P\",\"quantity\":1}", true, "action: ", { .quantity = 0 } },
    { "{\"action\":null,\"product\":\"P\",\"quantity\":1}", true, "action: ", { .quantity = 0 } },
    { "{\"quantity\":1}", false, "product: ", { .quantity = 0 } },
    { "{\"product\":\"\",\"quantity\":1}", false, "product: ", { .quantity = 0 } },
    { "{\"product\":\"a\x7f\",\"quantity\":1}", false, "product: ", { .quantity = 0 } },
    { "{\"product\":\"01234567890123456789012345678901234567890123456789012345678901234567890123456789x\","
      "\"quantity\":1}",
      false, "product: ", { .quantity = 0 } },
    { "{\"product\":\"P\"}", false, "quantity: ", { .quantity = 0 } },
    { "{\"product\":\"P\",\"quantity\":0}", false, "quantity: ", { .quantity = 0 } },
    { "{\"product\":\"P\",\"quantity\":-1}", false, "quantity: ", { .quantity = 0 } },
    { "{\"product\":\"P\",\"quantity\":1.0}", false, "quantity: ", { .quantity = 0 } },
    { "{\"product\":\"P\",\"quantity\":\"1\"}", false, "quantity: ", { .quantity = 0 } },
    { "{\"product\":\"P\",\"quantity\":9007199254740992}", false, "quantity: ", { .quantity = 0 } },
    { "{\"product\":\"P\",\"quantity\":1,\"request\":null}", false, "request: ", { .quantity = 0 } },
    { "{\"product\":\"P\",\"quantity\":1,\"request\":\"\"}", false, "request: ", { .quantity = 0 } },
    { "{\"product\":\"P\",\"quantity\":1,\"request\":\"6F1C0A52-3D0E-4B6A-9B57-2F0D8A4F7C11\"}", false, "request: ",
      { .quantity = 0 } },
    { "{\"product\":\"P\",\"quantity\":1,\"quantity\":1}", false, "not JSON", { .quantity = 0 } },
    { "{\"product\":\"P\",\"quantity\":1}x", false, "not JSON", { .quantity = 0 } },
    { "{\"product\":\"P\",\"quantity\":1", false, "not JSON", { .quantity = 0 } },
    { "[]", false, "not a JSON object", { .quantity = 0 } },
    { "", false, "an empty line", { .quantity = 0 } },
};

static bool
wish_is(struct slice line, const struct asked *row, struct arena *arena)
{
    struct fault why = { .text = "" };
    struct wish wish;

    if (wish_read(line, row->with_action, arena, &wish, &why) != 0)
        return row->reason != NULL && why.status == STATUS_DATA && strncmp(why.text, row->reason,
                                                                           strlen(row->reason)) == 0;
    return row->reason == NULL && wish.type == row->wish.type && slice_equal(wish.product, row->wish.product)
        && wish.quantity == row->wish.quantity && wish.request.length == row->wish.request.length
        && (wish.request.length == 0 || slice_equal(wish.request, row->wish.request));
}

/* As it stands, and with a space before its end, which takes the other way through. */
static void
test_wishes(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(askeds); i++) {
        const struct asked *row = &askeds[i];
        struct slice line = { row->line, strlen(row->line) };
        struct arena arena = { 0 };
        struct buffer spaced = { 0 };

        line.at = arena_copy(&arena, line.at, line.length);
        if (!tap_check(tap, wish_is(line, row, &arena), "wish %zu: %s", i, row->reason != NULL ? row->reason : "read"))
            tap_show("line", line);
        if (line.length > 0 && line.at[line.length - 1] == '}') {
            buffer_add(&spaced, line.at, line.length - 1);
            buffer_text(&spaced, " }");
            tap_check(tap, wish_is((struct slice){ spaced.at, spaced.length }, row, &arena), "wish %zu: spaced", i);
        }
        buffer_free(&spaced);
        arena_reset(&arena);
    }
}

static void
test_states(struct tap *tap)
{
    static const struct product state = { .sequence = 18, .added = 46, .sold = 12 };
    static const struct product sold = { .sequence = 2, .sold = 12, .removed = NUMBER_MAX };
    struct buffer out = { 0 };

    state_write(&out, SLICE("85123A"), &state, TIME);
    tap_same(tap, (struct slice){ out.at, out.length },
             SLICE("{\"product\":\"85123A\",\"sequence\":18,\"available\":34,\"added\":46,\"removed\":0,\"sold\":12,"
                   "\"returned\":0,\"refused\":0,\"time\":\"" TIME "\"}\n"), "a state");
    out.length = 0;
    state_write(&out, SLICE("\\"), &sold, TIME);
    tap_same(tap, (struct slice){ out.at, out.length },
             SLICE("{\"product\":\"\\\\\",\"sequence\":2,\"available\":-9007199254741003,\"added\":0,"
                   "\"removed\":9007199254740991,\"sold\":12,\"returned\":0,\"refused\":0,\"time\":\"" TIME "\"}\n"),
             "a state of a selection, below nothing");
    buffer_free(&out);
}

struct aside {
    struct slice bytes;
    const char *end;            /* of the letter */
};

static const struct aside asides[] = {
    { SLICE_INIT("say \"\\\"\t"), ",\"line\":\"say \\\"\\\\\\\"\\u0009\"}\n" },
    { SLICE_INIT(""), ",\"line\":\"\"}\n" },
    { SLICE_INIT("\0"), ",\"line\":\"\\u0000\"}\n" },
    { SLICE_INIT("\xc3\xa9"), ",\"line\":\"\xc3\xa9\"}\n" },
    { SLICE_INIT("\xff"), ",\"base64\":\"/w==\"}\n" },
    { SLICE_INIT("\xff\xfe"), ",\"base64\":\"//4=\"}\n" },
    { SLICE_INIT("\xff\xfe\xfd"), ",\"base64\":\"//79\"}\n" },
    { SLICE_INIT("ab\xc3"), ",\"base64\":\"YWLD\"}\n" },
};

static void
test_letters(struct tap *tap)
{
    static const struct moment now = { TIME };
    static const struct letter letter = { "evcheck", "message", "stdin:17", "type: \"x\"", NULL };
    static const char head[] = "{\"time\":\"" TIME "\",\"command\":\"evcheck\",\"kind\":\"message\","
                               "\"place\":\"stdin:17\",\"reason\":\"type: \\\"x\\\"\"";
    struct buffer out = { 0 };
    char *large = memory_new(LINE_MAX_BYTES);

    for (size_t i = 0; i < COUNT(asides); i++) {
        size_t length = strlen(asides[i].end);

        out.length = 0;
        letter_write(&out, &now, &letter, asides[i].bytes);
        tap_check(tap, out.length == sizeof head - 1 + length && memcmp(out.at, head, sizeof head - 1) == 0
                  && memcmp(out.at + sizeof head - 1, asides[i].end, length) == 0, "letter %zu", i);
    }
    memset(large, 'x', LINE_MAX_BYTES);
    for (size_t length = LINE_MAX_BYTES - 1; length <= LINE_MAX_BYTES; length++) {
        out.length = 0;
        letter_write(&out, &now, &letter, (struct slice){ large, length });
        tap_check(tap, memcmp(out.at + sizeof head - 1, length < LINE_MAX_BYTES ? ",\"line\":\"x" : ",\"base64\"",
                              9) == 0,
                  "a letter of a line of %zu bytes without its newline", length);
    }
    free(large);
    buffer_free(&out);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_orders(&tap);
    test_outcomes(&tap);
    test_no_results(&tap);
    test_wishes(&tap);
    test_states(&tap);
    test_letters(&tap);
    return tap_done(&tap);
}

/* test_topic_name.c -- the names of topics, and what a topic reads of a line. */
#include "domain/topic_name.h"
#include "tap.h"

#define S SLICE_INIT
#define TEN "0123456789"
#define EIGHTY TEN TEN TEN TEN TEN TEN TEN TEN

static const struct slice good[] = {
    S("a"), S("0"), S("_"), S("a."), S("a-"), S("_x"), S("stock.available"), S("a..b"), S("a--b"), S("9.-_z"), S(EIGHTY),
};

static const struct slice bad[] = {
    S(""), S("."), S(".."), S(".a"), S("-"), S("-a"), S("A"), S("stock.Available"), S("a b"), S("a/b"), S("/"), S("../x"),
    S("a\n"), S("a\0b"), S("\0"), S("caf\xc3\xa9"), S("a%2Fb"), S("a:b"), S("@a"), S("a@"), S("a\x7f"), S("`"), S("{"),
    S(EIGHTY "x"), S("TOPIC-1"), S("a,b"), S("a~"),
};

static const struct {
    struct slice name, topic;
} aliases[] = {
    { S("TOPIC-1"), S("purchase.requested") },
    { S("TOPIC-2"), S("stockcheck.requested") },
    { S("TOPIC-3"), S("stock.available") },
    { S("TOPIC-4"), S("stock.unavailable") },
    { S("TOPIC-5"), S("order.requested") },
    { S("TOPIC-0"), S("TOPIC-0") },
    { S("TOPIC-6"), S("TOPIC-6") },
    { S("TOPIC-"), S("TOPIC-") },
    { S("TOPIC-11"), S("TOPIC-11") },
    { S("TOPIC-1\0"), S("TOPIC-1\0") },
    { S("topic-1"), S("topic-1") },
    { S("order.created"), S("order.created") },
    { S(""), S("") },
};

#define ID "5e8a4c1d-2b7f-4d3e-9c60-000000000001"
#define HEAD "{\"specversion\":\"1.0\",\"id\":\"" ID "/purchase.requested\",\"source\":\"/eventdemo/evbuy\"," \
    "\"type\":\"purchase.requested\",\"subject\":\""
#define TAIL "\",\"time\":\"2026-01-31T09:30:00.123456Z\",\"correlationid\":\"" ID "\",\"data\":{\"quantity\":6}}"
#define TIME S("2026-01-31T09:30:00.123456Z")
#define NONE S("")

static const struct {
    const char *name;
    struct slice line, product, type, time;
} lines[] = {
    { "a message", S(HEAD "85123A" TAIL), S("85123A"), S("purchase.requested"), TIME },
    { "with an escape in its product", S(HEAD "a\\\"b\\\\" TAIL), S("a\"b\\"), S("purchase.requested"), TIME },
    { "with an unnecessary escape", S(HEAD "\\u00385123A" TAIL), S("85123A"), S("purchase.requested"), TIME },
    { "in another form", S("{ \"time\":\"2026-01-31T09:30:00.123456Z\" , \"subject\":\"x y\", \"type\":\"z\" }"), S("x y"),
      S("z"), TIME },
    { "of a type that is nobody's", S("{\"type\":\"Any Thing\"}"), NONE, S("Any Thing"), NONE },
    { "with a product alone", S("{\"subject\":\"85123A\"}"), S("85123A"), NONE, NONE },
    { "with a product that is none", S("{\"subject\":\"a\\u0001\",\"type\":\"t\"}"), NONE, S("t"), NONE },
    { "with a product that is a number", S("{\"subject\":6,\"type\":\"t\"}"), NONE, S("t"), NONE },
    { "with an empty product", S(HEAD TAIL), NONE, S("purchase.requested"), TIME },
    { "with a product of 81 bytes", S(HEAD EIGHTY "x" TAIL), NONE, S("purchase.requested"), TIME },
    { "with a product of 80 bytes", S(HEAD EIGHTY TAIL), S(EIGHTY), S("purchase.requested"), TIME },
    { "with a time that is none", S("{\"subject\":\"p\",\"time\":\"today\"}"), S("p"), NONE, NONE },
    { "with a day that is none", S("{\"time\":\"2026-02-30T09:30:00.123456Z\"}"), NONE, NONE, NONE },
    { "an empty line", NONE, NONE, NONE, NONE },
    { "text", S("bad"), NONE, NONE, NONE },
    { "a part of a message", S(HEAD "85123A"), NONE, NONE, NONE },
    { "a message and more", S(HEAD "85123A" TAIL "x"), NONE, NONE, NONE },
    { "an array", S("[\"subject\"]"), NONE, NONE, NONE },
    { "a string", S("\"subject\""), NONE, NONE, NONE },
    { "a product twice", S("{\"subject\":\"a\",\"subject\":\"b\"}"), NONE, NONE, NONE },
    { "bytes that are not UTF-8", S("{\"subject\":\"\xff\"}"), NONE, NONE, NONE },
    { "a NUL byte", S("{\"subject\":\"a\0b\"}"), NONE, NONE, NONE },
};

static void
test_names(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(good); i++)
        tap_check(tap, topic_name_valid(good[i]), "a name: %s", good[i].at);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (!tap_check(tap, !topic_name_valid(bad[i]), "no name: %zu", i))
            tap_show("name", bad[i]);
    for (size_t i = 0; i < COUNT(aliases); i++)
        tap_same(tap, topic_name_resolve(aliases[i].name), aliases[i].topic, aliases[i].name.at);
}

/* Every byte as the first and as the second of a name. */
static void
test_bytes(struct tap *tap)
{
    size_t wrong = 0;

    for (int byte = 0; byte < 256; byte++) {
        const char name[2] = { (char)byte, 'a' }, other[2] = { 'a', (char)byte };
        bool letter = (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') || byte == '_';

        wrong += topic_name_valid((struct slice){ name, 2 }) != letter;
        wrong += topic_name_valid((struct slice){ other, 2 }) != (letter || byte == '.' || byte == '-');
    }
    tap_check(tap, wrong == 0, "which bytes may begin a name, and which go on");
}

/* What is not there is nowhere. */
static struct slice
somewhere(struct slice slice)
{
    return slice.length > 0 ? slice : SLICE("");
}

static void
test_lines(struct tap *tap)
{
    for (size_t i = 0; i < COUNT(lines); i++) {
        struct arena arena = { 0 };
        struct topic_line read = topic_line_read(lines[i].line, &arena);

        tap_same(tap, somewhere(read.product), lines[i].product, lines[i].name);
        tap_same(tap, somewhere(read.type), lines[i].type, "its type");
        tap_same(tap, somewhere(read.time), lines[i].time, "its time");
        arena_reset(&arena);
    }
}

/* With its newline a message has at most LINE_MAX_BYTES. */
static void
test_length(struct tap *tap)
{
    static const char start[] = "{\"subject\":\"85123A\",\"x\":\"";
    struct buffer line = { 0 };
    struct arena arena = { 0 };

    buffer_text(&line, start);
    while (line.length < LINE_MAX_BYTES - 3)
        buffer_add(&line, "x", 1);
    buffer_text(&line, "\"}");
    tap_same(tap, topic_line_read((struct slice){ line.at, line.length }, &arena).product, SLICE("85123A"),
             "the longest line");
    line.length -= 2;
    buffer_text(&line, "x\"}");
    tap_check(tap, topic_line_read((struct slice){ line.at, line.length }, &arena).product.length == 0,
              "a line that is too long names no product");
    arena_reset(&arena);
    buffer_free(&line);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_names(&tap);
    test_bytes(&tap);
    test_lines(&tap);
    test_length(&tap);
    return tap_done(&tap);
}

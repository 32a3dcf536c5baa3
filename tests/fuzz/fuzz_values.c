/*
 * fuzz_values.c -- values of options and operands, times, and names.
 *
 * Each is taken or refused as a plain reading of the rules says, and what has a way
 * back comes back as it was.
 */
#include <ctype.h>
#include <errno.h>

#include "base/text.h"
#include "caught.h"
#include "domain/topic_name.h"
#include "service/cli.h"
#include "store/file/names.h"

static const struct cli_program program = { .name = "fuzz", .usage = "", .purpose = "" };
static struct cli cli = { .program = &program };
static volatile uint64_t number;
static volatile int64_t milliseconds;
static struct slice slice;

static bool
only_digits(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static bool
refused(void)
{
    FUZZ_REQUIRE(caught_status == -1 || caught_status == STATUS_USAGE);
    return caught_status == STATUS_USAGE;
}

/* setjmp() is kept away from the locals of who compares: they may be lost behind it. */
static bool
takes_number(const char *text, uint64_t minimum, uint64_t maximum)
{
    CAUGHT(number = cli_number(&cli, "--number", text, minimum, maximum));
    return !refused();
}

static bool
takes_seconds(const char *text)
{
    CAUGHT(milliseconds = cli_seconds(&cli, "--wait", text));
    return !refused();
}

static bool
takes_age(const char *text)
{
    CAUGHT(milliseconds = cli_age(&cli, "--older", text));
    return !refused();
}

static void
try_number(const char *text, uint64_t minimum, uint64_t maximum)
{
    uint64_t value;
    bool good;

    errno = 0;
    value = strtoull(text, NULL, 10);
    good = only_digits(text) && errno == 0 && strlen(text) <= 19 && value >= minimum && value <= maximum;
    FUZZ_REQUIRE(takes_number(text, minimum, maximum) == good && (!good || number == value));
}

/* 7, 7.25, .25; up to twelve digits before the point. */
static void
try_seconds(const char *text)
{
    size_t whole = strspn(text, "0123456789"), part = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;
    bool good = whole <= 12 && (part > 0 ? text[whole + 1 + part] == '\0' : only_digits(text));

    FUZZ_REQUIRE(takes_seconds(text) == good);
    if (good) {
        double exact = strtod(text, NULL) * 1000.0;

        FUZZ_REQUIRE(milliseconds >= 0 && (double)milliseconds <= exact + 0.001
                     && (double)milliseconds >= exact - 1.001);
    }
}

static void
try_age(const char *text)
{
    static const char units[] = "smhd";
    static const int64_t seconds[] = { 1, 60, 3600, 86400 };
    size_t digits = strspn(text, "0123456789");
    const char *unit = text[digits] != '\0' ? strchr(units, text[digits]) : units;
    bool good = digits > 0 && digits <= 9 && unit != NULL && (text[digits] == '\0' || text[digits + 1] == '\0');

    FUZZ_REQUIRE(takes_age(text) == good);
    FUZZ_REQUIRE(!good || milliseconds == (int64_t)strtoull(text, NULL, 10) * seconds[unit - units] * 1000);
}

static bool
is_uuid(const char *text)
{
    if (strlen(text) != UUID_LENGTH)
        return false;
    for (size_t i = 0; i < UUID_LENGTH; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : isxdigit((unsigned char)text[i]) == 0)
            return false;
    }
    return true;
}

static void
try_request(const char *text)
{
    CAUGHT(slice = cli_request(&cli, text));
    FUZZ_REQUIRE(refused() == !is_uuid(text));
    FUZZ_REQUIRE(!is_uuid(text) || (text_uuid(slice) && strncasecmp(slice.at, text, UUID_LENGTH) == 0));
    arena_reset(&cli.kept);
}

static bool
is_topic(const char *text)
{
    size_t length = strlen(text);

    return length >= 1 && length <= 80 && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0'
        && text[0] != '.' && text[0] != '-';
}

static bool
is_alias(const char *text)
{
    return strlen(text) == 7 && strncmp(text, "TOPIC-", 6) == 0 && text[6] >= '1' && text[6] <= '5';
}

static void
try_topic(const char *text)
{
    CAUGHT(slice = cli_topic(&cli, text));
    FUZZ_REQUIRE(refused() == !(is_topic(text) || is_alias(text)));
    if (caught_status == -1)
        FUZZ_REQUIRE(topic_name_valid(slice) && slice_equal(topic_name_resolve(slice), slice));
    CAUGHT((void)cli_group(&cli, text));
    FUZZ_REQUIRE(refused() == !is_topic(text));
    CAUGHT((void)cli_end_name(&cli, text));
    FUZZ_REQUIRE(refused() == (text[0] == '@' && !is_topic(text + 1) && !is_alias(text + 1)));
}

/* A product ID has a file name and comes back from it; any other name is nobody's. */
static void
try_names(const char *text)
{
    char name[NAME_MAX_BYTES], product[PRODUCT_MAX];
    struct slice id = { text, strlen(text) };
    size_t length = 0;

    CAUGHT(slice = cli_product(&cli, text));
    FUZZ_REQUIRE(refused() == !product_id_valid(id));
    if (product_id_valid(id)) {
        name_of_product(id, name);
        FUZZ_REQUIRE(strncmp(name, "journal/", 8) == 0 && name[8] != '.' && strchr(name + 8, '/') == NULL);
        FUZZ_REQUIRE(name_to_product(name + 8, product, &length) && slice_equal((struct slice){ product, length }, id));
    }
    if (name_to_product(text, product, &length)) {
        name_of_product((struct slice){ product, length }, name);
        FUZZ_REQUIRE(strcmp(name + 8, text) == 0);
    }
}

static void
try_moment(const char *text)
{
    struct slice given = { text, strlen(text) };
    struct moment moment;

    if (moment_valid(given))
        FUZZ_REQUIRE(moment_read(given, &moment) && strcmp(moment.text, text) == 0);
    if (!moment_read(given, &moment))
        return;
    FUZZ_REQUIRE(moment_valid((struct slice){ moment.text, strlen(moment.text) }));
    FUZZ_REQUIRE(strcmp(moment_from(moment_microseconds(moment.text)).text, moment.text) == 0);
    FUZZ_REQUIRE(strncmp(moment.text, text, given.length - 1) == 0 && text[given.length - 1] == 'Z'
                 && isdigit((unsigned char)text[given.length - 2]) != 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = memory_new(length + 1);

    caught_begin();
    if (length > 0)
        memcpy(text, bytes, length);
    text[length] = '\0';
    text = memory_resize(text, strlen(text) + 1);       /* ends where its memory ends */
    try_number(text, 0, UINT64_MAX);
    try_number(text, 1, NUMBER_MAX);
    try_seconds(text);
    try_age(text);
    try_request(text);
    try_topic(text);
    try_names(text);
    try_moment(text);
    free(text);
    return 0;
}

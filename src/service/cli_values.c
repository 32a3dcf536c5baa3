/* cli_values.c -- the values of options, and operands: in form, or misuse. */
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>

#include "base/text.h"
#include "domain/topic_name.h"
#include "service/cli.h"

uint64_t
cli_number(const struct cli *cli, const char *what, const char *text, uint64_t minimum, uint64_t maximum)
{
    uint64_t number = 0;

    if (!text_number((struct slice){ text, strlen(text) }, minimum, maximum, &number))
        cli_misuse(cli, "%s: %s: not an integer from %llu to %llu", what, text, (unsigned long long)minimum,
                   (unsigned long long)maximum);
    return number;
}

struct slice
cli_product(const struct cli *cli, const char *text)
{
    struct slice product = { text, strlen(text) };

    if (!product_id_valid(product))
        cli_misuse(cli, "PRODUCT: not 1 to 80 bytes of UTF-8 without control characters");
    return product;
}

struct slice
cli_request(struct cli *cli, const char *text)
{
    size_t length = strlen(text);
    char lower[UUID_LENGTH];

    for (size_t i = 0; i < length && i < UUID_LENGTH; i++)
        lower[i] = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] - 'A' + 'a') : text[i];
    if (length != UUID_LENGTH || !text_uuid((struct slice){ lower, length }))
        cli_misuse(cli, "%s: not a UUID", text);
    return (struct slice){ arena_copy(&cli->kept, lower, length), length };
}

struct slice
cli_topic(const struct cli *cli, const char *text)
{
    struct slice name = topic_name_resolve((struct slice){ text, strlen(text) });

    if (!topic_name_valid(name))
        cli_misuse(cli, "%s: not the name of a topic", text);
    return name;
}

const char *
cli_end_name(const struct cli *cli, const char *text)
{
    if (text[0] == '@')
        (void)cli_topic(cli, text + 1);
    return text;
}

const char *
cli_group(const struct cli *cli, const char *text)
{
    if (!topic_name_valid((struct slice){ text, strlen(text) }))
        cli_misuse(cli, "%s: not the name of a group", text);
    return text;
}

int64_t
cli_seconds(const struct cli *cli, const char *what, const char *text)
{
    size_t whole = strspn(text, "0123456789"), part = 0;
    uint64_t seconds = 0, thousandths = 0;

    if (text[whole] == '.')
        part = strspn(text + whole + 1, "0123456789");
    if (whole + part == 0 || whole > 12 || text[whole + (part > 0 ? part + 1 : 0)] != '\0')
        cli_misuse(cli, "%s: %s: not a number of seconds", what, text);
    (void)text_digits(text, whole, &seconds);
    for (size_t i = 0; i < 3; i++)
        thousandths = thousandths * 10 + (i < part ? (uint64_t)(text[whole + 1 + i] - '0') : 0);
    return (int64_t)(seconds * 1000 + thousandths);
}

int64_t
cli_age(const struct cli *cli, const char *what, const char *text)
{
    static const struct {
        char letter;
        int64_t seconds;
    } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
    size_t length = strspn(text, "0123456789");
    uint64_t number = 0;
    int64_t seconds = 1;
    bool known = text[length] == '\0';

    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (text[length] == units[i].letter && text[length + 1] == '\0') {
            seconds = units[i].seconds;
            known = true;
        }
    }
    if (!known || length == 0 || length > 9)
        cli_misuse(cli, "%s: %s: not an age like 60s, 5m, 2h or 1d", what, text);
    (void)text_digits(text, length, &number);
    return (int64_t)number * seconds * 1000;
}

void
cli_outside(const struct cli *cli, const char *what, const char *path)
{
    char store[PATH_MAX], directory[PATH_MAX];
    char *copy = strdup(path);

    if (copy != NULL && realpath(cli->store, store) != NULL && realpath(dirname(copy), directory) != NULL) {
        const size_t length = strlen(store);

        if (strncmp(directory, store, length) == 0 && (directory[length] == '\0' || directory[length] == '/'))
            cli_misuse(cli, "%s: %s: lies in the store", what, path);
    }
    free(copy);
}

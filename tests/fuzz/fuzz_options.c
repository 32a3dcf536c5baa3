/*
 * fuzz_options.c -- any command line: a word a line.
 *
 * What the commands make of it is what a plain reading of the rules makes of it:
 * options in any place, long names in full, none twice, -- ends them.
 */
#include <getopt.h>

#include "caught.h"
#include "service/cli.h"

enum { WORDS_MAX = 24, STEPS_MAX = 256 };

static const struct cli_option options[] = {
    { 'a', "all", NULL, "a letter and a name" },
    { 'i', "input", "SRC", "with a value" },
    { 256, "in", NULL, "a name that begins another" },
    { 257, "in-place", "X", "a name that begins with another" },
    { 'W', "wait", "SECONDS", "a letter that getopt(3) knows otherwise" },
    { 0 },
};

static const struct cli_program program = {
    .name = "fuzz", .usage = "[OPTION]... [WORD]...\nanother form", .purpose = "Nothing.", .options = options,
};

/* What there was to a command line, in order. */
struct steps {
    int status;                 /* it ended the process so, or -1 */
    struct step {
        int letter;
        const char *value;      /* NULL: none */
    } step[STEPS_MAX];
    size_t count;
    const char *operands[WORDS_MAX];
    int operand_count;
    const char *store;
};

static struct steps found, expected;

/* -- by the rules ---------------------------------------------------------------- */

static const struct cli_option everywhere[] = {
    { 'd', "store", "DIR", "" }, { 'h', "help", NULL, "" }, { 'V', "version", NULL, "" }, { 0 },
};

static const struct cli_option *
option_in(const struct cli_option *table, int letter, struct slice name)
{
    for (; table->name != NULL; table++)
        if ((letter != 0 && table->letter == letter)
            || (letter == 0 && slice_equal((struct slice){ table->name, strlen(table->name) }, name)))
            return table;
    return NULL;
}

static const struct cli_option *
option_find(int letter, struct slice name)
{
    const struct cli_option *option = option_in(options, letter, name);

    return option != NULL ? option : option_in(everywhere, letter, name);
}

/* One option has been read; false if it ends the process. */
static bool
take(const struct cli_option *option, const char *value, bool *given)
{
    if (given[option->letter]) {
        expected.status = STATUS_USAGE;
        return false;
    }
    given[option->letter] = true;
    if (option->letter == 'h' || option->letter == 'V') {
        expected.status = STATUS_DONE;
        return false;
    }
    if (option->letter != 'd')
        expected.step[expected.count++] = (struct step){ option->letter, value };
    else if (value[0] == '\0')
        expected.status = STATUS_USAGE;
    else
        expected.store = value;
    return expected.status < 0;
}

/* --name or --name=value; how many words it takes, 0 if it ends the process. */
static int
take_long(const char *word, const char *next, bool *given)
{
    size_t length = strcspn(word, "=");
    const struct cli_option *option = option_find(0, (struct slice){ word, length });
    const char *value = word[length] == '=' ? word + length + 1 : NULL;
    bool own = value != NULL;

    expected.status = STATUS_USAGE;
    if (option == NULL || (option->argument == NULL && own) || (option->argument != NULL && !own && next == NULL))
        return 0;
    expected.status = -1;
    if (option->argument != NULL && !own)
        value = next;
    if (!take(option, value, given))
        return 0;
    return option->argument != NULL && !own ? 2 : 1;
}

/* -abc, -i value or -ivalue; the same. */
static int
take_letters(const char *word, const char *next, bool *given)
{
    for (; *word != '\0'; word++) {
        const struct cli_option *option = option_find((unsigned char)*word, SLICE(""));
        const char *value = word[1] != '\0' ? word + 1 : next;

        if (option == NULL || (option->argument != NULL && value == NULL)) {
            expected.status = STATUS_USAGE;
            return 0;
        }
        if (!take(option, option->argument != NULL ? value : NULL, given))
            return 0;
        if (option->argument != NULL)
            return value == next ? 2 : 1;
    }
    return 1;
}

static void
read_by_rules(int count, char **words)
{
    bool given[512] = { false }, ended = false;
    int used;

    expected = (struct steps){ .status = -1, .store = "./evstore" };
    for (int i = 1; i < count; i += used) {
        const char *word = words[i], *next = i + 1 < count ? words[i + 1] : NULL;

        used = 1;
        if (ended || word[0] != '-' || word[1] == '\0')
            expected.operands[expected.operand_count++] = word;
        else if (strcmp(word, "--") == 0)
            ended = true;
        else
            used = word[1] == '-' ? take_long(word + 2, next, given) : take_letters(word + 1, next, given);
        if (used == 0)
            return;
    }
}

/* -- by the commands ------------------------------------------------------------- */

static struct cli cli;

static void
read_all(int count, char **words)
{
    int letter;

    cli = cli_begin(&program, count, words);
    while ((letter = cli_next(&cli)) != 0)
        found.step[found.count++] = (struct step){ letter, cli.option->argument != NULL ? cli.value : NULL };
}

static void
read_by_commands(int count, char **words)
{
    optind = 0;                 /* getopt(3) of glibc begins anew */
    found = (struct steps){ .status = -1 };
    CAUGHT(read_all(count, words));
    found.status = caught_status;
    found.store = cli.store;
    found.operand_count = cli.operand_count;
    memcpy(found.operands, cli.operands, (size_t)cli.operand_count * sizeof cli.operands[0]);
    cli_end(&cli);
}

static void
compare(void)
{
    FUZZ_REQUIRE(found.status == expected.status && found.count == expected.count);
    for (size_t i = 0; i < found.count; i++)
        FUZZ_REQUIRE(found.step[i].letter == expected.step[i].letter
                     && found.step[i].value == expected.step[i].value);
    FUZZ_REQUIRE(strcmp(found.store, expected.store) == 0 && found.operand_count == expected.operand_count);
    for (int i = 0; i < found.operand_count; i++)
        FUZZ_REQUIRE(found.operands[i] == expected.operands[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct slice text = fuzz_slice(bytes, length), line;
    char *words[WORDS_MAX + 1] = { "fuzz", "operand" };         /* until that, getopt(3) has not begun anew */
    struct arena arena = { 0 };
    int count = 2;

    if (length > STEPS_MAX)
        return 0;
    caught_begin();
    (void)unsetenv("EV_NOW");
    (void)unsetenv("EV_STORE");
    (void)unsetenv("POSIXLY_CORRECT");
    while (count < WORDS_MAX && fuzz_line(&text, &line))
        words[count++] = fuzz_text(line, &arena);
    read_by_rules(count, words);
    read_by_commands(count, words);
    compare();
    arena_reset(&arena);
    return 0;
}

/*
 * cli.h -- options, help and the frame of every command.
 *
 * One table makes the parser and --help.  Long options are not abbreviated, an
 * option given twice is refused, operands may stand anywhere, -- ends the
 * options.  What is wrong on the command line ends the process with
 * STATUS_USAGE and a line on standard error.
 */
#ifndef CLI_H
#define CLI_H

#include <stdio.h>

#include "base/bytes.h"
#include "base/fault.h"
#include "base/moment.h"
#include "store/store.h"

struct cli_option {
    int letter;                 /* above 255: a long name only */
    const char *name;
    const char *argument;       /* what --help calls it, or NULL if it takes none */
    const char *help;
};

struct cli_program {
    const char *name;
    const char *usage;          /* one line for each form, behind "usage: NAME " */
    const char *purpose;
    const struct cli_option *options;   /* ended by { 0 }; -h, -V and -d are added */
};

enum { CLI_OPTIONS_MAX = 32 };

struct cli {
    const struct cli_program *program;
    int argc;
    char **argv;
    const struct cli_option *all[CLI_OPTIONS_MAX];
    bool given[CLI_OPTIONS_MAX];
    const struct cli_option *option;    /* the one cli_next() returned, and its value */
    const char *value;
    const char **operands;      /* complete when cli_next() has returned 0 */
    int operand_count;
    int operands_before;        /* those that stand before a --, which is all if there is none */
    struct arena kept;
    const char *store;          /* --store over EV_STORE over ./evstore */
    struct clock clock;         /* EV_NOW, or the machine's */
    bool packed;                /* results are to be packed */
    bool dry;                   /* nothing is to be written */
};

/* Also: descriptors 0 to 2 are open afterwards, SIGPIPE has its default effect. */
struct cli cli_begin(const struct cli_program *program, int argc, char *argv[]);

/* The next option's letter, with cli->value; 0 when there are no more. */
int cli_next(struct cli *cli);

/* The value, an operand: a number, a product ID, a UUID in lower case.  Or misuse. */
uint64_t cli_number(const struct cli *cli, const char *what, const char *text, uint64_t minimum, uint64_t maximum);
struct slice cli_product(const struct cli *cli, const char *text);
struct slice cli_request(struct cli *cli, const char *text);

/* A place for lines: "-", a path, or "@" and the name of a topic.  A topic; a group.  Or misuse. */
const char *cli_end_name(const struct cli *cli, const char *text);
struct slice cli_topic(const struct cli *cli, const char *text);
const char *cli_group(const struct cli *cli, const char *text);

/* Seconds with decimals allowed, as milliseconds. */
int64_t cli_seconds(const struct cli *cli, const char *what, const char *text);

/* A number of seconds, or with s, m, h or d behind it, as milliseconds. */
int64_t cli_age(const struct cli *cli, const char *what, const char *text);

/*
 * Open the store that the command line names, or report and exit.  After cli_store() this
 * process can open nothing else (store_confine()); who opens more first calls that itself.
 */
struct store *cli_store(const struct cli *cli, enum store_use use);
struct store *cli_store_first(const struct cli *cli, enum store_use use);

/* A file in the store is misuse. */
void cli_outside(const struct cli *cli, const char *what, const char *path);

/* Report and exit with STATUS_USAGE. */
_Noreturn void cli_misuse(const struct cli *cli, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* "NAME: WHY" on standard error; returns the status. */
int cli_report(const char *name, const struct fault *why);

/*
 * "NAME: SOURCE:LINE: WHY" and a newline, of a line that was read, behind *out or on standard error;
 * control characters of the source's name stand as `?`.
 */
void cli_add_report(struct buffer *out, const char *name, const char *source, uint64_t line, const char *why);
void cli_report_line(const char *name, const char *source, uint64_t line, const char *why);

/*
 * Print whole lines that were gathered to standard error, each by itself, as other processes may use it too,
 * and empty the buffer.  Its reader may let us wait, or be gone, which ends us: no lock of the store is to be held.
 */
void cli_say(struct buffer *reports);

/* Print to standard output; cli_finish() tells whether it was written. */
void cli_print(const struct buffer *text);

/* How many columns to print in: those of the terminal, else COLUMNS, else 80. */
size_t cli_width(void);

/* Are colours wanted on a terminal?  Not with NO_COLOR. */
bool cli_colours(void);

/* Forget the operands and what cli_request() returned. */
void cli_end(struct cli *cli);

/*
 * The end of a command that printed to standard output: everything is written,
 * and on disk if that is a regular file.  Returns `status`, or STATUS_IO after
 * a report.
 */
int cli_finish(const char *name, int status);

#endif

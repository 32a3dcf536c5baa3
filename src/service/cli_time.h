/*
 * cli_time.h -- a time on the command line, as people write one.
 */
#ifndef CLI_TIME_H
#define CLI_TIME_H

#include "service/cli.h"

/*
 * The exact form (moment_read()), or what date(1) of coreutils takes: "yesterday",
 * "2011-06-01", "2 hours ago".  Times without a zone are local (TZ); relative ones are
 * counted from EV_NOW, if that is set.  False if nothing understands the text, or if
 * it is one that date(1) takes for what nobody means.
 *
 * May start date(1), so before the process is confined.
 */
bool cli_time_read(const struct cli *cli, const char *text, struct moment *out);

/* The same, or misuse; `what` is the option. */
struct moment cli_time(const struct cli *cli, const char *what, const char *text);

#endif

/* cli_time.c -- a time on the command line, as people write one. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/io.h"
#include "base/text.h"
#include "service/cli_time.h"

/*
 * What date(1) would take for something else: a letter alone is the zone of an army, so that
 * "2d" is two o'clock and "s2" too; "2011" is eleven minutes past eight; nothing at all is midnight.
 */
static bool
is_misleading(const char *text)
{
    const size_t before = strspn(text, " \t\n+-");
    size_t digits = 0, letters = 0;

    for (text += before; *text != '\0'; text++) {
        const bool digit = *text >= '0' && *text <= '9';

        if (*text == ' ' || *text == '\t' || *text == '\n')
            continue;
        if (!digit && !((*text | 32) >= 'a' && (*text | 32) <= 'z'))
            return false;
        *(digit ? &digits : &letters) += 1;
    }
    return letters == 1 || (letters == 0 && (before > 0 || digits != sizeof "20110601" - 1));
}

/* Start date(1); what it prints comes out of *fd.  True if it could be started. */
static bool
start(const char *text, int *fd, pid_t *process)
{
    struct buffer option = { 0 };
    posix_spawn_file_actions_t actions;
    int ends[2];
    bool started;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    buffer_text(&option, "--date=");
    buffer_add(&option, text, strlen(text) + 1);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    (void)posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
    /* Seconds since 1970 are the same in every zone. */
    started = posix_spawnp(process, "date", &actions, NULL,
                           (char *[]){ (char[]){ "date" }, option.at, (char[]){ "+%s.%6N" }, NULL }, environ) == 0;
    (void)posix_spawn_file_actions_destroy(&actions);
    buffer_free(&option);
    io_close(&ends[1]);
    if (!started)
        io_close(&ends[0]);
    *fd = ends[0];
    return started;
}

/* "1306886400.000000" and a newline: what date(1) prints when it has understood, and only then. */
static bool
read_seconds(const char *line, size_t length, struct moment *out)
{
    enum { DECIMALS = 6, BEHIND = DECIMALS + 2 };       /* point, decimals, newline */
    const uint64_t most = UINT64_C(253402300799);       /* the last second of the year 9999 */
    const bool early = length > 0 && line[0] == '-';
    uint64_t seconds, part;
    int64_t since;

    if (early) {
        line++;
        length--;
    }
    if (length <= BEHIND || line[length - 1] != '\n' || line[length - BEHIND] != '.'
        || !text_number((struct slice){ line, length - BEHIND }, 0, most, &seconds)
        || !text_digits(line + length - BEHIND + 1, DECIMALS, &part))
        return false;
    since = (early ? -(int64_t)seconds : (int64_t)seconds) * 1000000 + (int64_t)part;
    if (since < INT64_C(-62167219200000000))            /* from the year 0 on: years have four digits */
        return false;
    *out = moment_from(since);
    return true;
}

/* What date(1) says that this is. */
static bool
ask(const char *text, struct moment *out)
{
    char line[64];
    size_t length = 0;
    ssize_t got;
    pid_t process;
    int fd;

    if (!start(text, &fd, &process))
        return false;
    while (length < sizeof line && (got = io_read(fd, line + length, sizeof line - length)) > 0)
        length += (size_t)got;
    io_close(&fd);
    while (waitpid(process, NULL, 0) < 0 && errno == EINTR)
        ;
    return read_seconds(line, length, out);
}

/* The text behind the time that stands still: all of that, or only its day in the local zone. */
static bool
ask_behind(const struct moment *now, bool day_only, const char *text, struct moment *out)
{
    const time_t seconds = (time_t)(moment_microseconds(now->text) / 1000000);
    struct buffer whole = { 0 };
    struct tm day;
    char date[32];
    bool understood;

    if (day_only && localtime_r(&seconds, &day) != NULL && strftime(date, sizeof date, "%Y-%m-%d ", &day) > 0) {
        buffer_text(&whole, date);
    } else {
        buffer_add(&whole, now->text, MOMENT_LENGTH - 1);
        whole.at[sizeof "2026-01-31" - 1] = ' ';
        buffer_text(&whole, " UTC ");
    }
    buffer_add(&whole, text, strlen(text) + 1);
    understood = ask(whole.at, out);
    buffer_free(&whole);
    return understood;
}

/* Relative words count from EV_NOW; a time of day is one of its day; what has a day needs none. */
static bool
ask_from(const struct moment *now, const char *text, struct moment *out)
{
    if (ask_behind(now, false, text, out))
        /* A day of the week behind a date does nothing, and nobody means that. */
        return strcmp(out->text, now->text) != 0 || strcasecmp(text, "now") == 0 || strcasecmp(text, "today") == 0;
    return ask_behind(now, true, text, out) || ask(text, out);
}

bool
cli_time_read(const struct cli *cli, const char *text, struct moment *out)
{
    if (moment_read((struct slice){ text, strlen(text) }, out))
        return true;
    if (is_misleading(text))
        return false;
    return cli->clock.fixed ? ask_from(&cli->clock.now, text, out) : ask(text, out);
}

struct moment
cli_time(const struct cli *cli, const char *what, const char *text)
{
    struct moment moment;

    if (!cli_time_read(cli, text, &moment))
        cli_misuse(cli, "%s: %s: not a time like 2026-01-31T09:30:00Z, yesterday or 2 hours ago", what, text);
    return moment;
}

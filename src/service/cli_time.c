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

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* One by itself is the zone of an army, so that "9:00 h" is in the night; but for T, Z, a.m. and p.m. */
static bool
has_lone_letter(const char *text)
{
    bool quoted = false;

    for (const char *at = text; *at != '\0'; at++) {
        const char before = at > text ? at[-1] : ' ';

        quoted ^= *at == '"';                           /* TZ="..." */
        if (!quoted && is_letter(*at) && !is_letter(before) && !is_letter(at[1]) && (*at | 32) != 'z'
            && !((*at | 32) == 't' && is_digit(before) && is_digit(at[1])) && before != '.' && at[1] != '.')
            return true;
    }
    return false;
}

/*
 * What date(1) would take for something else: a letter alone, so that "2d" is two o'clock and
 * "s2" too; "2011" is eleven minutes past eight; nothing at all is midnight.
 */
static bool
is_misleading(const char *text)
{
    const size_t before = strspn(text, " \t\n+-");
    size_t digits = 0, letters = 0;

    if (has_lone_letter(text))
        return true;
    for (text += before; *text != '\0'; text++) {
        if (*text == ' ' || *text == '\t' || *text == '\n')
            continue;
        if (!is_digit(*text) && !is_letter(*text))
            return false;
        *(is_digit(*text) ? &digits : &letters) += 1;
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

/* The text behind a date. */
static bool
ask_on(const char *date, const char *text, struct moment *out)
{
    struct buffer whole = { 0 };
    bool understood;

    buffer_text(&whole, date);
    buffer_add(&whole, text, strlen(text) + 1);
    understood = ask(whole.at, out);
    buffer_free(&whole);
    return understood;
}

/*
 * The text behind the time that stands still: all of that, or only its day.  By the local clock, whose days
 * and months are meant, but where it shows that time twice.
 */
static bool
ask_behind(const struct moment *now, bool day_only, const char *text, struct moment *out)
{
    const time_t seconds = (time_t)(moment_microseconds(now->text) / 1000000);
    struct tm local, again;
    char date[80];
    int length = 0;

    if (localtime_r(&seconds, &local) == NULL)
        return false;
    again = local;
    again.tm_isdst = -1;
    if (!day_only && mktime(&again) != seconds) {
        (void)snprintf(date, sizeof date, "%.10s %.15s UTC ", now->text, now->text + sizeof "2026-01-31T" - 1);
        return ask_on(date, text, out);
    }
    /* The time of day comes first: behind it "-2 hours" would be its zone. */
    if (!day_only)
        length = snprintf(date, sizeof date, "%02d:%02d:%02d%.7s ", local.tm_hour, local.tm_min, local.tm_sec,
                          now->text + sizeof "2026-01-31T09:30:00" - 1);
    (void)snprintf(date + length, sizeof date - (size_t)length, "%04d-%02d-%02d ", local.tm_year + 1900,
                   local.tm_mon + 1, local.tm_mday);
    return ask_on(date, text, out);
}

/* A day of the week behind a date does nothing, and nobody means that. */
static bool
names_weekday(const char *text)
{
    static const char *const days[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };

    for (const char *at = text; *at != '\0'; at++)
        for (size_t i = 0; (at == text || !is_letter(at[-1])) && i < sizeof days / sizeof days[0]; i++)
            if (strncasecmp(at, days[i], 3) == 0 && strncasecmp(at, "month", 5) != 0)
                return true;
    return false;
}

/* A day can stand before it, behind its zone, so it has none: by itself it means one by the machine's clock. */
static bool
lacks_day(const char *text)
{
    const char *zone = strncmp(text, "TZ=\"", 4) == 0 ? strchr(text + 4, '"') : NULL;
    struct buffer date = { 0 };
    struct moment ignored;
    bool lacks;

    if (zone != NULL) {
        buffer_add(&date, text, (size_t)(zone + 1 - text));
        text = zone + 1;
    } else {
        buffer_text(&date, "TZ=\"UTC0\"");
    }
    buffer_add(&date, " 2000-01-01 ", sizeof " 2000-01-01 ");
    lacks = ask_on(date.at, text, &ignored);
    buffer_free(&date);
    return lacks;
}

/* Relative words count from EV_NOW; a time of day is one of its day; what has a day needs none. */
static bool
ask_from(const struct moment *now, const char *text, struct moment *out)
{
    if (ask_behind(now, false, text, out))
        return !names_weekday(text)
            && (strcmp(out->text, now->text) != 0 || strcasecmp(text, "now") == 0 || strcasecmp(text, "today") == 0);
    if (ask_behind(now, true, text, out))
        return !names_weekday(text);
    return !lacks_day(text) && ask(text, out);
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

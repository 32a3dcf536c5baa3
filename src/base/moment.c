/* moment.c -- times as text: UTC with six decimals. */
#include <stdio.h>
#include <time.h>

#include "base/moment.h"
#include "base/text.h"

struct moment
clock_now(const struct clock *clock)
{
    struct timespec now;

    if (clock->fixed)
        return clock->now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return moment_from((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

struct moment
moment_from(int64_t microseconds)
{
    struct moment moment;
    int64_t part = (microseconds % 1000000 + 1000000) % 1000000;
    time_t seconds = (time_t)((microseconds - part) / 1000000);
    struct tm day;
    char text[96];

    (void)gmtime_r(&seconds, &day);
    (void)snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", day.tm_year + 1900,
                   day.tm_mon + 1, day.tm_mday, day.tm_hour, day.tm_min, day.tm_sec, (int)part);
    memcpy(moment.text, text, MOMENT_LENGTH);
    moment.text[MOMENT_LENGTH] = '\0';
    return moment;
}

int64_t
steady_milliseconds(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
moment_read(struct slice text, struct moment *out)
{
    enum { SECONDS = 19, POINT = 20 };      /* lengths up to the seconds and to the point */
    char full[] = "0000-00-00T00:00:00.000000Z";
    size_t body = text.length - 1;

    if (text.length < POINT || text.length > MOMENT_LENGTH || text.at[body] != 'Z' || body == POINT)
        return false;
    memcpy(full, text.at, body);
    if (body > SECONDS && full[SECONDS] != '.')
        return false;
    if (!moment_valid((struct slice){ full, MOMENT_LENGTH }))
        return false;
    memcpy(out->text, full, sizeof full);
    return true;
}

int64_t
moment_microseconds(const char *text)
{
    struct tm day = {
        .tm_year = (int)(text_two_digits(text) * 100 + text_two_digits(text + 2)) - 1900,
        .tm_mon = (int)text_two_digits(text + 5) - 1,
        .tm_mday = (int)text_two_digits(text + 8),
        .tm_hour = (int)text_two_digits(text + 11),
        .tm_min = (int)text_two_digits(text + 14),
        .tm_sec = (int)text_two_digits(text + 17),
    };
    uint64_t part = 0;

    (void)text_digits(text + 20, 6, &part);
    return (int64_t)timegm(&day) * 1000000 + (int64_t)part;
}

/* fault.c -- why something could not be done. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "base/text.h"

void
fault_plain(char *text)
{
    const char *end = text + strlen(text);
    char *to = text;

    for (const char *at = text; at < end;) {
        const size_t known = text_character(at, end), length = known > 0 ? known : 1;

        if (known > 0 && text_control(at)) {
            *to++ = '?';
        } else {
            memmove(to, at, length);
            to += length;
        }
        at += length;
    }
    *to = '\0';
}

int
fault_set(struct fault *why, enum status status, const char *format, ...)
{
    va_list arguments;

    why->status = status;
    va_start(arguments, format);
    (void)vsnprintf(why->text, sizeof why->text, format, arguments);
    va_end(arguments);
    fault_plain(why->text);
    return -1;
}

int
fault_system(struct fault *why, enum status status, const char *format, ...)
{
    const char *error = strerror(errno);
    va_list arguments;
    size_t length;

    why->status = status;
    va_start(arguments, format);
    (void)vsnprintf(why->text, sizeof why->text, format, arguments);
    va_end(arguments);
    length = strlen(why->text);
    (void)snprintf(why->text + length, sizeof why->text - length, ": %s", error);
    fault_plain(why->text);
    return -1;
}

int
fault_at(struct fault *why, const char *format, ...)
{
    char text[FAULT_TEXT];
    va_list arguments;
    size_t length;

    memcpy(text, why->text, sizeof text);
    va_start(arguments, format);
    (void)vsnprintf(why->text, sizeof why->text, format, arguments);
    va_end(arguments);
    length = strlen(why->text);
    (void)snprintf(why->text + length, sizeof why->text - length, ": %s", text);
    fault_plain(why->text);
    return -1;
}

int
fault_worse(int a, int b)
{
    static const int ranks[] = { STATUS_DONE, STATUS_NO_INPUT, STATUS_DATA, STATUS_IO };
    size_t rank_a = 0, rank_b = 0;

    for (size_t i = 0; i < sizeof ranks / sizeof ranks[0]; i++) {
        rank_a = ranks[i] == a ? i : rank_a;
        rank_b = ranks[i] == b ? i : rank_b;
    }
    return rank_b > rank_a ? b : a;
}

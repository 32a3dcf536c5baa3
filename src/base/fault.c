/* fault.c -- why something could not be done. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/fault.h"

void
fault_plain(char *text)
{
    for (; *text != '\0'; text++) {
        const unsigned char *at = (const unsigned char *)text;

        if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0)      /* U+0080-009F */
            memmove(text, text + 1, strlen(text + 1) + 1);
        else if (at[0] >= ' ' && at[0] != 0x7f)
            continue;
        *text = '?';
    }
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

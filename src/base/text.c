/* text.c -- UTF-8, UUIDs and numbers as they stand in a line. */
#include <endian.h>

#include "base/text.h"

static bool
continues(const char *at, const char *end, size_t count)
{
    if ((size_t)(end - at) <= count)
        return false;
    for (size_t i = 1; i <= count; i++)
        if (((unsigned char)at[i] & 0xc0) != 0x80)
            return false;
    return true;
}

size_t
text_character(const char *at, const char *end)
{
    unsigned char first = (unsigned char)at[0];
    unsigned char second;

    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    if (first < 0xe0)
        return continues(at, end, 1) ? 2 : 0;
    if (first < 0xf0) {
        if (!continues(at, end, 2))
            return 0;
        second = (unsigned char)at[1];
        return (first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f) ? 0 : 3;
    }
    if (!continues(at, end, 3))
        return 0;
    second = (unsigned char)at[1];
    return (first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f) ? 0 : 4;
}

bool
text_utf8(struct slice text)
{
    const char *end = text.at + text.length;

    for (const char *at = text.at; at < end;) {
        size_t length = text_character(at, end);

        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

bool
text_control(const char *at)
{
    unsigned char first = (unsigned char)at[0];

    return first < 0x20 || first == 0x7f || (first == 0xc2 && (unsigned char)at[1] < 0xa0);
}

bool
text_number(struct slice text, uint64_t minimum, uint64_t maximum, uint64_t *number)
{
    uint64_t value;

    if (text.length == 0 || text.length > 19 || !text_digits(text.at, text.length, &value))
        return false;
    if (value < minimum || value > maximum)
        return false;
    *number = value;
    return true;
}

/* Where the five groups of digits are: in the text, and among all digits. */
static const struct group {
    size_t at, digit, length;
} groups[] = { { 0, 0, 8 }, { 9, 8, 4 }, { 14, 12, 4 }, { 19, 16, 4 }, { 24, 20, 12 } };

enum { UUID_GROUPS = sizeof groups / sizeof groups[0], UUID_DIGITS = 32 };

void
text_uuid_bytes(const char *text, unsigned char *bytes)
{
    char digits[UUID_DIGITS];
    uint64_t half;

    for (size_t i = 0; i < UUID_GROUPS; i++)
        memcpy(digits + groups[i].digit, text + groups[i].at, groups[i].length);
    for (size_t i = 0; i < 2; i++) {
        (void)text_hex(digits + i * sizeof digits / 2, &half);
        half = htobe64(half);
        memcpy(bytes + i * sizeof half, &half, sizeof half);
    }
}

void
text_uuid_write(const unsigned char *bytes, char *text)
{
    static const char hex[] = "0123456789abcdef";
    char digits[UUID_DIGITS];

    for (size_t i = 0; i < sizeof digits; i += 2) {
        digits[i] = hex[bytes[i / 2] >> 4];
        digits[i + 1] = hex[bytes[i / 2] & 15];
    }
    memset(text, '-', UUID_LENGTH);
    for (size_t i = 0; i < UUID_GROUPS; i++)
        memcpy(text + groups[i].at, digits + groups[i].digit, groups[i].length);
    text[UUID_LENGTH] = '\0';
}

void
buffer_escaped(struct buffer *buffer, struct slice text)
{
    const char *end = text.at + text.length;

    for (const char *at = text.at; at < end;) {
        size_t length = text_character(at, end);

        if (length == 0) {
            buffer_text(buffer, "\xef\xbf\xbd");
            length = 1;
        } else if (*at == '"' || *at == '\\') {
            buffer_add(buffer, "\\", 1);
            buffer_add(buffer, at, 1);
        } else if (text_control(at)) {
            unsigned char code = (unsigned char)at[length - 1];     /* U+0080-009F: its second byte */
            char escape[6] = { '\\', 'u', '0', '0', "0123456789abcdef"[code >> 4],
                               "0123456789abcdef"[code & 15] };

            buffer_add(buffer, escape, sizeof escape);
        } else {
            buffer_add(buffer, at, length);
        }
        at += length;
    }
}

size_t
buffer_plain_character(struct buffer *buffer, const char *at, const char *end, bool escaped)
{
    size_t length = text_character(at, end);

    if (escaped && *at == '\\' && at + 1 < end && (at[1] == '"' || at[1] == '\\')) {
        buffer_add(buffer, at + 1, 1);
        return 2;
    }
    if (length == 0 || text_control(at))
        buffer_text(buffer, "?");
    else
        buffer_add(buffer, at, length);
    return length > 0 ? length : 1;
}

void
buffer_plain(struct buffer *buffer, struct slice text, bool escaped)
{
    const char *end = text.at + text.length;

    for (const char *at = text.at; at < end;)
        at += buffer_plain_character(buffer, at, end, escaped);
}

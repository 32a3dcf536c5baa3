/* letter_read.c -- read a dead letter, and what it keeps. */
#include "base/cursor.h"
#include "base/text.h"
#include "domain/letter.h"

/* A string's text as it is escaped, up to its quote; false if that is not there. */
static bool
take_string(struct cursor *cursor, struct slice *out)
{
    const char *at = cursor->at;

    while (at < cursor->end && *at != '"')
        at += *at == '\\' && cursor->end - at > 1 ? 2 : 1;
    if (at >= cursor->end)
        return false;
    *out = (struct slice){ cursor->at, (size_t)(at - cursor->at) };
    cursor->at = at + 1;
    return true;
}

static bool
take_origin(struct cursor *cursor, struct slice *topic)
{
    struct slice group;
    uint64_t number;

    return take_string(cursor, topic) && CURSOR_LITERAL(cursor, ",\"group\":\"") && take_string(cursor, &group)
        && CURSOR_LITERAL(cursor, ",\"lane\":") && cursor_number(cursor, &number)
        && CURSOR_LITERAL(cursor, ",\"offset\":") && cursor_number(cursor, &number);
}

bool
letter_read(struct slice line, struct letter_view *out)
{
    struct cursor cursor = { line.at, line.at + line.length };

    *out = (struct letter_view){ .topic = { line.at, 0 } };
    if (!CURSOR_LITERAL(&cursor, "{\"time\":\"") || !take_string(&cursor, &out->time)
        || !CURSOR_LITERAL(&cursor, ",\"command\":\"") || !take_string(&cursor, &out->command)
        || !CURSOR_LITERAL(&cursor, ",\"kind\":\"") || !take_string(&cursor, &out->kind)
        || !CURSOR_LITERAL(&cursor, ",\"place\":\"") || !take_string(&cursor, &out->place))
        return false;
    if (CURSOR_LITERAL(&cursor, ",\"topic\":\"") && !take_origin(&cursor, &out->topic))
        return false;
    if (!CURSOR_LITERAL(&cursor, ",\"reason\":\"") || !take_string(&cursor, &out->reason))
        return false;
    out->base64 = CURSOR_LITERAL(&cursor, ",\"base64\":\"");
    if (!out->base64 && !CURSOR_LITERAL(&cursor, ",\"line\":\""))
        return false;
    out->text = (struct slice){ cursor.at, (size_t)(cursor.end - cursor.at) };
    out->whole = take_string(&cursor, &out->text) && CURSOR_LITERAL(&cursor, "}") && cursor.at == cursor.end;
    return true;
}

static int
hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* "u00xx": a control character.  How long it is, or 0. */
static size_t
add_control(struct buffer *out, const char *at, const char *end)
{
    char bytes[2] = { '\0', '\0' };
    int high, low;

    if (end - at < 5 || memcmp(at, "u00", 3) != 0)
        return 0;
    high = hex_digit(at[3]);
    low = hex_digit(at[4]);
    if (high < 0 || low < 0)
        return 0;
    if (high < 8) {
        bytes[0] = (char)(high << 4 | low);
        buffer_add(out, bytes, 1);
    } else {
        bytes[0] = (char)(0xc0 | high >> 2);
        bytes[1] = (char)(0x80 | ((high << 4 | low) & 0x3f));
        buffer_add(out, bytes, 2);
    }
    return 5;
}

static bool
add_unescaped(struct buffer *out, struct slice text)
{
    const char *at = text.at, *end = text.at + text.length;

    while (at < end) {
        const char *escape = memchr(at, '\\', (size_t)(end - at));
        size_t length = 1;

        if (escape == NULL)
            escape = end;
        buffer_add(out, at, (size_t)(escape - at));
        at = escape + 1;
        if (escape == end)
            break;
        if (at < end && (*at == '"' || *at == '\\'))
            buffer_add(out, at, 1);
        else
            length = add_control(out, at, end);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

static int
base64_digit(char digit)
{
    if (digit >= 'A' && digit <= 'Z')
        return digit - 'A';
    if (digit >= 'a' && digit <= 'z')
        return digit - 'a' + 26;
    if (digit >= '0' && digit <= '9')
        return digit - '0' + 52;
    return digit == '+' ? 62 : digit == '/' ? 63 : -1;
}

bool
letter_base64(struct slice text, struct buffer *out)
{
    size_t filled = 0;

    if (text.length % 4 != 0)
        return false;
    while (filled < 2 && filled < text.length && text.at[text.length - 1 - filled] == '=')
        filled++;
    for (size_t i = 0; i < text.length; i += 4) {
        size_t digits = i + 4 == text.length ? 4 - filled : 4;
        uint32_t three = 0;
        char bytes[3];

        for (size_t j = 0; j < 4; j++) {
            int digit = j < digits ? base64_digit(text.at[i + j]) : 0;

            if (digit < 0)
                return false;
            three = three << 6 | (uint32_t)digit;
        }
        for (size_t j = 0; j < 3; j++)
            bytes[j] = (char)(three >> (16 - 8 * j) & 255);
        buffer_add(out, bytes, digits - 1);
    }
    return true;
}

bool
letter_bytes(const struct letter_view *letter, struct buffer *out)
{
    size_t start = out->length;
    bool good;

    (void)buffer_reserve(out, 1);
    good = letter->whole
        && (letter->base64 ? letter_base64(letter->text, out) : add_unescaped(out, letter->text));

    if (good && memchr(out->at + start, '\n', out->length - start) == NULL)
        return true;
    out->length = start;
    return false;
}

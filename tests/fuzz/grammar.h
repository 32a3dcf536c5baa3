/*
 * grammar.h -- is a text JSON?  By the letter of RFC 8259, and nothing else.
 *
 * A second opinion: it shares no line with the reader that it is held against.  Names
 * that stand twice are not looked for.  Beyond the RFC it refuses what cannot be told
 * in UTF-8: half a surrogate pair, and a NUL in a name, which the reader's library
 * cannot hold.
 */
#ifndef GRAMMAR_H
#define GRAMMAR_H

#include "base/bytes.h"

struct grammar {
    const unsigned char *at, *end;
    size_t depth, deepest;
};

static inline bool
grammar_byte(struct grammar *grammar, char byte)
{
    if (grammar->at == grammar->end || *grammar->at != (unsigned char)byte)
        return false;
    grammar->at++;
    return true;
}

static inline void
grammar_space(struct grammar *grammar)
{
    while (grammar_byte(grammar, ' ') || grammar_byte(grammar, '\t') || grammar_byte(grammar, '\n')
           || grammar_byte(grammar, '\r'))
        continue;
}

static inline bool
grammar_word(struct grammar *grammar, const char *word)
{
    while (*word != '\0')
        if (!grammar_byte(grammar, *word++))
            return false;
    return true;
}

static inline bool
grammar_digits(struct grammar *grammar)
{
    const unsigned char *start = grammar->at;

    while (grammar->at < grammar->end && *grammar->at >= '0' && *grammar->at <= '9')
        grammar->at++;
    return grammar->at > start;
}

static inline bool
grammar_number(struct grammar *grammar)
{
    (void)grammar_byte(grammar, '-');
    if (!grammar_byte(grammar, '0') && !grammar_digits(grammar))
        return false;
    if (grammar_byte(grammar, '.') && !grammar_digits(grammar))
        return false;
    if (!grammar_byte(grammar, 'e') && !grammar_byte(grammar, 'E'))
        return true;
    if (!grammar_byte(grammar, '+'))
        (void)grammar_byte(grammar, '-');
    return grammar_digits(grammar);
}

/* The four digits of an escape, or -1. */
static inline long
grammar_unit(struct grammar *grammar)
{
    long unit = 0;

    if (grammar->end - grammar->at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        unsigned char c = *grammar->at++;

        if (c >= '0' && c <= '9')
            unit = unit * 16 + (c - '0');
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            unit = unit * 16 + ((c | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return unit;
}

static inline bool
grammar_escape(struct grammar *grammar, bool is_name)
{
    long unit;

    if (grammar->at == grammar->end)
        return false;
    if (strchr("\"\\/bfnrt", *grammar->at) != NULL && *grammar->at != '\0') {
        grammar->at++;
        return true;
    }
    if (!grammar_byte(grammar, 'u') || (unit = grammar_unit(grammar)) < 0 || (is_name && unit == 0))
        return false;
    if (unit < 0xd800 || unit > 0xdfff)
        return true;
    if (unit > 0xdbff || !grammar_word(grammar, "\\u"))
        return false;
    unit = grammar_unit(grammar);
    return unit >= 0xdc00 && unit <= 0xdfff;
}

static inline bool
grammar_string(struct grammar *grammar, bool is_name)
{
    if (!grammar_byte(grammar, '"'))
        return false;
    while (grammar->at < grammar->end && *grammar->at != '"') {
        if (*grammar->at < 0x20)
            return false;
        if (*grammar->at++ == '\\' && !grammar_escape(grammar, is_name))
            return false;
    }
    return grammar_byte(grammar, '"');
}

static inline bool grammar_value(struct grammar *grammar);

static inline bool
grammar_member(struct grammar *grammar, bool is_object)
{
    grammar_space(grammar);
    if (is_object) {
        if (!grammar_string(grammar, true))
            return false;
        grammar_space(grammar);
        if (!grammar_byte(grammar, ':'))
            return false;
    }
    return grammar_value(grammar);
}

static inline bool
grammar_nested(struct grammar *grammar, bool is_object)
{
    char close = is_object ? '}' : ']';

    grammar->at++;
    if (++grammar->depth > grammar->deepest)
        return false;
    grammar_space(grammar);
    if (!grammar_byte(grammar, close)) {
        do
            if (!grammar_member(grammar, is_object))
                return false;
        while (grammar_byte(grammar, ','));
        if (!grammar_byte(grammar, close))
            return false;
    }
    grammar->depth--;
    return true;
}

/* A value with white space around it. */
static inline bool
grammar_value(struct grammar *grammar)
{
    bool good = false;

    grammar_space(grammar);
    if (grammar->at == grammar->end)
        return false;
    switch (*grammar->at) {
    case '{': good = grammar_nested(grammar, true); break;
    case '[': good = grammar_nested(grammar, false); break;
    case '"': good = grammar_string(grammar, false); break;
    case 't': good = grammar_word(grammar, "true"); break;
    case 'f': good = grammar_word(grammar, "false"); break;
    case 'n': good = grammar_word(grammar, "null"); break;
    default: good = grammar_number(grammar); break;
    }
    grammar_space(grammar);
    return good;
}

/* The whole text is one object, nested no deeper than `deepest`. */
static inline bool
grammar_object(struct slice text, size_t deepest)
{
    const unsigned char *start = (const unsigned char *)text.at;
    struct grammar grammar = { start, start + text.length, 0, deepest };

    grammar_space(&grammar);
    return grammar.at < grammar.end && *grammar.at == '{' && grammar_value(&grammar) && grammar.at == grammar.end;
}

#endif

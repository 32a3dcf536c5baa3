/*
 * members.h -- a JSON object taken apart, to be put together otherwise.
 */
#ifndef MEMBERS_H
#define MEMBERS_H

#include "base/bytes.h"

enum { MEMBERS_ROOM = 16 };

struct member {
    struct slice name, value;   /* as they stand in the line, the name with its quotes */
};

struct members {
    struct member at[MEMBERS_ROOM];
    size_t count;
};

/* Behind the string that begins here. */
static inline const char *
members_behind_string(const char *at)
{
    for (at++; *at != '"'; at++)
        at += *at == '\\';
    return at + 1;
}

/* The members of an object without white space, which is known to be valid. */
static inline struct members
members_split(struct slice object)
{
    struct members members = { .count = 0 };
    const char *at = object.at + 1;

    while (members.count < MEMBERS_ROOM) {
        struct member *member = &members.at[members.count++];
        const char *start = at;
        size_t depth = 0;

        at = members_behind_string(at);
        member->name = (struct slice){ start, (size_t)(at - start) };
        start = ++at;
        while (depth > 0 || (*at != ',' && *at != '}')) {
            depth += *at == '{' || *at == '[';
            depth -= *at == '}' || *at == ']';
            at = *at == '"' ? members_behind_string(at) : at + 1;
        }
        member->value = (struct slice){ start, (size_t)(at - start) };
        if (*at++ == '}')
            break;
    }
    return members;
}

static inline void
members_join(struct buffer *out, const struct members *members)
{
    buffer_text(out, "{");
    for (size_t i = 0; i < members->count; i++) {
        if (i > 0)
            buffer_text(out, ",");
        buffer_slice(out, members->at[i].name);
        buffer_text(out, ":");
        buffer_slice(out, members->at[i].value);
    }
    buffer_text(out, "}");
}

static inline void
members_insert(struct members *members, size_t at, struct member member)
{
    memmove(&members->at[at + 1], &members->at[at], (members->count - at) * sizeof member);
    members->at[at] = member;
    members->count++;
}

#endif

/*
 * topic_name.h -- the names of topics.
 */
#ifndef TOPIC_NAME_H
#define TOPIC_NAME_H

#include "domain/message.h"

enum { TOPIC_NAME_MAX = 80 };

/* 1 to 80 of a-z 0-9 . _ - , not starting with . or - ; also the names of groups. */
bool topic_name_valid(struct slice name);

/* The topic that a name stands for: TOPIC-1 to TOPIC-5 are those of the original design. */
struct slice topic_name_resolve(struct slice name);

/*
 * What a topic needs to know of a line, which may be anything: its product, its
 * type and its time, empty where it has none in a valid form; one that is too long
 * to be a message has none.  A line in canonical form is scanned; slices point into
 * the line or the arena.
 */
struct topic_line {
    struct slice product, type, time;
};

struct topic_line topic_line_read(struct slice line, struct arena *arena);

#endif

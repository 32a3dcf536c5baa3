/*
 * watch_sheet.h -- what a look saw, laid out in lines.
 */
#ifndef WATCH_SHEET_H
#define WATCH_SHEET_H

#include "service/sheet.h"
#include "service/watch.h"

#define WATCH_NO_MESSAGE SIZE_MAX

struct watch_layout {
    const char *store;          /* its name */
    size_t rows;                /* lines that there is room for; 0: as many as it takes */
    bool paused;
    size_t chosen;              /* among the messages: is marked, and shown; or WATCH_NO_MESSAGE */
    size_t top;                 /* of the messages the first to be shown; is changed so that `chosen` is */
};

/* Fill an empty sheet; on one with rows, all of them. */
void watch_sheet(const struct watch *watch, struct watch_layout *layout, struct sheet *out);

/* Append a line about a message: its request, who made it, where it is. */
void watch_describe(const struct watch_message *message, struct buffer *out);

/* The keys, and what they do. */
void watch_help(struct sheet *out);

#endif

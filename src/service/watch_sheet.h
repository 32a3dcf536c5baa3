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

/* -- between its files ------------------------------------------------------------- */

/* watch_sheet_topics.c: how many lines they take; at most so many of them, of which the last tells if more are left. */
size_t watch_topic_lines(const struct watch *watch);
void watch_put_topic_heading(struct sheet *out);
void watch_put_topics(const struct watch *watch, size_t most, struct sheet *out);

/* Messages a second; a width of 0: as wide as it is. */
void watch_put_rate(struct sheet *out, uint64_t rate, size_t width);

/* watch_sheet_messages.c: at most so many lines. */
void watch_put_stock_heading(struct sheet *out);
void watch_put_stock(const struct watch *watch, size_t most, struct sheet *out);
void watch_put_message_heading(struct sheet *out);
void watch_put_messages(const struct watch *watch, struct watch_layout *layout, size_t most, struct sheet *out);

#endif

/* watch_sheet_topics.c -- topics and groups, a line each. */
#include <stdio.h>

#include "service/watch_sheet.h"

enum { TOPIC = 20, RATE = 8, GROUP = 10, BEHIND = 8, SECONDS = 7 };

void
watch_put_rate(struct sheet *out, uint64_t rate, size_t width)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%llu.%llu", (unsigned long long)(rate / 10), (unsigned long long)(rate % 10));
    if (width > 0)
        sheet_right(out, SHEET_PLAIN, text, width);
    else
        sheet_text(out, SHEET_PLAIN, text);
}

void
watch_put_topic_heading(struct sheet *out)
{
    sheet_left(out, SHEET_HEADING, "topic", TOPIC);
    sheet_gap(out);
    sheet_right(out, SHEET_HEADING, "a second", RATE);
    sheet_gap(out);
    sheet_left(out, SHEET_HEADING, "group", GROUP);
    sheet_gap(out);
    sheet_right(out, SHEET_HEADING, "behind", BEHIND);
    sheet_gap(out);
    sheet_right(out, SHEET_HEADING, "seconds", SECONDS);
    sheet_gap(out);
    sheet_text(out, SHEET_HEADING, "lane:worker");
    sheet_end_line(out);
}

static void
put_group(const struct watch_topic *topic, const struct watch_group *group, struct sheet *out)
{
    char worker[48];

    sheet_left(out, SHEET_PLAIN, group->name, GROUP);
    sheet_gap(out);
    if (group->known)
        sheet_number(out, group->behind > 0 ? SHEET_TITLE : SHEET_PLAIN, group->behind, BEHIND);
    else
        sheet_right(out, SHEET_TROUBLE, "?", BEHIND);
    sheet_gap(out);
    if (group->known && group->seconds >= 0)
        sheet_number(out, SHEET_PLAIN, (uint64_t)group->seconds, SECONDS);
    else
        sheet_right(out, SHEET_PLAIN, group->known ? "-" : "?", SECONDS);
    sheet_gap(out);
    for (unsigned lane = 0; lane < topic->looked; lane++) {
        if (group->workers[lane] > 0)
            (void)snprintf(worker, sizeof worker, "%u:%llu ", lane, (unsigned long long)group->workers[lane]);
        else
            (void)snprintf(worker, sizeof worker, "%u:- ", lane);
        sheet_text(out, group->workers[lane] > 0 ? SHEET_PLAIN : SHEET_FAINT, worker);
    }
}

size_t
watch_topic_lines(const struct watch *watch)
{
    size_t lines = 0;

    for (size_t i = 0; i < watch->topic_count; i++)
        lines += watch->topics[i].group_count > 0 ? watch->topics[i].group_count : 1;
    return lines;
}

/* The topic with its first group, or another group of it. */
static void
put_line(const struct watch_topic *topic, size_t group, struct sheet *out)
{
    sheet_left(out, SHEET_PLAIN, group == 0 ? topic->name : "", TOPIC);
    sheet_gap(out);
    if (group == 0)
        watch_put_rate(out, topic->rate, RATE);
    else
        sheet_left(out, SHEET_PLAIN, "", RATE);
    sheet_gap(out);
    if (group < topic->group_count)
        put_group(topic, &topic->groups[group], out);
    else
        sheet_text(out, SHEET_FAINT, "-");
    sheet_end_line(out);
}

void
watch_put_topics(const struct watch *watch, size_t most, struct sheet *out)
{
    const size_t all = watch_topic_lines(watch), shown = all > most && most > 0 ? most - 1 : most;
    size_t line = 0;
    char text[48] = "no topic";

    for (size_t i = 0; i < watch->topic_count; i++) {
        size_t group = 0;

        do {
            if (line++ < shown)
                put_line(&watch->topics[i], group, out);
        } while (++group < watch->topics[i].group_count);
    }
    if (most == 0 || (all > 0 && all <= most))
        return;
    if (all > 0)
        (void)snprintf(text, sizeof text, "and %zu more", all - shown);
    sheet_text(out, SHEET_FAINT, text);
    sheet_end_line(out);
}

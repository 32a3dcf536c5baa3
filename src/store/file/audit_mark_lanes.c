/* audit_mark_lanes.c -- what a mark keeps of lanes: which segments were there, and how many messages. */
#include <stdio.h>
#include <stdlib.h>

#include "store/file/audit_mark.h"

bool
mark_take_lane(struct cursor *cursor, struct mark *mark)
{
    struct mark_lane *lane;
    uint64_t first;

    mark->lanes = memory_room(mark->lanes, mark->lane_count, &mark->lane_room, sizeof *mark->lanes);
    lane = &mark->lanes[mark->lane_count++];
    *lane = (struct mark_lane){ .name = "" };
    if (!mark_take_name(cursor, lane->name, sizeof lane->name) || !MARK_NUMBER(cursor, "end", &lane->end)
        || !CURSOR_LITERAL(cursor, ",\"segments\":["))
        return false;
    do {
        if (!cursor_number(cursor, &first))
            return false;
        lane->segments = memory_room(lane->segments, lane->count, &lane->room, sizeof *lane->segments);
        lane->segments[lane->count++] = first;
    } while (CURSOR_LITERAL(cursor, ","));
    return CURSOR_LITERAL(cursor, "]");
}

void
mark_free_lanes(struct mark_lane *lanes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(lanes[i].segments);
    free(lanes);
}

static void
lane_name(struct slice topic, unsigned lane, char *name, size_t room)
{
    (void)snprintf(name, room, "%.*s/%u", (int)topic.length, topic.at, lane);
}

uint64_t
mark_lane(const struct mark *mark, struct slice topic, unsigned lane)
{
    char name[sizeof mark->lanes->name];
    const struct mark_lane *found;

    lane_name(topic, lane, name, sizeof name);
    found = mark == NULL || mark->lane_count == 0
        ? NULL : bsearch(name, mark->lanes, mark->lane_count, sizeof *found, mark_by_name);
    return found != NULL ? found->segments[found->count - 1] : 0;
}

void
mark_lane_seen(struct audit *audit, struct slice topic, unsigned lane, const struct segments *segments, uint64_t end)
{
    struct mark_lane seen = { .end = end, .count = segments->count };

    if (audit->setting.mark == NULL)
        return;
    lane_name(topic, lane, seen.name, sizeof seen.name);
    seen.segments = memory_new(seen.count * sizeof *seen.segments);
    for (size_t i = 0; i < seen.count; i++)
        seen.segments[i] = segments->list[i].first;
    audit->lanes = memory_room(audit->lanes, audit->lane_count, &audit->lane_room, sizeof *audit->lanes);
    audit->lanes[audit->lane_count++] = seen;
}

static const struct mark_lane *
find_seen(const struct audit *audit, const char *name)
{
    for (size_t i = 0; i < audit->lane_count; i++)
        if (strcmp(audit->lanes[i].name, name) == 0)
            return &audit->lanes[i];
    return NULL;
}

static void
tell_missing(struct audit *audit, const struct mark_lane *lane, uint64_t first, const char *what)
{
    audit_tell(&audit->witness, PROMISE_NOT_SILENT, "%s%s/%020llu.ndjson: was there when the mark was made: %s",
               store_path(audit->store, "topics/"), lane->name, (unsigned long long)first, what);
    audit->again = true;
}

/* Segments go from the beginning only, and never the last. */
static void
compare(struct audit *audit, const struct mark_lane *before, const struct mark_lane *now)
{
    size_t at = 0;

    for (size_t i = 0; i < before->count; i++) {
        const uint64_t first = before->segments[i];

        while (at < now->count && now->segments[at] < first)
            at++;
        if (first > now->segments[0] && (at == now->count || now->segments[at] != first))
            tell_missing(audit, before, first, "the file is missing");
    }
    if (now->end < before->end && now->segments[now->count - 1] == before->segments[before->count - 1])
        tell_missing(audit, before, now->segments[now->count - 1], "lines are missing");
}

void
mark_lanes(struct audit *audit)
{
    for (size_t i = 0; audit->mark != NULL && i < audit->mark->lane_count; i++) {
        const struct mark_lane *before = &audit->mark->lanes[i], *now = find_seen(audit, before->name);

        if (now != NULL)
            compare(audit, before, now);
        else
            tell_missing(audit, before, before->segments[before->count - 1], "the file is missing");
    }
}

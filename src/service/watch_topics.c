/* watch_topics.c -- topics, how far their groups are, who reads them, how fast they grow. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>

#include "service/topic_walk.h"
#include "service/watch.h"

/* -- which there are ------------------------------------------------------------- */

/* Those of the flow in its order, then the others. */
static int
by_flow(const void *a, const void *b)
{
    const char *name_a = ((const struct watch_topic *)a)->name, *name_b = ((const struct watch_topic *)b)->name;
    const unsigned type_a = message_type_named((struct slice){ name_a, strlen(name_a) });
    const unsigned type_b = message_type_named((struct slice){ name_b, strlen(name_b) });

    /* TYPE_OTHER is 0: one less than that comes last */
    return type_a != type_b ? (type_a - 1 > type_b - 1) - (type_a - 1 < type_b - 1) : strcmp(name_a, name_b);
}

static struct watch_topic *
find_topic(struct watch *watch, const char *name)
{
    struct watch_topic *topic;

    for (size_t i = 0; i < watch->topic_count; i++)
        if (strcmp(watch->topics[i].name, name) == 0)
            return &watch->topics[i];
    watch->topics = memory_room(watch->topics, watch->topic_count, &watch->topic_room, sizeof *watch->topics);
    topic = &watch->topics[watch->topic_count++];
    *topic = (struct watch_topic){ .there = false };
    memcpy(topic->name, name, strlen(name) + 1);
    return topic;
}

/* -- groups ----------------------------------------------------------------------- */

static void
forget_groups(struct watch_topic *topic)
{
    for (size_t i = 0; i < topic->group_count; i++)
        free(topic->groups[i].workers);
    free(topic->groups);
    topic->groups = NULL;
    topic->group_count = 0;
}

/* A process that may not be asked is there all the same. */
static bool
is_alive(uint64_t pid)
{
    return pid > 0 && pid <= INT32_MAX && (kill((pid_t)pid, 0) == 0 || errno == EPERM);
}

/* What is told of several lanes: the oldest message of all, if each tells its time. */
static int64_t
older(int64_t a, int64_t b)
{
    if (a < 0 || b < 0)
        return -1;
    return a > b ? a : b;
}

static void
look_at_group(const struct watch *watch, const struct watch_topic *topic, const struct topic_look *look,
              struct watch_group *group)
{
    const struct slice topic_name = { topic->name, strlen(topic->name) };
    const struct slice group_name = { group->name, strlen(group->name) };

    group->known = true;
    group->workers = memory_zeroed(look->count, sizeof *group->workers);
    for (unsigned lane = 0; lane < look->count; lane++) {
        struct group_look at;
        struct fault why;

        if (group_look(watch->store, topic_name, look, group_name, lane, &at, &why) != 0) {
            watch_tell(watch, &why);
            group->known = false;
            continue;
        }
        if (at.damaged || !at.known) {
            (void)fault_set(&why, STATUS_DATA, "@%s: lane %u: the offset of the group %s is damaged", topic->name, lane,
                            group->name);
            watch_tell(watch, &why);
        }
        group->known = group->known && at.known;
        group->behind += at.behind;
        group->seconds = older(group->seconds, lag_seconds(lag_age(&at, &watch->now)));
        group->workers[lane] = is_alive(at.holder) ? at.holder : 0;
    }
}

static void
look_at_groups(const struct watch *watch, struct watch_topic *topic, const struct topic_look *look)
{
    forget_groups(topic);
    topic->groups = memory_zeroed(look->groups.count + 1, sizeof *topic->groups);
    topic->group_count = look->groups.count;
    for (size_t i = 0; i < look->groups.count; i++) {
        memcpy(topic->groups[i].name, look->groups.list[i].text, sizeof topic->groups[i].name);
        look_at_group(watch, topic, look, &topic->groups[i]);
    }
}

/* -- rates ------------------------------------------------------------------------- */

void
watch_rate(struct watch_topic *topic, int64_t steady, uint64_t messages)
{
    struct watch_mark *marks = topic->marks;

    if (topic->mark_count > 0 && messages < marks[topic->mark_count - 1].messages)
        topic->mark_count = 0;          /* it was removed, and is another one now */
    if (topic->mark_count == WATCH_MARKS)
        memmove(marks, marks + 1, (--topic->mark_count) * sizeof *marks);
    marks[topic->mark_count++] = (struct watch_mark){ steady, messages };
    topic->rate = topic->first_rate;
    if (topic->mark_count > 1 && steady > marks[0].time)
        topic->rate = (messages - marks[0].messages) * 10000 / (uint64_t)(steady - marks[0].time);
}

/* -- all of it ---------------------------------------------------------------------- */

static void
grow(struct watch_topic *topic, unsigned lanes)
{
    if (lanes <= topic->lanes)
        return;
    topic->read = memory_resize(topic->read, lanes * sizeof *topic->read);
    while (topic->lanes < lanes)
        topic->read[topic->lanes++] = 0;
}

static void
look_at_topic(struct watch *watch, const char *name)
{
    struct watch_topic *topic = find_topic(watch, name);
    struct topic_look look;
    struct fault why;
    uint64_t messages = 0;

    topic->there = true;
    if (topic_look(watch->store, (struct slice){ name, strlen(name) }, &look, &why) == 0) {
        grow(topic, look.count);
        topic->looked = look.count;
        for (unsigned lane = 0; lane < look.count; lane++)
            messages += look.lane[lane].end;
        look_at_groups(watch, topic, &look);
        watch_messages(watch, topic, &look);
        watch_rate(topic, steady_milliseconds(), messages);
    } else {
        watch_tell(watch, &why);
    }
    topic_look_free(&look);
}

/* Those that are gone are forgotten. */
static void
forget_topics(struct watch *watch)
{
    size_t kept = 0;

    for (size_t i = 0; i < watch->topic_count; i++) {
        if (watch->topics[i].there) {
            watch->topics[kept++] = watch->topics[i];
            continue;
        }
        forget_groups(&watch->topics[i]);
        free(watch->topics[i].read);
    }
    watch->topic_count = kept;
}

void
watch_topics(struct watch *watch)
{
    struct look_names names = { 0 };
    struct fault why;

    for (size_t i = 0; i < watch->topic_count; i++)
        watch->topics[i].there = false;
    if (topic_names(watch->store, &names, &why) != 0)
        watch_tell(watch, &why);
    for (size_t i = 0; i < names.count; i++)
        look_at_topic(watch, names.list[i].text);
    look_names_free(&names);
    forget_topics(watch);
    if (watch->topic_count > 1)
        qsort(watch->topics, watch->topic_count, sizeof *watch->topics, by_flow);
    watch_sort(watch);
}

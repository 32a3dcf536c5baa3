/* topic_walk.c -- every group in every lane of every topic. */
#include "service/cli.h"
#include "service/topic_walk.h"

struct walk {
    struct store *store;
    struct moment now;
    void (*visit)(void *context, const struct lag *lag);
    void *context;
    int status;
};

/* What is gone meanwhile is none of ours. */
static void
report(struct walk *walk, const struct fault *why)
{
    if (why->status != STATUS_NO_INPUT)
        walk->status = cli_report("evtopic", why);
}

int64_t
lag_age(const struct group_look *at, const struct moment *now)
{
    int64_t age;

    if (!at->known || at->behind == 0)
        return 0;
    if (!at->dated)
        return -1;
    age = moment_microseconds(now->text) - moment_microseconds(at->time.text);
    return age > 0 ? age : 0;
}

int64_t
lag_seconds(int64_t age)
{
    return age < 0 ? -1 : age / 1000000;
}

static void
visit_group(struct walk *walk, const char *topic, const struct topic_look *look, const char *group)
{
    const struct slice topic_name = { topic, strlen(topic) }, group_name = { group, strlen(group) };
    struct lag lag = { .topic = topic, .group = group, .first = true };
    struct fault why;

    for (lag.lane = 0; lag.lane < look->count; lag.lane++) {
        if (group_look(walk->store, topic_name, look, group_name, lag.lane, &lag.at, &why) != 0) {
            report(walk, &why);
            continue;
        }
        if (lag.at.damaged || !lag.at.known) {
            (void)fault_set(&why, STATUS_DATA, "@%s: lane %u: the offset of the group %s is damaged", topic, lag.lane,
                            group);
            report(walk, &why);
        } else if (lag.lane >= look->lanes && lag.at.behind == 0) {
            continue;
        }
        lag.end = look->lane[lag.lane].end;
        lag.age = lag_age(&lag.at, &walk->now);
        walk->visit(walk->context, &lag);
        lag.first = false;
    }
}

int
topic_walk(struct store *store, void (*visit)(void *context, const struct lag *lag), void *context)
{
    struct walk walk = {
        .store = store, .now = store_now(store), .visit = visit, .context = context, .status = STATUS_DONE,
    };
    struct look_names topics = { 0 };
    struct fault why;

    if (topic_names(store, &topics, &why) != 0)
        report(&walk, &why);
    for (size_t i = 0; i < topics.count; i++) {
        const char *topic = topics.list[i].text;
        struct topic_look look;

        if (topic_look(store, (struct slice){ topic, strlen(topic) }, &look, &why) != 0)
            report(&walk, &why);
        else
            for (size_t k = 0; k < look.groups.count; k++)
                visit_group(&walk, topic, &look, look.groups.list[k].text);
        topic_look_free(&look);
    }
    look_names_free(&topics);
    return walk.status;
}

/* watch.c -- a look at what is going on in a store. */
#include <stdlib.h>

#include "service/watch.h"

void
watch_tell(const struct watch *watch, const struct fault *why)
{
    if (why->status != STATUS_NO_INPUT)
        watch->tell(watch->context, why);
}

void
watch_look(struct watch *watch)
{
    watch->now = store_now(watch->store);
    watch->looks++;
    watch->sight_count = 0;
    watch_topics(watch);
    watch_stock(watch);
}

void
watch_choose(struct watch *watch, const struct watch_filter *filter)
{
    watch->filter = *filter;
    watch->message_count = 0;
    for (size_t i = 0; i < watch->topic_count; i++) {
        struct watch_topic *topic = &watch->topics[i];

        for (unsigned lane = 0; lane < topic->lanes; lane++)
            topic->read[lane] = 0;
    }
}

void
watch_free(struct watch *watch)
{
    for (size_t i = 0; i < watch->topic_count; i++) {
        struct watch_topic *topic = &watch->topics[i];

        for (size_t k = 0; k < topic->group_count; k++)
            free(topic->groups[k].workers);
        free(topic->groups);
        free(topic->read);
    }
    free(watch->topics);
    free(watch->messages);
    free(watch->sights);
}

/* ends.c -- where the lines of a service come from and go to. */
#include <stdio.h>

#include "service/ends.h"

/* The service's own topic, "@stock.available". */
static const char *
own_topic(const struct service *service, struct ends *ends)
{
    struct slice type = message_type_name(service->reads);

    (void)snprintf(ends->own, sizeof ends->own, "@%.*s", (int)type.length, type.at);
    return ends->own;
}

static int
open_sinks(struct ends *ends, struct store *store, const struct service_ends *wanted, struct fault *why)
{
    const char *output = wanted->mode == SERVICE_ONCE ? "-" : SINK_BY_TYPE;

    if (wanted->output != NULL)
        output = wanted->output;
    ends->by_type = strcmp(output, SINK_BY_TYPE) == 0;
    if (sink_open(&ends->output, output, store, why) != 0)
        return -1;
    if (wanted->refused != NULL && sink_open(&ends->refused, wanted->refused, store, why) != 0)
        return -1;
    if (wanted->dead != NULL && sink_open(&ends->dead, wanted->dead, store, why) != 0)
        return -1;
    return wanted->receipts ? sink_open(&ends->receipts, "-", NULL, why) : 0;
}

/* Nothing is read and written at once; a topic is known by its name before it is opened. */
static int
check_apart(const struct ends *ends, int file, struct fault *why)
{
    if (sink_is(ends->output, ends->input, file) || sink_is(ends->refused, ends->input, file)
        || sink_is(ends->dead, ends->input, file))
        return fault_set(why, STATUS_USAGE, "%s: would be read and written at once", ends->input);
    return 0;
}

int
ends_open(struct ends *ends, const struct service *service, struct store *store,
          const struct service_ends *wanted, struct fault *why)
{
    const struct source_setting setting = {
        .command = service->name,
        .group = wanted->group != NULL ? wanted->group : service->name,
        .wait = wanted->mode == SERVICE_SERVE,
    };

    ends->input = wanted->input;
    if (ends->input == NULL)
        ends->input = wanted->mode == SERVICE_ONCE ? "-" : own_topic(service, ends);
    if (wanted->mode == SERVICE_ONCE && source_check(ends->input, store, why) != 0)
        return -1;
    if (open_sinks(ends, store, wanted, why) != 0 || check_apart(ends, -1, why) != 0
        || source_open(&ends->source, ends->input, store, &setting, why) != 0)
        return -1;
    return check_apart(ends, source_file(ends->source), why);
}

const char *
ends_no_way_on(const struct ends *ends, const struct line *line)
{
    struct slice type, from = { ends->input + 1, strlen(ends->input + 1) };
    struct arena arena = { 0 };
    const char *reason = NULL;

    if (!ends->by_type)
        return NULL;
    type = topic_line_read(line->text, &arena).type;
    if (!topic_name_valid(type))
        reason = "type: no topic can have this name";
    else if (slice_equal(type, topic_name_resolve(from)))
        reason = "type: would come back to the topic it is from";
    arena_reset(&arena);
    return reason;
}

int
ends_write(struct ends *ends, struct fault *why)
{
    if (sink_write(ends->output, -1, why) != 0)
        return -1;
    if (ends->refused != NULL && sink_write(ends->refused, -1, why) != 0)
        return -1;
    if (ends->receipts == NULL)
        return 0;
    return sink_settle(ends->output, why) == 0 ? sink_write(ends->receipts, -1, why) : -1;
}

int
ends_settle(struct ends *ends, struct fault *why)
{
    if (sink_settle(ends->output, why) != 0
        || (ends->refused != NULL && sink_settle(ends->refused, why) != 0))
        return -1;
    return ends->receipts != NULL ? sink_settle(ends->receipts, why) : 0;
}

void
ends_close(struct ends *ends)
{
    source_close(ends->source);
    sink_close(ends->output);
    sink_close(ends->refused);
    sink_close(ends->dead);
    sink_close(ends->receipts);
}

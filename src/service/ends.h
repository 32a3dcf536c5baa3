/*
 * ends.h -- where the lines of a service come from and go to, opened.
 */
#ifndef ENDS_H
#define ENDS_H

#include "domain/topic_name.h"
#include "service/service.h"
#include "service/sink.h"
#include "service/source.h"

struct ends {
    const char *input;          /* its name */
    char own[TOPIC_NAME_MAX + 2];       /* "@" and the name of the service's own topic */
    struct source *source;
    struct sink *output;
    struct sink *refused, *dead, *receipts;     /* or NULL */
    bool by_type;               /* the output is topics, by the type of each message */
};

/*
 * Open them: destinations first, the source last; a missing source is noticed before.
 * `store` is borrowed.  ends_close() also after a failure.  STATUS_NO_INPUT,
 * STATUS_USAGE (read and written at once), and as source_open() and sink_open().
 */
int ends_open(struct ends *ends, const struct service *service, struct store *store,
              const struct service_ends *wanted, struct fault *why);

/* Why a message that is passed on cannot go to the topic of its type; NULL if it can. */
const char *ends_no_way_on(const struct ends *ends, const struct line *line);

/* Write what was gathered; receipts when the output is on disk.  STATUS_IO. */
int ends_write(struct ends *ends, struct fault *why);

/* Wait until all that was written is on disk.  STATUS_IO. */
int ends_settle(struct ends *ends, struct fault *why);

void ends_close(struct ends *ends);

#endif

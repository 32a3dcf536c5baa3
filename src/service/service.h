/*
 * service.h -- the loop that every command with a stream of lines shares.
 *
 * A batch goes one way: read, decide, make durable, publish.
 *
 *     take what is waiting; read each line, or put it aside;
 *     hold the streams that the lines are about;
 *     hand each line to the handler, in order;
 *     commit; then write what the handlers answered.
 *
 * A line that the service does not read passes through untouched, in its place.
 */
#ifndef SERVICE_H
#define SERVICE_H

#include "domain/message.h"
#include "service/cli.h"
#include "store/journal.h"
#include "store/store.h"

/* What a handler made of a message. */
enum handled {
    HANDLED,                    /* done, and answered */
    HANDLED_BAD,                /* *why says why it is put aside */
    HANDLED_ALONE,              /* give it again, alone, with its stream held: desk->held */
    HANDLED_STOP,               /* the command cannot go on: *why */
};

/* What a handler needs of the message's product. */
enum needs {
    NEEDS_NOTHING,
    NEEDS_TO_KNOW,              /* its state, caught up */
    NEEDS_TO_HOLD,              /* to append, if it exists */
    NEEDS_TO_BEGIN,             /* to append, whether it exists or not */
};

/* What a handler works with: good for one message. */
struct desk {
    struct store *store;
    struct journal *journal;    /* the product's; caught up unless NEEDS_NOTHING */
    struct journal *orders;     /* held if the service keeps results, else NULL */
    bool held;                  /* the product's journal may be appended to */
    struct moment now;          /* the same for a whole batch */
    const void *setting;        /* the service's own */
    const char *name;
    struct buffer *answers;
    struct buffer *refusals;
    struct buffer *receipts;    /* told when the answers are on disk; or NULL */
};

struct service {
    const char *name;
    enum needs needs;
    bool keeps_results;         /* holds the orders as well */
    bool trusts_nobody;         /* waits until what it reads of a topic is on disk, before it speaks */
    enum message_type reads;    /* its own topic is named by it */
    const void *setting;
    /* Read a line: 0, with TYPE_OTHER for one that passes through; or -1 and STATUS_DATA. */
    int (*read)(struct slice line, struct arena *arena, struct message *out, struct fault *why);
    enum handled (*handle)(struct desk *desk, const struct message *in, struct fault *why);
};

/* Write a message to the service's output, or to where refusals go. */
void desk_answer(struct desk *desk, const struct message *message);
void desk_refuse(struct desk *desk, const struct message *message);

/* A message about the one that was read: same request, product, quantity; type, cause and time given. */
struct message desk_reply(const struct desk *desk, const struct message *in, enum message_type type);

/* Until when a service reads. */
enum service_mode {
    SERVICE_ONCE,               /* to the end of its input */
    SERVICE_DRAIN,              /* its topics, to the end of what is there */
    SERVICE_SERVE,              /* its topics, until it is told to stop */
};

/* Where the lines come from and go to; NULL for the default. */
struct service_ends {
    const char *input, *output, *refused, *dead, *group;
    enum service_mode mode;
    bool receipts;              /* to standard output, when the output is on disk */
};

/* If it is a dry run only standard output is written, and no topic is read: anything else is misuse. */
void service_check_dry(const struct cli *cli, const struct service_ends *ends);

/*
 * Run a service over its input.  Returns the exit status: STATUS_DATA if a line
 * was put aside, unless it was serving.
 */
int service_run(const struct service *service, const struct cli *cli, enum store_use use,
                const struct service_ends *ends);

/* The whole main() of a service that reads messages of one type. */
int service_main(const struct service *service, const char *purpose, enum store_use use, bool refuses,
                 int argc, char *argv[]);

#endif

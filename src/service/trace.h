/*
 * trace.h -- what a store knows of requests, joined by cause.
 *
 * A book is about certain requests.  trace_read() fills it: each message, event, result and
 * dead letter of a request is a step; a step of the same message found again is one more
 * place of it.  Then each step knows its cause, and each purchase how it stands.
 *
 * Order        Results are read first, then orders, topics from their last to their first,
 *              journals at the end: who tells of something is mostly read before what he
 *              tells of.  Others go on meanwhile.
 * Memory       grows with the number of requests in the book, not with what is read.
 * Text         Slices are as they were in their lines: printers make them harmless.
 */
#ifndef TRACE_H
#define TRACE_H

#include "domain/request_set.h"
#include "domain/result.h"
#include "store/history.h"
#include "store/topic_look.h"

enum step_kind {
    STEP_MESSAGE,               /* or an event */
    STEP_RESULT,
    STEP_LETTER,                /* something was put aside */
    STEP_OTHER,                 /* a line that has the UUID, and is no message of ours */
};

/* Where a step is. */
struct step_place {
    struct slice text;          /* "@stock.available/3:17", "journal/x.ndjson:18" */
    struct slice topic;         /* if it is in one, else empty */
    unsigned lane;
    uint64_t offset;
};

#define NO_STEP SIZE_MAX

struct step {
    enum step_kind kind;
    struct message message;     /* STEP_MESSAGE, STEP_RESULT: all; STEP_LETTER: of what was put aside, if it is one */
    struct slice type, source, time;    /* for people; empty where they are not known */
    struct slice reason;        /* STEP_LETTER, STEP_OTHER: what was wrong, escaped */
    enum message_type cause;
    struct slice origin;        /* STEP_LETTER: the place in a topic where it was read, or empty */
    struct slice moment;        /* its time, or that of the first that it caused, if that is not known */
    bool created;               /* STEP_RESULT */
    bool torn, redriven;        /* STEP_LETTER: the end of a journal; sent again meanwhile */
    bool recorded;              /* it is an event: in a journal, or among the orders */
    bool missing;               /* only others tell of it: it went through a pipe */
    struct step_place *places;
    size_t place_count, place_room;
    size_t parent;              /* its cause, or NO_STEP */
};

/* How a purchase stands. */
enum stand {
    STAND_CREATED,
    STAND_FAILED,
    STAND_TAKEN_BACK,
    STAND_CHANGED,              /* it is no purchase: goods in or out */
    STAND_ASIDE,                /* not finished: put aside, */
    STAND_WAITING,              /* in a topic, */
    STAND_SOLD,                 /* sold, without its order, */
    STAND_LOST,                 /* gone on into a pipe */
};

enum wait {
    WAIT_UNREAD,                /* the topic has no group */
    WAIT_BEHIND,                /* it is not read yet: `before` come first */
    WAIT_PASSED,                /* it was read */
    WAIT_UNKNOWN,               /* where the group is cannot be told */
};

struct waiting {
    const struct step_place *place;
    enum wait wait;
    struct slice group;
    uint64_t before;
};

/* What was taken from a product. */
enum { TAKEN_SHOWN = 5 };

struct taking {
    char request[UUID_LENGTH + 1];
    enum message_type type;
    uint64_t number, quantity;
    struct moment time;
};

struct takings {
    struct taking last[TAKEN_SHOWN];    /* the latest of them, in order */
    size_t count;               /* of `last` */
    uint64_t events, pieces;    /* all of them */
};

/* Why a purchase was decided as it was; trace_explain(). */
struct grounds {
    bool known;                 /* the decision was met in the journal */
    bool checked;               /* what the check saw is told: */
    uint64_t check_sequence, check_available;
    struct product before;      /* the state when the decision was recorded */
    struct takings between;     /* behind the check, before that */
    struct takings earlier;     /* up to the check, or all if it is not told */
};

/* A purchase, or a change of stock: a request of a product and quantity. */
struct purchase {
    struct slice product;
    uint64_t quantity;
    enum stand stand;
    size_t check;               /* steps, or NO_STEP: the answer to the check, */
    size_t decision;            /* the sale or refusal in the journal, */
    size_t refusal;             /* whatever tells of a refusal, */
    size_t order, result, back; /* the order, the result, the event that took the sale back, */
    size_t front;               /* the message that it waits as, the letter it was put aside by, or its change */
    struct waiting *waiting;
    size_t waiting_count, waiting_room;
    struct grounds *grounds;    /* or NULL: nothing was decided, or trace_explain() was not called */
};

/* A step in the order of the tree. */
struct tree_line {
    size_t step;
    unsigned depth;
    bool last;                  /* of those with its cause */
};

struct trace {
    struct slice request;
    struct step *steps;
    size_t count, room;
    struct tree_line *tree;     /* all steps */
    struct purchase *purchases;
    size_t purchase_count, purchase_room;
};

struct trace_topic {
    struct slice name;
    struct topic_look look;
    bool known;
};

struct trace_book {
    struct store *store;
    size_t jobs;
    struct slice product;       /* whose requests they all are, if that is known, or empty */
    struct request_set set;     /* the requests that it is about */
    struct trace *traces;       /* in the order of the set */
    struct arena arena;
    struct trace_topic *topics;
    size_t topic_count, topic_room;
    bool quiet;                 /* what is to be told was told before */
    int status;                 /* the worst of what was told */
};

/* Fill the book; its store, set, product, jobs and quiet are given.  What cannot be read is told on standard error. */
void trace_read(struct trace_book *book);

/* Add to each purchase why it was decided so. */
void trace_explain(struct trace_book *book);

/* All but the store. */
void trace_free(struct trace_book *book);

/*
 * Put the requests of the book's product into the set: those decided, in the order of its journal, then
 * the others in the order they are found.  Told as above.
 */
void trace_requests(struct trace_book *book);

/* Milliseconds from the cause, in microseconds: false if one of the times is not known. */
bool trace_delay(const struct trace *trace, const struct step *step, int64_t *microseconds);

/* Tell why something is not known, and keep the worst status; of these two. */
void trace_tell(struct trace_book *book, const struct fault *why);

/* -- between its files ----------------------------------------------------------- */

/* memory_room() that begins with as many as there mostly are: there may be many requests. */
void *trace_room(void *list, size_t count, size_t *room, size_t size, size_t first);

/* trace_book.c: a step is added, or found, and its strings are kept. */
struct step *trace_add(struct trace_book *book, size_t number, const struct step *step);
void trace_add_place(struct trace_book *book, struct step *step, const struct step_place *place);
struct slice trace_file_place(struct trace_book *book, const char *file, uint64_t line);

/* A line of ours, and what it is, in whatever it stands. */
bool trace_read_line(struct slice line, enum message_form form, struct arena *arena, struct step *out,
                     struct fault *why);

/* trace_results.c, trace_topics.c, trace_letters.c, trace_journals.c: what each has. */
void trace_read_results(struct trace_book *book);
void trace_read_topics(struct trace_book *book);
void trace_find_in_topics(struct trace_book *book, struct slice product);
void trace_read_letters(struct trace_book *book);
void trace_read_orders(struct trace_book *book);
void trace_read_journals(struct trace_book *book);

/* trace_tree.c: who caused whom, and the order of that.  trace_stand.c: how each purchase stands. */
void trace_link(struct trace_book *book, struct trace *trace);
void trace_judge(struct trace_book *book, struct trace *trace);

#endif

/*
 * audit_file.h -- an audit of a store that is a directory, as its own modules see it.
 *
 *     audit_file.c      the order of things, and what is told
 *     audit_results.c   results, files and packs
 *     audit_streams.c   a stream's file; the orders
 *     audit_products.c  products' streams
 *     audit_judge.c     what a request's events, order and result mean together
 *     audit_topics.c    topics, lanes, dead letters
 *     audit_groups.c    offsets
 *     audit_repair.c    making again what is derived
 *     audit_mark.c, audit_mark_lanes.c, audit_mark_write.c     the point up to which all was well
 */
#ifndef AUDIT_FILE_H
#define AUDIT_FILE_H

#include <pthread.h>

#include "domain/topic_name.h"
#include "store/audit.h"
#include "store/file/pack_file.h"
#include "store/file/requests.h"
#include "store/file/segment.h"
#include "store/file/store_file.h"
#include "store/history.h"

#define NO_STREAM UINT32_MAX

/* What the store tells of a request. */
struct purchase {
    uint64_t result;            /* XXH3 of the line that counts */
    uint64_t result_line;       /* of its pack; 0 for a file of its own */
    uint64_t order_line;        /* 0 for no order */
    uint64_t order_quantity;
    uint64_t order_product;     /* XXH3 of its ID */
    uint64_t sale_line, refusal_line;       /* of the order's sale, or any; of the earliest refusal */
    uint32_t sale_stream, refusal_stream;   /* or NO_STREAM */
    int64_t time;               /* of the earliest refusal */
    uint32_t open_sales, taken_back;
    uint32_t refusals;
    bool has_result;
    bool created;               /* the result tells of an order */
    bool foreign;               /* what stands there is no result of this request */
    bool order_sold;            /* the order's sale is there */
    bool order_taken_back;      /* it is, but was taken back */
    bool agrees;                /* the result is that of an event */
    bool open;                  /* something of it is unfinished */
    bool remake;                /* its result is wrong or missing */
};

/* Where an earlier audit left a file: to be read on from there, and how it was at its end then. */
struct marked {
    struct replay from;
    uint64_t seen_line, seen_bytes, seen_chain;
};

/* A stream and what was found in it. */
struct stream {
    struct slice product;       /* empty for the orders */
    struct marked marked;
    struct replay end;          /* read up to here */
    bool there, damaged;
    uint64_t torn;              /* bytes of a last line without its end */
    bool open;                  /* an event of it is of something unfinished */
    struct buffer told;         /* violations: a digit for the promise, the text, a newline */
};

struct audited_pack {
    uint64_t lines, bytes;
    bool damaged;               /* a line is no result of it */
    struct buffer told;
};

/* A group in a lane whose offset is damaged or out of range. */
struct bad_offset {
    char topic[TOPIC_NAME_MAX + 1], group[TOPIC_NAME_MAX + 1];
    unsigned lane;
    bool kept;                  /* it is the lock's record; the durable one is good */
    bool lost;                  /* nothing else tells where the group is */
};

struct mark;
struct mark_lane;

struct audit {
    struct store *store;
    struct audit_setting setting;
    struct audit_counts counts;
    struct mark *mark;          /* what an earlier audit left, or NULL */
    bool again;                 /* the mark is not enough: read everything */
    bool open_across;           /* something unfinished has events in several streams */
    struct requests requests;
    struct purchase *purchases; /* by the numbers of `requests` */
    size_t room;
    struct history_products products;
    struct stream *streams;     /* by the products' order */
    struct stream orders;
    struct audited_pack packs[PACK_COUNT];
    struct buffer told;         /* as a stream's */
    struct buffer witness;      /* the same, of what the mark tells of */
    struct mark_lane *lanes;    /* that have messages, for the mark */
    size_t lane_count, lane_room;
    struct request *stock;      /* requests that changed stock, for the mark */
    size_t stock_count, stock_room;
    uint64_t files, packed;     /* results in either form */
    pthread_mutex_t lock;       /* of what several threads add to */
    uint64_t done;              /* streams read, for who watches */
    bool failed;                /* `why` says how */
    struct fault why;
    struct bad_offset *offsets;
    size_t offset_count, offset_room;
};

/* Tell of a violation, in a buffer that is emptied at the end. */
void audit_tell(struct buffer *told, enum promise promise, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Several threads: the first fault stays. */
void audit_fail(struct audit *audit, const struct fault *why);

/* What is known of a request; made if there is nothing; until the next call. */
struct purchase *audit_purchase(struct audit *audit, const struct request *request);

/* Each step, in this order.  STATUS_IO. */
int audit_results(struct audit *audit, struct fault *why);
int audit_orders(struct audit *audit, struct fault *why);
int audit_streams(struct audit *audit, struct fault *why);
void audit_judge(struct audit *audit);
int audit_topics(struct audit *audit, struct fault *why);

/* Is something of this request unfinished?  Once all was judged. */
bool audit_is_open(const struct audit *audit, const struct request *request);

/* XXH3 of the result that an event makes. */
uint64_t audit_result_of(const struct message *event, struct buffer *line);

/* Is this whole line a result that belongs into this pack, as far as it can tell by itself? */
bool audit_pack_line(unsigned pack, struct slice line, struct slice *request, bool *created);

/* -- the mark ---------------------------------------------------------------- */

/* STATUS_DATA if the file is none of ours; one that is damaged is told of and counts as none.  STATUS_IO. */
int mark_load(struct audit *audit, struct fault *why);
void mark_free(struct audit *audit);

/* Was this request settled when the mark was made? */
bool mark_settled(const struct mark *mark, const struct request *request);

/* Count what was settled when the mark was made, too. */
void mark_count(struct audit *audit);

/* Streams that it tells of and that are not there any more. */
void mark_missing(struct audit *audit);

/* A request that changed stock is settled, unless it is a purchase's, too, which is not. */
void mark_stock(struct audit *audit, const struct request *request);

/* The first message of the segment that was a lane's last, 0 if it is new. */
uint64_t mark_lane(const struct mark *mark, struct slice topic, unsigned lane);

/* A lane with a segment or more, and so many messages that it had ever; to be kept, and held against the mark. */
void mark_lane_seen(struct audit *audit, struct slice topic, unsigned lane, const struct segments *segments,
                    uint64_t end);
void mark_lanes(struct audit *audit);

/* Where a stream was left, by its name within the store; all zeros if it is new. */
struct marked mark_of(const struct mark *mark, const char *name);

#endif

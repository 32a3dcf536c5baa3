/* audit_streams.c -- a stream's file: whole, and what the mark tells of still there; the orders. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/text.h"
#include "domain/result.h"
#include "store/file/audit_stream.h"

/* -- a stream's file ---------------------------------------------------------- */

/* What a mark tells of is not there.  That is told, and then everything is read. */
static void
tell_witness(struct reading *reading, uint64_t line, const char *what)
{
    struct audit *audit = reading->audit;

    (void)pthread_mutex_lock(&audit->lock);
    audit_tell(&audit->witness, PROMISE_DURABLE, "%s:%llu: %s", store_path(audit->store, reading->name),
               (unsigned long long)line, what);
    audit->again = true;
    (void)pthread_mutex_unlock(&audit->lock);
}

/* Is the stream at least as long as it was, and goes on from the line that the mark ends with?  1, 0 or -1. */
static int
goes_on(struct reading *reading, int fd, uint64_t size, struct fault *why)
{
    const struct marked *marked = &reading->stream->marked;
    const uint64_t offset = marked->from.offset;
    uint64_t sum = 0;
    int found = size < marked->seen_bytes ? 0 : replay_sum_before(fd, offset, &sum);

    if (found < 0)
        return fault_system(why, STATUS_IO, "%s", store_path(reading->audit->store, reading->name));
    if (size < marked->seen_bytes)
        tell_witness(reading, marked->seen_line, "was there when the mark was made: lines are missing");
    else if (found == 0 || sum != marked->from.chain)
        tell_witness(reading, marked->from.line, "is not what it was when the mark was made");
    else
        return 1;
    return 0;
}

/* That is broken where the stream itself is. */
static enum promise
promise_of(const struct reading *reading)
{
    return reading->stream->product.length == 0 ? PROMISE_ONE_OUTCOME : PROMISE_NOT_OVERSOLD;
}

static int
tell_damage(void *context, const struct replay *replay, struct fault *why)
{
    struct reading *reading = context;

    TELL(reading, promise_of(reading), replay->line, "%s", why->text);
    reading->stream->damaged = true;
    return 0;
}

/* Open it: 1, or 0 if it is missing or no stream, which is told. */
static int
open_stream(struct reading *reading, int *fd, uint64_t *size, struct fault *why)
{
    struct audit *audit = reading->audit;
    struct stat status;

    *fd = store_open_file(audit->store, reading->name, O_RDONLY);
    if (*fd < 0 && errno == ENOENT) {
        if (reading->stream->marked.seen_line > 0)
            tell_witness(reading, reading->stream->marked.seen_line, "was there when the mark was made: the file is missing");
        return 0;
    }
    if (*fd < 0)
        (void)store_open_fault(audit->store, reading->name, why);
    else if (fstat(*fd, &status) != 0)
        (void)fault_system(why, STATUS_IO, "%s", store_path(audit->store, reading->name));
    else if (!S_ISREG(status.st_mode))
        (void)fault_set(why, STATUS_DATA, "%s: not a regular file", store_path(audit->store, reading->name));
    else {
        *size = (uint64_t)status.st_size;
        return 1;
    }
    io_close(fd);
    if (why->status != STATUS_DATA)
        return -1;
    audit_tell(&reading->stream->told, promise_of(reading), "%s", why->text);
    reading->stream->damaged = true;
    return 0;
}

int
stream_read(struct reading *reading, replay_visit *visit, struct fault *why)
{
    struct stream *stream = reading->stream;
    uint64_t size = 0;
    int fd, result;

    stream->marked = mark_of(reading->audit->mark, reading->name);
    stream->marked.from.product = stream->product;
    stream->end = stream->marked.from;
    result = open_stream(reading, &fd, &size, why);
    if (result <= 0)
        return result;
    result = goes_on(reading, fd, size, why);
    if (result <= 0) {
        io_close(&fd);
        return result;
    }
    reading->reader = (struct replay_reader){ .visit = visit, .damage = tell_damage, .context = reading };
    result = replay_file(&stream->end, &reading->reader, fd, size, why);
    if (result != 0)
        (void)fault_at(why, "%s", store_path(reading->audit->store, reading->name));
    stream->there = stream->end.offset > 0;
    stream->torn = size - stream->end.offset;
    buffer_free(&reading->reader.buffer);
    io_close(&fd);
    return result;
}

/* The sum at the place where the mark saw the end is still the one it saw. */
static void
check_seen(struct reading *reading, const struct replay *replay)
{
    const struct marked *marked = &reading->stream->marked;

    if (replay->line == marked->seen_line && replay->chain != marked->seen_chain)
        tell_witness(reading, replay->line, "is not what it was when the mark was made");
}

bool
stream_settled(struct reading *reading, const struct replay *replay, const struct request *request)
{
    struct audit *audit = reading->audit;

    check_seen(reading, replay);
    if (!mark_settled(audit->mark, request))
        return false;
    if (replay->line > reading->stream->marked.seen_line) {
        (void)pthread_mutex_lock(&audit->lock);
        audit->again = true;
        (void)pthread_mutex_unlock(&audit->lock);
    }
    return true;
}

/* -- orders ------------------------------------------------------------------- */

static int
visit_order(void *context, const struct replay *replay, struct slice line, const struct message *event,
            struct fault *why)
{
    struct reading *reading = context;
    struct audit *audit = reading->audit;
    struct request request = request_of(event->request);
    struct purchase *purchase;
    char order[UUID_LENGTH + 1];

    (void)line;
    (void)why;
    if (stream_settled(reading, replay, &request))
        return 0;
    result_order(event->request, order);
    if (memcmp(event->order.at, order, UUID_LENGTH) != 0)
        TELL(reading, PROMISE_ONE_OUTCOME, replay->line, "order: not the one of this request (%s)", order);
    purchase = audit_purchase(audit, &request);
    if (purchase->order_line > 0) {
        TELL(reading, PROMISE_ONE_PURCHASE, replay->line, "a second order of the request, after line %llu",
             (unsigned long long)purchase->order_line);
        return 0;
    }
    purchase->order_line = replay->line;
    purchase->order_quantity = event->quantity;
    purchase->order_product = XXH3_64bits(event->product.at, event->product.length);
    return 0;
}

int
audit_orders(struct audit *audit, struct fault *why)
{
    struct reading reading = { .audit = audit, .stream = &audit->orders, .name = "orders.ndjson" };

    if (stream_read(&reading, visit_order, why) != 0)
        return -1;
    audit->counts.orders = audit->orders.end.state.sequence;
    return history_products(audit->store, &audit->products, why);
}

/*
 * audit_streams.c -- orders and products' streams: whole, and each request once.
 *
 * The streams are read by several threads, each stream by one.  What a stream tells of
 * its requests is gathered while it is read and added to what is known of them at its
 * end, when it is clear which sales were taken back.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <xxhash.h>

#include "base/pool.h"
#include "base/text.h"
#include "domain/result.h"
#include "store/file/audit_file.h"

/* What one stream tells of a request. */
struct sighting {
    unsigned types;             /* of its events, a set */
    uint64_t quantity, line;    /* of its outcome */
    uint64_t result;            /* that this outcome makes */
    int64_t time;
    bool taken_back;
};

enum { SUM_END = 16 + 3 };      /* bytes from the first digit of a line's sum on: "} and the newline behind it */

struct reading {
    struct audit *audit;
    struct stream *stream;
    const char *name;           /* of the file, within the store */
    struct requests requests;
    struct sighting *sightings; /* by number */
    size_t room;
    struct buffer line;
    struct replay_reader reader;
};

#define TELL(reading, promise, number, format, ...)                                                   \
    audit_tell(&(reading)->stream->told, (promise), "%s:%llu: " format,                               \
               store_path((reading)->audit->store, (reading)->name), (unsigned long long)(number), __VA_ARGS__)

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

/* Is the stream at least as long as it was, and goes on from the line that the mark ends with? */
static bool
goes_on(struct reading *reading, int fd, uint64_t size)
{
    const struct marked *marked = &reading->stream->marked;
    const uint64_t offset = marked->from.offset;
    char found[SUM_END], expected[16 + 1];

    (void)snprintf(expected, sizeof expected, "%016llx", (unsigned long long)marked->from.chain);
    if (size < marked->seen_bytes)
        tell_witness(reading, marked->seen_line, "was there when the mark was made: lines are missing");
    else if (offset > 0 && (io_pread(fd, found, sizeof found, (off_t)(offset - sizeof found)) != sizeof found
                            || memcmp(found, expected, 16) != 0))
        tell_witness(reading, marked->from.line, "is not what it was when the mark was made");
    else
        return true;
    return false;
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

static int
read_stream(struct reading *reading, replay_visit *visit, struct fault *why)
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
    if (!goes_on(reading, fd, size)) {
        io_close(&fd);
        return 0;
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

/*
 * Is the event's request one that was settled when the mark was made?  Then its events
 * up to there are known, and one behind that makes us read everything.
 */
static bool
is_settled(struct reading *reading, const struct replay *replay, const struct request *request)
{
    struct audit *audit = reading->audit;

    if (!mark_settled(audit->mark, request))
        return false;
    if (replay->line > reading->stream->marked.seen_line) {
        (void)pthread_mutex_lock(&audit->lock);
        audit->again = true;
        (void)pthread_mutex_unlock(&audit->lock);
    }
    return true;
}

/* The sum at the place where the mark saw the end is still the one it saw. */
static void
check_seen(struct reading *reading, const struct replay *replay)
{
    const struct marked *marked = &reading->stream->marked;

    if (replay->line == marked->seen_line && replay->chain != marked->seen_chain)
        tell_witness(reading, replay->line, "is not what it was when the mark was made");
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
    check_seen(reading, replay);
    if (is_settled(reading, replay, &request))
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

    if (read_stream(&reading, visit_order, why) != 0)
        return -1;
    audit->counts.orders = audit->orders.end.state.sequence;
    return history_products(audit->store, &audit->products, why);
}

/* -- products ----------------------------------------------------------------- */

static struct sighting *
sight(struct reading *reading, const struct request *request)
{
    size_t count = reading->requests.count;
    size_t number = requests_number(&reading->requests, request);

    if (number == count) {
        reading->sightings = memory_room(reading->sightings, count, &reading->room, sizeof *reading->sightings);
        reading->sightings[number] = (struct sighting){ .types = 0 };
    }
    return &reading->sightings[number];
}

/* What may not stand beside what there was before; NULL if it may. */
static const char *
contradicts(const struct sighting *seen, const struct message *event)
{
    const unsigned bit = TYPE_BIT(event->type);
    const bool returned = event->type == STOCK_RETURNED && (seen->types & TYPE_BIT(STOCK_SOLD)) != 0;

    if ((seen->types & bit) != 0)
        return "id: occurs a second time";
    if ((bit & TYPES_OUTCOME) != 0 && (seen->types & TYPES_OUTCOME) != 0)
        return "a second outcome: sold and refused";
    if ((bit & TYPES_OUTCOME) != 0 && (seen->types & TYPES_STOCK) != 0)
        return "an outcome of a request that changed the stock";
    if ((bit & TYPES_STOCK) != 0 && (seen->types & TYPES_OUTCOME) != 0 && !returned)
        return "a change of stock by the request of a purchase";
    if (returned && event->quantity != seen->quantity)
        return "takes back another quantity than was sold";
    return NULL;
}

static int
visit_event(void *context, const struct replay *replay, struct slice line, const struct message *event,
            struct fault *why)
{
    struct reading *reading = context;
    struct request request = request_of(event->request);
    struct sighting *seen;
    const char *wrong;

    (void)line;
    (void)why;
    check_seen(reading, replay);
    if (is_settled(reading, replay, &request))
        return 0;
    seen = sight(reading, &request);
    wrong = contradicts(seen, event);
    if (wrong != NULL) {
        TELL(reading, PROMISE_ONE_OUTCOME, replay->line, "%s (request %.*s)", wrong, UUID_LENGTH, event->request.at);
        return 0;
    }
    seen->taken_back = seen->taken_back || (event->type == STOCK_RETURNED && seen->types != 0);
    seen->types |= TYPE_BIT(event->type);
    if ((TYPE_BIT(event->type) & TYPES_OUTCOME) == 0)
        return 0;
    seen->quantity = event->quantity;
    seen->line = replay->line;
    seen->time = moment_microseconds(event->time.at);
    seen->result = audit_result_of(event, &reading->line);
    return 0;
}

static void
tell_waiting(struct reading *reading, const struct sighting *seen, const struct request *request)
{
    char uuid[UUID_LENGTH + 1];

    reading->audit->counts.unfinished++;
    if (!reading->audit->setting.strict)
        return;
    request_text(request, uuid);
    TELL(reading, PROMISE_ONE_OUTCOME, seen->line, "sold, but neither ordered nor taken back yet (request %s)", uuid);
}

/* The sale of the order's purchase counts; any other has to be taken back. */
static void
add_sale(struct reading *reading, const struct sighting *seen, const struct request *request, uint32_t stream)
{
    const struct slice product = reading->stream->product;
    struct purchase *purchase = audit_purchase(reading->audit, request);
    const bool ordered = purchase->order_line > 0 && purchase->order_quantity == seen->quantity
        && purchase->order_product == XXH3_64bits(product.at, product.length);

    if (seen->taken_back) {
        purchase->taken_back++;
        purchase->order_taken_back = purchase->order_taken_back || ordered;
        return;
    }
    purchase->open_sales++;
    if (ordered || !purchase->order_sold) {
        purchase->sale_stream = stream;
        purchase->sale_line = seen->line;
    }
    purchase->order_sold = purchase->order_sold || ordered;
    if (ordered)
        purchase->agrees = purchase->has_result && purchase->result == seen->result;
    else
        tell_waiting(reading, seen, request);
}

static void
add_refusal(struct purchase *purchase, const struct sighting *seen, uint32_t stream)
{
    const bool earlier = purchase->refusals == 0 || seen->time < purchase->time
        || (seen->time == purchase->time && stream < purchase->refusal_stream);

    purchase->refusals++;
    if (purchase->order_line == 0 && purchase->has_result && purchase->result == seen->result)
        purchase->agrees = true;
    if (!earlier)
        return;
    purchase->time = seen->time;
    purchase->refusal_stream = stream;
    purchase->refusal_line = seen->line;
}

/* What the stream tells of its requests is added to what is known of them, one stream at a time. */
static void
add_stream(struct reading *reading, uint32_t number)
{
    struct audit *audit = reading->audit;
    const struct stream *stream = reading->stream;

    (void)pthread_mutex_lock(&audit->lock);
    for (size_t i = 0; i < reading->requests.count; i++) {
        const struct sighting *seen = &reading->sightings[i];

        if ((seen->types & TYPES_OUTCOME) == 0) {
            mark_stock(audit, &reading->requests.list[i]);
            continue;
        }
        if ((seen->types & TYPE_BIT(STOCK_SOLD)) != 0)
            add_sale(reading, seen, &reading->requests.list[i], number);
        else
            add_refusal(audit_purchase(audit, &reading->requests.list[i]), seen, number);
        audit->counts.sold += (seen->types & TYPE_BIT(STOCK_SOLD)) != 0;
        audit->counts.refused += (seen->types & TYPE_BIT(PURCHASE_REFUSED)) != 0;
        audit->counts.taken_back += seen->taken_back;
    }
    audit->counts.journals += stream->there;
    audit->counts.events += stream->end.state.sequence;
    audit->done++;
    audit->setting.progress(audit->setting.context, "journals", audit->done, audit->products.count);
    (void)pthread_mutex_unlock(&audit->lock);
}

static void
read_product(void *context, size_t i)
{
    struct audit *audit = context;
    struct stream *stream = &audit->streams[i];
    char name[NAME_MAX_BYTES];
    struct reading reading = { .audit = audit, .stream = stream, .name = name };
    struct fault why;

    stream->product = audit->products.products[i];
    name_of_product(stream->product, name);
    if (read_stream(&reading, visit_event, &why) != 0)
        audit_fail(audit, &why);
    add_stream(&reading, (uint32_t)i);
    requests_free(&reading.requests);
    free(reading.sightings);
    buffer_free(&reading.line);
}

static void
tell_strangers(struct audit *audit)
{
    const struct buffer *strangers = &audit->products.strangers;
    const char *at = strangers->at, *end = at + strangers->length;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));

        audit_tell(&audit->told, PROMISE_NOT_OVERSOLD, "%.*s: not a journal's name", (int)(newline - at), at);
        at = newline + 1;
    }
}

int
audit_streams(struct audit *audit, struct fault *why)
{
    tell_strangers(audit);
    mark_missing(audit);
    audit->streams = memory_zeroed(audit->products.count + 1, sizeof *audit->streams);
    audit->done = 0;
    pool_run(audit->setting.jobs, audit->products.count, read_product, audit);
    if (audit->failed)
        *why = audit->why;
    return audit->failed ? -1 : 0;
}

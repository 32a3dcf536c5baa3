/*
 * audit_products.c -- products' streams: each request once, and what they tell of it.
 *
 * The streams are read by several threads, each stream by one.  What a stream tells of
 * its requests is gathered while it is read and added to what is known of them at its
 * end, when it is clear which sales were taken back.
 */
#include <stdlib.h>
#include <xxhash.h>

#include "base/pool.h"
#include "base/text.h"
#include "store/file/audit_stream.h"

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
    if (stream_settled(reading, replay, &request))
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
    if (stream_read(&reading, visit_event, &why) != 0)
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

/*
 * audit_judge.c -- what a request's events, order and result mean together.
 *
 * An order without its sale, and a result without its event, are told by something that
 * was said: lines are missing from the truth, and nothing here can be made again.  A
 * result that is not that of its event is only a copy that went wrong.  What is not there
 * yet is unfinished: running the flow on its input again completes it.
 */
#include <xxhash.h>

#include "base/text.h"
#include "domain/result.h"
#include "store/file/audit_file.h"

struct judging {
    struct audit *audit;
    struct purchase *purchase;
    char uuid[UUID_LENGTH + 1];
};

static const char *
stream_place(const struct audit *audit, uint32_t stream)
{
    char name[NAME_MAX_BYTES];

    name_of_product(audit->streams[stream].product, name);
    return store_path(audit->store, name);
}

/* The journal in which the order's sale should be; only looked for when it is not there.  False if that is gone, too. */
static bool
order_place(const struct audit *audit, const struct purchase *purchase, char *name)
{
    for (uint32_t i = 0; i < audit->products.count; i++) {
        struct slice product = audit->streams[i].product;

        if (XXH3_64bits(product.at, product.length) != purchase->order_product)
            continue;
        name_of_product(product, name);
        return true;
    }
    return false;
}

#define TELL_ORDER(judging, promise, format, ...)                                                      \
    audit_tell(&(judging)->audit->told, (promise), "%s:%llu: " format,                                 \
               store_path((judging)->audit->store, "orders.ndjson"),                                   \
               (unsigned long long)(judging)->purchase->order_line, __VA_ARGS__)

static void
tell_result(const struct judging *judging, enum promise promise, const char *what)
{
    struct audit *audit = judging->audit;
    struct slice request = { judging->uuid, UUID_LENGTH };

    if (judging->purchase->result_line > 0)
        audit_tell(&audit->told, promise, "%s:%llu: %s (request %s)", store_path(audit->store, pack_name(pack_of(request))),
                   (unsigned long long)judging->purchase->result_line, what, judging->uuid);
    else
        audit_tell(&audit->told, promise, "%s%s.json:1: %s", store_path(audit->store, "results/"), judging->uuid, what);
}

/* -- what is wrong ------------------------------------------------------------- */

static void
judge_order(const struct judging *judging)
{
    const struct purchase *purchase = judging->purchase;
    char name[NAME_MAX_BYTES];

    if (purchase->order_line == 0 || purchase->order_sold)
        return;
    if (purchase->order_taken_back)
        TELL_ORDER(judging, PROMISE_ONE_OUTCOME, "the sale of this order was taken back (request %s)", judging->uuid);
    else if (order_place(judging->audit, purchase, name))
        TELL_ORDER(judging, PROMISE_DURABLE, "the sale of this order is not in %s (request %s)", name, judging->uuid);
    else
        TELL_ORDER(judging, PROMISE_DURABLE, "the sale of this order is not in any journal (request %s)", judging->uuid);
}

/* True if it can be made again. */
static bool
judge_result(const struct judging *judging)
{
    const struct purchase *purchase = judging->purchase;

    if (!purchase->has_result || purchase->agrees)
        return false;
    if (purchase->order_line > 0 && purchase->order_sold) {
        tell_result(judging, PROMISE_ONE_OUTCOME, "not the result of the order and its sale");
        return true;
    }
    if (purchase->order_line > 0)
        return false;                   /* told already, of the order */
    if (purchase->refusals > 0 && !purchase->created) {
        tell_result(judging, PROMISE_ONE_OUTCOME, "not the result of the refusal in the journal");
        return true;
    }
    if (purchase->foreign)
        tell_result(judging, PROMISE_ONE_OUTCOME, "not a result of this request");
    else
        tell_result(judging, PROMISE_DURABLE,
                    purchase->created ? "tells of an order that is not in orders.ndjson"
                                      : "tells of a refusal that is in no journal");
    return false;
}

/* -- what is unfinished --------------------------------------------------------- */

static void
tell_unfinished(const struct judging *judging, uint32_t stream, uint64_t line, const char *what)
{
    struct audit *audit = judging->audit;

    audit->counts.unfinished++;
    if (audit->setting.strict)
        audit_tell(&audit->told, PROMISE_ONE_OUTCOME, "%s:%llu: %s (request %s)", stream_place(audit, stream),
                   (unsigned long long)line, what, judging->uuid);
}

/* True if there is an outcome, but no result of it: that can be made.  Sales that wait were told with their streams. */
static bool
judge_missing(const struct judging *judging)
{
    const struct purchase *purchase = judging->purchase;

    if (purchase->has_result)
        return false;
    if (purchase->order_sold)
        tell_unfinished(judging, purchase->sale_stream, purchase->sale_line, "ordered, but without a result yet");
    else if (purchase->order_line == 0 && purchase->refusals > 0)
        tell_unfinished(judging, purchase->refusal_stream, purchase->refusal_line, "refused, but without a result yet");
    else
        return false;
    return true;
}

/* -- everything ----------------------------------------------------------------- */

/* The mark goes no further than before the first event that is needed again. */
static void
keep_open(struct audit *audit, const struct purchase *purchase)
{
    if (purchase->sale_stream != NO_STREAM)
        audit->streams[purchase->sale_stream].open = true;
    if (purchase->refusal_stream != NO_STREAM)
        audit->streams[purchase->refusal_stream].open = true;
    if (purchase->order_line > 0)
        audit->orders.open = true;
    if (purchase->open_sales + purchase->taken_back + purchase->refusals > 1)
        audit->open_across = true;
}

/* A change of stock by the request of a purchase of another product stays to be read with it. */
static void
keep_stock(struct audit *audit)
{
    for (size_t i = 0; i < audit->stock_count && !audit->open_across; i++)
        audit->open_across = audit_is_open(audit, &audit->stock[i]);
}

bool
audit_is_open(const struct audit *audit, const struct request *request)
{
    size_t number;

    return requests_find(&audit->requests, request, &number) && audit->purchases[number].open;
}

static void
tell_torn(struct audit *audit, struct stream *stream, const char *place)
{
    if (stream->torn == 0)
        return;
    audit->counts.unfinished++;
    if (audit->setting.strict)
        audit_tell(&stream->told, PROMISE_DURABLE, "%s:%llu: an unfinished line of %llu bytes", place,
                   (unsigned long long)stream->end.line + 1, (unsigned long long)stream->torn);
}

void
audit_judge(struct audit *audit)
{
    for (size_t i = 0; i < audit->requests.count; i++) {
        struct judging judging = { .audit = audit, .purchase = &audit->purchases[i] };
        const bool waits = judging.purchase->open_sales > (judging.purchase->order_sold ? 1 : 0);
        bool wrong, missing;

        request_text(&audit->requests.list[i], judging.uuid);
        judge_order(&judging);
        wrong = judge_result(&judging);
        missing = judge_missing(&judging);
        judging.purchase->remake = wrong || missing;
        audit->counts.repairable += wrong || missing;
        judging.purchase->open = waits || missing;
        if (judging.purchase->open)
            keep_open(audit, judging.purchase);
    }
    keep_stock(audit);
    audit->counts.requests += audit->requests.count;
    for (size_t i = 0; i < audit->products.count; i++)
        tell_torn(audit, &audit->streams[i], stream_place(audit, (uint32_t)i));
    tell_torn(audit, &audit->orders, store_path(audit->store, "orders.ndjson"));
}

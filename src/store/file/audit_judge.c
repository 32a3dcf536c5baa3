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

/* Where the order's sale should be; only looked for when it is not there. */
static const char *
order_place(const struct audit *audit, const struct purchase *purchase)
{
    for (uint32_t i = 0; i < audit->products.count; i++) {
        struct slice product = audit->streams[i].product;

        if (XXH3_64bits(product.at, product.length) == purchase->order_product)
            return stream_place(audit, i);
    }
    return "a journal that is missing";
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

    if (purchase->order_line == 0 || purchase->order_sold)
        return;
    if (purchase->order_taken_back)
        TELL_ORDER(judging, PROMISE_ONE_OUTCOME, "the sale of this order was taken back (request %s)", judging->uuid);
    else
        TELL_ORDER(judging, PROMISE_DURABLE, "the sale of this order is not in %s (request %s)",
                   order_place(judging->audit, purchase), judging->uuid);
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
    if (purchase->refusals > 0) {
        tell_result(judging, PROMISE_ONE_OUTCOME, "not the result of the refusal in the journal");
        return true;
    }
    tell_result(judging, PROMISE_DURABLE,
                purchase->created ? "tells of an order that is not in orders.ndjson"
                                  : "tells of a refusal that is in no journal");
    return false;
}

/* -- what is unfinished --------------------------------------------------------- */

static void
tell_unfinished(const struct judging *judging, const char *what)
{
    struct audit *audit = judging->audit;
    const struct purchase *purchase = judging->purchase;

    audit->counts.unfinished++;
    if (!audit->setting.strict)
        return;
    if (purchase->stream != NO_STREAM)
        audit_tell(&audit->told, PROMISE_ONE_OUTCOME, "%s:%llu: %s (request %s)",
                   stream_place(audit, purchase->stream), (unsigned long long)purchase->line, what, judging->uuid);
    else
        TELL_ORDER(judging, PROMISE_ONE_OUTCOME, "%s (request %s)", what, judging->uuid);
}

/* True if it is only the result that is missing: that can be made. */
static bool
judge_unfinished(const struct judging *judging)
{
    const struct purchase *purchase = judging->purchase;
    const uint32_t waiting = purchase->open_sales - (purchase->order_sold ? 1 : 0);
    const bool has_outcome = purchase->order_sold || (purchase->order_line == 0 && purchase->refusals > 0);

    for (uint32_t i = 0; i < waiting; i++)
        tell_unfinished(judging, "sold, but neither ordered nor taken back yet");
    if (!has_outcome || purchase->has_result)
        return false;
    tell_unfinished(judging, purchase->order_sold ? "ordered, but without a result yet"
                                                  : "refused, but without a result yet");
    return true;
}

/* -- everything ----------------------------------------------------------------- */

/* The mark goes no further than before the first event that is needed again. */
static void
keep_open(struct audit *audit, const struct purchase *purchase)
{
    if (purchase->stream != NO_STREAM)
        audit->streams[purchase->stream].open = true;
    if (purchase->order_line > 0)
        audit->orders.open = true;
    if (purchase->open_sales + purchase->taken_back + purchase->refusals > 1)
        audit->open_across = true;
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
        uint64_t unfinished = audit->counts.unfinished;
        bool wrong, missing;

        request_text(&audit->requests.list[i], judging.uuid);
        judge_order(&judging);
        wrong = judge_result(&judging);
        missing = judge_unfinished(&judging);
        judging.purchase->remake = wrong || missing;
        audit->counts.repairable += wrong || missing;
        judging.purchase->open = audit->counts.unfinished > unfinished;
        if (judging.purchase->open)
            keep_open(audit, judging.purchase);
    }
    audit->counts.requests += audit->requests.count;
    for (size_t i = 0; i < audit->products.count; i++)
        tell_torn(audit, &audit->streams[i], stream_place(audit, (uint32_t)i));
    tell_torn(audit, &audit->orders, store_path(audit->store, "orders.ndjson"));
}

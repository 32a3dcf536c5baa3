/*
 * fuzz_wish.c -- what a caller asks for, and what he is answered: wishes and results.
 *
 * The fast reader of wishes means what the slow one means; a result that was read is
 * written as bytes that are read as the same result and written as the same bytes.
 */
#include "base/text.h"
#include "domain/result.h"
#include "domain/wish.h"
#include "fuzz.h"

static void
try_wish(struct slice line, bool with_action, struct buffer *room)
{
    struct arena arena = { 0 };
    struct fault why[2] = { { .text = "" }, { .text = "" } };
    struct wish direct, spaced;
    int results[2];

    results[0] = wish_read(line, with_action, &arena, &direct, &why[0]);
    results[1] = wish_read(fuzz_spaced(line, room), with_action, &arena, &spaced, &why[1]);
    FUZZ_REQUIRE(results[0] == results[1]);
    if (results[0] != 0) {
        fuzz_refused(&why[0]);
    } else {
        FUZZ_REQUIRE(direct.type == spaced.type && direct.quantity == spaced.quantity);
        FUZZ_REQUIRE(slice_equal(direct.product, spaced.product) && slice_equal(direct.request, spaced.request));
        FUZZ_REQUIRE(product_id_valid(direct.product) && direct.quantity >= 1 && direct.quantity <= NUMBER_MAX);
        FUZZ_REQUIRE(direct.request.length == 0 || text_uuid(direct.request));
        FUZZ_REQUIRE(with_action == (direct.type != PURCHASE_REQUESTED) && direct.type != TYPE_OTHER);
    }
    arena_reset(&arena);
}

static bool
same_result(const struct result *a, const struct result *b)
{
    return slice_equal(a->request, b->request) && a->created == b->created && slice_equal(a->product, b->product)
        && a->quantity == b->quantity && slice_equal(a->time, b->time)
        && (a->created ? slice_equal(a->order, b->order)
            : a->code == b->code && slice_equal(a->reason, b->reason));
}

static void
try_result(struct slice line)
{
    struct arena arena = { 0 };
    struct buffer first = { 0 }, second = { 0 };
    struct fault why = { .text = "" };
    struct result result, again;
    struct slice written, request;

    if (result_read(line, &arena, &result, &why) != 0) {
        fuzz_refused(&why);
        goto done;
    }
    FUZZ_REQUIRE(text_uuid(result.request) && product_id_valid(result.product) && result.quantity >= 1
                 && result.quantity <= NUMBER_MAX && moment_valid(result.time));
    FUZZ_REQUIRE(result.created ? text_uuid(result.order) : message_code_name(result.code).length > 0);
    result_write(&first, &result);
    written = (struct slice){ first.at, first.length };
    FUZZ_REQUIRE(result_is(written, result.request, &arena, &again) && same_result(&result, &again));
    FUZZ_REQUIRE(result_request(written, &request) && slice_equal(request, result.request));
    FUZZ_REQUIRE(!result_is((struct slice){ first.at, first.length - 1 }, result.request, &arena, &again));
    FUZZ_REQUIRE(result_read((struct slice){ first.at, first.length - 1 }, &arena, &again, &why) == 0);
    result_write(&second, &again);
    FUZZ_REQUIRE(slice_equal((struct slice){ second.at, second.length }, written));
done:
    arena_reset(&arena);
    buffer_free(&first);
    buffer_free(&second);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct slice line = fuzz_slice(bytes, length);
    struct buffer room = { 0 };

    try_wish(line, false, &room);
    try_wish(line, true, &room);
    try_result(line);
    buffer_free(&room);
    return 0;
}

/*
 * fuzz_letter.c -- dead letters.
 *
 * Whatever bytes are put aside, for whatever reason, come out of the letter again;
 * any line is read as a letter or not, and never read behind its end.
 */
#include "base/json.h"
#include "base/text.h"
#include "domain/letter.h"
#include "domain/message.h"
#include "fuzz.h"

static void
try_read(struct slice line)
{
    struct buffer bytes = { 0 };
    struct letter_view view, cut;
    struct origin origin;
    bool read = letter_read(line, &view);

    if (letter_origin(line, &origin) && read)
        FUZZ_REQUIRE(slice_equal(origin.topic, view.topic));
    if (!read)
        return;
    FUZZ_REQUIRE(view.text.at >= line.at && view.text.at + view.text.length <= line.at + line.length);
    if (letter_bytes(&view, &bytes)) {
        FUZZ_REQUIRE(view.whole && memchr(bytes.at, '\n', bytes.length) == NULL);
        FUZZ_REQUIRE(letter_read((struct slice){ line.at, line.length - 1 }, &cut) && !cut.whole);
    } else {
        FUZZ_REQUIRE(bytes.length == 0);
    }
    buffer_free(&bytes);
}

/* The line as JSON keeps the bytes under the name that the view tells. */
static void
try_json(struct slice line, const struct letter_view *view, struct slice bytes)
{
    struct fault why;
    struct slice kept;
    json_t *object;

    FUZZ_REQUIRE(json_read(line, &object, &why) == 0);
    FUZZ_REQUIRE(json_text(object, view->base64 ? "base64" : "line", &kept));
    FUZZ_REQUIRE(view->base64 || slice_equal(kept, bytes));
    json_decref(object);
}

static void
try_write(const struct letter *letter, struct slice bytes)
{
    static const struct moment now = { "2026-01-31T09:30:00.123456Z" };
    struct buffer line = { 0 }, kept = { 0 };
    struct letter_view view;
    struct slice text;

    letter_write(&line, &now, letter, bytes);
    text = (struct slice){ line.at, line.length - 1 };
    FUZZ_REQUIRE(line.at[text.length] == '\n' && memchr(text.at, '\n', text.length) == NULL && text_utf8(text));
    FUZZ_REQUIRE(letter_read(text, &view) && view.whole);
    FUZZ_REQUIRE(view.base64 == !(text_utf8(bytes) && bytes.length < LINE_MAX_BYTES));
    FUZZ_REQUIRE((view.topic.length > 0) == (letter->origin != NULL && letter->origin->topic.length > 0));
    if (letter_bytes(&view, &kept))
        FUZZ_REQUIRE(slice_equal((struct slice){ kept.at, kept.length }, bytes));
    else
        FUZZ_REQUIRE(bytes.length > 0 && memchr(bytes.at, '\n', bytes.length) != NULL);
    try_json(text, &view, bytes);
    buffer_free(&line);
    buffer_free(&kept);
}

/* The first two lines are place and reason, the rest is what is put aside. */
int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct slice text = fuzz_slice(bytes, length), place = SLICE(""), reason = SLICE("");
    struct origin origin = { .topic = SLICE("stock.available"), .group = SLICE("evorder"), .offset = length };
    struct arena arena = { 0 };
    struct letter letter = { .command = "evtask", .kind = "message" };

    try_read(text);
    (void)(fuzz_line(&text, &place) && fuzz_line(&text, &reason));
    letter.place = fuzz_text(place, &arena);
    letter.reason = fuzz_text(reason, &arena);
    try_write(&letter, text);
    letter.origin = &origin;
    try_write(&letter, text);
    arena_reset(&arena);
    return 0;
}

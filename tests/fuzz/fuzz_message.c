/*
 * fuzz_message.c -- a line as a message, as an event and as a topic sees it.
 *
 * What the fast reader takes the slow one takes with the same meaning; what was
 * read is written in canonical form, which is read as the same and is written as
 * the same bytes again (readers.h has the first half).
 */
#include "../unit/readers.h"
#include "base/json.h"
#include "domain/topic_name.h"
#include "fuzz.h"

static void
try_fixed_point(struct readers *readers, enum message_form form)
{
    struct message message = readers->parsed;
    struct arena arena = { 0 };
    struct buffer first = { 0 }, second = { 0 };
    struct fault why;
    struct slice line;

    message.cause = sample_is_caused(message.type) ? STOCK_ADDED : TYPE_OTHER;
    line = sample_write(&message, "evtask", form, &first);
    FUZZ_REQUIRE(message_read(line, form, WANT_ALL, &arena, &message, &why) == 0);
    message.cause = sample_is_caused(message.type) ? STOCK_ADDED : TYPE_OTHER;
    FUZZ_REQUIRE(slice_equal(sample_write(&message, "evtask", form, &second), line));
    arena_reset(&arena);
    buffer_free(&first);
    buffer_free(&second);
}

/* What was read stands in the line as it has to: seen by jansson alone, where that can read it. */
static void
try_names(struct slice line, const struct message *message)
{
    json_t *object = json_loadb(line.at, line.length, JSON_ALLOW_NUL, NULL);
    struct slice type = message_type_name(message->type), text = { NULL, 0 };

    if (object == NULL)
        return;
    FUZZ_REQUIRE(json_text(object, "specversion", &text) && slice_equal(text, SLICE("1.0")));
    FUZZ_REQUIRE(json_text(object, "source", &text) && text.length > 0);
    FUZZ_REQUIRE(json_text(object, "type", &text) && slice_equal(text, type));
    FUZZ_REQUIRE(json_text(object, "id", &text) && text.length == UUID_LENGTH + 1 + type.length
                 && memcmp(text.at, message->request.at, UUID_LENGTH) == 0 && text.at[UUID_LENGTH] == '/'
                 && memcmp(text.at + UUID_LENGTH + 1, type.at, type.length) == 0);
    FUZZ_REQUIRE(json_text(object, "causationid", &text) ? text.length > 0
                 : !sample_is_caused(message->type) && json_object_get(object, "causationid") == NULL);
    json_decref(object);
}

/* message_read() by either reader: the same verdict, and the same reason for a refusal. */
static void
try_spaced(struct slice line, enum message_form form, struct buffer *room)
{
    struct arena arena = { 0 };
    struct message direct, spaced;
    struct fault why[2] = { { .text = "" }, { .text = "" } };
    int results[2];

    results[0] = message_read(line, form, WANT_ALL, &arena, &direct, &why[0]);
    results[1] = message_read(fuzz_spaced(line, room), form, WANT_ALL, &arena, &spaced, &why[1]);
    FUZZ_REQUIRE(results[0] == results[1]);
    if (results[0] != 0)
        fuzz_refused(&why[0]);
    else if (direct.type == TYPE_OTHER)
        FUZZ_REQUIRE(spaced.type == TYPE_OTHER);
    else
        FUZZ_REQUIRE(sample_same(&direct, &spaced, form));
    arena_reset(&arena);
}

static void
try_topic(struct slice line, struct buffer *room)
{
    struct arena arena = { 0 };
    struct topic_line direct = topic_line_read(line, &arena);
    struct topic_line spaced = topic_line_read(fuzz_spaced(line, room), &arena);

    FUZZ_REQUIRE(slice_equal(direct.product, spaced.product) && slice_equal(direct.type, spaced.type)
                 && slice_equal(direct.time, spaced.time));
    FUZZ_REQUIRE(direct.product.length == 0 || product_id_valid(direct.product));
    FUZZ_REQUIRE(direct.time.length == 0 || moment_valid(direct.time));
    arena_reset(&arena);
}

static void
try_line(struct slice line)
{
    static const enum message_form forms[] = { FORM_MESSAGE, FORM_EVENT };
    static const unsigned sets[] = { WANT_ALL, TYPES_PRODUCT };
    struct readers readers = { .lines = 0 };
    struct buffer room = { 0 };

    for (size_t form = 0; form < COUNT(forms); form++) {
        for (size_t set = 0; set < COUNT(sets); set++) {
            if (readers_try(&readers, line, forms[form], sets[set]) == READ) {
                try_fixed_point(&readers, forms[form]);
                try_names(line, &readers.parsed);
            }
            FUZZ_REQUIRE(readers.failures == 0);
        }
        try_spaced(line, forms[form], &room);
    }
    (void)readers_try(&readers, line, FORM_SELECTED, TYPES_PRODUCT);
    FUZZ_REQUIRE(readers.failures == 0);
    try_topic(line, &room);
    arena_reset(&readers.arena);
    buffer_free(&readers.again);
    buffer_free(&room);
}

/*
 * What stands in a line several times is hard to change by chance: `$` stands for a
 * request, `@` and a letter for a type.
 */
static struct slice
expand(struct slice line, struct buffer *out)
{
    for (size_t i = 0; i < line.length; i++) {
        if (line.at[i] == '$') {
            buffer_text(out, "6f1c0a52-3d0e-4b6a-9b57-2f0d8a4f7c11");
        } else if (line.at[i] == '@' && i + 1 < line.length) {
            i++;
            buffer_slice(out, message_type_name((enum message_type)((unsigned char)line.at[i] % TYPE_COUNT)));
        } else {
            buffer_add(out, &line.at[i], 1);
        }
    }
    return (struct slice){ out->at, out->length };
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct slice line = fuzz_slice(bytes, length);
    struct buffer expanded = { 0 };

    if (length > 0 && memchr(line.at, '$', length) != NULL)
        try_line(expand(line, &expanded));
    else
        try_line(line);
    buffer_free(&expanded);
    return 0;
}

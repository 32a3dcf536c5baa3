/* tables.c -- write rows of the read models, and read how far they are. */
#include <stdlib.h>

#include "base/json.h"
#include "base/text.h"
#include "project/tables.h"

/* Pieces that were refused may come to more than SQLite counts; a sum above that would be no integer any more. */
#define ADD(column) column " = min(" column " + excluded." column ", 9223372036854775807)"

static const char *const writes[TABLE_WRITES] = {
    [WRITE_PRODUCT] = "INSERT OR REPLACE INTO products VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [WRITE_ORDER] = "INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?)",
    [WRITE_REFUSAL] = "INSERT INTO refusals VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [WRITE_DAY] = "INSERT INTO daily VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (product, day) DO UPDATE SET "
        ADD("added") ", " ADD("added_requests") ", " ADD("removed") ", " ADD("removed_requests") ", "
        ADD("sold") ", " ADD("sold_requests") ", " ADD("returned") ", " ADD("returned_requests") ", "
        ADD("refused") ", " ADD("refused_requests"),
    [WRITE_POSITION] = "INSERT OR REPLACE INTO position VALUES (?, ?, ?, ?, ?, ?)",
};

int
tables_begin(struct tables *out, struct database *database, struct fault *why)
{
    *out = (struct tables){ .database = database };
    for (int i = 0; i < TABLE_WRITES; i++)
        if (database_prepare(database, writes[i], &out->writes[i], why) != 0)
            return -1;
    return 0;
}

void
tables_end(struct tables *tables)
{
    for (int i = 0; i < TABLE_WRITES; i++)
        (void)sqlite3_finalize(tables->writes[i]);
    arena_reset(&tables->arena);
}

static struct slice
text_of(const char *text)
{
    return (struct slice){ text, strlen(text) };
}

int
tables_put_order(struct tables *tables, const struct message *event, struct fault *why)
{
    sqlite3_stmt *row = tables->writes[WRITE_ORDER];

    database_bind_number(row, 1, event->number);
    database_bind_text(row, 2, event->request);
    database_bind_text(row, 3, event->order);
    database_bind_text(row, 4, event->product);
    database_bind_number(row, 5, event->quantity);
    database_bind_text(row, 6, event->time);
    return database_do(tables->database, row, why);
}

/* A JSON string's text; as it stands, if it has no escapes. */
static struct slice
unescaped(struct tables *tables, struct slice text)
{
    struct slice plain = text;
    struct buffer line = { 0 };
    struct fault ignored;
    json_t *object = NULL;

    if (text.length == 0 || memchr(text.at, '\\', text.length) == NULL)
        return text;
    buffer_text(&line, "{\"text\":\"");
    buffer_slice(&line, text);
    buffer_text(&line, "\"}");
    if (json_read((struct slice){ line.at, line.length }, &object, &ignored) == 0 && json_text(object, "text", &plain))
        plain.at = arena_copy(&tables->arena, plain.at, plain.length);
    json_decref(object);
    buffer_free(&line);
    return plain;
}

int
tables_put_refusal(struct tables *tables, const struct message *event, struct fault *why)
{
    sqlite3_stmt *row = tables->writes[WRITE_REFUSAL];
    int result;

    database_bind_text(row, 1, event->product);
    database_bind_number(row, 2, event->number);
    database_bind_text(row, 3, event->request);
    database_bind_number(row, 4, event->quantity);
    database_bind_number(row, 5, event->available);
    database_bind_number(row, 6, event->sequence);
    database_bind_text(row, 7, message_code_name(event->code));
    database_bind_text(row, 8, unescaped(tables, event->reason));
    database_bind_text(row, 9, event->time);
    result = database_do(tables->database, row, why);
    arena_reset(&tables->arena);
    return result;
}

int
tables_add_day(struct tables *tables, struct slice product, const struct day *day, struct fault *why)
{
    sqlite3_stmt *row = tables->writes[WRITE_DAY];

    database_bind_text(row, 1, product);
    database_bind_text(row, 2, (struct slice){ day->text, DAY_LENGTH });
    for (int i = 0; i < EVENT_KINDS; i++) {
        database_bind_number(row, 3 + 2 * i, day->pieces[i]);
        database_bind_number(row, 4 + 2 * i, day->requests[i]);
    }
    return database_do(tables->database, row, why);
}

static int
put_product(struct tables *tables, struct slice product, const struct history_state *state, struct fault *why)
{
    sqlite3_stmt *row = tables->writes[WRITE_PRODUCT];

    database_bind_text(row, 1, product);
    database_bind_number(row, 2, state->product.sequence);
    database_bind_number(row, 3, product_available(&state->product));
    database_bind_number(row, 4, state->product.added);
    database_bind_number(row, 5, state->product.removed);
    database_bind_number(row, 6, state->product.sold);
    database_bind_number(row, 7, state->product.returned);
    database_bind_number(row, 8, state->product.refused);
    database_bind_text(row, 9, text_of(state->time.text));
    return database_do(tables->database, row, why);
}

int
tables_put_state(struct tables *tables, struct slice product, const char *file, const struct history_state *state,
                 struct fault *why)
{
    sqlite3_stmt *row = tables->writes[WRITE_POSITION];
    struct buffer sum = { 0 };
    int result;

    if (product.length > 0 && put_product(tables, product, state, why) != 0)
        return -1;
    buffer_hex(&sum, state->sum);
    database_bind_text(row, 1, product);
    database_bind_text(row, 2, text_of(file));
    database_bind_number(row, 3, state->bytes);
    database_bind_number(row, 4, state->product.sequence);
    database_bind_text(row, 5, (struct slice){ sum.at, sum.length });
    database_bind_text(row, 6, text_of(state->time.text));
    result = database_do(tables->database, row, why);
    buffer_free(&sum);
    return result;
}

/* -- how far they are ------------------------------------------------------------- */

/* The rows of both tables that tell of a product go together: one without the other was changed by somebody. */
static const char known_rows[] =
    "SELECT product, bytes, sequence, sum, time, added, removed, sold, returned, refused FROM ("
    "    SELECT product, position.bytes, position.sequence, position.sum, position.time, added, removed, sold, returned,"
    "        refused, products.sequence AS same"
    "        FROM position JOIN products USING (product)"
    "    UNION ALL SELECT product, bytes, sequence, sum, time, 0, 0, 0, 0, sequence, sequence FROM position"
    "        WHERE product = '')"
    "WHERE sequence = same ORDER BY product";

static bool
read_known(sqlite3_stmt *row, struct known *out)
{
    struct slice sum = database_text(row, 3), time = database_text(row, 4);

    *out = (struct known){ .product = database_text(row, 0) };
    out->at.bytes = database_number(row, 1);
    out->at.product.sequence = database_number(row, 2);
    out->at.product.added = database_number(row, 5);
    out->at.product.removed = database_number(row, 6);
    out->at.product.sold = database_number(row, 7);
    out->at.product.returned = database_number(row, 8);
    out->at.product.refused = database_number(row, 9);
    if (sum.length != 16 || !text_hex(sum.at, &out->at.sum) || !moment_valid(time))
        return false;
    memcpy(out->at.time.text, time.at, MOMENT_LENGTH);
    return out->product.length == 0 || product_id_valid(out->product);
}

static int
add_known(struct known_list *out, sqlite3_stmt *row)
{
    struct known known;

    if (!read_known(row, &known))
        return -1;
    known.product.at = arena_copy(&out->names, known.product.at, known.product.length);
    out->list = memory_room(out->list, out->count, &out->room, sizeof *out->list);
    out->list[out->count++] = known;
    return 0;
}

int
tables_known(struct database *database, struct known_list *out, struct fault *why)
{
    sqlite3_stmt *row = NULL, *count = NULL;
    int result = database_prepare(database, known_rows, &row, why);

    while (result == 0 && (result = database_step(database, row, why)) > 0)
        result = add_known(out, row) == 0 ? 0
            : fault_set(why, STATUS_DATA, "%s: position: what stands there is not evproject's", database->name);
    if (result == 0 && database_prepare(database, "SELECT count(*) FROM position", &count, why) == 0
        && (result = database_step(database, count, why)) > 0)
        result = database_number(count, 0) == out->count ? 0
            : fault_set(why, STATUS_DATA, "%s: products and position do not go together: make it anew with --rebuild",
                        database->name);
    (void)sqlite3_finalize(row);
    (void)sqlite3_finalize(count);
    return result;
}

void
known_free(struct known_list *known)
{
    free(known->list);
    arena_reset(&known->names);
}

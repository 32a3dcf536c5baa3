/* test_watch.c -- the screen of evwatch: what is laid out at any size, points, rates, order. */
#include <locale.h>
#include <stdlib.h>

#include "service/columns.h"
#include "service/watch_sheet.h"
#include "tap.h"

enum { TOPICS = 9, ROWS_MAX = 60, COLUMNS_MAX = 220 };

/* -- a look that saw a lot ---------------------------------------------------------- */

static struct watch
make_watch(size_t topics, size_t products, size_t messages)
{
    struct watch watch = { .now.text = "2026-01-31T09:30:00.000000Z" };

    watch.topics = memory_zeroed(topics + 1, sizeof *watch.topics);
    for (size_t i = 0; i < topics; i++) {
        struct watch_topic *topic = &watch.topics[watch.topic_count++];

        (void)snprintf(topic->name, sizeof topic->name, "topic-%zu", i);
        topic->looked = 300;
        topic->rate = i * UINT64_C(1000003);
        topic->groups = memory_zeroed(2, sizeof *topic->groups);
        topic->group_count = i % 3;
        for (size_t k = 0; k < topic->group_count; k++) {
            topic->groups[k] = (struct watch_group){ .name = "a-group-with-a-long-name", .known = k == 0, .behind = i };
            topic->groups[k].workers = memory_zeroed(topic->looked, sizeof *topic->groups[k].workers);
            topic->groups[k].workers[0] = 4194304;
        }
    }
    for (size_t i = 0; i < products; i++) {
        struct watch_product *product = &watch.products[watch.product_count++];

        (void)snprintf(product->name, sizeof product->name, "%s-%zu", i % 2 == 0 ? "日本語" : "product", i);
        product->available = NUMBER_MAX;
        for (size_t k = 0; k < WATCH_POINTS; k++)
            watch_point_add(product, (struct watch_point){ k + 1, k * 7 % 5 });
    }
    watch.messages = memory_zeroed(messages + 1, sizeof *watch.messages);
    for (size_t i = 0; i < messages; i++)
        watch.messages[watch.message_count++] = (struct watch_message){
            .topic = "stock.available", .offset = i, .kind = (enum watch_kind)(i % 4), .quantity = NUMBER_MAX,
            .time = "2026-01-31T09:30:00.123456Z", .type = "stock.available", .product = "日本語日本語日本語",
            .text = "日本語 nothing", .request = "5e8a4c1d-2b7f-4d3e-9c60-000000000001", .source = "/eventdemo/evcheck",
        };
    return watch;
}

/* Every run is within its line, behind the one before. */
static bool
is_sound(const struct sheet *sheet)
{
    size_t line = 0, column = 0;

    for (size_t i = 0; i < sheet->count; i++) {
        const struct sheet_run *run = &sheet->runs[i];
        const struct slice text = { sheet->text.at + run->at, run->length };
        size_t taken;

        if (run->line != line)
            column = 0;
        line = run->line;
        (void)columns_fit(text, SIZE_MAX, &taken);
        if (line >= sheet->lines || run->column != column || column + taken > sheet->columns)
            return false;
        column += taken;
    }
    return true;
}

static void
test_sizes(struct tap *tap, size_t topics, size_t products, size_t messages, const char *name)
{
    struct watch watch = make_watch(topics, products, messages);
    struct sheet sheet = { 0 };
    bool good = true, whole = true, seen = true;

    for (size_t rows = 1; rows <= ROWS_MAX; rows++) {
        for (size_t columns = 1; columns <= COLUMNS_MAX; columns += 7) {
            struct watch_layout layout = { .store = "./evstore", .rows = rows, .chosen = messages / 2 };

            if (messages == 0)
                layout.chosen = WATCH_NO_MESSAGE;
            sheet_clear(&sheet, columns);
            watch_sheet(&watch, &layout, &sheet);
            good = good && is_sound(&sheet);
            whole = whole && (rows < 6 || sheet.lines == rows);
            seen = seen && (rows < 9 || messages == 0 || (sheet.chosen < rows && sheet.chosen > 4));
        }
    }
    tap_check(tap, good, "%s: nothing leaves its line", name);
    tap_check(tap, whole, "%s: as many lines as there are rows", name);
    tap_check(tap, seen, "%s: what is chosen is seen", name);
    sheet_free(&sheet);
    watch_free(&watch);
}

static void
test_choosing(struct tap *tap)
{
    struct watch watch = make_watch(1, 1, 100);
    struct watch_layout layout = { .store = "s", .rows = 24, .chosen = WATCH_NO_MESSAGE };
    struct sheet sheet = { 0 };
    bool good = true;

    for (size_t i = 0; i < 200; i++) {
        const size_t top = layout.top;

        layout.chosen = i < 100 ? i : 199 - i;
        sheet_clear(&sheet, 80);
        watch_sheet(&watch, &layout, &sheet);
        good = good && sheet.chosen < 24 && (layout.top == top || layout.top == top + 1 || layout.top + 1 == top);
    }
    tap_check(tap, good && layout.top == 0, "the list moves by a line where what is chosen would leave it");
    layout.chosen = WATCH_NO_MESSAGE;
    sheet_clear(&sheet, 80);
    watch_sheet(&watch, &layout, &sheet);
    tap_check(tap, sheet.chosen == SHEET_NO_LINE, "nothing chosen");
    sheet_free(&sheet);
    watch_free(&watch);
}

/* -- points --------------------------------------------------------------------------- */

static void
test_points(struct tap *tap)
{
    static const struct {
        const char *name;
        struct watch_point added[6], expected[6];
        size_t count;
    } rows[] = {
        { "in order", { { 1, 10 }, { 2, 7 }, { 3, 4 } }, { { 1, 10 }, { 2, 7 }, { 3, 4 } }, 3 },
        { "in any order", { { 3, 4 }, { 1, 10 }, { 2, 7 } }, { { 1, 10 }, { 2, 7 }, { 3, 4 } }, 3 },
        { "twice the same", { { 1, 10 }, { 2, 7 }, { 1, 10 }, { 2, 7 } }, { { 1, 10 }, { 2, 7 } }, 2 },
        { "an amount that stays", { { 1, 10 }, { 2, 10 }, { 3, 10 }, { 4, 9 } }, { { 1, 10 }, { 4, 9 } }, 2 },
        { "the first of an amount comes later", { { 5, 4 }, { 3, 4 }, { 1, 10 } }, { { 1, 10 }, { 3, 4 } }, 2 },
        { "one event, two amounts", { { 1, 10 }, { 1, 9 } }, { { 1, 10 } }, 1 },
        { "nothing of it", { { 0, 0 } }, { { 0, 0 } }, 1 },
    };

    for (size_t i = 0; i < COUNT(rows); i++) {
        struct watch_product product = { .point_count = 0 };
        bool good;

        for (size_t k = 0; k < 6 && (k == 0 || rows[i].added[k].sequence > 0); k++)
            watch_point_add(&product, rows[i].added[k]);
        good = product.point_count == rows[i].count;
        for (size_t k = 0; good && k < product.point_count; k++)
            good = product.points[k].sequence == rows[i].expected[k].sequence
                && product.points[k].available == rows[i].expected[k].available;
        tap_check(tap, good, "points: %s", rows[i].name);
    }
}

static void
test_many_points(struct tap *tap)
{
    struct watch_product product = { .point_count = 0 };
    bool good = true;

    for (uint64_t i = 1; i <= 3 * WATCH_POINTS; i++)
        watch_point_add(&product, (struct watch_point){ 2 * i, i % 2 });
    watch_point_add(&product, (struct watch_point){ 1, 5 });
    for (size_t i = 0; i < product.point_count; i++)
        good = good && product.points[i].sequence == 2 * (2 * WATCH_POINTS + i + 1);
    tap_check(tap, good && product.point_count == WATCH_POINTS, "points: of too many the last are kept");
    watch_point_add(&product, (struct watch_point){ 2 * (2 * WATCH_POINTS + 2) + 1, 7 });
    tap_check(tap, product.points[0].sequence == 2 * (2 * WATCH_POINTS + 2) && product.points[1].available == 7
              && product.points[2].sequence == 2 * (2 * WATCH_POINTS + 3), "points: one between takes the place of the oldest");
}

/* -- rates ------------------------------------------------------------------------------ */

static void
test_rates(struct tap *tap)
{
    struct watch_topic topic = { .first_rate = 55 };

    watch_rate(&topic, 1000, 100);
    tap_check(tap, topic.rate == 55, "rate: by times at first");
    watch_rate(&topic, 1000, 200);
    tap_check(tap, topic.rate == 55, "rate: in no time there is none");
    watch_rate(&topic, 2000, 200);
    tap_check(tap, topic.rate == 1000, "rate: a hundred in a second");
    watch_rate(&topic, 3000, 200);
    tap_check(tap, topic.rate == 500, "rate: over all looks");
    for (int64_t i = 0; i < WATCH_MARKS; i++)
        watch_rate(&topic, 4000 + i * 1000, 200);
    tap_check(tap, topic.rate == 0 && topic.mark_count == WATCH_MARKS, "rate: over the last ones only");
    watch_rate(&topic, 20000, 5);
    tap_check(tap, topic.mark_count == 1 && topic.marks[0].messages == 5, "rate: a topic that was made again");
    watch_rate(&topic, 20500, 6);
    tap_check(tap, topic.rate == 20, "rate: one in half a second");
}

/* -- order ------------------------------------------------------------------------------- */

static bool
is_same(const struct watch_message *a, const struct watch_message *b)
{
    return a->look == b->look && a->lane == b->lane && a->offset == b->offset && strcmp(a->topic, b->topic) == 0
        && strcmp(a->time, b->time) == 0;
}

static void
test_order(struct tap *tap)
{
    static const struct watch_message newest_first[] = {
        { .look = 2, .topic = "notes", .time = "2026-01-31T09:00:00.000000Z" },
        { .look = 1, .topic = "notes", .time = "2099-01-31T09:00:00.000000Z" },
        { .look = 1, .topic = "order.created", .time = "2026-01-31T09:30:00.000000Z" },
        { .look = 1, .topic = "stock.available", .time = "2026-01-31T09:30:00.000000Z", .lane = 1, .offset = 1 },
        { .look = 1, .topic = "stock.available", .time = "2026-01-31T09:30:00.000000Z", .lane = 2, .offset = 9 },
        { .look = 1, .topic = "stock.available", .time = "2026-01-31T09:30:00.000000Z", .lane = 2, .offset = 8 },
        { .look = 1, .topic = "a" },
        { .look = 1, .topic = "b" },
    };
    struct watch watch = { .looks = 2 };
    bool good = true;

    for (size_t turn = 0; turn < COUNT(newest_first); turn++) {
        watch.message_count = 0;
        for (size_t i = 0; i < COUNT(newest_first); i++) {
            watch.messages = memory_room(watch.messages, watch.message_count, &watch.message_room, sizeof *watch.messages);
            watch.messages[watch.message_count++] = newest_first[(i * 5 + turn) % COUNT(newest_first)];
        }
        watch_sort(&watch);
        for (size_t i = 0; i < COUNT(newest_first); i++)
            good = good && is_same(&watch.messages[i], &newest_first[i]);
    }
    tap_check(tap, good, "order: by look, time, flow, topic, lane, offset");
    watch_free(&watch);
}

/* -- text ---------------------------------------------------------------------------------- */

static void
test_text(struct tap *tap)
{
    struct sheet sheet = { 0 };
    struct buffer out = { 0 };

    sheet_clear(&sheet, 12);
    sheet_left(&sheet, SHEET_PLAIN, "日本語", 5);
    sheet_right(&sheet, SHEET_TITLE, "7", 3);
    sheet_text(&sheet, SHEET_PLAIN, "\x1b[2J\xff and more");
    sheet_end_line(&sheet);
    sheet_end_line(&sheet);
    sheet_put_from(&sheet, SHEET_PLAIN, SLICE("日本語 text that is long"), 5);
    sheet_end_line(&sheet);
    sheet_put_from(&sheet, SHEET_PLAIN, SLICE("short"), 9);
    sheet_left(&sheet, SHEET_PLAIN, "ab", 6);
    sheet_end_line(&sheet);
    sheet_print(&sheet, &out);
    (void)tap_same(tap, (struct slice){ out.at, out.length }, SLICE("日本…  7?[2J\n\n語 text that\nab\n"),
                   "text is cut off, put in its place, made harmless");
    buffer_free(&out);
    sheet_free(&sheet);
}

int
main(void)
{
    struct tap tap = { 0 };

    (void)setlocale(LC_CTYPE, "C.UTF-8");
    test_sizes(&tap, 0, 0, 0, "nothing");
    test_sizes(&tap, 1, 1, 1, "little");
    test_sizes(&tap, TOPICS, WATCH_PRODUCTS, WATCH_MESSAGES, "a lot");
    test_sizes(&tap, TOPICS, 0, 3, "no stock");
    test_choosing(&tap);
    test_points(&tap);
    test_many_points(&tap);
    test_rates(&tap);
    test_order(&tap);
    test_text(&tap);
    return tap_done(&tap);
}

/*
 * test_damage.c -- a journal with something wrong in it: that it is found, and in which line.
 */
#include "heads.h"

/* How a good journal is spoilt. */
enum how {
    SEALED,                     /* `from` becomes `to`, then the sums are made: they are right */
    BROKEN,                     /* the sums are made, then `from` becomes `to` */
    OTHER_SUM,                  /* the last digit of the sum is another */
    MISSING,                    /* without the line */
    TWICE,                      /* the line once more */
    SWAPPED,                    /* with the line behind it */
    BETWEEN,                    /* `to` before the line */
};

struct damage {
    const char *name;
    enum how how;
    size_t line;                /* from 1 */
    struct slice from, to;
    size_t first, last;         /* where it is found: first surely, up to last perhaps; 0: not */
    const char *reason;         /* how the first report begins */
};

#define S SLICE_INIT
#define SUMS "sum: does not match"
#define NO_SUM "sum: missing"
#define GAP "sequence: does not follow"

static const struct damage damages[] = {
    { "nothing", SEALED, 3, S("removed"), S("removed"), 0, 0, "" },
    { "other white space", SEALED, 3, S(",\"data\":{"), S(" , \"data\" : { "), 0, 0, "" },
    { "an unknown member", SEALED, 3, S(",\"data\""), S(",\"x\":[1e999,{\"sum\":{}}],\"data\""), 0, 0, "" },
    { "an escape", SEALED, 3, S("85123A"), S("\\u00385123A"), 0, 0, "" },
    { "another source", SEALED, 1, S("/eventdemo/test"), S("elsewhere"), 0, 0, "" },
    { "a changed digit", BROKEN, 3, S("\"quantity\":4"), S("\"quantity\":5"), 3, 3, SUMS },
    { "a changed source", BROKEN, 1, S("/test"), S("/rest"), 1, 1, SUMS },
    { "a changed digit in the last line", BROKEN, 8, S("\"quantity\":30"), S("\"quantity\":31"), 8, 8, SUMS },
    { "a byte too many", BROKEN, 3, S("}"), S(" }"), 3, 3, SUMS },
    { "a NUL byte", BROKEN, 3, S("/test"), S("/te\0t"), 3, 3, SUMS },
    { "a byte that is not UTF-8", BROKEN, 3, S("85123A"), S("85123\xff"), 3, 3, SUMS },
    { "a changed sum", OTHER_SUM, 3, S(""), S(""), 3, 4, SUMS },
    { "a changed sum in the last line", OTHER_SUM, 8, S(""), S(""), 8, 8, SUMS },
    { "a sum of 17 digits", BROKEN, 3, S("\"sum\":\""), S("\"sum\":\"f"), 3, 4, NO_SUM },
    { "no sum", BROKEN, 3, S(",\"sum\""), S(",\"som\""), 3, 4, NO_SUM },
    { "a bracket missing", BROKEN, 3, S("\"}\n"), S("\"\n"), 3, 4, NO_SUM },
    { "a newline missing", BROKEN, 3, S("\n"), S(""), 3, 4, SUMS },
    { "a newline too many", BROKEN, 3, S("\n"), S("\n\n"), 4, 5, NO_SUM },
    { "a newline in the middle", BROKEN, 3, S(",\"data\""), S(",\n\"data\""), 3, 5, NO_SUM },
    { "a carriage return", BROKEN, 3, S("\n"), S("\r\n"), 3, 4, NO_SUM },
    { "an empty line", BETWEEN, 3, S(""), S("\n"), 3, 4, NO_SUM },
    { "text", BETWEEN, 3, S(""), S("text\n"), 3, 4, NO_SUM },
    { "zeros", BETWEEN, 3, S(""), S("\0\0\0\0\0\0\0\0\n"), 3, 4, NO_SUM },
    { "text before all", BETWEEN, 1, S(""), S("text\n"), 1, 2, NO_SUM },
    { "a line missing", MISSING, 3, S(""), S(""), 3, 3, SUMS },
    { "the first line missing", MISSING, 1, S(""), S(""), 1, 1, SUMS },
    { "the last line twice", TWICE, 8, S(""), S(""), 9, 9, SUMS },
    { "a line twice", TWICE, 3, S(""), S(""), 4, 4, SUMS },
    { "the first line twice", TWICE, 1, S(""), S(""), 2, 2, SUMS },
    { "two lines swapped", SWAPPED, 3, S(""), S(""), 3, 5, SUMS },
    { "a sequence too high", SEALED, 3, S("000000000003"), S("000000000005"), 3, 4, GAP },
    { "a sequence too low", SEALED, 3, S("000000000003"), S("000000000002"), 3, 4, GAP },
    { "the first sequence not 1", SEALED, 1, S("000000000001"), S("000000000002"), 1, 2, GAP },
    { "a sequence of zeros", SEALED, 3, S("000000000003"), S("000000000000"), 3, 3, "sequence: " },
    { "a sequence of 11 digits", SEALED, 3, S("000000000003"), S("00000000003"), 3, 3, "sequence: " },
    { "a sequence that is a number", SEALED, 3, S("\"000000000003\""), S("3"), 3, 3, "sequence: " },
    { "no sequence", SEALED, 3, S(",\"sequence\":\"000000000003\""), S(""), 3, 3, "sequence: missing" },
    { "another product", SEALED, 3, S("85123A"), S("85123a"), 3, 3, "subject: not the product" },
    { "no product", SEALED, 3, S("\"subject\":\"85123A\","), S(""), 3, 3, "subject: missing" },
    { "an earlier time", SEALED, 4, S("09:30:02"), S("09:30:00"), 4, 4, "time: before" },
    { "a later time", SEALED, 3, S("09:30:01"), S("23:30:01"), 4, 4, "time: before" },
    { "no such day", SEALED, 3, S("01-31"), S("02-31"), 3, 3, "time: not a time" },
    { "none of anything", SEALED, 3, S("\"quantity\":4"), S("\"quantity\":0"), 3, 3, "quantity: not a positive" },
    { "a quantity of 4.0", SEALED, 3, S("\"quantity\":4"), S("\"quantity\":4.0"), 3, 3, "quantity: not a positive" },
    { "more removed than there was", SEALED, 3, S("\"quantity\":4"), S("\"quantity\":35"), 3, 3, "quantity: more" },
    { "more sold than there was", SEALED, 8, S("\"quantity\":30"), S("\"quantity\":31"), 8, 8, "quantity: more" },
    { "more added than can be counted", SEALED, 6, S(":3}"), S(":9007199254740991}"), 6, 6, "quantity: more" },
    { "sold before anything came", SEALED, 1, S("\"quantity\":40"), S("\"quantity\":5"), 2, 2, "quantity: more" },
    { "a type of another journal", SEALED, 5, S("\"type\":\"stock.returned\""), S("\"type\":\"order.created\""), 5, 5,
      "type: not an event of this" },
    { "a message", SEALED, 5, S("\"type\":\"stock.returned\""), S("\"type\":\"stock.available\""), 5, 5,
      "type: not an event of this" },
    { "an id that tells another type", SEALED, 5, S("stock.returned"), S("stock.added"), 5, 5, "id: not the" },
    { "no cause of a sale", SEALED, 2, S(",\"causationid\":\"" REQUEST "/stock.available\""), S(""), 2, 2,
      "causationid: missing" },
    { "a member twice", SEALED, 3, S("{\"quantity\":4"), S("{\"quantity\":4,\"quantity\":4"), 3, 3, "not JSON" },
    { "not UTF-8 and summed up", SEALED, 3, S("/test"), S("/\xff"), 3, 3, "not UTF-8" },
    { "a NUL byte, summed up", SEALED, 3, S("/test"), S("/\0"), 3, 3, "a NUL byte" },
};

static void
spoil(struct heads *heads, const struct damage *row)
{
    size_t at = row->line - 1, others = heads->count - row->line;
    struct buffer *line = &heads->line[at], kept, added = { 0 };

    switch (row->how) {
    case SEALED:
    case BROKEN:
        if (!change(line, row->from, row->to))
            buffer_text(line, "the table is wrong");
        return;
    case OTHER_SUM:
        line->at[line->length - 4] = line->at[line->length - 4] == '0' ? '1' : '0';
        return;
    case MISSING:
        kept = *line;
        memmove(line, line + 1, others * sizeof *line);
        heads->line[--heads->count] = kept;
        return;
    case SWAPPED:
        kept = line[0];
        line[0] = line[1];
        line[1] = kept;
        return;
    case TWICE:
    case BETWEEN:
        if (row->how == TWICE)
            buffer_add(&added, line->at, line->length);
        else
            buffer_slice(&added, row->to);
        buffer_free(&heads->line[heads->count++]);
        memmove(line + 1, line, (others + 1) * sizeof *line);
        *line = added;
        return;
    }
}

/* Each wrong line is reported at most once, the first surely, none outside first to last. */
static bool
reported(const struct reports *reports, const struct damage *row)
{
    if (row->first == 0)
        return reports->count == 0;
    if (reports->count == 0 || reports->line[0] != row->first)
        return false;
    for (size_t i = 1; i < reports->count; i++)
        if (reports->line[i] <= reports->line[i - 1] || reports->line[i] > row->last)
            return false;
    return strncmp(reports->first.text, row->reason, strlen(row->reason)) == 0
        && reports->first.status == STATUS_DATA;
}

/* Without somebody to report to, the replay ends before the first wrong line. */
static bool
stops(int fd, const struct damage *row, struct fault *why)
{
    struct replay replay = { .product = SLICE_INIT("85123A") };
    struct replay_reader reader = { .buffer = { 0 } };
    int result = replay_file(&replay, &reader, fd, size_of(fd), why);
    bool good;

    buffer_free(&reader.buffer);
    if (row->first == 0)
        return result == 0 && replay.line == EVENTS && replay.offset == size_of(fd);
    good = result == -1 && why->status == STATUS_DATA && replay.line == row->first
        && strncmp(why->text, row->reason, strlen(row->reason)) == 0;
    return good && replay.state.sequence == row->first - 1 && replay.offset < size_of(fd);
}

static void
test_damages(struct tap *tap)
{
    struct heads heads = { .count = 0 };
    int fd = scratch_file();

    for (size_t i = 0; i < COUNT(damages); i++) {
        const struct damage *row = &damages[i];
        struct reports reports = { .count = 0 };
        struct replay replay = { .product = SLICE_INIT("85123A") };
        struct replay_reader reader = { note_visit, note_damage, &reports, { 0 } };
        struct fault why = { .text = "" };
        int result;

        heads_reset(&heads);
        if (row->how == SEALED)
            spoil(&heads, row);
        seal(&heads);
        if (row->how != SEALED)
            spoil(&heads, row);
        write_heads(&heads, fd);
        if (!tap_check(tap, stops(fd, row, &why), "stops: %s", row->name))
            printf("# %s\n", why.text);
        result = replay_file(&replay, &reader, fd, size_of(fd), &why);
        if (!tap_check(tap, result == 0 && reported(&reports, row) && replay.offset == size_of(fd)
                       && reports.visits + reports.count == replay.line
                       && replay.uncertain == (row->first != 0), "reports: %s", row->name))
            show_reports(&reports);
        buffer_free(&reader.buffer);
    }
    heads_free(&heads);
    io_close(&fd);
}

/* Behind damage the events are still checked, but no one can know what is left. */
static void
test_behind_damage(struct tap *tap)
{
    struct damage missing = { "", MISSING, 1, S(""), S(""), 1, 1, SUMS };
    struct reports reports = { .count = 0 };
    struct replay replay = { .product = SLICE_INIT("85123A") };
    struct replay_reader reader = { NULL, note_damage, &reports, { 0 } };
    struct heads heads = { .count = 0 };
    struct fault why;
    int fd = scratch_file();

    heads_reset(&heads);
    seal(&heads);
    spoil(&heads, &missing);
    (void)change(&heads.line[4], SLICE("\"quantity\":3"), SLICE("\"quantity\":2"));
    write_heads(&heads, fd);
    tap_check(tap, replay_file(&replay, &reader, fd, size_of(fd), &why) == 0 && reports.count == 2
              && reports.line[0] == 1 && reports.line[1] == 5 && replay.state.sequence == 8,
              "two damages: each is reported, and nothing for want of the goods of the first");
    buffer_free(&reader.buffer);
    heads_free(&heads);
    io_close(&fd);
}

int
main(void)
{
    struct tap tap = { 0 };

    test_damages(&tap);
    test_behind_damage(&tap);
    return tap_done(&tap);
}

/* chart_text.c -- the stock of products over time, as lines of text. */
#include <inttypes.h>
#include <stdio.h>

#include "base/moment.h"
#include "service/chart.h"
#include "service/columns.h"

enum { BUCKETS_MIN = 8, DATE = sizeof "2026-01-31 09:30" - 1 };

/* Widths of the columns. */
struct layout {
    size_t product, least, most, last, buckets;
};

static size_t
digits(int64_t number)
{
    return (size_t)snprintf(NULL, 0, "%" PRId64, number);
}

static size_t
greater(size_t a, size_t b)
{
    return a > b ? a : b;
}

static struct layout
lay_out(const struct chart *chart, size_t width)
{
    struct layout layout = { sizeof "product" - 1, sizeof "least" - 1, sizeof "most" - 1, sizeof "last" - 1, BUCKETS_MIN };
    size_t taken;

    for (size_t i = 0; i < chart->count; i++) {
        const struct chart_line *line = &chart->lines[i];

        if (!line->any)
            continue;
        (void)columns_fit(line->product, greater(width / 3, layout.product), &taken);
        layout.product = greater(layout.product, taken);
        layout.least = greater(layout.least, digits(line->least));
        layout.most = greater(layout.most, digits(line->most));
        layout.last = greater(layout.last, digits(line->last));
    }
    taken = layout.product + layout.least + layout.most + layout.last + 4 * 2;
    if (width > taken + BUCKETS_MIN)
        layout.buckets = width - taken;
    return layout;
}

size_t
chart_text_buckets(const struct chart *chart, size_t width)
{
    return lay_out(chart, width).buckets;
}

static void
put_right(struct buffer *out, const char *text, size_t columns)
{
    columns_spaces(out, 2 + columns - strlen(text));
    buffer_text(out, text);
}

static void
put_number(struct buffer *out, int64_t number, size_t columns)
{
    char text[32];

    (void)snprintf(text, sizeof text, "%" PRId64, number);
    put_right(out, text, columns);
}

/* "2026-01-31 09:30" */
static void
put_date(struct buffer *out, int64_t time)
{
    struct moment moment = moment_from(time);

    moment.text[sizeof "2026-01-31" - 1] = ' ';
    buffer_add(out, moment.text, DATE);
}

static void
put_heading(struct buffer *out, const struct chart *chart, const struct layout *layout)
{
    columns_put(out, SLICE("product"), layout->product);
    put_right(out, "least", layout->least);
    put_right(out, "most", layout->most);
    put_right(out, "last", layout->last);
    if (layout->buckets >= DATE) {
        buffer_text(out, "  ");
        put_date(out, chart->from);
    }
    if (layout->buckets >= 2 * DATE + 2) {
        columns_spaces(out, layout->buckets - 2 * DATE);
        put_date(out, chart->to);
    }
    buffer_text(out, "\n");
}

void
chart_text(const struct chart *chart, size_t width, struct buffer *out)
{
    const struct layout layout = lay_out(chart, width);

    put_heading(out, chart, &layout);
    for (size_t i = 0; i < chart->count; i++) {
        const struct chart_line *line = &chart->lines[i];
        const struct samples *samples = &line->samples;

        if (!line->any)
            continue;
        columns_put(out, line->product, layout.product);
        put_number(out, line->least, layout.least);
        put_number(out, line->most, layout.most);
        put_number(out, line->last, layout.last);
        buffer_text(out, "  ");
        for (size_t j = 0; j < samples->count; j++)
            buffer_text(out, samples->known[j] ? columns_level(samples_level(samples->values[j], line->least, line->most,
                                                                             COLUMNS_LEVELS)) : " ");
        buffer_text(out, "\n");
    }
}

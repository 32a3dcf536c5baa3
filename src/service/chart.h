/*
 * chart.h -- the stock of products over time, drawn.
 */
#ifndef CHART_H
#define CHART_H

#include "base/bytes.h"
#include "domain/samples.h"

/* One product's line.  Without an event it has none. */
struct chart_line {
    struct slice product;
    bool any;
    int64_t least, most, last;
    struct samples samples;     /* filled */
};

/* Times are microseconds since 1970. */
struct chart {
    int64_t from, to;
    struct chart_line *lines;
    size_t count;
};

enum {
    CHART_SVG_LINES = 8,        /* so many can be told from each other */
    CHART_SVG_BUCKETS = 720,
};

/*
 * A line of text a product, in characters of the process's locale (LC_CTYPE): how many buckets
 * fit into lines of `width` characters, of which the numbers are known; then the lines, with a
 * heading.
 */
size_t chart_text_buckets(const struct chart *chart, size_t width);
void chart_text(const struct chart *chart, size_t width, struct buffer *out);

/* The same as an SVG, from samples of CHART_SVG_BUCKETS and no more lines than CHART_SVG_LINES. */
void chart_svg(const struct chart *chart, struct buffer *out);

#endif

/*
 * chart_svg.c -- the stock of products over time, as an SVG.
 *
 * One that stands for itself: no font and no file from elsewhere, and colours that can be
 * read on a light ground and, where the reader wants that, on a dark one.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "base/moment.h"
#include "base/text.h"
#include "service/chart.h"

enum {
    TOP = 36, HEIGHT = 320, RIGHT = 24, AXIS = 32,      /* around the lines and of them, in pixels */
    ROW = 20, DIGIT = 7, GAP = 8,
    MARKS = 5, TIME_MARKS = 6,
};

#define DAY INT64_C(86400)

/* How far it is from the left edge to the lines, and what the highest mark is. */
struct frame {
    const struct chart *chart;
    int left, width, height;
    int64_t step, most;
};

static const char style[] =
    "<style>"
    "text{font:12px system-ui,sans-serif;fill:#333}"
    ".ground{fill:#fff}.grid{stroke:#ddd}.axis{stroke:#777}"
    ".line{fill:none;stroke-width:1.5;stroke-linejoin:round}"
    ".c0{stroke:#0b62c4}.c1{stroke:#c43d00}.c2{stroke:#0a7d42}.c3{stroke:#a3197f}"
    ".c4{stroke:#8a6200}.c5{stroke:#0a7885}.c6{stroke:#6b46c8}.c7{stroke:#5c5c5c}"
    "@media (prefers-color-scheme:dark){"
    "text{fill:#ddd}.ground{fill:#16181c}.grid{stroke:#33373d}.axis{stroke:#8b9098}"
    ".c0{stroke:#6cb1ff}.c1{stroke:#ff9a66}.c2{stroke:#5fd394}.c3{stroke:#f08ad6}"
    ".c4{stroke:#e0b84c}.c5{stroke:#5ccfdc}.c6{stroke:#b79cff}.c7{stroke:#bdbdbd}"
    "}</style>\n";

__attribute__((format(printf, 2, 3))) static void
put(struct buffer *out, const char *format, ...)
{
    char text[256];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buffer_add(out, text, (size_t)length < sizeof text ? (size_t)length : sizeof text - 1);
}

/* As text of XML, in which U+FFFE and U+FFFF may not stand. */
static void
put_text(struct buffer *out, struct slice text)
{
    for (size_t i = 0; i < text.length; i++) {
        const char *at = text.at + i;

        if (text.length - i >= 3 && (memcmp(at, "\xef\xbf\xbe", 3) == 0 || memcmp(at, "\xef\xbf\xbf", 3) == 0)) {
            buffer_text(out, "\xef\xbf\xbd");
            i += 2;
            continue;
        }
        switch (*at) {
        case '&': buffer_text(out, "&amp;"); break;
        case '<': buffer_text(out, "&lt;"); break;
        case '>': buffer_text(out, "&gt;"); break;
        default: buffer_add(out, at, 1);
        }
    }
}

/* -- where things are ------------------------------------------------------------------ */

static struct frame
frame_of(const struct chart *chart)
{
    struct frame frame = { .chart = chart, .width = CHART_SVG_BUCKETS };
    int64_t most = 0;
    int rows = 0;

    for (size_t i = 0; i < chart->count; i++) {
        if (!chart->lines[i].any)
            continue;
        rows++;
        most = chart->lines[i].most > most ? chart->lines[i].most : most;
    }
    frame.step = samples_step(most, MARKS);
    frame.most = (most / frame.step + (most % frame.step != 0)) * frame.step;
    if (frame.most == 0)
        frame.most = frame.step;
    frame.left = snprintf(NULL, 0, "%" PRId64, frame.most) * DIGIT + 3 * GAP;
    frame.left = frame.left < 6 * GAP ? 6 * GAP : frame.left;
    frame.height = TOP + HEIGHT + AXIS + GAP + rows * ROW;
    return frame;
}

static double
y_of(const struct frame *frame, int64_t value)
{
    return TOP + HEIGHT - (double)value / (double)frame->most * HEIGHT;
}

static double
x_of(const struct frame *frame, int64_t time)
{
    const struct chart *chart = frame->chart;
    double length = (double)(chart->to - chart->from);

    return frame->left + (length > 0 ? (double)(time - chart->from) / length * frame->width : 0);
}

/* -- the axes -------------------------------------------------------------------------- */

static void
put_numbers(struct buffer *out, const struct frame *frame)
{
    for (int64_t value = 0; value <= frame->most; value += frame->step) {
        double y = y_of(frame, value);

        put(out, "<line class=\"%s\" x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\"/>\n", value == 0 ? "axis" : "grid",
            frame->left, y, frame->left + frame->width, y);
        put(out, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%" PRId64 "</text>\n", frame->left - GAP, y + 4, value);
    }
}

/* Between the marks on the axis of time: seconds, or months. */
struct pace {
    int64_t seconds;
    int months;
    size_t from, length;        /* what of a time's text is said */
};

static struct pace
pace_of(int64_t seconds)
{
    static const struct pace paces[] = {
        { 1, 0, 11, 8 }, { 5, 0, 11, 8 }, { 15, 0, 11, 8 }, { 30, 0, 11, 8 }, { 60, 0, 11, 5 }, { 300, 0, 11, 5 },
        { 900, 0, 11, 5 }, { 1800, 0, 11, 5 }, { 3600, 0, 5, 11 }, { 3 * 3600, 0, 5, 11 }, { 6 * 3600, 0, 5, 11 },
        { 12 * 3600, 0, 5, 11 }, { DAY, 0, 0, 10 }, { 2 * DAY, 0, 0, 10 }, { 7 * DAY, 0, 0, 10 },
        { 14 * DAY, 0, 0, 10 }, { 31 * DAY, 1, 0, 7 }, { 61 * DAY, 2, 0, 7 }, { 91 * DAY, 3, 0, 7 },
        { 182 * DAY, 6, 0, 7 }, { 365 * DAY, 12, 0, 4 }, { 1826 * DAY, 60, 0, 4 }, { 3652 * DAY, 120, 0, 4 },
        { 36524 * DAY, 1200, 0, 4 },
    };
    size_t i = 0;

    while (i + 1 < sizeof paces / sizeof paces[0] && seconds / paces[i].seconds > TIME_MARKS)
        i++;
    return paces[i];
}

/* The first mark at or behind a time, in seconds. */
static int64_t
first_mark(const struct pace *pace, int64_t seconds)
{
    time_t time = (time_t)seconds;
    struct tm day;
    int months;

    if (pace->months == 0)
        return seconds - (seconds % pace->seconds + pace->seconds) % pace->seconds
            + (seconds % pace->seconds != 0 ? pace->seconds : 0);
    (void)gmtime_r(&time, &day);
    months = (day.tm_year + 1900) * 12 + day.tm_mon;
    for (months -= months % pace->months;; months += pace->months) {
        struct tm mark = { .tm_year = months / 12 - 1900, .tm_mon = months % 12, .tm_mday = 1 };
        int64_t at = (int64_t)timegm(&mark);

        if (at >= seconds)
            return at;
    }
}

static void
put_times(struct buffer *out, const struct frame *frame)
{
    const int64_t from = frame->chart->from / 1000000, to = frame->chart->to / 1000000;
    const struct pace pace = pace_of(to - from);

    for (int64_t mark = first_mark(&pace, from); mark <= to; mark = first_mark(&pace, mark + 1)) {
        struct moment moment = moment_from(mark * 1000000);
        double x = x_of(frame, mark * 1000000);

        moment.text[10] = ' ';
        if (x < frame->left)    /* within the second in which the first event was */
            continue;
        put(out, "<line class=\"axis\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>\n", x, TOP + HEIGHT, x,
            TOP + HEIGHT + 5);
        put(out, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.*s</text>\n", x, TOP + HEIGHT + AXIS - 12,
            (int)pace.length, moment.text + pace.from);
    }
}

/* -- the lines ------------------------------------------------------------------------- */

/* Steps: along, and where a value changes up or down. */
static void
put_line(struct buffer *out, const struct frame *frame, const struct chart_line *line, size_t colour)
{
    const struct samples *samples = &line->samples;
    size_t i = 0;

    while (i < samples->count && !samples->known[i])
        i++;
    put(out, "<path class=\"line c%zu\" d=\"M%zu %.1f", colour, (size_t)frame->left + i, y_of(frame, samples->values[i]));
    for (i++; i < samples->count; i++)
        if (samples->values[i] != samples->values[i - 1])
            put(out, "H%zuV%.1f", (size_t)frame->left + i, y_of(frame, samples->values[i]));
    put(out, "H%d\"><title>", frame->left + frame->width);
    put_text(out, line->product);
    put(out, "</title></path>\n");
}

static void
put_legend(struct buffer *out, const struct frame *frame, const struct chart_line *line, size_t colour)
{
    int y = TOP + HEIGHT + AXIS + GAP + (int)colour * ROW;

    put(out, "<line class=\"line c%zu\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n", colour, frame->left, y,
        frame->left + 24, y);
    put(out, "<text x=\"%d\" y=\"%d\">", frame->left + 32, y + 4);
    put_text(out, line->product);
    put(out, ": %" PRId64 " (%" PRId64 " to %" PRId64 ")</text>\n", line->last, line->least, line->most);
}

void
chart_svg(const struct chart *chart, struct buffer *out)
{
    const struct frame frame = frame_of(chart);
    struct moment from = moment_from(chart->from), to = moment_from(chart->to);
    const int width = frame.left + frame.width + RIGHT;
    size_t colour = 0;

    put(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n",
        width, frame.height, width, frame.height);
    from.text[10] = to.text[10] = ' ';
    put(out, "<title>Stock from %.19s to %.19s UTC</title>\n", from.text, to.text);
    buffer_text(out, style);
    put(out, "<rect class=\"ground\" width=\"100%%\" height=\"100%%\"/>\n");
    put(out, "<text x=\"%d\" y=\"%d\">available, %.16s to %.16s UTC</text>\n", frame.left, TOP - 16, from.text, to.text);
    put_numbers(out, &frame);
    put_times(out, &frame);
    for (size_t i = 0; i < chart->count; i++) {
        if (!chart->lines[i].any)
            continue;
        put_line(out, &frame, &chart->lines[i], colour);
        put_legend(out, &frame, &chart->lines[i], colour++);
    }
    put(out, "</svg>\n");
}

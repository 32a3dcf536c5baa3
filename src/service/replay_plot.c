/*
 * replay_plot.c -- evreplay --plot and --svg: the stock over time.
 *
 * Journals are gone through twice: for the first and the last time and the numbers, which
 * say how wide a line can be; then for the line.
 */
#include <stdlib.h>

#include "service/chart.h"
#include "service/replay_if.h"
#include "service/replay_plot.h"
#include "service/replay_walk.h"

/* One product, in the first reading and the second. */
struct tracing {
    struct chart *chart;
    struct chart_line *line;
    bool began;                 /* a product of the chart has an event */
};

static void
measure(void *context, struct slice text, const struct history_state *state)
{
    struct tracing *tracing = context;
    struct chart_line *line = tracing->line;
    int64_t time = moment_microseconds(state->time.text), value = product_balance(&state->product);

    (void)text;
    if (!tracing->began || time < tracing->chart->from)
        tracing->chart->from = time;
    if (!tracing->began || time > tracing->chart->to)
        tracing->chart->to = time;
    tracing->began = true;
    if (!line->any || value < line->least)
        line->least = value;
    if (!line->any || value > line->most)
        line->most = value;
    line->any = true;
    line->last = value;
}

static void
trace(void *context, struct slice text, const struct history_state *state)
{
    const struct tracing *tracing = context;
    int64_t value = product_balance(&state->product);

    (void)text;
    samples_add(&tracing->line->samples, moment_microseconds(state->time.text), value);
    tracing->line->last = value;
}

static int
measure_all(const struct replay_job *job, struct chart *chart)
{
    struct tracing tracing = { .chart = chart };
    const char *until = job->wish->until.text;
    int worst = STATUS_DONE;

    for (size_t i = 0; i < chart->count; i++) {
        struct chart before = *chart;
        bool began = tracing.began;
        int status;

        chart->lines[i].product = job->products[i];
        tracing.line = &chart->lines[i];
        status = replay_walk(job, job->products[i], REPLAY_SHOWN_LATER, measure, &tracing);
        if (status == STATUS_DONE)
            continue;
        /* What is damaged leaves no trace. */
        worst = fault_worse(worst, status);
        chart->from = before.from;
        chart->to = before.to;
        tracing.began = began;
        tracing.line->any = false;
    }
    if (until[0] != '\0' && moment_microseconds(until) > chart->from)
        chart->to = moment_microseconds(until);
    return worst;
}

static int
trace_all(const struct replay_job *job, struct chart *chart, size_t buckets)
{
    int worst = STATUS_DONE;

    replay_if_again(job->what_if);
    for (size_t i = 0; i < chart->count; i++) {
        struct chart_line *line = &chart->lines[i];
        struct tracing tracing = { .chart = chart, .line = line };
        int status = STATUS_DONE;

        line->samples = (struct samples){ .from = chart->from, .to = chart->to, .count = buckets };
        if (line->any)
            status = replay_walk(job, line->product, REPLAY_AGAIN, trace, &tracing);
        if (status != STATUS_DONE)
            worst = status;
        line->any = line->any && status == STATUS_DONE && line->samples.values != NULL;
        samples_fill(&line->samples);
    }
    return worst;
}

/* Those that have an event. */
static size_t
count_lines(const struct chart *chart)
{
    size_t count = 0;

    for (size_t i = 0; i < chart->count; i++)
        count += chart->lines[i].any;
    return count;
}

static int
draw(struct replay_job *job, struct chart *chart)
{
    const bool svg = job->wish->view == REPLAY_SVG;
    struct buffer out = { 0 };
    size_t width = cli_width();
    int status;

    status = trace_all(job, chart, svg ? CHART_SVG_BUCKETS : chart_text_buckets(chart, width));
    progress_end(job->progress);
    job->progress = NULL;
    if (svg && count_lines(chart) > 0)
        chart_svg(chart, &out);
    else if (count_lines(chart) > 0)
        chart_text(chart, width, &out);
    cli_print(&out);
    buffer_free(&out);
    return status;
}

int
replay_plot(struct replay_job *job)
{
    struct chart chart = { .lines = memory_zeroed(job->count + 1, sizeof(struct chart_line)), .count = job->count };
    int status = STATUS_USAGE, drawn = STATUS_DONE;

    if (job->wish->view == REPLAY_SVG && job->count > CHART_SVG_LINES) {
        (void)fprintf(stderr, "evreplay: --svg: %zu products, but at most %d have a line of their own: name them\n",
                      job->count, CHART_SVG_LINES);
    } else {
        job->progress = replay_watch(job, job->what_if != NULL ? 4 : 2, false);
        status = measure_all(job, &chart);
        drawn = draw(job, &chart);
    }
    for (size_t i = 0; i < chart.count; i++)
        samples_free(&chart.lines[i].samples);
    free(chart.lines);
    return status != STATUS_DONE ? status : drawn;
}

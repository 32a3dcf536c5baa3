/*
 * replay_plot.h -- evreplay --plot and --svg: the stock over time.
 */
#ifndef REPLAY_PLOT_H
#define REPLAY_PLOT_H

#include "service/replay_view.h"

/* Draw the products that have an event; returns the exit status. */
int replay_plot(struct replay_job *job);

#endif

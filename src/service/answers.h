/*
 * answers.h -- ask for the results of requests, now or when they come.
 */
#ifndef ANSWERS_H
#define ANSWERS_H

#include "domain/message.h"
#include "service/cli.h"

/*
 * Print the results of requests to standard output, one a line, in their order;
 * those that are missing are waited for, at most `wait` milliseconds.  One that cannot
 * be read is reported and ends the waiting, and what there is of the others is printed.
 * Returns the exit status, after a report if that is due: that of what cannot be read,
 * else STATUS_NOT_YET if one is missing, else STATUS_DATA if one is not of this purchase
 * (NULL: of whatever there is), else STATUS_NO if one failed, else STATUS_DONE.
 */
int answers_print(const char *command, struct store *store, const struct slice *requests, size_t count, int64_t wait,
                  const struct message *purchase);

#endif

/*
 * packs.h -- packed results: find one, append a batch's.
 *
 * Writer   One at a time: whoever holds the orders.  It cuts off an end that is
 *          not a whole line, and appends what a batch has for a pack at once.
 * Order    Of several results of one request in a pack the last counts: it was put
 *          because it overrules those before (service/claim.h).
 * Crash    leaves some of a batch's lines, the last of them perhaps torn.
 */
#ifndef PACKS_H
#define PACKS_H

#include "domain/result.h"
#include "store/file/store_file.h"

/*
 * Is there no result in a file of its own?  False if that is not known: it is looked at once a
 * batch, by who packs results and holds the orders, so that nobody else makes any meanwhile;
 * results/ is only read again when it has changed, or has just changed.
 */
bool packs_only(struct store *store);

/* By who appends them, before anything is held: files that may be open are set aside for packs, if there are enough. */
void packs_begin(struct store *store);

/* result_get() for what is packed.  Costs the same for any length, once the pack was read. */
int packs_get(struct store *store, struct slice request, struct buffer *line, struct arena *arena,
              struct result *result, struct fault *why);

/* Gather a result's line, its newline included, for packs_show(). */
void packs_put(struct store *store, struct slice request, struct slice line);

/*
 * Append what was gathered, not synced: store_settle().  Where writing fails the
 * pack is cut back to what it was.  STATUS_IO, STATUS_DATA, STATUS_CANNOT_CREATE.
 */
int packs_show(struct store *store, struct fault *why);

/* Before the store is closed. */
void packs_free(struct store *store);

#endif

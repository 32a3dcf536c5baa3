/*
 * journal.h -- streams of events, one a product, and the stream of orders.
 *
 * Order        Events of a stream are numbered from 1 without a gap; their
 *              times never run backwards.
 * Concurrency  Whoever holds a stream is the only one to append to it; anybody
 *              may read at any time and sees whole events.
 * Damage       A stream that is damaged, or cannot be trusted to be one, is
 *              STATUS_DATA with the place; nothing is replayed past it and
 *              nothing appended.  What a crash leaves is not damage: a cut-off
 *              end is put aside (dead.h) by the next who holds the stream.
 */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "domain/message.h"
#include "store/store.h"
#include "store/walk.h"

struct journal;                 /* opaque; belongs to its store */

/*
 * The stream of a product, or of the orders.  Reads nothing.  What is returned
 * stays valid until the store is closed or store_commit() has returned.
 */
struct journal *journal_of(struct store *store, struct slice product);
struct journal *journal_of_orders(struct store *store);

/*
 * Streams that were asked for the first time since the last call, or store_commit(), are about to
 * be read: if they are many, open them side by side, and read them, where many had to be read
 * from the disk the time before.
 */
void journals_foresee(struct store *store);

/* How many streams of products were asked for since the last store_commit(). */
size_t journals_in_use(const struct store *store);

/*
 * Bring what is known of the stream up to what it holds now; once a batch, be it called for
 * each line.  STATUS_DATA damage, STATUS_IO.
 */
int journal_catch_up(struct journal *journal, struct fault *why);

/* State as of the last catching up and the appends since. */
const struct product *journal_state(const struct journal *journal);

/*
 * Does the stream hold an event of this request, of one of these types?
 * 1 and the first such event, whose slices last until the next call with this
 * store; or 0; or -1 with STATUS_IO.  Costs the same for any length.
 */
int journal_find(struct journal *journal, struct slice request, unsigned types, struct message *event,
                 struct fault *why);

/*
 * The same, for each such event in turn; `types` may differ from call to call.  One that was
 * told of may come again when the index turns out to be damaged meanwhile.  A call that reads
 * lines, as walk->lines tells, ends the life of the event before it even where it finds none:
 * the index may take another request for this one until its line is read.
 */
int journal_next(struct journal *journal, struct slice request, unsigned types, struct walk *walk,
                 struct message *event, struct fault *why);

/* A request will soon be looked for: begin to load from memory what tells where its events are. */
void journal_expect(const struct journal *journal, struct slice request);

/* Ask for a stream to be held next; no more than journal_hold_max() can be held at once. */
void journal_want(struct journal *journal);
size_t journal_hold_max(const struct store *store);

/*
 * Hold the streams that are wanted, each caught up, to the end of the batch:
 * store_commit().  They are locked in one order, whoever asks; the orders are
 * never waited for while a product is held, so they are wanted and held first.
 * With `create` a stream that does not exist is begun; without, it is held as
 * an empty one that nothing can be appended to.  One that is damaged does not
 * fail the others: its journal_catch_up() says why.
 * STATUS_IO, STATUS_CANNOT_CREATE.
 */
int journal_hold(struct store *store, bool create, struct fault *why);

/*
 * Append an event to a stream that is held.  The caller fills in type, cause,
 * request, product, data and the time it is now; the event's number, and its
 * time (the later of now and that of the event before), are put into *event.
 * Not on disk before store_commit().
 * STATUS_NO             the events so far do not allow it
 * STATUS_DATA           the line would be longer than LINE_MAX_BYTES
 * STATUS_CANNOT_CREATE  the journal is full
 */
int journal_append(struct journal *journal, struct message *event, struct fault *why);

/* The answer rests on what was found here: let store_commit() or store_rest() sync it too. */
void journal_rest_on(struct journal *journal);

/*
 * An opinion rests on the state of the stream: store_settle() syncs what that was read from.
 * What becomes of the opinion is an event behind it, which is synced with all before it.
 */
void journal_lean_on(struct journal *journal);

/* Text of the event appended last, with its newline; until store_commit(). */
struct slice journal_last_line(const struct journal *journal);

/* Text of the event found last, without its newline; until the next look. */
struct slice journal_found_line(const struct journal *journal);

#endif

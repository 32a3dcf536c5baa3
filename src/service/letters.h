/*
 * letters.h -- what a command could not process: reported and kept.
 *
 * A line on standard error ("evcheck: stdin:17: quantity: not a positive
 * integer") and a dead letter, in the store or where --dead says.
 */
#ifndef LETTERS_H
#define LETTERS_H

#include "service/sink.h"
#include "service/source.h"
#include "store/store.h"

struct letters;

/* `sink` (NULL: the store's own place) and `store` are borrowed. */
struct letters *letters_new(const char *command, struct store *store, struct sink *sink);

/*
 * Put a whole line of the batch that was taken aside.  It is kept and told when
 * letters_flush() has returned.  One from a topic that was put aside before is
 * passed over.  STATUS_IO.
 */
int letters_add(struct letters *letters, const struct source *source, const struct line *line, const char *reason,
                struct fault *why);

/*
 * Put a line that is too long aside, piece by piece: it goes through a file
 * (spill.h), never through memory.  STATUS_IO.
 */
int letters_add_piece(struct letters *letters, const struct source *source, const struct line *line,
                      struct fault *why);

/*
 * Wait until all of them are kept, then tell of them.  No lock of the store is to be held: whoever reads
 * standard error may let us wait, and may be gone, which ends us.  STATUS_IO, STATUS_CANNOT_CREATE.
 */
int letters_flush(struct letters *letters, struct fault *why);

/*
 * The command cannot go on, for this reason: its batch is not done, but what was put aside of
 * it has been told, and is kept.  Reports the reason, and what goes wrong on the way; the
 * exit status.
 */
int letters_give_up(struct letters *letters, const struct fault *why);

/* How many lines were put aside so far. */
uint64_t letters_count(const struct letters *letters);

/* NULL is allowed. */
void letters_free(struct letters *letters);

#endif

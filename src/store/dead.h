/*
 * dead.h -- where a store keeps what could not be processed.
 *
 * A command's letters are numbered by the bytes before them.  Those before a
 * certain one were redriven (redrive.h), or are never sent.
 */
#ifndef DEAD_H
#define DEAD_H

#include "base/bytes.h"
#include "domain/letter.h"
#include "store/store.h"

/*
 * Append a line of dead letters, and be back when it is on disk.  `spill` is a
 * file whose bytes are appended behind it, or -1.  A crash may leave a part of
 * it, which the next call ends with a newline.  STATUS_IO, STATUS_CANNOT_CREATE.
 */
int dead_append(struct store *store, struct slice lines, int spill, struct fault *why);

/*
 * Has the message that was read there been put aside by this command already?
 * 1, 0, or -1 with STATUS_IO.  Reads what was appended since the last call.
 */
int dead_contains(struct store *store, const struct origin *origin, struct fault *why);

/*
 * How many whole letters of a command, or of all with NULL, come behind those that were
 * redriven.  STATUS_IO; STATUS_DATA if what tells how far a
 * redrive came is damaged, or is about other letters than these.
 */
int dead_count(struct store *store, const char *command, uint64_t *count, struct fault *why);

/* How many bytes of a command's letters were redriven.  Errors as above. */
int dead_redriven(struct store *store, const char *command, uint64_t *bytes, struct fault *why);

enum { DEAD_COMMAND_MAX = 32 };

/* The commands that have letters, in the order of their bytes; { 0 } at first, dead_commands_free(). */
struct dead_commands {
    char (*list)[DEAD_COMMAND_MAX + 1];
    size_t count, room;
};

int dead_commands(struct store *store, struct dead_commands *out, struct fault *why);
void dead_commands_free(struct dead_commands *commands);

/* -- reading the letters of a command ------------------------------------------ */

struct dead_reader;             /* opaque */

/* A whole line; letter_read() reads it. */
struct dead_line {
    uint64_t offset;            /* bytes before it */
    uint64_t length;            /* without its newline */
    struct slice text;          /* the line; of one that is longer than a chunk its beginning */
};

/*
 * Read from the letter at `from` on what is there now; a command without letters has
 * none.  The caller owns *out: dead_close().  STATUS_IO, STATUS_DATA.
 */
int dead_open(struct dead_reader **out, struct store *store, const char *command, uint64_t from, struct fault *why);

/* The next line, good until the call after it: 1, or 0 at the end, or -1 with STATUS_IO. */
int dead_next(struct dead_reader *reader, struct dead_line *out, struct fault *why);

/* The line that came last comes again. */
void dead_back(struct dead_reader *reader, const struct dead_line *line);

/*
 * Read it as letter_read() does; what is no letter is not `whole`.  Whether it is, is
 * also told of one that is longer than a chunk.  STATUS_IO.
 */
int dead_letter(struct dead_reader *reader, const struct dead_line *line, struct letter_view *out, struct fault *why);

/* Append the line's bytes from `from` on, at most `most`.  STATUS_IO. */
int dead_part(struct dead_reader *reader, const struct dead_line *line, uint64_t from, size_t most,
              struct buffer *out, struct fault *why);

/* NULL is allowed. */
void dead_close(struct dead_reader *reader);

#endif

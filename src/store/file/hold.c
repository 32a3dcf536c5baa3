/*
 * hold.c -- lock streams for a batch, in the order of their names.
 *
 * Who waits for one holds none that comes after it, so nobody waits in a circle.
 */
#include <stdio.h>
#include <stdlib.h>

#include "domain/long_letter.h"
#include "store/dead.h"
#include "store/file/store_file.h"

enum { HOLD_MAX = 16384, SPARE_PART = 8 };     /* of the files that may be open: for others */

size_t
journal_hold_max(const struct store *store)
{
    const size_t most = store->open_max - store->open_max / SPARE_PART;

    return most < HOLD_MAX ? most : HOLD_MAX;
}

/* A letter whose text is a part of a file. */
static int
keep_long(int fd, uint64_t from, uint64_t end, const struct moment *now, const struct letter *head,
          struct long_letter *letter, struct fault *why)
{
    enum { PIECE = 256 * 1024 };
    char *bytes = memory_new(PIECE);
    int result = long_letter_begin(letter, now, head, why);

    while (result == 0 && from < end) {
        const size_t length = end - from < PIECE ? (size_t)(end - from) : PIECE;

        if (io_pread(fd, bytes, length, (off_t)from) != (ssize_t)length)
            result = fault_system(why, STATUS_IO, "%s: cannot read", head->place);
        else
            result = long_letter_add(letter, (struct slice){ bytes, length }, from + length == end, why);
        from += length;
    }
    free(bytes);
    return result;
}

int
journal_heal(struct journal *journal, struct fault *why)
{
    struct store *store = journal->store;
    struct moment now = store_now(store);
    struct buffer tail = { 0 }, line = { 0 };
    char place[FAULT_TEXT];
    struct letter letter = { store->setting.command, "torn", place, "cut off before its end", NULL };
    const size_t length = (size_t)(journal->size - journal->end);
    struct long_letter aside = { .spill = -1 };
    int result = -1;

    if (length == 0)
        return 0;
    (void)snprintf(place, sizeof place, "%s:%llu", store_path(store, journal->name),
                   (unsigned long long)journal->replay.line + 1);
    if (length > LINE_MAX_BYTES) {      /* it is not held in memory */
        if (keep_long(journal->fd, journal->end, journal->size, &now, &letter, &aside, why) != 0)
            goto done;
    } else if (io_pread(journal->fd, buffer_reserve(&tail, length), length, (off_t)journal->end) != (ssize_t)length) {
        (void)fault_system(why, STATUS_IO, "%s: cannot read", place);
        goto done;
    } else {
        letter_write(&line, &now, &letter, (struct slice){ tail.at, length });
    }
    if (dead_append(store, (struct slice){ line.at, line.length }, aside.spill, why) != 0)
        goto done;
    if (io_truncate(journal->fd, (off_t)journal->end) != 0) {
        (void)fault_system(why, STATUS_IO, "%s: cannot cut off", place);
        goto done;
    }
    result = 0;
done:
    io_close(&aside.spill);
    buffer_free(&tail);
    buffer_free(&line);
    return result;
}

/* A stream that cannot be trusted stays with its fault; the batch goes on. */
static int
keep_damage(struct journal *journal, struct fault *why)
{
    if (why->status != STATUS_DATA)
        return -1;
    journal_set_damage(journal, why);
    return 0;
}

/* Nobody is kept out.  What is pending stands behind what was there when it was appended. */
static int
hold_dry(struct journal *journal, struct fault *why)
{
    return journal->pending.length > 0 || journal_refresh(journal, why) == 0 ? 0 : keep_damage(journal, why);
}

/* Lock what is there and look at it: 0, JOURNAL_GONE if something else is there by now, or -1. */
static int
lock_and_look(struct journal *journal, bool create, struct fault *why)
{
    struct store *store = journal->store;
    int there = journal_open(journal, create, why), result;

    if (there <= 0)
        return there < 0 ? keep_damage(journal, why) : 0;
    if (store->setting.dry)
        return hold_dry(journal, why);
    if (io_lock(journal->fd, LOCK_EX) != 0)
        return fault_system(why, STATUS_IO, "%s: cannot lock", store_path(store, journal->name));
    if (journal == store->orders)
        store->looks++;         /* what stood in other streams may be no more since others had them */
    result = journal_refresh(journal, why);
    if (result != 0)
        return result == JOURNAL_GONE ? JOURNAL_GONE : keep_damage(journal, why);
    store->made_file = store->made_file || (create && journal->size == 0);
    return journal_heal(journal, why);
}

static int
hold_one(struct journal *journal, bool create, struct fault *why)
{
    int result;

    journal->held = true;
    journals_add(&journal->store->held, journal);
    do
        result = lock_and_look(journal, create, why);
    while (result == JOURNAL_GONE);
    return result;
}

static int
by_name(const void *a, const void *b)
{
    const struct journal *const *first = a, *const *second = b;

    return strcmp((*first)->name, (*second)->name);
}

void
journal_want(struct journal *journal)
{
    if (journal->wanted || journal->held)
        return;
    journal->wanted = true;
    journals_add(&journal->store->wanted, journal);
}

int
journal_hold(struct store *store, bool create, struct fault *why)
{
    struct list *wanted = &store->wanted;
    int result = 0;

    if (wanted->count > 1)
        qsort(wanted->journals, wanted->count, sizeof(struct journal *), by_name);
    for (size_t i = 0; i < wanted->count; i++) {
        wanted->journals[i]->wanted = false;
        if (result == 0)
            result = hold_one(wanted->journals[i], create && !store->setting.dry, why);
    }
    wanted->count = 0;
    if (result != 0)
        store_abandon(store);
    return result;
}

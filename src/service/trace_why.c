/*
 * trace_why.c -- why purchases were decided as they were.
 *
 * The journal is read once more, to the decision that is last.  At certain places in it,
 * behind the event that a check saw last and before a decision, what was noted up to there
 * is copied: the latest sales and the sums of all.
 */
#include <stdlib.h>

#include "service/trace.h"

/* Behind an event with an even place: 2 * sequence + 1; before it: 2 * sequence. */
struct mark {
    uint64_t place;
    bool check;
    struct slice product;
    struct grounds *grounds;
};

struct marks {
    struct mark *list;
    size_t count, room, next;
};

/* What is noted while a journal is read. */
struct notes {
    struct marks *marks;
    size_t end;                 /* of the marks of this product */
    struct product state;
    struct takings taken;       /* so far */
};

static void
take(struct takings *taken, const struct message *event)
{
    struct taking *taking;

    if (taken->count == TAKEN_SHOWN)
        memmove(&taken->last[0], &taken->last[1], --taken->count * sizeof taken->last[0]);
    taking = &taken->last[taken->count++];
    *taking = (struct taking){ .type = event->type, .number = event->number, .quantity = event->quantity };
    memcpy(taking->request, event->request.at, UUID_LENGTH);
    memcpy(taking->time.text, event->time.at, MOMENT_LENGTH);
    taken->events++;
    taken->pieces += event->quantity;
}

/* What was taken since the check: the sums of all less those at the check. */
static void
note_between(struct grounds *grounds, const struct takings *taken)
{
    struct takings *between = &grounds->between;

    between->events = taken->events - grounds->earlier.events;
    between->pieces = taken->pieces - grounds->earlier.pieces;
    for (size_t i = 0; i < taken->count; i++)
        if (taken->last[i].number > grounds->check_sequence)
            between->last[between->count++] = taken->last[i];
}

/* An answer to a check that came behind the decision was no ground for it. */
static void
note_mark(const struct notes *notes, const struct mark *mark)
{
    struct grounds *grounds = mark->grounds;

    if (grounds->known)
        return;
    if (mark->check) {
        grounds->earlier = notes->taken;
        return;
    }
    grounds->known = true;
    grounds->before = notes->state;
    grounds->checked = grounds->checked && grounds->check_sequence < mark->place / 2;
    if (grounds->checked)
        note_between(grounds, &notes->taken);
    else
        grounds->earlier = notes->taken;
}

static void
note_marks(struct notes *notes, uint64_t place)
{
    while (notes->marks->next < notes->end && notes->marks->list[notes->marks->next].place <= place)
        note_mark(notes, &notes->marks->list[notes->marks->next++]);
}

/* What is behind an event is noted before the next: a decision follows each check that counts. */
static int
visit(void *context, struct slice line, const struct message *event, const struct history_state *state,
      struct fault *why)
{
    struct notes *notes = context;

    (void)line;
    (void)why;
    note_marks(notes, 2 * event->number);
    notes->state = state->product;
    if (event->type == STOCK_SOLD || event->type == STOCK_REMOVED)
        take(&notes->taken, event);
    return 0;
}

/* It was told of when the journal was read before. */
static int
pass_over(void *context, const struct fault *why)
{
    (void)context;
    (void)why;
    return 0;
}

/* -- marks ------------------------------------------------------------------------ */

static void
add_mark(struct marks *marks, const struct mark *mark)
{
    marks->list = memory_room(marks->list, marks->count, &marks->room, sizeof *marks->list);
    marks->list[marks->count++] = *mark;
}

/* A refusal tells what was seen by who refused; if a check before it saw enough, that is where to begin. */
static void
add_marks(struct marks *marks, const struct trace *trace, struct purchase *purchase)
{
    const struct step *check = purchase->check != NO_STEP ? &trace->steps[purchase->check] : NULL;
    const struct step *decision = purchase->decision != NO_STEP ? &trace->steps[purchase->decision] : NULL;
    struct grounds *grounds;
    struct mark mark = { .product = purchase->product };

    if (decision == NULL)
        return;
    mark.grounds = grounds = purchase->grounds = memory_zeroed(1, sizeof *grounds);
    if (check == NULL && decision->message.type == PURCHASE_REFUSED)
        check = decision;
    if (check != NULL) {
        grounds->checked = true;
        grounds->check_sequence = check->message.sequence;
        grounds->check_available = check->message.available;
        mark.check = true;
        mark.place = 2 * check->message.sequence + 1;
        add_mark(marks, &mark);
    }
    mark.check = false;
    mark.place = 2 * decision->message.number;
    add_mark(marks, &mark);
}

static int
by_place(const void *a, const void *b)
{
    const struct mark *left = a, *right = b;
    int order = slice_compare(left->product, right->product);

    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static void
read_product(struct trace_book *book, struct marks *marks)
{
    struct notes notes = { .marks = marks, .end = marks->next };
    const struct history_reader reader = { .visit = visit, .damage = pass_over, .context = &notes };
    const struct slice product = marks->list[marks->next].product;
    struct history_end end;
    struct fault why;

    while (notes.end < marks->count && slice_equal(marks->list[notes.end].product, product))
        notes.end++;
    if (history_read(book->store, product, &reader, &end, &why) != 0 && why.status != STATUS_NO_INPUT)
        trace_tell(book, &why);
    note_marks(&notes, UINT64_MAX);
}

void
trace_explain(struct trace_book *book)
{
    struct marks marks = { 0 };

    for (size_t i = 0; i < book->set.count; i++)
        for (size_t k = 0; k < book->traces[i].purchase_count; k++)
            add_marks(&marks, &book->traces[i], &book->traces[i].purchases[k]);
    if (marks.count > 1)
        qsort(marks.list, marks.count, sizeof *marks.list, by_place);
    while (marks.next < marks.count)
        read_product(book, &marks);
    free(marks.list);
}

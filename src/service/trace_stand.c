/* trace_stand.c -- how each purchase of a request stands. */
#include <stdlib.h>

#include "service/trace.h"

/* Whose group reads the messages of a type. */
static struct slice
reader_of(enum message_type type)
{
    switch (type) {
    case PURCHASE_REQUESTED: return SLICE("evtask");
    case STOCKCHECK_REQUESTED: return SLICE("evcheck");
    case STOCK_AVAILABLE: return SLICE("evorder");
    case STOCK_UNAVAILABLE: return SLICE("evfail");
    case ORDER_REQUESTED: return SLICE("evcreate");
    default: return SLICE("");
    }
}

static bool
is_of(const struct purchase *purchase, const struct step *step)
{
    return step->message.quantity == purchase->quantity && slice_equal(step->message.product, purchase->product);
}

/* -- what there is of a purchase -------------------------------------------------- */

static void
note_event(struct purchase *purchase, const struct step *step, size_t at)
{
    switch (step->message.type) {
    case STOCK_SOLD: purchase->decision = at; break;
    case PURCHASE_REFUSED: purchase->decision = purchase->refusal = at; break;
    case ORDER_CREATED: purchase->order = at; break;
    default: purchase->back = at; break;
    }
}

static void
note_message(struct purchase *purchase, const struct step *step, size_t at)
{
    switch (step->message.type) {
    case STOCK_AVAILABLE: purchase->check = at; break;
    case ORDER_CREATED: purchase->order = at; break;
    case ORDER_FAILED:
        if (purchase->refusal == NO_STEP)
            purchase->refusal = at;
        break;
    default: break;
    }
}

static void
note(struct trace *trace, struct purchase *purchase)
{
    for (size_t i = 0; i < trace->count; i++) {
        const struct step *step = &trace->steps[i];

        if (step->missing || !is_of(purchase, step))
            continue;
        if (step->kind == STEP_RESULT) {
            purchase->result = i;
            if (!step->created && purchase->refusal == NO_STEP)
                purchase->refusal = i;
        } else if (step->kind == STEP_MESSAGE && step->recorded) {
            note_event(purchase, step, i);
        } else if (step->kind == STEP_MESSAGE) {
            note_message(purchase, step, i);
        }
    }
}

/* -- in which topic it waits ------------------------------------------------------- */

static const struct trace_topic *
look_at(struct trace_book *book, struct slice name)
{
    struct trace_topic topic = { .name = name };
    struct fault why;

    for (size_t i = 0; i < book->topic_count; i++)
        if (slice_equal(book->topics[i].name, name))
            return &book->topics[i];
    topic.known = topic_look(book->store, name, &topic.look, &why) == 0;
    if (!topic.known)
        trace_tell(book, &why);
    book->topics = memory_room(book->topics, book->topic_count, &book->topic_room, sizeof *book->topics);
    book->topics[book->topic_count] = topic;
    return &book->topics[book->topic_count++];
}

static void
add_waiting(struct purchase *purchase, const struct waiting *waiting)
{
    purchase->waiting = memory_room(purchase->waiting, purchase->waiting_count, &purchase->waiting_room,
                                    sizeof *purchase->waiting);
    purchase->waiting[purchase->waiting_count++] = *waiting;
}

static void
wait_for(struct trace_book *book, struct purchase *purchase, const struct step_place *place,
         const struct trace_topic *topic, struct slice group)
{
    struct waiting waiting = { .place = place, .group = group, .wait = WAIT_UNKNOWN };
    struct group_look at = { .known = false };
    struct fault why = { .status = STATUS_NO_INPUT };

    if (place->lane < topic->look.count
        && group_look(book->store, place->topic, &topic->look, group, place->lane, &at, &why) == 0
        && (at.damaged || !at.known))
        (void)fault_set(&why, STATUS_DATA, "@%.*s: lane %u: the offset of the group %.*s is damaged",
                        (int)place->topic.length, place->topic.at, place->lane, (int)group.length, group.at);
    if (why.status != STATUS_NO_INPUT)      /* it is gone meanwhile */
        trace_tell(book, &why);
    if (at.known && at.offset > place->offset)
        waiting.wait = WAIT_PASSED;
    else if (at.known)
        waiting = (struct waiting){ place, WAIT_BEHIND, group, place->offset - at.offset };
    add_waiting(purchase, &waiting);
}

/* The group of the service that is to read it; if there is none, all that there are. */
static void
wait_in(struct trace_book *book, struct purchase *purchase, const struct step_place *place, struct slice reader)
{
    const struct trace_topic *topic = look_at(book, place->topic);
    const struct look_names *groups = &topic->look.groups;
    const struct waiting unread = { .place = place, .wait = topic->known ? WAIT_UNREAD : WAIT_UNKNOWN };

    for (size_t i = 0; i < groups->count; i++) {
        if (!slice_equal((struct slice){ groups->list[i].text, strlen(groups->list[i].text) }, reader))
            continue;
        wait_for(book, purchase, place, topic, reader);
        return;
    }
    for (size_t i = 0; i < groups->count; i++)
        wait_for(book, purchase, place, topic,
                 (struct slice){ groups->list[i].text, strlen(groups->list[i].text) });
    if (groups->count == 0)
        add_waiting(purchase, &unread);
}

static bool
is_waiting(const struct purchase *purchase)
{
    for (size_t i = 0; i < purchase->waiting_count; i++)
        if (purchase->waiting[i].wait == WAIT_BEHIND || purchase->waiting[i].wait == WAIT_UNREAD)
            return true;
    return false;
}

/* -- where it is, if it is not finished -------------------------------------------- */

/* The message that got furthest. */
static size_t
find_front(const struct trace *trace, const struct purchase *purchase)
{
    static const enum message_type types[] = {
        ORDER_REQUESTED, STOCK_UNAVAILABLE, STOCK_AVAILABLE, STOCKCHECK_REQUESTED, PURCHASE_REQUESTED,
    };

    for (size_t k = 0; k < sizeof types / sizeof types[0]; k++)
        for (size_t i = 0; i < trace->count; i++)
            if (trace->steps[i].kind == STEP_MESSAGE && trace->steps[i].message.type == types[k]
                && !trace->steps[i].missing && is_of(purchase, &trace->steps[i]))
                return i;
    return NO_STEP;
}

/* The last letter of it that was not sent again. */
static size_t
find_letter(const struct trace *trace, const struct purchase *purchase)
{
    size_t found = NO_STEP;

    for (size_t i = 0; i < trace->count; i++) {
        const struct step *step = &trace->steps[i];

        if (step->kind == STEP_LETTER && !step->redriven && is_of(purchase, step))
            found = i;
    }
    return found;
}

static void
stand_unfinished(struct trace_book *book, const struct trace *trace, struct purchase *purchase)
{
    const size_t front = find_front(trace, purchase), letter = find_letter(trace, purchase);
    const struct step *step = front != NO_STEP ? &trace->steps[front] : NULL;

    for (size_t i = 0; step != NULL && i < step->place_count; i++)
        if (step->places[i].topic.length > 0)
            wait_in(book, purchase, &step->places[i], reader_of(step->message.type));
    purchase->front = front;
    if (is_waiting(purchase)) {
        purchase->stand = STAND_WAITING;
    } else if (letter != NO_STEP) {
        purchase->stand = STAND_ASIDE;
        purchase->front = letter;
    } else if (purchase->decision != NO_STEP) {
        purchase->stand = STAND_SOLD;
    } else {
        purchase->stand = purchase->waiting_count > 0 ? STAND_WAITING : STAND_LOST;
    }
}

static void
stand(struct trace_book *book, struct trace *trace, struct purchase *purchase)
{
    note(trace, purchase);
    if (purchase->order != NO_STEP || (purchase->result != NO_STEP && trace->steps[purchase->result].created))
        purchase->stand = STAND_CREATED;
    else if (purchase->back != NO_STEP)
        purchase->stand = purchase->decision != NO_STEP ? STAND_TAKEN_BACK : STAND_CHANGED;
    else if (purchase->refusal != NO_STEP)
        purchase->stand = STAND_FAILED;
    else
        stand_unfinished(book, trace, purchase);
}

void
trace_judge(struct trace_book *book, struct trace *trace)
{
    for (size_t i = 0; i < trace->count; i++) {
        const struct step *step = &trace->steps[i];
        bool known = step->missing || step->message.product.length == 0;
        struct purchase purchase = {
            step->message.product, step->message.quantity, STAND_LOST, NO_STEP, NO_STEP, NO_STEP, NO_STEP, NO_STEP,
            NO_STEP, NO_STEP, NULL, 0, 0, NULL,
        };

        for (size_t k = 0; k < trace->purchase_count; k++)
            known = known || is_of(&trace->purchases[k], step);
        if (known)
            continue;
        stand(book, trace, &purchase);
        trace->purchases = trace_room(trace->purchases, trace->purchase_count, &trace->purchase_room,
                                      sizeof *trace->purchases, 1);
        trace->purchases[trace->purchase_count++] = purchase;
    }
}
